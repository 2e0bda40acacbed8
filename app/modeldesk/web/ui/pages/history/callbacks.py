"""A person's own predictions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast, get_args

from dash import Input, Output, State
from typing_extensions import TypedDict

from modeldesk.core.errors import BadRequest
from modeldesk.core.identity import current_caller
from modeldesk.ports.feedback import Verdict
from modeldesk.ports.predictions import LogQuery, Source
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions import feedback, history, outcomes
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.lookup import entries_of, visible_entries
from modeldesk.web.ui.common.registration import Callbacks
from modeldesk.web.ui.pages.history import layout as page

PAGE_SIZE = 50


class Start(TypedDict):
    """The cursor that the address came with, and the filters that it belongs to."""

    filters: dict[str, str | None]
    cursor: str | None


def register(callbacks: Callbacks, context: AppContext, places: Places) -> None:
    """Put the callbacks of the history onto the app."""

    @callbacks.on(
        Output(page.ROWS, "children"),
        Output(page.MODEL, "options"),
        Input(page.MODEL, "value"),
        Input(page.SOURCE, "value"),
        Input(page.KEY, "value"),
        Input(page.OUTCOME, "value"),
        Input(page.FEEDBACK, "value"),
        Input(page.DAYS, "data"),
        State(page.SINCE, "value"),
        State(page.UNTIL, "value"),
        State(page.START, "data"),
        errors=page.ERRORS,
    )
    def show_rows(
        model: str | None,
        source: str | None,
        key: str | None,
        outcome: str | None,
        rating: str | None,
        days: Mapping[str, str | None] | None,
        since: str | None,
        until: str | None,
        start: Start,
    ) -> tuple[Any, Any]:
        filters = {"model": page.text_of(model), "source": page.text_of(source), "since": page.day_of(since)}
        filters |= {"until": page.day_of(until), "key": page.text_of(key), "outcome": page.text_of(outcome)}
        filters["feedback"] = page.text_of(rating)
        cursor = start["cursor"] if start["filters"] == filters else None
        return _rows(context, places, filters, days or {}, cursor)

    _register_filters(callbacks)


def _register_filters(callbacks: Callbacks) -> None:
    """What the filters do in the browser."""

    callbacks.in_browser("days", Output(page.DAYS, "data"), Input(page.SINCE, "value"), Input(page.UNTIL, "value"))
    callbacks.in_browser(
        "remember",
        Output(page.FILTERS, "data"),
        Input(page.MODEL, "value"),
        Input(page.SOURCE, "value"),
        Input(page.KEY, "value"),
        Input(page.OUTCOME, "value"),
        Input(page.FEEDBACK, "value"),
        Input(page.SINCE, "value"),
        Input(page.UNTIL, "value"),
        prevent_initial_call=True,
    )
    callbacks.in_browser(
        "clear",
        Output(page.MODEL, "value"),
        Output(page.SOURCE, "value"),
        Output(page.KEY, "value"),
        Output(page.OUTCOME, "value"),
        Output(page.FEEDBACK, "value"),
        Output(page.SINCE, "value"),
        Output(page.UNTIL, "value"),
        Input(page.CLEAR, "n_clicks"),
        prevent_initial_call=True,
    )


def _rows(
    context: AppContext,
    places: Places,
    filters: Mapping[str, str | None],
    days: Mapping[str, str | None],
    cursor: str | None,
) -> tuple[Any, Any]:
    caller = current_caller()
    options = page.model_options(visible_entries(context, caller))
    query = LogQuery(
        models=(filters["model"],) if filters["model"] else None,
        source=cast(Source, filters["source"]) if filters["source"] in get_args(Source) else None,
        key=filters["key"],
        feedback=cast(Verdict, filters["feedback"]) if filters["feedback"] in get_args(Verdict) else None,
        outcome=None if filters["outcome"] is None else filters["outcome"] == "recorded",
        since=_instant(days.get("since")),
        until=_instant(days.get("until")),
        limit=PAGE_SIZE,
        cursor=cursor,
    )
    try:
        found = history.own(context, caller, query)
    except BadRequest:
        if cursor is None:
            raise
        return [page.bad_cursor(places, filters)], options
    entries = entries_of(context, caller, (record.model for record in found.records))
    known = outcomes.outcomes_of_all(context, found.records)
    said = feedback.feedback_of_all(context, found.records)
    return page.rows(found, known, said, entries, places, filters, first=cursor is None), options


def _instant(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadRequest(f"“{text[:40]}” is no instant.", hint="Reload the page and choose the days again.") from None
    if found.tzinfo is None:
        raise BadRequest(f"“{text[:40]}” has no offset from UTC.", hint="Reload the page and choose the days again.")
    return found
