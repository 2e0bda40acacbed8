"""Parquet as chunks: parts of its row groups, as the types that are stored."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from modeldesk.core.errors import InvalidInput
from modeldesk.model_service.tables.chunk import Chunk, Reject
from modeldesk.model_service.tables.faults import reason
from modeldesk.model_service.tables.options import TableForm
from modeldesk.model_service.tables.parts import Part
from modeldesk.model_service.tables.times import strange_times

_SHOWN = 200


def is_text(kind: pa.DataType) -> bool:
    """Whether a column's values are text."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def parts(path: Path, form: TableForm, size: int) -> Iterator[Part]:
    """Every row group in equal steps of at most ``size`` rows."""
    metadata = pq.read_metadata(path)
    index, number = 0, form.first_row
    for group in range(metadata.num_row_groups):
        rows = metadata.row_group(group).num_rows
        for start in range(0, rows, size):
            stop = min(start + size, rows)
            yield Part(index=index, first_row=number, rows=stop - start, start=start, stop=stop, group=group)
            index, number = index + 1, number + stop - start


class ParquetReader:
    """Reads parts. Inside a row group only forward reading is cheap: what lies before a part has
    to be decoded too."""

    def __init__(self, path: Path, form: TableForm) -> None:
        schema = pq.read_schema(path)
        # Repeated words stay one word and many numbers, however large the file says they are.
        words = [field.name for field in schema if is_text(field.type)]
        self._file = pq.ParquetFile(path, read_dictionary=words, pre_buffer=False)
        self._form = form
        self._group = -1
        self._position = 0
        self._batches: Iterator[pa.RecordBatch] = iter(())
        self._rest: pa.RecordBatch | None = None

    def read(self, part: Part) -> Chunk:
        """One part's rows. Raises InvalidInput where the file is damaged there."""
        try:
            table = self._rows(part)
            table.validate(full=True)  # texts that are no UTF-8, codes beyond their dictionary
        except (OSError, pa.ArrowException, ValueError) as error:
            raise InvalidInput(
                f"The Parquet file cannot be read at row {part.first_row:,}: {reason(error)}.",
                hint="Write the file again; it is damaged.",
            ) from error
        if self._form.kind == "xlsx":
            return _xlsx_chunk(part, table, list(self._form.header))
        return _typed_chunk(part, table.rename_columns(list(self._form.header)))

    def _rows(self, part: Part) -> pa.Table:
        if part.group != self._group or part.start < self._position:
            size = max(part.stop - part.start, 1)
            self._batches = self._file.iter_batches(batch_size=size, row_groups=[part.group], use_threads=False)
            self._group, self._position, self._rest = part.group, 0, None
        taken: list[pa.RecordBatch] = []
        while self._position < part.stop:
            batch = self._rest if self._rest is not None else next(self._batches, None)
            if batch is None:
                raise ValueError("rows are missing")
            skip = min(max(part.start - self._position, 0), len(batch))
            take = min(part.stop - self._position - skip, len(batch) - skip)
            if take > 0:
                taken.append(batch.slice(skip, take))
            used = skip + max(take, 0)
            self._position += used
            self._rest = batch.slice(used) if used < len(batch) else None
        return pa.Table.from_batches(taken, schema=taken[0].schema) if taken else self._file.schema_arrow.empty_table()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _typed_chunk(part: Part, table: pa.Table) -> Chunk:
    """The rows of a table, without those that hold a time beyond every calendar."""
    numbers = np.arange(part.first_row, part.first_row + part.rows)
    bad = np.zeros(part.rows, dtype=bool)
    rejects = []
    for name, strange in strange_times(table):
        shown = table[name].filter(pa.array(strange & ~bad)).cast(pa.string()).to_pylist()
        for number, text in zip(numbers[strange & ~bad].tolist(), shown, strict=True):
            message = f"{name}: This is no time between the years 1 and 9999."
            rejects.append(Reject(number, None, str(text)[:_SHOWN], "impossible_time", message))
        bad |= strange
    if not rejects:
        return Chunk(part.index, table, numbers)
    return Chunk(part.index, table.filter(pa.array(~bad)), numbers[~bad], tuple(rejects))


def _xlsx_chunk(part: Part, table: pa.Table, header: list[str]) -> Chunk:
    """The rows of a converted sheet, whose numbers and faults stand in the first two columns."""
    numbers, problems = table.column(0).to_numpy(), table.column(1)
    table = table.select(list(range(2, table.num_columns))).rename_columns(header)
    if problems.null_count == len(problems):
        return Chunk(part.index, table, numbers)
    bad = np.asarray(problems.is_valid())
    texts = problems.filter(pa.array(bad)).to_pylist()
    rejects = []
    for number, text in zip(numbers[bad].tolist(), texts, strict=True):
        code, _, message = str(text).partition(": ")
        rejects.append(Reject(number, None, None, code, message))
    return Chunk(part.index, table.filter(pa.array(~bad)), numbers[~bad], tuple(rejects))
