"""The numbers behind the charts of the Performance page."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from dash import html

from modeldesk.core import formats
from modeldesk.model_service.performance.binary import Costs, Scores
from modeldesk.model_service.performance.thresholds import lowest_cost
from modeldesk.services.performance.measured_records import value_pairs, worst_records
from modeldesk.services.performance.report import Performance, labels
from modeldesk.services.privacy import NOT_SHOWN, shown_features, shows_records
from modeldesk.web.ui.common.answers import class_name
from modeldesk.web.ui.common.components import Column, table
from modeldesk.web.ui.common.metric_names import METRICS
from modeldesk.web.ui.common.metric_text import share, three
from modeldesk.web.ui.pages.performance import ids
from modeldesk.web.ui.pages.performance.text import spanned

GRID = tuple(round(place / 20, 2) for place in range(21))
"""The thresholds that tables name."""
MOST_POINTS = 200
CASE_COLUMNS = 6
MAX_CASES = 10

Maker = Callable[[Performance, Costs | None, str | None], Any]


def _scores(seen: Performance, of_class: str | None) -> Scores | None:
    return seen.report.scores_of(of_class)


def _decisions(seen: Performance, of_class: str | None, keys: list[str], caption: str) -> Any:
    scores = _scores(seen, of_class)
    if scores is None:
        return None
    rows = []
    for threshold in GRID:
        figures = scores.at(threshold).figures()
        rows.append([formats.percent(threshold), *(spanned(key, figures[key]) for key in keys)])
    return _table(["Threshold", *(METRICS[key].label for key in keys)], rows, caption)


def cost_table(seen: Performance, costs: Costs | None, of_class: str | None) -> Any:
    """The cost of errors by threshold."""
    scores = _scores(seen, of_class)
    if scores is None or costs is None:
        return None
    at = sorted({*GRID, lowest_cost(scores, costs).threshold})
    rows = [
        [formats.percent(item), f"{d.missed:,}", f"{d.alarms:,}", formats.compact(d.cost(costs))]
        for item in at
        for d in [scores.at(item)]
    ]
    return _table(["Threshold", "Missed", "False alarms", "Cost"], rows, "Cost by threshold")


def roc_table(seen: Performance, _costs: Costs | None, of_class: str | None) -> Any:
    """The ROC curve."""
    return _decisions(seen, of_class, ["false_alarms", "recall"], "ROC curve")


def recall_precision_table(seen: Performance, _costs: Costs | None, of_class: str | None) -> Any:
    """Precision and recall by threshold."""
    return _decisions(seen, of_class, ["recall", "precision", "f1"], "Precision and recall by threshold")


def gain_table(seen: Performance, _costs: Costs | None, of_class: str | None) -> Any:
    """Gain and lift by threshold."""
    scores = _scores(seen, of_class)
    if scores is None:
        return None
    rows = []
    for threshold in GRID:
        figures = scores.at(threshold).figures()
        taken, found = figures["alarms"].value, figures["recall"].value
        lift = formats.NOT_KNOWN if not taken or math.isnan(found) else f"{found / taken:.2f}"
        rows.append([formats.percent(threshold), share(taken), share(found), lift])
    return _table(["Threshold", "Rows taken", "Found", "Lift"], rows, "Gain and lift by threshold")


def calibration_table(seen: Performance, _costs: Costs | None, of_class: str | None) -> Any:
    """Predicted probability against what happened."""
    rows = [
        [
            f"{bin_.low * 100:.0f}–{bin_.high * 100:.0f}%",
            f"{bin_.rows:,}",
            formats.percent(bin_.mean),
            f"{formats.percent(bin_.share)} ({bin_.share_low * 100:.0f}–{bin_.share_high * 100:.0f})",
        ]
        for bin_ in seen.report.calibration(of_class)
    ]
    return _table(["Predicted", "Rows", "Mean predicted", "Happened"], rows, "Predicted probability and what happened")


def scores_table(seen: Performance, _costs: Costs | None, of_class: str | None) -> Any:
    """How chances are spread in each group."""
    scores = _scores(seen, of_class)
    if scores is None:
        return None
    edges, hits, others = scores.histogram(20)
    report = seen.report
    name = class_name(of_class if report.scores is None else report.positive)
    rest = "Others" if report.scores is None else class_name(report.negative)
    rows = [
        [f"{low * 100:.0f}–{high * 100:.0f}%", f"{hit:,}", f"{other:,}"]
        for low, high, hit, other in zip(edges, edges[1:], hits, others, strict=False)
    ]
    return _table(["Predicted probability", name, rest], rows, "Rows by predicted probability")


def confusion_table(seen: Performance, _costs: Costs | None, _class: str | None) -> Any:
    """Every kind of error, the most frequent first."""
    decided = seen.report.decided
    if decided is None:
        return None
    called = [class_name(name) for name in seen.report.classes]
    rows = [
        [called[item.actual], called[item.predicted], f"{item.rows:,}", formats.percent(item.share)]
        for item in decided.confusions(MOST_POINTS)
    ]
    return _table(["Actual", "Predicted", "Rows", "Of the class"], rows, "Errors by class", words=2)


def points_table(seen: Performance, _costs: Costs | None, _class: str | None) -> Any:
    """Predicted and actual values, the largest errors first."""
    unit = seen.model.settings.unit
    if seen.report.numbers is None:
        return None
    pairs = value_pairs(seen, worst=MOST_POINTS)
    rows = [
        [
            formats.measure(float(predicted), unit, 4),
            formats.measure(float(actual), unit, 4),
            formats.signed(float(predicted - actual), unit),
        ]
        for predicted, actual in zip(pairs.predicted, pairs.actual, strict=True)
    ]
    heads = ["Predicted", "Actual", "Error, predicted minus actual"]
    return _table(heads, rows, f"Predicted and actual, the {len(rows):,} largest errors first")


def quantiles_table(seen: Performance, _costs: Costs | None, _class: str | None) -> Any:
    """How large errors are."""
    numbers, unit = seen.report.numbers, seen.model.settings.unit
    if numbers is None:
        return None
    rows = [[formats.percent(part), formats.measure(value, unit)] for part, value in numbers.quantiles().items()]
    return _table(["Of the rows", "Error is at most"], rows, "Quantiles of the error")


def coverage_table(seen: Performance, _costs: Costs | None, _class: str | None) -> Any:
    """What intervals promise and hold."""
    rows = [
        [
            formats.percent(item.level),
            f"{item.covered:,} of {item.rows:,}",
            f"{formats.percent(item.covered / item.rows)} ({item.low * 100:.0f}–{item.high * 100:.0f})",
        ]
        for item in seen.report.coverage
    ]
    return _table(["Promised", "Rows covered", "Covered"], rows, "Coverage of intervals")


def unusual_table(seen: Performance, _costs: Costs | None, _class: str | None) -> Any:
    """How scores are spread."""
    scores = seen.report.rows.outputs.score
    if scores is None:
        return None
    shares = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
    rows = [[formats.percent(part), three(float(np.quantile(scores, part)))] for part in shares]
    return _table(["Of the rows", "Score is at most"], rows, "Quantiles of the score")


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


def cases_table(seen: Performance) -> Any:
    """The most unusual rows of an anomaly model, with what may be shown of them."""
    model = seen.model
    if not shows_records(model):
        return html.P(NOT_SHOWN, className="md-small md-quiet")
    fields = labels(model)
    shown = shown_features(model)[:CASE_COLUMNS]
    lines = [
        [three(item.error), *(fields[name].text(item.inputs[name]) for name in shown)]
        for item in worst_records(seen, MAX_CASES)
    ]
    columns = [Column("Score", number=True), *(Column(fields[name].label) for name in shown)]
    return table(columns, lines, caption="The most unusual rows, the most unusual first")


def _table(heads: list[str], rows: list[list[Any]], caption: str, words: int = 0) -> html.Div:
    columns = [Column(head, number=place >= words) for place, head in enumerate(heads)]
    return table(columns, rows, caption=caption)
