"""A chunk by column is judged as its rows one by one are: same frame, same faults, same words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from modeldesk.model_service.batch.score import warning_column
from modeldesk.model_service.schema.schema import Feature, ModelSchema
from modeldesk.model_service.tables import Chunk, ChunkCheck, Matching, TableForm
from modeldesk.model_service.tables.checking import CheckedChunk
from modeldesk.model_service.tables.notation import MISSING_WORDS
from modeldesk.model_service.validation.records import partition_records

from tests.model_service import contracts

SCHEMA = contracts.schema(note={"missing_allowed": True})
SETTINGS = contracts.settings(
    """
    [features.age]
    min = 18
    max = 100
    [features.granted]
    min = 2020-01-01
    [features.ratio]
    max = 2
    """
)
GOOD = SCHEMA.defaults()


def check(columns: Mapping[str, pa.Array], form: TableForm | None = None) -> CheckedChunk:
    """Judge columns; features without one are absent."""
    rows = len(next(iter(columns.values())))
    form = form or TableForm(kind="parquet", header=tuple(columns), first_row=1)
    matching = Matching({name: name for name in columns}, (), (), ())
    chunk = Chunk(0, pa.table(dict(columns)), np.arange(form.first_row, form.first_row + rows))
    return ChunkCheck(SCHEMA, SETTINGS, matching, form).check(chunk)


def warnings_of(checked: CheckedChunk) -> list[list[tuple[str, str, str]]]:
    """What is warned of, row by row."""
    texts = warning_column(checked.warnings, len(checked.numbers)).to_pylist()
    return [[tuple(note.values()) for note in json.loads(text or "[]")] for text in texts]


def hold_equal(checked: CheckedChunk, records: Sequence[Mapping[str, Any]], first: int) -> None:
    """Compare with the check of records."""
    parted = partition_records(SCHEMA, SETTINGS, records)
    expected = [((p.row or 0) + first, p.field, p.code, p.message) for p in parted.problems]
    assert [(r.row, r.field, r.code, r.message) for r in checked.rejects] == expected
    assert (checked.numbers - first).tolist() == list(parted.rows)
    pd.testing.assert_frame_equal(checked.frame, parted.checked.frame, check_exact=True)
    assert warnings_of(checked) == [[(n.field, n.code, n.message) for n in notes] for notes in parted.checked.warnings]
    assert len(checked.numbers) + checked.rejected_rows == len(records)


NUMBERS = st.one_of(
    st.integers(-130, 130),
    st.sampled_from([2**31, 2**53 - 1, 2**53, 2**53 + 1, 2**62, -(2**53) - 1]),
)
FLOATS = st.one_of(
    st.floats(allow_nan=False),
    st.sampled_from([0.5, 1.0, 20.0, -3.0, 3e38, 4e38, 1e300, 2.0**53, float("inf")]),
    st.floats(-1, 2),
)
WORDS = ["car", "home", "x", "z", "a", "north", "abroad", "boat", "NA", "00501", " car", "z" * 1001, "ö\u00a0"]
DATES = st.dates().map(lambda day: day.isoformat()) | st.sampled_from(["2024-01-05", "2031-01-01", "2024-13-01"])
TIMES = st.datetimes().map(lambda moment: moment.isoformat()) | st.sampled_from(
    ["2024-01-05T10:00:00Z", "2024-01-05 10:30", "2024-01-05T10:30:00+02:00", "2024-01-05T10:30:00.123456789"]
)


def stored(feature: Feature) -> list[tuple[pa.DataType, st.SearchStrategy[Any]]]:
    """The types a column of this feature may come in, with values for each."""
    texts = st.sampled_from(WORDS)
    if feature.numeric:
        return [(pa.int64(), NUMBERS), (pa.float64(), FLOATS), (pa.bool_(), st.booleans())]
    if feature.type == "boolean":
        return [(pa.bool_(), st.booleans()), (pa.int64(), st.integers(0, 2))]
    if feature.type in ("date", "datetime"):
        return [(pa.string(), DATES if feature.type == "date" else TIMES), (pa.int64(), NUMBERS)]
    if feature.name == "grade":
        return [(pa.int64(), st.integers(0, 5)), (pa.float64(), st.sampled_from([1.0, 2.0, 2.5]))]
    return [(pa.string(), texts), (pa.int64(), NUMBERS)]


@st.composite
def tables(draw: st.DrawFn) -> tuple[dict[str, pa.DataType], list[dict[str, Any]]]:
    """Some columns, absent ones left out, of a few rows; a column holds values of one type."""
    rows = draw(st.integers(1, 8))
    types: dict[str, pa.DataType] = {}
    columns: dict[str, list[Any]] = {}
    for feature in SCHEMA.features:
        if feature.name != "age" and draw(st.integers(0, 9)) == 0:
            continue
        choice = draw(st.integers(0, 3))
        options = stored(feature)
        kind, values = options[0] if choice < 3 else draw(st.sampled_from(options))
        usual = st.just(GOOD[feature.name]) if choice < 3 and GOOD[feature.name] is not None else values
        cell = st.one_of(usual, values, st.none()) if draw(st.booleans()) else usual
        types[feature.name] = kind
        columns[feature.name] = draw(st.lists(cell, min_size=rows, max_size=rows))
        if kind == pa.float64():
            columns[feature.name] = [None if v is None else float(v) for v in columns[feature.name]]
        if kind == pa.int64() and any(isinstance(v, float | bool | str) for v in columns[feature.name]):
            columns[feature.name] = [int(v) if isinstance(v, float) else v for v in columns[feature.name]]
    return types, [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(tables())
def test_stored_columns_are_judged_like_records(table: tuple[dict[str, pa.DataType], list[dict[str, Any]]]) -> None:
    types, records = table
    columns = {name: pa.array([record[name] for record in records], kind) for name, kind in types.items()}
    hold_equal(check(columns), records, 1)


def written(value: Any, comma: bool) -> str:
    """A JSON value as a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "FALSE"
    text = str(value)
    return text.replace(".", ",") if comma and isinstance(value, float) else text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(tables(), st.booleans())
def test_written_columns_are_judged_like_records(
    table: tuple[dict[str, pa.DataType], list[dict[str, Any]]], comma: bool
) -> None:
    types, records = table
    # Text in a column that is not text says nothing about its type: leave those columns out.
    usual = {f.name: stored(f)[0][0] for f in SCHEMA.features}
    kept = [
        name
        for name, kind in types.items()
        if kind == usual[name] or (SCHEMA.feature(name).numeric and kind != pa.bool_())
    ]
    if not kept:
        return
    records = [{name: finite(record[name]) for name in kept} for record in records]
    columns = {name: pa.array([written(record[name], comma) for record in records]) for name in kept}
    form = TableForm(kind="csv", header=tuple(kept), first_row=2, decimal="," if comma else ".")
    hold_equal(check(columns, form), [{k: None if v == "NA" else v for k, v in r.items()} for r in records], 2)


def finite(value: Any) -> Any:
    """Infinity is no number that a text file can hold."""
    return 0.25 if isinstance(value, float) and not np.isfinite(value) else value


@pytest.mark.parametrize(
    ("field", "text", "held"),
    [
        ("income", "1.234,5", 1234.5),
        ("income", " 12,5 ", 12.5),
        ("income", "+7", 7.0),
        ("income", "1e3", 1000.0),
        ("income", "N/A", None),
        ("income", "#N/A", None),
        ("age", "42,0", 42),
        ("known", "1", True),
        ("known", "No", False),
        ("grade", "2", 2),
        ("plain", "00501", "00501"),
        ("plain", "NA", None),
        ("plain", " NA", " NA"),
        ("plain", "<NA>", None),
        ("note", "None", None),
        ("note", " ", " "),
        ("note", "=1+1", "=1+1"),
        ("granted", "13.01.2024", pd.Timestamp("2024-01-13")),
        ("granted", "2024-01-13 00:00:00", pd.Timestamp("2024-01-13")),
        ("seen at", "05.01.2024 7:05", pd.Timestamp("2024-01-05 07:05")),
    ],
)
def test_cells_are_read_in_the_files_own_form(field: str, text: str, held: Any) -> None:
    others = {
        name: pa.array(
            [
                written(GOOD[name], False).replace(".", ",")
                if SCHEMA.feature(name).numeric
                else written(GOOD[name], False)
            ]
        )
        for name in SCHEMA.names
    }
    form = TableForm(kind="csv", header=SCHEMA.names, first_row=2, decimal=",", thousands=".", date_order="dmy")
    checked = check({**others, field: pa.array([text])}, form)
    assert checked.rejects == ()
    found = checked.frame[field].iloc[0]
    assert (pd.isna(found) and held is None) or found == held


@pytest.mark.parametrize("whole", ["int64", "Int64", "float64"])
@pytest.mark.parametrize("word", sorted(MISSING_WORDS | {"na", "NONE", " NA "}))
@pytest.mark.parametrize("beside", ["1", "1,5", "x"])
def test_a_missing_word_among_numbers_is_missing_and_no_number(whole: str, word: str, beside: str) -> None:
    """Also where another cell of the column sends all of it down the careful path."""
    feature = Feature(name="rooms", type="integer", dtype=whole, missing_allowed=whole != "int64", default=3)
    form = TableForm(kind="csv", header=("rooms",), first_row=2)
    chunk = Chunk(0, pa.table({"rooms": ["7", word, beside]}), np.arange(2, 5))
    matching = Matching({"rooms": "rooms"}, (), (), ())
    checked = ChunkCheck(ModelSchema(features=(feature,)), None, matching, form).check(chunk)
    if whole == "int64":
        assert 3 in [reject.row for reject in checked.rejects]
    else:
        column = checked.frame["rooms"]
        assert column.dtype == whole and column.iloc[0] == 7 and pd.isna(column.iloc[1])
        assert checked.table.column("rooms").to_pylist()[1] in (None, word)
    if beside != "1":
        assert 4 in [reject.row for reject in checked.rejects]


def test_the_missing_words_are_those_of_pandas() -> None:
    from pandas._libs.parsers import STR_NA_VALUES

    assert MISSING_WORDS == STR_NA_VALUES


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1,5", "ambiguous"),
        ("1,234", "ambiguous"),
        ("1 234", "ambiguous"),
        ("12%", "wrong_type"),
        ("€5", "wrong_type"),
        ("inf", "wrong_type"),
        ("1e999", "not_finite"),
        ("0x10", "wrong_type"),
        ("1_000", "wrong_type"),
        ("١٢", "wrong_type"),
    ],
)
def test_a_number_is_never_guessed(text: str, code: str) -> None:
    columns = {name: pa.array([written(GOOD[name], False)]) for name in SCHEMA.names}
    form = TableForm(kind="csv", header=SCHEMA.names, first_row=2)
    checked = check({**columns, "income": pa.array([text])}, form)
    assert [(reject.field, reject.code, reject.value) for reject in checked.rejects] == [("income", code, text)]
    assert len(checked.frame) == 0
    assert list(checked.frame.dtypes) == list(contracts.table().dtypes)
