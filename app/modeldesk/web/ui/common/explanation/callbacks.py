"""Why an answer is what it is, and which records are like it; each card loads, and fails, by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from dash import Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from modeldesk.core.errors import InvalidInput, NotFound
from modeldesk.core.identity import Caller, current_caller
from modeldesk.model_service.explain import Explanation
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.services.app_context import Desk
from modeldesk.services.predictions import explain, history, similar
from modeldesk.web.ui.common import ids
from modeldesk.web.ui.common.answers import class_name
from modeldesk.web.ui.common.charts.card import is_open
from modeldesk.web.ui.common.charts.template import new_figure
from modeldesk.web.ui.common.charts.waterfall import image_figure, ladder, waterfall_figure, waterfall_rows
from modeldesk.web.ui.common.components import Column, table
from modeldesk.web.ui.common.errors_view import chart_alert
from modeldesk.web.ui.common.explanation import ids as names
from modeldesk.web.ui.common.explanation import layout as view
from modeldesk.web.ui.common.explanation import similar_cases
from modeldesk.web.ui.common.explanation.certainty import asked_class, how_sure
from modeldesk.web.ui.common.explanation.typed_values import read_values
from modeldesk.web.ui.common.naming import answer_axis, threshold_for
from modeldesk.web.ui.common.registration import Callbacks, chart_outputs
from modeldesk.web.ui.pages.predict import ids as form_names
from modeldesk.web.ui.pages.predict.request import FormState
from modeldesk.web.ui.pages.prediction import layout as prediction

WAITS = "Shown once every input is in order."

Drawn = tuple[Any, Any, Any]
"""A chart card's figure, finding and table."""


def register(callbacks: Callbacks, desk: Desk) -> None:
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
            form, found = _explained(desk, data)
        except InvalidInput:
            return no_update, WAITS, no_update
        figure, words, _ = drawn(desk, current_caller(), found)
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
            _, found = _explained(desk, data)
        except InvalidInput:
            return WAITS
        return drawn(desk, current_caller(), found)[2]

    _register_similar(callbacks, desk)
    _register_past(callbacks, desk)


def _register_similar(callbacks: Callbacks, desk: Desk) -> None:
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
        form, model, record = read_form(desk, caller, data)
        try:
            around = similar.similar(desk, caller, form.model, record, version=form.version)
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


def _register_past(callbacks: Callbacks, desk: Desk) -> None:
    """The same for a prediction's own page, with the version that made it."""

    @callbacks.on(
        *chart_outputs(names.WHY_PAST),
        Output(ids.chart_table(names.WHY_PAST), "children"),
        Output(names.SURE_PAST, "children"),
        Output(names.PAST, "hidden"),
        Input(prediction.WANTED, "data"),
        errors=ids.chart_errors(names.WHY_PAST),
        view=chart_alert,
    )
    def show_past(prediction_id: str | None) -> tuple[Any, ...]:
        caller = current_caller()
        try:
            record = history.prediction(desk, caller, prediction_id or "")
        except NotFound:
            # The page itself says that there is no such prediction.
            return *(no_update,) * 4, True
        model = desk.model(caller, record.model, record.version)
        of_class = positive_of(model)
        found = explain.explain_prediction(desk, caller, record.id, of_class=of_class)
        return *drawn(desk, caller, found), how_sure(model, found.prediction.output, found.confidence), False


def read_form(desk: Desk, caller: Caller, data: Any) -> tuple[FormState, LoadedModel, Mapping[str, Any]]:
    """What a form's store holds: its state, its version, and the record it stands for."""
    if data is None:
        raise PreventUpdate
    form = FormState.read(data)
    model = desk.model(caller, form.model, form.version)
    return form, model, read_values(model.fields, form.values)


def _explained(desk: Desk, data: Any) -> tuple[FormState, explain.Explained]:
    """The reasons for the answer to a form's record. Raises InvalidInput for one that has none."""
    caller = current_caller()
    form, model, record = read_form(desk, caller, data)
    of_class = positive_of(model)
    return form, explain.explain(desk, caller, form.model, record, version=form.version, of_class=of_class)


def positive_of(model: LoadedModel) -> str | None:
    """The positive one of two classes where a threshold decides for it: answers and explanations are
    then about it, else about the class predicted."""
    positive = model.settings.positive
    decides = positive is not None and model.settings.threshold is not None
    return str(positive) if decides and len(model.manifest.classes) == 2 else None


def drawn(desk: Desk, caller: Caller, found: explain.Explained) -> Drawn:
    """An explanation as a chart card shows it."""
    model, explanation = found.model, found.explanation
    if explanation is None:
        blank = new_figure(height=40, xaxis={"visible": False}, yaxis={"visible": False})
        return blank, view.nothing_to_explain(found.prediction.output), None
    if view.is_picture(model):
        return _picture(found, explanation)
    axis = answer_axis(model, explanation.scale, explanation.of_class, ())  # type: ignore[arg-type]
    unit = model.settings.unit if explanation.scale == "value" else ""
    rungs = ladder(explanation, view.quantities(model.fields))
    heads, rows = waterfall_rows(rungs, axis, unit)
    words = [*view.why_words(model, explanation), *_texts(desk, caller, found)]
    figure = waterfall_figure(rungs, axis, threshold_for(model, explanation.of_class), unit)
    return figure, words, _table(heads, rows)


def _picture(found: explain.Explained, explanation: Explanation) -> Drawn:
    model, [image] = found.model, found.model.settings.image
    inputs = found.prediction.inputs
    ink = np.array([float(inputs.get(name) or 0) for name in image.columns]).reshape(image.height, image.width)
    heads, rows = view.image_rows(found.images[0], explanation.scale, model.settings.unit)
    said = asked_class(model, found.prediction.output)
    words = view.image_words("a higher answer" if said is None else class_name(explanation.of_class))
    return image_figure(found.images[0].pixels, ink), words, _table(heads, rows)


def _texts(desk: Desk, caller: Caller, found: explain.Explained) -> list[Any]:
    """The texts among the inputs, their telling words marked."""
    model, inputs = found.model, found.prediction.inputs
    of_class = found.explanation.of_class if found.explanation is not None else None
    shown = []
    for field in model.fields:
        if field.feature.type == "text" and not field.hidden and inputs.get(field.name):
            words = explain.explain_text(
                desk, caller, model.name, inputs, field.name, version=model.version, of_class=of_class
            )
            shown.append(view.text_words(words, str(inputs[field.name])))
    return shown


def _table(heads: list[str], rows: list[list[str]]) -> Any:
    columns = [Column(head, number=place == len(heads) - 1) for place, head in enumerate(heads)]
    return table(columns, rows, caption="What each input adds", rows_head=True)
