"""Ids of the Feature importance page; ``assets/pages/importance/importance.js`` names the same."""

from __future__ import annotations

from typing import Any

MODEL = "drivers-model"
WANTED = "drivers-wanted"
"""A store: what the address asked for when the page was opened."""
READY = "drivers-ready"
"""A store: which version the page shows."""
TICK = "drivers-tick"
"""Looks again each second while an answer is waited for."""

STATES = ("drivers-contributions", "drivers-shuffling", "drivers-dependence")
"""Stores: how each question stands. They change only where that does."""
CONTRIBUTIONS, SHUFFLING, DEPENDENCE = STATES

FIGURE = "drivers-figure"
"""A store: the chart of importance as a wide window shows it."""

ERRORS = "drivers-errors"
FOLLOW_ERRORS = "drivers-follow-errors"
AGAIN_ERRORS = "drivers-again-errors"
NOTICE = "drivers-notice"
SOURCE = "drivers-source"
CLASS_BOX = "drivers-class-box"
CLASS = "drivers-class"
RANK_BOX = "drivers-rank-box"
RANK = "drivers-rank"
INPUT = "drivers-input"
COLOUR = "drivers-colour"
COLOUR_BOX = "drivers-colour-box"
CONTROLS = "drivers-controls"
CARDS = "drivers-cards"
TOP = "drivers-top"
PICTURE_BOX = "drivers-picture-box"

IMPORTANCE, PICTURE, BY_VALUE, FOLLOWS = "importance", "picture", "by-value", "dependence"
"""Names of the page's charts."""

BY_CONTRIBUTION, BY_SHUFFLING = "contribution", "shuffling"
"""What inputs are ranked by."""
AUTOMATIC, NO_COLOUR = "auto", "none"
"""Stand among the inputs to colour by, which are named behind a colon."""


def again(name: Any) -> dict[str, Any]:
    """The button that asks again what failed."""
    return {"part": "drivers-again", "name": name}


def errors(store: str) -> str:
    """Where it is told that a question of ``STATES`` could not be asked."""
    return f"{store}-errors"
