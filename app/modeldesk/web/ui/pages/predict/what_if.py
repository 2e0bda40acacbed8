"""What would change an answer, and records to start from."""

from __future__ import annotations

from typing import Any

from dash import Input, Output, State
from dash.exceptions import PreventUpdate

from modeldesk.core.errors import InvalidInput
from modeldesk.core.identity import current_caller
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.schema.fields import Field
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions import known_records, what_if
from modeldesk.services.privacy import shown_features
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.decoding_callbacks import Spec
from modeldesk.web.ui.common.explanation import ids as names
from modeldesk.web.ui.common.explanation.typed_values import read_number
from modeldesk.web.ui.common.registration import Callbacks
from modeldesk.web.ui.pages.predict import changes, known_record
from modeldesk.web.ui.pages.predict import ids as form_names
from modeldesk.web.ui.pages.predict import layout as page
from modeldesk.web.ui.pages.predict import text as words
from modeldesk.web.ui.pages.predict.request import read_form


def register(callbacks: Callbacks, context: AppContext, _places: Places) -> None:
    """Put the callbacks of suggestions and known records onto the app."""
    _register_changes(callbacks, context)
    _register_known(callbacks, context)


def _register_changes(callbacks: Callbacks, context: AppContext) -> None:
    @callbacks.on(
        {
            "goals": Output(names.CHANGES_GOAL, "options"),
            "goal": Output(names.CHANGES_GOAL, "value"),
            "hide_value": Output(names.CHANGES_VALUE_BOX, "hidden"),
            "hide_card": Output(names.CHANGES_CARD, "hidden"),
        },
        Input(form_names.SPEC, "data"),
        State(page.MODEL, "data"),
        prevent_initial_call=True,
    )
    def offer_goals(spec: Spec | None, name: str | None) -> dict[str, Any]:
        if spec is None:
            raise PreventUpdate
        model = context.model(current_caller(), name or "")
        options = changes.goal_options(model)
        return {
            "goals": options,
            "goal": options[0]["value"],
            "hide_value": not model.manifest.task.numeric,
            "hide_card": not changes.can_be_changed(model),
        }

    @callbacks.on(
        Output(names.CHANGES, "children"),
        Output(names.CHANGES_OF, "data"),
        Input(names.CHANGES_FIND, "n_clicks"),
        State(form_names.LIVE, "data"),
        State(names.CHANGES_GOAL, "value"),
        State(names.CHANGES_VALUE, "value"),
        errors=names.CHANGES_ERRORS,
        prevent_initial_call=True,
        running=[(Output(names.CHANGES_FIND, "disabled"), True, False)],
    )
    def find_changes(clicks: int | None, data: Any, goal: str | None, value: str | None) -> tuple[Any, Any]:
        if not clicks:
            raise PreventUpdate
        caller = current_caller()
        form, _, record = read_form(context, caller, data)
        found = what_if.suggest(context, caller, form.model, record, _goal(goal, value), version=form.version)
        return changes.suggestions_list(found), form.number


def _goal(goal: str | None, value: str | None) -> what_if.Goal:
    best, _, of_class = (goal or "").partition(":")
    if best in (changes.HIGHEST, changes.LOWEST):
        return what_if.Goal(best="highest" if best == changes.HIGHEST else "lowest", of_class=of_class or None)
    if goal not in (changes.AT_LEAST, changes.AT_MOST):
        return what_if.Goal(of_class=goal if goal and goal != changes.ANY else None)
    wanted = read_number((value or "").strip())
    if isinstance(wanted, str):
        raise InvalidInput(words.NO_NUMBER, hint=words.NO_NUMBER_HINT)
    return what_if.Goal(**{goal: float(wanted)})


_FILTER = {
    "inputs": Output(names.KNOWN_FEATURE, "options"),
    "hide_range": Output(names.KNOWN_RANGE, "hidden"),
    "hide_values": Output(names.KNOWN_VALUES_BOX, "hidden"),
    "values": Output(names.KNOWN_VALUES, "options"),
    "ticked": Output(names.KNOWN_VALUES, "value"),
    "low": Output(names.KNOWN_LOW, "value"),
    "high": Output(names.KNOWN_HIGH, "value"),
}
"""What the filter of known records shows."""


def _register_known(callbacks: Callbacks, context: AppContext) -> None:
    @callbacks.on(
        Output(names.KNOWN_FOUND, "children"),
        Input(names.KNOWN_TEXT, "value"),
        Input(names.KNOWN_OPENED, "data"),
        Input(names.KNOWN_FEATURE, "value"),
        Input(names.KNOWN_LOW, "value"),
        Input(names.KNOWN_HIGH, "value"),
        Input(names.KNOWN_VALUES, "value"),
        State(page.MODEL, "data"),
        errors=names.KNOWN_ERRORS,
        prevent_initial_call=True,
    )
    def find_records(
        text: str | None,
        opened: Any,
        feature: str | None,
        low: str | None,
        high: str | None,
        values: Any,
        name: str | None,
    ) -> Any:
        if not opened:
            raise PreventUpdate
        caller = current_caller()
        field = _filtered_by(context.model(caller, name or ""), feature)
        condition = None if field is None else known_record.read_filter(field, low, high, values)
        filters = [] if condition is None else [condition]
        return known_record.found_list(known_records.find(context, caller, name or "", text or "", filters))

    @callbacks.on(
        _FILTER,
        Input(names.KNOWN_OPENED, "data"),
        Input(names.KNOWN_FEATURE, "value"),
        State(page.MODEL, "data"),
        errors=names.KNOWN_FILTER_ERRORS,
        prevent_initial_call=True,
    )
    def show_filter(opened: Any, feature: str | None, name: str | None) -> dict[str, Any]:
        if not opened:
            raise PreventUpdate
        model = context.model(current_caller(), name or "")
        options = known_record.filter_options(model, shown_features(model))
        field = _filtered_by(model, feature)
        ordered = field is not None and known_record.has_order(field)
        values = [] if field is None or ordered else known_record.value_options(field)
        return {
            "inputs": options,
            "hide_range": not ordered,
            "hide_values": field is None or ordered,
            "values": values,
            "ticked": [],
            "low": None,
            "high": None,
        }


def _filtered_by(model: LoadedModel, chosen: str | None) -> Field | None:
    """The input that the dialog's select names."""
    name = (chosen or "").removeprefix("=")
    return next((field for field in model.fields if chosen and field.name == name), None)
