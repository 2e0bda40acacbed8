"""Ids of the Batch page; ``assets/pages/batch/batch.js`` names the same."""

from __future__ import annotations

from typing import Any

MODEL = "batch-model"
SELECTED = "batch-selected"
"""A store: the id of the batch that is shown; the address holds it too."""
CHANGED = "batch-changed"
"""A store: anything new is written to it when a batch was uploaded, started, cancelled or deleted."""
FOLLOW = "batch-follow"
"""The clock that runs while anything is being scored."""
SHOWN = "batch-shown"
"""A store: what the page shows of the batch, so that an unchanged answer is not sent again."""
UPLOADED = "batch-uploaded"
"""A store: the id of the batch whose file is to be checked, else None."""
OPTIONS = "batch-options"
"""A store: the options under which the file was last checked, and so the ones it is started with."""
FINISHED = "batch-finished"
"""A store: the id of the batch whose results are to be shown, else None."""

DROP = "batch-drop"
UPLOAD = "batch-upload"
FILES = "batch-files"
FILES_ERRORS = "batch-files-errors"
JOB = "batch-job"
JOB_ERRORS = "batch-job-errors"
ACTION_ERRORS = "batch-action-errors"

CHECK = "batch-check"
CHECK_ERRORS = "batch-check-errors"
READING = "batch-reading"
READING_OPTIONS = "batch-reading-options"
COLUMNS = "batch-columns"
EXPLAIN = "batch-explain"
ROWS = "batch-rows"

RESULTS = "batch-results"
RESULTS_ERRORS = "batch-results-errors"
PREDICTIONS = "batch-predictions"
WARNINGS = "batch-warnings"
SHIFT = "batch-shift"
"""Names of the page's charts."""
VIEW = "batch-view"
"""A store: which rows the table shows: ``scored``, ``warned`` or ``rejected``."""
VIEWS = "batch-views"
CLASS = "batch-class"
CLASS_BOX = "batch-class-box"
FIND = "batch-find"
GRID = "batch-grid"
GRID_NOTE = "batch-grid-note"

DELETE_DIALOG = "batch-delete-dialog"
DELETE = "batch-delete"
DELETE_ERRORS = "batch-delete-errors"
DELETED = "batch-deleted"
"""A store: the batch that was deleted last."""

START = "start"
CANCEL = "cancel"
CANCEL_LISTED = f"{CANCEL}:listed"
RERUN = "rerun"
"""What the buttons of a batch do; behind a colon stands where the button is, no two having one
id, and for ``rerun`` the version."""


def action(name: Any, batch_id: Any) -> dict[str, Any]:
    """A button that does something with a batch."""
    return {"part": "batch-action", "name": name, "batch": batch_id}


def column(feature: Any) -> dict[str, Any]:
    """The choice of the file's column for a feature."""
    return {"part": "batch-column", "name": feature}


def suggestion(feature: Any) -> dict[str, Any]:
    """The button that takes the suggested column for a feature."""
    return {"part": "batch-suggestion", "name": feature}


def option(name: Any) -> dict[str, Any]:
    """The choice of one of the options that the file is read by."""
    return {"part": "batch-option", "name": name}


def view(name: Any) -> dict[str, Any]:
    """The chip that chooses which rows are shown."""
    return {"part": "batch-view-chip", "name": name}
