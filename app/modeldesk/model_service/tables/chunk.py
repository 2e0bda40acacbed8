"""The parts into which a file is cut, and the rows of one, read but not yet checked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from modeldesk.model_service.schema.schema import Frozen


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


class Part(Frozen):
    """Rows that are read together.

    ``first_row`` is the number of the first as a person sees it, ``rows`` how many there are.
    For text, ``start`` and ``stop`` are byte offsets; for Parquet, positions among the rows of the
    row group ``group``.
    """

    index: int
    first_row: int
    rows: int
    start: int
    stop: int
    group: int = 0
