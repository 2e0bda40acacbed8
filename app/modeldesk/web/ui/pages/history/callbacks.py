"""A person's own predictions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from dash import Input, Output, State
from typing_extensions import TypedDict

from modeldesk.core.errors import BadRequest
from modeldesk.core.identity import Caller, current_caller
from modeldesk.ports.feedback import Verdict
from modeldesk.ports.predictions import LogQuery, Source
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions import feedback, history, outcomes
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.lookup import entries_of, visible_entries
from modeldesk.web.ui.common.registration import Callbacks
from modeldesk.web.ui.pages.history import layout as page
from modeldesk.web.ui.pages.history import text as words

PAGE_SIZE = 50
_DAYS = ("since", "until")
"""The filters whose days become instants in the browser, which tells when they have."""


class Start(TypedDict):
    """The cursor that the address came with, and the filters that it belongs to."""

    filters: dict[str, str | None]
    cursor: str | None


def register(callbacks: Callbacks, context: AppContext, places: Places) -> None:
    """Put the callbacks of the history onto the app."""

    @callbacks.on(
        {"rows": Output(page.ROWS, "children"), "models": Output(page.MODEL, "options")},
        Input(page.DAYS, "data"),
        *(Input(page.CONTROLS[name], "value") for name in page.CONTROLS if name not in _DAYS),
        *(State(page.CONTROLS[name], "value") for name in _DAYS),
        State(page.START, "data"),
        errors=page.ERRORS,
    )
    def show_rows(
        days: Mapping[str, str | None] | None,
        model: str | None,
        source: str | None,
        key: str | None,
        outcome: str | None,
        feedback: str | None,
        since: str | None,
        until: str | None,
        start: Start,
    ) -> dict[str, Any]:
        given = {"model": model, "source": source, "key": key, "outcome": outcome, "feedback": feedback}
        filters = page.read_filters({**given, "since": since, "until": until})
        cursor = start["cursor"] if start["filters"] == filters else None
        caller = current_caller()
        models = page.model_options(visible_entries(context, caller))
        return {"rows": _rows(context, caller, places, filters, days or {}, cursor), "models": models}

    # An address is remembered, and all filters are taken off, in the browser.
    controls = page.CONTROLS.values()
    callbacks.in_browser("days", Output(page.DAYS, "data"), *(Input(page.CONTROLS[name], "value") for name in _DAYS))
    callbacks.in_browser(
        "remember",
        Output(page.FILTERS, "data"),
        *(Input(control, "value") for control in controls),
        prevent_initial_call=True,
    )
    callbacks.in_browser(
        "clear",
        *(Output(control, "value") for control in controls),
        Input(page.CLEAR, "n_clicks"),
        prevent_initial_call=True,
    )


def _rows(
    context: AppContext,
    caller: Caller,
    places: Places,
    filters: Mapping[str, str | None],
    days: Mapping[str, str | None],
    cursor: str | None,
) -> Any:
    query = LogQuery(
        models=(filters["model"],) if filters["model"] else None,
        source=cast(Source | None, filters["source"]),
        key=filters["key"],
        feedback=cast(Verdict | None, filters["feedback"]),
        outcome=None if filters["outcome"] is None else filters["outcome"] == "recorded",
        since=_instant(days.get("since")),
        until=_instant(days.get("until")),
        limit=PAGE_SIZE,
        cursor=cursor,
    )
    try:
        result = history.own(context, caller, query)
    except BadRequest:
        if cursor is None:
            raise
        return [page.bad_cursor(places, filters)]
    entries = entries_of(context, caller, (record.model for record in result.records))
    known = outcomes.outcomes_of_all(context, result.records)
    verdicts = feedback.feedback_of_all(context, result.records)
    return page.rows(result, known, verdicts, entries, places, filters, first=cursor is None)


def _instant(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise BadRequest(words.NO_INSTANT.format(text=text[:40]), hint=words.CHOOSE_DAYS_AGAIN) from None
    if instant.tzinfo is None:
        raise BadRequest(words.NO_OFFSET.format(text=text[:40]), hint=words.CHOOSE_DAYS_AGAIN)
    return instant
