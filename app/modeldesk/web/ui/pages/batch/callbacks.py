"""The Batch page: one's files, the chosen one's state, and what is done with it."""

from __future__ import annotations

from typing import Any

from dash import ALL, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from modeldesk.core.errors import NotFound
from modeldesk.core.identity import current_caller
from modeldesk.model_service.tables import FileOptions
from modeldesk.ports.batches import Batch
from modeldesk.services.app_context import AppContext
from modeldesk.services.batches import manage as batches
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.components import button, card, empty
from modeldesk.web.ui.common.decoding_callbacks import FileReading, version_of
from modeldesk.web.ui.common.registration import Callbacks
from modeldesk.web.ui.pages.batch import check_callbacks as batch_check
from modeldesk.web.ui.pages.batch import ids
from modeldesk.web.ui.pages.batch import results_callbacks as batch_results
from modeldesk.web.ui.pages.batch.files import SHOWN, files
from modeldesk.web.ui.pages.batch.job import job_card, nothing_chosen


def register(callbacks: Callbacks, context: AppContext, places: Places) -> None:
    """Put the callbacks of the Batch page onto the app."""
    _register_files(callbacks, context)
    _register_job(callbacks, context, places)
    _register_actions(callbacks, context)
    batch_check.register(callbacks, context)
    batch_results.register(callbacks, context, places)


def _register_files(callbacks: Callbacks, context: AppContext) -> None:
    @callbacks.on(
        Output(ids.FILES, "children"),
        Output(ids.FOLLOW, "disabled"),
        Input(ids.MODEL, "data"),
        Input(ids.SELECTED, "data"),
        Input(ids.FOLLOW, "n_intervals"),
        Input(ids.CHANGED, "data"),
        errors=ids.FILES_ERRORS,
    )
    def show_files(model: str | None, selected: str | None, _ticks: Any, _changed: Any) -> tuple[Any, Any]:
        found = batches.own(context, current_caller(), model=model or "", limit=SHOWN)
        working = any(item.state in ("queued", "running") for item in found.batches)
        shown = files(found.batches, selected, context.batch_storage.retention_days, more=found.next_cursor is not None)
        return shown, not working


def _register_job(callbacks: Callbacks, context: AppContext, places: Places) -> None:
    @callbacks.on(
        {
            "job": Output(ids.JOB, "children"),
            "hide_check": Output(ids.CHECK, "hidden"),
            "hide_results": Output(ids.RESULTS, "hidden"),
            "uploaded": Output(ids.UPLOADED, "data"),
            "finished": Output(ids.FINISHED, "data"),
            "shown": Output(ids.SHOWN, "data"),
        },
        Input(ids.SELECTED, "data"),
        Input(ids.FOLLOW, "n_intervals"),
        Input(ids.CHANGED, "data"),
        State(ids.MODEL, "data"),
        State(ids.SHOWN, "data"),
        errors=ids.JOB_ERRORS,
    )
    def show_job(
        selected: str | None, _ticks: Any, _changed: Any, model: str | None, before: str | None
    ) -> dict[str, Any]:
        caller = current_caller()
        if not selected:
            some = bool(batches.own(context, caller, model=model or "", limit=1).batches)
            return _job(nothing_chosen(places, model or "", any_files=some))
        try:
            found = batches.batch(context, caller, selected)
            if found.model != model:
                raise NotFound("This file belongs to another model.")
        except NotFound:
            return _job(_gone())
        note = batches.note(context, found)
        now = _signature(found, note)
        if now == before:
            raise PreventUpdate
        shown = job_card(found, context.entry(caller, found.model).versions, note, places)
        uploaded = found.id if found.state == "uploaded" else None
        finished = found.id if found.state == "succeeded" else None
        return _job(shown, uploaded, finished, now)


def _job(
    job: Any, uploaded: str | None = None, finished: str | None = None, shown: str | None = None
) -> dict[str, Any]:
    hidden = {"hide_check": uploaded is None, "hide_results": finished is None}
    return {"job": job, "uploaded": uploaded, "finished": finished, "shown": shown, **hidden}


def _register_actions(callbacks: Callbacks, context: AppContext) -> None:
    @callbacks.on(
        Output(ids.CHANGED, "data"),
        Output(ids.SELECTED, "data", allow_duplicate=True),
        Input(ids.action(ALL, ALL), "n_clicks"),
        State(ids.OPTIONS, "data"),
        State(ids.EXPLAIN, "value"),
        errors=ids.ACTION_ERRORS,
        prevent_initial_call=True,
    )
    def act(_clicks: Any, options: FileReading | None, explain: bool | None) -> tuple[Any, Any]:
        pressed = ctx.triggered_id
        if not isinstance(pressed, dict) or not ctx.triggered[0]["value"]:
            raise PreventUpdate
        name, batch_id = str(pressed["name"]), str(pressed["batch"])
        given = options["given"] if options and options["batch"] == batch_id else {}
        chosen = batches.options_of({**given, "explain": bool(explain) or given.get("explain")})
        done = _done(context, name, batch_id, chosen)
        return f"{name} {done.id} {done.state}", no_update if done.id == batch_id else done.id

    @callbacks.on(
        Output(ids.DELETED, "data"),
        Output(ids.CHANGED, "data", allow_duplicate=True),
        Output(ids.SELECTED, "data", allow_duplicate=True),
        Input(ids.DELETE, "n_clicks"),
        State(ids.SELECTED, "data"),
        errors=ids.DELETE_ERRORS,
        prevent_initial_call=True,
        running=[(Output(ids.DELETE, "disabled"), True, False)],
    )
    def delete(clicks: int | None, selected: str | None) -> tuple[Any, Any, Any]:
        if not clicks or not selected:
            raise PreventUpdate
        batches.delete(context, current_caller(), selected)
        return selected, f"deleted {selected}", None

    callbacks.in_browser(
        "closeDialog", Output(ids.DELETE_DIALOG, "title"), Input(ids.DELETED, "data"), prevent_initial_call=True
    )
    callbacks.in_browser(
        "batchAddress", Output(ids.UPLOAD, "title"), Input(ids.SELECTED, "data"), prevent_initial_call=True
    )


def _done(context: AppContext, action: str, batch_id: str, options: FileOptions) -> Batch:
    """Do what a button says with a batch, or with its file again; the batch that came of it.
    ``options`` count where it is started."""
    caller = current_caller()
    name, _, version = action.partition(":")
    if name == ids.CANCEL:
        return batches.cancel(context, caller, batch_id)
    if name == ids.RERUN:
        return batches.rerun(context, caller, batch_id, version_of(version))
    return batches.start(context, caller, batch_id, options)


def _gone() -> Any:
    return card(
        empty(
            "No such file",
            "It was deleted, is kept no longer, or is somebody else's. Choose another at the left, or upload it again.",
            button("Choose a file", kind="primary", **{"data-md-batch": "choose"}),
            art=False,
        )
    )


def _signature(found: Batch, note: str | None) -> str:
    return f"{found.id} {found.state} {found.rows_total} {found.rows_done} {found.rows_failed} {note}"
