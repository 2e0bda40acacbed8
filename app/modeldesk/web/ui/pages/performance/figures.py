"""How well a model does, in charts: a classifier with where the threshold stands, a regression, an anomaly model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from modeldesk.core import formats
from modeldesk.model_service.performance.binary import Decision
from modeldesk.model_service.performance.regression import Coverage
from modeldesk.model_service.uncertainty.calibration import CalibrationBin
from modeldesk.web.ui.common.charts.axes import Quantity, labels, padded, shortened, tick_text, ticks
from modeldesk.web.ui.common.charts.template import (
    CONTEXT_ALPHA,
    DASH,
    HEIGHT_STANDARD,
    INTERVAL_ALPHA,
    Token,
    color,
    main_line,
    new_figure,
    present_point,
    scale,
)
from modeldesk.web.ui.pages.performance import findings_text as words

_SHARE_TICKS = {"tickvals": [0, 0.25, 0.5, 0.75, 1], "ticktext": ["0%", "25%", "50%", "75%", "100%"]}
_HALVES = {"tickvals": [0, 0.5, 1], "ticktext": ["0%", "50%", "100%"]}
_BARS_SHARE = 0.2
"""The part of the calibration chart that the counts take."""
LABELLED_CELLS = 12
"""Classes up to which the cells of a confusion matrix are labelled."""
_POINT = {"size": 6, "color": color("series", 0.45), "line": {"width": 0}}
_HISTOGRAM_BINS = 40


# ---- classifiers ---------------------------------------------------------------------------------


def cost_figure(points: np.ndarray, now: tuple[float, float], lowest: tuple[float, float]) -> go.Figure:
    """Draw the cost of errors by threshold, points (p, 2); the threshold at hand and the lowest cost as
    (threshold, cost)."""
    top = float(points[:, 1].max()) or 1.0
    fig = new_figure(
        xaxis={"range": [0, 1], "title": {"text": words.THRESHOLD}, **_SHARE_TICKS},
        yaxis={"range": [0, top * 1.06], **ticks(0, top, tick_text(""), 4)},
        shapes=[_line(now[0])],
        annotations=[_beside(now[0], now[1], f"<b>{formats.percent(now[0])}</b>")],
    )
    _curve(fig, points, words.COST_HINT)
    fig.add_scatter(
        x=[lowest[0]],
        y=[lowest[1]],
        mode="markers+text",
        marker={"size": 9, "color": color("good"), "symbol": "diamond"},
        text=[words.LOWEST],
        textposition="top center",
        textfont={"color": color("good")},
        hoverinfo="skip",
    )
    return _ring(fig, *now)


def no_cost_figure() -> go.Figure:
    """Draw nothing in the place of the cost's chart while nobody said what errors cost."""
    hidden = {"visible": False}
    return new_figure(xaxis=hidden, yaxis=hidden)


def roc_figure(points: np.ndarray, now: Decision, found: str) -> go.Figure:
    """Draw the ROC curve (p, 2) with the decision at hand on it; ``found`` names the y axis."""
    at = _share(now.alarms, now.alarms + now.passed), _share(now.found, now.found + now.missed)
    fig = _unit_square(words.FALSE_ALARMS_OF_OTHERS, found)
    _yardstick(fig, 0, 1)
    area = {"fill": "tozeroy", "fillcolor": color("series", INTERVAL_ALPHA / 2)}
    _curve(fig, points, words.ROC_HINT, **area)
    fig.add_annotation(x=0.72, y=0.62, text=words.GUESSING, font={"color": color("text-3")})
    return _ring(_annotated(fig, *at, now.threshold), *at)


def recall_precision_figure(points: np.ndarray, now: Decision, base: float, found: str) -> go.Figure:
    """Draw precision by recall (p, 2) with the decision at hand; ``base`` is the share of positives, which
    guessing would reach."""
    at = _share(now.found, now.found + now.missed), _share(now.found, now.found + now.alarms)
    fig = _unit_square(found, words.PRECISION)
    _yardstick(fig, base, base)
    _curve(fig, points, words.RECALL_PRECISION_HINT)
    return _ring(_annotated(fig, *at, now.threshold), *at)


def gain_figure(points: np.ndarray, now: Decision, found: str) -> go.Figure:
    """Draw the share found (y) by the share of rows taken from the highest probability on (x), points (p, 2)."""
    at = _share(now.found + now.alarms, now.rows), _share(now.found, now.found + now.missed)
    fig = _unit_square(words.ROWS_TAKEN_FIRST, found)
    _yardstick(fig, 0, 1)
    _curve(fig, points, words.GAIN_HINT)
    return _ring(_annotated(fig, *at, now.threshold), *at)


def calibration_figure(bins: Sequence[CalibrationBin], threshold: float) -> go.Figure:
    """Draw what happened (with intervals) against the probability predicted, and the rows of each point under it."""
    most = max((bin_.rows for bin_ in bins), default=1)
    least = min((bin_.rows for bin_ in bins), default=0)
    fig = new_figure(
        bargap=0.4,
        xaxis={"range": [0, 1.02], "title": {"text": words.PROBABILITY}, "anchor": "y2", **_SHARE_TICKS},
        yaxis={"range": [-0.03, 1.05], "domain": [_BARS_SHARE + 0.06, 1], "title": {"text": words.HAPPENED}, **_HALVES},
        yaxis2={"domain": [0, _BARS_SHARE], "range": [0, most], "visible": False},
        shapes=[_line(threshold)],
        annotations=[
            {
                "text": words.ROWS_A_POINT.format(least=f"{least:,}", most=f"{most:,}"),
                "xref": "paper",
                "x": 1,
                "xanchor": "right",
                "yref": "paper",
                "y": _BARS_SHARE + 0.02,
                "yanchor": "bottom",
                "font": {"color": color("text-3"), "size": 12},
            }
        ],
    )
    _yardstick(fig, 0, 1)
    fig.add_scatter(
        x=[bin_.mean for bin_ in bins],
        y=[bin_.share for bin_ in bins],
        mode="lines+markers",
        line=main_line(),
        marker={"size": 7},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [bin_.share_high - bin_.share for bin_ in bins],
            "arrayminus": [bin_.share - bin_.share_low for bin_ in bins],
            "color": color("series"),
            "thickness": 1.5,
            "width": 0,
        },
        hovertext=[
            words.CALIBRATION_HINT.format(
                mean=formats.percent(bin_.mean), share=formats.percent(bin_.share), rows=f"{bin_.rows:,}"
            )
            for bin_ in bins
        ],
        hoverinfo="text",
    )
    fig.add_bar(
        x=[(bin_.low + bin_.high) / 2 for bin_ in bins],
        y=[bin_.rows for bin_ in bins],
        yaxis="y2",
        marker={"color": color("neutral", CONTEXT_ALPHA)},
        hoverinfo="skip",
    )
    return fig


def scores_figure(
    edges: np.ndarray, hits: np.ndarray, others: np.ndarray, threshold: float, names: tuple[str, str]
) -> go.Figure:
    """Draw how the probabilities of positive and of other rows are spread, each as shares of its group; ``names``
    are those of the two."""
    shares = [counts / max(1, counts.sum()) for counts in (others, hits)]
    top = max(0.01, *(float(share.max()) for share in shares))
    fig = new_figure(
        xaxis={"range": [0, 1], "title": {"text": words.PROBABILITY}, **_SHARE_TICKS},
        yaxis={
            "range": [0, top * 1.15],
            "title": {"text": words.SHARE_OF_GROUP},
            **ticks(0, top, lambda value, step: formats.percent(value, 0 if step >= 0.01 else 1), 4),
        },
        shapes=[_line(threshold)],
        legend={"orientation": "h", "x": 1, "xanchor": "right", "y": 1.0, "yanchor": "bottom"},
        showlegend=True,
        margin={"t": 28},
    )
    tokens: tuple[Token, Token] = ("cat-1", "cat-2")
    for share, counts, name, token in zip(shares, (others, hits), names[::-1], tokens, strict=True):
        fig.add_scatter(
            x=np.repeat(edges, 2)[1:-1].tolist(),
            y=np.repeat(share, 2).tolist(),
            mode="lines",
            # Told apart by more than their colour.
            line={"color": color(token), "width": 1.75, "dash": "solid" if token == "cat-1" else "4px,2px"},
            fill="tozeroy",
            fillcolor=color(token, INTERVAL_ALPHA),
            name=words.LEGEND.format(name=shortened(name), rows=f"{int(counts.sum()):,}"),
            hovertemplate="%{x:.0%}: %{y:.1%}<extra></extra>",
        )
    return fig


def confusion_figure(matrix: np.ndarray, names: Sequence[str]) -> go.Figure:
    """Draw the confusion matrix of many classes, each row as shares of its class; right answers are left
    blank of colour so that errors stand out."""
    sizes = np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    shares = matrix / sizes
    wrong = shares.copy()
    np.fill_diagonal(wrong, 0.0)
    places = labels(names, 18 if len(names) > LABELLED_CELLS else 12)
    labelled = len(names) <= LABELLED_CELLS
    # Every class is named, however many there are.
    every = {"tickmode": "array", "tickvals": list(range(len(names))), "ticktext": places}
    fig = new_figure(
        height=max(HEIGHT_STANDARD, (26 if labelled else 18) * len(names) + (60 if labelled else 150)),
        xaxis={
            "type": "category",
            "title": {"text": words.PREDICTED},
            "side": "bottom",
            **every,
            "tickangle": 0 if labelled else -90,
        },
        yaxis={
            "type": "category",
            "title": {"text": words.ACTUAL},
            "autorange": "reversed",
            "showgrid": False,
            **every,
        },
    )
    fig.add_heatmap(
        z=np.sqrt(wrong).tolist(),
        x=places,
        y=places,
        zmin=0,
        zmax=max(0.3, float(np.sqrt(wrong.max()))),
        colorscale=scale("seq"),
        showscale=False,
        xgap=1,
        ygap=1,
        text=[[f"{count:,}" if count else "" for count in row] for row in matrix.tolist()],
        texttemplate="%{text}" if labelled else None,
        customdata=shares.tolist(),
        hovertemplate=words.CONFUSION_HINT,
    )
    return fig


def _unit_square(x: str, y: str) -> go.Figure:
    return new_figure(
        xaxis={"range": [0, 1.015], "title": {"text": x}, **_HALVES},
        yaxis={"range": [0, 1.03], "title": {"text": y}, **_HALVES},
    )


def _curve(fig: go.Figure, points: np.ndarray, hover: str, **look: Any) -> None:
    """Draw the line that the chart is about, through points (p, 2)."""
    fig.add_scatter(
        x=points[:, 0].tolist(),
        y=points[:, 1].tolist(),
        mode="lines",
        line=main_line(),
        hovertemplate=f"{hover}<extra></extra>",
        **look,
    )


def _yardstick(fig: go.Figure, left: float, right: float) -> None:
    """Draw what the curve is held against: a line from the left edge to the right one."""
    line = {"color": color("neutral"), "width": 1, "dash": DASH}
    fig.add_scatter(x=[0, 1], y=[left, right], mode="lines", line=line, hoverinfo="skip")


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _line(threshold: float) -> dict[str, Any]:
    line = {"color": color("text-1"), "width": 1, "dash": DASH}
    return {"type": "line", "x0": threshold, "x1": threshold, "yref": "paper", "y0": 0, "y1": 1, "line": line}


def _beside(x: float | None, y: float | None, text: str) -> dict[str, Any]:
    """A label on the side of a point that has room."""
    right = x is None or x < 0.6
    return {
        "x": x,
        "y": y,
        "text": text,
        "xanchor": "left" if right else "right",
        "xshift": 10 if right else -10,
        "yanchor": "top",
        "font": {"color": color("text-1")},
        "bgcolor": color("surface", 0.8),
    }


def _annotated(fig: go.Figure, x: float | None, y: float | None, threshold: float) -> go.Figure:
    if x is not None and y is not None:
        fig.add_annotation(_beside(x, y, f"<b>{formats.percent(threshold)}</b>"))
    return fig


def _ring(fig: go.Figure, x: float | None, y: float | None) -> go.Figure:
    if x is None or y is None:
        return fig
    return fig.add_scatter(x=[x], y=[y], mode="markers", marker=present_point(), hoverinfo="skip")


# ---- regression and anomalies --------------------------------------------------------------------


def predicted_actual_figure(predicted: np.ndarray, actual: np.ndarray, unit: str) -> go.Figure:
    """Draw actual against predicted values (n,), with the line on which both are equal."""
    low, high = padded(float(min(predicted.min(), actual.min())), float(max(predicted.max(), actual.max())))
    axis = {"range": [low, high], **ticks(low, high, tick_text(unit), 4)}
    fig = new_figure(
        xaxis={**axis, "title": {"text": words.PREDICTED}}, yaxis={**axis, "title": {"text": words.ACTUAL}}
    )
    fig.add_scatter(
        x=[low, high],
        y=[low, high],
        mode="lines",
        line={"color": color("neutral"), "width": 1, "dash": DASH},
        hoverinfo="skip",
    )
    return fig.add_scatter(
        x=predicted.tolist(),
        y=actual.tolist(),
        mode="markers",
        marker=_POINT,
        hovertext=[
            words.POINT_HINT.format(predicted=formats.measure(float(x), unit), actual=formats.measure(float(y), unit))
            for x, y in zip(predicted, actual, strict=True)
        ],
        hoverinfo="text",
    )


def residual_figure(values: Sequence[object], errors: np.ndarray, x: Quantity, unit: str) -> go.Figure:
    """Draw predicted minus actual (n,) by the prediction or an input (n,), with the line of no error."""
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
        yaxis={"range": [-spread * 1.08, spread * 1.08], "title": {"text": words.RESIDUAL},
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
            words.RESIDUAL_HINT.format(input=x.label, value=x.text(value), error=formats.signed(float(error), unit))
            for value, error in zip(values, errors, strict=True)
        ],
        hoverinfo="text",
    )
    return fig


def quantiles_figure(sizes: np.ndarray, unit: str, marked: Mapping[float, float]) -> go.Figure:
    """Draw the share of rows (y) whose error is at most so large (x); ``marked`` are some of its points."""
    ordered = np.sort(sizes)
    shares = np.arange(1, len(ordered) + 1) / len(ordered)
    keep = np.unique(np.linspace(0, len(ordered) - 1, 300).round().astype(int))
    top = float(np.quantile(ordered, 0.99)) * 1.1 or 1.0
    fig = new_figure(
        xaxis={"range": [0, top], "title": {"text": words.ERROR_AT_MOST}, **ticks(0, top, tick_text(unit), 4)},
        yaxis={"range": [0, 1.03], "title": {"text": words.ROWS}, "tickvals": [0, 0.5, 1],
               "ticktext": ["0%", "50%", "100%"]},
    )  # fmt: skip
    fig.add_scatter(
        x=[0.0, *ordered[keep].tolist()],
        y=[0.0, *shares[keep].tolist()],
        mode="lines",
        line=main_line(shape="hv"),
        hovertemplate=words.QUANTILES_HINT,
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


def coverage_figure(coverage: Sequence[Coverage]) -> go.Figure:
    """Draw the share of intervals that held the actual value (with its own interval) by what they promise."""
    low = min([0.4, *(item.low - 0.02 for item in coverage)])
    axis = {"range": [low, 1.02], "tickvals": [0.5, 0.75, 1], "ticktext": ["50%", "75%", "100%"]}
    fig = new_figure(
        xaxis={**axis, "title": {"text": words.PROMISED}}, yaxis={**axis, "title": {"text": words.COVERED}}
    )
    fig.add_scatter(
        x=[low, 1], y=[low, 1], mode="lines", line={"color": color("neutral"), "width": 1, "dash": DASH},
        hoverinfo="skip",
    )  # fmt: skip
    shares = [item.covered / item.rows for item in coverage]
    fig.add_scatter(
        x=[item.level for item in coverage],
        y=shares,
        mode="lines+markers",
        line=main_line(),
        marker={"size": 7},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [item.high - share for item, share in zip(coverage, shares, strict=True)],
            "arrayminus": [share - item.low for item, share in zip(coverage, shares, strict=True)],
            "color": color("series"),
            "thickness": 1.5,
            "width": 0,
        },
        hovertemplate=words.COVERAGE_HINT,
    )
    return fig


def unusual_figure(scores: np.ndarray, unusual: np.ndarray) -> go.Figure:
    """Draw how an anomaly model's scores (n,) are spread, those of rows it calls unusual (mask) marked."""
    edges = np.histogram_bin_edges(scores, _HISTOGRAM_BINS)
    low, high = float(edges[0]), float(edges[-1])
    fig = new_figure(
        height=HEIGHT_STANDARD,
        barmode="stack",
        bargap=0.05,
        xaxis={"range": [low, high], "title": {"text": words.UNUSUAL_AXIS},
               **ticks(low, high, tick_text(""), 5)},
        yaxis={"title": {"text": words.ROWS}, "rangemode": "tozero"},
        showlegend=True,
        margin={"t": 28},
    )  # fmt: skip
    kinds: tuple[tuple[np.ndarray, str, Token, str], ...] = (
        (~unusual, words.NORMAL, "cat-1", ""),
        (unusual, words.UNUSUAL, "cat-2", "/"),
    )
    for mask, name, token, pattern in kinds:
        counts = np.histogram(scores[mask], edges)[0]
        fig.add_bar(
            x=((edges[1:] + edges[:-1]) / 2).tolist(),
            y=counts.tolist(),
            name=words.LEGEND.format(name=name, rows=f"{int(mask.sum()):,}"),
            marker={"color": color(token), "pattern": {"shape": pattern, "fgcolor": color("surface")}},
            hovertemplate=words.UNUSUAL_HINT,
        )
    return fig
