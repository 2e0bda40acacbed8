"""Frames have the published dtypes whatever a record holds, and records are their inverse."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from modeldesk.model_service.engine.introspect import ColumnUse
from modeldesk.model_service.schema.frames import frame_of, model_input, records_of
from modeldesk.model_service.schema.infer_columns import describe_column
from modeldesk.model_service.schema.schema import ModelSchema

from tests.model_service import contracts

TABLE = contracts.table()
SCHEMA = contracts.schema()


def test_a_table_survives_the_way_through_records_exactly() -> None:
    records = json.loads(json.dumps(records_of(SCHEMA, TABLE)))
    pd.testing.assert_frame_equal(frame_of(SCHEMA, records), TABLE, check_exact=True)


@given(st.lists(st.integers(0, contracts.ROWS - 1), min_size=1, max_size=5))
def test_any_rows_survive_it_too(rows: list[int]) -> None:
    part = TABLE.iloc[rows].reset_index(drop=True)
    pd.testing.assert_frame_equal(frame_of(SCHEMA, records_of(SCHEMA, part)), part, check_exact=True)


def test_one_row_of_missing_values_keeps_every_dtype_and_category() -> None:
    record = {feature.name: None if feature.missing_allowed else feature.default for feature in SCHEMA.features}
    frame = frame_of(SCHEMA, [record])
    assert list(frame.dtypes) == list(TABLE.dtypes)
    assert list(frame["region"].cat.categories) == ["south", "north", "abroad"]
    assert frame["grade"].cat.ordered
    assert [name for name in frame if frame[name].notna().all()] == ["age", "small", "home owner?"]


def test_no_rows_keep_every_dtype() -> None:
    assert list(frame_of(SCHEMA, []).dtypes) == list(TABLE.dtypes)


@pytest.mark.parametrize("null", [None, np.nan, pd.NA])
def test_objects_keep_what_stands_for_missing(null: object) -> None:
    column = pd.Series(["a", null, "b", null], dtype=object)
    schema = ModelSchema(features=(describe_column("word", column, ColumnUse(encoded=True)),))
    value = frame_of(schema, [{"word": None}, {"word": "a"}])["word"].iloc[0]
    assert value is null or (isinstance(value, float) and np.isnan(value) and isinstance(null, float))


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York"])
def test_moments_keep_unit_and_zone(unit: str, zone: str | None) -> None:
    moments = pd.Series(pd.to_datetime(["2024-11-03 05:30:00.5", "2024-03-10 07:15:01.0", None])).dt.as_unit(unit)
    column = moments if zone is None else moments.dt.tz_localize("UTC").dt.tz_convert(zone)
    schema = ModelSchema(features=(describe_column("at", column, ColumnUse(other=True)),))
    again = frame_of(schema, records_of(schema, column.to_frame("at")))["at"]
    pd.testing.assert_series_equal(again, column, check_names=False)


def test_frames_of_one_plain_dtype_are_exact_too() -> None:
    data = pd.DataFrame({"a": [1.5, None, 3.0], "b": [0.1, 0.2, 1e-300]})
    schema = ModelSchema(features=tuple(describe_column(name, data[name], ColumnUse(other=True)) for name in "ab"))
    pd.testing.assert_frame_equal(frame_of(schema, records_of(schema, data)), data, check_exact=True)
    assert list(frame_of(schema, []).columns) == ["a", "b"]


def test_a_file_read_back_with_looser_dtypes_gives_the_same_records() -> None:
    loose = TABLE.astype({"region": object, "small": "int64", "rooms": "Int64", "ratio": "float64"})
    loose = loose.assign(granted=loose["granted"].dt.as_unit("ns"), extra=1)
    assert records_of(SCHEMA, loose) == records_of(SCHEMA, TABLE)


def test_a_value_that_is_no_category_is_an_error_not_a_gap() -> None:
    record = {**SCHEMA.defaults(), "region": "moon"}
    with pytest.raises(ValueError, match="moon"):
        frame_of(SCHEMA, [record])


def test_arrays_are_floats_where_all_is_numeric() -> None:
    numbers = frame_of(SCHEMA, [SCHEMA.defaults()])[["age", "count", "share", "home owner?"]]
    assert model_input(numbers, "array").dtype == np.float64
    assert model_input(numbers.astype(np.float32), "array").dtype == np.float32
    assert model_input(TABLE, "array").dtype == object
    assert model_input(TABLE[["note"]], "series").name == "note"
    pd.testing.assert_frame_equal(model_input(TABLE, "frame"), TABLE)


def test_an_artifact_that_writes_into_what_it_is_given_changes_nothing_of_ours() -> None:
    numbers = TABLE[["age", "share"]].astype(np.float32)
    kept = numbers.copy()
    frame, array = model_input(numbers, "frame"), model_input(numbers, "array")
    frame["age"], frame["answer"] = 0.0, 1.0
    array[:] = 0.0
    pd.testing.assert_frame_equal(numbers, kept)
