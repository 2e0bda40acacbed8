"""The JSON Schema of one record agrees with what the contract accepts."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest
from modeldesk.model_service.schema.json_schema import DIALECT, record_schema
from modeldesk.model_service.validation.records import partition_records, records_of

from tests.model_service import contracts

SCHEMA = contracts.schema()
SETTINGS = contracts.settings('title = "Loan"\n[features.age]\nmin = 18\nmax = 100\nunit = "years"\nhelp = "Today"')
DOCUMENT = json.loads(json.dumps(record_schema(SCHEMA, SETTINGS)))
VALIDATOR = jsonschema_rs.Draft202012Validator(DOCUMENT)
GOOD = SCHEMA.defaults()


def test_the_document_is_valid_and_takes_the_data() -> None:
    assert jsonschema_rs.meta.is_valid(DOCUMENT)
    assert DOCUMENT["$schema"] == DIALECT
    for record in records_of(SCHEMA, contracts.table()):
        VALIDATOR.validate(record)


def test_properties_carry_titles_defaults_limits_and_choices() -> None:
    age = DOCUMENT["properties"]["age"]
    assert age["title"] == "Age"
    assert age["description"].startswith("Today In years. Observed ")
    assert (age["type"], age["minimum"], age["maximum"], age["default"]) == ("integer", 18, 100, GOOD["age"])
    purpose = DOCUMENT["properties"]["purpose"]
    assert purpose["enum"] == [*(option.value for option in SCHEMA.feature("purpose").options), None]
    assert purpose["type"] == ["string", "null"]
    assert DOCUMENT["properties"]["plain"]["examples"]
    assert DOCUMENT["properties"]["seen at"]["format"] == "local-date-time"
    assert DOCUMENT["properties"]["sent at"]["format"] == "date-time"
    assert DOCUMENT["required"] == ["age", "small", "home owner?"]
    assert DOCUMENT["properties"]["income"]["default"] == GOOD["income"]


def test_hidden_inputs_may_be_left_out() -> None:
    schema = contracts.schema(age={"hidden": True, "hidden_reason": "constant"})
    document = record_schema(schema, contracts.settings("[features.small]\nhidden = true", schema))
    assert document["required"] == ["home owner?"]
    assert "May be left out (constant)" in document["properties"]["age"]["description"]


@pytest.mark.parametrize(
    "change",
    [
        {"age": 17},
        {"age": 42.0},
        {"age": 3.5},
        {"age": "42"},
        {"age": None},
        {"age": True},
        {"income": None},
        {"income": 5},
        {"home owner?": 1},
        {"purpose": "boat"},
        {"plain": "new"},
        {"plain": 7},
        {"region": "abroad"},
        {"region": "moon"},
        {"grade": 4},
        {"note": "x" * 20_001},
        {"stranger": 1},
        {"customer": {"any": "thing"}},
    ],
)
def test_it_agrees_with_the_contract(change: dict[str, Any]) -> None:
    record = {**GOOD, **change}
    assert VALIDATOR.is_valid(record) == (not partition_records(SCHEMA, SETTINGS, [record]).problems)
