"""Where a model fails, in tables: segments, and decisions group by group."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from dash import html

from modeldesk.core import formats
from modeldesk.model_service.performance.conditions import written
from modeldesk.model_service.performance.groups import Gap, Group, largest_gap
from modeldesk.model_service.performance.segments import Segment, Weakness
from modeldesk.model_service.schema.fields import Field
from modeldesk.web.ui.common.answers import class_name
from modeldesk.web.ui.common.components import Children, Column, badge, button, table
from modeldesk.web.ui.common.metric_names import METRICS, TOO_FEW
from modeldesk.web.ui.common.metric_text import condition_words, segment_words
from modeldesk.web.ui.pages.performance import findings_text as words
from modeldesk.web.ui.pages.performance import ids
from modeldesk.web.ui.pages.performance.tables import spanned


def weakness_view(
    weakness: Weakness | None, kind: str, fields: Mapping[str, Field], unit: str, sizes: bool
) -> Children:
    """Return the segments with what fails in each; ``sizes`` where errors are sizes in ``unit``."""
    if weakness is None:
        return html.P(words.NO_OUTCOME, className="md-small md-quiet")
    if weakness.reason is not None:
        return html.P(weakness.reason, className="md-small md-quiet")
    text = _size(unit) if sizes else formats.percent
    metric = words.failing(kind, sizes=sizes)
    columns = [
        Column(words.SEGMENT),
        Column(words.ROWS, number=True),
        Column(words.JUDGED, number=True),
        Column(words.OF_THE_JUDGED.format(metric=metric), number=True),
        Column(html.Span(words.ACTION, className="visually-hidden")),
    ]
    rows = [_segment_row(segment, fields, text, sizes) for segment in weakness.segments]
    return [
        html.P(words.segments_finding(weakness, metric, text(weakness.error)), className="md-card-summary"),
        table(columns, rows, caption=words.SEGMENTS_CAPTION) if rows else None,
        html.P(words.SEGMENTS_NOTE.format(judged=f"{weakness.judged:,}"), className="md-note"),
    ]


def _segment_row(
    segment: Segment, fields: Mapping[str, Field], text: Callable[[float], str], sizes: bool
) -> list[Children]:
    name = segment_words(segment.conditions, fields)
    span = TOO_FEW
    if not math.isnan(segment.low):
        low, high = (text(end) if sizes else f"{end * 100:.0f}" for end in (segment.low, segment.high))
        span = f"{low}–{high}"
    state = None if segment.significant else badge(words.BY_CHANCE, "neutral", plain=True)
    label = words.SHOW_ONLY.format(segment=name)
    return [
        html.Div([name, state], className="hstack flex-wrap column-gap-2"),
        f"{segment.rows:,}",
        f"{segment.judged:,}",
        [html.Strong(text(segment.error)), html.Span(f" {span}", className="md-quiet")],
        button(words.FILTER, id=ids.limit(written(segment.conditions)), small=True, label=label),
    ]


def groups_view(groups: Sequence[Group], fields: Mapping[str, Field], note: str, favourable: str | None) -> Children:
    """Return the decision in each group, with the measures of fairness between groups named by definition.
    ``note`` says by what is decided; ``favourable`` names the favourable outcome."""
    if not groups:
        return html.P(words.FEW_IN_GROUPS, className="md-small md-quiet")
    columns = [Column(words.GROUP), Column(words.ROWS, number=True)]
    if favourable is not None:
        named = words.FAVOURABLE_COLUMN.format(class_name=class_name(favourable))
        columns += [Column(named, number=True), Column(words.IMPACT_RATIO, number=True)]
    heads = (METRICS["alarms"].label, words.RECALL, words.FALSE_POSITIVES, METRICS["precision"].label)
    columns += [Column(head, number=True) for head in heads]
    rows = [
        [
            condition_words(group.condition, fields[group.condition.feature]),
            f"{group.rows:,}",
            *_favoured_cells(group),
            spanned("alarms", group.selection),
            spanned("recall", group.recall),
            spanned("false_alarms", group.false_alarms),
            spanned("precision", group.precision),
        ]
        for group in groups
    ]
    drawn = table(columns, rows, caption=words.GROUPS_CAPTION, rows_head=True)
    return [drawn, html.P(note, className="md-note")]


def gaps_view(by_class: Mapping[str, Sequence[Group]], fields: Mapping[str, Field]) -> Children:
    """Return of each class the groups that lie furthest apart, the widest gap in being answered so first; nothing where
    there is no class with two groups."""
    lines = []
    for name, groups in by_class.items():
        gaps = [largest_gap(groups, rate) for rate in ("selection", "recall", "false_alarms")]
        if gaps[0] is not None:
            lines.append((gaps[0].size, [class_name(name), *(_gap_cell(gap, fields) for gap in gaps)]))
    if not lines:
        return None
    columns = [Column(head) for head in words.GAPS_COLUMNS]
    rows = [row for _, row in sorted(lines, key=lambda line: -line[0])]
    return html.Div(
        [
            html.H3(words.GAPS_TITLE, className="mt-3 mb-1 md-small"),
            table(columns, rows, caption=words.GAPS_CAPTION, rows_head=True),
            html.P(words.GAPS_NOTE, className="md-note"),
        ]
    )


def _gap_cell(gap: Gap | None, fields: Mapping[str, Field]) -> Children:
    if gap is None:
        return html.Span(formats.NOT_KNOWN, className="md-quiet")
    ends = [
        f"{condition_words(group.condition, fields[group.condition.feature])} {formats.percent(gap.value(group))}"
        for group in (gap.high, gap.low)
    ]
    return [html.Strong(f"{100 * gap.size:.1f}"), html.Span(f" {ends[0]}, {ends[1]}", className="md-quiet")]


def _favoured_cells(group: Group) -> list[Children]:
    if group.favoured is None or group.ratio is None:
        return []
    known = not math.isnan(group.ratio)
    ratio: Children = f"{group.ratio:.2f}" if known else formats.NOT_KNOWN
    if group.below_four_fifths:
        ratio = [ratio, " ", badge(words.FOUR_FIFTHS, "warn")]
    return [spanned("alarms", group.favoured), ratio]


def _size(unit: str) -> Callable[[float], str]:
    return lambda value: formats.measure(value, unit)
