"""What a model does across many predictions: bars and courses, all rows in grey behind those that pass."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go

from app.analysis import PROBABILITY
from app.figures.axes import padded, shortened, tick_text, ticks
from app.figures.template import HEIGHT_STANDARD, HEIGHT_TIME, Token, color, main_line, new_figure
from app.layout import formats
from app.layout.explore_names import Told, part_text, trailing, value_text
from app.services.explore_parts import Dimension, Parts
from app.services.explore_results import Bars, Course, Figures
from app.services.explore_view import filter_text

DIMMED = 0.3
_LINE_SHARE = 0.52
_BARS_SHARE = 0.4
_OTHERS = "Others"
_EVERY: Token = "neutral"
_EVERY_ALPHA = 0.35
_PLOT_HEIGHT, _LABEL_HEIGHT = 200, 15
"""About how high the plot of a course is, and a line of its labels, in pixels."""


def distribution_figure(bars: Bars) -> go.Figure:
    """The rows in each part of the prediction: of all rows in grey, of those that pass in front."""
    if bars.parts.edges:
        fig = new_figure(bargap=0.12, barmode="overlay", dragmode="select", selectdirection="h", margin=_margin(bars))
        _number_axis(fig, bars.parts)
        _counts(fig, bars)
        fig.update_yaxes(rangemode="tozero", **_count_ticks(bars), selector=None)
    else:
        fig = _values_figure(bars, None)
    return described(fig, bars.parts, _data(bars, None))


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
    return described(fig, bars.parts, _data(bars, told))


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
            x=starts, y=_shown(course.rows), mode="lines+markers", line=main_line(), marker={"size": 4}, name="Rows"
        )
        fig.update_yaxes(rangemode="tozero")
        return described(fig, parts, _course_data(course, told))
    axis = _answer_axis(told, [*course.every, *course.some, *course.actual], 5)
    fig.update_yaxes(**axis)
    filtered = course.every != course.some
    if filtered:
        texts = [told.text(value) for value in course.every]
        _line(fig, starts, course.every, texts, name="All", mode="lines", line={"color": color("neutral"), "width": 1})
    texts = [
        f"{told.text(value)}, {formats.count(round(rows or 0), 'row')}"
        for value, rows in zip(course.some, course.rows, strict=True)
    ]
    marker = {"size": 4, "color": _marked("series", course.chosen)}
    _line(fig, starts, course.some, texts, name="Predicted", mode="lines+markers", line=main_line(), marker=marker)
    if any(value is not None for value in course.actual):
        texts = [
            f"{told.text(value)}, known for {round(known or 0):,}"
            for value, known in zip(course.actual, course.known, strict=True)
        ]
        marker = {"size": 6, "color": _marked("text-1", course.chosen)}
        _line(fig, starts, course.actual, texts, name="Actual", mode="markers", marker=marker)
    series = {"Actual": course.actual, "Predicted": course.some} | ({"All": course.every} if filtered else {})
    fig.update_layout(annotations=_ends(series, axis))
    return described(fig, parts, _course_data(course, told))


def _line(fig: go.Figure, x: Sequence[Any], y: Figures, texts: Sequence[str], **look: Any) -> None:
    fig.add_scatter(x=list(x), y=list(y), text=list(texts), hovertemplate="%{text}", **look)


# ---- what figures of the page share --------------------------------------------------------------


def described(fig: go.Figure, parts: Parts, data: dict[str, Any]) -> go.Figure:
    """The figure with what the page needs to know of it: the filter of each part, and its data."""
    fig.layout.meta = {"parts": [filter_text(item) for item in parts.filters], "data": data}
    return fig


def tabled(columns: Sequence[str], lists: Sequence[Sequence[Any]], percent: Sequence[int] = ()) -> dict[str, Any]:
    """The data of a figure by columns; those in ``percent`` (places) are shares."""
    rows = [list(row) for row in zip(*lists, strict=True)]
    return {"columns": list(columns), "rows": rows, "percent": list(percent)}


def number_ticks(item: Dimension, low: float, high: float, wanted: int = 5) -> dict[str, Any]:
    """Ticks of a column of numbers."""
    if item.column == PROBABILITY:
        return ticks(low, high, lambda value, step: formats.percent(value, 0 if step >= 0.01 else 1), wanted)
    return ticks(low, high, tick_text(item.unit), wanted)


def axis_title(item: Dimension) -> str:
    """A column's name, with its unit unless each tick carries it."""
    return f"{item.label}, {item.unit}" if trailing(item.unit) else item.label


def answer_ticks(told: Told, low: float, high: float, wanted: int = 4) -> dict[str, Any]:
    """Ticks of what is told of predictions."""
    if told.share:
        return ticks(low, high, lambda value, step: formats.percent(value, 0 if step >= 0.01 else 1), wanted)
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


def _margin(bars: Bars) -> dict[str, int]:
    """Room for a line above the plot, where there is one."""
    return {"t": 22 if bars.every != bars.some else 8}


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
        f"{part_text(bars.parts, place)}: {round(some or 0):,}"
        + (f" of {round(every or 0):,}" if filtered else " rows")
        for place, (some, every) in enumerate(zip(bars.some, bars.every, strict=True))
    ]
    if filtered:
        behind = {"color": color(_EVERY, _EVERY_ALPHA)}
        fig.add_bar(x=centres, y=list(bars.every), width=widths, marker=behind, hoverinfo="skip", **look)
        fig.add_annotation(key_note("Filtered, over all in grey"))
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
    fig.add_scatter(
        x=centres,
        y=_shown(bars.answer_some),
        mode="lines+markers",
        line=main_line(),
        marker={"size": 5, "color": _marked("series", bars.chosen)},
        hovertext=[
            f"{part_text(bars.parts, place)}: {told.text(value)}" for place, value in enumerate(bars.answer_some)
        ],
        hoverinfo="text",
    )


def _values_figure(bars: Bars, told: Told | None) -> go.Figure:
    """Horizontal bars, the most frequent value on top; behind the bar what is told of its predictions."""
    item = bars.parts.dimension
    names = [shortened(value_text(item, key)) for key in bars.parts.keys]
    every, some, answers = list(bars.every), list(bars.some), list(bars.answer_some)
    chosen = bars.chosen
    if round(bars.beyond):
        # Values that are not listed make no filter of their own.
        names, every, some, answers = [*names, _OTHERS], [*every, None], [*some, bars.beyond], [*answers, None]
        chosen = None if chosen is None else (*chosen, False)
    filtered = bars.every != bars.some
    rows = list(range(len(names)))
    top = max([1.0, *(value or 0 for value in (*every, *some))])
    fig = new_figure(
        height=HEIGHT_STANDARD,
        barmode="overlay",
        bargap=0.25,
        dragmode="select",
        selectdirection="v",
        margin={"t": 22, "l": 4, "r": 8},
        xaxis={"range": [0, top * (1.22 if told else 1.1)], "visible": False},
        yaxis={"tickvals": rows, "ticktext": names, "range": [len(rows) - 0.4, -0.6], "showgrid": False},
    )
    common = {"y": rows, "orientation": "h"}
    if filtered:
        fig.add_bar(x=every, marker={"color": color(_EVERY, _EVERY_ALPHA)}, hoverinfo="skip", **common)
    labels = [
        f"{round(value or 0):,}" if told is None or a is None else told.text(a)
        for value, a in zip(some, answers, strict=True)
    ]
    fig.add_bar(
        x=some,
        marker={"color": _marked("series", chosen)},
        hovertext=[
            f"{name}: {round(value or 0):,} rows"
            + (f", {told.name.lower()} {told.text(a)}" if told and a is not None else "")
            for name, value, a in zip(names, some, answers, strict=True)
        ],
        hoverinfo="text",
        **common,
    )
    fig.add_scatter(
        x=[max(a or 0, b or 0) for a, b in zip(every, some, strict=True)] if filtered else some,
        y=rows,
        mode="text",
        text=[f" {label}" for label in labels],
        textposition="middle right",
        textfont={"color": color("text-1"), "size": 12},
        hoverinfo="skip",
        cliponaxis=False,
    )
    bars_are = "filtered, over all in grey" if filtered else "rows"
    fig.add_annotation(key_note(f"Bars {bars_are}" + ("" if told is None else f", figures {told.name.lower()}")))
    return fig


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
    top = max([1.0, *(value or 0 for value in (*bars.every, *bars.some))])
    found = ticks(0.0, top, lambda value, _step: formats.compact(value), wanted)
    return {"range": [0, top * 1.06], **found}


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
    tokens: dict[str, Token] = {"All": "text-3", "Actual": "text-1", "Predicted": "accent-text"}
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
                "text": f"<b>{name}</b>" if name == "Predicted" else name,
                "font": {"color": color(tokens[name]), "size": 12},
            }
        )
    return notes


def _data(bars: Bars, told: Told | None) -> dict[str, Any]:
    columns = [bars.parts.dimension.label, "All rows", "Filtered rows"]
    lists: list[Sequence[Any]] = [
        [part_text(bars.parts, place) for place in range(len(bars.parts))],
        bars.every,
        bars.some,
    ]
    if told is not None:
        columns += [f"{told.name}, all", f"{told.name}, filtered"]
        lists += [bars.answer_every, bars.answer_some]
    return tabled(columns, lists, [3, 4] if told is not None and told.share else [])


def _course_data(course: Course, told: Told | None) -> dict[str, Any]:
    columns = ["From", "Rows", "Known outcomes"]
    lists: list[Sequence[Any]] = [[_iso(moment) for moment in course.parts.keys], course.rows, course.known]
    if told is not None:
        columns += [f"{told.name}, all", f"{told.name}, filtered", told.outcome or "Actual"]
        lists += [course.every, course.some, course.actual]
    return tabled(columns, lists, [3, 4, 5] if told is not None and told.share else [])
