"""Two columns of many predictions against the prediction: points, boxes, a grid of averages, a map."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from modeldesk.core import formats
from modeldesk.ports.analytics import PROBABILITY, Filter, Range, When
from modeldesk.services.explore.parts import Dimension, Parts
from modeldesk.services.explore.results import Boxes, Grid, Map, Pair, Scatter, comparable, least_rows
from modeldesk.services.explore.view import column_text, filter_text
from modeldesk.web.ui.common.charts.axes import labels, padded
from modeldesk.web.ui.common.charts.map import Ring
from modeldesk.web.ui.common.charts.template import MAIN_WIDTH, color, new_figure, scale
from modeldesk.web.ui.common.filters.text import value_text
from modeldesk.web.ui.pages.explore import text as words
from modeldesk.web.ui.pages.explore.figures import (
    DIMMED,
    answer_ticks,
    axis_title,
    described,
    key_note,
    number_ticks,
    passing_data,
    tabled,
)
from modeldesk.web.ui.pages.explore.names import Told, part_text

_BAR = {"thickness": 8, "outlinewidth": 0, "len": 0.9, "x": 1.02, "xpad": 0}
_LARGEST, _SMALLEST = 15.0, 5.0


def pair_figure(pair: Pair, told: Told | None, where: Sequence[Filter]) -> go.Figure:
    """One or two columns against the prediction; ``where`` are the filters, to mark those on its axes."""
    if isinstance(pair, Scatter):
        return _scatter(pair, where)
    return _boxes(pair) if isinstance(pair, Boxes) else _grid(pair, told)


def map_figure(found: Map, told: Told | None, outline: Sequence[Ring], where: Sequence[Filter]) -> go.Figure:
    """What is told of the predictions by place, larger where there are more, over an outline."""
    south, north = found.latitude.edges[0], found.latitude.edges[-1]
    west, east = found.longitude.edges[0], found.longitude.edges[-1]
    middle = math.cos(math.radians((south + north) / 2))
    hidden = {"visible": False, "automargin": False}
    fig = new_figure(
        height=None,  # as high as its card, which two rows of cards may make higher
        dragmode="select",
        xaxis={**hidden, "range": [west, east]},
        yaxis={**hidden, "range": [south, north], "scaleanchor": "x", "scaleratio": 1 / max(middle, 0.01)},
        plot_bgcolor=color("inset"),
        margin={"l": 0, "r": 0, "t": 0, "b": 36},
        shapes=_limits(where, found.longitude.dimension, found.latitude.dimension),
    )
    lines: list[Any] = [point for ring in outline for point in (*ring, (None, None))]
    line = {"color": color("control"), "width": 0.75}
    fig.add_scatter(x=[lon for lon, _ in lines], y=[lat for _, lat in lines], mode="lines", line=line, hoverinfo="skip")
    _places_by_size(fig, found, told)
    data = {
        "columns": [words.LATITUDE, words.LONGITUDE, words.ROWS, *([told.name] if told else [])],
        "rows": [
            list(row) for row in zip(found.lats, found.lons, found.rows, *([found.answer] if told else []), strict=True)
        ],
    }
    axes = {"x": column_text(found.longitude.dimension.column), "y": column_text(found.latitude.dimension.column)}
    fig.layout.meta = {"axes": axes, "data": passing_data(data, found.chosen)}
    return fig


def _places_by_size(fig: go.Figure, found: Map, told: Told | None) -> None:
    """A point a place, coloured by the answer where it has rows enough to be compared with the others."""
    most = max([1.0, *(rows or 0 for rows in found.rows)])
    sizes = [_SMALLEST + (_LARGEST - _SMALLEST) * math.sqrt((rows or 0) / most) for rows in found.rows]
    texts = [
        words.ANSWER_ROWS.of(round(rows or 0), answer=_told_text(told, value))
        for value, rows in zip(found.answer, found.rows, strict=True)
    ]
    # Places of few rows take no part in the scale of colours, as they take none in what is said.
    enough = comparable(found.rows)
    solid = [place for place, it in enumerate(enough) if it]
    thin = [place for place, it in enumerate(enough) if not it]
    known = [value for place in solid if (value := found.answer[place]) is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    if thin:
        fig.add_scatter(
            x=[found.lons[place] for place in thin],
            y=[found.lats[place] for place in thin],
            mode="markers",
            marker={"size": _SMALLEST, "symbol": "circle-open", "color": color("neutral"), "line": {"width": 1}},
            hovertext=[texts[place] for place in thin],
            hoverinfo="text",
        )
    fig.add_scatter(
        x=[found.lons[place] for place in solid],
        y=[found.lats[place] for place in solid],
        mode="markers",
        marker={
            "size": [sizes[place] for place in solid],
            "color": [found.answer[place] for place in solid],
            "colorscale": _from_second(),
            "cmin": low,
            "cmax": high if high > low else low + 1,
            "line": {"width": 0},
            "showscale": True,
            "colorbar": {
                **_BAR,
                "orientation": "h",
                "x": 0.02,
                "xanchor": "left",
                "y": 0,
                "yanchor": "top",
                "len": 0.5,
                **_colour_ticks(told, low, high),
            },
        },
        hovertext=[texts[place] for place in solid],
        hoverinfo="text",
    )


def _scatter(found: Scatter, where: Sequence[Filter]) -> go.Figure:
    fig = new_figure(
        dragmode="select",
        xaxis=_axis(found.x, found.xs),
        yaxis=_axis(found.y, found.ys),
        margin={"t": 22, "r": 18 if found.shade is None else 58},
        shapes=_limits(where, found.x, found.y),
    )
    look: dict[str, Any] = {"size": 5, "opacity": 0.7, "line": {"width": 0}, "color": color("series")}
    if found.shade is not None:
        known = [value for value in found.shade if value is not None]
        low, high = min(known, default=0.0), max(known, default=1.0)
        bar = {**_BAR, **number_ticks(found.shaded or found.y, low, high, 4)}
        look |= {
            "color": list(found.shade),
            "colorscale": _from_second(),
            "cmin": low,
            "cmax": high if high > low else low + 1,
            "showscale": True,
            "colorbar": bar,
        }
    fig.add_scatter(
        x=list(found.xs), y=list(found.ys), mode="markers", marker=look, hovertext=_point_texts(found), hoverinfo="text"
    )
    if len(found.xs) < round(found.rows):
        fig.add_annotation(key_note(words.DRAWN.format(drawn=f"{len(found.xs):,}", rows=f"{round(found.rows):,}")))
    columns = [found.x.label, found.y.label, *([] if found.shade is None else [words.PREDICTION])]
    lists = [found.xs, found.ys, *([] if found.shade is None else [found.shade])]
    fig.layout.meta = {
        "axes": {"x": column_text(found.x.column), "y": column_text(found.y.column)},
        "data": passing_data(tabled(columns, lists, _percents(found)), found.chosen),
    }
    return fig


def _boxes(found: Boxes) -> go.Figure:
    """The middle half as a thick line, the middle 90% as a thin one, the median as a ring."""
    parts, places = found.parts, list(range(len(found.parts)))
    low, first, middle, third, high = (list(marks) for marks in found.marks)
    known = [value for value in (*low, *high) if value is not None]
    bottom, top = padded(min(known, default=0.0), max(known, default=1.0))
    if found.value.column == PROBABILITY:
        bottom, top = max(0.0, bottom), min(1.0, top)
    fig = new_figure(
        dragmode="select",
        selectdirection="h",
        margin={"t": 22},
        xaxis={
            "tickvals": places,
            "ticktext": labels([_tick(parts, place) for place in places], max(4, 52 // max(1, len(parts)))),
            "range": [-0.6, len(parts) - 0.4],
            "title": {"text": axis_title(parts.dimension)},
        },
        yaxis={"range": [bottom, top], "title": {"text": found.value.label}, **number_ticks(found.value, bottom, top)},
    )
    drawn, enough = [place for place in places if middle[place] is not None], comparable(found.rows)
    for ends, width in (((low, high), 1.5), ((first, third), 9.0)):
        # Of few rows there is no half and no 90% to be drawn.
        x: list[Any] = [value for place in drawn if enough[place] for value in (place, place, None)]
        y: list[Any] = [value for place in drawn if enough[place] for value in (ends[0][place], ends[1][place], None)]
        alpha = 1.0 if width < 2 else 0.35
        line = {"color": color("series", alpha) if alpha < 1 else color("series"), "width": width}
        fig.add_scatter(x=x, y=y, mode="lines", line=line, hoverinfo="skip")
    fig.add_scatter(
        x=places,
        y=middle,
        mode="markers",
        marker={
            "size": 9,
            "color": color("surface"),
            "line": {
                "color": [color("series" if it else "neutral") for it in enough],
                "width": [MAIN_WIDTH if it else 1.0 for it in enough],
            },
            "opacity": [1.0 if found.chosen is None or found.chosen[place] else DIMMED for place in places],
        },
        hovertext=[
            words.BOX_HINT.format(
                part=part_text(parts, place),
                low=value_text(found.value, first[place]),
                high=value_text(found.value, third[place]),
                rows=f"{round(found.rows[place] or 0):,}",
            )
            for place in places
        ],
        hoverinfo="text",
    )
    key = words.BOX_KEY if all(enough[place] for place in drawn) else words.BOX_KEY_FEW
    fig.add_annotation(key_note(key.format(rows=least_rows(found.rows))))
    columns = [parts.dimension.label, *words.BOX_COLUMNS]
    lists = [[part_text(parts, place) for place in places], found.rows, *found.marks]
    return described(
        fig, parts, tabled(columns, lists, [2, 3, 4, 5, 6] if found.value.column == PROBABILITY else []), found.chosen
    )


def _grid(found: Grid, told: Told | None) -> go.Figure:
    x, y = found.x, found.y
    answers, solid, thin = _by_size(found)
    known = [value for row in solid for value in row if value is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    days = isinstance(y.grouping, When) and y.grouping.span == "weekday"
    fig = new_figure(
        dragmode="select",
        margin={"t": 8, "r": 58},
        xaxis={**_part_axis(x), "title": {"text": "" if days else axis_title(x.dimension)}},
        yaxis={
            **_part_axis(y, every=1),
            "title": {"text": "" if days else axis_title(y.dimension)},
            "showgrid": False,
            **({"autorange": "reversed"} if not y.edges else {}),
        },
        shapes=_chosen_box(found),
    )
    if any(value is not None for row in thin for value in row):
        # Cells of few rows take no part in the scale of colours, as they take none in what is said.
        grey = [[0, color("neutral", 0.25)], [1, color("neutral", 0.25)]]
        fig.add_heatmap(z=thin, colorscale=grey, showscale=False, xgap=1, ygap=1, hoverinfo="skip")
        least = least_rows([rows for row in found.rows for rows in row])
        fig.add_annotation(key_note(words.GREY.of(least)))
        fig.update_layout(margin={"t": 22})
    fig.add_heatmap(
        z=solid,
        zmin=low,
        zmax=high if high > low else low + 1,
        colorscale=scale("seq"),
        xgap=1,
        ygap=1,
        colorbar={**_BAR, **_colour_ticks(told, low, high)},
        hovertext=_cell_texts(found, told, answers),
        hoverinfo="text",
    )
    # Heat maps cannot be dragged over; points that nobody sees can.
    cells = [(column, row) for row in range(len(y)) for column in range(len(x))]
    fig.add_scatter(
        x=[column for column, _ in cells],
        y=[row for _, row in cells],
        mode="markers",
        marker={"opacity": 0, "size": 1, "color": color("series")},
        hoverinfo="skip",
    )
    fig.layout.meta = {
        "cells": {"x": [filter_text(item) for item in x.filters], "y": [filter_text(item) for item in y.filters]},
        "data": _grid_data(found, told, cells),
    }
    return fig


def _cell_texts(found: Grid, told: Told | None, answers: Sequence[Sequence[float | None]]) -> list[list[str]]:
    return [
        [
            words.CELL_HINT.format(
                x=part_text(found.x, column),
                y=part_text(found.y, row),
                answer=_told_text(told, answers[row][column]),
                rows=f"{round(found.rows[row][column] or 0):,}",
            )
            for column in range(len(found.x))
        ]
        for row in range(len(found.y))
    ]


def _grid_data(found: Grid, told: Told | None, cells: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """The data of a grid, cell by cell (column, row), of those that pass its filters."""
    x, y = found.x, found.y
    data = tabled(
        [x.dimension.label, y.dimension.label, words.ROWS, *([told.name] if told else [])],
        [
            [part_text(x, column) for column, _ in cells],
            [part_text(y, row) for _, row in cells],
            [found.rows[row][column] for column, row in cells],
            *([[found.answer[row][column] for column, row in cells]] if told else []),
        ],
        [3] if told and told.share else [],
    )
    return passing_data(data, [found.passes(row, column) for column, row in cells] if found.filtered else None)


_Cells = list[list[float | None]]


def _by_size(found: Grid) -> tuple[_Cells, _Cells, _Cells]:
    """The answers of a grid's cells: all, of those with rows enough to be compared, and of the others."""
    width = len(found.x)
    answers = [list(row) for row in found.answer]
    flat = comparable([rows for row in found.rows for rows in row])
    enough = [flat[place : place + width] for place in range(0, len(flat), width)]
    solid, thin = (
        [
            [a if it is wanted else None for a, it in zip(row, its, strict=True)]
            for row, its in zip(answers, enough, strict=True)
        ]
        for wanted in (True, False)
    )
    return answers, solid, thin


def _part_axis(parts: Parts, every: int | None = None) -> dict[str, Any]:
    """An axis on which each part has one place, named where there is room."""
    whole = not parts.edges and len(parts) <= 12
    step = every or (1 if whole else max(1, math.ceil(len(parts) / 5)))
    places = list(range(0, len(parts), step))
    room = 14 if every else max(4, 52 // len(places or [0]))
    return {
        "tickvals": places,
        "ticktext": labels([_tick(parts, place) for place in places], room),
        "range": [-0.5, len(parts) - 0.5],
    }


def _tick(parts: Parts, place: int) -> str:
    if parts.edges and parts.dimension.kind == "number":
        return value_text(parts.dimension, parts.edges[place])
    return part_text(parts, place) if not parts.edges else formats.day(parts.keys[place])


def _chosen_box(found: Grid) -> list[dict[str, Any]]:
    """The frame around the cells that the filters on the two columns choose."""
    if not found.filtered:
        return []
    ends = []
    for parts, chosen in ((found.x, found.chosen_x), (found.y, found.chosen_y)):
        places = [place for place in range(len(parts)) if chosen is None or chosen[place]]
        ends.append((min(places, default=0) - 0.5, max(places, default=-1) + 0.5))
    return [_frame(*ends[0], *ends[1])]


def _limits(where: Sequence[Filter], x: Dimension, y: Dimension) -> list[dict[str, Any]]:
    """The frame of the ranges that are asked of two axes; an open end reaches to the plot's."""
    found: dict[str, Range] = {
        item.column: item for item in where if isinstance(item, Range) and item.column in (x.column, y.column)
    }
    if not found:
        return []
    ends: dict[str, Any] = {}
    for axis, item in (("x", x), ("y", y)):
        limits = found.get(item.column)
        both = limits is not None and limits.low is not None and limits.high is not None
        ends |= {f"{axis}0": limits.low if both else 0, f"{axis}1": limits.high if both else 1}  # type: ignore[union-attr]
        ends[f"{axis}ref"] = axis if both else "paper"
    return [{"type": "rect", **ends, "line": {"color": color("text-1"), "width": 1.5}}]


def _frame(x0: float, x1: float, y0: float, y1: float) -> dict[str, Any]:
    line = {"color": color("text-1"), "width": 1.5}
    return {"type": "rect", "x0": x0, "x1": x1, "y0": y0, "y1": y1, "line": line}


def _axis(item: Dimension, values: Sequence[float | None]) -> dict[str, Any]:
    known = [value for value in values if value is not None]
    low, high = padded(min(known, default=0.0), max(known, default=1.0), 0.04)
    return {"range": [low, high], "title": {"text": axis_title(item)}, **number_ticks(item, low, high)}


def _point_texts(found: Scatter) -> list[str]:
    shades = found.shade or [None] * len(found.xs)
    return [
        (words.POINT_HINT if found.shaded is None else words.POINT_HINT_SHADE).format(
            x=found.x.label,
            x_value=value_text(found.x, x),
            y=found.y.label,
            y_value=value_text(found.y, y),
            shade="" if found.shaded is None else value_text(found.shaded, shade),
        )
        for x, y, shade in zip(found.xs, found.ys, shades, strict=True)
    ]


def _told_text(told: Told | None, value: float | None) -> str:
    if told is not None:
        return words.NO_ROWS_HERE if value is None else told.text(value)
    return f"{round(value or 0):,}"


def _colour_ticks(told: Told | None, low: float, high: float) -> dict[str, Any]:
    return answer_ticks(told or Told(words.ROWS, "", False), low, high, 4)


def _from_second() -> list[list[Any]]:
    """The sequential scale without its faintest step, which no point could be seen in."""
    return [[step / 5, color(f"seq-{step + 2}")] for step in range(6)]  # type: ignore[arg-type]


def _percents(found: Scatter) -> list[int]:
    drawn = [found.x, found.y, *([] if found.shaded is None else [found.shaded])]
    return [place for place, item in enumerate(drawn) if item.column == PROBABILITY]
