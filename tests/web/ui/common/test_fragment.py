"""A form's inputs in an address: exact, and nothing that should not be shared."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from modeldesk.model_service.schema.fields import fields
from modeldesk.web.ui.common.fragment import decode, encode, encode_record, shareable

from tests.model_service import contracts

FIELDS = fields(contracts.schema(), contracts.settings("[features.count]\nhidden = true\n", contracts.schema()))
NAMES = shareable(FIELDS)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def test_free_text_and_hidden_columns_are_never_in_an_address() -> None:
    assert "note" not in NAMES
    assert "count" not in NAMES
    assert set(NAMES) == {field.name for field in FIELDS} - {"note", "count"}


@given(st.dictionaries(st.sampled_from(NAMES), st.none() | TEXT), st.integers(1, 999_999))
def test_what_is_encoded_comes_back(values: dict[str, str | None], version: int) -> None:
    found = decode(FIELDS, "#" + encode(FIELDS, values, version))
    assert found.version == version
    assert found.values == values


@given(st.text(max_size=200))
def test_any_text_can_be_read(fragment: str) -> None:
    found = decode(FIELDS, fragment)
    assert set(found.values) <= set(NAMES)


def test_the_form_of_a_fragment() -> None:
    values = {"age": "34", "home owner?": "true", "plain": None, "purpose": "café & bar"}
    assert encode(FIELDS, values, 7) == "v7&age=34&home%20owner%3F=true&purpose=caf%C3%A9%20%26%20bar&plain"


def test_what_it_should_not_hold_is_passed_over() -> None:
    found = decode(FIELDS, "v2&note=secret&count=3&nobody=1&age=40&%zz")
    assert found.values == {"age": "40"}


def test_without_a_version_there_is_none() -> None:
    assert decode(FIELDS, "#age=34").version is None
    assert decode(FIELDS, "").values == {}


def test_a_recorded_prediction_as_a_link() -> None:
    record = {"age": 34, "ratio": 0.1, "home owner?": True, "plain": None, "note": "secret", "count": 2}
    assert encode_record(FIELDS, record, 3) == "v3&age=34&ratio=0.1&home%20owner%3F=true&plain"
