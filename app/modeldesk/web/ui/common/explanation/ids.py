"""Names and ids of the cards that explain an answer, on the Predict page and on a prediction's own."""

from __future__ import annotations

from typing import Any

WHY = "why"
"""The name of the chart of reasons."""

WHY_PAST = "why-past"
"""The same on a prediction's own page."""

PREDICTION_WANTED = "prediction-wanted"
"""A store: the id of the prediction whose own page is open."""

SURE_PAST = "sure-past"
PAST = "past"
"""What a prediction's own page shows beside the record itself."""

WHY_OF, SIMILAR_OF, CHANGES_OF, COMPARE_OF = "why-of", "similar-of", "changes-of", "compare-of"
"""Stores: the number of the form's state that a card is of; the card names its part before "-of" in
``data-md-follows``, and the browser marks it while the form stands otherwise."""

KNOWN = "known-dialog"
KNOWN_TITLE = "known-title"
KNOWN_TEXT = "known-text"
KNOWN_OPENED = "known-dialog-opened"
KNOWN_FOUND = "known-found"
KNOWN_ERRORS = "known-errors"
KNOWN_FEATURE = "known-feature"
KNOWN_RANGE = "known-range"
KNOWN_LOW = "known-low"
KNOWN_HIGH = "known-high"
KNOWN_VALUES = "known-values"
KNOWN_VALUES_BOX = "known-values-box"
KNOWN_FILTER_ERRORS = "known-filter-errors"

CHANGES = "changes-body"
CHANGES_CARD = "changes-card"
CHANGES_GOAL = "changes-goal"
CHANGES_VALUE = "changes-value"
CHANGES_VALUE_BOX = "changes-value-box"
CHANGES_FIND = "changes-find"
CHANGES_ERRORS = "changes-errors"

SIMILAR = "similar-body"
SIMILAR_ERRORS = "similar-errors"

SCENARIOS = "scenarios-kept"
"""A store in the browser's session: the named scenarios of every model."""
SCENARIO_TAKEN = "scenario-taken"
"""A store: the form as it stood when somebody kept it, with the name given."""
SCENARIO_NAME = "scenario-name"
SCENARIO_KEEP = "scenario-keep"
SCENARIO_CLEAR = "scenario-clear"
SCENARIO_EXPORT = "scenario-export"
SCENARIO_FILE = "scenario-file"
SCENARIO_TABLE = "scenario-table"
SCENARIO_ERRORS = "scenario-errors"
SCENARIO_TOOLS = "scenario-tools"


def scenario_load(number: Any) -> dict[str, Any]:
    """The button that fills the form with a kept scenario."""
    return {"part": "scenario-load", "name": number}


def scenario_remove(number: Any) -> dict[str, Any]:
    """The button that removes a kept scenario."""
    return {"part": "scenario-remove", "name": number}


COMPARE = "compare-body"
COMPARE_CARD = "compare-card"
COMPARE_ERRORS = "compare-errors"
COMPARE_TOGGLE = "compare-toggle"
COMPARED = "compared"
"""A store: the refs of the records that stand beside the form's."""


def compare_add(ref: Any) -> dict[str, Any]:
    """The button that puts a known record beside the form's."""
    return {"part": "compare-add", "name": ref}


def compare_remove(ref: Any) -> dict[str, Any]:
    """The button that takes it away again."""
    return {"part": "compare-remove", "name": ref}


OUTCOME = "outcome-dialog"
OUTCOME_WANTED = "outcome-wanted"
"""A store: the id of the prediction that the dialog is open for."""
OUTCOME_KIND = "outcome-kind"
OUTCOME_CHOICE = "outcome-choice"
OUTCOME_CHOICE_BOX = "outcome-choice-box"
OUTCOME_VALUE = "outcome-value"
OUTCOME_VALUE_BOX = "outcome-value-box"
OUTCOME_REASON = "outcome-reason"
OUTCOME_SAVE = "outcome-save"
OUTCOME_ERRORS = "outcome-errors"
OUTCOME_DONE = "outcome-done"
OUTCOMES_PAST = "outcomes-past"
OUTCOMES_PAST_ERRORS = "outcomes-past-errors"
