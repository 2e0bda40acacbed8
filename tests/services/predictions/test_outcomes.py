"""What happened and what people decided: kept beside what the model said."""

from __future__ import annotations

from typing import Any

import pytest
from modeldesk.core.errors import InvalidInput, NotAllowed, NotFound
from modeldesk.core.identity import Caller, Role
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions.history import prediction
from modeldesk.services.predictions.outcomes import choices, outcomes_of, outcomes_of_all, record_outcome
from modeldesk.services.predictions.predict import PredictRequest, predict

from tests.services.lending import RECORD

ADA, BOB = Caller("ada", frozenset({Role.USER})), Caller("bob", frozenset({Role.USER}))
ANALYST = Caller("eve", frozenset({Role.ANALYST}))


def made(context: AppContext, model: str = "loans") -> str:
    """The id of a prediction of ada's."""
    return predict(context, ADA, PredictRequest(model, [RECORD])).predictions[0].id or ""


def test_an_outcome_is_kept_beside_the_prediction(lending: AppContext) -> None:
    number = made(lending)
    said = lending.store.log.get(number)
    assert said is not None and outcomes_of(lending, ADA, number).entries == ()
    found = record_outcome(lending, ADA, number, "no", reason=" Defaulted in May. ")
    assert found.state == "recorded" and found.outcome.reason == "Defaulted in May."
    known = outcomes_of(lending, ADA, number)
    assert known.actual == found.outcome and known.decision is None
    assert known.actual.predicted == said.output["prediction"] and lending.store.log.get(number) == said


def test_a_second_value_corrects_and_keeps_the_first(lending: AppContext) -> None:
    number = made(lending)
    states = [record_outcome(lending, ADA, number, value).state for value in ("no", "no", "yes")]
    assert states == ["recorded", "duplicate", "corrected"]
    known = outcomes_of(lending, ADA, number)
    assert [entry.value for entry in known.entries] == ["no", "yes"]
    assert known.actual is not None and known.actual.value == "yes"


def test_a_person_may_decide_otherwise_and_say_why(lending: AppContext) -> None:
    number = made(lending)
    with pytest.raises(InvalidInput, match="Say why"):
        record_outcome(lending, ADA, number, "yes", kind="decision", reason="  ")
    record_outcome(lending, ADA, number, "yes", kind="decision", reason="The guarantor is good.")
    record_outcome(lending, ADA, number, "no")
    known = outcomes_of(lending, ADA, number)
    assert known.decision is not None and known.actual is not None
    assert (known.decision.value, known.actual.value) == ("yes", "no")


@pytest.mark.parametrize("name", ["loans", "rates"])
def test_a_decision_otherwise_is_not_the_models_own_answer(lending: AppContext, name: str) -> None:
    number = made(lending, name)
    record = lending.store.log.get(number)
    assert record is not None
    own = record.output["prediction"]
    with pytest.raises(InvalidInput, match="what the model says") as error:
        record_outcome(lending, ADA, number, own, kind="decision", reason="I agree.")
    assert [(problem.field, problem.code) for problem in error.value.problems] == [("outcome", "own_answer")]
    assert outcomes_of(lending, ADA, number).entries == ()
    record_outcome(lending, ADA, number, own)  # what happened may well be what was said
    if name == "loans":
        assert choices(lending, ADA, record) == ("no", "yes")
        assert choices(lending, ADA, record, "decision") == tuple({"no", "yes"} - {own})


@pytest.mark.parametrize("value", ["maybe", 1, True, None, ["no"], {"no": 1}, ""])
def test_an_outcome_is_one_of_the_models_classes(lending: AppContext, value: Any) -> None:
    number = made(lending)
    with pytest.raises(InvalidInput, match="one of: no, yes") as error:
        record_outcome(lending, ADA, number, value)
    assert error.value.problems[0].field == "outcome"
    assert outcomes_of(lending, ADA, number).entries == ()


@pytest.mark.parametrize("value", ["7", True, None, float("nan"), float("inf"), [7]])
def test_the_outcome_of_a_value_is_a_number(lending: AppContext, value: Any) -> None:
    number = made(lending, "rates")
    with pytest.raises(InvalidInput, match="a number"):
        record_outcome(lending, ADA, number, value)
    assert record_outcome(lending, ADA, number, 7).outcome.value == 7.0


def test_what_a_form_offers(lending: AppContext) -> None:
    loans, rates = (prediction(lending, ADA, made(lending, name)) for name in ("loans", "rates"))
    assert choices(lending, ADA, loans) == ("no", "yes") and choices(lending, ADA, rates) is None
    record_outcome(lending, ADA, rates.id, 3)
    assert list(outcomes_of_all(lending, [loans, rates])) == [rates.id]


def test_only_who_sees_the_prediction_may(lending: AppContext) -> None:
    number = made(lending)
    for attempt in (lambda: record_outcome(lending, BOB, number, "no"), lambda: outcomes_of(lending, BOB, number)):
        with pytest.raises(NotFound):
            attempt()
    with pytest.raises(NotFound):
        record_outcome(lending, ADA, "nothing", "no")
    with pytest.raises(NotAllowed):
        record_outcome(lending, Caller("guest", frozenset()), number, "no")
    assert record_outcome(lending, ANALYST, number, "no").outcome.who == "eve"
    with pytest.raises(InvalidInput, match="at most"):
        record_outcome(lending, ADA, number, "yes", reason="x" * 1_001)
