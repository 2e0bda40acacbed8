"""What a model's pages show where the model does not serve, or is not there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from dash import html

from modeldesk.core.errors import ModeldeskError, NotFound
from modeldesk.core.identity import Permission, least_role
from modeldesk.model_service.package.model_folder import ModelEntry
from modeldesk.web.ui.common.addresses import Places, Tab
from modeldesk.web.ui.common.components import button, card, empty, given, link_button
from modeldesk.web.ui.common.errors_view import error_card
from modeldesk.web.ui.common.shell import title_of

_COMMAND = re.compile(r"^Run: (?P<command>.+?) and restart\.\s*(?P<rest>.*)$", re.S)


def hint_parts(hint: str | None) -> tuple[str, str | None]:
    """A hint as what to read and, where it names one, the command to run."""
    found = _COMMAND.match(hint or "")
    if not found:
        return hint or "", None
    return found["rest"], found["command"]


def not_serving(entry: ModelEntry, reference: str, places: Places, tabs: Sequence[Tab]) -> html.Section:
    """What is wrong with a model, why, and what to do about it. ``tabs`` are what the person may open."""
    text, command = hint_parts(entry.hint)
    owner = entry.settings.owner
    todo: list[Any] = []
    if command:
        todo.append(f"Ask the owner, {owner}, to run this and restart:" if owner else "Run this and restart:")
    others = [version for version in entry.versions if version != entry.served]
    if text:
        todo.append(text)
    if others:
        todo.append(f"Or serve another version: {', '.join(map(str, sorted(others, reverse=True)))}.")
    version = f"Version {entry.served}. " if entry.served else ""
    return error_card(
        f"{title_of(entry)} is not serving",
        f"{version}{entry.reason or 'No version can be served.'} Other models are not affected.",
        todo=todo,
        command=command,
        actions=[
            button("Try again", icon_name="arrow-clockwise", **given(**{"data-md-action": "reload"})),
            *(link_button(t.label, places.model(entry.name, t.key), kind="quiet") for t in tabs if t.key == "versions"),
        ],
        foot=["Reference ", html.Code(reference)],
    )


def not_open(label: str, permission: Permission, places: Places, name: str) -> html.Div:
    """The page where a person's role does not include it: whom it is for, and what is open to them."""
    return html.Div(
        card(
            empty(
                f"{label} is not part of your role",
                f"It is for people who may {permission.value}. If you need it, ask an administrator for the role "
                f"{least_role(permission)}.",
                link_button("Make a prediction", places.model(name), kind="primary"),
                link_button("Your history", places.history(), kind="quiet"),
            ),
        ),
        className="md-page md-stack",
    )


def page_not_found(places: Places) -> html.Div:
    """A page for an address that leads nowhere."""
    missing = NotFound("This address leads to no page.", hint="Check it for a mistake, or start from the models.")
    return not_found("Page not found", missing, places)


def not_found(title: str, error: ModeldeskError, places: Places) -> html.Div:
    """A page for a thing that is not there, or not for this person."""
    return html.Div(
        [
            html.H1(title),
            error_card(
                "Nothing to show",
                error.detail,
                todo=[error.hint] if error.hint else [],
                actions=[
                    link_button("All models", places.catalogue(), kind="primary"),
                    link_button("Your history", places.history(), kind="quiet"),
                ],
            ),
        ],
        className="md-stack md-gone",
    )
