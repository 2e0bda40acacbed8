"""What the data shows of one column: its type, default, range and choices."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

import numpy as np
import pandas as pd

from modeldesk.core.errors import PublishRefused
from modeldesk.model_service.engine.introspect import ColumnUse
from modeldesk.model_service.engine.results import native
from modeldesk.model_service.schema.frames import category_key, json_values
from modeldesk.model_service.schema.schema import QUANTILE_LEVELS, Feature, FeatureType, Option, Scalar

_FEW_VALUES = 20
_CHOICES = 7
"""Up to this many different whole numbers are offered as choices."""
_ENOUGH_ROWS = 20
_TEXT_WORDS = 5
_ISO_DATE = r"\d{4}-\d{2}-\d{2}"
_DIGITS = re.compile(r"-?\d+(?:\.\d+)?")

_KNOWN_ORDERS: tuple[tuple[str, ...], ...] = (
    ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    (
        *("january", "february", "march", "april", "may", "june"),
        *("july", "august", "september", "october", "november", "december"),
    ),
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
    ("none", "very low", "low", "medium", "moderate", "high", "very high"),
    ("tiny", "small", "medium", "large", "huge"),
    ("very poor", "poor", "fair", "average", "good", "very good", "excellent"),
    ("never", "rarely", "sometimes", "often", "always"),
    ("primary", "secondary", "tertiary"),
)


def describe_column(name: str, column: pd.Series, use: ColumnUse) -> Feature:
    """A feature from its published column and how the artifact consumes it.

    ``missing_allowed`` and ``unseen_allowed`` are left at their defaults: only the artifact can
    tell. Raises PublishRefused ``dtype`` for a column that JSON values cannot fill.
    """
    present = column.dropna()
    kind = _type_of(name, column.dtype, present, use)
    feature = Feature(
        name=name,
        type=kind,
        dtype=str(column.dtype),
        missing_share=1 - len(present) / len(column),
        null=_null_of(column),
        aware=isinstance(column.dtype, pd.DatetimeTZDtype),
        distinct=int(present.nunique()),
    )
    result: dict[str, Any] = {}
    if isinstance(column.dtype, pd.CategoricalDtype):
        result.update(_categories(name, column.dtype))
    if kind in ("number", "integer"):
        result.update(_numbers(feature, present))
    elif kind in ("date", "datetime"):
        result.update(_dates(feature, present))
    else:
        result.update(_choices(feature.model_copy(update=result), present, use))
    if len(column) >= _ENOUGH_ROWS and _constant(feature):
        result.update(hidden=True, hidden_reason="constant")
    return feature.model_copy(update=result)


def _constant(feature: Feature) -> bool:
    return feature.distinct == 0 or (feature.distinct == 1 and feature.missing_share == 0)


def _type_of(name: str, dtype: Any, present: pd.Series, use: ColumnUse) -> FeatureType:
    if use.vectorized:
        return "text"
    if isinstance(dtype, pd.CategoricalDtype):
        return "category"
    if isinstance(dtype, pd.DatetimeTZDtype) or dtype.kind == "M":
        if isinstance(dtype, pd.ArrowDtype):
            raise _unsupported(name, dtype)
        return "date" if _all_midnight(present) else "datetime"
    if pd.api.types.is_bool_dtype(dtype):
        return "boolean"
    if pd.api.types.is_complex_dtype(dtype) or isinstance(dtype, pd.SparseDtype):
        raise _unsupported(name, dtype)
    if pd.api.types.is_numeric_dtype(dtype):
        if use.encoded and not use.other:
            return "category"
        return "integer" if _whole(dtype, present) else "number"
    if isinstance(dtype, pd.StringDtype) or dtype.kind == "O":
        return _object_type(name, dtype, present, use)
    raise _unsupported(name, dtype)


def _object_type(name: str, dtype: Any, present: pd.Series, use: ColumnUse) -> FeatureType:
    kinds = {type(native(value)) for value in present}
    if not kinds <= {bool, int, float, str, date}:
        raise _unsupported(name, dtype, ", ".join(sorted(kind.__name__ for kind in kinds)))
    if kinds == {date}:
        return "date"
    if date in kinds:
        raise _unsupported(name, dtype, "dates mixed with other values")
    if kinds == {bool}:
        return "boolean"
    if kinds and kinds <= {int, float} and not use.encoded:
        return "integer" if kinds == {int} else "number"
    if kinds != {str} or use.encoded:
        return "category"
    if isinstance(dtype, pd.StringDtype) and _iso_dates(present):
        return "date"
    words = float(present.str.count(r"\s+").mean()) + 1
    wordy = words >= _TEXT_WORDS and present.nunique() > len(present) / 2
    return "text" if wordy else "category"


def _iso_dates(present: pd.Series) -> bool:
    if not bool(present.str.fullmatch(_ISO_DATE).all()):
        return False
    return bool(pd.to_datetime(present, format="%Y-%m-%d", errors="coerce").notna().all())


def _unsupported(name: str, dtype: Any, held: str | None = None) -> PublishRefused:
    kind = f"{held} in a column of dtype {dtype}" if held else f"values of dtype {dtype}"
    return PublishRefused(
        "dtype",
        f"The column {name!r} holds {kind}, which no form or JSON value can fill.",
        hint="Use numbers, booleans, words, categories of those, or dates; fit the model on the converted column.",
    )


def _whole(dtype: Any, present: pd.Series) -> bool:
    """Whether people mean whole numbers: integer dtypes, and floats that only became floats since
    a value is missing, or that hold a few whole values."""
    if pd.api.types.is_integer_dtype(dtype):
        return True
    values = present.to_numpy(dtype=float)
    if len(values) < _ENOUGH_ROWS or not np.isfinite(values).all() or (values != np.floor(values)).any():
        return False
    return 1 < len(np.unique(values)) <= _FEW_VALUES


def _all_midnight(present: pd.Series) -> bool:
    return len(present) > 0 and bool((present == present.dt.normalize()).all())


def _null_of(column: pd.Series) -> Literal["nan", "none", "na"]:
    if not isinstance(column.dtype, np.dtype) or column.dtype.kind != "O":
        return "nan"
    gone = column[column.isna()]
    kinds = ["none" if value is None else "na" if value is pd.NA else "nan" for value in gone]
    return max(("nan", "none", "na"), key=kinds.count)


def _categories(name: str, dtype: pd.CategoricalDtype) -> dict[str, Any]:
    values = [native(value) for value in dtype.categories]
    if not all(isinstance(value, bool | int | float | str) for value in values):
        raise _unsupported(name, f"category of {dtype.categories.dtype}")
    return {
        "categories": tuple(values),
        "categories_dtype": str(dtype.categories.dtype),
        "ordered": bool(dtype.ordered),
    }


def _numbers(feature: Feature, present: pd.Series) -> dict[str, Any]:
    values = np.sort(present.to_numpy(dtype=float))
    values = values[np.isfinite(values)]
    if not len(values):
        return {}
    whole = feature.type == "integer"
    levels = np.quantile(values, QUANTILE_LEVELS, method="inverted_cdf" if whole else "linear")
    result: dict[str, Any] = {
        "minimum": float(values[0]),
        "maximum": float(values[-1]),
        "quantiles": tuple(levels.tolist()),
        "default": _middle(present) if whole else float(np.median(values)),
    }
    if whole and 2 <= feature.distinct <= _CHOICES:
        counts = {int(value): count for value, count in _counted(feature, present)}
        result["options"] = tuple(
            Option(value=value, share=count / len(present)) for value, count in sorted(counts.items())
        )
    return result


def _middle(present: pd.Series) -> int:
    """The lower median: a value that was observed, exact however large."""
    return int(present.sort_values().iloc[(len(present) - 1) // 2])


def _dates(feature: Feature, present: pd.Series) -> dict[str, Any]:
    if not len(present):
        return {}
    ordered = present.sort_values()
    indices = [max(math.ceil(level * len(ordered)) - 1, 0) for level in QUANTILE_LEVELS]
    levels = [str(value) for value in json_values(feature, ordered.iloc[indices])]
    return {
        "minimum": levels[0],
        "maximum": levels[-1],
        "quantiles": tuple(levels),
        "default": levels[QUANTILE_LEVELS.index(0.5)],
    }


def _choices(feature: Feature, present: pd.Series, use: ColumnUse) -> dict[str, Any]:
    counts: dict[Any, int] = {}
    originals: dict[Any, Scalar] = {}
    for value, count in _counted(feature, present):
        key = category_key(_plain(value))
        counts[key] = counts.get(key, 0) + count
        originals.setdefault(key, _plain(value))
    if not counts and not use.categories:
        return {}
    common = max(counts, key=lambda key: counts[key]) if counts else None
    default = originals.get(common)
    if feature.type == "text":
        return {"default": default}
    if feature.type == "category":
        for learned in use.categories:
            learned = _plain(native(learned))
            if isinstance(learned, bool | int | float | str) and learned == learned and _storable(feature, learned):
                originals.setdefault(category_key(learned), learned)
    shares = {key: counts.get(key, 0) / max(len(present), 1) for key in originals}
    order = _in_order(feature, list(originals.values()), shares)
    options = tuple(Option(value=value, share=shares[category_key(value)]) for value in order)
    return {"options": options, "default": default}


def _counted(feature: Feature, present: pd.Series) -> list[tuple[Any, int]]:
    """Each value, as JSON carries it, with the number of its rows."""
    if present.dtype.kind == "O" and isinstance(present.dtype, np.dtype):
        return [(value, 1) for value in json_values(feature, present)]  # pandas would count True as 1
    tallies = present.value_counts(sort=False)
    tallies = tallies[tallies > 0]
    values = json_values(feature, pd.Series(tallies.index))
    return list(zip(values, tallies.astype(int).tolist(), strict=True))


def _storable(feature: Feature, value: Scalar) -> bool:
    return feature.categories is None or category_key(value) in map(category_key, feature.categories)


def _plain(value: Any) -> Any:
    """Whole floats as integers: a category 3.0 is shown, sent and compared as 3."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _in_order(feature: Feature, values: Sequence[Any], shares: dict[Any, float]) -> list[Any]:
    """An order people expect: the column's own, numeric, a known one, else by frequency."""
    if feature.ordered and feature.categories is not None:
        rank = {category_key(_plain(value)): index for index, value in enumerate(feature.categories)}
        return sorted(values, key=lambda value: rank[category_key(value)])
    if all(isinstance(value, bool) for value in values):
        return sorted(values)
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return sorted(values)
    words = [value for value in values if isinstance(value, str)]
    if len(words) == len(values):
        if all(_DIGITS.search(word) for word in words):
            return sorted(words, key=lambda word: (_leading(word), word))
        for known in _KNOWN_ORDERS:
            if len(words) > 1 and {word.strip().lower() for word in words} <= set(known):
                return sorted(words, key=lambda word: known.index(word.strip().lower()))
    return sorted(values, key=lambda value: (-shares[category_key(value)], str(value)))


def _leading(word: str) -> tuple[float, ...]:
    """The numbers in a word, for an order in which "10" comes after "2" and "<18" before "18-25"."""
    numbers = [float(number) for number in _DIGITS.findall(word.replace("-", " "))]
    shift = -0.5 if word.lstrip().startswith("<") else 0.5 if word.rstrip().endswith("+") else 0.0
    return (numbers[0] + shift, *numbers[1:])
