"""Records that meet a contract and are unlike the published ones: where plans and artifacts part ways first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from modeldesk.model_service.schema.frames import column_dtype
from modeldesk.model_service.schema.schema import Feature, ModelSchema, Scalar

MOST_COLUMNS = 40
"""Columns of which each value is tried by itself; of more, evenly spaced ones."""
MIXED = 150
"""Records whose values come from odd values and from different records."""

_NUMBERS = (0.0, -0.0, 5e-324, -1e-300, 0.1, 1 / 3, -1.0, 16_777_217.0, 1e15, -1e30, 1e38, 3.5e38, 1e300, -1e308)
_WHOLE = (0, 1, -1, 127, 255, 32_767, 16_777_217, 2**31 - 1, -(2**31), 2**53 + 1)
_WORDS = ("", " ", "nan", "None", "0", "é", "A" * 300)
_MOST_OPTIONS = 30


def odd_records(
    schema: ModelSchema, records: Sequence[dict[str, Any]], generator: np.random.Generator
) -> list[dict[str, Any]]:
    """Records with one odd value each, with all optional values missing, and with values of several records."""
    if not records:
        return []
    every = max(1, -(-len(schema.features) // MOST_COLUMNS))
    values = {feature.name: odd_values(feature) for feature in schema.features}
    made = []
    for feature in schema.features[::every]:
        for value in values[feature.name]:
            made.append({**records[int(generator.integers(len(records)))], feature.name: value})
    optional = [feature.name for feature in schema.features if feature.missing_allowed]
    made.append({**records[0], **dict.fromkeys(optional)})
    for _ in range(MIXED):
        record = {}
        for feature in schema.features:
            odd = values[feature.name]
            take_odd = bool(odd) and generator.random() < 0.1
            source = odd if take_odd else [records[int(generator.integers(len(records)))][feature.name]]
            record[feature.name] = source[int(generator.integers(len(source)))]
        made.append(record)
    return made


def odd_values(feature: Feature) -> list[Scalar]:
    """Values that the feature's dtype and contract allow."""
    missing: list[Scalar] = [None] if feature.missing_allowed else []
    if feature.categories is not None:
        return [*missing, *_allowed(feature, feature.categories)]
    if feature.type == "boolean":
        return [*missing, True, False]
    if feature.type == "integer":
        return [*missing, *_whole(feature)]
    if feature.type == "number":
        neighbours = [
            float(np.nextafter(float(value), end)) for value in feature.quantiles for end in (-np.inf, np.inf)
        ]
        return [*missing, *_NUMBERS, *neighbours]
    if feature.type in ("category", "text"):
        words = _WORDS if column_dtype(feature).kind in "OUT" else ()
        return [*missing, *_allowed(feature, words), *(option.value for option in feature.options[:_MOST_OPTIONS])]
    return missing


def _allowed(feature: Feature, values: Sequence[Scalar]) -> list[Scalar]:
    known = {option.value for option in feature.options}
    return [value for value in values[:_MOST_OPTIONS] if feature.unseen_allowed or value in known]


def _whole(feature: Feature) -> list[Scalar]:
    dtype = column_dtype(feature)
    number = getattr(dtype, "numpy_dtype", dtype)
    if not isinstance(number, np.dtype) or number.kind not in "iu":
        return list(_WHOLE)
    limits = np.iinfo(number)
    return [value for value in (*_WHOLE, int(limits.min), int(limits.max)) if limits.min <= value <= limits.max]
