"""Known records put beside the form's, with the place of each value among the published records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import ALL, Input, Output, State, ctx
from dash.exceptions import PreventUpdate

from modeldesk.core.errors import BadRequest, InvalidInput, NotFound
from modeldesk.core.identity import Caller, current_caller
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions import known_records
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.charts.card import is_open
from modeldesk.web.ui.common.decoding_callbacks import Spec
from modeldesk.web.ui.common.errors_view import chart_alert
from modeldesk.web.ui.common.explanation import ids as names
from modeldesk.web.ui.common.registration import Callbacks
from modeldesk.web.ui.pages.predict import compare as view
from modeldesk.web.ui.pages.predict import ids as form_names
from modeldesk.web.ui.pages.predict import layout as page
from modeldesk.web.ui.pages.predict import text as words
from modeldesk.web.ui.pages.predict.request import read_form

_COMPARISON = {
    "table": Output(names.COMPARE, "children"),
    "of": Output(names.COMPARE_OF, "data"),
    "hide_toggle": Output(names.COMPARE_TOGGLE, "hidden"),
}
"""What shows the comparison."""


def register(callbacks: Callbacks, context: AppContext, _places: Places) -> None:
    """Put the callbacks of the comparison onto the app."""

    @callbacks.on(
        Output(names.COMPARED, "data"),
        Input(names.compare_add(ALL), "n_clicks"),
        Input(names.compare_remove(ALL), "n_clicks"),
        State(names.COMPARED, "data"),
        prevent_initial_call=True,
    )
    def choose(_add: Any, _remove: Any, chosen: Any) -> list[str]:
        if not ctx.triggered or not ctx.triggered[0]["value"] or not isinstance(ctx.triggered_id, Mapping):
            raise PreventUpdate
        return changed(refs_of(chosen), str(ctx.triggered_id["name"]), add=ctx.triggered_id["part"] == "compare-add")

    callbacks.in_browser(
        "predictCompared",
        Output(names.COMPARE_CARD, "title"),
        Input(names.COMPARED, "data"),
        prevent_initial_call=True,
    )

    @callbacks.on(
        Output(names.COMPARE_CARD, "hidden"),
        Input(form_names.SPEC, "data"),
        State(page.MODEL, "data"),
        prevent_initial_call=True,
    )
    def offer(spec: Spec | None, name: str | None) -> bool:
        if spec is None:
            raise PreventUpdate
        return not view.can_be_compared(context.model(current_caller(), name or ""))

    @callbacks.on(
        _COMPARISON,
        Input(names.COMPARE_TOGGLE, "n_clicks"),
        Input(form_names.OPENED, "data"),
        Input(names.COMPARED, "data"),
        State(form_names.SETTLED, "data"),
        errors=names.COMPARE_ERRORS,
        view=chart_alert,
        prevent_initial_call=True,
    )
    def show(clicks: int | None, _: Any, chosen: Any, data: Any) -> dict[str, Any]:
        refs = refs_of(chosen)
        if not refs and not is_open(clicks):
            return {"table": None, "of": None, "hide_toggle": False}
        caller = current_caller()
        form, model, record = read_form(context, caller, data)
        if not view.can_be_compared(model):
            return {"table": None}
        there = [ref for ref in refs if _is_there(context, caller, form.model, ref, form.version)]
        try:
            found = known_records.compare_known(context, caller, form.model, there, record=record, version=form.version)
        except InvalidInput:
            return {"table": words.WHY_WAITS, "hide_toggle": bool(refs)}
        table = [*view.absent(len(refs) - len(there)), *view.compared_table(found)]
        return {"table": table, "of": form.number, "hide_toggle": bool(refs)}


def _is_there(context: AppContext, caller: Caller, name: str, ref: str, version: int) -> bool:
    """Whether a record is there for the caller: a shared address may name what only another person may see."""
    try:
        known_records.known(context, caller, name, ref, version=version)
    except NotFound:
        return False
    return True


def refs_of(data: Any) -> list[str]:
    """The refs in the page's store."""
    return [ref for ref in data if isinstance(ref, str)] if isinstance(data, list) else []


def changed(refs: list[str], ref: str, *, add: bool) -> list[str]:
    """The refs with one more, or without it. Raises BadRequest where there are as many as can be compared."""
    others = [other for other in refs if other != ref]
    if not add:
        return others
    if len(others) >= known_records.MAX_COMPARED:
        raise BadRequest(words.TOO_MANY_COMPARED.format(most=known_records.MAX_COMPARED), hint=words.REMOVE_ONE)
    return [*others, ref]
