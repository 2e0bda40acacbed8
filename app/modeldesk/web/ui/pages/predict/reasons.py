"""Why an answer is what it is, and which records are like it; each card loads, and fails, by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from modeldesk.core.errors import InvalidInput
from modeldesk.core.identity import Caller, current_caller
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions import explain, similar
from modeldesk.web.ui.common import ids
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.charts.card import is_open
from modeldesk.web.ui.common.errors_view import chart_alert
from modeldesk.web.ui.common.explanation import ids as names
from modeldesk.web.ui.common.explanation import similar_cases
from modeldesk.web.ui.common.explanation.drawing import drawn, positive_of
from modeldesk.web.ui.common.explanation.typed_values import read_values
from modeldesk.web.ui.common.registration import Callbacks, chart_outputs
from modeldesk.web.ui.pages.predict import ids as form_names
from modeldesk.web.ui.pages.predict.request import FormState

WAITS = "Shown once every input is in order."


def register(callbacks: Callbacks, context: AppContext, _places: Places) -> None:
    """Put the callbacks of the reasons and the similar records onto the app."""

    @callbacks.on(
        *chart_outputs(names.WHY),
        Output(names.WHY_OF, "data"),
        Input(form_names.SETTLED, "data"),
        errors=ids.chart_errors(names.WHY),
        view=chart_alert,
        prevent_initial_call=True,
    )
    def show_why(data: Any) -> tuple[Any, ...]:
        try:
            form, found = _explained(context, data)
        except InvalidInput:
            return no_update, WAITS, no_update
        figure, words, _ = drawn(context, current_caller(), found)
        return figure, words, form.number

    @callbacks.on(
        Output(ids.chart_table(names.WHY), "children"),
        Input(ids.chart_toggle(names.WHY), "n_clicks"),
        Input(form_names.OPENED, "data"),
        State(form_names.SETTLED, "data"),
        prevent_initial_call=True,
    )
    def tabulate_why(clicks: int | None, _: Any, data: Any) -> Any:
        if not is_open(clicks):
            raise PreventUpdate
        try:
            _, found = _explained(context, data)
        except InvalidInput:
            return WAITS
        return drawn(context, current_caller(), found)[2]

    _register_similar(callbacks, context)


def _register_similar(callbacks: Callbacks, context: AppContext) -> None:
    """The similar records, and what tells the browser that all that follows the form is there."""

    @callbacks.on(
        Output(names.SIMILAR, "children"),
        Output(names.SIMILAR_OF, "data"),
        Input(form_names.SETTLED, "data"),
        errors=names.SIMILAR_ERRORS,
        view=chart_alert,
        prevent_initial_call=True,
    )
    def show_similar(data: Any) -> tuple[Any, Any]:
        caller = current_caller()
        form, model, record = read_form(context, caller, data)
        try:
            around = similar.similar(context, caller, form.model, record, version=form.version)
        except InvalidInput:
            return WAITS, no_update
        return similar_cases.similar_body(around, [field.name for field in model.fields]), form.number

    callbacks.in_browser(
        "predictFollowed",
        Output(form_names.RESULT_CHECKS, "title"),
        Input(names.WHY_OF, "data"),
        Input(names.SIMILAR_OF, "data"),
        Input(names.CHANGES_OF, "data"),
        Input(names.COMPARE_OF, "data"),
        prevent_initial_call=True,
    )


def read_form(context: AppContext, caller: Caller, data: Any) -> tuple[FormState, LoadedModel, Mapping[str, Any]]:
    """What a form's store holds: its state, its version, and the record it stands for."""
    if data is None:
        raise PreventUpdate
    form = FormState.read(data)
    model = context.model(caller, form.model, form.version)
    return form, model, read_values(model.fields, form.values)


def _explained(context: AppContext, data: Any) -> tuple[FormState, explain.Explained]:
    """The reasons for the answer to a form's record. Raises InvalidInput for one that has none."""
    caller = current_caller()
    form, model, record = read_form(context, caller, data)
    of_class = positive_of(model)
    return form, explain.explain(context, caller, form.model, record, version=form.version, of_class=of_class)
