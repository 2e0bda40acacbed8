"""The rows that a plan reads: column by column, without building a frame unless a step asks for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import pandas as pd

from modeldesk.model_service.schema.frames import frame_of_columns
from modeldesk.model_service.schema.schema import Feature, ModelSchema


class Rows(Protocol):
    """Checked rows of the published columns."""

    def __len__(self) -> int: ...

    def column(self, name: str) -> np.ndarray:
        """One column (n,): float64 for numbers and booleans with NaN for missing, else Python values."""

    def numbers(self, names: Sequence[str]) -> np.ndarray:
        """Columns of numbers as one float64 matrix (n, k), in column order as pandas gives a frame's
        array: BLAS adds in another order over rows that lie otherwise."""

    @property
    def frame(self) -> pd.DataFrame:
        """The rows as the artifact's own frame."""


class FrameRows:
    """Rows of a frame that was built by the contract."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame

    def __len__(self) -> int:
        return len(self.frame)

    def column(self, name: str) -> np.ndarray:
        """One column as ``Rows`` describes it."""
        return plain_values(self.frame[name])

    def numbers(self, names: Sequence[str]) -> np.ndarray:
        """Columns of numbers as one matrix."""
        block = np.empty((len(names), len(self.frame)))
        for place, name in enumerate(names):
            block[place] = plain_values(self.frame[name])
        return block.T


class RecordRows:
    """Checked JSON values by column, as the contract's checks leave them: None for missing."""

    def __init__(self, schema: ModelSchema, columns: Mapping[str, Sequence[Any]], rows: int) -> None:
        self._schema = schema
        self._columns = columns
        self._rows = rows

    def __len__(self) -> int:
        return self._rows

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The rows as the artifact's own frame, built when a step first asks for it."""
        return frame_of_columns(self._schema, self._columns, self._rows)

    def column(self, name: str) -> np.ndarray:
        """One column as ``Rows`` describes it."""
        feature = self._schema.feature(name)
        values = self._columns[name]
        if is_numeric(feature):
            return np.array(values, dtype=float)
        array = np.empty(self._rows, dtype=object)
        missing = missing_value(feature)
        array[:] = [missing if value is None else value for value in values] if missing is not None else values
        return array

    def numbers(self, names: Sequence[str]) -> np.ndarray:
        """Columns of numbers as one matrix."""
        return np.array([self._columns[name] for name in names], dtype=float).reshape(len(names), self._rows).T


def is_numeric(feature: Feature) -> bool:
    """Whether a plan reads the feature as float64: numbers and booleans that are no pandas category."""
    return feature.categories is None and feature.type in ("number", "integer", "boolean") and feature.dtype != "object"


def missing_value(feature: Feature) -> Any:
    """What stands for a missing value where the artifact reads Python values."""
    return None if feature.dtype == "object" and feature.null == "none" else np.nan


def plain_values(column: pd.Series) -> np.ndarray:
    """A frame's column as ``Rows`` describes it."""
    dtype = column.dtype
    if isinstance(dtype, np.dtype) and dtype.kind in "biuf":
        return column.to_numpy(dtype=float)
    if getattr(dtype, "kind", "O") in "biuf" and not isinstance(dtype, pd.CategoricalDtype):
        return column.to_numpy(dtype=float, na_value=np.nan)
    return column.astype(object).to_numpy()
