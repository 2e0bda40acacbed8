"""What-if: two inputs: the model's answer over two features, from one record."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from modeldesk.model_service.whatif.response import Surface
from modeldesk.web.ui.common.charts.axes import AnswerAxis, Quantity, labels, ticks
from modeldesk.web.ui.common.charts.template import DASH, HEIGHT_STANDARD, color, new_figure, scale

HEIGHT = HEIGHT_STANDARD + 52


def surface_figure(
    surface: Surface, x: Quantity, y: Quantity, answer: AnswerAxis, threshold: float | None = None
) -> go.Figure:
    """The heat map with the present point on it and, where a threshold is set, its line."""
    xs, ys = _positions(surface.x_values, x), _positions(surface.y_values, y)
    words = [
        [f"{x.text(a)}, {y.text(b)}: <b>{answer.text(z)}</b>" for a, z in zip(surface.x_values, row, strict=True)]
        for b, row in zip(surface.y_values, surface.answers.tolist(), strict=True)
    ]
    heights = surface.rows()
    heat = go.Heatmap(x=xs, y=ys, z=heights, hovertext=words, hoverinfo="text", **_colours(surface, answer))
    traces: list[Any] = [heat]
    if threshold is not None and surface.scale == "probability" and x.kind != "category" and y.kind != "category":
        line = {"color": color("text-1"), "width": 1.5, "dash": DASH}
        contours = {"start": threshold, "end": threshold, "size": 1, "coloring": "none"}
        traces.append(
            go.Contour(x=xs, y=ys, z=heights, contours=contours, line=line, showscale=False, hoverinfo="skip")
        )
    own_x, own_y = (
        _position(value, quantity, among)
        for value, quantity, among in zip(surface.present, (x, y), (surface.x_values, surface.y_values), strict=True)
    )
    if own_x is not None and own_y is not None:
        ring = {"size": 12, "color": color("surface"), "line": {"color": color("text-1"), "width": 2.25}}
        traces.append(go.Scatter(x=[own_x], y=[own_y], mode="markers", marker=ring, hoverinfo="skip"))
    return new_figure(
        height=HEIGHT,
        xaxis={**_axis(surface.x_values, x), "title": {"text": x.title}},
        yaxis={**_axis(surface.y_values, y), "showgrid": False, "title": {"text": y.title}},
        margin={"l": 4, "r": 4, "t": 8, "b": 4},
    ).add_traces(traces)


def surface_rows(surface: Surface, x: Quantity, y: Quantity, answer: AnswerAxis) -> tuple[list[str], list[list[str]]]:
    """The chart's data: the columns' heads, and a row for each value of y."""
    heads = [f"{y.label} \\ {x.label}", *(x.text(value) for value in surface.x_values)]
    rows = [
        [y.text(value), *(answer.text(found) for found in row)]
        for value, row in zip(surface.y_values, surface.answers.tolist(), strict=True)
    ]
    return heads, rows


def _colours(surface: Surface, answer: AnswerAxis) -> dict[str, Any]:
    bar: dict[str, Any] = {
        "thickness": 8,
        "outlinewidth": 0,
        "len": 1,
        "xpad": 6,
        "tickfont": {"color": color("text-3")},
    }
    if surface.scale == "class":
        places = list(range(len(surface.classes)))
        names = labels([answer.text(place) for place in places], 12)
        bar |= {"tickvals": places, "ticktext": names}
        return {"colorscale": scale("seq"), "zmin": 0, "zmax": max(1, len(places) - 1), "colorbar": bar}
    if not np.isfinite(surface.answers).any():
        return {"colorscale": scale("seq"), "showscale": False}
    low, high = float(np.nanmin(surface.answers)), float(np.nanmax(surface.answers))
    bar |= ticks(low, high, answer.tick)
    return {"colorscale": scale("seq"), "zmin": low, "zmax": high if high > low else low + 1, "colorbar": bar}


def _positions(values: tuple[Any, ...], quantity: Quantity) -> list[Any]:
    if quantity.kind == "category":
        return labels([quantity.text(value) for value in values])
    return list(values)


def _position(value: Any, quantity: Quantity, among: tuple[Any, ...]) -> Any:
    """Where the present value lies among those of an axis."""
    if quantity.kind != "category" or value not in among:
        return value if quantity.kind != "category" else None
    return _positions(among, quantity)[among.index(value)]


def _axis(values: tuple[Any, ...], quantity: Quantity) -> dict[str, Any]:
    if quantity.kind != "number":
        return quantity.axis()
    numbers = [value for value in values if value is not None]
    axis = quantity.axis(min(numbers), max(numbers))
    return {key: item for key, item in axis.items() if key != "range"}
