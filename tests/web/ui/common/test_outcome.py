"""What came of a prediction, in words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from modeldesk.ports.outcomes import Outcome, OutcomeKind
from modeldesk.services.predictions.outcomes import OutcomesOf, Recorded
from modeldesk.web.ui.common.explanation.outcome import choice_options, in_short, told

AT = datetime(2026, 11, 18, 14, 32, tzinfo=UTC)


def said(kind: OutcomeKind, value: Any) -> Outcome:
    return Outcome("id", kind, value, "no", "loan", 1, None, "kim", AT)


def test_outcomes_are_told_in_short() -> None:
    assert in_short(None) == ""
    assert in_short(OutcomesOf((said("actual", 253.0),)), "car-hours") == "253 car-hours"
    both = OutcomesOf((said("actual", True), said("decision", "default")))
    assert in_short(both) == "True, decided: Default"


def test_the_last_word_counts() -> None:
    assert in_short(OutcomesOf((said("actual", "a"), said("actual", "b")))) == "B"


def test_what_became_of_an_outcome() -> None:
    assert "already" in told(Recorded("duplicate", said("actual", "a")))
    assert "corrected" in told(Recorded("corrected", said("actual", "a")))


def test_classes_are_offered_by_name() -> None:
    assert choice_options((True, "card_fraud", 3)) == [
        {"label": "True", "value": "True"},
        {"label": "Card fraud", "value": "card_fraud"},
        {"label": "3", "value": "3"},
    ]
