"""What came of a file: charts, and its rows in a grid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import ALL, Input, Output, Patch
from dash.exceptions import PreventUpdate

from modeldesk.core.identity import Caller, current_caller
from modeldesk.model_service.batch.summary import BatchSummary
from modeldesk.model_service.package.model_folder import ModelEntry
from modeldesk.model_service.schema.fields import fields
from modeldesk.ports.batches import Batch
from modeldesk.services.app_context import AppContext
from modeldesk.services.batches import manage as batches
from modeldesk.services.batches import results as batch_results
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.answers import class_name
from modeldesk.web.ui.common.charts.registration import Drawing, chart
from modeldesk.web.ui.common.registration import Callbacks
from modeldesk.web.ui.pages.batch import ids as names
from modeldesk.web.ui.pages.batch import results as page
from modeldesk.web.ui.pages.batch.figures import chances_figure, counts_figure, predictions_figure, shift_figure
from modeldesk.web.ui.pages.batch.layout import EVERY_CLASS


def register(callbacks: Callbacks, context: AppContext, places: Places) -> None:
    """Put the callbacks of a file's results onto the app."""
    _register_charts(callbacks, context)
    _register_rows(callbacks, context, places)


def _register_charts(callbacks: Callbacks, context: AppContext) -> None:
    finished = Input(names.FINISHED, "data")

    @chart(callbacks, names.PREDICTIONS, finished)
    def predictions(finished: str | None) -> Drawing:
        batch, summary = _summary(context, finished)
        settings = context.entry(current_caller(), batch.model).settings
        positive = None if settings.positive is None else str(settings.positive)
        chances, bars = summary.chances, summary.distribution
        return Drawing(
            page.predictions_finding(summary, positive, settings.unit),
            lambda: predictions_figure(bars, settings.unit) if chances is None else chances_figure(chances),
            lambda: page.predictions_table(summary, settings.unit),
        )

    @chart(callbacks, names.WARNINGS, finished)
    def warnings(finished: str | None) -> Drawing:
        batch, summary = _summary(context, finished)
        called = _labels(context.entry(current_caller(), batch.model), batch)
        return Drawing(
            page.warnings_finding(summary),
            lambda: counts_figure(page.warning_counts(summary)),
            lambda: page.warnings_table(summary, called),
        )

    @chart(callbacks, names.SHIFT, finished)
    def shift(finished: str | None) -> Drawing:
        _, summary = _summary(context, finished)
        return Drawing(
            page.shift_finding(summary), lambda: shift_figure(summary.shift), lambda: page.shift_table(summary)
        )


def _register_rows(callbacks: Callbacks, context: AppContext, places: Places) -> None:
    @callbacks.on(
        {
            "views": Output(names.VIEWS, "children"),
            "hide_classes": Output(names.CLASS_BOX, "hidden"),
            "classes": Output(names.CLASS, "options"),
            "columns": Output(names.GRID, "columnDefs"),
            "rows": Output(names.GRID, "rowData"),
            "note": Output(names.GRID_NOTE, "children"),
        },
        Input(names.FINISHED, "data"),
        Input(names.VIEW, "data"),
        Input(names.CLASS, "value"),
        errors=names.RESULTS_ERRORS,
        prevent_initial_call=True,
    )
    def show_rows(finished: str | None, view: str | None, of_class: str | None) -> dict[str, Any]:
        batch, summary = _summary(context, finished)
        caller, view = current_caller(), view if view in page.VIEWS else "scored"
        classes = [bar.label for bar in summary.distribution if bar.low is None and bar.high is None]
        options = [{"label": "Every prediction", "value": EVERY_CLASS}]
        options += [{"label": class_name(label), "value": label} for label in classes]
        wanted = of_class if of_class in classes else None
        return {
            "views": page.view_chips(batch, view),
            "hide_classes": not classes or view == "rejected",
            "classes": options,
            **_rows(context, caller, batch, view, wanted, places),
        }

    @callbacks.on(
        Output(names.GRID, "dashGridOptions"),
        Input(names.FIND, "value"),
        prevent_initial_call=True,
    )
    def find(text: str | None) -> Patch:
        patch = Patch()
        patch["quickFilterText"] = text or ""
        return patch

    callbacks.in_browser(
        "pick", Output(names.VIEW, "data"), Input(names.view(ALL), "n_clicks"), prevent_initial_call=True
    )


def _rows(
    context: AppContext, caller: Caller, batch: Batch, view: str, of_class: str | None, places: Places
) -> dict[str, Any]:
    """The grid's columns and rows, and how many there are."""
    entry = context.entry(caller, batch.model)
    if view == "rejected":
        found = batch_results.errors(context, caller, batch.id, limit=batch_results.MAX_LINES)
        rows = page.rejected_rows(found.lines, _labels(entry, batch))
        note = page.grid_note(len(rows), found.next_offset is not None, view)
        return {"columns": page.rejected_columns(), "rows": rows, "note": note}
    warned = True if view == "warned" else None
    found = batch_results.preview(context, caller, batch.id, limit=page.MOST_LINES, prediction=of_class, warned=warned)
    positive = None if entry.settings.positive is None else str(entry.settings.positive)
    columns = page.scored_columns(found.lines, positive)
    note = page.grid_note(len(found.lines), found.next_offset is not None, view)
    # Without rows the grid keeps the columns that it has.
    return {"rows": page.scored_rows(found.lines, places), "note": note} | ({"columns": columns} if columns else {})


def _summary(context: AppContext, finished: str | None) -> tuple[Batch, BatchSummary]:
    """The finished batch and its figures; without one there is nothing to draw."""
    if not finished:
        raise PreventUpdate
    found = batches.batch(context, current_caller(), finished)
    return found, BatchSummary.model_validate(found.summary)


def _labels(entry: ModelEntry, batch: Batch) -> Mapping[str, str]:
    """What people call the inputs of the version that the file was scored with."""
    schema = entry.manifests(batch.version).model_schema
    return {field.name: field.label for field in fields(schema, entry.settings)}
