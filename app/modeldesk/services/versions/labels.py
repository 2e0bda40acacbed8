"""Aliases and tags of versions: names that people give, kept for good with who gave them."""

from __future__ import annotations

import re
from typing import Literal

from modeldesk.core.errors import Conflict, InvalidInput, NotFound, Problem
from modeldesk.core.identity import Caller, Permission
from modeldesk.ports.version_labels import LabelChange, LabelKind, Labels
from modeldesk.services.app_context import AppContext

VersionRef = int | str
"""A version by its number, or by an alias."""

LABEL_PATTERN = r"[a-z][a-z0-9._-]{0,62}"
"""What an alias or a tag looks like."""
_LABEL = re.compile(LABEL_PATTERN)


def labels(context: AppContext, caller: Caller, name: str) -> Labels:
    """The aliases and tags of a model's versions. Raises NotFound."""
    context.entry(caller, name)
    return Labels(context.store.version_labels.history(name))


def numbered(context: AppContext, caller: Caller, name: str, version: VersionRef | None) -> int | None:
    """Return the number of a version that is named by its number or by an alias; None stands for the served one.

    Raises NotFound, also for an alias that stands for no version now.
    """
    if not isinstance(version, str):
        return version
    aliases = labels(context, caller, name).aliases
    if version not in aliases:
        known = f"It has: {', '.join(aliases)}." if aliases else "It has none; a version's number always does."
        raise NotFound(f"{name} has no alias {version[:63]!r}.", hint=known)
    return aliases[version]


def is_label(text: str) -> bool:
    """Whether a text can be an alias or a tag."""
    return _LABEL.fullmatch(text) is not None


def set_alias(context: AppContext, caller: Caller, name: str, alias: str, version: int) -> LabelChange:
    """Let an alias stand for a version; it moves there from any other.

    Raises NotAllowed, NotFound for a version that there is not, InvalidInput for an alias that cannot be one,
    and Conflict where it stands for that version already or another change came in between.
    """
    return _change(context, caller, name, "alias", alias, version, "set")


def remove_alias(context: AppContext, caller: Caller, name: str, alias: str) -> LabelChange:
    """Let an alias stand for no version. Raises NotAllowed, and NotFound for one that is not set."""
    version = labels(context, caller, name).aliases.get(alias)
    if version is None:
        caller.require(Permission.PROMOTE)
        raise NotFound(f"{name} has no alias {alias!r}.")
    return _change(context, caller, name, "alias", alias, version, "remove")


def add_tag(context: AppContext, caller: Caller, name: str, version: int, tag: str) -> LabelChange:
    """Put a tag on a version. Raises like ``set_alias``."""
    return _change(context, caller, name, "tag", tag, version, "set")


def remove_tag(context: AppContext, caller: Caller, name: str, version: int, tag: str) -> LabelChange:
    """Take a tag off a version. Raises like ``set_alias``, and NotFound for one that is not on it."""
    return _change(context, caller, name, "tag", tag, version, "remove")


def _change(
    context: AppContext,
    caller: Caller,
    name: str,
    kind: LabelKind,
    label: str,
    version: int,
    action: Literal["set", "remove"],
) -> LabelChange:
    caller.require(Permission.PROMOTE)
    context.entry(caller, name)
    context.registry.refresh()
    entry = context.registry.entry(name)
    if version not in entry.versions:
        known = ", ".join(str(number) for number in sorted(entry.versions))
        raise NotFound(f"{name} has no version {version}.", hint=f"It has: {known}.")
    label = _checked(kind, label)
    now = labels(context, caller, name)
    known_labels = now.aliases_of(version) if kind == "alias" else now.tags_of(version)
    if action == "set" and label in known_labels:
        raise Conflict(f"Version {version} of {name} has the {kind} {label!r} already.")
    if action == "remove" and label not in known_labels:
        raise NotFound(f"Version {version} of {name} has no {kind} {label!r}.")
    change = LabelChange(name, len(now.changes) + 1, kind, label, version, action, caller.name, context.clock())
    context.store.version_labels.record(change)
    return change


def _checked(kind: LabelKind, label: str) -> str:
    label = label.strip()
    if is_label(label):
        return label
    what = "An alias" if kind == "alias" else "A tag"
    message = f"{what} begins with a letter and has up to 63 of a–z, 0–9, dot, dash and underscore."
    raise InvalidInput(
        f"{label[:40]!r} cannot be used.", problems=[Problem(kind, "wrong_format", message)], hint=message
    )
