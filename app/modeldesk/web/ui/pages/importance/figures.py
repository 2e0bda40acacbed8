"""What a model's answers owe to each input: bars ranked by size, with whiskers; for pictures by pixel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from modeldesk.web.ui.common.charts.axes import shortened
from modeldesk.web.ui.common.charts.template import color, new_figure, scale
from modeldesk.web.ui.pages.importance import text as words

ROW, HEAD = 28, 30
MOST_BARS = 15
_GAP = 0.06
_ROOM = 0.3
"""The room after a bar for its figure, as a share of the longest."""
PICTURE_HEIGHT = 320


@dataclass(frozen=True)
class Panel:
    """One measure of importance: ``sizes`` (k,) with ``ends`` (k, 2) of their whiskers, and how a size is
    written beside its bar and in full."""

    title: str
    sizes: np.ndarray
    ends: np.ndarray
    short: Callable[[float], str]
    full: Callable[[float], str]


def importance_height(inputs: int) -> int:
    """Return how high the chart of so many inputs is, in pixels."""
    return HEAD + ROW * max(1, min(inputs, MOST_BARS)) + 8


def importance_figure(
    keys: Sequence[str], labels: Sequence[str], panels: Sequence[Panel], by: int, chosen: str | None
) -> go.Figure:
    """Draw the strongest inputs by ``panels[by]``, in that panel's order, the measures side by side; the chosen
    input is in bold. Each bar carries its input's key as ``customdata``; ``meta`` tells which panel ranks, for
    where there is room for one only."""
    order = ranking(panels[by])[:MOST_BARS]
    rows = list(range(len(order)))
    names = [f"{shortened(labels[place], 26)}  " for place in order]
    bold = [f"<b>{name}</b>" if keys[at] == chosen else name for name, at in zip(names, order, strict=True)]
    layout: dict[str, Any] = {
        "height": importance_height(len(order)),
        "margin": {"l": 4, "r": 8, "t": HEAD, "b": 4},
        "bargap": 0.42,
        "meta": {"ranked": by},
        "annotations": [],
        "yaxis": {
            "tickvals": rows,
            "ticktext": bold,
            "range": [len(order) - 0.4, -0.6],
            "showgrid": False,
            "tickfont": {"color": color("text-2"), "size": 12},
        },
    }
    bars = []
    for number, panel in enumerate(panels):
        bars.append(_bars(panel, order, keys, labels, number, ranked=number == by))
        layout |= {f"xaxis{number + 1 if number else ''}": _axis(panel, order, number, len(panels))}
        layout["annotations"] += _words(panel, order, number, ranked=number == by)
    return new_figure(**layout).add_traces(bars)


def ranking(panel: Panel) -> list[int]:
    """Return the places of all inputs, the strongest first."""
    return [int(place) for place in np.argsort(-panel.sizes, kind="stable")]


def picture_figure(pixels: Sequence[float], width: int, height: int, full: Callable[[float], str]) -> go.Figure:
    """Draw the mean absolute contribution of each pixel, row by row from the top left."""
    table = np.array(pixels, dtype=float).reshape(height, width)
    bare = {"visible": False, "fixedrange": True}
    heat = go.Heatmap(
        z=table.tolist(),
        zmin=0,
        zmax=float(table.max()) or 1.0,
        colorscale=scale("seq"),
        showscale=False,
        xgap=1,
        ygap=1,
        hovertext=[
            [words.PIXEL_HINT.format(row=y, column=x, size=full(float(size))) for x, size in enumerate(row, start=1)]
            for y, row in enumerate(table, start=1)
        ],
        hoverinfo="text",
    )
    return new_figure(
        height=PICTURE_HEIGHT,
        xaxis={**bare, "constrain": "domain"},
        yaxis={**bare, "autorange": "reversed", "scaleanchor": "x"},
    ).add_traces([heat])


def _bars(
    panel: Panel, order: Sequence[int], keys: Sequence[str], labels: Sequence[str], number: int, *, ranked: bool
) -> go.Bar:
    sizes = panel.sizes[order]
    hints = [
        words.BAR_HINT.format(
            input=labels[at],
            size=panel.full(panel.sizes[at]),
            low=panel.short(panel.ends[at, 0]),
            high=panel.short(panel.ends[at, 1]),
        )
        for at in order
    ]
    return go.Bar(
        y=list(range(len(order))),
        x=sizes.tolist(),
        orientation="h",
        xaxis=f"x{number + 1 if number else ''}",
        marker={"color": color("series") if ranked else color("accent-line")},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": np.maximum(0, panel.ends[order, 1] - sizes).tolist(),
            "arrayminus": np.maximum(0, sizes - panel.ends[order, 0]).tolist(),
            "color": color("text-2"),
            "thickness": 1.25,
            "width": 3,
        },
        customdata=[keys[at] for at in order],
        hovertext=hints,
        hoverinfo="text",
    )


def _axis(panel: Panel, order: Sequence[int], number: int, panels: int) -> dict[str, Any]:
    low = min(0.0, float(panel.ends[order, 0].min()), float(panel.sizes[order].min()))
    high = max(float(panel.ends[order, 1].max()), float(panel.sizes[order].max()), 0.0)
    reach = (high - low) or 1.0
    width = (1 - _GAP * (panels - 1)) / panels
    start = number * (width + _GAP)
    return {
        "range": [low - (0.02 * reach if low < 0 else 0), high + _ROOM * reach],
        "domain": [start, start + width],
        "visible": True,
        "showline": False,
        "showticklabels": False,
        "ticks": "",
        "zeroline": True,
        "zerolinecolor": color("control"),
        "zerolinewidth": 1,
        "fixedrange": True,
    }


def _words(panel: Panel, order: Sequence[int], number: int, *, ranked: bool) -> list[dict[str, Any]]:
    """The panel's title above it, and each figure after its whisker."""
    axis = f"x{number + 1 if number else ''}"
    title = {
        "text": f"<b>{panel.title}</b>" if ranked else panel.title,
        "xref": f"{axis} domain",
        "x": 0,
        "xanchor": "left",
        "yref": "paper",
        "y": 1,
        "yanchor": "bottom",
        "yshift": 6,
        "font": {"color": color("text-1" if ranked else "text-2")},
    }
    figures = [
        {
            "text": panel.short(panel.sizes[at]),
            "xref": axis,
            "x": max(float(panel.ends[at, 1]), float(panel.sizes[at]), 0.0),
            "xanchor": "left",
            "xshift": 4,
            "y": row,
            "yanchor": "middle",
            "font": {"color": color("text-1"), "size": 12},
        }
        for row, at in enumerate(order)
    ]
    return [title, *figures]
