"""Between JSON records and the exactly typed frame that an artifact was fitted on.

``pd.DataFrame([record])`` guesses dtypes from the one row it sees; a null category then becomes
an ``object`` column and the artifact answers something else. Here each column is built to the
dtype and categories that were published, whatever the row holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

import numpy as np
import pandas as pd

from modeldesk.core.cache import LruCache
from modeldesk.model_service.schema.schema import Feature, FittedOn, ModelSchema, Scalar

ColumnBuilder = Callable[[Sequence[Any]], Any]
"""Checked JSON values of one column (None for missing) to an array of the published dtype."""

_NULLS: dict[str, Any] = {"nan": np.nan, "none": None, "na": pd.NA}
_KEPT = 64


def frame_of(schema: ModelSchema, records: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Checked records as one frame with the published columns, dtypes and categories.

    Every record must hold every feature, None standing for a missing value. Raises KeyError for
    a feature left out, and ValueError or TypeError for a value that its dtype cannot hold:
    ``check_records`` comes first wherever values are not known to be good.
    """
    names = schema.names
    return frame_of_columns(schema, {name: [record[name] for record in records] for name in names}, len(records))


def frame_of_columns(schema: ModelSchema, columns: Mapping[str, Sequence[Any]], rows: int) -> pd.DataFrame:
    """The same from checked values by column, ``rows`` of each. Raises like ``frame_of``."""
    builders = _builders(schema)
    index = pd.RangeIndex(rows)
    if builders.uniform is not None:
        block = np.array([columns[name] for name in builders.columns], dtype=builders.uniform)
        return pd.DataFrame(block.T, index=index, columns=builders.names, copy=False)
    arrays = {name: build(columns[name]) for name, build in builders.columns.items()}
    return pd.DataFrame(arrays, index=index, copy=False)


def records_of(schema: ModelSchema, frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The inverse of ``frame_of``: one dict of JSON values a row, None for a missing value.

    ``frame`` may hold more columns and looser dtypes than the schema (a file that was read
    back); only the schema's columns are taken. Raises KeyError for a column that is not there.
    """
    columns = [json_values(feature, frame[feature.name]) for feature in schema.features]
    if not columns:
        return [{} for _ in range(len(frame))]
    names = schema.names
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def json_values(feature: Feature, column: pd.Series) -> list[Scalar]:
    """One column as JSON values: native numbers, ISO 8601 strings, None for missing."""
    missing = column.isna().to_numpy(dtype=bool)
    if feature.type in ("date", "datetime"):
        values = [_iso(feature, value) for value in column.astype(object)]
    else:
        values = column.astype(object).tolist()
        native = _NATIVE.get(feature.type)
        if native is None:
            values = [value.item() if isinstance(value, np.generic) else value for value in values]
        else:
            values = [None if gone else native(value) for gone, value in zip(missing, values, strict=True)]
    return [None if gone else value for gone, value in zip(missing, values, strict=True)]


_NATIVE: dict[str, Callable[[Any], Any]] = {"number": float, "integer": int, "boolean": bool, "text": str}


def model_input(frame: pd.DataFrame, fitted_on: FittedOn) -> Any:
    """What the artifact's ``predict`` is called with: the frame, its array (n, k), or its one column.

    The array is of float32 where every column is, of floats where every column holds numbers or
    booleans, else of objects. Whatever it is, an artifact that writes into it changes nothing of ours.
    """
    if fitted_on == "array":
        if len(frame.columns) and all(dtype == np.float32 for dtype in frame.dtypes):
            return frame.to_numpy(copy=True)
        if all(pd.api.types.is_numeric_dtype(dtype) for dtype in frame.dtypes):
            return frame.to_numpy(dtype=float, na_value=np.nan, copy=True)
        return frame.to_numpy(dtype=object)
    if fitted_on == "series":
        return frame.iloc[:, 0]
    return frame.copy(deep=False)


def column_dtype(feature: Feature) -> Any:
    """The pandas or numpy dtype that the feature's column was published with."""
    if feature.categories is not None:
        categories = pd.Index(list(feature.categories), dtype=feature.categories_dtype)
        return pd.CategoricalDtype(categories, ordered=feature.ordered)
    return pd.api.types.pandas_dtype(feature.dtype)


def _iso(feature: Feature, value: Any) -> str | None:
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return None
    text = str(value.isoformat())
    # A time of day stays, so that the contract refuses it rather than that it is dropped.
    return text[:10] if feature.type == "date" and (len(text) == 10 or value.time() == time()) else text


@dataclass(frozen=True, slots=True)
class _Builders:
    """A schema ready to build frames. ``uniform`` is the dtype that all columns share, where it is
    a plain number's: such a frame is one block, which pandas makes five times faster."""

    schema: ModelSchema
    names: pd.Index
    columns: dict[str, ColumnBuilder]
    uniform: np.dtype[Any] | None


# Compiling a schema's builders costs more than building a row, and a schema is an immutable
# object that lives as long as its model. The entry keeps the schema alive, so its id stays its own.
_compiled: LruCache[_Builders] = LruCache(_KEPT)


def _builders(schema: ModelSchema) -> _Builders:
    return _compiled.get(id(schema), lambda: _compile(schema))


def _compile(schema: ModelSchema) -> _Builders:
    dtypes = [column_dtype(feature) for feature in schema.features]
    first = dtypes[0] if dtypes else None
    plain = isinstance(first, np.dtype) and first.kind in "iuf" and all(dtype == first for dtype in dtypes)
    return _Builders(
        schema,
        pd.Index(list(schema.names)),
        {feature.name: _builder(feature) for feature in schema.features},
        first if plain else None,
    )


def _builder(feature: Feature) -> ColumnBuilder:
    dtype = column_dtype(feature)
    if isinstance(dtype, pd.CategoricalDtype):
        return _categorical(feature, dtype)
    if isinstance(dtype, pd.DatetimeTZDtype):
        return _aware(dtype)
    if isinstance(dtype, np.dtype):
        if dtype.kind == "M":
            return lambda values: np.array(["NaT" if value is None else value for value in values], dtype=dtype)
        if dtype.kind == "O":
            return _objects(feature)
        return lambda values: np.array(values, dtype=dtype)
    masked = _MASKED.get(dtype.kind) if isinstance(dtype, _MASKED_DTYPES) else None
    if masked is not None:
        return _masked(masked, dtype.numpy_dtype)
    return lambda values: pd.array(list(values), dtype=dtype)


_MASKED_DTYPES = tuple(
    type(pd.api.types.pandas_dtype(name))
    for name in (
        *("boolean", "Float32", "Float64"),
        *(f"{sign}nt{bits}" for sign in ("I", "UI") for bits in (8, 16, 32, 64)),
    )
)
_MASKED: dict[str, Callable[..., Any]] = {
    "b": pd.arrays.BooleanArray,
    "f": pd.arrays.FloatingArray,
    "i": pd.arrays.IntegerArray,
    "u": pd.arrays.IntegerArray,
}


def _masked(array: Callable[..., Any], dtype: Any) -> ColumnBuilder:
    def build(values: Sequence[Any]) -> Any:
        mask = np.array([value is None for value in values], dtype=bool)
        filled = [0 if value is None else value for value in values]
        return array(np.array(filled, dtype=dtype), mask)

    return build


def _categorical(feature: Feature, dtype: pd.CategoricalDtype) -> ColumnBuilder:
    categories = feature.categories or ()
    codes = {category_key(value): code for code, value in enumerate(categories)}
    codes[None] = -1

    def build(values: Sequence[Any]) -> Any:
        try:
            result = [codes[category_key(value)] for value in values]
        except KeyError as error:
            raise ValueError(f"{error.args[0]!r} is not a category of {feature.name!r}.") from None
        return pd.Categorical.from_codes(np.array(result, dtype=np.intp), dtype=dtype)

    return build


def category_key(value: Any) -> Any:
    """What tells categories apart: True is not 1, though Python holds them equal; 1 is 1.0."""
    return ("bool", value) if isinstance(value, bool) else value


def _aware(dtype: pd.DatetimeTZDtype) -> ColumnBuilder:
    def build(values: Sequence[Any]) -> Any:
        moments = pd.DatetimeIndex(pd.to_datetime(list(values), utc=True, format="ISO8601"))
        return moments.as_unit(dtype.unit).tz_convert(dtype.tz).array

    return build


def _objects(feature: Feature) -> ColumnBuilder:
    null = _NULLS[feature.null]
    native: Callable[[Any], Any] = date.fromisoformat if feature.type == "date" else lambda value: value

    def build(values: Sequence[Any]) -> Any:
        array = np.empty(len(values), dtype=object)
        array[:] = [null if value is None else native(value) for value in values]
        # A Series, since pandas makes a bare object array of words a column of dtype str.
        return pd.Series(array, index=pd.RangeIndex(len(values)), dtype=object)

    return build
