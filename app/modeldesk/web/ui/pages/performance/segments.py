"""Where a model fails, in words and tables: segments, and decisions group by group."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

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
from modeldesk.web.ui.pages.performance import ids
from modeldesk.web.ui.pages.performance.text import spanned

_FAILS = {"wrong": "Wrong", "missed": "Missed", "alarm": "False alarms"}
_DIGITS = 4


def weakness_view(found: Weakness | None, kind: str, fields: Mapping[str, Field], unit: str, sizes: bool) -> Children:
    """The segments with what fails in each; ``sizes`` where errors are sizes in ``unit``."""
    if found is None:
        return html.P("These rows have no outcome to be wrong about.", className="md-small md-quiet")
    if found.reason is not None:
        return html.P(found.reason, className="md-small md-quiet")
    how = _size(unit) if sizes else formats.percent
    what = METRICS["mae"].label if sizes else _FAILS[kind]
    known = sum(segment.significant for segment in found.segments)
    finding = f"{what}, against {how(found.error)} of all rows. "
    finding += (
        f"{formats.count(known, 'segment is', 'segments are')} worse beyond chance."
        if known
        else "No segment is worse beyond what chance explains."
    )
    columns = [
        Column("Segment"),
        Column("Rows", number=True),
        Column("Judged", number=True),
        Column(f"{what}, of the judged", number=True),
        Column(""),
    ]
    columns[-1] = Column(html.Span("Action", className="visually-hidden"))
    rows = [_segment_row(segment, fields, how, sizes) for segment in found.segments]
    note = (
        f"Found on one half of the rows, judged on the other ({found.judged:,} rows). Intervals hold at 95% for all "
        "segments together; one that lies above the figure of all rows is worse beyond chance."
    )
    body = table(columns, rows, caption="Segments where the model fails most") if rows else None
    return [html.P(finding, className="md-card-summary"), body, html.P(note, className="md-note")]


def _segment_row(segment: Segment, fields: Mapping[str, Field], how: Any, sizes: bool) -> list[Children]:
    words = segment_words(segment.conditions, fields)
    ends = f" {TOO_FEW}"
    if not math.isnan(segment.low):
        low, high = (how(segment.low), how(segment.high)) if sizes else (
            f"{segment.low * 100:.0f}", f"{segment.high * 100:.0f}",
        )  # fmt: skip
        ends = f" {low}–{high}"
    state = None if segment.significant else badge("May be chance", "neutral", plain=True)
    return [
        html.Div([words, state], className="md-segment-words"),
        f"{segment.rows:,}",
        f"{segment.judged:,}",
        [html.Strong(how(segment.error)), html.Span(ends, className="md-quiet")],
        button("Filter", id=ids.limit(written(segment.conditions)), small=True, label=f"Show only {words}"),
    ]


def groups_view(groups: Sequence[Group], fields: Mapping[str, Field], decided: str, favourable: str | None) -> Children:
    """The decision in each group, with the measures of fairness between groups named by definition.
    ``decided`` says by what: at 25%, or for which class; ``favourable`` names the favourable outcome."""
    if not groups:
        return html.P("There are too few rows in any group.", className="md-small md-quiet")
    columns = [Column("Group"), Column("Rows", number=True)]
    if favourable is not None:
        columns += [Column(f"{class_name(favourable)} (favourable)", number=True), Column("Impact ratio", number=True)]
    columns += [
        Column(METRICS["alarms"].label, number=True),
        Column("Recall (TPR)", number=True),
        Column("False positive rate", number=True),
        Column(METRICS["precision"].label, number=True),
    ]
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
    ratio = (
        f"Impact ratio: the group's rate of “{class_name(favourable)}” over the highest one; below 0.80 the "
        "four-fifths rule (29 CFR 1607.4D) sees adverse impact. "
        if favourable is not None
        else "No impact ratio is told, since nobody said which outcome is favourable: choose it above, or set "
        "favourable in model.toml. "
    )
    note = (
        f"{decided}, with 95% intervals. {ratio}Equal true positive rates are equal opportunity; equal false positive "
        "rates as well, equalised odds; equal precision, predictive parity."
    )
    told = table(columns, rows, caption="The decision group by group", rows_head=True)
    return [told, html.P(note, className="md-note")]


def gaps_view(by_class: Mapping[str, Sequence[Group]], fields: Mapping[str, Field]) -> Children:
    """Of each class the groups that lie furthest apart, the widest gap in being answered so first; nothing where
    there is no class with two groups."""
    lines = []
    for name, groups in by_class.items():
        gaps = [largest_gap(groups, rate) for rate in ("selection", "recall", "false_alarms")]
        if gaps[0] is not None:
            lines.append((gaps[0].size, [class_name(name), *(_gap_cell(gap, fields) for gap in gaps)]))
    if not lines:
        return None
    columns = [Column("Class")]
    columns += [Column(head) for head in ("Answered so", "Recall (TPR)", "False positive rate")]
    rows = [row for _, row in sorted(lines, key=lambda line: -line[0])]
    return html.Div(
        [
            html.H3("Every class: the groups furthest apart", className="md-card-part"),
            table(columns, rows, caption="The largest gap between groups, class by class", rows_head=True),
            html.P(
                "In points, the higher group first; the widest gap in being answered so stands on top.",
                className="md-note",
            ),
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
        ratio = [ratio, " ", badge("Below four fifths", "warn")]
    return [spanned("alarms", group.favoured), ratio]


def _size(unit: str) -> Any:
    return lambda value: formats.measure(value, unit)
