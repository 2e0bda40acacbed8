"""Finding rows of the published data by words and by filters."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from app.errors import InvalidInput, Problem
from app.model_service.schema import Feature, ModelSchema, Scalar
from app.model_service.space import as_numbers, is_scale

MAX_TEXT = 200


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on one feature: ``values`` it may have (None stands for missing), or, for numbers
    and dates, ``at_least`` and ``at_most``."""

    feature: str
    values: tuple[Scalar, ...] = ()
    at_least: float | str | None = None
    at_most: float | str | None = None


def matching(
    schema: ModelSchema,
    table: pd.DataFrame,
    text: str = "",
    filters: Sequence[Filter] = (),
    *,
    without: Collection[str] = (),
) -> np.ndarray:
    """The places (n,) of the rows that hold the text, in any case, in some column of words or as
    a whole number, and meet every filter. Columns ``without`` are not looked at.

    Raises InvalidInput for a filter on an unknown feature or one that does not suit it.
    """
    found = np.ones(len(table), dtype=bool)
    for condition in filters:
        found &= _meets(schema, table, condition, without)
    if text:
        found &= _holds(table, text[:MAX_TEXT].casefold(), without)
    return np.flatnonzero(found)


def _holds(table: pd.DataFrame, text: str, without: Collection[str]) -> np.ndarray:
    found = np.zeros(len(table), dtype=bool)
    for name in table.columns:
        column = table[name]
        if name in without or pd.api.types.is_float_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype):
            continue
        words = column.astype(str).str.casefold()
        whole = pd.api.types.is_integer_dtype(column.dtype)
        hits = words == text if whole else words.str.contains(text, regex=False)
        found |= hits.to_numpy(dtype=bool, na_value=False) & column.notna().to_numpy(dtype=bool)
    return found


def _meets(schema: ModelSchema, table: pd.DataFrame, condition: Filter, without: Collection[str]) -> np.ndarray:
    if condition.feature not in schema.names or condition.feature in without:
        raise _unsuitable(condition, f"There is no input {condition.feature!r} to filter by.")
    feature = schema.feature(condition.feature)
    column = table[feature.name]
    found = np.ones(len(table), dtype=bool)
    if condition.values:
        known = [value for value in condition.values if value is not None]
        found &= column.isin(known).to_numpy(dtype=bool) | (
            column.isna().to_numpy(dtype=bool) if None in condition.values else False
        )
    low, high = _limit(feature, condition, condition.at_least), _limit(feature, condition, condition.at_most)
    if low is not None or high is not None:
        numbers = as_numbers(feature, column)
        with np.errstate(invalid="ignore"):
            found &= numbers >= low if low is not None else True
            found &= numbers <= high if high is not None else True
    return found


def _limit(feature: Feature, condition: Filter, limit: float | str | None) -> float | None:
    if limit is None:
        return None
    if not is_scale(feature):
        raise _unsuitable(condition, f"{feature.name} has no order: filter it by its values.")
    try:
        if feature.numeric:
            return float(limit)
        return float(as_numbers(feature, pd.Series([pd.Timestamp(str(limit))]))[0])
    except ValueError:
        raise _unsuitable(condition, f"{limit!r} is no limit for {feature.name}.") from None


def _unsuitable(condition: Filter, message: str) -> InvalidInput:
    return InvalidInput(message, problems=[Problem(condition.feature, "bad_filter", message)])
