"""Names and ids of the cards that explain an answer, on the Predict page and on a prediction's own."""

from __future__ import annotations

WHY = "why"
"""The name of the chart of reasons."""

WHY_PAST = "why-past"
"""The same on a prediction's own page."""

SURE_PAST = "sure-past"
PAST = "past"
"""What a prediction's own page shows beside the record itself."""

KNOWN = "known-dialog"
KNOWN_TITLE = "known-title"
KNOWN_TEXT = "known-text"
KNOWN_FOUND = "known-found"
KNOWN_ERRORS = "known-errors"

CHANGES = "changes-body"
CHANGES_CARD = "changes-card"
CHANGES_GOAL = "changes-goal"
CHANGES_VALUE = "changes-value"
CHANGES_VALUE_BOX = "changes-value-box"
CHANGES_FIND = "changes-find"
CHANGES_ERRORS = "changes-errors"

SIMILAR = "similar-body"
SIMILAR_ERRORS = "similar-errors"

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
