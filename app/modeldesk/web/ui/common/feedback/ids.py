"""Ids of the control. ``view`` tells the one under a result from the one on a prediction's own page."""

from __future__ import annotations

from typing import Any, Literal

View = Literal["short", "full"]

PAST = "feedback-past"
PAST_ERRORS = "feedback-past-errors"
"""Where a prediction's own page has it."""

RIGHT, WRONG, SAVE, UNDO = "feedback-right", "feedback-wrong", "feedback-save", "feedback-undo"


def body(prediction_id: Any, view: Any) -> dict[str, Any]:
    """All that is said and may be said of a prediction."""
    return {"part": "feedback", "name": prediction_id, "view": view}


def action(part: str, prediction_id: Any, view: Any) -> dict[str, Any]:
    """One of its buttons."""
    return {"part": part, "name": prediction_id, "view": view}


def comment(prediction_id: Any, view: Any) -> dict[str, Any]:
    """The field for a comment."""
    return {"part": "feedback-comment", "name": prediction_id, "view": view}


def errors(prediction_id: Any, view: Any) -> dict[str, Any]:
    """What is wrong with what was said."""
    return {"part": "feedback-errors", "name": prediction_id, "view": view}
