"""Presets in words: the dialog that saves and lists them, and what the page says of one that it opened."""

from __future__ import annotations

from modeldesk.core.identity import Caller
from modeldesk.ports.presets import Preset, PresetSummary
from modeldesk.web.ui.common.sentences import Plural

TITLE = "Presets"
SAVE_OR_SHARE = "Save or share"
KEPT = "Kept on the server; nothing is predicted or recorded."
NAME_OF_PRESET = "Name of the preset"
WHAT = "Save"
THE_INPUTS = "The inputs as they are now"
THE_SCENARIOS = "The scenarios kept here"
SHARE = "Share with everybody who may see this model"
SAVE = "Save preset"
NO_SCENARIO = "No scenario is kept here."
NO_SCENARIO_HINT = "Keep one first, or save the inputs."
SAVED = "Saved as {name}."
SAVED_SHARED = "Whoever may see this model can open it. {link}."
SAVED_ALONE = "It is yours alone. {link}."
LINK = "Link to it"

NOTHING_SAVED = "Nothing is saved yet."
YOURS = "Yours"
OTHERS = "Shared by others"
CHANGE = "Change"
CHANGE_PRESET = "Change {name}"
NAME = "Name"
SAVE_CHANGES = "Save changes"
SAVE_CHANGES_OF = "Save changes of {name}"
DELETE = "Delete"
DELETE_PRESET = "Delete {name}"
_NOTE = "{what} · {when}"
_NOTE_SHARED = "{what}, shared · {when}"
_NOTE_BY = "{what}, by {owner} · {when}"
_INPUTS = "Version {version}"
_SCENARIOS = Plural("{n} scenario, version {version}", "{n} scenarios, version {version}")

OTHER_VERSION = "It was made with version {preset}; version {now} answers now."
LEFT_AT_DEFAULTS = "Left at their defaults:"
_OPENED = "Opened {name}: its inputs stand in the form. Your edits do not change it."
_OPENED_OF = "Opened {name}, shared by {owner}: its inputs stand in the form. Your edits do not change it."
_OPENED_SCENARIOS = Plural(
    "Opened {name}: {n} scenario under Scenarios. Your edits do not change it.",
    "Opened {name}: {n} scenarios under Scenarios. Your edits do not change it.",
)
_OPENED_SCENARIOS_OF = Plural(
    "Opened {name}, shared by {owner}: {n} scenario under Scenarios. Your edits do not change it.",
    "Opened {name}, shared by {owner}: {n} scenarios under Scenarios. Your edits do not change it.",
)


def holds(item: PresetSummary) -> str:
    """What a preset holds, and of which version."""
    if item.kind == "scenarios":
        return _SCENARIOS.of(item.size, version=item.version)
    return _INPUTS.format(version=item.version)


def note(item: PresetSummary, caller: Caller) -> str:
    """What stands under a preset's name, ``{what}`` it holds, ``{owner}`` and ``{when}`` open."""
    if item.owner != caller.name:
        return _NOTE_BY
    return _NOTE_SHARED if item.shared else _NOTE


def opened(preset: Preset, caller: Caller) -> str:
    """What was opened and where it stands, ``{name}``, ``{owner}`` and ``{n}`` open."""
    own = preset.owner == caller.name
    if preset.kind == "preset":
        return _OPENED if own else _OPENED_OF
    return (_OPENED_SCENARIOS if own else _OPENED_SCENARIOS_OF).form(preset.size)
