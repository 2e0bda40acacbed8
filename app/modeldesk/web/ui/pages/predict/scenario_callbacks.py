"""Named scenarios: kept, compared, filled into the form again, removed and exported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import ALL, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from modeldesk.core.errors import InvalidInput
from modeldesk.core.identity import Caller, current_caller
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions import what_if
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.decoding_callbacks import Spec
from modeldesk.web.ui.common.explanation import ids as names
from modeldesk.web.ui.common.explanation.drawing import positive_of
from modeldesk.web.ui.common.explanation.typed_values import read_values
from modeldesk.web.ui.common.registration import Callbacks
from modeldesk.web.ui.pages.predict import ids as form_names
from modeldesk.web.ui.pages.predict import layout as page
from modeldesk.web.ui.pages.predict import scenario_store as store
from modeldesk.web.ui.pages.predict import scenarios as view
from modeldesk.web.ui.pages.predict.request import read_form


def register(callbacks: Callbacks, context: AppContext, _places: Places) -> None:
    """Put the callbacks of scenarios onto the app."""
    _register_keeping(callbacks, context)
    _register_comparing(callbacks, context)


def _register_keeping(callbacks: Callbacks, context: AppContext) -> None:
    @callbacks.on(
        Output(names.SCENARIOS, "data"),
        Output(names.SCENARIO_NAME, "value"),
        Input(names.SCENARIO_TAKEN, "data"),
        Input(names.SCENARIO_CLEAR, "n_clicks"),
        Input(names.scenario_remove(ALL), "n_clicks"),
        State(names.SCENARIOS, "data"),
        State(page.MODEL, "data"),
        errors=names.SCENARIO_ERRORS,
        prevent_initial_call=True,
    )
    def change(taken: dict[str, Any] | None, _clear: Any, _remove: Any, kept: Any, name: str | None) -> tuple[Any, Any]:
        if not ctx.triggered or not ctx.triggered[0]["value"]:
            raise PreventUpdate
        if isinstance(ctx.triggered_id, Mapping):
            return store.without(kept, number=str(ctx.triggered_id["name"])), no_update
        if ctx.triggered_id == names.SCENARIO_CLEAR:
            return store.without(kept, model=name or ""), no_update
        caller = current_caller()
        form, _, record = read_form(context, caller, taken)
        # Inputs that cannot be answered are told now, with what is wrong, not when they are compared.
        what_if.what_if(context, caller, form.model, record, version=form.version, explain=False)
        return store.keep(kept, form, str((taken or {}).get("name") or "")), ""

    _register_browser(callbacks)


def _register_comparing(callbacks: Callbacks, context: AppContext) -> None:
    @callbacks.on(
        Output(names.SCENARIO_TABLE, "children"),
        Output(names.SCENARIO_TOOLS, "hidden"),
        Input(names.SCENARIOS, "data"),
        Input(form_names.SPEC, "data"),
        State(page.MODEL, "data"),
        prevent_initial_call=True,
    )
    def show(kept: Any, spec: Spec | None, name: str | None) -> tuple[Any, bool]:
        if spec is None:
            raise PreventUpdate
        own = store.of_model(kept, name or "")
        if not own:
            return view.nothing_kept(), True
        found, unfit = compared(context, current_caller(), name or "", spec["version"], own)
        return view.comparison(found, own, unfit), False

    @callbacks.on(
        Output(names.SCENARIO_FILE, "data"),
        Input(names.SCENARIO_EXPORT, "n_clicks"),
        State(names.SCENARIOS, "data"),
        State(form_names.SPEC, "data"),
        State(page.MODEL, "data"),
        prevent_initial_call=True,
    )
    def export(clicks: int | None, kept: Any, spec: Spec | None, name: str | None) -> Any:
        own = store.of_model(kept, name or "")
        if not clicks or not own or spec is None:
            raise PreventUpdate
        found, _ = compared(context, current_caller(), name or "", spec["version"], own)
        if found is None:
            raise PreventUpdate
        return {"content": store.as_csv(found), "filename": f"{name}-scenarios.csv", "type": "text/csv"}


def _register_browser(callbacks: Callbacks) -> None:
    """What reads the form, and what fills it again."""
    callbacks.in_browser(
        "scenarioTaken",
        Output(names.SCENARIO_TAKEN, "data"),
        Input(names.SCENARIO_KEEP, "n_clicks"),
        Input(names.SCENARIO_NAME, "n_submit"),
        State(names.SCENARIO_NAME, "value"),
        prevent_initial_call=True,
    )
    callbacks.in_browser(
        "scenarioLoaded",
        Output(names.SCENARIO_TABLE, "title"),
        Input(names.scenario_load(ALL), "n_clicks"),
        State(names.SCENARIOS, "data"),
        prevent_initial_call=True,
    )


def compared(
    context: AppContext, caller: Caller, name: str, version: int, kept: Sequence[store.Kept]
) -> tuple[what_if.Compared | None, dict[str, str]]:
    """The scenarios side by side (None where none can be answered), and why some cannot, by number:
    another version may take other inputs than the one they were kept with."""
    model = context.model(caller, name, version)
    fit, unfit = list(kept), dict[str, str]()
    while fit:
        asked = [what_if.Scenario(item.name, read_values(model.fields, item.values)) for item in fit]
        try:
            return what_if.compare(context, caller, name, asked, version=version, of_class=positive_of(model)), unfit
        except InvalidInput as error:
            told = {problem.row: problem.message for problem in reversed(error.problems) if problem.row is not None}
            if not told:
                raise
            unfit |= {fit[row].number: message for row, message in told.items()}
            fit = [item for row, item in enumerate(fit) if row not in told]
    return None, unfit
