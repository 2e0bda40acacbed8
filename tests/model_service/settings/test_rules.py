"""Rules: a small grammar, three-valued caution, nothing evaluated that should not be."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modeldesk.model_service.engine.results import InputWarning
from modeldesk.model_service.schema.frames import frame_of, records_of
from modeldesk.model_service.settings.rule_rows import FEW_ROWS, rule_on
from modeldesk.model_service.settings.rules import RuleError, parse_expression
from modeldesk.model_service.settings.tables import ModelSettings, Rule

from tests.model_service import contracts

NAMES = ("debt", "income", "x y", "purpose", "owner", "granted")
RECORD = {"debt": 10, "income": 4.0, "x y": "a", "purpose": "car", "owner": True, "granted": "2024-05-01"}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("debt > 2 * income", True),
        ("debt / 2 - 1 == income", True),
        ("2 < income <= 4 < debt", True),
        ("-debt < 0 and not income > 5", True),
        ("income > 5 or owner", True),
        ("not owner", False),
        ('`x y` == "a"', True),
        ('inputs["x y"] != "a"', False),
        ('purpose in ["car", "boat"]', True),
        ('purpose not in ("car", "boat")', False),
        ('granted >= "2024-01-01"', True),
        ("debt / (income - 4) > 0", False),
        ("purpose > 3", False),
        ('purpose * 3 == "carcarcar"', False),
        ("owner == True", True),
    ],
)
def test_what_holds(text: str, holds: bool) -> None:
    assert parse_expression(text, NAMES).holds(RECORD) is holds


@pytest.mark.parametrize(
    "text", ["debt > 1", "debt <= 1", "debt != 1", "debt in [1]", "debt not in [1]", "debt + 1 > 0"]
)
@pytest.mark.parametrize("missing", [None, float("nan")])
def test_a_comparison_with_a_missing_value_is_false(text: str, missing: Any) -> None:
    assert not parse_expression(text, NAMES).holds({**RECORD, "debt": missing})
    assert not parse_expression(text, NAMES).holds({})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("debt >", "not readable"),
        ("", "not readable"),
        ("dept > 1", "Did you mean 'debt'?"),
        ("owner == true", "Did you mean 'True'?"),
        ("debt", None),
        ("1 > 0", "reads no input"),
        ("debt + 1", "not a condition"),
        ("debt ** 2 > 1", "cannot be used in a rule"),
        ("debt % 2 == 1", "cannot be used in a rule"),
        ("__import__('os').system('x') == 1", "cannot be used in a rule"),
        ("debt.real == 1", "cannot be used in a rule"),
        ("inputs['x y'].upper() == 'A'", "cannot be used in a rule"),
        ("[n for n in debt] == 1", "cannot be used in a rule"),
        ("(lambda: 1)() == debt", "cannot be used in a rule"),
        ("debt == b'x'", "cannot be used in a rule"),
        ("debt is None", "write == or !="),
        ("purpose in 'car'", "write a list"),
        ("inputs[debt] == 1", "name an input as"),
        ("(" * 300 + "debt" + ")" * 300 + " > 1", "not readable"),
        ("debt > " + " + ".join(["1"] * 300), "split it"),
        ("debt > " + "1" * 3000, "longer than"),
    ],
)
def test_what_is_refused_and_in_which_words(text: str, says: str | None) -> None:
    if says is None:
        assert not parse_expression(text, NAMES).holds(RECORD)
        return
    with pytest.raises(RuleError, match=says.replace("?", r"\?")):
        parse_expression(text, NAMES)


@given(st.text(max_size=60))
def test_any_text_is_a_condition_or_a_rule_error(text: str) -> None:
    try:
        expression = parse_expression(text, NAMES)
    except RuleError:
        return
    assert expression.holds(RECORD) in (True, False)


json_scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)


@given(st.dictionaries(st.sampled_from(NAMES), json_scalars))
def test_no_record_makes_a_rule_fail(record: dict[str, Any]) -> None:
    for text in ("debt * income / debt > 1", "`x y` in [1, 'a', debt]", "not owner or debt < income < purpose"):
        assert parse_expression(text, NAMES).holds(record) in (True, False)


def test_warnings_come_before_the_first_refusal() -> None:
    rules = contracts.settings(
        """
        [[rules]]
        when = "age > 70"
        text = "Old"
        [[rules]]
        when = "income < 1 and age > 70"
        action = "warn"
        text = "Poor"
        [[rules]]
        when = "small > 2"
        action = "refuse"
        text = "A person decides"
        """
    )
    rows = [{"age": 30, "income": 0.0, "small": 0}, {"age": 80, "income": 5.0, "small": 0}]
    rows += [{"age": 80, "income": 0.0, "small": 0}, {"age": 80, "income": 5.0, "small": 3}]
    for times in (1, FEW_ROWS):  # few rows one by one, many by column
        found = rule_on(rules, contracts.schema(), pd.DataFrame(rows * times))
        assert found.refusals == ({"rule": "small > 2", "text": "A person decides"},)
        assert found.refused is not None and found.refused.tolist() == [-1, -1, -1, 0] * times
        told = {warning: places.tolist()[:2] for places, warning in found.notes}
        assert told[InputWarning("age", "rule", "Old")][0] == 1
        assert told[InputWarning(None, "rule", "Poor")][0] == 2
        assert sum(len(places) for places, _ in found.notes) == 4 * times


_COLUMNS = [f"`{name}`" for name in contracts.table().columns]
_CONSTANTS = ["0", "1", "2.5", "-3", "True", "None", "'north'", "'x'", "'2024-01-10'", str(2**60)]
_parts = st.recursive(
    st.sampled_from([*_COLUMNS, *_CONSTANTS]),
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from(["+", "-", "*", "/"]), inner),
    max_leaves=3,
)
_lists = st.lists(_parts, max_size=3).map(lambda parts: f"[{', '.join(parts)}]")
_comparisons = st.one_of(
    st.builds("{} {} {}".format, _parts, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), _parts),
    st.builds("{} < {} <= {}".format, _parts, _parts, _parts),
    st.builds("{} {} {}".format, _parts, st.sampled_from(["in", "not in"]), _lists),
    st.sampled_from(_COLUMNS),
)
_conditions = st.recursive(
    _comparisons,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("(not ({}))".format, inner),
    ),
    max_leaves=4,
)


_SCHEMA = contracts.schema()
_FRAME = frame_of(_SCHEMA, records_of(_SCHEMA, contracts.table()))
_RECORDS = records_of(_SCHEMA, _FRAME)


@settings(max_examples=150, deadline=None)
@given(_conditions)
def test_conditions_hold_of_columns_as_they_hold_of_records(text: str) -> None:
    try:
        expression = parse_expression(text, _SCHEMA.names)
    except RuleError:
        return
    rules = ModelSettings(rules=(Rule(when=text, action="refuse", text="No"),)).with_expressions((expression,))
    expected = [expression.holds(record) for record in _RECORDS]
    found = rule_on(rules, _SCHEMA, _FRAME)
    held = [False] * len(_FRAME) if found.refused is None else (found.refused == 0).tolist()
    assert held == expected
