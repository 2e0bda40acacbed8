"""The control that rates an answer, and what tables say of ratings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from modeldesk.ports.feedback import Feedback
from modeldesk.services.predictions.feedback import FeedbackOf
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.feedback.view import feedback_box, in_short
from modeldesk.web.ui.common.records import predictions_table

from tests.web.ui.samples import parts, record, text

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


def found(*said: tuple[str, Any]) -> FeedbackOf:
    return FeedbackOf(tuple(Feedback("p", verdict, f"by {who}", "loan", 1, who, NOON) for who, verdict in said))


def test_only_a_prediction_s_own_page_lists_what_was_said() -> None:
    said = found(("ada", "wrong"), ("bob", None))
    short, full = (text(feedback_box("p", said, "bob", view)) for view in ("short", "full"))
    assert "Looks wrong" in short and "by ada" not in short
    assert "by ada" in full and "Withdrawn" in full


def test_a_table_counts_who_says_so_now() -> None:
    assert in_short(None) == "" and text(in_short(found(("ada", None)))) == ""
    assert text(in_short(found(("ada", "wrong")))) == "Flagged"
    told = text(in_short(found(("ada", "wrong"), ("bob", "wrong"), ("eve", "right"))))
    assert told == "Flagged by 2 Looks right"


def test_a_phone_shows_the_column_where_something_is_said() -> None:
    made = record()
    for said, hidden in (({}, True), ({made.id: found(("ada", "wrong"))}, False)):
        shown = predictions_table([made], {}, Places(), caption="All", feedback=said)
        (head,) = [part for part in parts(shown) if getattr(part, "children", None) == "Feedback"]
        assert ("md-wide-only" in head.className) == hidden and ("Flagged" in text(shown)) != hidden
    assert "Feedback" not in text(predictions_table([made], {}, Places(), caption="All"))
