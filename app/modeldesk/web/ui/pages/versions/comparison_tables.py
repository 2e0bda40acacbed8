"""Two versions in tables: who is answered otherwise, where errors changed, and the rows themselves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from modeldesk.core import formats
from modeldesk.model_service.performance.segments import Segment, Weakness
from modeldesk.model_service.schema.fields import Field
from modeldesk.services.performance.comparison import DifferingRow, VersionPair
from modeldesk.web.ui.common.answers import class_inside, class_name
from modeldesk.web.ui.common.components import Children, Column, badge, table
from modeldesk.web.ui.common.metric_names import METRICS, TOO_FEW
from modeldesk.web.ui.common.metric_text import segment_words
from modeldesk.web.ui.pages.versions.comparison_text import by_class

_SHOWN_INPUTS = 6
_SHOWN_FLIPS = 12


def flips_view(pair: VersionPair) -> Children:
    """Rows whose class changed, from which to which, and whether for the better."""
    comparison, flips = pair.rows.comparison, pair.rows.comparison.flips
    if flips is None or not flips.rows:
        return html.P("Every row gets the same answer from both.", className="md-small md-quiet")
    called = [class_name(name) for name in comparison.classes]
    known = comparison.truth is not None
    columns = [
        Column(f"Version {pair.first.version} said"),
        Column(f"Version {pair.second.version} says"),
        Column("Rows", number=True),
    ]
    columns += [Column("Now right", number=True), Column("Now wrong", number=True)] if known else []
    rows = [
        [
            called[flip.before],
            called[flip.after],
            f"{flip.rows:,}",
            *([f"{flip.better:,}", f"{flip.worse:,}"] if known else []),
        ]
        for flip in flips.flips[:_SHOWN_FLIPS]
    ]
    parts: list[Any] = []
    if known:
        chance = "more than chance explains" if flips.p_value <= 0.05 else "which may be chance"
        balance = f"{flips.better:,} of them became right and {flips.worse:,} wrong"
        odds = f"{balance}, {chance} (McNemar's exact test, p {_p_value(flips.p_value)})."
        parts.append(
            html.P([html.Strong(f"{formats.count(flips.rows, 'row')} changed. "), odds], className="md-card-summary")
        )
    parts.append(table(columns, rows, caption="Rows whose answer changed"))
    if len(flips.flips) > _SHOWN_FLIPS:
        parts.append(html.P(f"The {_SHOWN_FLIPS} most frequent of {len(flips.flips)} changes.", className="md-note"))
    return parts


def _p_value(value: float) -> str:
    return "below 0.001" if value < 0.001 else f"{value:.3f}"


def segments_view(found: tuple[Weakness, Weakness] | None, pair: VersionPair, fields: Mapping[str, Field]) -> Children:
    """The segments that got worse and those that got better."""
    if found is None:
        return html.P("No outcome is known, so nothing can be said to be an error.", className="md-small md-quiet")
    worse, better = found
    if worse.reason is not None:
        return html.P(worse.reason, className="md-small md-quiet")
    numbers = pair.rows.comparison.actual is not None
    unit = pair.second.settings.unit
    what = METRICS["mae"].label if numbers else "Wrong answers"
    rows = [
        _segment_row(item, side, fields, numbers, unit)
        for side, part in ((1, worse), (-1, better))
        for item in part.segments
    ]
    known = [sum(item.significant for item in part.segments) for part in found]
    lead = (
        f"{formats.count(known[0], 'segment') if known[0] else 'No segment'} got worse and {known[1] or 'none'} got "
        "better, beyond chance."
        if any(known)
        else "No segment got worse or better beyond what chance explains."
    )
    note = (
        f"Found on one half of the rows, judged on the other ({worse.judged:,} rows). Intervals hold at 95% for all "
        "that got worse together, and for all that got better; the verdict is whether they leave out 0."
    )
    columns = [
        Column("Segment"),
        Column("Rows", number=True),
        Column("Judged", number=True),
        Column(f"{what} of the judged, change", number=True),
        Column("Verdict"),
    ]
    body = table(columns, rows, caption="Segments that got worse and better") if rows else None
    return [html.P(lead, className="md-card-summary"), body, html.P(note, className="md-note")]


def _segment_row(segment: Segment, side: int, fields: Mapping[str, Field], numbers: bool, unit: str) -> list[Children]:
    def how(value: float) -> str:
        return formats.signed(side * value, unit) if numbers else formats.points(side * value)

    ends = sorted((segment.low, segment.high), key=lambda end: side * end)
    span = f" {TOO_FEW}" if math.isnan(segment.low) else f" {how(ends[0])} to {how(ends[1])}"
    state = badge("Worse", "bad") if side > 0 else badge("Better", "good")
    return [
        segment_words(segment.conditions, fields),
        f"{segment.rows:,}",
        f"{segment.judged:,}",
        [html.Strong(how(segment.error)), html.Span(span, className="md-quiet")],
        state if segment.significant else badge("May be chance", "neutral", plain=True),
    ]


def differing_view(rows: Sequence[DifferingRow], pair: VersionPair, hrefs: Sequence[str | None]) -> Children:
    """The rows that are answered most differently, each with a way to its inputs."""
    comparison, fields = pair.rows.comparison, {field.name: field for field in pair.second.fields}
    shown = list(rows[0].inputs)[:_SHOWN_INPUTS]
    known = any(row.actual is not None for row in rows)
    chance = comparison.task.has_positive and not by_class(comparison)
    of = f", probability of {class_inside(comparison.classes[comparison.positive])}" if chance else ""
    columns = [Column(f"Version {model.version}{of}", number=True) for model in (pair.first, pair.second)]
    columns += [Column("Actual", number=comparison.first.codes is None)] if known else []
    columns += [
        Column(fields[name].label, hide=place > 1, number=fields[name].feature.numeric)
        for place, name in enumerate(shown)
    ]
    columns += [Column(html.Span("Action", className="visually-hidden"))]
    lines = []
    for row, href in zip(rows, hrefs, strict=True):
        cells: list[Any] = [_answer(pair, side, row.place) for side in (0, 1)]
        cells += [_actual(pair, row.actual)] if known else []
        cells += [fields[name].text(row.inputs[name]) for name in shown]
        cells += [html.A("Open inputs", href=href) if href else None]
        lines.append(cells)
    return table(columns, lines, caption="Rows answered most differently, those first")


def _answer(pair: VersionPair, side: int, place: int) -> Children:
    """What one version says of a row: its class with the chance that is compared, or the number."""
    comparison = pair.rows.comparison
    answers = (comparison.first, comparison.second)[side]
    scale = float(comparison.scales[side][place])
    if answers.codes is None:
        return formats.measure(scale, pair.second.settings.unit)
    name = class_name(comparison.classes[int(answers.codes[place])])
    if comparison.task.has_scores:
        return [name, html.Span(f" rank {formats.percent(scale)}", className="md-quiet")]
    if comparison.task.has_positive:
        if by_class(comparison):
            return name
        return [formats.percent(scale), html.Span(f" {name}", className="md-quiet")]
    sure = None if answers.probability is None else formats.percent(float(answers.probability[place].max()))
    return [name, html.Span(f" {sure}", className="md-quiet") if sure else None]


def _actual(pair: VersionPair, value: Any) -> str:
    if pair.rows.comparison.actual is not None:
        return formats.measure(float(value), pair.second.settings.unit)
    return class_name(value)
