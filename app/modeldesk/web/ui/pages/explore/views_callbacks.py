"""Saved views of the Explore page: kept under a name, opened by their link."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import ALL, Input, Output, State, ctx
from dash.exceptions import PreventUpdate

from modeldesk.core.errors import NotFound, Problem
from modeldesk.core.identity import current_caller
from modeldesk.services.app_context import AppContext
from modeldesk.services.explore.saved_views import delete_view, own_views, save_view, saved_view
from modeldesk.services.explore.view import parted
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.registration import Callbacks
from modeldesk.web.ui.pages.explore import bar
from modeldesk.web.ui.pages.explore import ids as names


def asked_for(
    context: AppContext, name: str, asked: Mapping[str, Any]
) -> tuple[Mapping[str, Any], tuple[Problem, ...]]:
    """What an address asks for, which may name a saved view instead of saying it all."""
    if not asked.get("view"):
        return asked, ()
    try:
        return parted(saved_view(context, current_caller(), name, str(asked["view"])).query), ()
    except NotFound as error:
        return {}, (Problem("view", "address", str(error)),)


def register(callbacks: Callbacks, context: AppContext, places: Places) -> None:
    """Put the callbacks of saved views onto the app."""

    @callbacks.on(
        Output(names.VIEWS, "children"),
        Input(names.START, "data"),
        Input(names.VIEWS_CHANGED, "data"),
        State(names.MODEL, "data"),
        errors=names.VIEW_ERRORS,
        prevent_initial_call=True,
    )
    def list_views(_start: Any, _changed: Any, name: str | None) -> Any:
        if not name:
            raise PreventUpdate
        return bar.view_list(own_views(context, current_caller(), name), places)

    @callbacks.on(
        Output(names.VIEWS_CHANGED, "data"),
        Output(names.VIEW_NAME, "value"),
        Output(names.VIEW_SAVED, "children"),
        Input(names.VIEW_SAVE, "n_clicks"),
        State(names.VIEW_NAME, "value"),
        State(names.VIEW, "data"),
        State(names.MODEL, "data"),
        errors=names.VIEW_ERRORS,
        prevent_initial_call=True,
    )
    def save(_clicks: Any, title: str | None, shown: str | None, name: str | None) -> tuple[Any, ...]:
        if not name or shown is None:
            raise PreventUpdate
        view = save_view(context, current_caller(), name, title or "", shown)
        return view.id, "", bar.saved_notice(view, places)

    @callbacks.on(
        Output(names.VIEWS_CHANGED, "data", allow_duplicate=True),
        Output(names.VIEW_SAVED, "children", allow_duplicate=True),
        Input(names.delete(ALL), "n_clicks"),
        State(names.MODEL, "data"),
        errors=names.VIEW_DELETE_ERRORS,
        prevent_initial_call=True,
    )
    def delete(_clicks: Any, name: str | None) -> tuple[Any, Any]:
        trigger = ctx.triggered_id
        if not name or not isinstance(trigger, dict) or not ctx.triggered[0]["value"]:
            raise PreventUpdate
        delete_view(context, current_caller(), name, trigger["name"])
        return f"deleted:{trigger['name']}", None
