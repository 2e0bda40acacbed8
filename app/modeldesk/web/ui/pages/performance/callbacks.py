"""The Performance page: what it shows of which rows, and everything that follows the threshold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import ALL, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from modeldesk.core import formats
from modeldesk.core.errors import BadRequest, Conflict, ModelUnavailable, NotFound
from modeldesk.core.identity import Caller, current_caller
from modeldesk.model_service.performance.binary import (
    Decision,
    Scores,
    gain_points,
    recall_precision_points,
    roc_points,
)
from modeldesk.model_service.performance.rows import own_source
from modeldesk.model_service.performance.thresholds import cost_points
from modeldesk.model_service.tasks.anomaly import unusual
from modeldesk.services.app_context import AppContext
from modeldesk.services.performance.cohort import cohort_text
from modeldesk.services.performance.measured_records import curve_points, shows_pairs, shows_rows
from modeldesk.services.performance.measured_rows import offered
from modeldesk.services.performance.report import Performance, favourable_class, labels, performance, searched_features
from modeldesk.services.performance.thresholds import suggested
from modeldesk.services.versions.labels import is_label, numbered
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.answers import class_inside, class_name
from modeldesk.web.ui.common.charts.registration import Drawing, outputs_of, values_of
from modeldesk.web.ui.common.components import pressed_chip
from modeldesk.web.ui.common.metric_text import segment_words
from modeldesk.web.ui.common.registration import Callbacks
from modeldesk.web.ui.common.sentences import sentence
from modeldesk.web.ui.pages.performance import charts as performance_cards
from modeldesk.web.ui.pages.performance import cohort_callbacks as performance_cohort
from modeldesk.web.ui.pages.performance import figures, tables
from modeldesk.web.ui.pages.performance import findings_text as findings
from modeldesk.web.ui.pages.performance import ids as names
from modeldesk.web.ui.pages.performance import layout as page
from modeldesk.web.ui.pages.performance import text as words
from modeldesk.web.ui.pages.performance import threshold_callbacks as performance_threshold
from modeldesk.web.ui.pages.performance.fields import FIELDS, costs_of, read_fields, shares_of
from modeldesk.web.ui.pages.performance.state import Ready, Typed, Wanted, shown_of

FOLLOWING = (names.COST, names.ROC, names.RECALL_PRECISION, names.GAIN, names.CALIBRATION, names.SCORES)
"""The charts that follow the threshold."""


def register(callbacks: Callbacks, context: AppContext, places: Places) -> None:
    """Put the page's callbacks onto the app."""
    _register_opening(callbacks, context)
    _register_following(callbacks, context)
    performance_cards.register(callbacks, context, places)
    performance_threshold.register(callbacks, context)
    performance_cohort.register(callbacks, context, places)
    _register_browser(callbacks)


_CHOICES = {
    "class": names.CLASS,
    "group": names.GROUP_FEATURE,
    "favourable": names.FAVOURABLE,
    "residual": names.RESIDUAL_FEATURE,
}
"""What is chosen on the page, and may stay chosen when it shows other rows."""


_OPENED = {
    "ready": Output(names.READY, "data"),
    "hidden": Output(names.part(ALL), "hidden"),
    "versions": Output(names.VERSION, "options"),
    "version": Output(names.VERSION, "value"),
    "sources": Output(names.ROWS, "options"),
    "source": Output(names.SOURCE, "children"),
    "notice": Output(names.NOTICE, "children"),
    "segment": Output(names.SEGMENT_CHIP, "children"),
    "hide_controls": Output(names.CONTROLS, "hidden"),
    "hide_costs": Output(names.COST_BOX, "hidden"),
    "hide_class": Output(names.CLASS_BOX, "hidden"),
    **{f"{name} options": Output(control, "options") for name, control in _CHOICES.items()},
    **{name: Output(control, "value") for name, control in _CHOICES.items()},
    "hide_fail_kind": Output(names.FAIL_KIND_BOX, "hidden"),
    "slider_words": Output(names.SLIDER_WORDS, "children"),
    "missed_label": Output(names.COST_MISSED_LABEL, "children"),
    "alarm_label": Output(names.COST_ALARM_LABEL, "children"),
    "slider": Output(names.SLIDER, "value"),
    "threshold": Output(names.THRESHOLD, "data"),
    "settled": Output(names.SETTLED, "data"),
    "standing": Output(names.STANDING, "data"),
}
"""What the page opens with; the cards that are hidden stand second."""


def _register_opening(callbacks: Callbacks, context: AppContext) -> None:
    @callbacks.on(
        _OPENED,
        Input(names.MODEL, "data"),
        Input(names.SEGMENT, "data"),
        Input(names.WHERE, "data"),
        Input(names.ROWS, "value"),
        Input(names.VERSION, "value"),
        State(names.WANTED, "data"),
        State(names.THRESHOLD, "data"),
        *(State(control, "value") for control in _CHOICES.values()),
        errors=names.ERRORS,
    )
    def open_page(
        name: str | None,
        segment: str | None,
        where: str | None,
        source: str | None,
        version: str | None,
        wanted: Wanted,
        threshold: float | None,
        *selected: str | None,
    ) -> dict[str, Any]:
        caller, name = current_caller(), name or ""
        try:
            entry = context.entry(caller, name)
            chosen = _version(context, caller, name, version, entry.served)
            context.model(caller, name, chosen)
        except (NotFound, ModelUnavailable):
            if version not in (None, "", page.SERVED):
                raise  # the shell knows of the model only
            raise PreventUpdate from None  # the shell says so
        source = "" if source in (None, page.OWN) else str(source)
        versions = {"versions": page.version_options(entry.versions, entry.served), "version": str(chosen)}
        try:
            measured = performance(context, caller, name, version=chosen, segment=segment, where=where, source=source)
        except Conflict as error:
            # Nothing is wrong: there is nothing to measure on yet. Figures of other rows must not stay.
            nothing = {"ready": None, "hidden": [True] * len(ctx.outputs_list[1])}
            return {**nothing, **versions, "source": None, "notice": page.nothing_yet(error)}
        shown = cards_of(measured)
        hidden = [item["id"]["name"] not in shown for item in ctx.outputs_list[1]]
        starts = (threshold, wanted["threshold"], measured.model.settings.threshold, page.START)
        start = next(value for value in starts if value is not None)
        ready = _ready(measured, segment)
        linked = (wanted["of_class"], wanted["groups"], wanted["favourable"], None)
        stays = {choice: now or first for choice, now, first in zip(_CHOICES, selected, linked, strict=True)}
        return {
            "ready": ready,
            "hidden": hidden,
            **versions,
            "sources": page.source_options(own_source(measured.model), offered(context, caller, measured.model)),
            **_opened(measured, shown, stays),
            "slider": round(100 * start, 4),
            "threshold": start,
            "settled": start,
            "standing": performance_threshold.standing_of(context, ready),
        }


def _ready(measured: Performance, segment: str | None) -> Ready:
    return {
        "name": measured.model.name,
        "version": measured.model.version,
        "segment": segment or "",
        "where": cohort_text(measured.where),
        "source": measured.source,
        "asked": measured.asked,
        "favourable": favourable_class(measured.model) or page.UNSAID,
    }


def _version(context: AppContext, caller: Caller, name: str, text: str | None, served: int | None) -> int | None:
    """Return the version that an address (by number or alias) or the page's field names, else the served one.
    Raise BadRequest for what can name none, NotFound for an alias that stands for none."""
    if text in (None, "", page.SERVED):
        return served
    if is_label(str(text)):
        return numbered(context, caller, name, str(text))
    if not str(text).isdecimal() or len(str(text)) > 6:
        raise BadRequest(words.NO_VERSION.format(text=str(text)[:40]), hint=words.NO_VERSION_HINT)
    return int(str(text))


def _opened(measured: Performance, shown: frozenset[str], selected: Mapping[str, str | None]) -> dict[str, Any]:
    """Return the parts of the page that depend on model and rows only. What is ``selected`` of ``_CHOICES`` stays so
    where it is still offered."""
    report, task, fields = measured.report, measured.model.manifest.task, labels(measured.model)
    inputs = [(fields[item].label, item) for item in searched_features(measured.model)]
    classes = [{"label": class_name(item), "value": item} for item in report.classes]
    favourables = [
        {"label": words.FAVOURABLE_UNSAID, "value": page.UNSAID},
        *({"label": words.IS_FAVOURABLE.format(class_name=class_name(item)), "value": item} for item in report.classes),
    ]
    residuals = [
        {"label": words.PREDICTION, "value": page.BY_PREDICTION},
        *({"label": label, "value": f":{item}"} for label, item in inputs),
    ]
    groups = [{"label": label, "value": item} for label, item in inputs]
    offers = {"class": classes, "group": groups, "favourable": favourables, "residual": residuals}
    otherwise = {"favourable": favourable_class(measured.model)}
    binary = names.COST in shown
    return {
        "source": words.source(measured),
        "notice": page.notice(measured),
        "segment": page.segment_chip(measured, segment_words(measured.conditions, fields)),
        "hide_controls": names.ROC not in shown,
        "hide_costs": not binary,
        "hide_class": not task.one_of_many or names.ROC not in shown,
        **{f"{name} options": options for name, options in offers.items()},
        **{name: _selected(offers[name], selected[name], otherwise.get(name)) for name in offers},
        "hide_fail_kind": not task.has_positive,
        "slider_words": words.slider(report.positive if binary else None),
        "missed_label": words.MISSED_COSTS.format(class_name=class_inside(report.positive)) if binary else "",
        "alarm_label": words.ALARM_COSTS,
    }


def _selected(options: Sequence[dict[str, str]], value: str | None, otherwise: str | None) -> str | None:
    """Return what is selected of a choice: ``value`` where it is offered, else ``otherwise``, else the first."""
    offered = [option["value"] for option in options]
    return next((item for item in (value, otherwise) if item in offered), offered[0] if offered else None)


def cards_of(measured: Performance) -> frozenset[str]:
    """Return the cards that these rows have figures for."""
    common = {names.RECORDS} if len(measured.report.rows) and shows_rows(measured.model) else set()
    if measured.limited and measured.report.metrics(None):
        common.add(names.COHORT)
    return frozenset(common | _figures_of(measured))


def _figures_of(measured: Performance) -> set[str]:
    report = measured.report
    ranked = (names.ROC, names.CALIBRATION, names.SCORES, names.RECALL_PRECISION, names.GAIN)
    if measured.model.manifest.task.has_scores:
        return {names.UNUSUAL, names.CASES}
    if report.numbers is not None:
        # Each point of these is a record.
        points = {names.PREDICTED, names.RESIDUALS} if shows_pairs(measured.model) else set()
        return {*points, names.QUANTILES, names.COVERAGE, names.FAILS}
    if report.decided is None:
        return set()
    if report.scores is not None:
        return {names.MATRIX, names.COST, *ranked, names.FAILS, names.FIGURES, names.GROUPS}
    plain = {names.CONFUSION, names.EACH, names.FAILS, names.GROUPS}
    return plain if report.scores_of(None) is None else {*plain, *ranked, names.FIGURES}


def _register_following(callbacks: Callbacks, context: AppContext) -> None:
    @callbacks.on(
        {
            "kpis": Output(names.KPIS, "children"),
            "matrix": Output(names.MATRIX_BODY, "children"),
            "metrics": Output(names.FIGURES_BODY, "children"),
            "chips": Output(names.GO, "children"),
            **outputs_of(FOLLOWING),
            "answered": Output(names.ANSWERED, "data"),
        },
        Input(names.READY, "data"),
        Input(names.THRESHOLD, "data"),
        Input(names.CLASS, "value"),
        Input(names.TYPED, "data"),
        Input(names.STANDING, "data"),
        errors=names.FOLLOW_ERRORS,
        prevent_initial_call=True,
    )
    def follow(
        ready: Ready | None, threshold: float | None, of_class: str | None, typed: Typed | None, _standing: Any
    ) -> dict[str, Any]:
        if not ready:
            return {"kpis": None, "answered": threshold}
        measured = shown_of(context, ready)
        report = measured.report
        scores = report.scores_of(of_class)
        if scores is None or not scores.rows:
            return {"kpis": _other_kpis(measured), "answered": threshold}
        now = scores.at(page.START if threshold is None else threshold)
        view = _View(measured, scores, now, typed, of_class)
        if report.scores is None:
            decided = {"kpis": page.key_kpis(report.task, report.overall), "chips": []}
        else:
            matrix = tables.matrix_table(now, report.positive, report.negative)
            decided = {"kpis": view.kpis(), "matrix": matrix, "chips": view.chips()}
        return {
            **decided,
            "metrics": tables.figures_table(now, view.ranking),
            **values_of(view.drawings()),
            "answered": threshold,
        }

    @callbacks.on(
        *(Output(names.message(field), "children") for field in FIELDS),
        Output(names.TYPED, "data"),
        *(Input(field, "value") for field in FIELDS),
        State(names.TYPED, "data"),
        prevent_initial_call=True,
    )
    def read(*given: str | int | float | Typed | None) -> tuple[Any, ...]:
        before = given[-1] if isinstance(given[-1], dict) else None
        values, messages = read_fields(given[:-1], before)
        return (*messages, no_update if values == given[-1] else values)


def _other_kpis(measured: Performance) -> Any:
    report = measured.report
    if measured.model.manifest.task.has_scores:
        return page.anomaly_kpis(unusual(report.rows.outputs)) if len(report.rows) else None
    if report.numbers is not None:
        return page.key_kpis(report.task, report.errors, measured.model.settings.unit)
    return page.key_kpis(report.task, report.overall) if report.decided is not None else page.nothing_to_show()


class _View:
    """What follows the threshold, of one class against the other or the rest."""

    def __init__(
        self, measured: Performance, scores: Scores, now: Decision, typed: Typed | None, of_class: str | None
    ) -> None:
        self.measured, self.scores, self.now, self.of_class = measured, scores, now, of_class
        self.costs = costs_of(typed)
        recall, precision = shares_of(typed)
        known = of_class if of_class in measured.report.classes else None
        self.suggested = suggested(measured, of_class=known, costs=self.costs, recall=recall, precision=precision)
        decisions = {item.aim: item.decision for item in self.suggested}
        self.in_use, self.lowest, self.best = (decisions.get(aim) for aim in ("in_use", "lowest_cost", "best_f1"))
        name = of_class if measured.report.scores is None else measured.report.positive
        self.name = class_name(name)
        self.ranking = measured.report.ranking(of_class)

    def kpis(self) -> Any:
        """Return the key figures."""
        return page.decision_kpis(self.now, self.in_use, self.ranking, self.costs, self.lowest, self.best)

    def chips(self) -> list[Any]:
        """Return the thresholds worth going to."""
        named = [(words.suggestion(item), item.decision.threshold) for item in self.suggested]
        return [
            pressed_chip(
                sentence(words.SUGGESTION, name=label, threshold=formats.percent(threshold)),
                id=names.go(f"{label}:{threshold!r}"),
                pressed=threshold == self.now.threshold,
            )
            for label, threshold in named
        ]

    def drawings(self) -> dict[str, Drawing]:
        """Return the charts of FOLLOWING with their findings."""
        now, scores, found = self.now, self.scores, findings.FOUND.format(class_name=self.name)
        report = self.measured.report
        base, most = scores.positives / scores.rows, curve_points(self.measured)
        others = findings.OTHERS if report.scores is None else class_name(report.negative)
        recalls, calibration = recall_precision_points(scores, most), report.calibration(self.of_class)
        return {
            names.COST: Drawing(findings.cost_finding(now, self.in_use, self.costs), self._cost_figure),
            names.ROC: Drawing(
                findings.roc_finding(self.ranking["roc_auc"]),
                lambda: figures.roc_figure(roc_points(scores, most), now, found),
            ),
            names.RECALL_PRECISION: Drawing(
                findings.recall_precision_finding(self.ranking["pr_auc"], now),
                lambda: figures.recall_precision_figure(recalls, now, base, found),
            ),
            names.GAIN: Drawing(
                findings.gain_finding(now), lambda: figures.gain_figure(gain_points(scores, most), now, found)
            ),
            names.CALIBRATION: Drawing(
                findings.calibration_finding(calibration),
                lambda: figures.calibration_figure(calibration, now.threshold),
            ),
            names.SCORES: Drawing(
                findings.scores_finding(now, self.name),
                lambda: figures.scores_figure(*scores.histogram(), now.threshold, (self.name, others)),
            ),
        }

    def _cost_figure(self) -> Any:
        if self.costs is None or self.lowest is None:
            return figures.no_cost_figure()
        now, lowest = ((item.threshold, item.cost(self.costs)) for item in (self.now, self.lowest))
        return figures.cost_figure(cost_points(self.scores, self.costs), now, lowest)


def _register_browser(callbacks: Callbacks) -> None:
    """What happens without asking the server."""
    callbacks.in_browser(
        "performanceThreshold",
        Output(names.SLIDER, "value", allow_duplicate=True),
        Output(names.NUMBER, "value"),
        Output(names.NUMBER_MESSAGE, "children"),
        Input(names.SLIDER, "value"),
        Input(names.NUMBER, "value"),
        Input(names.go(ALL), "n_clicks"),
        State(names.THRESHOLD, "data"),
        prevent_initial_call=True,
    )
    callbacks.in_browser(
        "performanceAnswered",
        Output(names.SOURCE, "title"),
        Input(names.ANSWERED, "data"),
        prevent_initial_call=True,
    )
    callbacks.in_browser(
        "pick",
        Output(names.SEGMENT, "data"),
        Input(names.limit(ALL), "n_clicks"),
        prevent_initial_call=True,
    )
    callbacks.in_browser(
        "performanceAddress",
        Output(names.LINK, "children"),
        Input(names.SETTLED, "data"),
        Input(names.COST_MISSED, "value"),
        Input(names.COST_ALARM, "value"),
        Input(names.SEGMENT, "data"),
        Input(names.WHERE, "data"),
        Input(names.ROWS, "value"),
        Input(names.VERSION, "value"),
        Input(names.CLASS, "value"),
        Input(names.GROUP_FEATURE, "value"),
        Input(names.FAVOURABLE, "value"),
        State(names.VERSION, "options"),
        State(names.CLASS, "options"),
        State(names.GROUP_FEATURE, "options"),
        State(names.READY, "data"),
        prevent_initial_call=True,
    )
