"""The contract applied: what is accepted, warned of and refused, and in which words."""

from __future__ import annotations

import json
import time
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modeldesk.core.errors import InvalidInput, Problem
from modeldesk.model_service.engine.introspect import ColumnUse
from modeldesk.model_service.schema.frames import model_input
from modeldesk.model_service.schema.infer_columns import describe_column
from modeldesk.model_service.schema.schema import ModelSchema
from modeldesk.model_service.validation.records import check_records, frame_of, partition_records, records_of

from tests.model_service import contracts

TABLE = contracts.table()
SCHEMA = contracts.schema()
GOOD = SCHEMA.defaults()
SETTINGS = contracts.settings(
    """
    [features.age]
    label = "Age"
    min = 18
    max = 100
    [features.income]
    unit = "€"
    [features.granted]
    min = 2020-01-01
    """
)


def refused(field: str, value: Any, *, with_settings: bool = True) -> Problem:
    """The one problem of a record that is good but for one value."""
    with pytest.raises(InvalidInput) as caught:
        check_records(SCHEMA, SETTINGS if with_settings else None, [{**GOOD, field: value}])
    (problem,) = caught.value.problems
    assert (problem.field, problem.row) == (field, 0)
    assert str(caught.value.detail) == problem.message
    return problem


def accepted(field: str, value: Any) -> tuple[Any, list[str]]:
    """The checked value and the codes of the warnings on it."""
    checked = check_records(SCHEMA, SETTINGS, [{**GOOD, field: value}])
    assert list(checked.frame.dtypes) == list(TABLE.dtypes)
    return checked.records[0][field], [note.code for note in checked.warnings[0] if note.field == field]


def test_the_data_itself_passes_without_a_doubt() -> None:
    checked = check_records(SCHEMA, None, records_of(SCHEMA, TABLE))
    assert not any(checked.warnings)
    pd.testing.assert_frame_equal(checked.frame, TABLE, check_exact=True)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("age", None, "missing"),
        ("age", "42", "wrong_type"),
        ("age", True, "wrong_type"),
        ("age", [42], "wrong_type"),
        ("age", {"value": 42}, "wrong_type"),
        ("age", 3.5, "not_an_integer"),
        ("age", float("nan"), "not_finite"),
        ("age", float("inf"), "not_finite"),
        ("age", 17, "below_limit"),
        ("age", 101, "above_limit"),
        ("age", 10**400, "above_limit"),
        ("small", 128, "above_limit"),
        ("small", -129, "below_limit"),
        ("income", "1", "wrong_type"),
        ("income", False, "wrong_type"),
        ("income", float("-inf"), "not_finite"),
        ("income", 10**400, "above_limit"),
        ("income", -(10**400), "below_limit"),
        ("ratio", 1e39, "above_limit"),
        ("rooms", 2**53 + 1, "above_limit"),
        ("home owner?", 1, "wrong_type"),
        ("home owner?", "true", "wrong_type"),
        ("purpose", "boat", "unseen_category"),
        ("purpose", 1, "wrong_type"),
        ("region", "moon", "unseen_category"),
        ("grade", 4, "unseen_category"),
        ("grade", "1", "wrong_type"),
        ("grade", True, "wrong_type"),
        ("granted", "2024-02-30", "bad_date"),
        ("granted", "01/02/2024", "bad_date"),
        ("granted", "2024-01-01T00:00:01", "bad_date"),
        ("granted", "20240101", "bad_date"),
        ("granted", "2024-W01-1", "bad_date"),
        ("granted", "2019-12-31", "below_limit"),
        ("granted", 20240101, "wrong_type"),
        ("seen at", "2024-01-01T10:00:00Z", "offset_refused"),
        ("seen at", "2024-01-01T10:00:00+02:00", "offset_refused"),
        ("seen at", "1066-10-14T09:00:00", "bad_date"),
        ("seen at", "2024-01-01 25:00", "bad_date"),
        ("seen at", "yesterday", "bad_date"),
        ("sent at", "2024-01-01T10:00:00", "bad_date"),
        ("sent at", "0001-01-01T00:00:00+14:00", "bad_date"),
        ("note", 5, "wrong_type"),
        ("note", "half a pair \ud800", "bad_text"),
        ("note", "null \x00 character", "bad_text"),
        ("note", "x" * 20_001, "text_too_long"),
        ("plain", "\udfff", "bad_text"),
        ("plain", "x" * 1_001, "text_too_long"),
    ],
)
def test_what_is_refused(field: str, value: Any, code: str) -> None:
    problem = refused(field, value)
    assert problem.code == code
    json.dumps(problem.as_dict(), ensure_ascii=False).encode()
    assert len(problem.message) < 400


@pytest.mark.parametrize(
    ("field", "value", "held", "codes"),
    [
        ("age", 42, 42, []),
        ("age", 42.0, 42, []),
        ("age", np.int64(42), 42, []),
        ("age", 95, 95, ["above_range"]),
        ("income", 30_000, 30_000.0, []),
        ("income", 1e9, 1e9, ["above_range"]),
        ("income", -1.0, -1.0, ["below_range"]),
        ("income", None, None, []),
        ("known", None, None, []),
        ("plain", "w", "w", ["unseen_category"]),
        ("grade", 2.0, 2, []),
        ("region", "north", "north", []),
        ("granted", "2024-01-05", "2024-01-05", []),
        ("granted", "2031-01-05", "2031-01-05", ["above_range"]),
        ("seen at", "2024-01-05", "2024-01-05T00:00:00", []),
        ("seen at", "2024-01-05 10:30", "2024-01-05T10:30:00", []),
        ("seen at", "2024-01-05T10:30:00.123456789", "2024-01-05T10:30:00.123456789", []),
        ("sent at", "2024-01-05T10:30:00Z", "2024-01-05T11:30:00+01:00", []),
        ("note", "", "", []),
    ],
)
def test_what_is_accepted(field: str, value: Any, held: Any, codes: list[str]) -> None:
    assert accepted(field, value) == (held, codes)
    assert type(accepted(field, value)[0]) is type(held)


def test_messages_speak_of_labels_limits_and_choices() -> None:
    assert refused("age", 130).message == "Age must be at most 100. Enter 18 to 100."
    assert refused("age", "42").message == "Age needs a whole number, not text. Enter 18 to 100."
    assert refused("age", None).message == "Age is needed. Enter 18 to 100."
    unseen = refused("purpose", "Holidays").message
    assert unseen.startswith("Purpose: the model does not know 'Holidays'. Choose one of: ")
    assert unseen.endswith("; closest is 'holiday'.")
    note = check_records(SCHEMA, SETTINGS, [{**GOOD, "income": 1e9}]).warnings[0][0]
    assert note.message.startswith("Income is above anything in the published data (")
    assert note.message.endswith("(€8,792.26 to €58,315.5).")


def test_an_absent_field_is_missing_where_the_artifact_takes_that() -> None:
    without = {name: value for name, value in GOOD.items() if name != "income"}
    assert check_records(SCHEMA, None, [without]).records[0]["income"] is None
    with pytest.raises(InvalidInput) as caught:
        check_records(SCHEMA, None, [{}])
    assert {problem.field for problem in caught.value.problems} == {"age", "small", "home owner?"}
    assert {problem.code for problem in caught.value.problems} == {"missing"}


def test_missing_is_doubted_where_the_data_never_was() -> None:
    schema = contracts.schema(income={"missing_share": 0.0})
    checked = check_records(schema, None, [{**GOOD, "income": None}])
    assert [(note.field, note.code) for note in checked.warnings[0]] == [("income", "missing")]


def test_hidden_columns_are_sent_their_default() -> None:
    schema = contracts.schema(age={"hidden": True, "hidden_reason": "identifier"})
    without = {name: value for name, value in GOOD.items() if name != "age"}
    assert check_records(schema, None, [without]).records[0]["age"] == GOOD["age"]
    by_people = contracts.settings("[features.small]\nhidden = true")
    without = {name: value for name, value in GOOD.items() if name != "small"}
    assert check_records(SCHEMA, by_people, [without]).records[0]["small"] == GOOD["small"]


def test_unknown_fields_are_refused_and_unread_ones_ignored() -> None:
    checked = check_records(SCHEMA, None, [{**GOOD, "customer": object()}])
    assert list(checked.records[0]) == list(SCHEMA.names)
    problem = refused("incom", 5.0)
    assert problem.code == "unknown_field"
    assert problem.message == "There is no input 'incom'. Did you mean 'income'?"


def test_a_flood_of_unknown_fields_is_summed_up() -> None:
    with pytest.raises(InvalidInput) as caught:
        check_records(SCHEMA, None, [{**GOOD, **{f"x{number}\ud800": 1 for number in range(5_000)}}])
    assert len(caught.value.problems) == 21
    assert "4,980 more" in caught.value.problems[-1].message
    json.dumps([problem.as_dict() for problem in caught.value.problems], ensure_ascii=False).encode()


def test_every_bad_field_of_every_row_is_named_in_order() -> None:
    rows = [GOOD, {**GOOD, "note": 1, "age": "x", "strange": 0}, GOOD, {**GOOD, "purpose": "boat"}]
    with pytest.raises(InvalidInput) as caught:
        check_records(SCHEMA, None, rows)
    found = [(problem.row, problem.field) for problem in caught.value.problems]
    assert found == [(1, "age"), (1, "note"), (1, "strange"), (3, "purpose")]


def test_partition_keeps_the_good_rows_with_their_warnings() -> None:
    rows: list[Any] = [GOOD, {**GOOD, "age": "x"}, {**GOOD, "income": 1e9}, "no record", {**GOOD, "zzz": 1}]
    parted = partition_records(SCHEMA, None, rows)
    assert list(parted.rows) == [0, 2]
    assert [[note.code for note in notes] for notes in parted.checked.warnings] == [[], ["above_range"]]
    assert [record["income"] for record in parted.checked.records] == [GOOD["income"], 1e9]
    assert [(problem.row, problem.code) for problem in parted.problems] == [
        (1, "wrong_type"),
        (3, "wrong_type"),
        (4, "unknown_field"),
    ]


def test_no_good_row_leaves_an_empty_typed_frame() -> None:
    parted = partition_records(SCHEMA, None, [{**GOOD, "age": None}])
    assert len(parted.checked.frame) == 0
    assert list(parted.checked.frame.dtypes) == list(TABLE.dtypes)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=10**30)
    | st.floats()
    | st.text(max_size=30)
    | st.text(st.characters(categories=["Cs", "Cc", "Lu"]), max_size=5)
    | st.sampled_from(["2024-01-01", "2024-01-01T10:00", "2024-01-01T10:00Z", "9999-12-31T23:59:59-12:00", "car"])
    | st.datetimes().map(lambda moment: moment.isoformat()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(SCHEMA.names), json_values)
def test_any_json_value_passes_or_is_a_problem(field: str, value: Any) -> None:
    parted = partition_records(SCHEMA, SETTINGS, [{**GOOD, field: value}])
    for problem in parted.problems:
        assert problem.field == field
        json.dumps(problem.as_dict(), ensure_ascii=False).encode()
    assert list(parted.checked.frame.dtypes) == list(TABLE.dtypes)
    if not parted.problems:
        records = parted.checked.records
        held = records_of(SCHEMA, frame_of(SCHEMA, records))[0][field]
        sent = records[0][field]
        assert held == (float(np.float32(sent)) if field == "ratio" and sent is not None else sent)
        again = check_records(SCHEMA, SETTINGS, json.loads(json.dumps(records)))
        assert again.records == records
        pd.testing.assert_frame_equal(again.frame, parted.checked.frame, check_exact=True)


@settings(max_examples=100, deadline=None)
@given(json_values, st.text())
def test_any_json_value_as_a_record_or_a_field_is_a_problem(value: Any, name: str) -> None:
    parted = partition_records(SCHEMA, None, [value, {**GOOD, name: value}])
    json.dumps([problem.as_dict() for problem in parted.problems], ensure_ascii=False).encode()
    assert 0 not in parted.rows


def _wide(rows: int) -> tuple[ModelSchema, list[dict[str, Any]]]:
    generator = np.random.default_rng(0)
    data = pd.DataFrame(
        {f"n{i}": generator.normal(size=rows) for i in range(10)}
        | {f"i{i}": generator.integers(0, 99, rows) for i in range(5)}
        | {f"c{i}": generator.choice(["a", "b"], rows) for i in range(5)}
    )
    schema = ModelSchema(features=tuple(describe_column(n, data[n], ColumnUse(other=True)) for n in data))
    return schema, records_of(schema, data)


@pytest.mark.parametrize(("rows", "most_ms"), [(1, 1.0), (1_000, 60.0)])
def test_checking_costs_little(rows: int, most_ms: float) -> None:
    """Several times what is usual, so that only a change of kind fails: 0.2 ms and 5 ms."""
    schema, records = _wide(1_000)
    check_records(schema, None, records[:rows])
    times = []
    for _ in range(20):
        started = time.perf_counter()
        check_records(schema, None, records[:rows])
        times.append((time.perf_counter() - started) * 1000)
    assert min(times) < most_ms


def test_a_rejected_file_is_as_cheap_as_a_good_one() -> None:
    schema, records = _wide(1_000)
    bad = [dict.fromkeys(record, f"word {row}") for row, record in enumerate(records)]
    started = time.perf_counter()
    parted = partition_records(schema, None, bad)
    assert len(parted.problems) == 15_000
    assert time.perf_counter() - started < 5
    assert model_input(parted.checked.frame, "frame").empty


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-01-13T00:00:00", "2024-01-13"),
        ("2024-01-13 00:00", "2024-01-13"),
        ("2024-01-13T00:00:00.000", "2024-01-13"),
        ("2024-01-13T00:00:01", None),
        ("2024-01-13T00:00:00Z", None),
        ("2024-13-01T00:00:00", None),
    ],
)
def test_midnight_stands_for_its_day_in_records_as_in_files(text: str, day: str | None) -> None:
    parted = partition_records(contracts.schema(), None, [{**contracts.schema().defaults(), "granted": text}])
    assert [record["granted"] for record in parted.checked.records] == ([] if day is None else [day])
    assert [problem.code for problem in parted.problems] == ([] if day else ["bad_date"])
