"""What is typed becomes exactly the value it says, or is left for the contract to refuse."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modeldesk.model_service.schema.fields import Field, fields
from modeldesk.web.ui.common.explanation.typed_values import form_text, read_number, read_value, read_values

from tests.model_service import contracts

FIELDS = {field.name: field for field in fields(contracts.schema(), None)}


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_default_keeps_every_digit(value: float) -> None:
    text = form_text(value)
    assert text is not None
    found = read_number(text)
    assert float(found) == value


@given(st.integers(-(10**30), 10**30))
def test_whole_numbers_of_any_size_are_exact(value: int) -> None:
    assert read_number(str(value)) == value
    assert read_number(f"{value:,}") == value


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("31,400", 31400),
        ("1,204,880.5", 1204880.5),
        (" 3.5 ".strip(), 3.5),
        ("−73.5606", -73.5606),
        ("+4", 4),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("007", 7),
    ],
)
def test_numbers_as_people_write_them(typed: str, value: float) -> None:
    assert read_number(typed) == value


@pytest.mark.parametrize(
    "typed", ["3,5", "1,23", "12,3456", "1.234,5", "abc", "1 2", "--3", "nan", "inf", "1e9999", "٣"]
)
def test_what_could_mean_two_things_is_no_number(typed: str) -> None:
    assert read_number(typed) == typed


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("age", "", None),
        ("age", None, None),
        ("age", "42", 42),
        ("home owner?", "true", True),
        ("home owner?", "no", "no"),
        ("purpose", "car", "car"),
        ("purpose", "moon", "moon"),
        ("grade", "2", 2),
        ("grade", "9", 9),
        ("granted", "2024-01-05", "2024-01-05"),
        ("seen at", "2024-01-05T10:30", "2024-01-05T10:30"),
        ("sent at", "2024-01-05T10:30", "2024-01-05T10:30+00:00"),
        ("sent at", "2024-01-05T10:30+02:00", "2024-01-05T10:30+02:00"),
        ("note", " as it is ", " as it is "),
        ("note", "", ""),
        ("age", 5, 5),
        ("age", [1], [1]),
    ],
)
def test_a_text_by_the_kind_of_its_field(name: str, text: Any, value: Any) -> None:
    found = read_value(FIELDS[name], text)
    assert found == value
    assert type(found) is type(value)


def test_every_default_survives_the_form() -> None:
    texts = {name: form_text(field.feature.default) for name, field in FIELDS.items()}
    assert read_values(FIELDS.values(), texts) == {name: field.feature.default for name, field in FIELDS.items()}


def test_hidden_columns_send_their_default_whatever_comes() -> None:
    hidden = _hidden("age")
    assert read_values([hidden], {"age": "1"}) == {"age": hidden.feature.default}


def test_what_no_field_has_is_handed_on_to_be_refused() -> None:
    assert read_values([FIELDS["age"]], {"age": "20", "nobody": "x"}) == {"age": 20, "nobody": "x"}


def _hidden(name: str) -> Field:
    schema = contracts.schema(**{name: {"hidden": True}})
    return next(field for field in fields(schema, None) if field.name == name)
