"""The callbacks of the Batch page: the files, the chosen one's state and actions, its check and its results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import ALL, MATCH, Input, Output, Patch, State, ctx, no_update
from dash.exceptions import PreventUpdate

from modeldesk.core.errors import InvalidInput, NotFound, TooLarge
from modeldesk.core.identity import Caller, current_caller
from modeldesk.model_service.batch.summary import BatchSummary
from modeldesk.model_service.package.model_folder import ModelEntry
from modeldesk.model_service.schema.fields import fields
from modeldesk.model_service.tables import FileOptions
from modeldesk.ports.batches import Batch
from modeldesk.services.app_context import AppContext
from modeldesk.services.batches import manage as batches
from modeldesk.services.batches import results as finished_results
from modeldesk.services.batches.manage import first_values
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.answers import class_name
from modeldesk.web.ui.common.charts.registration import Drawing, chart
from modeldesk.web.ui.common.decoding_callbacks import FileReading, version_of
from modeldesk.web.ui.common.registration import Callbacks, report
from modeldesk.web.ui.pages.batch import check, ids, results
from modeldesk.web.ui.pages.batch import check_text as check_words
from modeldesk.web.ui.pages.batch import text as words
from modeldesk.web.ui.pages.batch.figures import chances_figure, counts_figure, predictions_figure, shift_figure
from modeldesk.web.ui.pages.batch.job import SHOWN, files, gone, job_card, nothing_chosen
from modeldesk.web.ui.pages.batch.layout import EVERY_CLASS


def register(callbacks: Callbacks, context: AppContext, places: Places) -> None:
    """Put the callbacks of the Batch page onto the app."""
    _register_files(callbacks, context)
    _register_job(callbacks, context, places)
    _register_actions(callbacks, context)
    _register_check(callbacks, context)
    _register_charts(callbacks, context)
    _register_rows(callbacks, context, places)


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
        own = batches.own(context, current_caller(), model=model or "", limit=SHOWN)
        working = any(item.state in ("queued", "running") for item in own.batches)
        shown = files(own.batches, selected, context.batch_storage.retention_days, more=own.next_cursor is not None)
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
            batch = batches.batch(context, caller, selected)
            if batch.model != model:
                raise NotFound(words.OTHER_MODEL)
        except NotFound:
            return _job(gone())
        note = batches.note(context, batch)
        now = _signature(batch, note)
        if now == before:
            raise PreventUpdate
        shown = job_card(batch, context.entry(caller, batch.model).versions, note, places)
        uploaded = batch.id if batch.state == "uploaded" else None
        finished = batch.id if batch.state == "succeeded" else None
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
        return selected, f"deleted:{selected}", None

    callbacks.in_browser(
        "closeDialog", Output(ids.DELETE_DIALOG, "title"), Input(ids.DELETED, "data"), prevent_initial_call=True
    )
    callbacks.in_browser(
        "batchAddress", Output(ids.UPLOAD, "title"), Input(ids.SELECTED, "data"), prevent_initial_call=True
    )


def _done(context: AppContext, action: str, batch_id: str, options: FileOptions) -> Batch:
    """Carry out a button's action on a batch, or on its file again, and return the resulting batch.
    ``options`` apply where it is started."""
    caller = current_caller()
    name, _, version = action.partition(":")
    if name == ids.CANCEL:
        return batches.cancel(context, caller, batch_id)
    if name == ids.RERUN:
        return batches.rerun(context, caller, batch_id, version_of(version))
    return batches.start(context, caller, batch_id, options)


def _signature(batch: Batch, note: str | None) -> str:
    return f"{batch.id} {batch.state} {batch.rows_total} {batch.rows_done} {batch.rows_failed} {note}"


# ---- the check -----------------------------------------------------------------------------------


def _register_check(callbacks: Callbacks, context: AppContext) -> None:
    @callbacks.on(
        {
            "reading": Output(ids.READING, "children"),
            "choices": Output(ids.READING_OPTIONS, "children"),
            "columns": Output(ids.COLUMNS, "children"),
            "rows": Output(ids.ROWS, "children"),
            "options": Output(ids.OPTIONS, "data"),
        },
        Input(ids.UPLOADED, "data"),
        Input(ids.column(ALL), "value"),
        Input(ids.option(ALL), "value"),
        State(ids.OPTIONS, "data"),
        errors=ids.CHECK_ERRORS,
        prevent_initial_call=True,
    )
    def check_file(uploaded: str | None, _columns: Any, _options: Any, before: FileReading | None) -> dict[str, Any]:
        if not uploaded:
            if before is None:
                raise PreventUpdate
            return _waiting()
        known = before if before and before["batch"] == uploaded else None
        given = _chosen(*ctx.inputs_list[1:]) if known else None
        if known and given == known["given"]:
            raise PreventUpdate  # what this callback itself has drawn came back to it
        return _checked(context, uploaded, given, fresh=known is None)

    callbacks.in_browser(
        "batchChecked", Output(ids.CHECK, "title"), Input(ids.OPTIONS, "data"), prevent_initial_call=True
    )

    @callbacks.on(
        Output(ids.column(MATCH), "value"),
        Input(ids.suggestion(MATCH), "n_clicks"),
        State(ids.suggestion(MATCH), "value"),
        prevent_initial_call=True,
    )
    def take_suggestion(clicks: int | None, column: str) -> str:
        if not clicks:
            raise PreventUpdate
        return column


def _checked(context: AppContext, batch_id: str, given: dict[str, Any] | None, *, fresh: bool) -> dict[str, Any]:
    """Return the parts of the page for a file under the given options; if it is ``fresh``, not looked at
    before, an error stands in the place of its columns."""
    caller = current_caller()
    batch = batches.batch(context, caller, batch_id)
    options = FileOptions.model_validate(batch.options) if given is None else batches.options_of(given)
    stored = {"batch": batch_id, "given": options.model_dump(mode="json", exclude_none=True)}
    try:
        result = batches.check(context, caller, batch_id, options)
    except (InvalidInput, TooLarge) as error:
        known, reference = report(error, check_words.CHECK_ACTION)
        if fresh:
            parts = {"reading": check.unreadable(known, reference), "choices": check.reading_options(None, options)}
            return {**parts, "columns": None, "rows": None, "options": stored}
        # In the place of the button: what was chosen last cannot be started.
        return {"rows": check.refused_card(known, reference), "options": stored}
    fields = context.model(caller, batch.model, batch.version).fields
    values = first_values(context, caller, batch_id, result)
    checked = check.Checked(batch, result, fields, values, options)
    return {
        "reading": check_words.reading(result.form, result.rows),
        "choices": check.reading_options(result.form, options),
        "columns": check.columns_card(checked),
        "rows": check.rows_card(checked),
        "options": stored,
    }


def _chosen(columns: Sequence[dict[str, Any]], options: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the page's choices as options."""
    return check.chosen_options(
        {item["id"]["name"]: item.get("value") for item in columns},
        {item["id"]["name"]: item.get("value") for item in options},
    )


def _waiting() -> dict[str, Any]:
    return {
        "reading": check.looking(),
        "choices": None,
        "columns": check.columns_waiting(),
        "rows": check.rows_waiting(),
        "options": None,
    }


# ---- results -------------------------------------------------------------------------------------


def _register_charts(callbacks: Callbacks, context: AppContext) -> None:
    finished = Input(ids.FINISHED, "data")

    @chart(callbacks, ids.PREDICTIONS, finished)
    def predictions(finished: str | None) -> Drawing:
        batch, summary = _summary(context, finished)
        settings = context.entry(current_caller(), batch.model).settings
        positive = None if settings.positive is None else str(settings.positive)
        chances, bars = summary.chances, summary.distribution
        return Drawing(
            words.predictions_finding(summary, positive, settings.unit),
            lambda: predictions_figure(bars, settings.unit) if chances is None else chances_figure(chances),
            lambda: results.predictions_table(summary, settings.unit),
        )

    @chart(callbacks, ids.WARNINGS, finished)
    def warnings(finished: str | None) -> Drawing:
        batch, summary = _summary(context, finished)
        labels = _labels(context.entry(current_caller(), batch.model), batch)
        counts = results.warning_counts(summary)
        return Drawing(
            words.warnings_finding(sum(count for _, count in counts)),
            lambda: counts_figure(counts),
            lambda: results.warnings_table(summary, labels),
        )

    @chart(callbacks, ids.SHIFT, finished)
    def shift(finished: str | None) -> Drawing:
        _, summary = _summary(context, finished)
        return Drawing(
            words.shift_finding(summary), lambda: shift_figure(summary.shift), lambda: results.shift_table(summary)
        )


def _register_rows(callbacks: Callbacks, context: AppContext, places: Places) -> None:
    @callbacks.on(
        {
            "views": Output(ids.VIEWS, "children"),
            "hide_classes": Output(ids.CLASS_BOX, "hidden"),
            "classes": Output(ids.CLASS, "options"),
            "columns": Output(ids.GRID, "columnDefs"),
            "rows": Output(ids.GRID, "rowData"),
            "note": Output(ids.GRID_NOTE, "children"),
        },
        Input(ids.FINISHED, "data"),
        Input(ids.VIEW, "data"),
        Input(ids.CLASS, "value"),
        errors=ids.RESULTS_ERRORS,
        prevent_initial_call=True,
    )
    def show_rows(finished: str | None, view: str | None, of_class: str | None) -> dict[str, Any]:
        batch, summary = _summary(context, finished)
        caller, view = current_caller(), view if view in words.VIEWS else "scored"
        classes = [bar.label for bar in summary.distribution if bar.low is None and bar.high is None]
        options = [{"label": words.EVERY_PREDICTION, "value": EVERY_CLASS}]
        options += [{"label": class_name(label), "value": label} for label in classes]
        wanted = of_class if of_class in classes else None
        return {
            "views": results.view_chips(batch, view),
            "hide_classes": not classes or view == "rejected",
            "classes": options,
            **_rows(context, caller, batch, view, wanted, places),
        }

    @callbacks.on(
        Output(ids.GRID, "dashGridOptions"),
        Input(ids.FIND, "value"),
        prevent_initial_call=True,
    )
    def find(typed: str | None) -> Patch:
        patch = Patch()
        patch["quickFilterText"] = typed or ""
        return patch

    callbacks.in_browser("pick", Output(ids.VIEW, "data"), Input(ids.view(ALL), "n_clicks"), prevent_initial_call=True)


def _rows(
    context: AppContext, caller: Caller, batch: Batch, view: str, of_class: str | None, places: Places
) -> dict[str, Any]:
    """Return the grid's columns and rows, and how many there are."""
    entry = context.entry(caller, batch.model)
    if view == "rejected":
        page = finished_results.errors(context, caller, batch.id, limit=finished_results.MAX_LINES)
        rows = results.rejected_rows(page.lines, _labels(entry, batch))
        note = words.grid_note(len(rows), page.next_offset is not None, view)
        return {"columns": results.rejected_columns(), "rows": rows, "note": note}
    warned = True if view == "warned" else None
    page = finished_results.preview(
        context, caller, batch.id, limit=results.MOST_LINES, prediction=of_class, warned=warned
    )
    positive = None if entry.settings.positive is None else str(entry.settings.positive)
    columns = results.scored_columns(page.lines, positive)
    note = words.grid_note(len(page.lines), page.next_offset is not None, view)
    # Without rows the grid keeps the columns that it has.
    return {"rows": results.scored_rows(page.lines, places), "note": note} | ({"columns": columns} if columns else {})


def _summary(context: AppContext, finished: str | None) -> tuple[Batch, BatchSummary]:
    """Return the finished batch and its figures. Raise `PreventUpdate` where there is none."""
    if not finished:
        raise PreventUpdate
    lines = batches.batch(context, current_caller(), finished)
    return lines, BatchSummary.model_validate(lines.summary)


def _labels(entry: ModelEntry, batch: Batch) -> Mapping[str, str]:
    """Return the labels of the inputs of the version that the file was scored with."""
    schema = entry.manifests(batch.version).model_schema
    return {field.name: field.label for field in fields(schema, entry.settings)}
