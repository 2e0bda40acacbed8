"""The cohort of the Performance page: built filter by filter, measured beside everyone, and its rows."""

from __future__ import annotations

from typing import Any

from dash import ALL, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from modeldesk.ports.analytics import Filter
from modeldesk.services.app_context import AppContext
from modeldesk.services.explore.view import filter_text, with_filter
from modeldesk.services.performance.cohort import (
    cohort_columns,
    cohort_dimensions,
    cohort_scale,
    cohort_text,
    read_cohort,
)
from modeldesk.services.performance.measured_records import shows_rows
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.errors_view import chart_alert
from modeldesk.web.ui.common.filters.form import column_options, dimension_of, form_state, read_form
from modeldesk.web.ui.common.registration import Callbacks
from modeldesk.web.ui.pages.performance import cohort as view
from modeldesk.web.ui.pages.performance import ids
from modeldesk.web.ui.pages.performance import layout as page
from modeldesk.web.ui.pages.performance.state import Ready, shown_of


def register(callbacks: Callbacks, context: AppContext, places: Places) -> None:
    """Put the callbacks of the cohort onto the app."""
    _register_form(callbacks, context)
    _register_changes(callbacks, context)
    _register_cards(callbacks, context, places)


def _register_form(callbacks: Callbacks, context: AppContext) -> None:
    @callbacks.on(
        {
            "columns": Output(ids.FILTER.column, "options"),
            "column": Output(ids.FILTER.column, "value"),
            "chips": Output(ids.CHIPS, "children"),
            "hide_clear": Output(ids.CLEAR, "hidden"),
        },
        Input(ids.READY, "data"),
        State(ids.FILTER.column, "value"),
        prevent_initial_call=True,
    )
    def offer_columns(ready: Ready | None, column: str | None) -> dict[str, Any]:
        shown = shown_of(context, ready)
        options = column_options(tuple(cohort_dimensions(shown.model).values()))
        offered = [option["value"] for option in options]
        value = column if column in offered else next(iter(offered), None)
        return {"columns": options, "column": value, "chips": view.chips(shown), "hide_clear": not shown.limited}

    @callbacks.on(
        ids.FILTER.outputs(),
        Input(ids.FILTER.column, "value"),
        Input(ids.READY, "data"),
        errors=ids.FILTER.errors,
        prevent_initial_call=True,
    )
    def show_form(column: str | None, ready: Ready | None) -> dict[str, Any]:
        shown = shown_of(context, ready)
        item = dimension_of(cohort_dimensions(shown.model).values(), column)
        if item is None:
            raise PreventUpdate
        return form_state(item, cohort_scale(shown.model, shown.everyone.rows, item), shown.where)


def _register_changes(callbacks: Callbacks, context: AppContext) -> None:
    @callbacks.on(
        Output(ids.WHERE, "data"),
        Input(ids.FILTER.add, "n_clicks"),
        State(ids.READY, "data"),
        State(ids.FILTER.column, "value"),
        State(ids.FILTER.low, "value"),
        State(ids.FILTER.high, "value"),
        State(ids.FILTER.values, "value"),
        errors=ids.ADD_ERRORS,
        prevent_initial_call=True,
    )
    def add(
        clicks: int | None,
        ready: Ready | None,
        column: str | None,
        low: str | None,
        high: str | None,
        ticked: list[str] | None,
    ) -> str:
        if not clicks or not ready:
            raise PreventUpdate
        shown = shown_of(context, ready)
        columns, dimensions = cohort_columns(shown.model), cohort_dimensions(shown.model).values()
        where = with_filter(shown.where, read_form(dimensions, columns, column, low, high, ticked))
        # What cannot be shown is refused here, and the page stays as it is.
        shown_of(context, {**ready, "where": cohort_text(where)})
        return cohort_text(where)

    @callbacks.on(
        Output(ids.WHERE, "data", allow_duplicate=True),
        Output(ids.SEGMENT, "data", allow_duplicate=True),
        Input(ids.without(ALL), "n_clicks"),
        Input(ids.CLEAR, "n_clicks"),
        State(ids.READY, "data"),
        errors=ids.REMOVE_ERRORS,
        prevent_initial_call=True,
    )
    def remove(_without: Any, _clear: Any, ready: Ready | None) -> tuple[Any, Any]:
        if not ready or not ctx.triggered or not ctx.triggered[0]["value"]:
            raise PreventUpdate
        if ctx.triggered_id == ids.CLEAR:
            return "", ""
        gone = str(ctx.triggered_id["name"])
        model = shown_of(context, ready).model
        where: list[Filter] = [item for item in read_cohort(model, ready["where"]) if filter_text(item) != gone]
        return cohort_text(where), no_update


def _register_cards(callbacks: Callbacks, context: AppContext, places: Places) -> None:
    @callbacks.on(
        Output(ids.COHORT_BODY, "children"),
        Input(ids.READY, "data"),
        Input(ids.SETTLED, "data"),
        errors=ids.COHORT_ERRORS,
        view=chart_alert,
        prevent_initial_call=True,
    )
    def compare(ready: Ready | None, threshold: float | None) -> Any:
        shown = shown_of(context, ready)
        if not shown.limited:
            raise PreventUpdate
        return view.beside_everyone(shown, decided_at(shown.report.scores is not None, threshold))

    @callbacks.on(
        Output(ids.ROWS_GRID, "columnDefs"),
        Output(ids.ROWS_GRID, "rowData"),
        Output(ids.ROWS_NOTE, "children"),
        Input(ids.READY, "data"),
        Input(ids.SETTLED, "data"),
        errors=ids.ROWS_ERRORS,
        view=chart_alert,
        prevent_initial_call=True,
    )
    def list_rows(ready: Ready | None, threshold: float | None) -> tuple[Any, ...]:
        shown = shown_of(context, ready)
        if not shows_rows(shown.model) or not len(shown.report.rows):
            raise PreventUpdate
        return view.rows_table(shown, places, decided_at(shown.report.scores is not None, threshold))


def decided_at(decides: bool, threshold: float | None) -> float | None:
    """Return the threshold that the page stands at, None for a model that no threshold decides."""
    if not decides:
        return None
    return page.START if threshold is None else threshold
