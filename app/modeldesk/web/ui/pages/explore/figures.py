"""What a model does across many predictions: bars and courses, all rows in grey behind those that pass."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go

from modeldesk.core import formats
from modeldesk.ports.analytics import PROBABILITY
from modeldesk.services.explore.parts import Dimension, Parts
from modeldesk.services.explore.results import Bars, Course, Figures, comparable, least_rows
from modeldesk.services.explore.view import filter_text
from modeldesk.web.ui.common.charts.axes import labels, padded, share_tick, tick_text, ticks
from modeldesk.web.ui.common.charts.template import HEIGHT_STANDARD, HEIGHT_TIME, Token, color, main_line, new_figure
from modeldesk.web.ui.common.filters.text import trailing, value_text
from modeldesk.web.ui.pages.explore import text as words
from modeldesk.web.ui.pages.explore.names import Told, part_text

DIMMED = 0.3
_COURSE_SHARE, _COURSE_ROWS = 0.74, 0.18
"""How much of the height of a course is of its lines, and of the rows below."""
_LINE_SHARE = 0.52
_BARS_SHARE = 0.4
_EVERY: Token = "neutral"
_EVERY_ALPHA = 0.35
_PLOT_HEIGHT, _LABEL_HEIGHT = 200, 15
"""About how high the plot of a course is, and a line of its labels, in pixels."""
_ANSWERS_SHARE, _ROWS_FROM = 0.56, 0.64
"""Bars of values: up to where the figures told of predictions reach, and from where rows are counted."""
_BAR_WIDTH = 0.7


def distribution_figure(bars: Bars) -> go.Figure:
    """The rows in each part of the prediction: of all rows in grey, of those that pass in front."""
    if bars.parts.edges:
        fig = new_figure(bargap=0.12, barmode="overlay", dragmode="select", selectdirection="h", margin=_margin(bars))
        _number_axis(fig, bars.parts)
        _counts(fig, bars)
        fig.update_yaxes(rangemode="tozero", **_count_ticks(bars), selector=None)
    else:
        fig = _values_figure(bars, None)
    return described(fig, bars.parts, _data(bars, None), bars.chosen)


def by_figure(bars: Bars, told: Told | None) -> go.Figure:
    """What is told of the predictions in each part of a column, as a line over the rows in each part."""
    if not bars.parts.edges:
        fig = _values_figure(bars, told)
    elif told is None:
        return distribution_figure(bars)
    else:
        fig = new_figure(
            bargap=0.12,
            barmode="overlay",
            dragmode="select",
            selectdirection="h",
            margin=_margin(bars),
            yaxis={"domain": [1 - _LINE_SHARE, 1], **_answer_axis(told, [*bars.answer_every, *bars.answer_some])},
            yaxis2={"domain": [0, _BARS_SHARE], "rangemode": "tozero", **_count_ticks(bars, 3), "showgrid": False},
        )
        _number_axis(fig, bars.parts)
        fig.update_xaxes(anchor="y2")
        _answers(fig, bars, told)
        _counts(fig, bars, yaxis="y2")
    return described(fig, bars.parts, _data(bars, told), bars.chosen)


def course_figure(course: Course, told: Told | None) -> go.Figure:
    """What is told of the predictions in each span of time, with what happened, and all rows in grey; without
    such, the rows in each."""
    parts = course.parts
    fig = new_figure(
        height=HEIGHT_TIME,
        dragmode="select",
        selectdirection="h",
        hovermode="x unified",
        margin={"t": 10, "r": 70},
        xaxis={"type": "date", "range": [_iso(moment) for moment in (parts.edges[0], parts.edges[-1])]},
    )
    starts, _ = _places(parts)
    if told is None:
        fig.add_scatter(
            x=starts, y=_shown(course.rows), mode="lines+markers", line=main_line(), marker={"size": 4}, name=words.ROWS
        )
        fig.update_yaxes(rangemode="tozero", **_whole_ticks(course.rows))
        return described(fig, parts, _course_data(course, told), course.chosen)
    axis = _answer_axis(told, [*course.every, *course.some, *course.actual], 5)
    fig.update_layout(
        yaxis={"domain": [1 - _COURSE_SHARE, 1], **axis},
        yaxis2={"domain": [0, _COURSE_ROWS], **_whole_ticks(course.rows, 3), "showgrid": False},
    )
    fig.update_xaxes(anchor="y2")
    filtered = course.every != course.some
    if filtered:
        texts = [told.text(value) for value in course.every]
        _line(
            fig, starts, course.every, texts, name=words.ALL, mode="lines", line={"color": color("neutral"), "width": 1}
        )
    _predicted(fig, starts, course, told)
    if _any(course.actual):
        _happened(fig, starts, course, told)
    fig.add_bar(
        x=starts,
        y=_shown(course.rows),
        yaxis="y2",
        marker={"color": _marked("neutral", course.chosen)},
        name=words.ROWS,
        hovertemplate="%{y:,.0f}",
    )
    series = {words.ACTUAL: course.actual, words.PREDICTED: course.some}
    series |= {words.ALL: course.every} if filtered else {}
    rows = {"text": words.ROWS, "yref": "paper", "y": _COURSE_ROWS / 2, "xref": "paper", "x": 1, "xanchor": "left"}
    rows |= {"xshift": 8, "font": {"color": color("text-3"), "size": 12}}
    fig.update_layout(annotations=[*_ends(series, axis), rows, *_thin_note(course.rows, course.some)])
    return described(fig, parts, _course_data(course, told), course.chosen)


def _predicted(fig: go.Figure, starts: Sequence[Any], course: Course, told: Told) -> None:
    """The line through spans with rows enough, and the others as hollow points of their own."""
    texts = [
        words.ANSWER_ROWS.of(round(rows or 0), answer=told.text(value))
        for value, rows in zip(course.some, course.rows, strict=True)
    ]
    solid, thin = _by_size(course.some, course.rows)
    marker = {"size": 4, "color": _marked("series", course.chosen)}
    _line(fig, starts, solid, texts, name=words.PREDICTED, mode="lines+markers", line=main_line(), marker=marker)
    if _any(thin):
        _line(fig, starts, thin, texts, name=words.FEW_ROWS, mode="markers", marker=_hollow("series"))


def _happened(fig: go.Figure, starts: Sequence[Any], course: Course, told: Told) -> None:
    """What happened, as points; those of few known outcomes are hollow."""
    texts = [
        words.ANSWER_KNOWN.format(answer=told.text(value), rows=f"{round(known or 0):,}")
        for value, known in zip(course.actual, course.known, strict=True)
    ]
    solid, thin = _by_size(course.actual, course.known)
    marker = {"size": 6, "color": _marked("text-1", course.chosen)}
    _line(fig, starts, solid, texts, name=words.ACTUAL, mode="markers", marker=marker)
    if _any(thin):
        _line(fig, starts, thin, texts, name=words.FEW_KNOWN, mode="markers", marker=_hollow("text-1"))


def _line(fig: go.Figure, x: Sequence[Any], y: Figures, texts: Sequence[str], **look: Any) -> None:
    fig.add_scatter(x=list(x), y=list(y), text=list(texts), hovertemplate="%{text}", cliponaxis=False, **look)


# ---- what figures of the page share --------------------------------------------------------------


def described(fig: go.Figure, parts: Parts, data: dict[str, Any], chosen: Sequence[bool] | None = None) -> go.Figure:
    """The figure with what the page needs to know of it: the filter of each part, and its data, which has the
    parts that pass the filter on the chart's own column."""
    texts = [filter_text(item) for item in parts.filters]
    fig.layout.meta = {"parts": texts, "data": passing_data({**data, "parts": texts}, chosen)}
    return fig


def passing_data(data: dict[str, Any], chosen: Sequence[bool] | None) -> dict[str, Any]:
    """A figure's data without the rows that its filter leaves out, and how many these are."""
    if chosen is None:
        return data
    kept = [place for place, passes in enumerate(chosen) if passes]
    listed: dict[str, Any] = {name: [data[name][place] for place in kept] for name in ("rows", "parts") if name in data}
    return {**data, **listed, "left_out": len(chosen) - len(kept)}


def tabled(columns: Sequence[str], lists: Sequence[Sequence[Any]], percent: Sequence[int] = ()) -> dict[str, Any]:
    """The data of a figure by columns; those in ``percent`` (places) are shares."""
    rows = [list(row) for row in zip(*lists, strict=True)]
    return {"columns": list(columns), "rows": rows, "percent": list(percent)}


def number_ticks(item: Dimension, low: float, high: float, wanted: int = 5) -> dict[str, Any]:
    """Ticks of a column of numbers."""
    if item.column == PROBABILITY:
        return ticks(low, high, share_tick, wanted)
    return ticks(low, high, tick_text(item.unit, year=item.year), wanted)


def axis_title(item: Dimension) -> str:
    """A column's name, with its unit unless each tick carries it."""
    return f"{item.label}, {item.unit}" if trailing(item.unit) else item.label


def answer_ticks(told: Told, low: float, high: float, wanted: int = 4) -> dict[str, Any]:
    """Ticks of what is told of predictions."""
    if told.share:
        return ticks(low, high, share_tick, wanted)
    return ticks(low, high, tick_text(told.unit), wanted)


def key_note(text: str) -> dict[str, Any]:
    """A line above the plot that tells what is drawn how."""
    return {
        "text": text,
        "xref": "paper",
        "x": 1,
        "xanchor": "right",
        "yref": "paper",
        "y": 1,
        "yanchor": "bottom",
        "font": {"color": color("text-3"), "size": 12},
    }


def _by_size(values: Figures, rows: Figures) -> tuple[list[float | None], list[float | None]]:
    """Figures of parts with rows enough to be compared, and those of the others, each in its place."""
    enough = comparable(rows)
    solid = [value if it else None for value, it in zip(values, enough, strict=True)]
    return solid, [None if it else value for value, it in zip(values, enough, strict=True)]


def _any(values: Figures) -> bool:
    return any(value is not None for value in values)


def _hollow(token: Token) -> dict[str, Any]:
    """How a figure of few rows is marked."""
    return {"size": 6, "symbol": "circle-open", "color": color(token), "line": {"width": 1}}


def _thin_note(rows: Figures, values: Figures, **where: Any) -> list[dict[str, Any]]:
    """What hollow marks mean, where there are any."""
    if not _any(_by_size(values, rows)[1]):
        return []
    return [{**key_note(words.HOLLOW.of(least_rows(rows))), **where}]


def _whole_ticks(counts: Figures, wanted: int = 5) -> dict[str, Any]:
    """Ticks of an axis that counts: whole numbers from zero."""
    top = max([1.0, *(value or 0 for value in counts)])
    return {
        "range": [0, top * 1.06],
        **ticks(0.0, top, lambda value, _step: formats.compact(value), wanted, whole=True),
    }


def _margin(bars: Bars) -> dict[str, int]:
    """Room for a line above the plot, where there is one."""
    few = bool(_thin_note(bars.some, bars.answer_some))
    return {"t": 22 if few or bars.every != bars.some else 8}


def _answer_axis(told: Told, values: Sequence[float | None], wanted: int = 3) -> dict[str, Any]:
    known = [value for value in values if value is not None]
    low, high = padded(min(known, default=0.0), max(known, default=1.0))
    low, high = (max(0.0, low), min(1.0, high)) if told.share else (low, high)
    return {"range": [low, high], **answer_ticks(told, low, high, wanted)}


def _number_axis(fig: go.Figure, parts: Parts) -> None:
    item, edges = parts.dimension, parts.edges
    if item.kind == "time":
        fig.update_xaxes(type="date", title={"text": item.label})
        return
    half = 0.5 if item.whole and edges[1] - edges[0] == 1 else 0.0
    fig.update_xaxes(
        range=[edges[0] - half, edges[-1] - half],
        title={"text": axis_title(item)},
        **number_ticks(item, edges[0], edges[-1] - 2 * half),
    )


def _counts(fig: go.Figure, bars: Bars, **look: Any) -> None:
    """Bars of how many rows are in each part of a scale."""
    centres, widths = _places(bars.parts)
    filtered = bars.every != bars.some
    texts = [
        (words.PART_SOME_ROWS if filtered else words.PART_ROWS).format(
            part=part_text(bars.parts, place), rows=f"{round(some or 0):,}", all=f"{round(every or 0):,}"
        )
        for place, (some, every) in enumerate(zip(bars.some, bars.every, strict=True))
    ]
    if filtered:
        behind = {"color": color(_EVERY, _EVERY_ALPHA)}
        fig.add_bar(x=centres, y=list(bars.every), width=widths, marker=behind, hoverinfo="skip", **look)
        fig.add_annotation(key_note(words.FILTERED_OVER_ALL))
    fig.add_bar(
        x=centres,
        y=list(bars.some),
        width=widths,
        marker={"color": _marked("series", bars.chosen)},
        hovertext=texts,
        hoverinfo="text",
        **look,
    )


def _answers(fig: go.Figure, bars: Bars, told: Told) -> None:
    centres, _ = _places(bars.parts)
    if bars.every != bars.some:
        line = {"color": color("neutral"), "width": 1}
        fig.add_scatter(x=centres, y=_shown(bars.answer_every), mode="lines", line=line, hoverinfo="skip")
    solid, thin = _by_size(bars.answer_some, bars.some)
    texts = [
        words.PART_ANSWER.of(round(rows or 0), part=part_text(bars.parts, place), answer=told.text(value))
        for place, (value, rows) in enumerate(zip(bars.answer_some, bars.some, strict=True))
    ]
    told_by = {"x": centres, "hovertext": texts, "hoverinfo": "text", "cliponaxis": False}
    marker = {"size": 5, "color": _marked("series", bars.chosen)}
    fig.add_scatter(y=solid, mode="lines+markers", line=main_line(), marker=marker, **told_by)
    if _any(thin):
        fig.add_scatter(y=thin, mode="markers", marker=_hollow("series"), **told_by)
    for note in _thin_note(bars.some, bars.answer_some, x=0, xanchor="left"):
        fig.add_annotation(note)


def _values_figure(bars: Bars, told: Told | None) -> go.Figure:
    """Horizontal bars of the rows with each value, the most frequent on top; to their left, on a scale of its
    own, what is told of the predictions."""
    item = bars.parts.dimension
    names = labels([value_text(item, key) for key in bars.parts.keys])
    every, some = list(bars.every), list(bars.some)
    chosen = bars.chosen
    if round(bars.beyond):
        # Values that are not listed make no filter of their own.
        names, every, some = [*names, words.OTHERS], [*every, None], [*some, bars.beyond]
        chosen = None if chosen is None else (*chosen, False)
    filtered = bars.every != bars.some
    rows = list(range(len(names)))
    top = max([1.0, *(value or 0 for value in (*every, *some))])
    fig = new_figure(
        height=HEIGHT_STANDARD,
        barmode="overlay",
        dragmode="select",
        selectdirection="v",
        margin={"t": 22, "l": 4, "r": 8},
        xaxis={"range": [0, top * (1.5 if told else 1.12)], "visible": False, "domain": [_ROWS_FROM if told else 0, 1]},
        yaxis={"tickvals": rows, "ticktext": names, "range": [len(rows) - 0.4, -0.6], "showgrid": False},
    )
    common = {"y": rows, "orientation": "h", "width": _BAR_WIDTH}
    if filtered:
        fig.add_bar(x=every, marker={"color": color(_EVERY, _EVERY_ALPHA)}, hoverinfo="skip", **common)
    look: Token = "neutral" if told else "series"
    texts = [words.VALUE_ROWS.of(round(value or 0), part=name) for name, value in zip(names, some, strict=True)]
    fig.add_bar(x=some, marker={"color": _marked(look, chosen)}, hovertext=texts, hoverinfo="text", **common)
    fig.add_scatter(
        x=[max(a or 0, b or 0) for a, b in zip(every, some, strict=True)] if filtered else some,
        y=rows,
        mode="text",
        text=[f" {formats.compact(round(value or 0))}" for value in some],
        textposition="middle right",
        textfont={"color": color("text-1"), "size": 12},
        hoverinfo="skip",
        cliponaxis=False,
    )
    if told is not None:
        _value_answers(fig, bars, told)
    fig.add_annotation(key_note(words.ROWS_ALL_IN_GREY if filtered and not told else words.ROWS))
    return fig


def _value_answers(fig: go.Figure, bars: Bars, told: Told) -> None:
    """What is told of the predictions with each value, as points on a scale beside the rows."""
    rows, names = list(range(len(bars.parts))), bars.parts
    axis = _answer_axis(told, [*bars.answer_every, *bars.answer_some])
    low, high = axis["range"]
    # Room on the right for the figure of the rightmost point.
    span = {"domain": [0, _ANSWERS_SHARE], "range": [low, high + (high - low) * 0.35], "showgrid": True}
    # The figures stand at the points; ticks would only repeat them.
    fig.update_layout(xaxis2={**axis, **span, "anchor": "y", "showticklabels": False, "ticks": ""})
    fig.update_yaxes(anchor="x2")  # the names stand left of both
    common = {"y": rows, "xaxis": "x2"}
    if bars.every != bars.some:
        texts = [
            words.PART_ALL.format(part=part_text(names, place), answer=told.text(bars.answer_every[place]))
            for place in rows
        ]
        marker = {"size": 8, "symbol": "line-ns-open", "color": color("neutral"), "line": {"width": 2}}
        fig.add_scatter(
            x=list(bars.answer_every), mode="markers", marker=marker, hovertext=texts, hoverinfo="text", **common
        )
    texts = [
        words.PART_ANSWER.of(round(bars.some[place] or 0), part=part_text(names, place), answer=told.text(value))
        for place, value in enumerate(bars.answer_some)
    ]
    look = {"hovertext": texts, "hoverinfo": "text", "textposition": "middle right", "cliponaxis": False}
    look |= {"textfont": {"color": color("text-1"), "size": 12}, "mode": "markers+text"}
    solid, thin = _by_size(bars.answer_some, bars.some)
    for values, marker in (
        (solid, {"size": 9, "color": _marked("series", bars.chosen)}),
        (thin, {**_hollow("series"), "size": 9}),
    ):
        figures = ["" if value is None else f" {told.text(value)}" for value in values]
        fig.add_scatter(x=values, marker=marker, text=figures, **look, **common)
    note = told.name if bars.every == bars.some else words.ALL_AS_LINE.format(answer=told.name)
    fig.add_annotation({**key_note(note), "x": 0, "xanchor": "left"})
    for hollow in _thin_note(bars.some, bars.answer_some, x=0, xanchor="left", y=0, yanchor="top"):
        fig.add_annotation(hollow)
        fig.update_layout(margin={"b": 20})


def _places(parts: Parts) -> tuple[list[Any], list[float] | None]:
    """The middle of each part on its axis, and how wide its bar is."""
    edges = parts.edges
    if parts.dimension.kind == "time":
        return [_iso(low + (high - low) / 2) for low, high in pairwise(edges)], None
    step = edges[1] - edges[0]
    shift = 0.0 if parts.dimension.whole and step == 1 else step / 2
    return [round(edge + shift, 12) for edge in edges[:-1]], [step * 0.9] * len(parts)


def _marked(token: Token, chosen: Sequence[bool] | None) -> Any:
    return color(token) if chosen is None else [color(token) if it else color(token, DIMMED) for it in chosen]


def _count_ticks(bars: Bars, wanted: int = 5) -> dict[str, Any]:
    return _whole_ticks([*bars.every, *bars.some], wanted)


def _shown(values: Figures) -> list[float | None]:
    return list(values)


def _iso(moment: datetime) -> str:
    return moment.isoformat()


def _ends(series: dict[str, Figures], axis: dict[str, Any]) -> list[dict[str, Any]]:
    """Each series by name at its last point on an axis, apart from each other."""
    found = []
    for name, values in series.items():
        known = [value for value in values if value is not None]
        if known:
            found.append((float(known[-1]), name))
    low, high = axis["range"]
    tokens: dict[str, Token] = {words.ALL: "text-3", words.ACTUAL: "text-1", words.PREDICTED: "accent-text"}
    notes, below = [], -math.inf
    for value, name in sorted(found):
        place = (value - low) / ((high - low) or 1.0) * _PLOT_HEIGHT
        below = max(place, below + _LABEL_HEIGHT)
        notes.append(
            {
                "xref": "paper",
                "x": 1,
                "xanchor": "left",
                "xshift": 8,
                "y": value,
                "yshift": below - place,
                "text": f"<b>{name}</b>" if name == words.PREDICTED else name,
                "font": {"color": color(tokens[name]), "size": 12},
            }
        )
    return notes


def _data(bars: Bars, told: Told | None) -> dict[str, Any]:
    columns = [bars.parts.dimension.label, words.ALL_ROWS, words.FILTERED_ROWS]
    lists: list[Sequence[Any]] = [
        [part_text(bars.parts, place) for place in range(len(bars.parts))],
        bars.every,
        bars.some,
    ]
    if told is not None:
        columns += [words.ANSWER_ALL.format(answer=told.name), words.ANSWER_FILTERED.format(answer=told.name)]
        lists += [bars.answer_every, bars.answer_some]
    return tabled(columns, lists, [3, 4] if told is not None and told.share else [])


def _course_data(course: Course, told: Told | None) -> dict[str, Any]:
    columns = [words.FROM, words.ROWS, words.KNOWN_OUTCOMES]
    lists: list[Sequence[Any]] = [[_iso(moment) for moment in course.parts.keys], course.rows, course.known]
    if told is not None:
        columns += [
            words.ANSWER_ALL.format(answer=told.name),
            words.ANSWER_FILTERED.format(answer=told.name),
            told.outcome or words.ACTUAL,
        ]
        lists += [course.every, course.some, course.actual]
    return tabled(columns, lists, [3, 4, 5] if told is not None and told.share else [])
