"""Frames put together cell by cell from the rows of another frame.

Explanations and searches ask a model about thousands of rows that mix a record's values with
others. Taking whole columns by position keeps every published dtype and category and costs
microseconds a column, where building rows one by one costs that a cell.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd


class Palette:
    """The rows that may be mixed: a typed frame of p rows with the model's columns."""

    def __init__(self, table: pd.DataFrame) -> None:
        self._columns = list(table.columns)
        plain = len({str(dtype) for dtype in table.dtypes}) == 1 and isinstance(table.dtypes.iloc[0], np.dtype)
        self._matrix = table.to_numpy() if plain else None
        self._arrays = [] if plain else [table.iloc[:, index].array for index in range(table.shape[1])]

    def mix(self, index: np.ndarray) -> pd.DataFrame:
        """n rows, where cell (i, j) holds column j of the palette's row ``index[i, j]``; (n, m) integers."""
        if self._matrix is not None:
            values = self._matrix[index, np.arange(len(self._columns))]
            return pd.DataFrame(values, columns=self._columns, dtype=values.dtype, copy=False)
        columns = {position: _typed(array.take(index[:, position])) for position, array in enumerate(self._arrays)}
        frame = pd.DataFrame(columns, index=pd.RangeIndex(len(index)), copy=False)
        frame.columns = pd.Index(self._columns)
        return frame


def _typed(array: Any) -> Any:
    """An array as a frame keeps it: of one of objects pandas would make a column of dtype str."""
    plain = isinstance(array, pd.arrays.NumpyExtensionArray) and array.dtype.kind == "O"
    return pd.Series(array, dtype=object, copy=False) if plain else array
