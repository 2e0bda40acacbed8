"""A file cut into chunks that can be read in any order, by any process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from modeldesk.model_service.schema.schema import Frozen
from modeldesk.model_service.tables import csv_source, parquet_source
from modeldesk.model_service.tables.chunk import Chunk, Part
from modeldesk.model_service.tables.options import CHUNK_ROWS, Limits, TableForm
from modeldesk.model_service.tables.xlsx_source import convert

__all__ = ["Plan", "Reader", "chunks", "parts_of", "prepare", "ready_file"]


class Plan(Frozen):
    """A file that is ready to be read chunk by chunk. It is stored as JSON.

    ``path`` is the file to read: the upload itself, or the copy that was made of it.
    """

    path: str
    form: TableForm
    limits: Limits
    parts: tuple[Part, ...]

    @property
    def rows(self) -> int:
        """How many rows of data the file holds."""
        return sum(part.rows for part in self.parts)


def ready_file(path: Path, form: TableForm, limits: Limits, work: Path) -> Path:
    """The file itself where its chunks can be addressed, else a copy in the folder ``work`` where
    they can: XLSX becomes Parquet, text of two-byte characters UTF-8. Raises like ``inspect``."""
    if form.kind == "xlsx":
        return convert(path, form, limits, work / "rows.parquet")
    if form.kind != "parquet" and csv_source.needs_copy(form):
        return csv_source.copy_as_utf8(path, form, limits, work / "rows.csv")
    return path


def parts_of(path: Path, form: TableForm, limits: Limits, size: int = CHUNK_ROWS) -> Iterator[Part]:
    """The parts, of at most ``size`` rows, of a file that ``ready_file`` returned, as they are found.

    Raises TooLarge and InvalidInput for what only shows further down in the file.
    """
    if form.kind in ("xlsx", "parquet"):
        return parquet_source.parts(path, form, size)
    return csv_source.parts(path, form, limits, size)


def prepare(path: Path, form: TableForm, limits: Limits, work: Path, size: int = CHUNK_ROWS) -> Plan:
    """Both of the above at once. Raises like them."""
    ready = ready_file(path, form, limits, work)
    return Plan(path=str(ready), form=form, limits=limits, parts=tuple(parts_of(ready, form, limits, size)))


class Reader:
    """Reads the parts of one file. Cheapest in ascending order; not for several threads at once."""

    def __init__(self, path: Path, form: TableForm, limits: Limits) -> None:
        self._source: csv_source.CsvReader | parquet_source.ParquetReader
        if form.kind in ("xlsx", "parquet"):
            self._source = parquet_source.ParquetReader(path, form)
        else:
            self._source = csv_source.CsvReader(path, form, limits)

    def read(self, part: Part) -> Chunk:
        """The rows of one part. Raises InvalidInput where the file cannot be read there."""
        return self._source.read(part)

    def close(self) -> None:
        """Close the file."""
        self._source.close()


def chunks(path: Path, form: TableForm, limits: Limits, size: int = CHUNK_ROWS) -> Iterator[Chunk]:
    """All rows of a file that ``ready_file`` returned, in order and in constant memory."""
    reader = Reader(path, form, limits)
    try:
        for part in parts_of(path, form, limits, size):
            yield reader.read(part)
    finally:
        reader.close()
