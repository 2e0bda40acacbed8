"""Recording what happened after a prediction, and showing it on the prediction's page."""

from __future__ import annotations

from typing import Any

from dash import ALL, Input, Output, State, ctx
from dash.exceptions import PreventUpdate

from modeldesk.core.errors import BadRequest, InvalidInput, NotFound, Problem
from modeldesk.core.identity import Permission, current_caller
from modeldesk.ports.outcomes import OutcomeKind
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions import history, outcomes
from modeldesk.web.ui.common import ids
from modeldesk.web.ui.common.components import alert
from modeldesk.web.ui.common.errors_view import beside_the_field
from modeldesk.web.ui.common.explanation import ids as names
from modeldesk.web.ui.common.explanation import outcome as view
from modeldesk.web.ui.common.explanation import text as words
from modeldesk.web.ui.common.explanation.typed_values import read_number
from modeldesk.web.ui.common.registration import Callbacks

_DIALOG = {
    "wanted": Output(names.OUTCOME_WANTED, "data"),
    "choices": Output(names.OUTCOME_CHOICE, "options"),
    "choice": Output(names.OUTCOME_CHOICE, "value"),
    "hide_choice": Output(names.OUTCOME_CHOICE_BOX, "hidden"),
    "hide_value": Output(names.OUTCOME_VALUE_BOX, "hidden"),
    "value": Output(names.OUTCOME_VALUE, "value"),
    "reason": Output(names.OUTCOME_REASON, "value"),
    "kind": Output(names.OUTCOME_KIND, "value"),
}
"""What the dialog opens with."""


def register(callbacks: Callbacks, context: AppContext) -> None:
    """Put the callbacks of outcomes onto the app."""

    @callbacks.on(
        _DIALOG,
        Input(view.open_id(ALL), "n_clicks"),
        prevent_initial_call=True,
    )
    def open_dialog(clicks: list[int | None]) -> dict[str, Any]:
        if not any(clicks) or not isinstance(ctx.triggered_id, dict):
            raise PreventUpdate
        caller = current_caller()
        record = history.prediction(context, caller, str(ctx.triggered_id["name"]))
        classes = outcomes.choices(context, caller, record)
        return {
            "wanted": record.id,
            "choices": view.choice_options(classes or ()),
            "choice": None if classes is None else view.UNCHOSEN,
            "hide_choice": classes is None,
            "hide_value": classes is not None,
            "value": "",
            "reason": "",
            "kind": view.ACTUAL,
        }

    _register_choices(callbacks, context)

    @callbacks.on(
        Output(names.OUTCOME_DONE, "data"),
        Output(ids.NOTICES, "children", allow_duplicate=True),
        Input(names.OUTCOME_SAVE, "n_clicks"),
        State(names.OUTCOME_WANTED, "data"),
        State(names.OUTCOME_KIND, "value"),
        State(names.OUTCOME_CHOICE, "value"),
        State(names.OUTCOME_VALUE, "value"),
        State(names.OUTCOME_REASON, "value"),
        errors=names.OUTCOME_ERRORS,
        view=beside_the_field,
        prevent_initial_call=True,
        running=[(Output(names.OUTCOME_SAVE, "disabled"), True, False)],
    )
    def save(
        clicks: int | None, wanted: str | None, kind: str, choice: str | None, number: str | None, reason: str | None
    ) -> tuple[Any, Any]:
        if not clicks or not wanted:
            raise PreventUpdate
        if choice == view.UNCHOSEN:
            raise InvalidInput(words.CHOOSE_OUTCOME, problems=[Problem("outcome", "missing", words.CHOOSE_OUTCOME)])
        value = choice if choice is not None else read_number((number or "").strip())
        found = outcomes.record_outcome(context, current_caller(), wanted, value, reason=reason, kind=_kind(kind))
        return f"{wanted} {clicks}", alert("good", view.told(found))

    callbacks.in_browser(
        "closeDialog", Output(names.OUTCOME, "title"), Input(names.OUTCOME_DONE, "data"), prevent_initial_call=True
    )
    _register_list(callbacks, context)


def _register_choices(callbacks: Callbacks, context: AppContext) -> None:
    """What may be recorded, by what it is about."""

    @callbacks.on(
        Output(names.OUTCOME_CHOICE, "options", allow_duplicate=True),
        Output(names.OUTCOME_CHOICE, "value", allow_duplicate=True),
        Input(names.OUTCOME_KIND, "value"),
        State(names.OUTCOME_WANTED, "data"),
        State(names.OUTCOME_CHOICE, "value"),
        prevent_initial_call=True,
    )
    def offer_choices(kind: str, wanted: str | None, chosen: str | None) -> tuple[Any, Any]:
        if not wanted or chosen is None:
            raise PreventUpdate
        caller = current_caller()
        classes = outcomes.choices(context, caller, history.prediction(context, caller, wanted), _kind(kind))
        options = view.choice_options(classes or ())
        known = any(option["value"] == chosen for option in options)
        return options, chosen if known else view.UNCHOSEN


def _register_list(callbacks: Callbacks, context: AppContext) -> None:
    """The outcomes that are on record."""

    @callbacks.on(
        Output(names.OUTCOMES_PAST, "children"),
        Input(names.PREDICTION_WANTED, "data"),
        Input(names.OUTCOME_DONE, "data"),
        errors=names.OUTCOMES_PAST_ERRORS,
    )
    def show_outcomes(prediction_id: str | None, _done: Any) -> Any:
        caller = current_caller()
        try:
            record = history.prediction(context, caller, prediction_id or "")
        except NotFound:
            # The page itself says that there is no such prediction.
            return None
        found = outcomes.outcomes_of(context, caller, record.id)
        unit = context.entry(caller, record.model).settings.unit
        return view.outcomes_card(record.id, found, unit, caller.may(Permission.RECORD_OUTCOMES))


def _kind(kind: str) -> OutcomeKind:
    """What is recorded. Raises BadRequest for what the dialog does not offer."""
    if kind not in (view.ACTUAL, view.DECISION):
        raise BadRequest(words.CHOOSE_KIND)
    return "actual" if kind == view.ACTUAL else "decision"
