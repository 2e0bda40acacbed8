"""Read Parquet: its form from the footer, and its rows as chunks of the stored types."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from modeldesk.core.errors import InvalidInput, TooLarge
from modeldesk.model_service.tables.chunk import Chunk, Part, Reject
from modeldesk.model_service.tables.options import Limits, TableForm, checked_header, reason

_DAY_SECONDS = 86_400
_FIRST, _LAST = -719_162 * _DAY_SECONDS, 2_932_897 * _DAY_SECONDS - 1
"""From 0001-01-01 to the end of 9999-12-31, in seconds from 1970 on."""
_ZONES = 14 * 3600
"""No zone is further from UTC."""
_LONGEST = 999_999_999 * _DAY_SECONDS
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_MOST = 2**63 - 1


def strange_times(table: pa.Table) -> Iterator[tuple[str, np.ndarray]]:
    """The columns that hold a time beyond what Python can say, with a mask (n,) of the rows."""
    for name, column in zip(table.column_names, table.columns, strict=True):
        bounds = _bounds(column.type)
        if bounds is None or not len(column):
            continue
        stored = column.cast(pa.int32() if column.type.bit_width == 32 else pa.int64())
        lowest, highest = pc.min_max(stored).as_py().values()
        if lowest is None or (bounds[0] <= lowest and highest <= bounds[1]):
            continue
        within = pc.and_(pc.greater_equal(stored, bounds[0]), pc.less_equal(stored, bounds[1]))
        yield name, ~np.asarray(within.fill_null(True))


def _bounds(kind: pa.DataType) -> tuple[int, int] | None:
    """The lowest and the highest stored number of a type that Python can hold; None for other types."""
    if pa.types.is_date32(kind):
        return _FIRST // _DAY_SECONDS, _LAST // _DAY_SECONDS
    if pa.types.is_date64(kind):
        return _scaled(_FIRST, _LAST, "ms")
    if pa.types.is_timestamp(kind):
        margin = 0 if kind.tz is None else _ZONES
        return _scaled(_FIRST + margin, _LAST - margin, kind.unit)
    if pa.types.is_duration(kind):
        return _scaled(-_LONGEST, _LONGEST - 1, kind.unit)
    return None


def _scaled(first: int, last: int, unit: str) -> tuple[int, int]:
    """Seconds as so many units of a type, all of the last second included."""
    each = _PER_SECOND[unit]
    return max(first * each, -_MOST), min((last + 1) * each - 1, _MOST)


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


def inspect_parquet(path: Path, limits: Limits) -> TableForm:
    """The form of a Parquet file. Raises InvalidInput where its footer is damaged or it has no
    rows, and TooLarge."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            rows, schema = file.metadata.num_rows, file.schema_arrow
    except (OSError, pa.ArrowException, ValueError) as error:
        raise InvalidInput(
            f"The Parquet file cannot be read: {reason(error)}.",
            hint="Write it again; it may have been cut short.",
        ) from error
    # pandas keeps a frame's index as a column of this name; it is none of the table's.
    header = checked_header(schema.names, limits)
    if rows > limits.rows:
        raise TooLarge(f"The file has {rows:,} rows; at most {limits.rows:,} are read.", hint="Split the file.")
    if rows == 0:
        raise InvalidInput("The Parquet file has no rows.", hint="Write at least one row.")
    return TableForm(
        kind="parquet", header=header, first_row=1, types=tuple(str(field.type) for field in schema), rows=rows
    )
