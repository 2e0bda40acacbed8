"""Scenarios side by side, and what would change the answer."""

from __future__ import annotations

import pytest
from modeldesk.core.errors import InvalidInput, NotFound, TooLarge
from modeldesk.core.identity import Caller, Role
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions.predict import preview
from modeldesk.services.predictions.what_if import MAX_SCENARIOS, Goal, Scenario, compare, suggest, what_if

from tests.services.conftest import logged
from tests.services.lending import RECORD, applicants

ADA = Caller("ada", frozenset({Role.USER}))
POOR = {**RECORD, "income": 9_000.0, "debt": 20_000.0}


def test_a_changed_input_changes_the_answer_and_its_explanation(lending: AppContext) -> None:
    before, after = (what_if(lending, ADA, "rates", {**RECORD, "debt": debt}) for debt in (1_000.0, 30_000.0))
    assert after.prediction.output.prediction > before.prediction.output.prediction
    assert before.explanation is not None and after.explanation is not None
    debts = [found.explanation.contributions[2].contribution for found in (before, after) if found.explanation]
    assert debts[1] - debts[0] == pytest.approx(after.explanation.output - before.explanation.output)
    quick = what_if(lending, ADA, "rates", RECORD, explain=False)
    assert quick.explanation is None and quick.confidence.interval is not None
    assert logged(lending) == []


def test_scenarios_are_explained_for_one_class(lending: AppContext) -> None:
    rich = {**RECORD, "income": 90_000.0, "debt": 0.0}
    found = compare(lending, ADA, "loans", [Scenario("as asked", POOR), Scenario("earns more", rich)])
    assert found.names == ("as asked", "earns more")
    assert found.differing == ("income", "debt")
    assert [item.prediction.output.prediction for item in found.answers] == ["no", "yes"]
    assert {item.explanation.of_class for item in found.answers if item.explanation} == {"no"}


def test_scenarios_are_checked(lending: AppContext) -> None:
    with pytest.raises(InvalidInput) as error:
        compare(lending, ADA, "loans", [Scenario("a", RECORD), Scenario("b", {**RECORD, "age": None, "incme": 1})])
    assert {problem.row for problem in error.value.problems} == {1}
    with pytest.raises(InvalidInput):
        compare(lending, ADA, "loans", [])
    with pytest.raises(TooLarge):
        compare(lending, ADA, "loans", [Scenario("a", RECORD)] * (MAX_SCENARIOS + 1))
    with pytest.raises(NotFound):
        compare(lending, ADA, "nothing", [Scenario("a", RECORD)])


def test_every_suggestion_is_what_the_model_says(lending: AppContext) -> None:
    found = suggest(lending, ADA, "loans", POOR, Goal(of_class="yes"))
    assert found.now.output.prediction == "no" and found.suggestions.items
    for item in found.suggestions.items:
        assert {change.feature for change in item.changes} <= {"income", "debt", "plan"}
        told = preview(lending, ADA, "loans", item.record)
        assert told.output.prediction == item.output.prediction == "yes"
        assert told.output.probability == item.output.probability


def test_a_value_is_reached_and_a_reached_one_is_left(lending: AppContext) -> None:
    now = preview(lending, ADA, "rates", RECORD).output.prediction
    found = suggest(lending, ADA, "rates", RECORD, Goal(at_most=now - 0.5))
    assert all(item.output.prediction <= now - 0.5 for item in found.suggestions.items) and found.suggestions.items
    assert suggest(lending, ADA, "rates", RECORD, Goal(at_least=now - 1)).suggestions.already


def test_the_best_that_can_be_is_as_good_as_any_change_of_one_input(lending: AppContext) -> None:
    now = preview(lending, ADA, "rates", POOR).output.prediction
    for best, sign in (("lowest", -1), ("highest", 1)):
        found = suggest(lending, ADA, "rates", POOR, Goal(best=best)).suggestions  # type: ignore[arg-type]
        values = [item.output.prediction for item in found.items]
        assert values == sorted(values, key=lambda value: sign * value) and sign * (values[-1] - now) > 0
        assert [len(item.changes) for item in found.items] == list(range(1, len(values) + 1))
        for item in found.items:
            told = preview(lending, ADA, "rates", item.record).output
            assert told.refused is None and told.prediction == item.output.prediction
            assert "age" not in {change.feature for change in item.changes}
        further = Goal(at_most=values[0] - 0.01) if best == "lowest" else Goal(at_least=values[0] + 0.01)
        others = suggest(lending, ADA, "rates", POOR, further).suggestions.items
        assert all(len(item.changes) > 1 or item.unusual for item in others)
    likely = suggest(lending, ADA, "loans", POOR, Goal(of_class="yes", best="highest")).suggestions.items
    chances = [(item.output.probability or {})["yes"] for item in likely]
    assert chances == sorted(chances) and chances[-1] > 0.5
    for wrong in (Goal(best="highest"), Goal(of_class="yes", best="highest", at_least=1)):
        with pytest.raises(InvalidInput):
            suggest(lending, ADA, "loans", POOR, wrong)


def test_no_suggestion_is_one_that_a_rule_refuses(lending: AppContext) -> None:
    indebted = {**RECORD, "income": 6_000.0, "debt": 34_000.0}
    now = preview(lending, ADA, "rates", indebted).output.prediction
    for item in suggest(lending, ADA, "rates", indebted, Goal(at_least=now + 0.01)).suggestions.items:
        assert preview(lending, ADA, "rates", item.record).output.refused is None
    with pytest.raises(InvalidInput, match="refuses"):
        suggest(lending, ADA, "rates", {**RECORD, "income": 100.0}, Goal(at_most=1))
    with pytest.raises(InvalidInput, match="values, not classes"):
        suggest(lending, ADA, "rates", RECORD, Goal(of_class="yes"))


def test_masked_inputs_stay_and_no_record_is_followed_where_none_may_be_shown(private_lending: AppContext) -> None:
    incomes = set(applicants(600, 1)["income"])
    found = suggest(private_lending, ADA, "loans", POOR, Goal(of_class="yes")).suggestions
    for item in found.items:
        assert "income" not in {change.feature for change in item.changes}
        assert item.record["income"] not in incomes
