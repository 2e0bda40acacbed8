"""Two versions' answers to the same rows, in charts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go

from modeldesk.core import formats
from modeldesk.model_service.performance.compare import Comparison
from modeldesk.web.ui.common.charts.axes import labels, padded, tick_text, ticks
from modeldesk.web.ui.common.charts.template import DASH, color, new_figure, scale
from modeldesk.web.ui.pages.versions import comparison_text as words

Scale = Literal["share", "number"]

BINS = 32
_LABELLED_CELLS = 12
_SHARES = {"range": [0, 1], "tickvals": [0, 0.25, 0.5, 0.75, 1], "ticktext": ["0%", "25%", "50%", "75%", "100%"]}


def scale_of(comparison: Comparison) -> Scale:
    """Return the scale on which answers are drawn."""
    return "number" if comparison.task.numeric else "share"


def together_figure(one: np.ndarray, other: np.ndarray, names: tuple[str, str], kind: Scale, unit: str) -> go.Figure:
    """Draw how many rows (m,) were answered so by both versions: squares, stronger where more, and the line on
    which both answer alike. Counts only, so that no single record shows."""
    low, high = (0.0, 1.0) if kind == "share" else padded(*_ends(one, other))
    edges = np.linspace(low, high, BINS + 1)
    counts = np.histogram2d(other, one, (edges, edges))[0]
    middles = (edges[:-1] + edges[1:]) / 2
    spans = [_span(low, high, kind, unit) for low, high in pairwise(edges)]
    axis = dict(_SHARES) if kind == "share" else {"range": [low, high], **ticks(low, high, tick_text(unit), 4)}
    fig = new_figure(
        xaxis={**axis, "title": {"text": names[0]}},
        yaxis={**axis, "title": {"text": names[1]}, "showgrid": False},
    )
    hovers = [
        [
            words.TOGETHER_HINT.of(int(count), first=names[0], second=names[1], x=x, y=y)
            for x, count in zip(spans, line, strict=True)
        ]
        for y, line in zip(spans, counts, strict=True)
    ]
    fig.add_heatmap(
        x=middles.tolist(),
        y=middles.tolist(),
        z=_logged(counts),
        colorscale=scale("seq"),
        showscale=False,
        hovertext=hovers,
        hovertemplate="%{hovertext}<extra></extra>",
    )
    line = {"color": color("neutral"), "width": 1, "dash": DASH}
    return fig.add_scatter(x=[low, high], y=[low, high], mode="lines", line=line, hoverinfo="skip")


def classes_figure(matrix: np.ndarray, classes: Sequence[str], names: tuple[str, str]) -> go.Figure:
    """Draw how many rows (k, k) the first version (across) and the second (down) put into each class."""
    size = len(classes)
    named = labels(classes)
    indices = list(range(size))
    axis: dict[str, Any] = {"tickvals": indices, "ticktext": named, "showgrid": False, "showline": False}
    fig = new_figure(
        height=max(320, 18 * size + 150),
        xaxis={**axis, "title": {"text": names[0]}, "tickangle": 0 if size <= _LABELLED_CELLS // 2 else -90},
        yaxis={**axis, "title": {"text": names[1]}, "autorange": "reversed"},
    )
    moved = matrix.T.astype(float)
    np.fill_diagonal(moved, 0)
    fig.add_heatmap(
        x=indices,
        y=indices,
        z=moved.tolist(),
        colorscale=[[0, color("surface")], [1, color("up", 0.55)]],
        showscale=False,
        xgap=1,
        ygap=1,
        text=[[f"{count:,}" if count else "" for count in row] for row in matrix.T.tolist()],
        texttemplate="%{text}" if size <= _LABELLED_CELLS else None,
        hovertemplate=words.CLASSES_HINT.format(first=names[0], second=names[1]),
    )
    return fig


def moves_figure(moves: np.ndarray, kind: Scale, unit: str, title: str) -> go.Figure:
    """Draw how far answers moved (m,), the second version's less the first's: rows by the size of the move."""
    top = float(np.abs(moves).max()) or 1.0
    counts, edges = np.histogram(moves, np.linspace(-top, top, BINS + 2))  # an odd number: one bin is no move
    middles = (edges[:-1] + edges[1:]) / 2

    def signed(value: float) -> str:
        return formats.points(value) if kind == "share" else formats.signed(value, unit)

    text = _points if kind == "share" else tick_text(unit)
    most = float(counts.max()) or 1.0
    fig = new_figure(
        xaxis={"range": [-top, top], "title": {"text": title}, **ticks(-top, top, text, 5)},
        yaxis={"title": {"text": words.ROWS}, "range": [0, most * 1.06], **ticks(0, most, tick_text(""), 4)},
    )
    fig.add_bar(
        x=middles.tolist(),
        y=counts.tolist(),
        width=float(edges[1] - edges[0]) * 0.88,
        marker={"color": color("series")},
        hovertext=[
            words.MOVES_HINT.of(int(count), low=signed(low), high=signed(high))
            for low, high, count in zip(edges, edges[1:], counts, strict=False)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    return fig


def _points(value: float, _step: float) -> str:
    """A tick of an axis of points: −20, 0, +20."""
    return f"{value * 100:+.3g}".replace("-", formats.MINUS) if value else "0"


def _ends(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    return float(min(one.min(), other.min())), float(max(one.max(), other.max()))


def _logged(counts: np.ndarray) -> list[list[float | None]]:
    """Logarithms, so that few rows show beside many; nothing where there is no row."""
    return [[float(np.log1p(count)) if count else None for count in row] for row in counts]


def _span(low: float, high: float, kind: Scale, unit: str) -> str:
    if kind == "share":
        return f"{low * 100:.0f}–{high * 100:.0f}%"
    return words.RANGE.format(low=formats.number(low), high=formats.measure(high, unit))
