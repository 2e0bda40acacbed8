"""Ids of what concerns presets; ``assets/pages/predict/predict-presets.js`` names the same."""

from __future__ import annotations

from typing import Any

DIALOG = "preset-dialog"
TITLE = "preset-dialog-title"
DIALOG_OPENED = "preset-dialog-opened"
"""A store: a new number each time the dialog is opened."""

NAME = "preset-name"
WHAT = "preset-what"
INPUTS, SCENARIOS = "inputs", "scenarios"
"""What is saved."""
SHARED = "preset-shared"
SAVE = "preset-save"
TAKEN = "preset-taken"
"""A store: the form as it stood when somebody saved it, with what the dialog says."""
SAVE_ERRORS = "preset-save-errors"
SAVED = "preset-saved"

CHANGED = "preset-changed"
"""A store: another text after each change of the list."""
LIST = "preset-list"
LIST_ERRORS = "preset-list-errors"
CHANGE_ERRORS = "preset-change-errors"
DELETE_ERRORS = "preset-delete-errors"

WANTED = "preset-wanted"
"""A store: the id that the page's address names."""
VALUES = "preset-values"
"""A store: the form's texts of the preset that is opened, as pairs."""
NOTICE = "preset-notice"
NOTICE_ERRORS = "preset-notice-errors"


def new_name(preset_id: Any) -> dict[str, Any]:
    """The field for another name of a preset."""
    return {"part": "preset-new-name", "name": preset_id}


def new_shared(preset_id: Any) -> dict[str, Any]:
    """Whether a preset is to be shared."""
    return {"part": "preset-new-shared", "name": preset_id}


def apply(preset_id: Any) -> dict[str, Any]:
    """The button that changes a preset's name and sharing."""
    return {"part": "preset-apply", "name": preset_id}


def delete(preset_id: Any) -> dict[str, Any]:
    """The button that deletes a preset."""
    return {"part": "preset-delete", "name": preset_id}
