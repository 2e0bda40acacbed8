"""What a person could change about a record: the values each input may take instead."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from modeldesk.model_service.schema.fields import Field
from modeldesk.model_service.schema.frames import json_values
from modeldesk.model_service.schema.schema import Scalar

QUANTILES = 20
MAX_OPTIONS = 200


def changeable(field: Field, present: Scalar) -> bool:
    """Whether the input may change at all: not where it is immutable, hidden or a text, nor, where
    it may only rise or only fall, from a value that is missing."""
    if field.immutable or field.hidden or field.feature.type == "text":
        return False
    return not (field.monotone and present is None)


def may_become(field: Field, present: Scalar, value: Scalar) -> bool:
    """Whether the input may change from its present value to another: known, within the limits
    that people set, in the direction they allow."""
    if value is None or value == present or not changeable(field, present):
        return False
    index = _place(field, value)
    low, high = _limit(field, field.minimum), _limit(field, field.maximum)
    if index is None or (low is not None and index < low) or (high is not None and index > high):
        return False
    if not field.monotone:
        return True
    before = _place(field, present)
    return before is not None and (index - before) * field.monotone > 0


def alternatives(field: Field, present: Scalar, column: pd.Series) -> list[Scalar]:
    """Values to try instead of the present one: every option, or quantiles of the reference
    ``column``, as JSON values; only those that the input may become."""
    feature = field.feature
    if not changeable(field, present):
        return []
    values: list[Scalar] = [True, False] if feature.type == "boolean" else []
    if feature.type == "category" or feature.numeric:
        values += [option.value for option in feature.options[:MAX_OPTIONS]]
    if feature.type not in ("category", "boolean"):
        known = column.dropna().sort_values(ignore_index=True)
        if len(known):
            indices = np.linspace(0, len(known) - 1, QUANTILES).round().astype(int)
            values += [stepped(field, value) for value in json_values(feature, known.iloc[indices])]
    return [value for value in dict.fromkeys(values) if may_become(field, present, value)]


def between(field: Field, present: Scalar, value: Scalar, width: float, parts: int) -> list[Scalar]:
    """Rounded numbers from the present value towards another, nearest to the present first, the
    other left out. ``width`` is the feature's usual spread; it decides how far to round."""
    if not field.feature.numeric or not _is_number(present) or not _is_number(value):
        return []
    assert isinstance(present, int | float) and isinstance(value, int | float)
    digits = 0 if width <= 0 else max(0, 2 - math.floor(math.log10(width)))
    result: list[Scalar] = []
    for part in range(1, parts):
        number = round(present + (value - present) * part / parts, digits)
        candidate = stepped(field, round(number) if field.feature.type == "integer" else float(number))
        inside = min(present, value) < float(candidate or 0) < max(present, value)
        if inside and candidate not in result and may_become(field, present, candidate):
            result.append(candidate)
    return result


def stepped(field: Field, value: Scalar) -> Scalar:
    """A number moved to the nearest that the input's step allows."""
    if not field.step or not field.feature.numeric or not _is_number(value):
        return value
    assert isinstance(value, int | float)
    start = field.minimum if isinstance(field.minimum, int | float) else 0.0
    number = round(start + round((value - start) / field.step) * field.step, 12)
    return round(number) if field.feature.type == "integer" else float(number)


def _place(field: Field, value: Scalar) -> float | None:
    """A value as a number that can be compared: its own, its time, or its place among the options."""
    if value is None:
        return None
    if field.feature.type in ("date", "datetime"):
        return pd.Timestamp(str(value)).timestamp()
    if field.feature.type == "category":
        order: Sequence[Scalar] = field.feature.categories or [option.value for option in field.feature.options]
        return float(list(order).index(value)) if value in order else None
    return float(value)


def _limit(field: Field, limit: Scalar) -> float | None:
    return None if limit is None or field.feature.type in ("category", "boolean") else _place(field, limit)


def _is_number(value: Scalar) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
