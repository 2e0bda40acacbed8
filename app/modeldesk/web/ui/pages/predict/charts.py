"""Charts around one record; each loads, and fails, by itself."""

from __future__ import annotations

from typing import Any

from dash import Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from modeldesk.core.errors import InvalidInput
from modeldesk.core.identity import current_caller
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.schema.fields import Field
from modeldesk.model_service.whatif import response
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions import response as respond
from modeldesk.web.ui.common import ids
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.charts.card import is_open
from modeldesk.web.ui.common.components import Column, table
from modeldesk.web.ui.common.errors_view import chart_alert
from modeldesk.web.ui.common.explanation.typed_values import read_values
from modeldesk.web.ui.common.naming import answer_axis, quantity, threshold_for
from modeldesk.web.ui.common.registration import Callbacks, chart_outputs
from modeldesk.web.ui.pages.predict import ids as names
from modeldesk.web.ui.pages.predict.request import FormState
from modeldesk.web.ui.pages.predict.response import response_figure, response_finding, response_rows
from modeldesk.web.ui.pages.predict.surface import surface_figure, surface_finding, surface_rows

WAITS = "Drawn once every input is in order."


def register(callbacks: Callbacks, context: AppContext, _places: Places) -> None:
    """Put the charts' callbacks onto the app."""

    @callbacks.on(
        *chart_outputs(names.CURVE),
        Input(names.LIVE, "data"),
        Input(names.CURVE_FEATURE, "value"),
        errors=ids.chart_errors(names.CURVE),
        view=chart_alert,
        prevent_initial_call=True,
    )
    def draw_curve(data: Any, feature: str | None) -> tuple[Any, Any]:
        try:
            model, curve = _curve(context, data, feature)
        except InvalidInput:
            return no_update, WAITS
        x = quantity(_field(model, curve.feature))
        axis = answer_axis(model, curve.scale, curve.of_class, curve.classes)
        limit = threshold_for(model, curve.of_class)
        return response_figure(curve, x, axis, limit), response_finding(curve, x, axis, limit)

    @callbacks.on(
        Output(ids.chart_table(names.CURVE), "children"),
        Input(ids.chart_toggle(names.CURVE), "n_clicks"),
        Input(names.OPENED, "data"),
        Input(names.CURVE_FEATURE, "value"),
        State(names.SETTLED, "data"),
        prevent_initial_call=True,
    )
    def tabulate_curve(clicks: int | None, _: Any, feature: str | None, data: Any) -> Any:
        if not is_open(clicks):
            raise PreventUpdate
        try:
            model, curve = _curve(context, data, feature)
        except InvalidInput:
            return WAITS
        x = quantity(_field(model, curve.feature))
        axis = answer_axis(model, curve.scale, curve.of_class, curve.classes)
        columns = [Column(x.label), Column(axis.name, number=True), Column("Seen in training")]
        return table(columns, response_rows(curve, x, axis), caption=f"{axis.name} by {x.label}", rows_head=True)

    _register_surface(callbacks, context)


def _register_surface(callbacks: Callbacks, context: AppContext) -> None:
    """The card of two inputs."""

    @callbacks.on(
        *chart_outputs(names.SURFACE),
        Input(names.SETTLED, "data"),
        Input(names.SURFACE_X, "value"),
        Input(names.SURFACE_Y, "value"),
        errors=ids.chart_errors(names.SURFACE),
        view=chart_alert,
        prevent_initial_call=True,
    )
    def draw_surface(data: Any, x_name: str | None, y_name: str | None) -> tuple[Any, Any]:
        if x_name == y_name and x_name is not None:
            return no_update, "Choose two different inputs."
        try:
            model, surface = _surface(context, data, x_name, y_name)
        except InvalidInput:
            return no_update, WAITS
        x, y = (quantity(_field(model, name)) for name in (surface.x, surface.y))
        axis = answer_axis(model, surface.scale, surface.of_class, surface.classes)
        limit = threshold_for(model, surface.of_class)
        return surface_figure(surface, x, y, axis, limit), surface_finding(surface, x, y, axis, limit)

    @callbacks.on(
        Output(ids.chart_table(names.SURFACE), "children"),
        Input(ids.chart_toggle(names.SURFACE), "n_clicks"),
        Input(names.OPENED, "data"),
        Input(names.SURFACE_X, "value"),
        Input(names.SURFACE_Y, "value"),
        State(names.SETTLED, "data"),
        prevent_initial_call=True,
    )
    def tabulate_surface(clicks: int | None, _: Any, x_name: str | None, y_name: str | None, data: Any) -> Any:
        if not is_open(clicks):
            raise PreventUpdate
        try:
            model, surface = _surface(context, data, x_name, y_name)
        except InvalidInput:
            return WAITS
        x, y = (quantity(_field(model, name)) for name in (surface.x, surface.y))
        axis = answer_axis(model, surface.scale, surface.of_class, surface.classes)
        heads, rows = surface_rows(surface, x, y, axis)
        columns = [Column(heads[0]), *(Column(head, number=True) for head in heads[1:])]
        return table(columns, rows, caption=f"{axis.name} by {x.label} and {y.label}", rows_head=True)


def _surface(
    context: AppContext, data: Any, x_name: str | None, y_name: str | None
) -> tuple[LoadedModel, response.Surface]:
    if data is None or not x_name or not y_name or x_name == y_name:
        raise PreventUpdate
    form = FormState.read(data)
    caller = current_caller()
    model = context.model(caller, form.model, form.version)
    record = read_values(model.fields, form.values)
    return model, respond.surface(context, caller, form.model, record, x_name, y_name, version=form.version)


def _curve(context: AppContext, data: Any, feature: str | None) -> tuple[LoadedModel, response.Curve]:
    if data is None or not feature:
        raise PreventUpdate
    form = FormState.read(data)
    caller = current_caller()
    model = context.model(caller, form.model, form.version)
    record = read_values(model.fields, form.values)
    return model, respond.curve(context, caller, form.model, record, feature, version=form.version)


def _field(model: LoadedModel, name: str) -> Field:
    return next(field for field in model.fields if field.name == name)
