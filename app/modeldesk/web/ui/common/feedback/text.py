"""The control that rates an answer, and what people say of answers, in words."""

from __future__ import annotations

from modeldesk.web.ui.common.sentences import Plural

QUESTION = "Does this answer look right?"
VERDICTS = {"right": "Looks right", "wrong": "Looks wrong", None: "Withdrawn"}
WHY = "What makes you think so?"
COMMENT_LABEL = "Comment (optional)"
SAVE = "Save comment"
UNDO = "Undo"
RECORDED = "Recorded."
RECORDED_WITH_COMMENT = "Recorded, with your comment."

FLAGGED = Plural("Flagged", "Flagged by {n}")
RIGHT = Plural("Looks right", "Looks right to {n}")

TITLE = "Feedback"
COLUMNS = ("Feedback", "Comment", "By", "When")
CAPTION = "What people say of this prediction, newest first"
NO_CONTROL = "There is no such control."
