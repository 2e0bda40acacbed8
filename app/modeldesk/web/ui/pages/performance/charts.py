"""The cards of the Performance page that do not follow the slider at once, and the charts' tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import Input, Output
from dash.exceptions import PreventUpdate

from modeldesk.model_service.tasks.anomaly import unusual
from modeldesk.services.app_context import AppContext
from modeldesk.services.performance.files import offered_tables
from modeldesk.services.performance.measured_records import error_sizes, shows_pairs, value_pairs
from modeldesk.services.performance.report import Performance, class_groups, favourable_class, groups, labels, weakness
from modeldesk.web.ui.common import ids
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.answers import class_name
from modeldesk.web.ui.common.charts.axes import Quantity
from modeldesk.web.ui.common.charts.card import is_open
from modeldesk.web.ui.common.charts.registration import Drawing, chart
from modeldesk.web.ui.common.errors_view import chart_alert
from modeldesk.web.ui.common.naming import quantity
from modeldesk.web.ui.common.registration import Callbacks
from modeldesk.web.ui.pages.performance import figures, tables
from modeldesk.web.ui.pages.performance import findings_text as findings
from modeldesk.web.ui.pages.performance import ids as names
from modeldesk.web.ui.pages.performance import layout as page
from modeldesk.web.ui.pages.performance.fields import costs_of
from modeldesk.web.ui.pages.performance.segments import gaps_view, groups_view, weakness_view
from modeldesk.web.ui.pages.performance.state import Ready, Typed, shown_of


def register(callbacks: Callbacks, context: AppContext, places: Places) -> None:
    """Put the callbacks of these cards onto the app."""
    _register_classes(callbacks, context)
    _register_numbers(callbacks, context)
    _register_residuals(callbacks, context)
    _register_unusual(callbacks, context)
    _register_fails(callbacks, context)
    _register_exports(callbacks, context, places)
    for name in tables.TABLES:
        _register_table(callbacks, context, name)


def _register_classes(callbacks: Callbacks, context: AppContext) -> None:
    @chart(
        callbacks,
        names.CONFUSION,
        Input(names.READY, "data"),
        beside={"each": Output(names.EACH_BODY, "children")},
        table=False,
    )
    def draw_classes(ready: Ready | None) -> Drawing:
        report = shown_of(context, ready).report
        if report.decided is None or report.scores is not None:
            raise PreventUpdate
        matrix, classes = report.decided.matrix, [class_name(name) for name in report.classes]
        finding = findings.confusion_finding(report.decided.confusions(3), classes)
        each = tables.each_table(report.classes, matrix.sum(axis=1), report.each)
        return Drawing(finding, lambda: figures.confusion_figure(matrix, classes), beside={"each": each})


def _register_numbers(callbacks: Callbacks, context: AppContext) -> None:
    ready = Input(names.READY, "data")

    @chart(callbacks, names.PREDICTED, ready, table=False)
    def draw_predicted(ready: Ready | None) -> Drawing:
        shown = _with_numbers(shown_of(context, ready))
        unit = shown.model.settings.unit
        finding = findings.predicted_finding(shown.report.errors, unit)
        if not shows_pairs(shown.model):
            return Drawing(finding)
        pairs = value_pairs(shown)
        return Drawing(
            findings.with_points(finding, len(pairs.errors), pairs.rows),
            lambda: figures.predicted_actual_figure(pairs.predicted, pairs.actual, unit),
        )

    @chart(callbacks, names.QUANTILES, ready, table=False)
    def draw_quantiles(ready: Ready | None) -> Drawing:
        shown = _with_numbers(shown_of(context, ready))
        assert shown.report.numbers is not None
        marked, unit = shown.report.numbers.quantiles(), shown.model.settings.unit
        labelled = {share: marked[share] for share in (0.5, 0.9)}
        return Drawing(
            findings.quantiles_finding(marked, unit),
            lambda: figures.quantiles_figure(error_sizes(shown), unit, labelled),
        )

    @chart(callbacks, names.COVERAGE, ready, table=False)
    def draw_coverage(ready: Ready | None) -> Drawing:
        coverage = _with_numbers(shown_of(context, ready)).report.coverage
        return Drawing(findings.coverage_finding(coverage), lambda: figures.coverage_figure(coverage))


def _with_numbers(shown: Performance) -> Performance:
    """Return what is shown of a model that predicts numbers. Raise `PreventUpdate` for others."""
    if shown.report.numbers is None:
        raise PreventUpdate
    return shown


def _register_residuals(callbacks: Callbacks, context: AppContext) -> None:
    @chart(callbacks, names.RESIDUALS, Input(names.READY, "data"), Input(names.RESIDUAL_FEATURE, "value"), table=False)
    def draw_residuals(ready: Ready | None, feature: str | None) -> Drawing:
        shown = _with_numbers(shown_of(context, ready))
        unit = shown.model.settings.unit
        by_input = (feature or page.BY_PREDICTION) != page.BY_PREDICTION
        pairs = value_pairs(shown, str(feature).removeprefix(":") if by_input else None)
        if pairs.field is None:
            x, values = Quantity(findings.PREDICTION, unit), pairs.predicted.tolist()
        else:
            x, values = quantity(pairs.field), pairs.values
        finding = findings.residual_finding(shown.report.errors["bias"], unit)
        return Drawing(
            findings.with_points(finding, len(pairs.errors), pairs.rows),
            lambda: figures.residual_figure(values, pairs.errors, x, unit),
        )


def _register_unusual(callbacks: Callbacks, context: AppContext) -> None:
    @chart(
        callbacks,
        names.UNUSUAL,
        Input(names.READY, "data"),
        beside={"cases": Output(names.CASES_BODY, "children")},
        table=False,
    )
    def draw_unusual(ready: Ready | None) -> Drawing:
        shown = shown_of(context, ready)
        outputs = shown.report.rows.outputs
        score = outputs.score
        if score is None or not len(outputs):
            raise PreventUpdate
        marked = unusual(outputs)
        return Drawing(
            findings.unusual_finding(score, marked),
            lambda: figures.unusual_figure(score, marked),
            beside={"cases": tables.cases_table(shown)},
        )


def _register_fails(callbacks: Callbacks, context: AppContext) -> None:
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
        shown = shown_of(context, ready)
        task = shown.model.manifest.task
        if not task.has_errors:
            raise PreventUpdate
        decides = shown.report.scores is not None
        chosen: Any = kind if kind in ("wrong", "missed", "alarm") and task.has_positive else "wrong"
        weak = weakness(shown, chosen, (page.START if threshold is None else threshold) if decides else None)
        sizes = shown.report.numbers is not None
        return weakness_view(weak, chosen, labels(shown.model), shown.model.settings.unit, sizes)

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
        shown = shown_of(context, ready)
        if shown.report.decided is None or not feature:
            raise PreventUpdate
        at = (page.START if threshold is None else threshold) if shown.report.scores is not None else None
        report, fields = shown.report, labels(shown.model)
        alarm = report.classes[report.place_of(of_class)] if shown.model.manifest.task.one_of_many else None
        chosen = None if favourable in (None, page.UNSAID) else favourable
        named = chosen or favourable_class(shown.model)
        note = findings.groups_note(at, alarm, named)
        by_group = groups(shown, feature, at, of_class=of_class, favourable=chosen)
        return groups_view(by_group, fields, note, named), gaps_view(class_groups(shown, feature), fields)


def _register_exports(callbacks: Callbacks, context: AppContext, places: Places) -> None:
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
        shown = shown_of(context, ready)
        decides = shown.report.scores is not None
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
        return page.exports_menu(places, ready["name"], offered_tables(shown), query)


def _register_table(callbacks: Callbacks, context: AppContext, name: str) -> None:
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
        return make(shown_of(context, ready), costs_of(typed), of_class)
