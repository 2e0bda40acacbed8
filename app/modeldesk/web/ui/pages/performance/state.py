"""What the stores of the Performance page hold, and the figures that it shows."""

from __future__ import annotations

from typing import TypeAlias

from dash.exceptions import PreventUpdate
from typing_extensions import TypedDict

from modeldesk.core.identity import current_caller
from modeldesk.services.app_context import AppContext
from modeldesk.services.performance.report import Performance, performance
from modeldesk.web.ui.common.decoding_callbacks import Version


class Ready(TypedDict):
    """What the page shows: the version, and which rows it is measured on."""

    name: str
    version: Version
    segment: str
    where: str
    source: str
    asked: int | None
    favourable: str


class Wanted(TypedDict):
    """What the address asks for."""

    threshold: float | None
    of_class: str | None
    groups: str | None
    favourable: str | None


class Basis(TypedDict):
    """The state of the threshold that a decision on it is based on."""

    version: Version | None
    threshold: float | None
    revision: int


class Change(TypedDict):
    """A threshold that somebody is about to save."""

    basis: Basis
    threshold: float | None
    then: float | None


Typed: TypeAlias = dict[str, float | None]
"""The numbers that people typed, by field."""


def shown_of(context: AppContext, ready: Ready | None) -> Performance:
    """Return the figures that the page shows. Raise `PreventUpdate` while it shows none."""
    if not ready:
        raise PreventUpdate
    return performance(
        context,
        current_caller(),
        ready["name"],
        version=ready["version"],
        segment=ready["segment"],
        where=ready["where"],
        source=ready["source"],
        asked=ready["asked"],
    )
