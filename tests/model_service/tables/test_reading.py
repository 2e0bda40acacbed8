"""Files cut into parts: every row once, in order, whatever the part's size and the way it is read."""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modeldesk.core.errors import InvalidInput, TooLarge
from modeldesk.model_service.tables import (
    FileOptions,
    Limits,
    Plan,
    Reader,
    TableForm,
    chunks,
    inspect,
    parts_of,
    prepare,
)
from modeldesk.model_service.tables.xlsx_source import open_workbook, sheet_rows

from tests.corpus import files

LIMITS = Limits()


def rows_of(path: Path, form: TableForm, size: int, limits: Limits = LIMITS) -> list[tuple[int, tuple[object, ...]]]:
    """Every row with its number, read part by part."""
    found: list[tuple[int, tuple[object, ...]]] = []
    for chunk in chunks(path, form, limits, size):
        columns = [column.to_pylist() for column in chunk.table.columns]
        found += zip(chunk.numbers.tolist(), zip(*columns, strict=True), strict=True)
        found += [(reject.row, (reject.code,)) for reject in chunk.rejects]
    return sorted(found)


cells = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=8) | st.sampled_from(
    ["1", "2.5", "", 'a "b"', "two\nlines", "x,y", " "]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(cells, min_size=1, max_size=4), min_size=1, max_size=12), st.integers(1, 13))
def test_text_is_read_as_the_csv_module_reads_it(rows: list[list[str]], size: int) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([["a", "b", "c"], *rows])
    expected = []
    for number, row in enumerate(csv.reader(io.StringIO(out.getvalue(), newline="\n")), 1):
        if number > 1 and row:
            expected.append((number, tuple(row) if len(row) == 3 else ("ragged",)))
    form = TableForm(kind="csv", header=("a", "b", "c"), first_row=2, header_bytes=len(b"a,b,c\n"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "table.csv")
        path.write_text(out.getvalue(), "utf-8", newline="")
        assert rows_of(path, form, size) == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_give_the_same_rows(encoding: str, end: str, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    content = files.text([("1", "köln"), ("2", "ö"), ("3", "x")], header=("number", "Straße"), end=end)
    path.write_bytes(content.encode(encoding))
    form = inspect(path, FileOptions(), LIMITS)
    plan = prepare(path, form, LIMITS, tmp_path, 2)
    assert form.header == ("number", "Straße")
    assert (plan.rows, [part.first_row for part in plan.parts]) == (3, [2, 4])
    assert rows_of(Path(plan.path), form, 2) == [(2, ("1", "köln")), (3, ("2", "ö")), (4, ("3", "x"))]


def test_a_plan_survives_as_json_and_its_parts_are_read_in_any_order(tmp_path: Path) -> None:
    table = pa.table({"a": np.arange(1_000), "b": [str(value % 7) for value in range(1_000)]})
    for ending in ("csv", "parquet"):
        path = tmp_path / f"table.{ending}"
        if ending == "csv":
            path.write_text(table.to_pandas().to_csv(index=False), "utf-8")
        else:
            pq.write_table(table, path, row_group_size=300)
        plan = prepare(path, inspect(path, FileOptions(), LIMITS), LIMITS, tmp_path, 128)
        plan = Plan.model_validate_json(plan.model_dump_json())
        assert plan.rows == 1_000
        reader = Reader(Path(plan.path), plan.form, plan.limits)
        found = {}
        for part in (*plan.parts[::-2], *plan.parts[-2::-2][::-1]):
            chunk = reader.read(part)
            found.update(zip(chunk.numbers.tolist(), map(int, chunk.table.column("a").to_pylist()), strict=True))
        reader.close()
        assert [found[number] for number in sorted(found)] == list(range(1_000))
        assert min(found) == plan.form.first_row


def test_rows_beyond_the_limit_are_refused_while_reading(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a,b\n" + "1,2\n" * 50, "utf-8")
    limits = Limits(rows=49)
    form = inspect(path, FileOptions(), limits)
    with pytest.raises(TooLarge, match="more than 49 rows"):
        list(parts_of(path, form, limits, 10))


def test_the_size_is_looked_at_first(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(TooLarge, match="8 bytes; at most 5"):
        inspect(path, FileOptions(), Limits(bytes=5))
    with pytest.raises(InvalidInput, match="cannot be read"):
        inspect(tmp_path / "absent.csv", FileOptions(), LIMITS)


def test_a_parquet_row_group_is_decoded_once_for_ascending_parts(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table({"a": range(10_000)}), path)
    form = inspect(path, FileOptions(), LIMITS)
    reader = Reader(path, form, LIMITS)
    parts = list(parts_of(path, form, LIMITS, 999))
    for part in parts[::2]:
        chunk = reader.read(part)
        assert chunk.table.column("a").to_pylist() == list(range(part.start, part.stop))
    reader.close()


STRANGE = [
    (pa.date32(), 2**31 - 1),
    (pa.date32(), -(2**31)),
    (pa.date64(), 2**62 // 86_400_000 * 86_400_000),
    (pa.timestamp("s"), 2**53),
    (pa.timestamp("ms"), -(2**62)),
    (pa.timestamp("us"), 2**62),
    (pa.timestamp("us", "Asia/Tokyo"), 253_402_300_799 * 10**6),
    (pa.duration("s"), 2**62),
]


@pytest.mark.parametrize(("kind", "stored"), STRANGE, ids=str)
def test_a_row_with_a_time_beyond_the_calendar_is_a_reject(kind: pa.DataType, stored: int, tmp_path: Path) -> None:
    width = pa.int32() if kind.bit_width == 32 else pa.int64()
    path = tmp_path / "times.parquet"
    column = pa.array([5, None, stored, 5], width).cast(kind)
    pq.write_table(pa.table({"when": column, "x": [1, 2, 3, 4]}), path)
    rows = rows_of(path, inspect(path, FileOptions(), LIMITS), 10)
    assert [(number, values[-1]) for number, values in rows] == [(1, 1), (2, 2), (3, "impossible_time"), (4, 4)]


def test_the_ends_of_the_calendar_are_times(tmp_path: Path) -> None:
    path = tmp_path / "times.parquet"
    ends = ["0001-01-01T00:00:00", "9999-12-31T23:59:59.999999"]
    columns = {
        "day": pa.array([-719_162, 2_932_896], pa.int32()).cast(pa.date32()),
        "moment": pa.array([-719_162 * 86_400 * 10**6, 2_932_897 * 86_400 * 10**6 - 1]).cast(pa.timestamp("us")),
        "nanoseconds": pa.array([-(2**63) + 1, 2**63 - 1]).cast(pa.timestamp("ns")),
    }
    pq.write_table(pa.table(columns), path)
    (chunk,) = chunks(path, inspect(path, FileOptions(), LIMITS), LIMITS)
    assert not chunk.rejects
    assert [value.isoformat() for value in chunk.table["moment"].to_pylist()] == ends


def test_a_row_beyond_every_sheet_is_refused_at_once(tmp_path: Path) -> None:
    """A row's number alone costs nothing: what a workbook holds bounds the time it takes."""
    path = tmp_path / "far.xlsx"
    pd.DataFrame({"a": [1, 2], "b": [3, 4]}).to_excel(path, index=False)
    for number, told in ((1_000_000_000, "a row 1,000,000,000"), (1, "out of order")):
        _renumber(path, tmp_path / "changed.xlsx", number)
        with pytest.raises(InvalidInput, match=told):
            inspect(tmp_path / "changed.xlsx", FileOptions(), Limits())


def test_rows_that_a_sheet_skips_cost_nothing(tmp_path: Path) -> None:
    path = tmp_path / "far.xlsx"
    pd.DataFrame({"a": [1, 2], "b": [3, 4]}).to_excel(path, index=False)
    _renumber(path, tmp_path / "changed.xlsx", 1_048_576)
    with open_workbook(tmp_path / "changed.xlsx") as workbook:
        assert [number for number, _ in sheet_rows(workbook.worksheets[0])] == [1, 2, 1_048_576]


def _renumber(path: Path, target: Path, number: int) -> None:
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as changed:
        for part in source.infolist():
            content = source.read(part)
            if part.filename.startswith("xl/worksheets/sheet"):
                content = content.replace(b'<row r="3"', f'<row r="{number}"'.encode())
            changed.writestr(part, content)


@pytest.mark.parametrize("rows", ['"open,2\n', '"open,2\n3,4\n5,6\n'])
def test_a_quote_that_the_first_row_never_closes_is_told(tmp_path: Path, rows: str) -> None:
    path = tmp_path / "open.csv"
    path.write_text("a,b\n" + rows)
    with pytest.raises(InvalidInput, match="opened in row 2 is not closed"):
        inspect(path, FileOptions(), Limits())


def test_a_file_may_have_as_many_columns_as_the_model_and_some_more() -> None:
    assert Limits(columns=2_000).with_room_for(2_308).columns == 2_808
    assert Limits(columns=2_000).with_room_for(30).columns == 2_000
