"""Scenarios from the browser's store to a comparison, and what becomes of those that no longer fit."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from modeldesk.core.errors import BadRequest
from modeldesk.core.identity import LOCAL
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions.what_if import MAX_SCENARIOS
from modeldesk.web.ui.pages.predict import scenario_store as store
from modeldesk.web.ui.pages.predict.request import FormState
from modeldesk.web.ui.pages.predict.scenario_callbacks import compared
from modeldesk.web.ui.pages.predict.scenarios import comparison, nothing_kept

from tests.web.ui.samples import text

VALUES = {"age": "30", "income": "20000.0", "debt": "15000.0", "plan": "basic"}


def kept(number: str, name: str, model: str = "loans", **changes: Any) -> store.Kept:
    return store.Kept(number, model, name, {**VALUES, **changes})


def form(number: int = 1, model: str = "loans") -> FormState:
    return FormState(model, 1, VALUES, number)


def test_what_is_kept_is_found_again_and_removed() -> None:
    data = store.keep(None, form(7), "  As   it came ")
    data = store.keep(data, form(8), "")
    data = store.keep(data, form(9, "rates"), "As it came")
    assert [(item.number, item.name) for item in store.of_model(data, "loans")] == [
        ("7", "As it came"),
        ("8", "Scenario 1"),
    ]
    with pytest.raises(BadRequest, match="already"):
        store.keep(data, form(10), "As it came")
    assert [item.number for item in store.kept_scenarios(store.without(data, number="8"))] == ["7", "9"]
    assert [item.number for item in store.kept_scenarios(store.without(data, model="loans"))] == ["9"]


def test_no_more_are_kept_than_can_be_compared() -> None:
    data: Any = []
    for number in range(MAX_SCENARIOS):
        data = store.keep(data, form(number), "")
    with pytest.raises(BadRequest, match="no more can be compared"):
        store.keep(data, form(99), "one more")


def test_a_saved_set_joins_what_is_kept_once() -> None:
    data = store.keep(None, form(7), "As it came")
    saved = [kept("s 0", "As it came", income="9000"), kept("s 1", "Earns more"), kept("s 2", "As it came")]
    for _ in range(2):
        data = store.joined(data, saved)
        own = store.of_model(data, "loans")
        assert [item.name for item in own] == ["As it came", "As it came (2)", "Earns more"]
        assert own[1].values["income"] == "9000"
    with pytest.raises(BadRequest, match="3 of this model are kept here"):
        store.joined(data, [kept(f"t {number}", f"T {number}", age=f"{number}") for number in range(MAX_SCENARIOS)])
    store.joined(data, [kept("r", "As it came", "rates")])


@pytest.mark.parametrize("data", [None, "x", [1, {}, {"number": 1, "model": "loans", "name": "a", "values": {}}], [[]]])
def test_what_no_page_of_ours_wrote_is_passed_over(data: Any) -> None:
    assert store.kept_scenarios(data) == []


def test_scenarios_stand_side_by_side(lending: AppContext) -> None:
    own = [kept("1", "As asked", income="9000"), kept("2", "Earns more", income="90000.0", debt="0")]
    found, unfit = compared(lending, LOCAL, "loans", 1, own)
    assert found is not None and unfit == {}
    told = text(comparison(found, own, unfit))
    for part in ("As asked", "Earns more", "Predicted", "Inputs that differ", "90,000", "What moves", "odds ×"):
        assert part in told
    assert "Age in years" not in told.split("What moves")[0], "an input that is the same in all"


def test_values_are_told_against_the_first(lending: AppContext) -> None:
    own = [kept("1", "As asked", model="rates"), kept("2", "Less debt", model="rates", debt="1000")]
    found, unfit = compared(lending, LOCAL, "rates", 1, own)
    told = text(comparison(found, own, unfit))
    assert "Against the first" in told and "80%: " in told


def test_one_that_does_not_suit_the_version_is_named_and_the_others_stay(lending: AppContext) -> None:
    own = [kept("1", "Old", plan="gold", gone="3"), kept("2", "Good")]
    found, unfit = compared(lending, LOCAL, "loans", 1, own)
    assert found is not None and found.names == ("Good",) and list(unfit) == ["1"]
    assert "Old does not suit this version" in text(comparison(found, own, unfit))
    found, unfit = compared(lending, LOCAL, "loans", 1, own[:1])
    assert found is None and text(nothing_kept()) in text(comparison(found, own[:1], unfit))


def test_the_file_holds_inputs_answers_and_contributions_and_runs_no_formula(lending: AppContext) -> None:
    own = [kept("1", "=HYPERLINK(1)", model="rates"), kept("2", "Less debt", model="rates", debt="100")]
    found, _ = compared(lending, LOCAL, "rates", 1, own)
    assert found is not None
    first, second = csv.DictReader(io.StringIO(store.as_csv(found)))
    assert (first["scenario"], second["scenario"]) == ("'=HYPERLINK(1)", "Less debt")
    assert (first["debt"], second["debt"]) == ("15000.0", "100.0")
    for row in (first, second):
        assert float(row["low"]) < float(row["prediction"]) < float(row["high"]) and row["level"] == "0.8"
        added = sum(float(row[f"contribution {name}"]) for name in VALUES)
        assert float(row["usual answer"]) + added == pytest.approx(float(row["prediction"]))
