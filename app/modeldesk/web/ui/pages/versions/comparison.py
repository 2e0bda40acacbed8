"""Two versions side by side: the part of the Versions page that asks for it and shows the result."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
import numpy as np
from dash import dcc, html

from modeldesk.core import formats
from modeldesk.model_service.performance.compare import Comparison, PairedFigure
from modeldesk.model_service.performance.segments import Segment, Weakness
from modeldesk.model_service.schema.fields import Field
from modeldesk.services.performance.comparison import DifferingRow, VersionPair
from modeldesk.web.ui.common.answers import class_name
from modeldesk.web.ui.common.charts.card import chart_card
from modeldesk.web.ui.common.components import Children, Column, alert, badge, button, card, labelled, loading, table
from modeldesk.web.ui.common.metric_names import METRICS, TOO_FEW, MetricName
from modeldesk.web.ui.common.metric_text import segment_words
from modeldesk.web.ui.pages.versions import comparison_text as words
from modeldesk.web.ui.pages.versions import ids

NEWER = "newer"
"""Stands for the rows of whichever version is the newer one."""
_SHOWN_INPUTS = 6
_SHOWN_FLIPS = 12
_QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)


def part(compare: str | None, rows: str | None) -> html.Div:
    """Return the part before its data; hidden until it is known that there is something to compare."""
    return html.Div(
        [
            dcc.Store(id=ids.WANTED, data={"pair": compare, "rows": rows}),
            dcc.Store(id=ids.QUERY),
            dcc.Store(id=ids.READY),
            _choice(),
            html.Div(html.Div(card(loading(words.WORKING, bars=3))), id=ids.WORKING, hidden=True),
            html.Div(id=ids.ERRORS, className="md-pair-errors"),
            html.Div(_results(), id=ids.RESULTS, className="md-stack md-pair-results", hidden=True),
        ],
        id=ids.CARD,
        className="md-stack",
        hidden=True,
    )


def _choice() -> html.Section:
    def select(label: str, id_: str) -> Any:
        return labelled(label, dbc.Select(id=id_, options=[]), for_id=id_, className="md-pick")

    controls = html.Div(
        [
            select(words.BEFORE, ids.FIRST),
            select(words.AFTER, ids.SECOND),
            select(words.ON_ROWS_OF, ids.ROWS),
            button(words.COMPARE, id=ids.GO),
        ],
        className="d-flex flex-wrap align-items-end row-gap-2 column-gap-3 mt-2",
    )
    return card(controls, title=words.TITLE, summary=words.SUMMARY)


def _results() -> list[Any]:
    return [
        html.Div(id=ids.NOTICES, className="md-stack"),
        card(html.Div(id=ids.FIGURES), title=words.FIGURES_TITLE),
        html.Div(
            [
                chart_card(ids.TOGETHER, words.TOGETHER_TITLE, waiting=words.WORKING, height=320),
                chart_card(ids.MOVES, words.MOVES_TITLE, waiting=words.WORKING, height=320),
                html.Div(card(html.Div(id=ids.FLIPS), title=words.FLIPS_TITLE), id=ids.FLIPS_PART),
                html.Div(
                    card(
                        html.Div(id=ids.SEGMENTS_ERRORS),
                        html.Div(loading(words.LOOKING_FOR_SEGMENTS), id=ids.SEGMENTS),
                        title=words.SEGMENTS_TITLE,
                    ),
                    id=ids.SEGMENTS_PART,
                ),
            ],
            className="md-pair-cards md-two md-cards",
        ),
        card(html.Div(id=ids.DIFFERING), title=words.DIFFERING_TITLE),
    ]


def query_of(pair: str | None, rows: str | None) -> dict[str, int | None] | None:
    """Return what an address asks for: versions 1 and 2 of ``1,2`` and perhaps whose rows. None where it asks
    for nothing. Raise ValueError where it cannot be read."""
    if not pair:
        return None
    match = re.fullmatch(r"(\d{1,6}),(\d{1,6})", pair)
    if match is None or not re.fullmatch(r"\d{0,6}", rows or ""):
        raise ValueError(pair)
    return {"first": int(match[1]), "second": int(match[2]), "rows": int(rows) if rows else None}


# ---- figures -------------------------------------------------------------------------------------


def notices(pair: VersionPair) -> list[Children]:
    """Return what to know before any figure is believed."""
    doubts = words.doubts(pair)
    told = [] if doubts is None else [alert("warn", html.P(doubts), live=False)]
    return told + [alert("info", html.P(remark), live=False) for remark in words.remarks(pair)]


def figures_view(pair: VersionPair) -> Children:
    """Return the finding, and every figure of both versions with the interval of the difference."""
    comparison, unit = pair.rows.comparison, pair.second.settings.unit
    first, second = pair.first.version, pair.second.version
    lead = html.P(words.figures_finding(pair), className="md-card-summary")
    note = html.P(words.figures_note(pair), className="md-note")
    if not comparison.figures:
        return [lead, note]
    columns = [
        Column(words.METRIC),
        Column(words.VERSION.format(version=first), number=True),
        Column(words.VERSION.format(version=second), number=True),
        Column(words.DIFFERENCE, number=True),
        Column(words.INTERVAL, number=True),
        Column(words.VERDICT),
    ]
    rows = [_figure_row(figure, unit) for figure in comparison.figures]
    caption = words.FIGURES_CAPTION.format(first=first, second=second)
    return [lead, table(columns, rows, caption=caption, rows_head=True), note]


def _figure_row(figure: PairedFigure, unit: str) -> list[Children]:
    name, change = METRICS[figure.name], figure.difference
    both = [name.text(value, unit) for value in (figure.first, figure.second)]
    gap, low, high = (_difference(name, value, unit) for value in (change.value, change.low, change.high))
    few = figure.few or math.isnan(change.low)
    return [name.label, *both, gap, TOO_FEW if few else words.RANGE.format(low=low, high=high), _verdict(figure)]


def _difference(name: MetricName, value: float, unit: str) -> str:
    if math.isnan(value):
        return formats.NOT_KNOWN
    if name.scale == "share":
        return formats.points(value)
    return formats.signed(value, unit) if name.scale == "unit" else _signed(value)


def _signed(value: float) -> str:
    text = f"{value:+.3f}"
    return text.replace("-", formats.MINUS) if float(text) else "0.000"


def _verdict(figure: PairedFigure) -> Children:
    side = figure.verdict
    if figure.few and figure.changed:
        return html.Span(words.TOO_FEW_CHANGES.format(changes=figure.changed), className="md-quiet")
    if side == 0:
        return html.Span(words.NO_DIFFERENCE, className="md-quiet")
    return badge(words.BETTER, "good") if side > 0 else badge(words.WORSE, "bad")


# ---- changed decisions, segments, rows -----------------------------------------------------------


def flips_view(pair: VersionPair) -> Children:
    """Return the rows whose class changed, from which to which, and whether for the better."""
    comparison, flips = pair.rows.comparison, pair.rows.comparison.flips
    if flips is None or not flips.rows:
        return html.P(words.SAME_ANSWERS, className="md-small md-quiet")
    names = [class_name(name) for name in comparison.classes]
    known = comparison.truth is not None
    columns = [
        Column(words.SAID.format(version=pair.first.version)),
        Column(words.SAYS.format(version=pair.second.version)),
        Column(words.ROWS, number=True),
    ]
    columns += [Column(words.NOW_RIGHT, number=True), Column(words.NOW_WRONG, number=True)] if known else []
    rows = [
        [
            names[flip.before],
            names[flip.after],
            f"{flip.rows:,}",
            *([f"{flip.better:,}", f"{flip.worse:,}"] if known else []),
        ]
        for flip in flips.flips[:_SHOWN_FLIPS]
    ]
    cut = words.FLIPS_CUT.format(shown=_SHOWN_FLIPS, all=len(flips.flips))
    return [
        html.P(words.flips_finding(flips), className="md-card-summary") if known else None,
        table(columns, rows, caption=words.FLIPS_CAPTION),
        html.P(cut, className="md-note") if len(flips.flips) > _SHOWN_FLIPS else None,
    ]


def segments_view(
    changed: tuple[Weakness, Weakness] | None, pair: VersionPair, fields: Mapping[str, Field]
) -> Children:
    """Return the segments that got worse and those that got better."""
    if changed is None:
        return html.P(words.NO_ERRORS_KNOWN, className="md-small md-quiet")
    worse, better = changed
    if worse.reason is not None:
        return html.P(worse.reason, className="md-small md-quiet")
    numbers = pair.rows.comparison.actual is not None
    unit = pair.second.settings.unit
    rows = [
        _segment_row(item, side, fields, numbers, unit)
        for side, part in ((1, worse), (-1, better))
        for item in part.segments
    ]
    metric = METRICS["mae"].label if numbers else words.WRONG_ANSWERS
    columns = [
        Column(words.SEGMENT),
        Column(words.ROWS, number=True),
        Column(words.JUDGED, number=True),
        Column(words.CHANGE.format(metric=metric), number=True),
        Column(words.VERDICT),
    ]
    return [
        html.P(words.segments_finding(worse, better), className="md-card-summary"),
        table(columns, rows, caption=words.SEGMENTS_CAPTION) if rows else None,
        html.P(words.SEGMENTS_NOTE.format(judged=f"{worse.judged:,}"), className="md-note"),
    ]


def _segment_row(segment: Segment, side: int, fields: Mapping[str, Field], numbers: bool, unit: str) -> list[Children]:
    def change(value: float) -> str:
        return formats.signed(side * value, unit) if numbers else formats.points(side * value)

    low, high = sorted((segment.low, segment.high), key=lambda end: side * end)
    span = TOO_FEW if math.isnan(segment.low) else words.RANGE.format(low=change(low), high=change(high))
    verdict = badge(words.WORSE, "bad") if side > 0 else badge(words.BETTER, "good")
    return [
        segment_words(segment.conditions, fields),
        f"{segment.rows:,}",
        f"{segment.judged:,}",
        [html.Strong(change(segment.error)), html.Span(f" {span}", className="md-quiet")],
        verdict if segment.significant else badge(words.BY_CHANCE, "neutral", plain=True),
    ]


def differing_view(rows: Sequence[DifferingRow], pair: VersionPair, hrefs: Sequence[str | None]) -> Children:
    """Return the rows that are answered most differently, each with a link to its inputs."""
    comparison, fields = pair.rows.comparison, {field.name: field for field in pair.second.fields}
    shown = list(rows[0].inputs)[:_SHOWN_INPUTS]
    known = any(row.actual is not None for row in rows)
    columns = [Column(words.answer_column(pair, model.version), number=True) for model in (pair.first, pair.second)]
    columns += [Column(words.ACTUAL, number=comparison.first.codes is None)] if known else []
    columns += [
        Column(fields[name].label, hide=index > 1, number=fields[name].feature.numeric)
        for index, name in enumerate(shown)
    ]
    columns += [Column(html.Span(words.ACTION, className="visually-hidden"))]
    lines = []
    for row, href in zip(rows, hrefs, strict=True):
        cells: list[Any] = [_answer(pair, side, row.place) for side in (0, 1)]
        cells += [_actual(pair, row.actual)] if known else []
        cells += [fields[name].text(row.inputs[name]) for name in shown]
        cells += [html.A(words.OPEN_INPUTS, href=href) if href else None]
        lines.append(cells)
    return table(columns, lines, caption=words.DIFFERING_CAPTION)


def _answer(pair: VersionPair, side: int, index: int) -> Children:
    """Return one version's answer to a row: its class with the probability that is compared, or the number."""
    comparison = pair.rows.comparison
    answers = (comparison.first, comparison.second)[side]
    scale = float(comparison.scales[side][index])
    if answers.codes is None:
        return formats.measure(scale, pair.second.settings.unit)
    name = class_name(comparison.classes[int(answers.codes[index])])
    if comparison.task.has_scores:
        return [name, " ", html.Span(words.RANK.format(share=formats.percent(scale)), className="md-quiet")]
    if comparison.task.has_positive:
        if words.by_class(comparison):
            return name
        return [formats.percent(scale), html.Span(f" {name}", className="md-quiet")]
    sure = None if answers.probability is None else formats.percent(float(answers.probability[index].max()))
    return [name, html.Span(f" {sure}", className="md-quiet") if sure else None]


def _actual(pair: VersionPair, value: Any) -> str:
    if pair.rows.comparison.actual is not None:
        return formats.measure(float(value), pair.second.settings.unit)
    return class_name(value)


# ---- charts as tables ----------------------------------------------------------------------------


def together_table(pair: VersionPair) -> Children:
    """Return the numbers of the chart of both answers."""
    comparison, (one, other) = pair.rows.comparison, words.axis_words(pair)
    if words.by_class(comparison):
        flips = comparison.flips.flips if comparison.flips else ()
        names = [class_name(name) for name in comparison.classes]
        rows = [[names[flip.before], names[flip.after], f"{flip.rows:,}"] for flip in flips]
        columns = [Column(one), Column(other), Column(words.ROWS, number=True)]
        return table(columns, rows, caption=words.TOGETHER_CAPTION)
    first, second = comparison.scales
    text = _texts(comparison, pair.second.settings.unit)
    rows = [
        [
            words.RANGE.format(low=text(float(first[part[0]])), high=text(float(first[part[-1]]))),
            f"{len(part):,}",
            text(float(first[part].mean())),
            text(float(second[part].mean())),
        ]
        for part in np.array_split(np.argsort(first, kind="stable"), 10)
        if len(part)
    ]
    before, after = pair.first.version, pair.second.version
    heads = (words.FROM_TO.format(version=before), words.ROWS, *(words.MEAN.format(version=v) for v in (before, after)))
    return table([Column(head, number=True) for head in heads], rows, caption=words.TOGETHER_CAPTION)


def moves_table(pair: VersionPair) -> Children:
    """Return the numbers of the chart of moves."""
    comparison = pair.rows.comparison
    text = _texts(comparison, pair.second.settings.unit, signed=True)
    rows = [[formats.percent(share), text(float(np.quantile(comparison.moves, share)))] for share in _QUANTILES]
    columns = [Column(words.OF_THE_ROWS, number=True), Column(words.MOVE_AT_MOST, number=True)]
    return table(columns, rows, caption=words.MOVES_CAPTION)


def _texts(comparison: Comparison, unit: str, *, signed: bool = False) -> Callable[[float], str]:
    if not comparison.task.numeric:
        return formats.points if signed else formats.percent
    return (lambda value: formats.signed(value, unit)) if signed else (lambda value: formats.measure(value, unit))
