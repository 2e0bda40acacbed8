"""Conditions on inputs, which put together make a segment of rows."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from modeldesk.core.errors import BadRequest
from modeldesk.model_service.engine.results import native
from modeldesk.model_service.neighbours.distance import as_numbers, is_scale
from modeldesk.model_service.schema.schema import Feature, ModelSchema, Scalar

MAX_CONDITIONS = 4


@dataclass(frozen=True, slots=True)
class Condition:
    """What a row's value of one feature must be.

    Of numbers, and of dates as seconds: above ``above`` and not above ``upto``, either of which may
    be None. Of others: ``value``. ``missing`` asks for a missing value instead.
    """

    feature: str
    above: float | None = None
    upto: float | None = None
    value: Scalar = None
    missing: bool = False

    def holds(self, schema: ModelSchema, frame: pd.DataFrame) -> np.ndarray:
        """For which rows (n,) of a frame with the schema's columns it holds."""
        column, feature = frame[self.feature], schema.feature(self.feature)
        if is_scale(feature) and not self.missing:
            return self.holds_for(as_numbers(feature, column))
        gone = column.isna().to_numpy(dtype=bool)
        if self.missing:
            return gone
        return np.asarray(~gone & (column.astype(object).map(_key).to_numpy(dtype=object) == _key(self.value)))

    def holds_for(self, numbers: np.ndarray) -> np.ndarray:
        """For which numbers (n,) of a feature its bounds hold."""
        with np.errstate(invalid="ignore"):
            above = numbers > (-math.inf if self.above is None else self.above)
            return np.asarray(above & (numbers <= (math.inf if self.upto is None else self.upto)))

    def merged(self, other: Condition) -> Condition | None:
        """Both as one condition where they bound the same numbers, else None."""
        if self.feature != other.feature or not (self._bounds and other._bounds):
            return None
        lows = [low for low in (self.above, other.above) if low is not None]
        highs = [high for high in (self.upto, other.upto) if high is not None]
        return Condition(self.feature, max(lows, default=None), min(highs, default=None))

    @property
    def _bounds(self) -> bool:
        return self.above is not None or self.upto is not None


def segment_mask(schema: ModelSchema, frame: pd.DataFrame, conditions: Sequence[Condition]) -> np.ndarray:
    """The rows (n,) for which every condition holds."""
    mask = np.ones(len(frame), dtype=bool)
    for condition in conditions:
        mask &= condition.holds(schema, frame)
    return mask


def written(conditions: Sequence[Condition]) -> str:
    """Conditions as a short text that fits an address; empty for none."""
    if not conditions:
        return ""
    return json.dumps([_plain(condition) for condition in conditions], separators=(",", ":"), ensure_ascii=False)


def read(schema: ModelSchema, text: str | None) -> tuple[Condition, ...]:
    """The inverse of ``written``. Raises BadRequest for anything else."""
    if not text:
        return ()
    try:
        items = json.loads(text[:4_000])
        assert isinstance(items, list)
        result = tuple(_condition(schema, item) for item in items)
    except (ValueError, AssertionError, TypeError, KeyError, RecursionError, OverflowError):
        result = ()
    if not 1 <= len(result) <= MAX_CONDITIONS:
        raise BadRequest(
            "The segment in the address cannot be read.", hint="Choose it again from the segments on the page."
        )
    return result


def _plain(condition: Condition) -> dict[str, Any]:
    if condition.missing:
        return {"f": condition.feature, "missing": True}
    if condition.value is not None:
        return {"f": condition.feature, "is": condition.value}
    ends = {"above": condition.above, "upto": condition.upto}
    return {"f": condition.feature, **{name: end for name, end in ends.items() if end is not None}}


def _condition(schema: ModelSchema, item: dict[str, Any]) -> Condition:
    name = item["f"]
    if name not in schema.names or set(item) - {"f", "missing", "is", "above", "upto"}:
        raise ValueError
    if item.get("missing"):
        return Condition(name, missing=True)
    if not is_scale(schema.feature(name)):
        value = item["is"]
        if not isinstance(value, str | int | float | bool):
            raise ValueError
        return Condition(name, value=value)
    above, upto = (None if item.get(end) is None else float(item[end]) for end in ("above", "upto"))
    ends = [end for end in (above, upto) if end is not None]
    if not ends or not all(map(math.isfinite, ends)):
        raise ValueError
    return Condition(name, above, upto)


def _key(value: Any) -> str:
    return str(native(value))


def basic_conditions(feature: Feature, column: pd.Series, cuts: int, categories: int = 12) -> list[Condition]:
    """The conditions on one feature that a search begins with: to either side of some quantiles and
    between them, or each of the most frequent values, and missing."""
    result: list[Condition] = []
    if is_scale(feature):
        indices = quantile_cuts(as_numbers(feature, column), cuts)
        for index, cut in enumerate(indices):
            result += [Condition(feature.name, upto=cut), Condition(feature.name, above=cut)]
            result += [Condition(feature.name, above=cut, upto=upper) for upper in indices[index + 1 :]]
    else:
        result = frequent_values(feature, column, categories)
    return [*result, *missing_values(feature, column)]


def frequent_values(feature: Feature, column: pd.Series, most: int) -> list[Condition]:
    """Each of the most frequent values of a feature that is no scale."""
    values = [native(value) for value in column.dropna().value_counts().index[:most]]
    return [Condition(feature.name, value=v if isinstance(v, bool | int | float) else str(v)) for v in values]


def missing_values(feature: Feature, column: pd.Series) -> list[Condition]:
    """That the value is missing, where it ever is."""
    return [Condition(feature.name, missing=True)] if column.isna().any() else []


def quantile_cuts(numbers: np.ndarray, cuts: int) -> list[float]:
    """At most ``cuts`` values of a column, evenly among its sorted known values, that have rows on
    either side; short decimals where they part the rows alike."""
    known = np.sort(numbers[np.isfinite(numbers)])
    if not len(known):
        return []
    indices = np.linspace(0, len(known) - 1, cuts + 2).round().astype(int)[1:-1]
    result = []
    for low in np.unique(known[indices]):
        after = np.searchsorted(known, low, side="right")
        if after < len(known):
            result.append(_short(float(low), float(known[after])))
    return result


def _short(low: float, high: float) -> float:
    """The number of the fewest significant digits from ``low`` up to below ``high``."""
    for digits in range(1, 17):
        text = float(f"{low:.{digits}g}")
        if low <= text < high:
            return text
    return low
