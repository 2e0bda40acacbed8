"""The cards of the Performance page that do not follow the slider at once, and the charts' tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import Input, Output, no_update
from dash.exceptions import PreventUpdate

from modeldesk.core import formats
from modeldesk.model_service.tasks.anomaly import unusual
from modeldesk.services.app_context import Desk
from modeldesk.services.performance.files import offered_tables
from modeldesk.services.performance.measured_records import error_sizes, shows_pairs, value_pairs
from modeldesk.services.performance.report import Performance, class_groups, favourable_class, groups, labels, weakness
from modeldesk.web.ui.common import ids
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.answers import class_name
from modeldesk.web.ui.common.charts.axes import Quantity
from modeldesk.web.ui.common.charts.card import is_open
from modeldesk.web.ui.common.errors_view import chart_alert
from modeldesk.web.ui.common.naming import quantity
from modeldesk.web.ui.common.registration import Callbacks, chart_outputs
from modeldesk.web.ui.pages.performance import error_figures, findings, tables
from modeldesk.web.ui.pages.performance import ids as names
from modeldesk.web.ui.pages.performance import layout as page
from modeldesk.web.ui.pages.performance import text as words
from modeldesk.web.ui.pages.performance.exports import exports_menu
from modeldesk.web.ui.pages.performance.fields import costs_of
from modeldesk.web.ui.pages.performance.figures import confusion_figure
from modeldesk.web.ui.pages.performance.segments import gaps_view, groups_view, weakness_view
from modeldesk.web.ui.pages.performance.state import Ready, Typed, seen_of

NUMBER_CHARTS = (names.PREDICTED, names.QUANTILES, names.COVERAGE)


def register(callbacks: Callbacks, desk: Desk, places: Places) -> None:
    """Put the callbacks of these cards onto the app."""
    _register_classes(callbacks, desk)
    _register_numbers(callbacks, desk)
    _register_residuals(callbacks, desk)
    _register_unusual(callbacks, desk)
    _register_fails(callbacks, desk)
    _register_exports(callbacks, desk, places)
    for name in tables.TABLES:
        _register_table(callbacks, desk, name)


def _register_classes(callbacks: Callbacks, desk: Desk) -> None:
    @callbacks.on(
        *chart_outputs(names.CONFUSION),
        Output(names.EACH_BODY, "children"),
        Input(names.READY, "data"),
        errors=ids.chart_errors(names.CONFUSION),
        view=chart_alert,
        prevent_initial_call=True,
    )
    def draw_classes(ready: Ready | None) -> tuple[Any, Any, Any]:
        report = seen_of(desk, ready).report
        if report.decided is None or report.scores is not None:
            raise PreventUpdate
        matrix, called = report.decided.matrix, [class_name(name) for name in report.classes]
        finding = findings.confusion_finding(report.decided.confusions(3), called)
        each = words.each_table(report.classes, matrix.sum(axis=1), report.each)
        return confusion_figure(matrix, called), finding, each


def _register_numbers(callbacks: Callbacks, desk: Desk) -> None:
    @callbacks.on(
        *(output for name in NUMBER_CHARTS for output in chart_outputs(name)),
        Input(names.READY, "data"),
        errors=ids.chart_errors(names.PREDICTED),
        view=chart_alert,
        prevent_initial_call=True,
    )
    def draw_numbers(ready: Ready | None) -> tuple[Any, ...]:
        seen = seen_of(desk, ready)
        numbers, unit = seen.report.numbers, seen.model.settings.unit
        if numbers is None:
            raise PreventUpdate
        marked = numbers.quantiles()
        some = {share: marked[share] for share in (0.5, 0.9)}
        points, note = no_update, ""
        if shows_pairs(seen.model):
            pairs = value_pairs(seen)
            points = error_figures.predicted_actual_figure(pairs.predicted, pairs.actual, unit)
            note = findings.points_note(len(pairs.errors), pairs.rows)
        return (
            points,
            findings.predicted_finding(seen.report.errors, unit) + note,
            error_figures.quantiles_figure(error_sizes(seen), unit, some),
            findings.quantiles_finding(marked, unit),
            error_figures.coverage_figure(seen.report.coverage),
            findings.coverage_finding(seen.report.coverage),
        )


def _register_residuals(callbacks: Callbacks, desk: Desk) -> None:
    @callbacks.on(
        *chart_outputs(names.RESIDUALS),
        Input(names.READY, "data"),
        Input(names.RESIDUAL_FEATURE, "value"),
        errors=ids.chart_errors(names.RESIDUALS),
        view=chart_alert,
        prevent_initial_call=True,
    )
    def draw_residuals(ready: Ready | None, feature: str | None) -> tuple[Any, Any]:
        seen = seen_of(desk, ready)
        unit = seen.model.settings.unit
        if seen.report.numbers is None:
            raise PreventUpdate
        by_input = (feature or page.BY_PREDICTION) != page.BY_PREDICTION
        pairs = value_pairs(seen, str(feature).removeprefix(":") if by_input else None)
        if pairs.field is None:
            x, values = Quantity("Prediction", unit), pairs.predicted.tolist()
        else:
            x, values = quantity(pairs.field), pairs.values
        note = findings.points_note(len(pairs.errors), pairs.rows)
        figure = error_figures.residual_figure(values, pairs.errors, x, unit)
        return figure, findings.residual_finding(seen.report.errors["bias"], unit) + note


def _register_unusual(callbacks: Callbacks, desk: Desk) -> None:
    @callbacks.on(
        *chart_outputs(names.UNUSUAL),
        Output(names.CASES_BODY, "children"),
        Input(names.READY, "data"),
        errors=ids.chart_errors(names.UNUSUAL),
        view=chart_alert,
        prevent_initial_call=True,
    )
    def draw_unusual(ready: Ready | None) -> tuple[Any, Any, Any]:
        seen = seen_of(desk, ready)
        outputs = seen.report.rows.outputs
        if outputs.score is None or not len(outputs):
            raise PreventUpdate
        marked = unusual(outputs)
        figure = error_figures.unusual_figure(outputs.score, marked)
        return figure, findings.unusual_finding(outputs.score, marked), tables.cases_table(seen)


def _register_fails(callbacks: Callbacks, desk: Desk) -> None:
    @callbacks.on(
        Output(names.FAILS_BODY, "children"),
        Input(names.READY, "data"),
        Input(names.SETTLED, "data"),
        Input(names.FAIL_KIND, "value"),
        errors=names.FAILS_ERRORS,
        view=chart_alert,
        prevent_initial_call=True,
    )
    def show_fails(ready: Ready | None, threshold: float | None, kind: str | None) -> Any:
        seen = seen_of(desk, ready)
        task = seen.model.manifest.task
        if not task.has_errors:
            raise PreventUpdate
        decides = seen.report.scores is not None
        chosen: Any = kind if kind in ("wrong", "missed", "alarm") and task.has_positive else "wrong"
        found = weakness(seen, chosen, (page.START if threshold is None else threshold) if decides else None)
        sizes = seen.report.numbers is not None
        return weakness_view(found, chosen, labels(seen.model), seen.model.settings.unit, sizes)

    @callbacks.on(
        Output(names.GROUPS_BODY, "children"),
        Output(names.GAPS_BODY, "children"),
        Input(names.READY, "data"),
        Input(names.SETTLED, "data"),
        Input(names.GROUP_FEATURE, "value"),
        Input(names.FAVOURABLE, "value"),
        Input(names.CLASS, "value"),
        errors=names.GROUPS_ERRORS,
        view=chart_alert,
        prevent_initial_call=True,
    )
    def show_groups(
        ready: Ready | None,
        threshold: float | None,
        feature: str | None,
        favourable: str | None,
        of_class: str | None,
    ) -> tuple[Any, Any]:
        seen = seen_of(desk, ready)
        if seen.report.decided is None or not feature:
            raise PreventUpdate
        at = (page.START if threshold is None else threshold) if seen.report.scores is not None else None
        decided = f"At {formats.percent(at)}" if at is not None else "As the model answers"
        if at is None and seen.model.manifest.task.one_of_many:
            decided += f", an alarm being “{class_name(seen.report.classes[seen.report.place_of(of_class)])}”"
        chosen = None if favourable in (None, page.UNSAID) else favourable
        found = groups(seen, feature, at, of_class=of_class, favourable=chosen)
        fields = labels(seen.model)
        told = groups_view(found, fields, decided, chosen or favourable_class(seen.model))
        return told, gaps_view(class_groups(seen, feature), fields)


def _register_exports(callbacks: Callbacks, desk: Desk, places: Places) -> None:
    @callbacks.on(
        Output(names.EXPORTS, "children"),
        Input(names.READY, "data"),
        Input(names.SETTLED, "data"),
        Input(names.CLASS, "value"),
        Input(names.GROUP_FEATURE, "value"),
        Input(names.FAVOURABLE, "value"),
        prevent_initial_call=True,
    )
    def offer_tables(
        ready: Ready | None,
        threshold: float | None,
        of_class: str | None,
        feature: str | None,
        favourable: str | None,
    ) -> Any:
        if not ready:
            raise PreventUpdate
        seen = seen_of(desk, ready)
        decides = seen.report.scores is not None
        query = {
            "version": ready["version"],
            "source": ready["source"],
            "segment": ready["segment"],
            "where": ready["where"],
            "threshold": (page.START if threshold is None else threshold) if decides else None,
            "class": of_class,
            "feature": feature,
            "favourable": None if favourable == page.UNSAID else favourable,
        }
        return exports_menu(places, ready["name"], offered_tables(seen), query)


def _register_table(callbacks: Callbacks, desk: Desk, name: str) -> None:
    @callbacks.on(
        Output(ids.chart_table(name), "children"),
        Input(ids.chart_toggle(name), "n_clicks"),
        Input(names.READY, "data"),
        Input(names.TYPED, "data"),
        Input(names.CLASS, "value"),
        prevent_initial_call=True,
    )
    def tabulate(clicks: int | None, ready: Ready | None, typed: Typed | None, of_class: str | None) -> Any:
        if not is_open(clicks):
            raise PreventUpdate
        make: Callable[[Performance, Any, str | None], Any] = tables.TABLES[name]
        return make(seen_of(desk, ready), costs_of(typed), of_class)
