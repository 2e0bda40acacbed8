"""Some rows of a file, read but not yet judged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that is not scored, and why. ``row`` is its number as a person sees it, ``field`` the
    feature (None where the row as a whole is meant), ``value`` what stood there, shortened."""

    row: int
    field: str | None
    value: str | None
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows of a file by column.

    ``table`` holds the file's columns under their names: text where the file has only text, the
    stored types elsewhere. ``numbers`` (n,) are the rows' numbers as a person sees them.
    ``rejects`` are rows that could not be taken apart; they are not among the n.
    """

    index: int
    table: pa.Table
    numbers: np.ndarray
    rejects: tuple[Reject, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows of the file these are, rejected ones included."""
        return len(self.numbers) + len(self.rejects)
