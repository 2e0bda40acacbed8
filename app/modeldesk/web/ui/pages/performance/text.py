"""The Performance page in words: key figures, findings, the source of the rows, tables."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from dash import html

from modeldesk.core import formats
from modeldesk.core.errors import ModeldeskError
from modeldesk.model_service.performance.binary import Costs, Decision, Figure
from modeldesk.model_service.performance.proportions import wilson_interval
from modeldesk.model_service.performance.rows import MAX_ROWS
from modeldesk.model_service.performance.thresholds import Suggestion
from modeldesk.model_service.tasks import Task
from modeldesk.services.performance.measured_rows import Offered
from modeldesk.services.performance.report import Performance
from modeldesk.web.ui.common.answers import class_inside, class_name
from modeldesk.web.ui.common.components import Children, Column, alert, removable_chip, table, when
from modeldesk.web.ui.common.metric_names import METRICS, TOO_FEW, MetricName
from modeldesk.web.ui.common.metric_text import kpi, share, three
from modeldesk.web.ui.common.tasks import view_of
from modeldesk.web.ui.pages.performance import ids

_SOURCES = {
    "holdout": "Hold-out",
    "training": "Reference data",
    "log": "Live log, outcome known",
    "batch": "Batch, outcome known",
}
OWN = "own"
"""Stands for the version's own rows among the sources: an empty value would leave the field blank."""
MOST_KNOWN = 0.9
"""Where outcomes of a smaller part are known, it is told what that means."""
LEAST_SURE = 30
"""Rows below which intervals are told to be rough."""


def source_line(seen: Performance) -> Children:
    """Which rows the figures are of: source, version, count, and when they were published."""
    rows, manifest = seen.report.rows, seen.model.manifest
    count = formats.count(len(rows), "row")
    if seen.limited:
        count = f"{count} of {seen.rows_in_all:,}"
    parts: list[Any] = [
        html.Strong(f"{_SOURCES[rows.source]}, {count}"),
        f", version {seen.model.version}, published ",
        when(manifest.created_at, style="day"),
    ]
    if rows.sampled:
        parts.append(f". A random sample: there are {rows.total:,} rows, and at most {MAX_ROWS:,} are used")
    if rows.excluded:
        parts.append(f". {formats.count(rows.excluded, 'row')} that this version does not take left out")
    if rows.unknown:
        parts.append(f". {formats.count(rows.unknown, 'row')} without a known outcome left out")
    return [*parts, "."]


def version_options(versions: Sequence[int], served: int | None) -> list[dict[str, str]]:
    """The versions that the page can be about, the newest first."""
    return [
        {"label": f"Version {number}, served" if number == served else f"Version {number}", "value": str(number)}
        for number in sorted(versions, reverse=True)
    ]


def source_options(own: str, others: Sequence[Offered]) -> list[dict[str, str]]:
    """What the page can be measured on: the version's ``own`` rows, the log, and batches."""
    options = [{"label": _SOURCES[own], "value": OWN}]
    for item in others:
        label = "Live log with outcomes"
        if item.batch is not None:
            label = f"Batch {item.batch.file_name}, {formats.day(item.batch.created_at)}"
        options.append({"label": label, "value": item.name})
    return options


def notice(seen: Performance) -> Children:
    """What to know before any figure is believed."""
    rows = seen.report.rows
    if rows.source == "training":
        return alert(
            "warn",
            html.P(
                [
                    html.Strong("The model may have been trained on these rows. "),
                    "No hold-out was given with this version, so every figure here may look better than it will be on "
                    "new cases. Publish with a hold-out file to know.",
                ]
            ),
            live=False,
        )
    answered = rows.total + rows.unknown
    if seen.asked is not None and rows.total < MOST_KNOWN * answered:
        known = f"Outcomes are known for {formats.percent(rows.total / answered)} of these predictions. "
        rest = "Figures tell about those alone, and the others may be different cases."
        return alert("info", html.P([html.Strong(known), rest]), live=False)
    if 0 < len(rows) < LEAST_SURE:
        return alert(
            "info", html.P(f"These are only {formats.count(len(rows), 'row')}: figures are rough."), live=False
        )
    return None


def segment_chip(seen: Performance, words: str) -> Children:
    """The limit to a segment, to be taken off."""
    return removable_chip("Only", words, id=ids.limit("")) if seen.conditions else None


# ---- key figures --------------------------------------------------------------------------------


def suggestion_name(item: Suggestion) -> str:
    """What a chip says of a threshold worth looking at."""
    share = "" if item.wanted is None else formats.percent(item.wanted)
    return {
        "in_use": "In use",
        "lowest_cost": "Lowest cost",
        "best_f1": "Best F1",
        "recall": f"Finds {share}",
        "precision": f"{share} right",
    }[item.aim]


def decision_kpis(
    now: Decision,
    in_use: Decision | None,
    ranking: Mapping[str, Figure],
    costs: Costs | None,
    lowest: Decision | None,
    best: Decision | None,
) -> list[html.Div]:
    """The key figures of a decision, against those of the threshold in use where that is another; what its
    errors cost only where somebody said so."""
    figures = now.figures()
    before = in_use.figures() if in_use is not None and in_use.threshold != now.threshold else None
    at = f" at {formats.percent(now.threshold)}"
    found = [
        metric_kpi(key, figures[key], at=at, change=_change(figures[key], before and before[key]))
        for key in ("recall", "precision", "accuracy")
    ]
    note = f"best {three(best.figures()['f1'].value)} at {formats.percent(best.threshold)}" if best else ""
    found.append(kpi(f"F1{at}", three(figures["f1"].value), note))
    found.append(metric_kpi("roc_auc", ranking["roc_auc"]))
    if costs is None or lowest is None:
        return found
    per = 1_000 / max(1, now.rows)
    change = ""
    if in_use is not None and before is not None:
        change = _with_plus((now.cost(costs) - in_use.cost(costs)) * per)
    cost = kpi(
        "Cost per 1,000 rows",
        formats.compact(now.cost(costs) * per),
        f"lowest {formats.compact(lowest.cost(costs) * per)} at {formats.percent(lowest.threshold)}",
        change,
    )
    return [*found, cost]


def key_kpis(task: Task, figures: Mapping[str, Figure], unit: str = "") -> list[html.Div]:
    """The key figures of a kind of task, as far as they are known."""
    return [metric_kpi(key, figures[key], unit) for key in view_of(task).key_figures if key in figures]


def anomaly_kpis(unusual: np.ndarray) -> list[html.Div]:
    """The key figures of an anomaly model, by which rows (n,) it calls unusual."""
    low, high = wilson_interval(unusual.sum(), len(unusual))
    figure = Figure(float(unusual.mean()), float(low), float(high))
    return [metric_kpi("anomaly_share", figure, note=f"{int(unusual.sum()):,} of {len(unusual):,} rows")]


def metric_kpi(key: str, figure: Figure, unit: str = "", *, at: str = "", note: str = "", change: str = "") -> html.Div:
    """A metric of METRICS as a key figure: its name, what it means, its value and interval."""
    name = METRICS[key]
    told = "; ".join(part for part in (note, sure(figure, name, unit)) if part)
    return kpi(f"{name.label}{at}", name.text(figure.value, unit), told, change, name.meaning)


def sure(figure: Figure, name: MetricName, unit: str = "") -> str:
    """The 95 % interval in words, or that the rows are too few for one; nothing where the figure is not known."""
    span = name.span(figure, unit)
    if span == TOO_FEW:
        return "Too few rows for an interval"
    return f"95% CI {span}" if span else ""


def _change(now: Figure, before: Figure | None) -> str:
    if before is None or math.isnan(now.value) or math.isnan(before.value):
        return ""
    return formats.points(now.value - before.value)


def _with_plus(amount: float) -> str:
    text = formats.compact(amount)
    return f"+{text}" if amount > 0 else text.replace("-", formats.MINUS)


def nothing_yet(error: ModeldeskError) -> html.Div:
    """That there are no rows to measure on yet, and how to come by some; nothing is wrong."""
    return alert("info", html.P([html.Strong(error.detail), " ", error.hint]), live=False)


def nothing_to_show() -> html.P:
    """That these rows have no outcome to measure on."""
    return html.P("These rows hold no known outcome, so there is nothing to measure.", className="md-quiet")


def strong(text: str) -> html.Strong:
    """A number that stands out."""
    return html.Strong(text)


# ---- tables -------------------------------------------------------------------------------------


def matrix_table(now: Decision, positive: str, negative: str) -> html.Div:
    """The four counts of a decision, as a table with a heat of their own."""
    figures = now.figures()
    hit, rest = class_name(positive), class_name(negative)
    others = figures["false_alarms"].value
    passed = float("nan") if math.isnan(others) else 1 - others
    missed = float("nan") if math.isnan(figures["recall"].value) else 1 - figures["recall"].value

    def cell(count: int, words: str, value: float, kind: str) -> html.Td:
        told = f"{words}, {share(value)}" if not math.isnan(value) else words
        return html.Td([html.Strong(f"{count:,}"), html.Span(told)], className=f"md-cell md-cell-{kind}")

    head = html.Tr(
        [html.Th(html.Span("Actual", className="visually-hidden"), scope="col"),
         *(html.Th([html.Span("Predicted ", className="md-quiet"), name], scope="col") for name in (hit, rest)),
         html.Th("All", scope="col", className="md-number")]
    )  # fmt: skip
    rows = [
        html.Tr(
            [html.Th(hit, scope="row"), cell(now.found, "found", figures["recall"].value, "right"),
             cell(now.missed, "missed", missed, "wrong"),
             html.Td(f"{now.found + now.missed:,}", className="md-number")]
        ),
        html.Tr(
            [html.Th(rest, scope="row"), cell(now.alarms, "false alarms", others, "wrong"),
             cell(now.passed, "passed", passed, "right"),
             html.Td(f"{now.alarms + now.passed:,}", className="md-number")]
        ),
        html.Tr(
            [html.Th("All", scope="row"), html.Td(f"{now.found + now.alarms:,}"),
             html.Td(f"{now.missed + now.passed:,}"), html.Td(f"{now.rows:,}", className="md-number")],
            className="md-confusion-sums",
        ),
    ]  # fmt: skip
    summary = html.P(
        [
            "Finds ",
            html.Strong(share(figures["recall"].value)),
            f" of {class_inside(positive)}; ",
            html.Strong(share(figures["precision"].value)),
            " of its alarms are right.",
        ],
        className="md-card-summary",
    )
    caption = html.Caption(f"Actual by predicted, at {formats.percent(now.threshold)}", className="visually-hidden")
    whole = html.Table([caption, html.Thead(head), html.Tbody(rows)], className="md-confusion")
    return html.Div([summary, whole])


def figures_table(now: Decision, ranking: Mapping[str, Figure]) -> html.Div:
    """Every metric of a decision, and of the chances behind it, with its interval."""
    decided = now.figures()
    lines = [*((key, decided[key]) for key in ("recall", "precision", "accuracy", "false_alarms", "alarms", "f1")),
             *((key, ranking[key]) for key in ("roc_auc", "pr_auc", "log_loss", "brier"))]  # fmt: skip
    rows = [
        [
            [METRICS[key].label, html.Span(f" · {METRICS[key].meaning}", className="md-quiet")],
            METRICS[key].text(figure.value),
            METRICS[key].span(figure) or formats.NOT_KNOWN,
        ]
        for key, figure in lines
    ]
    columns = [Column("Metric"), Column("Value", number=True), Column("95% CI", number=True)]
    return table(columns, rows, caption=f"All metrics, at {formats.percent(now.threshold)}", rows_head=True)


def each_table(names: Sequence[str], sizes: np.ndarray, each: Mapping[str, Sequence[Figure]]) -> html.Div:
    """Recall, precision and F1 of every class with their intervals."""
    columns = [Column("Class"), Column("Rows", number=True)]
    columns += [Column(METRICS[key].label, number=True) for key in ("recall", "precision", "f1")]
    rows = [
        [
            class_name(name),
            f"{int(size):,}",
            *(spanned(key, each[key][place]) for key in ("recall", "precision", "f1")),
        ]
        for place, (name, size) in enumerate(zip(names, sizes, strict=True))
    ]
    return table(columns, rows, caption="Figures class by class, with 95% intervals", rows_head=True)


def spanned(key: str, figure: Figure) -> Children:
    """A metric with its interval beside it, short enough for a cell: 60% 49–71."""
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
