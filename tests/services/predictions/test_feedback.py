"""What people say of answers: who may, who sees it, and how it is taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from modeldesk.core.errors import InvalidInput, NotFound
from modeldesk.core.identity import Caller, Role
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions.feedback import feedback_of, feedback_of_all, give_feedback
from modeldesk.services.predictions.predict import PredictRequest, predict

from tests.services.lending import RECORD

ADA, BOB = Caller("ada", frozenset({Role.USER})), Caller("bob", frozenset({Role.USER}))
EVE = Caller("eve", frozenset({Role.ANALYST}))


def made(context: AppContext) -> str:
    """The id of a prediction of ada's."""
    return predict(context, ADA, PredictRequest("loans", [RECORD])).predictions[0].id or ""


def test_who_sees_a_prediction_rates_it_and_sees_what_others_say(own_lending: AppContext) -> None:
    number = made(own_lending)
    assert give_feedback(own_lending, ADA, number, "wrong", "  Income is of last year. ") == "recorded"
    assert give_feedback(own_lending, ADA, number, "wrong", "Income is of last year.") == "unchanged"
    assert give_feedback(own_lending, EVE, number, "right") == "recorded"
    known = feedback_of(own_lending, EVE, number)
    assert (known.count("wrong"), known.count("right")) == (1, 1)
    mine = known.says("ada")
    assert mine is not None and (mine.comment, mine.model, mine.version) == ("Income is of last year.", "loans", 1)
    with pytest.raises(NotFound):
        give_feedback(own_lending, BOB, number, "right")
    with pytest.raises(NotFound):
        feedback_of(own_lending, BOB, number)
    with pytest.raises(NotFound):
        give_feedback(own_lending, ADA, "019f2c00-0000-7000-8000-000000000000", "right")


def test_a_newer_statement_holds_and_withdraws(own_lending: AppContext) -> None:
    number = made(own_lending)
    said = [
        give_feedback(own_lending, ADA, number, verdict, comment)
        for verdict, comment in [(None, None), ("wrong", None), ("wrong", "Why"), ("right", None), (None, None)]
    ]
    assert said == ["unchanged", "recorded", "changed", "changed", "withdrawn"]
    assert give_feedback(own_lending, ADA, number, None) == "unchanged"
    known = feedback_of(own_lending, ADA, number)
    assert [entry.verdict for entry in known.entries] == ["wrong", "wrong", "right", None]
    assert known.says("ada") is None and known.count("wrong") == known.count("right") == 0
    assert give_feedback(own_lending, ADA, number, "right") == "recorded"
    record = own_lending.store.log.get(number)
    assert record is not None and feedback_of_all(own_lending, [record])[number].count("right") == 1


@pytest.mark.parametrize(("verdict", "comment"), [("wrong", "x" * 1_001), (None, "Never mind")])
def test_a_comment_that_cannot_be_is_told(own_lending: AppContext, verdict: None, comment: str) -> None:
    number = made(own_lending)
    with pytest.raises(InvalidInput) as told:
        give_feedback(own_lending, ADA, number, verdict, comment)
    assert [problem.field for problem in told.value.problems] == ["comment"]
    assert feedback_of(own_lending, ADA, number).entries == ()


def test_who_loses_a_models_group_sees_and_rates_nothing_of_it(own_lending: AppContext, tmp_path: Path) -> None:
    number = made(own_lending)
    give_feedback(own_lending, ADA, number, "wrong", "Secret")
    settings = tmp_path / "lending" / "loans" / "model.toml"
    settings.write_text(f'{settings.read_text()}\n[access]\ngroups = ["inner"]\n')
    own_lending.registry.refresh()
    for caller in (ADA, EVE):
        with pytest.raises(NotFound):
            feedback_of(own_lending, caller, number)
        with pytest.raises(NotFound):
            give_feedback(own_lending, caller, number, "right")
