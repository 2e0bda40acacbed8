"""Finding rows of the published data by words and by filters."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from modeldesk.core.errors import InvalidInput, Problem
from modeldesk.model_service.neighbours.distance import as_numbers, is_scale
from modeldesk.model_service.schema.schema import Feature, ModelSchema, Scalar

MAX_TEXT = 200
_TERMS = re.compile(r'"([^"]+)"|([^\s"]+)')
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", re.ASCII)


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
    """The places (n,) of the rows that hold each term of the text and meet every filter. A term is a word,
    or words in quotes, looked for in any case in every column of words, or a number or a date that
    some column has (24,800 and €24,800 too). Columns ``without`` are not looked at.

    Raises InvalidInput for a filter on an unknown feature or one that does not suit it.
    """
    result = np.ones(len(table), dtype=bool)
    for condition in filters:
        result &= _meets(schema, table, condition, without)
    for term in terms(text[:MAX_TEXT]):
        result &= _holds(table, term, without)
    return np.flatnonzero(result)


def terms(text: str) -> tuple[str, ...]:
    """What is looked for: words in small letters; those in quotes stay together."""
    return tuple((quoted or word).casefold() for quoted, word in _TERMS.findall(text) if quoted or word)


def _holds(table: pd.DataFrame, term: str, without: Collection[str]) -> np.ndarray:
    result = np.zeros(len(table), dtype=bool)
    number = _number(term)
    for name in table.columns:
        column = table[name]
        if name in without or pd.api.types.is_bool_dtype(column.dtype):
            continue
        known = column.notna().to_numpy(dtype=bool)
        if pd.api.types.is_numeric_dtype(column.dtype):
            if number is not None:
                result |= known & (pd.to_numeric(column).to_numpy(dtype=float, na_value=np.nan) == number)
            continue
        hits = column.astype(str).str.casefold().str.contains(term, regex=False)
        result |= hits.to_numpy(dtype=bool, na_value=False) & known
    return result


def _number(term: str) -> float | None:
    """The number that a term is, as people write numbers; None where it is none."""
    plain = term.strip("€$£¥%").replace("−", "-")
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    return float(plain) if _PLAIN.fullmatch(plain) else None


def _meets(schema: ModelSchema, table: pd.DataFrame, condition: Filter, without: Collection[str]) -> np.ndarray:
    if condition.feature not in schema.names or condition.feature in without:
        raise _unsuitable(condition, f"There is no input {condition.feature!r} to filter by.")
    feature = schema.feature(condition.feature)
    column = table[feature.name]
    result = np.ones(len(table), dtype=bool)
    if condition.values:
        known = [value for value in condition.values if value is not None]
        result &= column.isin(known).to_numpy(dtype=bool) | (
            column.isna().to_numpy(dtype=bool) if None in condition.values else False
        )
    low, high = _limit(feature, condition, condition.at_least), _limit(feature, condition, condition.at_most)
    if low is not None or high is not None:
        numbers = as_numbers(feature, column)
        with np.errstate(invalid="ignore"):
            result &= numbers >= low if low is not None else True
            result &= numbers <= high if high is not None else True
    return result


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
