"""How well a regression or an anomaly model does, in charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from modeldesk.core import formats
from modeldesk.model_service.performance.regression import Coverage
from modeldesk.web.ui.common.charts.axes import Quantity, padded, tick_text, ticks
from modeldesk.web.ui.common.charts.template import (
    DASH,
    HEIGHT_STANDARD,
    INTERVAL_ALPHA,
    Token,
    color,
    main_line,
    new_figure,
)

_POINT = {"size": 6, "color": color("series", 0.45), "line": {"width": 0}}
_HISTOGRAM_BINS = 40


def predicted_actual_figure(predicted: np.ndarray, actual: np.ndarray, unit: str) -> go.Figure:
    """Actual against predicted values (n,), with the line on which both are equal."""
    low, high = padded(float(min(predicted.min(), actual.min())), float(max(predicted.max(), actual.max())))
    axis = {"range": [low, high], **ticks(low, high, tick_text(unit), 4)}
    fig = new_figure(xaxis={**axis, "title": {"text": "Predicted"}}, yaxis={**axis, "title": {"text": "Actual"}})
    fig.add_scatter(
        x=[low, high],
        y=[low, high],
        mode="lines",
        line={"color": color("neutral"), "width": 1, "dash": DASH},
        hoverinfo="skip",
    )
    return _points(fig, predicted, actual, unit, "Predicted", "actual")


def residual_figure(values: Sequence[object], errors: np.ndarray, x: Quantity, unit: str) -> go.Figure:
    """Predicted minus actual (n,) by the prediction or an input (n,), with the line of no error."""
    spread = float(np.abs(errors).max()) or 1.0
    axis = {"title": {"text": x.title}}
    if x.kind == "number":
        known = np.array([value for value in values if value is not None], dtype=float)
        known = known[np.isfinite(known)]
        axis |= x.axis(*padded(float(known.min()), float(known.max()))) if len(known) else {}
    else:
        axis |= x.axis()
    fig = new_figure(
        xaxis=axis,
        yaxis={"range": [-spread * 1.08, spread * 1.08], "title": {"text": "Predicted minus actual"},
               **ticks(-spread, spread, tick_text(unit), 5)},
        shapes=[{"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 0, "y1": 0,
                 "line": {"color": color("neutral"), "width": 1, "dash": DASH}}],
    )  # fmt: skip
    if x.kind == "category":
        fig.add_box(
            x=[x.text(value) for value in values],
            y=errors.tolist(),
            line={"color": color("series"), "width": 1.5},
            fillcolor=color("series", INTERVAL_ALPHA),
            marker={"size": 4},
            boxpoints="outliers",
            hoverinfo="y",
        )
        return fig
    fig.add_scatter(
        x=list(values),
        y=errors.tolist(),
        mode="markers",
        marker=_POINT,
        hovertext=[
            f"{x.label} {x.text(value)}: {formats.signed(float(error), unit)}"
            for value, error in zip(values, errors, strict=True)
        ],
        hoverinfo="text",
    )
    return fig


def quantiles_figure(sizes: np.ndarray, unit: str, marked: Mapping[float, float]) -> go.Figure:
    """The share of rows (y) whose error is at most so large (x); ``marked`` are some of its points."""
    ordered = np.sort(sizes)
    shares = np.arange(1, len(ordered) + 1) / len(ordered)
    keep = np.unique(np.linspace(0, len(ordered) - 1, 300).round().astype(int))
    top = float(np.quantile(ordered, 0.99)) * 1.1 or 1.0
    fig = new_figure(
        xaxis={"range": [0, top], "title": {"text": "Error is at most"}, **ticks(0, top, tick_text(unit), 4)},
        yaxis={"range": [0, 1.03], "title": {"text": "Rows"}, "tickvals": [0, 0.5, 1],
               "ticktext": ["0%", "50%", "100%"]},
    )  # fmt: skip
    fig.add_scatter(
        x=[0.0, *ordered[keep].tolist()],
        y=[0.0, *shares[keep].tolist()],
        mode="lines",
        line=main_line(shape="hv"),
        hovertemplate="%{y:.1%} of the rows: %{x:,.4~g} or less<extra></extra>",
    )
    fig.add_scatter(
        x=list(marked.values()),
        y=list(marked),
        mode="markers+text",
        marker={"size": 8, "color": color("series")},
        text=[f" {formats.percent(share)}: {formats.measure(value, unit)}" for share, value in marked.items()],
        textposition="bottom right",
        textfont={"color": color("text-1")},
        cliponaxis=False,
        hoverinfo="skip",
    )
    return fig


def coverage_figure(found: Sequence[Coverage]) -> go.Figure:
    """The share of intervals that held the actual value (with its own interval) by what they promise."""
    low = min([0.4, *(item.low - 0.02 for item in found)])
    axis = {"range": [low, 1.02], "tickvals": [0.5, 0.75, 1], "ticktext": ["50%", "75%", "100%"]}
    fig = new_figure(xaxis={**axis, "title": {"text": "Promised"}}, yaxis={**axis, "title": {"text": "Covered"}})
    fig.add_scatter(
        x=[low, 1], y=[low, 1], mode="lines", line={"color": color("neutral"), "width": 1, "dash": DASH},
        hoverinfo="skip",
    )  # fmt: skip
    shares = [item.covered / item.rows for item in found]
    fig.add_scatter(
        x=[item.level for item in found],
        y=shares,
        mode="lines+markers",
        line=main_line(),
        marker={"size": 7},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [item.high - share for item, share in zip(found, shares, strict=True)],
            "arrayminus": [share - item.low for item, share in zip(found, shares, strict=True)],
            "color": color("series"),
            "thickness": 1.5,
            "width": 0,
        },
        hovertemplate="Promised %{x:.0%}, covered %{y:.1%}<extra></extra>",
    )
    return fig


def unusual_figure(scores: np.ndarray, unusual: np.ndarray) -> go.Figure:
    """How an anomaly model's scores (n,) are spread, those of rows it calls unusual (mask) marked."""
    edges = np.histogram_bin_edges(scores, _HISTOGRAM_BINS)
    low, high = float(edges[0]), float(edges[-1])
    fig = new_figure(
        height=HEIGHT_STANDARD,
        barmode="stack",
        bargap=0.05,
        xaxis={"range": [low, high], "title": {"text": "Score, lower is more unusual"},
               **ticks(low, high, tick_text(""), 5)},
        yaxis={"title": {"text": "Rows"}, "rangemode": "tozero"},
        showlegend=True,
        margin={"t": 28},
    )  # fmt: skip
    kinds: tuple[tuple[np.ndarray, str, Token, str], ...] = (
        (~unusual, "Normal", "cat-1", ""),
        (unusual, "Unusual", "cat-2", "/"),
    )
    for mask, name, token, pattern in kinds:
        counts = np.histogram(scores[mask], edges)[0]
        fig.add_bar(
            x=((edges[1:] + edges[:-1]) / 2).tolist(),
            y=counts.tolist(),
            name=f"{name}, {int(mask.sum()):,}",
            marker={"color": color(token), "pattern": {"shape": pattern, "fgcolor": color("surface")}},
            hovertemplate="%{y} rows near %{x:.3g}<extra></extra>",
        )
    return fig


def _points(fig: go.Figure, xs: np.ndarray, ys: np.ndarray, unit: str, one: str, other: str) -> go.Figure:
    return fig.add_scatter(
        x=xs.tolist(),
        y=ys.tolist(),
        mode="markers",
        marker=_POINT,
        hovertext=[
            f"{one} {formats.measure(float(x), unit)}, {other} {formats.measure(float(y), unit)}"
            for x, y in zip(xs, ys, strict=True)
        ],
        hoverinfo="text",
    )
