"""The numbers behind the charts of the Performance page, and the tables that are cards of their own."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from dash import html

from modeldesk.core import formats
from modeldesk.model_service.performance.binary import Costs, Decision, Figure, Scores
from modeldesk.model_service.performance.thresholds import lowest_cost
from modeldesk.services.performance.measured_records import value_pairs, worst_records
from modeldesk.services.performance.report import Performance, labels
from modeldesk.services.privacy import NOT_SHOWN, shown_features, shows_records
from modeldesk.web.ui.common.answers import class_name
from modeldesk.web.ui.common.components import Children, Column, table
from modeldesk.web.ui.common.metric_names import METRICS, TOO_FEW
from modeldesk.web.ui.common.metric_text import share, three
from modeldesk.web.ui.pages.performance import findings_text as words
from modeldesk.web.ui.pages.performance import ids

GRID = tuple(round(step / 20, 2) for step in range(21))
"""The thresholds that tables name."""
MOST_POINTS = 200
CASE_COLUMNS = 6
MAX_CASES = 10

Maker = Callable[[Performance, Costs | None, str | None], Any]


def _scores(shown: Performance, of_class: str | None) -> Scores | None:
    return shown.report.scores_of(of_class)


def _decisions(shown: Performance, of_class: str | None, keys: list[str], caption: str) -> Any:
    scores = _scores(shown, of_class)
    if scores is None:
        return None
    rows = []
    for threshold in GRID:
        figures = scores.at(threshold).figures()
        rows.append([formats.percent(threshold), *(spanned(key, figures[key]) for key in keys)])
    return _table((words.THRESHOLD, *(METRICS[key].label for key in keys)), rows, caption)


def cost_table(shown: Performance, costs: Costs | None, of_class: str | None) -> Any:
    """Return the cost of errors by threshold."""
    scores = _scores(shown, of_class)
    if scores is None or costs is None:
        return None
    at = sorted({*GRID, lowest_cost(scores, costs).threshold})
    rows = [
        [formats.percent(item), f"{d.missed:,}", f"{d.alarms:,}", formats.compact(d.cost(costs))]
        for item in at
        for d in [scores.at(item)]
    ]
    return _table(words.COST_COLUMNS, rows, words.COST_CAPTION)


def roc_table(shown: Performance, _costs: Costs | None, of_class: str | None) -> Any:
    """Return the ROC curve by threshold."""
    return _decisions(shown, of_class, ["false_alarms", "recall"], words.ROC_CAPTION)


def recall_precision_table(shown: Performance, _costs: Costs | None, of_class: str | None) -> Any:
    """Return precision and recall by threshold."""
    return _decisions(shown, of_class, ["recall", "precision", "f1"], words.RECALL_PRECISION_CAPTION)


def gain_table(shown: Performance, _costs: Costs | None, of_class: str | None) -> Any:
    """Return gain and lift by threshold."""
    scores = _scores(shown, of_class)
    if scores is None:
        return None
    rows = []
    for threshold in GRID:
        figures = scores.at(threshold).figures()
        alarms, recall = figures["alarms"].value, figures["recall"].value
        lift = formats.NOT_KNOWN if not alarms or math.isnan(recall) else f"{recall / alarms:.2f}"
        rows.append([formats.percent(threshold), share(alarms), share(recall), lift])
    return _table(words.GAIN_COLUMNS, rows, words.GAIN_CAPTION)


def calibration_table(shown: Performance, _costs: Costs | None, of_class: str | None) -> Any:
    """Return predicted probability against what happened."""
    rows = [
        [
            f"{bin_.low * 100:.0f}–{bin_.high * 100:.0f}%",
            f"{bin_.rows:,}",
            formats.percent(bin_.mean),
            f"{formats.percent(bin_.share)} ({bin_.share_low * 100:.0f}–{bin_.share_high * 100:.0f})",
        ]
        for bin_ in shown.report.calibration(of_class)
    ]
    return _table(words.CALIBRATION_COLUMNS, rows, words.CALIBRATION_CAPTION)


def scores_table(shown: Performance, _costs: Costs | None, of_class: str | None) -> Any:
    """Return how probabilities are spread in each group."""
    scores = _scores(shown, of_class)
    if scores is None:
        return None
    edges, hits, others = scores.histogram(20)
    report = shown.report
    name = class_name(of_class if report.scores is None else report.positive)
    rest = words.OTHERS if report.scores is None else class_name(report.negative)
    rows = [
        [f"{low * 100:.0f}–{high * 100:.0f}%", f"{hit:,}", f"{other:,}"]
        for low, high, hit, other in zip(edges, edges[1:], hits, others, strict=False)
    ]
    return _table((words.PROBABILITY, name, rest), rows, words.SCORES_CAPTION)


def confusion_table(shown: Performance, _costs: Costs | None, _class: str | None) -> Any:
    """Return every kind of error, the most frequent first."""
    decided = shown.report.decided
    if decided is None:
        return None
    names = [class_name(name) for name in shown.report.classes]
    rows = [
        [names[item.actual], names[item.predicted], f"{item.rows:,}", formats.percent(item.share)]
        for item in decided.confusions(MOST_POINTS)
    ]
    return _table(words.CONFUSION_COLUMNS, rows, words.CONFUSION_CAPTION, texts=2)


def points_table(shown: Performance, _costs: Costs | None, _class: str | None) -> Any:
    """Return predicted and actual values, the largest errors first."""
    unit = shown.model.settings.unit
    if shown.report.numbers is None:
        return None
    pairs = value_pairs(shown, worst=MOST_POINTS)
    rows = [
        [
            formats.measure(float(predicted), unit, 4),
            formats.measure(float(actual), unit, 4),
            formats.signed(float(predicted - actual), unit),
        ]
        for predicted, actual in zip(pairs.predicted, pairs.actual, strict=True)
    ]
    return _table(words.POINTS_COLUMNS, rows, words.POINTS_CAPTION.format(rows=f"{len(rows):,}"))


def quantiles_table(shown: Performance, _costs: Costs | None, _class: str | None) -> Any:
    """Return how large errors are."""
    numbers, unit = shown.report.numbers, shown.model.settings.unit
    if numbers is None:
        return None
    rows = [[formats.percent(part), formats.measure(value, unit)] for part, value in numbers.quantiles().items()]
    return _table(words.QUANTILES_COLUMNS, rows, words.QUANTILES_CAPTION)


def coverage_table(shown: Performance, _costs: Costs | None, _class: str | None) -> Any:
    """Return what intervals promise and hold."""
    rows = [
        [
            formats.percent(item.level),
            words.COVERED_ROWS.format(covered=f"{item.covered:,}", rows=f"{item.rows:,}"),
            f"{formats.percent(item.covered / item.rows)} ({item.low * 100:.0f}–{item.high * 100:.0f})",
        ]
        for item in shown.report.coverage
    ]
    return _table(words.COVERAGE_COLUMNS, rows, words.COVERAGE_CAPTION)


def unusual_table(shown: Performance, _costs: Costs | None, _class: str | None) -> Any:
    """Return how scores are spread."""
    scores = shown.report.rows.outputs.score
    if scores is None:
        return None
    shares = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
    rows = [[formats.percent(part), three(float(np.quantile(scores, part)))] for part in shares]
    return _table(words.UNUSUAL_COLUMNS, rows, words.UNUSUAL_CAPTION)


TABLES: Mapping[str, Maker] = {
    ids.COST: cost_table,
    ids.ROC: roc_table,
    ids.RECALL_PRECISION: recall_precision_table,
    ids.GAIN: gain_table,
    ids.CALIBRATION: calibration_table,
    ids.SCORES: scores_table,
    ids.CONFUSION: confusion_table,
    ids.PREDICTED: points_table,
    ids.RESIDUALS: points_table,
    ids.QUANTILES: quantiles_table,
    ids.COVERAGE: coverage_table,
    ids.UNUSUAL: unusual_table,
}


def cases_table(shown: Performance) -> Any:
    """Return the most unusual rows of an anomaly model, with what may be shown of them."""
    model = shown.model
    if not shows_records(model):
        return html.P(NOT_SHOWN, className="md-small md-quiet")
    fields = labels(model)
    features = shown_features(model)[:CASE_COLUMNS]
    lines = [
        [three(item.error), *(fields[name].text(item.inputs[name]) for name in features)]
        for item in worst_records(shown, MAX_CASES)
    ]
    columns = [Column(words.SCORE, number=True), *(Column(fields[name].label) for name in features)]
    return table(columns, lines, caption=words.CASES_CAPTION)


def _table(heads: Sequence[str], rows: list[list[Any]], caption: str, texts: int = 0) -> html.Div:
    """Return a table whose columns hold numbers from the ``texts``-th on."""
    return table([Column(head, number=index >= texts) for index, head in enumerate(heads)], rows, caption=caption)


# ---- cards ---------------------------------------------------------------------------------------


def matrix_table(now: Decision, positive: str, negative: str) -> html.Div:
    """Return the four counts of a decision, as a table with a heat of their own."""
    figures = now.figures()
    hit, rest = class_name(positive), class_name(negative)
    recall, others = figures["recall"].value, figures["false_alarms"].value  # 1 - nan stays unknown

    def cell(count: int, name: str, part: float, kind: str) -> html.Td:
        told = [html.Strong(f"{count:,}"), html.Span(words.matrix_cell(name, part))]
        return html.Td(told, className=f"md-cell md-cell-{kind}")

    def total(count: int) -> html.Td:
        return html.Td(f"{count:,}", className="md-number")

    head = html.Tr(
        [
            html.Th(html.Span(words.ACTUAL, className="visually-hidden"), scope="col"),
            *(
                html.Th([html.Span(words.PREDICTED, className="md-quiet"), " ", name], scope="col")
                for name in (hit, rest)
            ),
            html.Th(words.ALL, scope="col", className="md-number"),
        ]
    )
    rows = [
        html.Tr(
            [
                html.Th(hit, scope="row"),
                cell(now.found, "found", recall, "right"),
                cell(now.missed, "missed", 1 - recall, "wrong"),
                total(now.found + now.missed),
            ]
        ),
        html.Tr(
            [
                html.Th(rest, scope="row"),
                cell(now.alarms, "alarms", others, "wrong"),
                cell(now.passed, "passed", 1 - others, "right"),
                total(now.alarms + now.passed),
            ]
        ),
        html.Tr(
            [
                html.Th(words.ALL, scope="row"),
                html.Td(f"{now.found + now.alarms:,}"),
                html.Td(f"{now.missed + now.passed:,}"),
                total(now.rows),
            ],
            className="md-confusion-sums",
        ),
    ]
    caption = words.MATRIX_CAPTION.format(threshold=formats.percent(now.threshold))
    drawn = [html.Caption(caption, className="visually-hidden"), html.Thead(head), html.Tbody(rows)]
    summary = html.P(words.matrix_finding(now, positive), className="md-card-summary")
    return html.Div([summary, html.Table(drawn, className="md-confusion md-small w-100 mt-12")])


def figures_table(now: Decision, ranking: Mapping[str, Figure]) -> html.Div:
    """Return every metric of a decision, and of the probabilities behind it, with its interval."""
    figures = {**now.figures(), **ranking}
    decided, ranked = ("recall", "precision", "accuracy", "false_alarms", "alarms", "f1"), (
        "roc_auc", "pr_auc", "log_loss", "brier",
    )  # fmt: skip
    rows = [
        [
            [METRICS[key].label, html.Span(f" · {METRICS[key].meaning}", className="md-quiet")],
            METRICS[key].text(figures[key].value),
            METRICS[key].span(figures[key]) or formats.NOT_KNOWN,
        ]
        for key in (*decided, *ranked)
    ]
    columns = [Column(words.METRIC), Column(words.VALUE, number=True), Column(words.CI, number=True)]
    caption = words.METRICS_CAPTION.format(threshold=formats.percent(now.threshold))
    return table(columns, rows, caption=caption, rows_head=True)


def each_table(classes: Sequence[str], sizes: np.ndarray, each: Mapping[str, Sequence[Figure]]) -> html.Div:
    """Return recall, precision and F1 of every class with their intervals."""
    keys = ("recall", "precision", "f1")
    columns = [Column(words.CLASS), Column(words.ROWS, number=True)]
    columns += [Column(METRICS[key].label, number=True) for key in keys]
    rows = [
        [class_name(name), f"{int(size):,}", *(spanned(key, each[key][index]) for key in keys)]
        for index, (name, size) in enumerate(zip(classes, sizes, strict=True))
    ]
    return table(columns, rows, caption=words.CLASSES_CAPTION, rows_head=True)


def spanned(key: str, figure: Figure) -> Children:
    """Return a metric with its interval beside it, short enough for a cell: 60% 49–71."""
    name = METRICS[key]
    if math.isnan(figure.value):
        return html.Span(formats.NOT_KNOWN, className="md-quiet")
    if math.isnan(figure.low):
        ends = TOO_FEW
    elif name.scale == "share":
        ends = f"{figure.low * 100:.0f}–{figure.high * 100:.0f}"
    else:
        ends = f"{figure.low:.2f}–{figure.high:.2f}"
    return [name.text(figure.value), html.Span(f" {ends}", className="md-quiet")]
