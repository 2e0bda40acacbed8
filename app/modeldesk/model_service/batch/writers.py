"""Results as files: CSV, TSV, XLSX and Parquet, written chunk by chunk.

No cell of a text column can run as a formula in a spreadsheet program, whatever it says; numbers
stay numbers.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from modeldesk.core.errors import TooLarge
from modeldesk.model_service.batch.score import ROW, WARNINGS
from modeldesk.model_service.tables.options import FileKind
from modeldesk.model_service.tables.parquet_source import is_text

XLSX_ROWS = 1_048_575
"""Rows that a sheet holds below its header."""
XLSX_COLUMNS = 16_384
_XLSX_TEXT = 32_767
_EXACT = 2**53
_RISKY = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*(?:[eE][+-]?\d+)?", re.ASCII)


class ResultWriter(Protocol):
    """Takes the tables of one file in order; all have the same columns."""

    def write(self, table: pa.Table) -> None:
        """Append rows. Raises TooLarge where the kind of file cannot hold more."""
        ...

    def write_rejected(self, table: pa.Table) -> None:
        """Append rejected rows, where the kind of file has a place for them beside the results."""
        ...

    def close(self) -> None:
        """Finish the file."""
        ...


def kind_of_output(path: Path) -> FileKind | None:
    """The kind of file that a name asks for, or None."""
    endings: dict[str, FileKind] = {".csv": "csv", ".tsv": "tsv", ".xlsx": "xlsx", ".parquet": "parquet"}
    return endings.get(path.suffix.lower())


@contextmanager
def result_file(path: Path, kind: FileKind) -> Iterator[ResultWriter]:
    """A writer of a file that is there, complete, once the block has ended without an error, and
    else not at all."""
    part = path.with_name(f".{path.name}.{uuid4().hex[:8]}.part")
    writers = {"csv": CsvWriter, "tsv": CsvWriter, "xlsx": XlsxWriter, "parquet": ParquetFileWriter}
    try:
        writer: ResultWriter = writers[kind](part, "\t") if kind == "tsv" else writers[kind](part)
        try:
            yield writer
        except BaseException:
            writer.close()
            raise
        writer.close()
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def presented(table: pa.Table) -> pa.Table:
    """Results as people get them: warnings in words, and no column that only the batch needs."""
    if ROW in table.column_names[-2:]:
        table = table.drop_columns([ROW])
    if WARNINGS not in table.column_names:
        return table
    index = table.column_names.index(WARNINGS)
    return table.set_column(index, WARNINGS, _mapped(table.column(index), _sentences))


def _sentences(text: str) -> str:
    return " ".join(note["message"] for note in json.loads(text))


def _mapped(column: pa.ChunkedArray, change: Any) -> pa.ChunkedArray:
    """A text column with each different text changed."""
    chunks = []
    for chunk in column.chunks:
        encoded = chunk if pa.types.is_dictionary(chunk.type) else chunk.dictionary_encode()
        texts = [None if text is None else change(text) for text in encoded.dictionary.to_pylist()]
        chunks.append(pa.DictionaryArray.from_arrays(encoded.indices, pa.array(texts, pa.string())))
    return pa.chunked_array(chunks, pa.dictionary(pa.int32(), pa.string()) if not chunks else None)


class ParquetFileWriter:
    """Parquet; only texts are stored by dictionary, since numbers rarely repeat."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: pq.ParquetWriter | None = None

    def write(self, table: pa.Table) -> None:
        """Append rows as one row group."""
        if self._writer is None:
            texts = [field.name for field in table.schema if _texts(field.type)]
            # Without Arrow's own schema a reader gets texts, not the dictionaries they travel as.
            self._writer = pq.ParquetWriter(self._path, table.schema, use_dictionary=texts, store_schema=False)
        if table.schema != self._writer.schema:
            table = table.cast(self._writer.schema)
        self._writer.write_table(table)

    def write_rejected(self, table: pa.Table) -> None:
        """There is no second table in a Parquet file."""

    def close(self) -> None:
        """Write the footer."""
        if self._writer is not None:
            self._writer.close()


class CsvWriter:
    """CSV in UTF-8. A text that a spreadsheet program would take for a formula gets an apostrophe
    before it (OWASP, CSV injection)."""

    def __init__(self, path: Path, delimiter: str = ",") -> None:
        self._file = path.open("wb")
        self._delimiter = delimiter
        self._header = True

    def write(self, table: pa.Table) -> None:
        """Append rows."""
        import pyarrow.csv as pacsv

        table = table.rename_columns([inert(name) for name in table.column_names])
        columns = [_csv_column(column) for column in table.columns]
        plain = pa.table(columns, names=table.column_names)
        options = pacsv.WriteOptions(include_header=self._header, delimiter=self._delimiter)
        pacsv.write_csv(plain, self._file, options)
        self._header = False

    def write_rejected(self, table: pa.Table) -> None:
        """There is no second table in a CSV file."""

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


class XlsxWriter:
    """One sheet of results and one of rejected rows, written row by row in constant memory."""

    def __init__(self, path: Path) -> None:
        import xlsxwriter

        # The sheets' rows wait here until the workbook is put together; also a failure clears it.
        self._folder = TemporaryDirectory(prefix=".", dir=path.parent)
        self._book = xlsxwriter.Workbook(
            str(path),
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "tmpdir": self._folder.name,
            },
        )
        self._bold = self._book.add_format({"bold": True})
        self._formats = {
            date: self._book.add_format({"num_format": "yyyy-mm-dd"}),
            datetime: self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        self._results = self._book.add_worksheet("Results")
        self._rejected = self._book.add_worksheet("Rejected")
        self._next = {self._results: 0, self._rejected: 0}

    def write(self, table: pa.Table) -> None:
        """Append rows. Raises TooLarge beyond what a sheet holds."""
        self._append(self._results, table)

    def write_rejected(self, table: pa.Table) -> None:
        """Append rejected rows to their sheet. Raises TooLarge."""
        self._append(self._rejected, table)

    def _append(self, sheet: Any, table: pa.Table) -> None:
        row = self._next[sheet]
        if row + table.num_rows > XLSX_ROWS + bool(row) or table.num_columns > XLSX_COLUMNS:
            raise TooLarge(
                f"An XLSX sheet holds {XLSX_ROWS:,} rows and {XLSX_COLUMNS:,} columns, and these are more.",
                hint="Write CSV or Parquet, or split the file.",
            )
        if row == 0:
            for index, name in enumerate(table.column_names):
                sheet.write_string(0, index, name[:_XLSX_TEXT], self._bold)
            sheet.freeze_panes(1, 0)
            row = 1
        for values in zip(*(_listed(column) for column in table.columns), strict=True):
            for index, value in enumerate(values):
                if value is not None:
                    self._cell(sheet, row, index, value)
            row += 1
        self._next[sheet] = row

    def _cell(self, sheet: Any, row: int, index: int, value: Any) -> None:
        if isinstance(value, bool):
            sheet.write_boolean(row, index, value)
        elif isinstance(value, float) or (isinstance(value, int) and abs(value) <= _EXACT):
            if value == value and abs(value) != float("inf"):
                sheet.write_number(row, index, value)
        elif isinstance(value, Decimal):
            sheet.write_number(row, index, float(value))
        elif isinstance(value, datetime) and value.tzinfo is None and value.year >= 1900:
            sheet.write_datetime(row, index, value, self._formats[datetime])
        elif isinstance(value, date) and not isinstance(value, datetime) and value.year >= 1900:
            sheet.write_datetime(row, index, value, self._formats[date])
        else:
            sheet.write_string(row, index, _cut(_text(value)))

    def close(self) -> None:
        """Put the workbook together."""
        try:
            self._book.close()
        finally:
            self._folder.cleanup()


def _texts(kind: pa.DataType) -> bool:
    return is_text(kind.value_type if pa.types.is_dictionary(kind) else kind)


def inert(text: str) -> str:
    """A text that no spreadsheet program computes. A plain number is no formula."""
    return f"'{text}" if _RISKY.match(text) and not _NUMBER.fullmatch(text) else text


def _csv_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if _texts(column.type):
        if pa.types.is_dictionary(column.type):
            return _mapped(column, inert).cast(pa.string())
        risky = pc.match_substring_regex(column, r"^[=+\-@\t\r\n＝＋－＠]")
        if pc.any(risky).as_py():
            return pa.chunked_array(
                [pa.array([None if t is None else inert(t) for t in column.to_pylist()], pa.string())]
            )
        return column
    if pa.types.is_nested(column.type) or pa.types.is_dictionary(column.type) or pa.types.is_binary(column.type):
        texts = [None if value is None else inert(_text(value)) for value in column.to_pylist()]
        return pa.chunked_array([pa.array(texts, pa.string())])
    return column.cast(pa.string()) if pa.types.is_decimal(column.type) else column


def _listed(column: pa.ChunkedArray) -> list[Any]:
    """Values a workbook can hold; nanoseconds, which datetime has none of, as text."""
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        try:
            column = column.cast(pa.timestamp("us", column.type.tz))
        except pa.ArrowInvalid:
            column = column.cast(pa.string())
    listed: list[Any] = column.to_pylist()
    return listed


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, list | dict) else str(value)


def _cut(text: str) -> str:
    return text if len(text) <= _XLSX_TEXT else f"{text[: _XLSX_TEXT - 1]}…"
