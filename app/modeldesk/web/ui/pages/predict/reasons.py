"""Why an answer is what it is, and which records are like it; each card loads, and fails, by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dash import Input, Output, State, no_update

from modeldesk.core.errors import InvalidInput
from modeldesk.core.identity import current_caller
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions import explain, similar
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.charts.registration import Drawing, chart
from modeldesk.web.ui.common.errors_view import chart_alert
from modeldesk.web.ui.common.explanation import ids as names
from modeldesk.web.ui.common.explanation import similar_cases
from modeldesk.web.ui.common.explanation.drawing import drawn, positive_of
from modeldesk.web.ui.common.registration import Callbacks
from modeldesk.web.ui.pages.predict import ids as form_names
from modeldesk.web.ui.pages.predict import text as words
from modeldesk.web.ui.pages.predict.request import read_form


def register(callbacks: Callbacks, context: AppContext, _places: Places) -> None:
    """Put the callbacks of the reasons and the similar records onto the app."""

    @chart(
        callbacks,
        names.WHY,
        Input(form_names.SETTLED, "data"),
        beside={"of": Output(names.WHY_OF, "data")},
        table_when_open=(Input(form_names.OPENED, "data"), State(form_names.SETTLED, "data")),
    )
    def show_why(data: Any) -> Drawing:
        caller = current_caller()
        try:
            form, model, record = read_form(context, caller, data)
            of_class = positive_of(model)
            found = explain.explain(context, caller, form.model, record, version=form.version, of_class=of_class)
        except InvalidInput:
            return Drawing(words.WHY_WAITS, table=lambda: words.WHY_WAITS)
        return replace(drawn(context, caller, found), beside={"of": form.number})

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
            return words.WHY_WAITS, no_update
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
