"""Awkward files, each made by a function that says what has to become of it.

The table has eight columns (``COLUMNS``); a well-formed row is ``ROW``. Nothing here is kept in
the repository: files are written when a test asks for them.
"""

from __future__ import annotations

import copy
import csv
import datetime as dt
import gzip
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
from modeldesk.model_service.engine.introspect import ColumnUse
from modeldesk.model_service.schema.infer_columns import describe_column
from modeldesk.model_service.schema.schema import ModelSchema
from modeldesk.model_service.tables import FileOptions

COLUMNS = ("amount", "count", "code", "region", "owner", "since", "seen", "note")
ROW = ("12.5", "3", "00501", "north", "true", "2024-01-31", "2024-02-01T10:30:00", "fine")
OTHER = ("0.25", "7", "10115", "Åland", "false", "2023-05-06", "2024-02-02T11:00:00", 'a; "b", c')


@dataclass(frozen=True)
class Taken:
    """The file is read: so many rows pass, so many are rejected, for these reasons; ``first`` are
    values of the first row that passes."""

    scored: int
    rejected: int = 0
    codes: tuple[str, ...] = ()
    first: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Refused:
    """The file is refused, in a sentence that holds these words."""

    words: str


@dataclass(frozen=True)
class Case:
    """A file's name, what writes it, what becomes of it, and what is declared about it."""

    name: str
    write: Callable[[Path], Taken | Refused]
    options: FileOptions


CASES: dict[str, Case] = {}


def case(
    ending: str = ".csv", **options: Any
) -> Callable[[Callable[[Path], Taken | Refused]], Callable[[Path], Taken | Refused]]:
    """Enter a file into the corpus under its function's name."""

    def enter(write: Callable[[Path], Taken | Refused]) -> Callable[[Path], Taken | Refused]:
        name = write.__name__
        CASES[name] = Case(f"{name}{ending}", write, FileOptions(**options))
        return write

    return enter


def schema() -> ModelSchema:
    """The contract that the corpus is held against."""
    rows = 40
    data = pd.DataFrame(
        {
            "amount": [index / 2 for index in range(rows)],
            "count": range(rows),
            "code": ["00501", "10115", "99999", "NA"] * (rows // 4),
            "region": ["north", "Åland", "köln", "south"] * (rows // 4),
            "owner": [True, False] * (rows // 2),
            "since": pd.date_range("2023-01-01", periods=rows, freq="30D"),
            "seen": pd.date_range("2024-01-01 08:00", periods=rows, freq="26h"),
            "note": [f"words number {index} of a row" for index in range(rows)],
        }
    )
    taken = {"amount": True, "note": True}
    features = []
    for name in COLUMNS:
        feature = describe_column(name, data[name], ColumnUse(other=True, vectorized=name == "note"))
        features.append(
            feature.model_copy(update={"missing_allowed": taken.get(name, False), "unseen_allowed": name == "code"})
        )
    return ModelSchema(features=tuple(features), unread=("customer",))


def text(
    rows: Sequence[Sequence[str]], *, header: Sequence[str] = COLUMNS, delimiter: str = ",", end: str = "\n"
) -> str:
    """A table as text, quoted where needed."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows([header, *rows])
    return out.getvalue()


def put(path: Path, content: str, encoding: str = "utf-8") -> None:
    """Write text as bytes."""
    path.write_bytes(content.encode(encoding))


def changed(**cells: str) -> tuple[str, ...]:
    """ROW with other cells."""
    return tuple(cells.get(name, value) for name, value in zip(COLUMNS, ROW, strict=True))


# ---- text: encodings, line ends, delimiters, quoting ----------------------------------------------


@case()
def plain(path: Path) -> Taken:
    put(path, text([ROW, OTHER]))
    return Taken(2, first=(("amount", 12.5), ("code", "00501"), ("region", "north")))


@case()
def byte_order_mark(path: Path) -> Taken:
    put(path, text([ROW, OTHER]), "utf-8-sig")
    return Taken(2, first=(("amount", 12.5),))


@case()
def utf16(path: Path) -> Taken:
    put(path, text([OTHER, ROW]), "utf-16")
    return Taken(2, first=(("region", "Åland"),))


@case()
def utf16_big_endian_without_mark(path: Path) -> Taken:
    put(path, text([OTHER, ROW]), "utf-16-be")
    return Taken(2, first=(("region", "Åland"),))


@case()
def utf32(path: Path) -> Taken:
    put(path, text([OTHER, ROW]), "utf-32")
    return Taken(2, first=(("region", "Åland"),))


@case()
def windows_western(path: Path) -> Taken:
    put(path, text([changed(region="köln"), OTHER]), "cp1252")
    return Taken(2, first=(("region", "köln"),))


@case(encoding="latin-1")
def latin_1_declared(path: Path) -> Taken:
    put(path, text([changed(region="köln"), OTHER]), "latin-1")
    return Taken(2, first=(("region", "köln"),))


@case(encoding="shift_jis")
def japanese_declared(path: Path) -> Taken:
    put(path, text([changed(note="日本語の表")]), "shift_jis")
    return Taken(1, first=(("note", "日本語の表"),))


@case()
def cyrillic_undeclared(path: Path) -> Refused:
    put(path, text([changed(note="слова на другом языке и ещё много слов " * 5)] * 9), "cp1251")
    return Refused("not UTF-8")


@case(encoding="utf-8")
def wrongly_declared(path: Path) -> Refused:
    put(path, text([changed(region="köln")]), "cp1252")
    return Refused("is not utf-8")


@case(encoding="klingon")
def unknown_encoding(path: Path) -> Refused:
    put(path, text([ROW]))
    return Refused("no encoding 'klingon'")


@case()
def utf8_that_breaks(path: Path) -> Refused:
    path.write_bytes(text([changed(region="köln")] * 50).encode() + b"1.0,2,x,k\xf6ln\n")
    return Refused("UTF-8 up to byte")


@case()
def null_bytes(path: Path) -> Refused:
    path.write_bytes(text([ROW] * 100).encode() + b"\0" * 5_000)
    return Refused("null byte")


@case()
def carriage_returns_and_line_feeds(path: Path) -> Taken:
    put(path, text([ROW, OTHER], end="\r\n"))
    return Taken(2, first=(("note", "fine"),))


@case()
def carriage_returns_alone(path: Path) -> Taken:
    put(path, text([ROW, OTHER], end="\r"))
    return Taken(2, first=(("note", "fine"),))


@case()
def no_line_end_at_the_end(path: Path) -> Taken:
    put(path, text([ROW, OTHER]).rstrip("\n"))
    return Taken(2)


@case()
def blank_lines_between(path: Path) -> Taken:
    lines = text([ROW, OTHER, ROW]).splitlines(keepends=True)
    put(path, "\n" + "\n\n".join(lines) + "\n\n")
    return Taken(3)


@case()
def semicolons_and_decimal_commas(path: Path) -> Taken:
    put(path, text([changed(amount="1.234,5"), changed(amount="0,25")], delimiter=";"))
    return Taken(2, first=(("amount", 1234.5),))


@case(".tsv")
def tabs(path: Path) -> Taken:
    put(path, text([ROW, OTHER], delimiter="\t"))
    return Taken(2)


@case(".txt")
def bars(path: Path) -> Taken:
    put(path, text([ROW, OTHER], delimiter="|"))
    return Taken(2)


@case(delimiter="#")
def odd_delimiter_declared(path: Path) -> Taken:
    put(path, text([ROW, OTHER], delimiter="#"))
    return Taken(2)


@case()
def excel_tells_the_delimiter(path: Path) -> Taken:
    put(path, "sep=;\n" + text([ROW, OTHER], delimiter=";"))
    return Taken(2)


@case()
def line_breaks_in_cells(path: Path) -> Taken:
    put(path, text([changed(note="one\ntwo\n\nthree"), OTHER, changed(amount="x")]))
    return Taken(2, 1, ("wrong_type",), (("note", "one\ntwo\n\nthree"),))


@case()
def everything_quoted(path: Path) -> Taken:
    put(path, "".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in (COLUMNS, ROW, ROW)))
    return Taken(2)


@case()
def quotation_mark_inside_a_cell(path: Path) -> Taken:
    put(path, text([ROW]) + ",".join(changed(note='5" pipe')) + "\n")
    return Taken(2)


@case()
def quoting_that_cannot_be_told(path: Path) -> Taken:
    put(path, text([ROW]) + ",".join(changed(note='"a"b')) + "\n" + text([ROW]).split("\n")[1] + "\n")
    return Taken(2, 1, ("bad_quoting",))


@case()
def quotation_mark_never_closed(path: Path) -> Refused:
    put(path, text([ROW] * 20) + ",".join(changed(note='"never')) + "\n" + text([ROW] * 20))
    return Refused("not closed")


# ---- text: shape ----------------------------------------------------------------------------------


@case()
def empty(path: Path) -> Refused:
    path.touch()
    return Refused("empty")


@case()
def blanks_only(path: Path) -> Refused:
    put(path, " \n\t\n  \r\n")
    return Refused("nothing but blanks")


@case()
def header_only(path: Path) -> Refused:
    put(path, text([]))
    return Refused("no rows")


@case()
def no_header(path: Path) -> Refused:
    put(path, text([OTHER, ROW, ROW], header=ROW))
    return Refused("No column of the file")


@case()
def header_twice_the_same(path: Path) -> Refused:
    put(path, text([(*ROW, "1")], header=(*COLUMNS, "amount")))
    return Refused("twice: 'amount'")


@case()
def column_missing(path: Path) -> Refused:
    put(path, text([ROW[1:3] + ROW[4:]], header=COLUMNS[1:3] + COLUMNS[4:]))
    return Refused("no column 'region'")


@case()
def column_renamed(path: Path) -> Refused:
    put(path, text([ROW], header=[*COLUMNS[:3], "Re gion", *COLUMNS[4:]]))
    return Refused("Is it 'Re gion'?")


@case(columns={"region": "Gegend"})
def column_declared(path: Path) -> Taken:
    put(path, text([ROW], header=[*COLUMNS[:3], "Gegend", *COLUMNS[4:]]))
    return Taken(1, first=(("region", "north"),))


@case(columns={"region": "Gegend"})
def column_declared_that_is_not_there(path: Path) -> Refused:
    put(path, text([ROW]))
    return Refused("no column 'Gegend'")


@case()
def columns_in_another_order_and_more(path: Path) -> Taken:
    put(path, text([("id-1", *ROW[::-1])], header=("customer", *COLUMNS[::-1])))
    return Taken(1, first=(("amount", 12.5),))


@case()
def columns_without_names(path: Path) -> Taken:
    put(path, text([("0", *ROW, "")], header=("", *COLUMNS, "")))
    return Taken(1)


@case()
def optional_column_missing(path: Path) -> Taken:
    put(path, text([ROW[1:]], header=COLUMNS[1:]))
    return Taken(1)


@case()
def some_rows_ragged(path: Path) -> Taken:
    put(path, text([ROW, (*ROW, "more"), ROW[:5], OTHER, ("x",), ROW, ROW]) + "\n")
    return Taken(4, 3, ("ragged",))


@case()
def every_row_has_one_cell_more(path: Path) -> Refused:
    put(path, text([("0", *ROW)] * 30))
    return Refused("another number, mostly 9")


@case()
def ten_thousand_columns(path: Path) -> Refused:
    put(path, text([ROW + ("1",) * 10_000], header=(*COLUMNS, *(f"x{place}" for place in range(10_000)))))
    return Refused("10,008 columns")


@case()
def hundred_thousand_columns(path: Path) -> Refused:
    put(path, ",".join(f"x{place}" for place in range(100_000)) + "\n" + ",".join(["1"] * 100_000) + "\n")
    return Refused("100,000 columns")


@case()
def a_gigabyte_of_one_line(path: Path) -> Refused:
    with path.open("wb") as file:
        file.write(b"amount,count")
        file.truncate(1_000_000_000)
    return Refused("null")


@case()
def one_long_line(path: Path) -> Refused:
    path.write_bytes(b"amount;count;" * 1_000_000)
    return Refused("line of more than")


@case()
def a_long_line_further_down(path: Path) -> Refused:
    path.write_bytes(text([ROW] * 20_000).encode() + b"1.5," * 2_000_000 + b"\n")
    return Refused("line of more than")


@case()
def a_long_cell(path: Path) -> Taken:
    put(path, text([ROW, changed(note="x" * 30_000)]))
    return Taken(1, 1, ("text_too_long",))


# ---- text: values ---------------------------------------------------------------------------------


@case()
def codes_that_look_like_other_things(path: Path) -> Taken:
    put(path, text([changed(code=code) for code in ("00501", "NA", "1e5", "TRUE", "null")]))
    # "null" is no code of the published data: it says that there is none.
    return Taken(4, 1, ("missing",), first=(("code", "00501"),))


@case()
def missing_values_of_all_kinds(path: Path) -> Taken:
    put(path, text([changed(amount=cell) for cell in ("", "NA", "n/a", "NaN", "null", "None", "#N/A", "  ")]))
    return Taken(8)


@case()
def missing_where_none_may_be(path: Path) -> Taken:
    put(path, text([ROW, changed(count=""), changed(region=""), changed(since="NA"), changed(owner="null")]))
    return Taken(1, 4, ("missing",))


@case()
def thousands_with_spaces(path: Path) -> Taken:
    put(path, text([changed(amount="1 234,5"), changed(amount="1\u202f234\u202f567,25")], delimiter=";"))
    return Taken(2, first=(("amount", 1234.5),))


@case()
def thousands_with_commas(path: Path) -> Taken:
    put(path, text([changed(amount="1,234,567.5"), changed(amount="2,000")]))
    return Taken(2, first=(("amount", 1234567.5),))


@case()
def thousands_that_are_ambiguous(path: Path) -> Taken:
    put(path, text([changed(amount="1,234")] * 3))
    return Taken(0, 3, ("ambiguous",))


@case()
def both_decimal_marks(path: Path) -> Taken:
    put(path, text([changed(amount=cell) for cell in ("0.5", "0,5", "1.234", "3")], delimiter=";"))
    return Taken(2, 2, ("ambiguous",), (("amount", 0.5),))


@case(decimal=",", thousands=".")
def declared_marks(path: Path) -> Taken:
    put(path, text([changed(amount="1.234")], delimiter=";"))
    return Taken(1, first=(("amount", 1234.0),))


@case()
def numbers_with_units(path: Path) -> Taken:
    put(path, text([ROW, changed(amount="12 €"), changed(amount="5%"), changed(count="three")]))
    return Taken(1, 3, ("wrong_type",))


@case()
def whole_numbers(path: Path) -> Taken:
    cells = ("3.0", "1e1", "3.5", "9" * 30)
    put(path, text([changed(count=cell) for cell in cells]))
    return Taken(2, 2, ("above_limit", "not_an_integer"))


@case()
def truth_in_many_words(path: Path) -> Taken:
    cells = ("TRUE", "no", "1", "0", "Yes", "maybe")
    put(path, text([changed(owner=cell) for cell in cells]))
    return Taken(5, 1, ("wrong_type",))


@case()
def days_first(path: Path) -> Taken:
    put(path, text([changed(since="31.01.2024"), changed(since="05.06.2023", seen="06.02.2024 9:05")]))
    return Taken(2, first=(("since", pd.Timestamp("2024-01-31")),))


@case()
def months_first(path: Path) -> Taken:
    put(path, text([changed(since="01/31/2024"), changed(since="05/06/2023")]))
    return Taken(2, first=(("since", pd.Timestamp("2024-01-31")),))


@case()
def days_that_are_ambiguous(path: Path) -> Taken:
    put(path, text([changed(since="01/02/2024"), changed(since="02/02/2024")]))
    return Taken(1, 1, ("ambiguous",))


@case()
def days_and_months_first(path: Path) -> Taken:
    put(path, text([changed(since=cell) for cell in ("31/01/2024", "01/31/2024", "02/03/2024")]))
    return Taken(2, 1, ("ambiguous",))


@case()
def impossible_dates(path: Path) -> Taken:
    cells = ("2024-02-30", "31.11.2024", "yesterday", "20240131", "45000")
    put(path, text([ROW, *(changed(since=cell) for cell in cells)]))
    return Taken(1, 5, ("bad_date",))


@case()
def offsets_where_there_are_none(path: Path) -> Taken:
    put(path, text([ROW, changed(seen="2024-02-01T10:30:00Z"), changed(seen="2024-02-01 10:30:00+01:00")]))
    return Taken(1, 2, ("offset_refused",))


@case()
def unknown_categories(path: Path) -> Taken:
    put(path, text([changed(region=cell) for cell in ("north", "North", "north ", "moon")]))
    return Taken(1, 3, ("unseen_category",))


@case()
def formulas_in_text(path: Path) -> Taken:
    put(path, text([changed(note="=cmd|' /C calc'!A0"), changed(note="@SUM(A1)")]))
    return Taken(2, first=(("note", "=cmd|' /C calc'!A0"),))


# ---- other kinds of files -------------------------------------------------------------------------


@case()
def gzip_archive(path: Path) -> Refused:
    path.write_bytes(gzip.compress(text([ROW]).encode()))
    return Refused("gzip")


@case()
def web_page(path: Path) -> Refused:
    put(path, "<!DOCTYPE html>\n<html><body>Sign in</body></html>\n")
    return Refused("web page")


@case(".pdf")
def pdf(path: Path) -> Refused:
    path.write_bytes(b"%PDF-1.7\n" + bytes(range(256)))
    return Refused("PDF")


@case(".xlsx")
def text_named_as_workbook(path: Path) -> Refused:
    put(path, text([ROW]))
    return Refused("ends in .xlsx")


@case(".xlsx")
def old_workbook(path: Path) -> Refused:
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4_000)
    return Refused("old Excel format")


@case(".xlsx")
def locked_workbook(path: Path) -> Refused:
    name = "EncryptedPackage".encode("utf-16-le")
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1_000 + name + b"\0" * 1_000)
    return Refused("password")


# ---- workbooks ------------------------------------------------------------------------------------

TYPED = (12.5, 3, "00501", "north", True, dt.date(2024, 1, 31), dt.datetime(2024, 2, 1, 10, 30), "fine")


def workbook(path: Path, rows: Sequence[Sequence[Any]], header: Sequence[str] = COLUMNS, top: int = 0) -> None:
    """A workbook whose cells have their own types; the header stands in row ``top`` + 1."""
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("Data")
        moment, day = (book.add_format({"num_format": form}) for form in ("yyyy-mm-dd hh:mm", "yyyy-mm-dd"))
        for number, row in enumerate([header, *rows], top):
            for place, value in enumerate(row):
                if isinstance(value, dt.date):
                    form = moment if isinstance(value, dt.datetime) else day
                    sheet.write_datetime(number, place, value, form)
                elif value is not None:
                    sheet.write(number, place, value)


def swapped(**cells: Any) -> tuple[Any, ...]:
    """TYPED with other cells."""
    return tuple(cells.get(name, value) for name, value in zip(COLUMNS, TYPED, strict=True))


@case(".xlsx")
def workbook_of_types(path: Path) -> Taken:
    workbook(path, [TYPED, swapped(amount=None, code="NA")])
    return Taken(2, first=(("amount", 12.5), ("since", pd.Timestamp("2024-01-31")), ("owner", True)))


@case(".csv")
def workbook_named_as_text(path: Path) -> Taken:
    workbook(path, [TYPED])
    return Taken(1)


@case(".xlsx")
def workbook_of_texts(path: Path) -> Taken:
    workbook(path, [ROW, OTHER])
    return Taken(2, first=(("amount", 12.5), ("count", 3)))


@case(".xlsx")
def workbook_of_mixed_columns(path: Path) -> Taken:
    workbook(path, [TYPED, swapped(amount="0,75", code=10115), swapped(count="three"), swapped(amount="0,5")])
    return Taken(3, 1, ("wrong_type",), (("amount", 12.5), ("code", "00501")))


@case(".xlsx")
def workbook_that_begins_further_down(path: Path) -> Taken:
    workbook(path, [TYPED, swapped(count=None)], top=3)
    return Taken(1, 1, ("missing",))


@case(".xlsx")
def workbook_with_a_far_cell(path: Path) -> Taken:
    workbook(path, [TYPED])
    _edit_sheet(path, "</sheetData>", '<row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>')
    return Taken(1, 1, ("missing",))


@case(".xlsx")
def workbook_with_a_far_column(path: Path) -> Taken:
    workbook(path, [TYPED, TYPED, (*TYPED, None)])
    _edit_sheet(path, "</row></sheetData>", '<c r="XFD4"><v>1</v></c></row></sheetData>')
    return Taken(2, 1, ("ragged",))


@case(".xlsx")
def workbook_with_a_far_header(path: Path) -> Refused:
    workbook(path, [TYPED])
    _edit_sheet(path, "</row>", '<c r="XFD1"><v>1</v></c></row>')
    return Refused("16,384 columns")


@case(".xlsx")
def workbook_that_lies_about_its_extent(path: Path) -> Taken:
    workbook(path, [TYPED, TYPED])
    _edit_sheet(path, 'ref="A1:H3"', 'ref="A1:XFD1048576"')
    return Taken(2)


@case(".xlsx")
def workbook_with_failed_formulas(path: Path) -> Taken:
    workbook(path, [TYPED, swapped(amount="#REF!"), swapped(amount="#N/A")])
    return Taken(2, 1, ("cell_error",))


@case(".xlsx")
def workbook_with_formulas_never_computed(path: Path) -> Taken:
    workbook(path, [TYPED, swapped(amount=1.0)])
    _edit_sheet(path, '<c r="A3"><v>1</v></c>', '<c r="A3"><f>1+1</f></c>')
    return Taken(1, 1, ("formula_without_result",))


@case(".xlsx", sheet="Other")
def workbook_without_that_sheet(path: Path) -> Refused:
    workbook(path, [TYPED])
    return Refused("no sheet 'Other'")


@case(".xlsx")
def workbook_without_cells(path: Path) -> Refused:
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet()
    return Refused("is empty")


@case(".xlsx")
def workbook_cut_short(path: Path) -> Refused:
    workbook(path, [TYPED] * 100)
    path.write_bytes(path.read_bytes()[:-500])
    return Refused("damaged")


@case(".xlsx")
def workbook_with_broken_xml(path: Path) -> Refused:
    workbook(path, [TYPED])
    _edit_sheet(path, "</sheetData>", "<sheetData>")
    return Refused("cannot be read")


@case(".xlsx")
def workbook_with_entities(path: Path) -> Refused:
    workbook(path, [TYPED])
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha" * 10}">' for n in range(12))
    _edit_sheet(path, "<worksheet", f"<!DOCTYPE x [{entities}]><worksheet")
    _edit_sheet(path, "<v>3</v>", "<v>&e11;</v>")
    return Refused("cannot be read")


@case(".xlsx")
def zip_bomb(path: Path) -> Refused:
    workbook(path, [TYPED])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/0", b"\0" * 10_000_000)
        for number in range(1, 300):
            # Another name for the same bytes.
            twin = copy.copy(archive.filelist[-1])
            twin.filename = f"xl/media/{number}"
            archive.filelist.append(twin)
    return Refused("unpacks to")


@case(".xlsx")
def zip_that_lies_about_a_size(path: Path) -> Refused:
    workbook(path, [TYPED])
    _edit_sheet(path, "</sheetData>", f"</sheetData>{' ' * 50_000_000}")
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    path.write_bytes(path.read_bytes().replace(size.to_bytes(4, "little"), (1_000).to_bytes(4, "little")))
    return Refused("cannot be read")


@case(".xlsx")
def zip_of_something_else(path: Path) -> Refused:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("table.csv", text([ROW]))
    return Refused("ZIP archive")


@case(".xlsx")
def word_document(path: Path) -> Refused:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    return Refused("Word")


def _edit_sheet(path: Path, old: str, new: str) -> None:
    """Change the first place in a workbook's first sheet."""
    with zipfile.ZipFile(path) as archive:
        parts = {part.filename: archive.read(part) for part in archive.infolist()}
    name = "xl/worksheets/sheet1.xml"
    sheet = parts[name].decode()
    assert old in sheet, sheet[:2_000]
    parts[name] = sheet.replace(old, new, 1).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for filename, data in parts.items():
            archive.writestr(filename, data)


# ---- Parquet --------------------------------------------------------------------------------------


def parquet_table(rows: int = 2) -> pa.Table:
    """The table with its own types."""
    return pa.table({name: [value] * rows for name, value in zip(COLUMNS, TYPED, strict=True)})


@case(".parquet")
def parquet(path: Path) -> Taken:
    pq.write_table(parquet_table(), path)
    return Taken(2, first=(("amount", 12.5), ("code", "00501")))


@case(".csv")
def parquet_named_as_text(path: Path) -> Taken:
    pq.write_table(parquet_table(), path)
    return Taken(2)


@case(".parquet")
def parquet_of_texts(path: Path) -> Taken:
    pq.write_table(pa.table(dict(zip(COLUMNS, zip(ROW, OTHER, strict=True), strict=True))), path)
    return Taken(2, first=(("amount", 12.5), ("seen", pd.Timestamp("2024-02-01 10:30"))))


@case(".parquet")
def parquet_with_codes_as_numbers(path: Path) -> Taken:
    table = parquet_table().set_column(2, "code", pa.array([501, 10115]))
    pq.write_table(table, path)
    return Taken(0, 2, ("wrong_type",))


@case(".parquet")
def parquet_with_nan_and_infinity(path: Path) -> Taken:
    values = pa.array([float("nan"), float("inf"), None, 1.5])
    pq.write_table(parquet_table(4).set_column(0, "amount", values), path)
    return Taken(3, 1, ("not_finite",))


@case(".parquet")
def parquet_with_decimals_and_dictionaries(path: Path) -> Taken:
    table = parquet_table().set_column(0, "amount", pa.array([Decimal("1.00"), Decimal("2.50")]))
    pq.write_table(table.set_column(3, "region", pa.array(["north", "south"]).dictionary_encode()), path)
    return Taken(2, first=(("amount", 1.0), ("region", "north")))


@case(".parquet")
def parquet_with_lists(path: Path) -> Refused:
    pq.write_table(parquet_table().set_column(0, "amount", pa.array([[1.0], [2.0, 3.0]])), path)
    return Refused("not single values")


@case(".parquet")
def parquet_with_lists_that_nobody_reads(path: Path) -> Taken:
    pq.write_table(parquet_table().append_column("tags", pa.array([["a"], ["b", "c"]])), path)
    return Taken(2)


@case(".parquet")
def parquet_with_a_hundred_million_rows(path: Path) -> Refused:
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 1_000_000, pa.int8()), pa.array(["north"]))
    table = pa.table({"region": column})
    with pq.ParquetWriter(path, table.schema) as writer:
        for _ in range(101):
            writer.write_table(table)
    return Refused("101,000,000 rows")


@case(".parquet")
def parquet_without_rows(path: Path) -> Refused:
    pq.write_table(parquet_table().slice(0, 0), path)
    return Refused("no rows")


@case(".parquet")
def parquet_cut_short(path: Path) -> Refused:
    pq.write_table(parquet_table(), path)
    path.write_bytes(path.read_bytes()[:-200])
    return Refused("cannot be read")


@case(".parquet")
def parquet_with_damaged_pages(path: Path) -> Refused:
    pq.write_table(parquet_table(5_000), path, compression="snappy")
    data = bytearray(path.read_bytes())
    data[4:400] = bytes(396)
    path.write_bytes(bytes(data))
    return Refused("cannot be read")


@case(".parquet")
def parquet_of_one_huge_repeated_text(path: Path) -> Taken:
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 50_000, pa.int8()), pa.array(["x" * 1_000_000]))
    pq.write_table(parquet_table(50_000).set_column(7, "note", column), path)
    return Taken(0, 50_000, ("text_too_long",))
