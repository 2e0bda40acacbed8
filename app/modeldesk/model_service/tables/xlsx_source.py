"""Read a workbook: its form from a sheet's first rows, and the sheet copied into Parquet once, so that its rows
can be read in any order."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime, time, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from modeldesk.core.errors import InvalidInput, TooLarge
from modeldesk.model_service.tables.notation import detect_notation
from modeldesk.model_service.tables.options import RAGGED_ROWS, FileOptions, Limits, TableForm, checked_header, reason

_MAX_PARTS = 5_000
_MOST_ROWS_BEFORE_HEADER = 1_000
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384
"""What a sheet can hold in any spreadsheet program."""
_SHARED_STRINGS = "xl/sharedstrings.xml"
_OTHER_ARCHIVES = (
    ("word/", "a Word document"),
    ("ppt/", "a PowerPoint document"),
    ("mimetype", "an OpenDocument file"),
    ("xl/workbook.bin", "a binary Excel workbook (.xlsb)"),
)


def inspect_xlsx(path: Path, options: FileOptions, limits: Limits) -> TableForm:
    """The form of one sheet of a workbook. Raises InvalidInput and TooLarge."""
    check_archive(path, limits)
    with open_workbook(path) as workbook:
        names = tuple(sheet.title for sheet in workbook.worksheets)
        sheet = _sheet(workbook, names, options.sheet)
        number, header, rows = _first_rows(sheet, limits)
    width = len(header)
    ragged = sum(len(row) > width for row in rows)
    if not rows:
        raise InvalidInput("The sheet has a header and no rows.", hint="Add at least one row below the header.")
    if 2 * ragged > len(rows):
        raise InvalidInput(
            f"The header has {width:,} cells, but {ragged:,} of the first {len(rows):,} rows have more.",
            hint="Name every column in the first row of the sheet.",
        )
    columns = [[row[index] for row in rows if index < len(row)] for index in range(width)]
    texts = [[cell for cell in column if isinstance(cell, str)] for column in columns]
    return TableForm(
        kind="xlsx",
        header=header,
        first_row=number + 1,
        sheet=sheet.title,
        sheets=names,
        **detect_notation(texts, options),
    )


def check_archive(path: Path, limits: Limits) -> None:
    """Hold the archive's own directory against the limits before anything is unpacked.

    Raises InvalidInput for what is no workbook, and TooLarge.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise InvalidInput(
            f"The workbook is damaged: {reason(error)}.", hint="Open it in a spreadsheet program and save it."
        ) from error
    names = {part.filename.lower().lstrip("/") for part in parts}
    if "xl/workbook.xml" not in names:
        result = (what for start, what in _OTHER_ARCHIVES if any(name.startswith(start) for name in names))
        what = next(result, "a ZIP archive")
        raise InvalidInput(f"The file is {what}, not an Excel workbook.", hint="Send CSV, TSV, XLSX or Parquet.")
    if any(part.flag_bits & 1 for part in parts):
        raise InvalidInput("The workbook is protected by a password.", hint="Save it without one.")
    unpacked = sum(part.file_size for part in parts)
    if unpacked > limits.unpacked_bytes or len(parts) > _MAX_PARTS:
        raise TooLarge(
            f"The workbook unpacks to {unpacked:,} bytes in {len(parts):,} parts; at most "
            f"{limits.unpacked_bytes:,} bytes in {_MAX_PARTS:,} parts are read.",
            hint="Save the one sheet as CSV.",
        )
    strings = sum(part.file_size for part in parts if part.filename.lower().lstrip("/") == _SHARED_STRINGS)
    if strings > limits.shared_strings_bytes:
        raise TooLarge(
            f"The workbook's texts unpack to {strings:,} bytes; at most {limits.shared_strings_bytes:,} are read.",
            hint="Save the sheet as CSV, which is read line by line.",
        )


@contextmanager
def open_workbook(path: Path, *, formulas: bool = False) -> Iterator[Any]:
    """A workbook whose rows are read as a stream: values, or the formulas behind them.

    Raises InvalidInput for whatever goes wrong in it, here or inside the block.
    """
    import openpyxl

    try:
        # A file and not its name, whose ending openpyxl would judge by.
        with warnings.catch_warnings(), path.open("rb") as file:
            warnings.simplefilter("ignore")
            workbook = openpyxl.load_workbook(file, read_only=True, data_only=not formulas, keep_links=False)
            try:
                yield workbook
            finally:
                workbook.close()
    except (InvalidInput, TooLarge):
        raise
    except MemoryError:
        raise TooLarge("The workbook needs more memory than is allowed.", hint="Save the sheet as CSV.") from None
    except Exception as error:  # a damaged workbook may raise anything
        raise InvalidInput(
            f"The workbook cannot be read: {reason(error)}.", hint="Open it in a spreadsheet program and save it again."
        ) from error


def sheet_rows(sheet: Any, first: int = 1, last: int | None = None) -> Iterator[tuple[int, Row]]:
    """The rows of a sheet that hold something, numbered, without empty cells at their end.

    What the sheet claims about its own extent is not believed, and rows that it skips cost nothing.
    Raises InvalidInput for a row or a column beyond the end of every sheet, and for rows out of order.
    """
    from openpyxl.worksheet._reader import WorkSheetParser

    book, before = sheet.parent, 0
    with sheet._get_source() as source:
        # What openpyxl's own iter_rows is made of; that one makes up every row that a file leaves out.
        parser = WorkSheetParser(
            source,
            sheet._shared_strings,
            data_only=book.data_only,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        for number, cells in parser.parse():
            if not before < number <= _MOST_ROWS:
                raise _strange_row(number, before)
            before = number
            if last is not None and number > last:
                return
            if number >= first and (row := _row(number, cells)):
                yield number, row


def _row(number: int, cells: Iterable[dict[str, Any]]) -> Row:
    """A row's values by column, up to the last that there is."""
    values = {cell["column"]: cell["value"] for cell in cells if cell["value"] is not None}
    end = max(values, default=0)
    if end > _MOST_COLUMNS:
        raise InvalidInput(
            f"Row {number:,} has a cell in column {end:,}; a sheet has at most {_MOST_COLUMNS:,}.",
            hint="The workbook is damaged. Save it again from a spreadsheet program.",
        )
    return tuple(values.get(column) for column in range(1, end + 1))


def _strange_row(number: int, before: int) -> InvalidInput:
    fault = (
        f"holds a row {number:,}; a sheet has at most {_MOST_ROWS:,}"
        if number > _MOST_ROWS
        else f"has its rows out of order: row {number:,} comes after row {before:,}"
    )
    return InvalidInput(
        f"The sheet {fault}.", hint="The workbook is damaged. Save it again from a spreadsheet program."
    )


def _sheet(workbook: Any, names: tuple[str, ...], wanted: str | None) -> Any:
    if not names:
        raise InvalidInput("The workbook has no sheet with cells.", hint="Put the table into a worksheet.")
    if wanted is None:
        visible = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
        return (visible or workbook.worksheets)[0]
    if wanted not in names:
        raise InvalidInput(
            f"The workbook has no sheet {wanted!r}.", hint=f"Its sheets are: {', '.join(map(repr, names[:20]))}."
        )
    return workbook.worksheets[names.index(wanted)]


def _first_rows(sheet: Any, limits: Limits) -> tuple[int, tuple[str, ...], list[Row]]:
    """The header's row number, the header, and the rows after it that were looked at."""
    rows = sheet_rows(sheet, last=_MOST_ROWS_BEFORE_HEADER + RAGGED_ROWS)
    number, names = next(rows, (0, ()))
    if not names:
        raise InvalidInput(
            f"The sheet {sheet.title!r} is empty.", hint="Put a header and the rows into it, or name another sheet."
        )
    header = checked_header([cell_text(name, ".") or "" for name in names], limits)
    return number, header, [row for _, (__, row) in zip(range(RAGGED_ROWS), rows, strict=False)]


Row = tuple[Any, ...]

DATES_KEY = b"modeldesk.dates"
"""Marks a column of a converted sheet whose cells were all dates, which are text in the copy."""

ERRORS = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#GETTING_DATA", "#SPILL!", "#CALC!"})
"""What stands in a cell whose formula failed; #N/A is not among them: it says that a value is missing."""


def cell_text(value: Any, decimal: str) -> str | None:
    """A cell as text: numbers with the file's decimal mark, dates and times in ISO 8601."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value).replace(".", decimal)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, timedelta) else str(getattr(value, "text", value))


def cell_number(value: Any) -> float | None:
    """The number in a cell, or None where it holds something else."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


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

    def note(self, index: int, value: Any, figure: float | None) -> None:
        """Take a cell's value into account, and its number where it is one."""
        self.text[index] |= figure is None
        self.fraction[index] |= figure is not None and not (figure.is_integer() and abs(figure) < _EXACT)
        dated = isinstance(value, date)
        self.dates[index] |= dated
        self.other[index] |= not dated

    def field(self, index: int, name: str) -> pa.Field:
        """The column as the copy has it."""
        only_dates = self.dates[index] and not self.other[index]
        return pa.field(name, self.type_of(index), metadata={DATES_KEY: b""} if only_dates else None)

    def type_of(self, index: int) -> pa.DataType:
        if self.text[index]:
            return pa.string()
        return pa.float64() if self.fraction[index] else pa.int64()


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
            for index in range(width):
                value = row[index] if index < len(row) and problems[-1] is None else None
                figure = cell_number(value)
                texts[index].append(cell_text(value, form.decimal))
                numbers[index].append(figure)
                if value is not None:
                    kinds.note(index, value, figure)
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
            result: Row = ()
            if saved is not None and saved[0] == number:
                result, saved = saved[1], next(values, None)
            yield number, result, any(cell is not None and value is None for cell, value in zip_longest(row, result))


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
    for index in range(width):
        columns += [(f"text{index}", pa.string()), (f"number{index}", pa.float64())]
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
    for index, name in enumerate(form.header):
        schema = schema.append(kinds.field(index, name))
    with pq.ParquetFile(raw) as source, pq.ParquetWriter(target, schema) as writer:
        for batch in source.iter_batches(batch_size=_BATCH):
            arrays = [batch.column(0), batch.column(1)]
            for index in range(len(form.header)):
                name = f"{'text' if kinds.text[index] else 'number'}{index}"
                arrays.append(batch.column(name).cast(kinds.type_of(index)))
            writer.write_table(pa.table(arrays, schema=schema))
