"""A table of a page as a file: what is on the page, numbers as numbers, nothing that computes."""

from __future__ import annotations

import csv
import io
from typing import Any, Literal

import pytest
from modeldesk.core.errors import BadRequest
from modeldesk.web.ui.common.table_export import ShownTable, file_name, table_file
from openpyxl import load_workbook

HEAD = ["Input", "Rows", "Share", "Mean", "Interval"]
ROWS = [
    ["Age", "1,204", "40.8%", "−0.5", "1 to 2"],
    ["=HYPERLINK(1)", "12", "", "3", "2"],
]


def shown(kind: Literal["csv", "xlsx"], rows: list[list[str]] | None = None) -> ShownTable:
    return {"caption": "Rows by age", "rows": rows or [HEAD, *ROWS], "numbers": [1, 2, 3, 4], "kind": kind}


def lines(table: ShownTable) -> list[list[str]]:
    return list(csv.reader(io.StringIO(table_file(table).decode())))


def sheet(table: ShownTable) -> list[list[Any]]:
    found = load_workbook(io.BytesIO(table_file(table))).worksheets[0]
    return [[cell.value for cell in row] for row in found.iter_rows()]


def test_csv_holds_what_is_shown_and_no_formula() -> None:
    assert lines(shown("csv")) == [
        ["Input", "Rows", "Share (%)", "Mean", "Interval"],
        ["Age", "1204", "40.8", "-0.5", "1 to 2"],
        ["'=HYPERLINK(1)", "12", "", "3", "2"],
    ]


def test_xlsx_has_numbers_where_all_of_a_column_are_numbers() -> None:
    head, first, second = sheet(shown("xlsx"))
    assert head == ["Input", "Rows", "Share (%)", "Mean", "Interval"]
    assert first == ["Age", 1204, 40.8, -0.5, "1 to 2"]
    assert second == ["=HYPERLINK(1)", 12, None, 3, "2"]
    cell = load_workbook(io.BytesIO(table_file(shown("xlsx")))).worksheets[0]["A3"]
    assert cell.data_type == "s"


def test_what_only_looks_like_a_number_stays_as_it_is() -> None:
    rows = [["Key", "Amount", "Mixed"], ["00501", "€18,500", "5%"], ["1", "€3", "7"]]
    table: ShownTable = {**shown("csv", rows), "numbers": [1, 2]}
    assert lines(table) == rows
    assert lines({**table, "rows": [["n"], ["00501"]], "numbers": [0]})[1] == ["00501"]
    assert lines({**table, "rows": [["n"], ["1,23"]], "numbers": [0]})[1] == ["1,23"]


def test_titles_between_rows_and_columns_of_one_name_do_no_harm() -> None:
    rows = [["Record", "One", "One"], ["Inputs that differ"], ["Age", "44", "51"]]
    table: ShownTable = {**shown("csv", rows), "numbers": []}
    assert lines(table) == [["Record", "One", "One"], ["Inputs that differ", "", ""], ["Age", "44", "51"]]
    assert sheet({**table, "kind": "xlsx"})[0] == ["Record", "One", "One"]


@pytest.mark.parametrize(
    ("caption", "name"),
    [
        ("Rows by age", "rows-by-age.csv"),
        ("../../etc", "etc.csv"),
        ("年齢", "table.csv"),
        ("a" * 500, f"{'a' * 80}.csv"),
    ],
)
def test_a_file_is_named_by_its_caption(caption: str, name: str) -> None:
    assert file_name({**shown("csv"), "caption": caption}) == name


def test_nothing_is_no_table() -> None:
    with pytest.raises(BadRequest):
        table_file({**shown("csv"), "rows": []})
