"""A prediction's page without a browser: the answer, its explanation, and what people said of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from modeldesk.core.errors import BadRequest
from modeldesk.core.identity import LOCAL, acting_as
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions.feedback import give_feedback
from modeldesk.services.predictions.outcomes import record_outcome
from modeldesk.services.predictions.predict import PredictRequest, predict
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.explanation import outcome_callbacks
from modeldesk.web.ui.common.feedback import callbacks as feedback_callbacks
from modeldesk.web.ui.pages.prediction.callbacks import register

from tests.services.lending import RECORD
from tests.web.ui.recorded import Recorded
from tests.web.ui.samples import text

Functions = dict[str, Callable[..., Any]]


@pytest.fixture(autouse=True)
def _as_somebody() -> Iterator[None]:
    with acting_as(LOCAL):
        yield


@pytest.fixture
def functions(recording: AppContext) -> Functions:
    recorded = Recorded()
    register(recorded, recording, Places())  # type: ignore[arg-type]
    for part in (outcome_callbacks, feedback_callbacks):
        part.register(recorded, recording)  # type: ignore[arg-type]
    return recorded.functions


@pytest.fixture
def made(recording: AppContext) -> str:
    """The id of a prediction."""
    return str(predict(recording, LOCAL, PredictRequest("loans", [RECORD])).predictions[0].id)


def test_the_answer_and_its_explanation_are_shown(functions: Functions, made: str) -> None:
    body, again = functions["show_prediction"](made, "http://desk.example/predictions/x")
    assert "Age in years" in text(body) and "http://desk.example/api/v1/models/loans/predict" in text(again)
    past = functions["show_past"](made)
    assert past["figure"].data and past["finding"] and not past["hidden"] and past["sure"]
    assert "Income" in text(past["table"])


def test_of_no_prediction_only_that_is_said(functions: Functions) -> None:
    body, again = functions["show_prediction"]("nothing", None)
    assert "No such prediction" in text(body) and again is None
    assert functions["show_past"]("nothing")["hidden"]
    assert functions["show_outcomes"]("nothing", None) is None and functions["show_feedback"]("nothing") is None


def test_what_was_said_afterwards_is_listed(functions: Functions, recording: AppContext, made: str) -> None:
    record_outcome(recording, LOCAL, made, "yes", reason="it was paid")
    give_feedback(recording, LOCAL, made, "wrong", "too low")
    assert "it was paid" in text(functions["show_outcomes"](made, None))
    assert "too low" in str(functions["show_feedback"](made))


def test_what_may_be_recorded_follows_what_it_is_about(functions: Functions, made: str) -> None:
    offered = {}
    for kind in (outcome_callbacks.view.ACTUAL, outcome_callbacks.view.DECISION):
        options, chosen = functions["offer_choices"](kind, made, "no such class")
        offered[kind] = {option["value"] for option in options} - {outcome_callbacks.view.UNCHOSEN}
        assert chosen == outcome_callbacks.view.UNCHOSEN
    assert offered == {
        outcome_callbacks.view.ACTUAL: {"yes", "no"},
        outcome_callbacks.view.DECISION: {"yes"},
    }, "who decides otherwise does not decide as the model"
    with pytest.raises(BadRequest):
        functions["offer_choices"]("a wish", made, "yes")
