"""A sheet copied into Parquet once, so that its rows can be read in any order."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from modeldesk.core.errors import InvalidInput, TooLarge
from modeldesk.model_service.tables.faults import reason
from modeldesk.model_service.tables.options import Limits, TableForm
from modeldesk.model_service.tables.xlsx_cells import DATES_KEY, ERRORS, Row, cell_number, cell_text
from modeldesk.model_service.tables.xlsx_header import open_workbook, sheet_rows

_BATCH = 5_000
_OF_THE_ROW = (("#row", pa.int64()), ("#problem", pa.string()))
"""The first two columns of the copy: a row's number, and ``code: message`` where it cannot be taken."""
_EXACT = 2**53


def convert(path: Path, form: TableForm, limits: Limits, target: Path) -> Path:
    """Write a sheet's rows to ``target``: a column of numbers where every cell is one, else of text.

    Two passes, since what a column holds shows at its end. Raises InvalidInput and TooLarge.
    """
    raw = target.with_suffix(".raw")
    try:
        kinds = _copy_cells(path, form, limits, raw)
        _choose_columns(raw, form, kinds, target)
    finally:
        raw.unlink(missing_ok=True)
    return target


class _Kinds:
    """What the columns were seen to hold."""

    def __init__(self, width: int) -> None:
        self.text = [False] * width
        self.fraction = [False] * width
        self.other = [False] * width
        self.dates = [False] * width

    def note(self, place: int, value: Any, figure: float | None) -> None:
        """Take a cell's value into account, and its number where it is one."""
        self.text[place] |= figure is None
        self.fraction[place] |= figure is not None and not (figure.is_integer() and abs(figure) < _EXACT)
        dated = isinstance(value, date)
        self.dates[place] |= dated
        self.other[place] |= not dated

    def field(self, place: int, name: str) -> pa.Field:
        """The column as the copy has it."""
        only_dates = self.dates[place] and not self.other[place]
        return pa.field(name, self.type_of(place), metadata={DATES_KEY: b""} if only_dates else None)

    def type_of(self, place: int) -> pa.DataType:
        if self.text[place]:
            return pa.string()
        return pa.float64() if self.fraction[place] else pa.int64()


def _copy_cells(path: Path, form: TableForm, limits: Limits, target: Path) -> _Kinds:
    width = len(form.header)
    kinds = _Kinds(width)
    texts: list[list[str | None]] = [[] for _ in range(width)]
    numbers: list[list[float | None]] = [[] for _ in range(width)]
    rows: list[int] = []
    problems: list[str | None] = []
    total = 0
    schema = _raw_schema(width)
    with pq.ParquetWriter(target, schema) as writer:
        for number, row, unsaved in _rows(path, form):
            rows.append(number)
            problems.append(_problem(row, width, unsaved, limits))
            for place in range(width):
                value = row[place] if place < len(row) and problems[-1] is None else None
                figure = cell_number(value)
                texts[place].append(cell_text(value, form.decimal))
                numbers[place].append(figure)
                if value is not None:
                    kinds.note(place, value, figure)
            if len(rows) == _BATCH:
                total += len(rows)
                _flush(writer, schema, rows, problems, texts, numbers)
            if total + len(rows) > limits.rows:
                raise TooLarge(f"The sheet has more than {limits.rows:,} rows.", hint="Split the file.")
        _flush(writer, schema, rows, problems, texts, numbers)
    return kinds


def _rows(path: Path, form: TableForm) -> Iterator[tuple[int, Row, bool]]:
    """Numbered rows of values; and whether one has a formula whose result was not saved with it,
    which reads like an empty cell."""
    with ExitStack() as stack:
        sheet = stack.enter_context(open_workbook(path))[form.sheet]
        values = sheet_rows(sheet, form.first_row)
        if not _has_formulas(path):
            yield from ((number, row, False) for number, row in values)
            return
        written = sheet_rows(stack.enter_context(open_workbook(path, formulas=True))[form.sheet], form.first_row)
        saved = next(values, None)
        for number, row in written:
            found: Row = ()
            if saved is not None and saved[0] == number:
                found, saved = saved[1], next(values, None)
            yield number, found, any(cell is not None and value is None for cell, value in zip_longest(row, found))


def _has_formulas(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        for part in archive.infolist():
            if part.filename.lower().lstrip("/").startswith("xl/worksheets/") and part.filename.endswith(".xml"):
                with archive.open(part) as file:
                    rest = b""
                    while block := file.read(1 << 20):
                        if b"<f>" in rest + block or b"<f " in rest + block:
                            return True
                        rest = block[-2:]
    return False


def _problem(row: Row, width: int, unsaved: bool, limits: Limits) -> str | None:
    """What makes a row unfit to be read, as ``code: message``."""
    if any(value is not None for value in row[width:]):
        return f"ragged: This row has {len(row):,} cells, the header {width:,}. Which belongs where cannot be told."
    failed = next((value for value in row if isinstance(value, str) and value in ERRORS), None)
    if failed is not None:
        return f"cell_error: A formula of this row failed ({failed}). Mend it and save the workbook."
    if unsaved:
        return (
            "formula_without_result: The result of a formula of this row was not saved. "
            "Open the workbook in a spreadsheet program and save it."
        )
    if any(isinstance(value, str) and len(value) > limits.cell_characters for value in row):
        return f"text_too_long: A cell of this row has more than {limits.cell_characters:,} characters."
    return None


def _raw_schema(width: int) -> pa.Schema:
    columns = list(_OF_THE_ROW)
    for place in range(width):
        columns += [(f"text{place}", pa.string()), (f"number{place}", pa.float64())]
    return pa.schema(columns)


def _flush(
    writer: pq.ParquetWriter,
    schema: pa.Schema,
    rows: list[int],
    problems: list[str | None],
    texts: list[list[str | None]],
    numbers: list[list[float | None]],
) -> None:
    columns: list[Any] = [rows, problems]
    for text, number in zip(texts, numbers, strict=True):
        columns += [text, number]
    try:
        arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    except (pa.ArrowException, UnicodeEncodeError) as error:
        raise InvalidInput(
            f"A text between rows {rows[0]:,} and {rows[-1]:,} cannot be stored: {reason(error)}.",
            hint="Take out characters that no program can show.",
        ) from error
    if rows:
        writer.write_table(pa.table(arrays, schema=schema))
    for column in columns:
        column.clear()


def _choose_columns(raw: Path, form: TableForm, kinds: _Kinds, target: Path) -> None:
    schema = pa.schema(_OF_THE_ROW)
    for place, name in enumerate(form.header):
        schema = schema.append(kinds.field(place, name))
    with pq.ParquetFile(raw) as source, pq.ParquetWriter(target, schema) as writer:
        for batch in source.iter_batches(batch_size=_BATCH):
            arrays = [batch.column(0), batch.column(1)]
            for place in range(len(form.header)):
                name = f"{'text' if kinds.text[place] else 'number'}{place}"
                arrays.append(batch.column(name).cast(kinds.type_of(place)))
            writer.write_table(pa.table(arrays, schema=schema))
