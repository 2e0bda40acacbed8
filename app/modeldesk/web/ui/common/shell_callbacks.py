"""What stands around every page: head, search, person, and the painting of charts."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from dash import MATCH, Input, Output

from modeldesk.core import formats
from modeldesk.core.errors import ModeldeskError, ModelUnavailable, NotFound
from modeldesk.core.identity import current_caller
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions import history
from modeldesk.web.ui.common import ids, model_state, shell, table_export
from modeldesk.web.ui.common import text as words
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.lookup import visible_entries
from modeldesk.web.ui.common.registration import Callbacks, report

_RESULTS = 8
_SHORTEST_ID = 16
_KEYED = 5
"""Predictions with a key that the search lists, the latest ones."""


def register(callbacks: Callbacks, context: AppContext, places: Places) -> None:
    """Put the shell's callbacks onto the app."""
    table_export.register(callbacks)

    @callbacks.on(
        Output(shell.HEAD, "children"),
        Output(shell.STATE, "children"),
        Output(shell.PERSON, "children"),
        Input(ids.ADDRESS, "pathname"),
        Input(shell.HEAD_TICK, "data"),
    )
    def show_head(pathname: str | None, _tick: Any) -> tuple[Any, Any, Any]:
        person = shell.initials(current_caller().name)
        at = places.model_of(pathname)
        if at is not None:
            return *model_head(context, places, *at), person
        if places.below_models(pathname):
            return None, model_state.page_not_found(places), person
        return None, None, person

    @callbacks.on(Output(shell.SEARCH_RESULTS, "children"), Input(shell.SEARCH, "value"), prevent_initial_call=True)
    def search(text: str | None) -> Any:
        return shell.search_results(find(context, places, text or ""), (text or "").strip())

    callbacks.in_browser(
        "paint",
        Output(ids.chart_graph(MATCH), "figure"),
        Input(ids.chart_figure(MATCH), "data"),
        Input(ids.THEME, "data"),
    )


def model_head(context: AppContext, places: Places, name: str, tab: str) -> tuple[Any, Any]:
    """A model's head, and the error card where it is not there or does not serve."""
    caller = current_caller()
    try:
        entry = context.entry(caller, name)
    except NotFound:
        error = NotFound(words.NO_MODEL_DETAIL.format(name=name), hint=words.NO_MODEL_HINT)
        return None, model_state.not_found(words.NO_MODEL, error, places)
    tabs = places.tabs_of(caller)
    head = shell.model_head(entry, visible_entries(context, caller), tab, places, tabs)
    if entry.state != "degraded":
        return head, None
    _, reference = report(ModelUnavailable(entry.reason or words.NO_VERSION), f"The pages of {name}")
    return head, model_state.not_serving(entry, reference, places, tabs)


def find(context: AppContext, places: Places, text: str) -> list[tuple[str, str, str]]:
    """Models whose title, name or purpose hold every word, the prediction of that id, and the latest with
    that key."""
    caller = current_caller()
    query = text.strip()
    if not query:
        return []
    found = []
    if len(query) >= _SHORTEST_ID and " " not in query:
        try:
            record = history.prediction(context, caller, query)
        except ModeldeskError:
            pass
        else:
            line = words.FOUND_LINE.format(model=record.model, minute=formats.minute(record.created_at))
            found.append(
                (words.FOUND_PREDICTION.format(id=formats.short_id(record.id)), line, places.prediction(record.id))
            )
    with suppress(ModeldeskError):  # what cannot be looked up now does not keep the models from being found
        for record in history.by_key(context, caller, query, _KEYED).records:
            line = words.FOUND_LINE.format(model=record.model, minute=formats.minute(record.created_at))
            found.append((words.FOUND_KEY.format(key=record.key), line, places.prediction(record.id)))
    wanted = query.casefold().split()
    for entry in visible_entries(context, caller):
        title = shell.title_of(entry)
        told = " ".join([title, entry.name, entry.settings.description, entry.settings.owner]).casefold()
        if all(word in told for word in wanted):
            found.append((title, entry.settings.description or entry.name, places.model(entry.name)))
    return found[:_RESULTS]
