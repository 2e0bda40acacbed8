"""Charts around one record; each loads, and fails, by itself."""

from __future__ import annotations

from typing import Any

from dash import Input, State
from dash.exceptions import PreventUpdate

from modeldesk.core.errors import InvalidInput
from modeldesk.core.identity import current_caller
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions import response as respond
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.charts.axes import Quantity
from modeldesk.web.ui.common.charts.registration import Drawing, chart
from modeldesk.web.ui.common.components import Column, table
from modeldesk.web.ui.common.naming import answer_axis, quantity, threshold_for
from modeldesk.web.ui.common.registration import Callbacks
from modeldesk.web.ui.pages.predict import ids as names
from modeldesk.web.ui.pages.predict import text as words
from modeldesk.web.ui.pages.predict.request import read_form
from modeldesk.web.ui.pages.predict.response import response_figure, response_rows
from modeldesk.web.ui.pages.predict.surface import surface_figure, surface_rows
from modeldesk.web.ui.pages.predict.what_if_text import response_finding, surface_finding


def register(callbacks: Callbacks, context: AppContext, _places: Places) -> None:
    """Put the charts' callbacks onto the app."""
    pauses, settled = Input(names.OPENED, "data"), State(names.SETTLED, "data")
    feature = Input(names.CURVE_FEATURE, "value")

    @chart(callbacks, names.CURVE, feature, Input(names.LIVE, "data"), table_when_open=(pauses, feature, settled))
    def draw_curve(feature: str | None, data: Any) -> Drawing:
        if not feature:
            raise PreventUpdate
        caller = current_caller()
        try:
            form, model, record = read_form(context, caller, data)
            curve = respond.curve(context, caller, form.model, record, feature, version=form.version)
        except InvalidInput:
            return Drawing(words.CHART_WAITS, table=lambda: words.CHART_WAITS)
        x, axis = _quantity(model, curve.feature), answer_axis(model, curve.scale, curve.of_class, curve.classes)
        limit = threshold_for(model, curve.of_class)
        columns = [Column(x.label), Column(axis.name, number=True), Column(words.SEEN_IN_TRAINING)]
        caption = words.CURVE_CAPTION.format(answer=axis.name, x=x.label)
        return Drawing(
            response_finding(curve, x, axis, limit),
            lambda: response_figure(curve, x, axis, limit),
            lambda: table(columns, response_rows(curve, x, axis), caption=caption, rows_head=True),
        )

    pair = (Input(names.SURFACE_X, "value"), Input(names.SURFACE_Y, "value"))

    @chart(callbacks, names.SURFACE, *pair, Input(names.SETTLED, "data"), table_when_open=(pauses, *pair, settled))
    def draw_surface(x_name: str | None, y_name: str | None, data: Any) -> Drawing:
        if not x_name or not y_name:
            raise PreventUpdate
        if x_name == y_name:
            return Drawing(words.CHOOSE_TWO)
        caller = current_caller()
        try:
            form, model, record = read_form(context, caller, data)
            surface = respond.surface(context, caller, form.model, record, x_name, y_name, version=form.version)
        except InvalidInput:
            return Drawing(words.CHART_WAITS, table=lambda: words.CHART_WAITS)
        x, y = _quantity(model, surface.x), _quantity(model, surface.y)
        axis = answer_axis(model, surface.scale, surface.of_class, surface.classes)
        limit = threshold_for(model, surface.of_class)

        def tabulate() -> Any:
            heads, rows = surface_rows(surface, x, y, axis)
            columns = [Column(heads[0]), *(Column(head, number=True) for head in heads[1:])]
            return table(
                columns,
                rows,
                caption=words.SURFACE_CAPTION.format(answer=axis.name, x=x.label, y=y.label),
                rows_head=True,
            )

        return Drawing(
            surface_finding(surface, x, y, axis, limit),
            lambda: surface_figure(surface, x, y, axis, limit),
            tabulate,
        )


def _quantity(model: LoadedModel, name: str) -> Quantity:
    return quantity(next(field for field in model.fields if field.name == name))
