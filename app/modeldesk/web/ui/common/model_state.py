"""What a model's pages show where the model does not serve, or is not there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from dash import html

from modeldesk.core.errors import ModeldeskError, NotFound
from modeldesk.core.identity import Permission, least_role
from modeldesk.model_service.package.model_folder import ModelEntry
from modeldesk.web.ui.common import text as words
from modeldesk.web.ui.common.addresses import Places, Tab
from modeldesk.web.ui.common.components import button, card, empty, given, link_button
from modeldesk.web.ui.common.errors_view import error_card
from modeldesk.web.ui.common.sentences import sentence
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
        todo.append(words.ASK_TO_RUN_THIS.format(owner=owner) if owner else words.RUN_THIS)
    others = [version for version in entry.versions if version != entry.served]
    if text:
        todo.append(text)
    if others:
        todo.append(words.SERVE_ANOTHER.format(versions=", ".join(map(str, sorted(others, reverse=True)))))
    detail = words.NOT_SERVING_VERSION_DETAIL if entry.served else words.NOT_SERVING_DETAIL
    return error_card(
        words.NOT_SERVING.format(title=title_of(entry)),
        detail.format(version=entry.served, reason=entry.reason or words.NO_VERSION),
        todo=todo,
        command=command,
        actions=[
            button(words.TRY_AGAIN, icon_name="arrow-clockwise", **given(**{"data-md-action": "reload"})),
            *(link_button(t.label, places.model(entry.name, t.key), kind="quiet") for t in tabs if t.key == "versions"),
        ],
        foot=sentence(words.REFERENCE, reference=html.Code(reference)),
    )


def not_open(label: str, permission: Permission, places: Places, name: str) -> html.Div:
    """The page where a person's role does not include it: whom it is for, and what is open to them."""
    return html.Div(
        card(
            empty(
                words.NOT_YOUR_ROLE.format(page=label),
                words.NOT_YOUR_ROLE_DETAIL.format(permission=permission.value, role=least_role(permission)),
                link_button(words.MAKE_A_PREDICTION, places.model(name), kind="primary"),
                link_button(words.YOUR_HISTORY, places.history(), kind="quiet"),
            ),
        ),
        className="md-page md-stack",
    )


def page_not_found(places: Places) -> html.Div:
    """A page for an address that leads nowhere."""
    missing = NotFound(words.PAGE_NOT_FOUND_DETAIL, hint=words.PAGE_NOT_FOUND_HINT)
    return not_found(words.PAGE_NOT_FOUND, missing, places)


def not_found(title: str, error: ModeldeskError, places: Places) -> html.Div:
    """A page for a thing that is not there, or not for this person."""
    return html.Div(
        [
            html.H1(title),
            error_card(
                words.NOTHING_TO_SHOW,
                error.detail,
                todo=[error.hint] if error.hint else [],
                actions=[
                    link_button(words.ALL_MODELS, places.catalogue(), kind="primary"),
                    link_button(words.YOUR_HISTORY, places.history(), kind="quiet"),
                ],
            ),
        ],
        className="md-stack md-gone",
    )
