"""Drawing a model's form, and handing it over to the browser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
from dash import Input, Output

from modeldesk.core.errors import ModelUnavailable, NotFound
from modeldesk.core.identity import Caller, current_caller
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.schema.fields import Field
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions import response as respond
from modeldesk.services.privacy import shown_features
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.charts.map import place_map
from modeldesk.web.ui.common.registration import Callbacks
from modeldesk.web.ui.pages.predict import ids as names
from modeldesk.web.ui.pages.predict import layout as page
from modeldesk.web.ui.pages.predict.form import FormPlan, MapInput, plan_form
from modeldesk.web.ui.pages.predict.form_spec import form_spec

_NO_CHART = frozenset({"text", "pixel", "option"})


def register(callbacks: Callbacks, context: AppContext, places: Places) -> None:
    """Put the form's callbacks onto the app."""

    @callbacks.on(
        {
            "hidden": Output(page.PAGE, "hidden"),
            "columns": Output(page.PAGE, "data-columns"),
            "head": Output("predict-head", "children"),
            "body": Output(names.BODY, "children"),
            "spec": Output(names.SPEC, "data"),
            "curve_options": Output(names.CURVE_FEATURE, "options"),
            "curve": Output(names.CURVE_FEATURE, "value"),
            "x_options": Output(names.SURFACE_X, "options"),
            "x": Output(names.SURFACE_X, "value"),
            "y_options": Output(names.SURFACE_Y, "options"),
            "y": Output(names.SURFACE_Y, "value"),
            "hide_curve": Output(names.CURVE_BOX, "hidden"),
            "hide_surface": Output(names.SURFACE_BOX, "hidden"),
            "notice": Output(names.VERSION_NOTICE, "children"),
            "hide_redraw": Output(names.REDRAW_LINE, "hidden"),
        },
        Input(page.MODEL, "data"),
        Input(names.REDRAW, "n_clicks"),
        errors=page.DRAW_ERRORS,
    )
    def draw_form(name: str | None, _clicks: int | None) -> dict[str, Any]:
        caller = current_caller()
        try:
            model = context.model(caller, name or "")
        except (NotFound, ModelUnavailable):
            # The page's head says what is wrong with the model, and what to do.
            return {"hidden": True}
        plan = plan_form(model.fields, model.settings.image, model.one_hots)
        maps = _maps(context, caller, model, plan, places.map_style)
        choices = chart_choices(model)
        options = [{"label": field.label, "value": field.name} for field in choices]
        first, (x, y) = first_choices(choices)
        return {
            "hidden": False,
            "columns": str(plan.columns),
            "head": page.form_head(plan),
            "body": page.form_body(plan, maps),
            "spec": form_spec(model, plan),
            "curve_options": options,
            "x_options": options,
            "y_options": options,
            "curve": first,
            "x": x,
            "y": y,
            "hide_curve": first is None,
            "hide_surface": y is None,
            "notice": None,
            "hide_redraw": True,
        }

    callbacks.in_browser("predictStart", Output(names.FORM, "title"), Input(names.SPEC, "data"))


def chart_choices(model: LoadedModel) -> list[Field]:
    """The inputs that a response can be drawn along."""
    shown = frozenset(shown_features(model))
    return [field for field in model.fields if field.name in shown and field.widget not in _NO_CHART]


def first_choices(choices: Sequence[Field]) -> tuple[str | None, tuple[str | None, str | None]]:
    """What the charts show at first: a number for the curve; a place or two numbers for the map."""
    numbers = [field for field in choices if field.feature.numeric]
    coordinates = [field for field in numbers if field.widget in ("latitude", "longitude")]
    plain = [field for field in numbers if field not in coordinates] or numbers or list(choices)
    first = plain[0].name if plain else None
    longitude = next((field.name for field in coordinates if field.widget == "longitude"), None)
    latitude = next((field.name for field in coordinates if field.widget == "latitude"), None)
    if longitude and latitude:
        return first, (longitude, latitude)
    pair = [field.name for field in dict.fromkeys([*plain, *choices])][:2]
    return first, (pair[0], pair[1]) if len(pair) == 2 else (None, None)


def _maps(context: AppContext, caller: Caller, model: LoadedModel, plan: FormPlan, style: str) -> list[go.Figure]:
    figures = []
    for item in (item for group in plan.groups for item in group.items if isinstance(item, MapInput)):
        around = respond.geography(
            context, caller, model.name, item.latitude.name, item.longitude.name, version=model.version
        )
        lat, lon = model.default_record[item.latitude.name], model.default_record[item.longitude.name]
        chosen = (float(lat), float(lon)) if isinstance(lat, int | float) and isinstance(lon, int | float) else None
        figures.append(place_map(around.points, chosen, around.outline, style))
    return figures
