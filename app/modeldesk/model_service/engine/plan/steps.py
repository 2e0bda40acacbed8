"""Fitted transformers as array arithmetic: what stands between the columns and the estimator.

A step gets the rows' own access (``Rows``) and what the step before gave: a ``Columns`` list of
arrays (n,), or a float64 matrix (n, k). It gives one of these. Steps do the artifact's operations
in the artifact's order.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from modeldesk.model_service.engine.plan.rows import Rows

Columns = list[np.ndarray]
Data = Any
"""``Columns`` or a matrix; which one is known when the plan is made."""
Step = Callable[[Rows, Data], Data]

FEW = 64
"""Up to so many rows a dictionary answers value by value; more are told apart once first."""


class Unplaced(Exception):
    """Rows that only the artifact itself can answer, such as what it refuses with words of its own."""


@dataclass(frozen=True, slots=True)
class ReadNumbers:
    """The named columns as one float64 matrix."""

    names: tuple[str, ...]

    def __call__(self, rows: Rows, _data: Data) -> np.ndarray:
        return rows.numbers(self.names)


@dataclass(frozen=True, slots=True)
class ReadColumns:
    """The named columns, each by itself."""

    names: tuple[str, ...]

    def __call__(self, rows: Rows, _data: Data) -> Columns:
        return [rows.column(name) for name in self.names]


@dataclass(frozen=True, slots=True)
class Chain:
    """Steps one after the other."""

    steps: tuple[Step, ...]

    def __call__(self, rows: Rows, data: Data) -> Data:
        for step in self.steps:
            data = step(rows, data)
        return data


@dataclass(frozen=True, slots=True)
class Beside:
    """Steps over the same rows, their matrices side by side, in row order as ``numpy.hstack`` of
    blocks that are not all in column order gives them."""

    parts: tuple[Step, ...]

    def __call__(self, rows: Rows, data: Data) -> np.ndarray:
        blocks = [part(rows, data) for part in self.parts]
        return blocks[0] if len(blocks) == 1 else np.hstack(blocks)


@dataclass(frozen=True, slots=True)
class Pick:
    """Some columns of a matrix or of a list of columns."""

    places: np.ndarray

    def __call__(self, _rows: Rows, data: Data) -> Data:
        if isinstance(data, list):
            return [data[place] for place in self.places]
        return data[:, self.places]


@dataclass(frozen=True, slots=True)
class AsMatrix:
    """Columns of numbers as one matrix. Raises Unplaced for a value that is no number."""

    def __call__(self, _rows: Rows, data: Data) -> np.ndarray:
        if not isinstance(data, list):
            return np.asarray(data, dtype=float)
        try:
            return np.column_stack([np.asarray(column, dtype=float) for column in data])
        except (TypeError, ValueError) as error:
            raise Unplaced(str(error)) from error


class Lookup:
    """Values of one column told by a dictionary; NaN and None are told apart as the artifact does."""

    __slots__ = ("_found", "_nan", "_unknown")

    def __init__(self, found: dict[Any, Any], *, nan: Any, unknown: Any) -> None:
        self._found = found
        self._nan = nan
        self._unknown = unknown

    def __call__(self, column: np.ndarray) -> list[Any]:
        """What each value stands for. Raises Unplaced for one that is not known where ``unknown`` is
        ``Unplaced``."""
        if len(column) <= FEW or column.dtype.kind == "f":
            return self._told(column.tolist()) if len(column) <= FEW else self._told_once(column)
        return self._told_once(column)

    def _told_once(self, column: np.ndarray) -> list[Any]:
        import pandas as pd

        codes, values = pd.factorize(column, use_na_sentinel=False)
        if column.dtype.kind == "O" and {None, True, False} & _kinds(column):
            return self._told(column.tolist())
        told = np.array(self._told(list(values)), dtype=float)
        return list(told[codes].tolist())

    def _told(self, values: Sequence[Any]) -> list[Any]:
        found, told = self._found, []
        for value in values:
            code = self._nan if isinstance(value, float) and math.isnan(value) else found.get(value, self._unknown)
            if code is Unplaced:
                raise Unplaced(f"{value!r} is no category")
            told.append(code)
        return told


def _kinds(column: np.ndarray) -> set[Any]:
    """Of None and the booleans those that are among a column's values; pandas takes 1 for True."""
    return {value for value in (None, True, False) if any(item is value for item in column.tolist())}


@dataclass(frozen=True, slots=True)
class OneHot:
    """One-hot encoding: for each column what a value stands for, -1 for none of the places."""

    lookups: tuple[Lookup, ...]
    starts: tuple[int, ...]
    width: int

    def __call__(self, _rows: Rows, data: Columns) -> np.ndarray:
        rows = len(data[0])
        matrix = np.zeros((rows, self.width))
        for column, lookup, start in zip(data, self.lookups, self.starts, strict=True):
            codes = lookup(column)
            if rows == 1:
                if codes[0] >= 0:
                    matrix[0, start + int(codes[0])] = 1.0
                continue
            places = np.array(codes, dtype=np.int64)
            known = np.flatnonzero(places >= 0)
            matrix[known, start + places[known]] = 1.0
        return matrix


@dataclass(frozen=True, slots=True)
class Ordinal:
    """Each value as the number it stands for."""

    lookups: tuple[Lookup, ...]

    def __call__(self, _rows: Rows, data: Columns) -> np.ndarray:
        matrix = np.empty((len(data[0]), len(data)))
        for place, (column, lookup) in enumerate(zip(data, self.lookups, strict=True)):
            matrix[:, place] = lookup(column)
        return matrix


@dataclass(frozen=True, slots=True)
class FillNumbers:
    """Each column's statistic in place of NaN."""

    statistics: np.ndarray

    def __call__(self, _rows: Rows, data: np.ndarray) -> np.ndarray:
        missing = np.isnan(data)
        if not missing.any():
            return data
        filled = data.copy(order="K")
        rows, columns = np.nonzero(missing)
        filled[rows, columns] = self.statistics[columns]
        return filled


@dataclass(frozen=True, slots=True)
class FillValues:
    """Each column's own value in place of what counts as missing: NaN, or None where ``none``."""

    fills: tuple[Any, ...]
    none: bool

    def __call__(self, _rows: Rows, data: Columns) -> Columns:
        return [self._filled(column, fill) for column, fill in zip(data, self.fills, strict=True)]

    def _filled(self, column: np.ndarray, fill: Any) -> np.ndarray:
        values = column.tolist()
        filled = np.empty(len(values), dtype=object)
        filled[:] = [fill if (value is None if self.none else value != value) else value for value in values]
        return filled


@dataclass(frozen=True, slots=True)
class Affine:
    """Subtract, divide, multiply, add and clip column by column, each where given, in this order."""

    minus: np.ndarray | None = None
    over: np.ndarray | None = None
    times: np.ndarray | None = None
    plus: np.ndarray | None = None
    clip: tuple[float, float] | None = None

    def __call__(self, _rows: Rows, data: np.ndarray) -> np.ndarray:
        found = np.array(data, dtype=float)
        if self.minus is not None:
            found -= self.minus
        if self.over is not None:
            found /= self.over
        if self.times is not None:
            found *= self.times
        if self.plus is not None:
            found += self.plus
        if self.clip is not None:
            np.clip(found, *self.clip, out=found)
        return found


@dataclass(frozen=True, slots=True)
class Own:
    """A transformer's own ``transform`` on an array, with its memory of column names removed."""

    transformer: Any
    sparse: bool
    columns: bool = False
    """Whether it is given the object array of a list of columns."""

    def __call__(self, _rows: Rows, data: Data) -> np.ndarray:
        if self.columns:
            data = _object_matrix(data)
        elif self.sparse:
            from scipy import sparse

            data = sparse.csr_array(data)
        found = self.transformer.transform(data)
        if hasattr(found, "toarray"):
            found = found.toarray()
        return np.asarray(found, dtype=float)


@dataclass(frozen=True, slots=True)
class OwnOnFrame:
    """A transformer's own ``transform`` on the columns of the artifact's frame."""

    transformer: Any
    names: tuple[str, ...] | str

    def __call__(self, rows: Rows, _data: Data) -> np.ndarray:
        selected = rows.frame[self.names if isinstance(self.names, str) else list(self.names)]
        found = self.transformer.transform(selected)
        if hasattr(found, "toarray"):
            found = found.toarray()
        matrix = np.asarray(found, dtype=float)
        return matrix if matrix.ndim == 2 else matrix.reshape(-1, 1)


def _object_matrix(columns: Columns) -> np.ndarray:
    matrix = np.empty((len(columns[0]), len(columns)), dtype=object)
    for place, column in enumerate(columns):
        matrix[:, place] = column
    return matrix


def nameless(estimator: Any) -> Any:
    """A copy that does not remember column names and gives arrays, sharing all that was fitted."""
    copied = copy.copy(estimator)
    for name in ("feature_names_in_", "_sklearn_output_config"):
        try:
            delattr(copied, name)
        except AttributeError:
            continue
    return copied
