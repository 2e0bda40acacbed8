"""Delimited text as chunks: cut at record ends in a first pass, then read in any order."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from modeldesk.core.errors import InvalidInput, TooLarge
from modeldesk.model_service.tables.chunk import Chunk, Part, Reject
from modeldesk.model_service.tables.options import Limits, TableForm, reason
from modeldesk.model_service.tables.records import Records, decoded, judged, line_too_long

_COPY_CHARACTERS = 1_000_000
_BAD_QUOTING = "The quotation marks or line breaks of this row cannot be told apart. Write a mark inside a cell twice."


def needs_copy(form: TableForm) -> bool:
    """Whether the text's lines cannot be found among its bytes."""
    return form.cr_lines or codecs.lookup(form.encoding).name.startswith(("utf-16", "utf-32"))


def copy_as_utf8(path: Path, form: TableForm, limits: Limits, target: Path) -> Path:
    """The same text in UTF-8 with line feeds. Raises InvalidInput where it cannot be decoded."""
    newline = "\r" if form.cr_lines else ""
    with (
        path.open("r", encoding=form.encoding, newline=newline) as source,
        target.open("w", encoding="utf-8", newline="") as copy,
    ):
        try:
            while text := source.read(_COPY_CHARACTERS):
                copy.write(text.replace("\r", "\n") if form.cr_lines else text)
        except UnicodeError as error:
            raise InvalidInput(
                f"The file is not {form.encoding} text all through: {reason(error)}.",
                hint="Save it as UTF-8, or say which encoding it has.",
            ) from None
        if copy.tell() > limits.bytes:
            raise TooLarge(f"The text has more than {limits.bytes:,} bytes as UTF-8.", hint="Split the file.")
    return target


def text_encoding(form: TableForm) -> str:
    """The encoding of what is read: that of the copy where one was made, and without the mark that
    only the file's beginning has."""
    return "utf-8" if needs_copy(form) or form.encoding == "utf-8-sig" else form.encoding


def parts(path: Path, form: TableForm, limits: Limits, size: int) -> Iterator[Part]:
    """The records after the header, cut into parts of ``size`` rows; blank lines are no rows."""
    csv.field_size_limit(limits.cell_characters)
    with path.open("rb") as file:
        records = Records(
            file,
            text_encoding(form),
            form.delimiter,
            limits.line_bytes,
            offset=_data_offset(path, form),
            number=form.first_row,
        )
        start, first, rows, index, total = records.offset, form.first_row, 0, 0, 0
        for record in records:
            if record == []:
                continue
            rows += 1
            if rows == size:
                yield Part(index=index, first_row=first, rows=rows, start=start, stop=records.offset)
                total += rows
                _check_rows(total, limits)
                start, first, rows, index = records.offset, records.number + 1, 0, index + 1
        if rows:
            _check_rows(total + rows, limits)
            yield Part(index=index, first_row=first, rows=rows, start=start, stop=records.offset)


def _data_offset(path: Path, form: TableForm) -> int:
    """Where the data begins. A copy's header has another length than the original's."""
    if not needs_copy(form):
        return form.header_bytes
    with path.open("rb") as file:
        records = Records(file, "utf-8", form.delimiter, 2**31)
        for _ in records:
            if records.number >= form.first_row - 1:
                break
        return records.offset


def _check_rows(rows: int, limits: Limits) -> None:
    if rows > limits.rows:
        raise TooLarge(f"The file has more than {limits.rows:,} rows.", hint="Split the file.")


class CsvReader:
    """Reads parts of a delimited text."""

    def __init__(self, path: Path, form: TableForm, limits: Limits) -> None:
        self._file = path.open("rb")
        self._form = form
        self._limits = limits
        self._encoding = text_encoding(form)

    def read(self, part: Part) -> Chunk:
        """One part's rows as text columns; ragged and wrongly quoted rows are rejects."""
        csv.field_size_limit(self._limits.cell_characters)
        if part.stop - part.start > self._limits.line_bytes * max(part.rows, 1):
            raise line_too_long(part.first_row, self._limits.line_bytes)
        self._file.seek(part.start)
        raw = self._file.read(part.stop - part.start)
        text = decoded(raw, self._encoding, part.first_row)
        table = self._plain(raw if self._encoding == "utf-8" else text.encode(), part)
        if table is not None:
            return Chunk(part.index, table, np.arange(part.first_row, part.first_row + part.rows))
        return self._careful(text, part)

    def _plain(self, text: bytes, part: Part) -> pa.Table | None:
        """The rows by Arrow's parser, several times as fast; None for a part with quotation marks,
        blank lines or ragged rows, on which the two parsers might not agree."""
        if b'"' in text or len(self._form.header) < 2 or not self._form.delimiter.isascii():
            return None
        lines = text.count(b"\n") + (not text.endswith(b"\n"))
        if lines != part.rows or text.count(b"\r") not in (0, text.count(b"\r\n")):
            return None
        names = [str(index) for index in range(len(self._form.header))]
        try:
            table = pacsv.read_csv(
                pa.py_buffer(text),
                pacsv.ReadOptions(column_names=names, use_threads=False, block_size=len(text) + 1),
                pacsv.ParseOptions(delimiter=self._form.delimiter, quote_char=False, ignore_empty_lines=False),
                pacsv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
            )
        except pa.ArrowInvalid:
            return None
        return table.rename_columns(list(self._form.header)) if table.num_rows == part.rows else None

    def _careful(self, text: str, part: Part) -> Chunk:
        width = len(self._form.header)
        records: list[list[str]] = []
        numbers: list[int] = []
        rejects: list[Reject] = []
        for number, record in self._records(text, part.first_row):
            if isinstance(record, csv.Error):
                rejects.append(Reject(number, None, None, "bad_quoting", _BAD_QUOTING))
            elif len(record) == width:
                records.append(record)
                numbers.append(number)
            elif record:
                rejects.append(_ragged(number, record, width))
        columns = list(zip(*records, strict=True)) if records else [()] * width
        arrays = [pa.array(column, pa.string()) for column in columns]
        table = pa.table(arrays, names=list(self._form.header))
        return Chunk(part.index, table, np.array(numbers, dtype=np.int64), tuple(rejects))

    def _records(self, text: str, number: int) -> Iterator[tuple[int, list[str] | csv.Error]]:
        reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=self._form.delimiter, strict=True)
        while True:
            try:
                for record in reader:
                    yield number, record
                    number += 1
                return
            except csv.Error as error:
                yield number, judged(error, number)
                number += 1

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _ragged(number: int, record: list[str], width: int) -> Reject:
    message = f"This row has {len(record):,} cells, the header {width:,}. Which belongs where cannot be told."
    return Reject(number, None, None, "ragged", message)
