"""What came of a file: charts, and its rows in a grid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import ALL, Input, Output, Patch, no_update
from dash.exceptions import PreventUpdate

from modeldesk.core.identity import Caller, current_caller
from modeldesk.model_service.batch.summary import BatchSummary
from modeldesk.model_service.package.model_folder import ModelEntry
from modeldesk.model_service.schema.fields import fields
from modeldesk.ports.batches import Batch
from modeldesk.services.app_context import Desk
from modeldesk.services.batches import manage as batches
from modeldesk.services.batches import results as batch_results
from modeldesk.web.ui.common import ids
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.answers import class_name
from modeldesk.web.ui.common.errors_view import chart_alert
from modeldesk.web.ui.common.registration import Callbacks, chart_outputs
from modeldesk.web.ui.pages.batch import ids as names
from modeldesk.web.ui.pages.batch import results as page
from modeldesk.web.ui.pages.batch.figures import chances_figure, counts_figure, predictions_figure, shift_figure
from modeldesk.web.ui.pages.batch.layout import EVERY_CLASS


def register(callbacks: Callbacks, desk: Desk, places: Places) -> None:
    """Put the callbacks of a file's results onto the app."""
    _register_charts(callbacks, desk)
    _register_rows(callbacks, desk, places)


def _register_charts(callbacks: Callbacks, desk: Desk) -> None:
    @callbacks.on(
        *chart_outputs(names.PREDICTIONS),
        Output(ids.chart_table(names.PREDICTIONS), "children"),
        Input(names.FINISHED, "data"),
        errors=ids.chart_errors(names.PREDICTIONS),
        view=chart_alert,
        prevent_initial_call=True,
    )
    def draw_predictions(finished: str | None) -> tuple[Any, Any, Any]:
        batch, summary = _summary(desk, finished)
        settings = desk.entry(current_caller(), batch.model).settings
        positive = None if settings.positive is None else str(settings.positive)
        finding = page.predictions_finding(summary, positive, settings.unit)
        chances, bars = summary.chances, summary.distribution
        figure = predictions_figure(bars, settings.unit) if chances is None else chances_figure(chances)
        return figure, finding, page.predictions_table(summary, settings.unit)

    @callbacks.on(
        *chart_outputs(names.WARNINGS),
        Output(ids.chart_table(names.WARNINGS), "children"),
        Input(names.FINISHED, "data"),
        errors=ids.chart_errors(names.WARNINGS),
        view=chart_alert,
        prevent_initial_call=True,
    )
    def draw_warnings(finished: str | None) -> tuple[Any, Any, Any]:
        batch, summary = _summary(desk, finished)
        told = page.warnings_table(summary, _labels(desk.entry(current_caller(), batch.model), batch))
        return counts_figure(page.warning_counts(summary)), page.warnings_finding(summary), told

    @callbacks.on(
        *chart_outputs(names.SHIFT),
        Output(ids.chart_table(names.SHIFT), "children"),
        Input(names.FINISHED, "data"),
        errors=ids.chart_errors(names.SHIFT),
        view=chart_alert,
        prevent_initial_call=True,
    )
    def draw_shift(finished: str | None) -> tuple[Any, Any, Any]:
        _, summary = _summary(desk, finished)
        return shift_figure(summary.shift), page.shift_finding(summary), page.shift_table(summary)


def _register_rows(callbacks: Callbacks, desk: Desk, places: Places) -> None:
    @callbacks.on(
        Output(names.VIEWS, "children"),
        Output(names.CLASS_BOX, "hidden"),
        Output(names.CLASS, "options"),
        Output(names.GRID, "columnDefs"),
        Output(names.GRID, "rowData"),
        Output(names.GRID_NOTE, "children"),
        Input(names.FINISHED, "data"),
        Input(names.VIEW, "data"),
        Input(names.CLASS, "value"),
        errors=names.RESULTS_ERRORS,
        prevent_initial_call=True,
    )
    def show_rows(finished: str | None, view: str | None, of_class: str | None) -> tuple[Any, ...]:
        batch, summary = _summary(desk, finished)
        caller, view = current_caller(), view if view in page.VIEWS else "scored"
        classes = [bar.label for bar in summary.distribution if bar.low is None and bar.high is None]
        options = [{"label": "Every prediction", "value": EVERY_CLASS}]
        options += [{"label": class_name(label), "value": label} for label in classes]
        wanted = of_class if of_class in classes else None
        columns, rows, note = _rows(desk, caller, batch, view, wanted, places)
        return page.view_chips(batch, view), not classes or view == "rejected", options, columns, rows, note

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
    desk: Desk, caller: Caller, batch: Batch, view: str, of_class: str | None, places: Places
) -> tuple[Any, Any, str]:
    """The grid's columns and rows, and how many there are."""
    entry = desk.entry(caller, batch.model)
    if view == "rejected":
        found = batch_results.errors(desk, caller, batch.id, limit=batch_results.MAX_LINES)
        rows = page.rejected_rows(found.lines, _labels(entry, batch))
        return page.rejected_columns(), rows, page.grid_note(len(rows), found.next_offset is not None, view)
    warned = True if view == "warned" else None
    found = batch_results.preview(desk, caller, batch.id, limit=page.MOST_LINES, prediction=of_class, warned=warned)
    positive = None if entry.settings.positive is None else str(entry.settings.positive)
    columns = page.scored_columns(found.lines, positive)
    note = page.grid_note(len(found.lines), found.next_offset is not None, view)
    return columns or no_update, page.scored_rows(found.lines, places), note


def _summary(desk: Desk, finished: str | None) -> tuple[Batch, BatchSummary]:
    """The finished batch and its figures; without one there is nothing to draw."""
    if not finished:
        raise PreventUpdate
    found = batches.batch(desk, current_caller(), finished)
    return found, BatchSummary.model_validate(found.summary)


def _labels(entry: ModelEntry, batch: Batch) -> Mapping[str, str]:
    """What people call the inputs of the version that the file was scored with."""
    schema = entry.manifests(batch.version).model_schema
    return {field.name: field.label for field in fields(schema, entry.settings)}
