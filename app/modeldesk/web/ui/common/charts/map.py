"""A map to choose a place on: reference points and an outline, drawn without any tile server."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from modeldesk.web.ui.common.charts.template import color, new_figure

HEIGHT = 260
LOCAL = "white-bg"
"""The style that stands for no tile server."""
PRESENT = 0
"""The trace that holds the chosen place, in every map."""

Ring = Sequence[tuple[float, float]]
"""Points of a line as (longitude, latitude), in degrees."""


def place_map(
    points: Sequence[tuple[float, float]],
    chosen: tuple[float, float] | None,
    outline: Sequence[Ring] = (),
    style: str = LOCAL,
) -> go.Figure:
    """The map of ``points`` (latitude, longitude) with the chosen place on it.

    Drawn on plain axes that keep distances in proportion at the map's latitude, or, with the
    address of a ``style``, on that tile server's map.
    """
    if style != LOCAL:
        return _tiled(points, chosen, style)
    south, north, west, east = _bounds(points, outline, chosen)
    middle = math.cos(math.radians((south + north) / 2))
    lon, lat = _joined(outline)
    hidden = {"visible": False, "fixedrange": True, "automargin": False}
    return new_figure(
        height=HEIGHT,
        xaxis={**hidden, "range": [west, east]},
        yaxis={
            **hidden,
            "range": [south, north],
            "scaleanchor": "x",
            "scaleratio": 1 / max(middle, 0.01),
        },
        plot_bgcolor=color("inset"),
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
    ).add_traces(
        [
            go.Scatter(
                x=[chosen[1]] if chosen else [],
                y=[chosen[0]] if chosen else [],
                mode="markers",
                marker={"size": 13, "color": color("series"), "line": {"color": color("surface"), "width": 2}},
                hoverinfo="skip",
                zorder=3,
            ),
            go.Scatter(
                x=lon, y=lat, mode="lines", line={"color": color("control"), "width": 0.75}, hoverinfo="skip", zorder=1
            ),
            go.Scatter(
                x=[longitude for _, longitude in points],
                y=[latitude for latitude, _ in points],
                mode="markers",
                marker={"size": 4, "color": color("neutral", 0.75)},
                hoverinfo="skip",
                zorder=2,
            ),
        ]
    )


def _tiled(points: Sequence[tuple[float, float]], chosen: tuple[float, float] | None, style: str) -> go.Figure:
    south, north, west, east = _bounds(points, (), chosen)
    span = max(north - south, (east - west) * 0.7, 0.01)
    view = {
        "style": style,
        "center": {"lat": (south + north) / 2, "lon": (west + east) / 2},
        "zoom": max(0.0, min(15.0, math.log2(360 / span) - 0.6)),
    }
    return new_figure(height=HEIGHT, map=view, margin={"l": 0, "r": 0, "t": 0, "b": 0}).add_traces(
        [
            go.Scattermap(
                lat=[chosen[0]] if chosen else [],
                lon=[chosen[1]] if chosen else [],
                mode="markers",
                marker={"size": 14, "color": color("series")},
                hoverinfo="skip",
            ),
            go.Scattermap(
                lat=[latitude for latitude, _ in points],
                lon=[longitude for _, longitude in points],
                mode="markers",
                marker={"size": 5, "color": color("neutral")},
                hoverinfo="skip",
            ),
        ]
    )


def _bounds(
    points: Sequence[tuple[float, float]], outline: Sequence[Ring], chosen: tuple[float, float] | None
) -> tuple[float, float, float, float]:
    """South, north, west and east around the reference points, with some air.

    An outline may reach far beyond (a whole coast); it frames the map only where there are no points.
    """
    around = list(points) or [(lat, lon) for ring in outline for lon, lat in ring]
    around = around or ([chosen] if chosen else [(-85.0, -180.0), (85.0, 180.0)])
    lats, lons = [lat for lat, _ in around], [lon for _, lon in around]
    tall, wide = max(lats) - min(lats) or 0.02, max(lons) - min(lons) or 0.02
    return min(lats) - tall * 0.05, max(lats) + tall * 0.05, min(lons) - wide * 0.05, max(lons) + wide * 0.05


def _joined(outline: Sequence[Ring]) -> tuple[list[Any], list[Any]]:
    """All rings as one line with gaps."""
    lon: list[Any] = []
    lat: list[Any] = []
    for ring in outline:
        lon += [point[0] for point in ring] + [None]
        lat += [point[1] for point in ring] + [None]
    return lon, lat
