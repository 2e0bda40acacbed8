"""A first look at a workbook: its archive's directory, its sheets, and the first rows of one."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from modeldesk.core.errors import InvalidInput, TooLarge
from modeldesk.model_service.tables.faults import reason
from modeldesk.model_service.tables.header import checked_header
from modeldesk.model_service.tables.notation import detect_notation
from modeldesk.model_service.tables.options import RAGGED_ROWS, FileOptions, Limits, TableForm
from modeldesk.model_service.tables.xlsx_cells import Row, cell_text

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
    columns = [[row[place] for row in rows if place < len(row)] for place in range(width)]
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
        found = (what for start, what in _OTHER_ARCHIVES if any(name.startswith(start) for name in names))
        what = next(found, "a ZIP archive")
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
