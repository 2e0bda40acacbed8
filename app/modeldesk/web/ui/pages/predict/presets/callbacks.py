"""Presets: saved, listed, changed, deleted, and opened by their link."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import ALL, Input, Output, State, ctx
from dash.exceptions import PreventUpdate

from modeldesk.core.errors import BadRequest
from modeldesk.core.identity import Caller, current_caller
from modeldesk.ports.presets import NamedRecord
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions import presets as service
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.decoding_callbacks import Spec
from modeldesk.web.ui.common.explanation import ids as names
from modeldesk.web.ui.common.explanation.typed_values import form_text, read_values
from modeldesk.web.ui.common.registration import Callbacks
from modeldesk.web.ui.pages.predict import ids as form_names
from modeldesk.web.ui.pages.predict import layout as page
from modeldesk.web.ui.pages.predict import scenario_store
from modeldesk.web.ui.pages.predict.presets import dialog, ids
from modeldesk.web.ui.pages.predict.presets import text as words
from modeldesk.web.ui.pages.predict.request import FormState


def register(callbacks: Callbacks, context: AppContext, places: Places) -> None:
    """Put the callbacks of presets onto the app."""
    _register_saving(callbacks, context, places)
    _register_changing(callbacks, context)
    _register_opening(callbacks, context)


def _register_saving(callbacks: Callbacks, context: AppContext, places: Places) -> None:
    @callbacks.on(
        Output(ids.LIST, "children"),
        Input(ids.DIALOG_OPENED, "data"),
        Input(ids.CHANGED, "data"),
        State(page.MODEL, "data"),
        errors=ids.LIST_ERRORS,
        prevent_initial_call=True,
    )
    def list_presets(_opened: Any, _changed: Any, name: str | None) -> Any:
        if not name:
            raise PreventUpdate
        caller = current_caller()
        return dialog.preset_list(service.list_presets(context, caller, name), caller, places)

    @callbacks.on(
        {
            "changed": Output(ids.CHANGED, "data"),
            "name": Output(ids.NAME, "value"),
            "shared": Output(ids.SHARED, "value"),
            "saved": Output(ids.SAVED, "children"),
        },
        Input(ids.TAKEN, "data"),
        State(names.SCENARIOS, "data"),
        errors=ids.SAVE_ERRORS,
        prevent_initial_call=True,
    )
    def save(taken: dict[str, Any] | None, kept: Any) -> dict[str, Any]:
        if taken is None:
            raise PreventUpdate
        caller, form = current_caller(), FormState.read(taken)
        scenarios = taken.get("what") == ids.SCENARIOS
        records = _records(context, caller, form, scenario_store.of_model(kept, form.model) if scenarios else None)
        preset = service.save_preset(
            context,
            caller,
            form.model,
            str(taken.get("name") or ""),
            records,
            scenarios=scenarios,
            shared=bool(taken.get("shared")),
            version=form.version,
        )
        return {"changed": preset.id, "name": "", "shared": False, "saved": dialog.saved_notice(preset, places)}

    callbacks.in_browser(
        "presetTaken",
        Output(ids.TAKEN, "data"),
        Input(ids.SAVE, "n_clicks"),
        Input(ids.NAME, "n_submit"),
        State(ids.NAME, "value"),
        State(ids.WHAT, "value"),
        State(ids.SHARED, "value"),
        prevent_initial_call=True,
    )


def _register_changing(callbacks: Callbacks, context: AppContext) -> None:
    @callbacks.on(
        Output(ids.CHANGED, "data", allow_duplicate=True),
        Input(ids.apply(ALL), "n_clicks"),
        State(ids.new_name(ALL), "value"),
        State(ids.new_shared(ALL), "value"),
        State(page.MODEL, "data"),
        errors=ids.CHANGE_ERRORS,
        prevent_initial_call=True,
    )
    def change(_clicks: Any, _names: list[str | None], _shared: list[bool | None], name: str | None) -> Any:
        preset_id = _pressed(name)
        titles, sharing = ctx.states_list[0], ctx.states_list[1]
        service.change_preset(
            context,
            current_caller(),
            name or "",
            preset_id,
            name=str(_value_of(titles, preset_id) or ""),
            shared=bool(_value_of(sharing, preset_id)),
        )
        return _said("changed", preset_id)

    @callbacks.on(
        Output(ids.CHANGED, "data", allow_duplicate=True),
        Input(ids.delete(ALL), "n_clicks"),
        State(page.MODEL, "data"),
        errors=ids.DELETE_ERRORS,
        prevent_initial_call=True,
    )
    def delete(_clicks: Any, name: str | None) -> Any:
        preset_id = _pressed(name)
        service.delete_preset(context, current_caller(), name or "", preset_id)
        return _said("deleted", preset_id)


def _register_opening(callbacks: Callbacks, context: AppContext) -> None:
    @callbacks.on(
        {
            "values": Output(ids.VALUES, "data"),
            "notice": Output(ids.NOTICE, "children"),
            "scenarios": Output(names.SCENARIOS, "data", allow_duplicate=True),
        },
        Input(form_names.SPEC, "data"),
        State(ids.WANTED, "data"),
        State(ids.VALUES, "data"),
        State(names.SCENARIOS, "data"),
        State(page.MODEL, "data"),
        errors=ids.NOTICE_ERRORS,
        prevent_initial_call=True,
    )
    def open_preset(spec: Spec | None, wanted: str | None, opened: Any, kept: Any, name: str | None) -> dict[str, Any]:
        # A form that is drawn again, for another version, keeps what stands in it.
        if spec is None or not wanted or opened is not None:
            raise PreventUpdate
        caller = current_caller()
        found = service.open_preset(context, caller, name or "", wanted, spec["version"])
        texts = [{key: form_text(value) for key, value in record.inputs.items()} for record in found.records]
        notice = dialog.opened_notice(found, caller)
        if found.preset.kind == "preset":
            return {"values": [[key, text] for key, text in texts[0].items()], "notice": notice}
        scenarios = [
            scenario_store.Kept(f"{found.preset.id} {place}", found.preset.model, record.name, values)
            for place, (record, values) in enumerate(zip(found.records, texts, strict=True))
        ]
        return {"values": [], "notice": notice, "scenarios": scenario_store.joined(kept, scenarios)}

    callbacks.in_browser(
        "presetOpened",
        Output(ids.NOTICE, "title"),
        Input(ids.VALUES, "data"),
        prevent_initial_call=True,
    )


def _records(
    context: AppContext, caller: Caller, form: FormState, kept: Sequence[scenario_store.Kept] | None
) -> list[NamedRecord]:
    """What is to be saved: the form's record, or the scenarios that are kept."""
    fields = context.model(caller, form.model, form.version).fields
    if kept is None:
        return [NamedRecord("", read_values(fields, form.values))]
    if not kept:
        raise BadRequest(words.NO_SCENARIO, hint=words.NO_SCENARIO_HINT)
    return [NamedRecord(item.name, read_values(fields, item.values)) for item in kept]


def _pressed(model: str | None) -> str:
    """The preset whose button was pressed. Raises PreventUpdate where none was: the list was only drawn."""
    trigger = ctx.triggered_id
    if not model or not isinstance(trigger, dict) or not ctx.triggered[0]["value"]:
        raise PreventUpdate
    return str(trigger["name"])


def _value_of(sent: Sequence[dict[str, Any]], preset_id: str) -> Any:
    return next((item.get("value") for item in sent if item["id"]["name"] == preset_id), None)


def _said(what: str, preset_id: str) -> str:
    return f"{what} {preset_id} {ctx.triggered[0]['value']}"
