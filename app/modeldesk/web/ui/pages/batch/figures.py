"""A scored file in charts: its predictions, its warnings, and how far it is from the training data."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from modeldesk.core import formats
from modeldesk.model_service.batch.summary import MODERATE, STRONG, Bar, Chances, Shift
from modeldesk.web.ui.common.answers import class_name
from modeldesk.web.ui.common.charts.axes import labels, tick_text, ticks
from modeldesk.web.ui.common.charts.template import HEIGHT_STANDARD, color, new_figure, threshold_line

MOST_ROWS = 6
LEAST_ROWS = 5
_LEVELS = {"strong": "Strong", "moderate": "Slight", "none": "None"}


def shift_word(level: str) -> str:
    """A level of the population stability index in a word."""
    return _LEVELS[level]


def predictions_figure(bars: Sequence[Bar], unit: str = "") -> go.Figure:
    """The shares of the file's predictions as bars, those of the training data as a line (steps of
    a number) or as a mark (classes). ``bars`` that have an open end belong beyond the scale."""
    if all(bar.low is None and bar.high is None for bar in bars):
        return _classes(bars)
    inside = [bar for bar in bars if bar.low is not None and bar.high is not None]
    if not inside:
        return _classes(bars)
    low, high = _end(inside[0].low), _end(inside[-1].high)
    step = (high - low) / len(inside)
    # Answers beyond the scale stand in a step of their own at its end.
    places = [_place(bar, low, high, step) for bar in bars]
    texts = [
        f"{bar_name(bar, unit)}: {formats.percent(bar.share)}, in training {formats.percent(bar.reference)}"
        for bar in bars
    ]
    fig = new_figure(
        height=HEIGHT_STANDARD,
        bargap=0.12,
        xaxis=ticks(low, high, tick_text(unit), 4),
        yaxis={"visible": False, "rangemode": "tozero"},
        margin={"l": 4, "r": 8, "t": 24, "b": 4},
        annotations=_key("Line"),
    )
    fig.add_bar(
        x=places,
        y=[bar.share for bar in bars],
        width=step * 0.88,
        marker={"color": color("series")},
        hovertext=texts,
        hoverinfo="text",
    )
    fig.add_scatter(
        x=places,
        y=[bar.reference for bar in bars],
        mode="lines",
        line={"color": color("text-1"), "width": 1.5, "shape": "hvh"},
        hoverinfo="skip",
    )
    return fig


def chances_figure(chances: Chances) -> go.Figure:
    """The shares of the file's rows by the chance of one class as bars, those of the training data
    as a line; bars from the threshold on stand out."""
    middles = [(_end(bar.low) + _end(bar.high)) / 2 for bar in chances.bars]
    limit = chances.threshold
    texts = [
        f"{bar.label}: {bar.count:,} rows, {formats.percent(bar.share)}; in training {formats.percent(bar.reference)}"
        for bar in chances.bars
    ]
    fig = new_figure(
        height=HEIGHT_STANDARD,
        bargap=0.12,
        xaxis={
            "range": [0, 1],
            "ticklabeloverflow": "allow",
            **ticks(0.0, 1.0, lambda value, _step: formats.percent(value, 0), 5),
        },
        yaxis={"visible": False, "rangemode": "tozero"},
        margin={"l": 12, "r": 20, "t": 40, "b": 4},
        annotations=_key("Line"),
    )
    over = [limit is not None and middle >= limit for middle in middles]
    fig.add_bar(
        x=middles,
        y=[bar.share for bar in chances.bars],
        marker={"color": [color("up") if it else color("series") for it in over]},
        hovertext=texts,
        hoverinfo="text",
    )
    fig.add_scatter(
        x=middles,
        y=[bar.reference for bar in chances.bars],
        mode="lines",
        line={"color": color("text-1"), "width": 1.5, "shape": "hvh"},
        hoverinfo="skip",
    )
    if limit is not None:
        threshold_line(fig, limit, f"Threshold {formats.percent(limit)}")
    return fig


def _classes(bars: Sequence[Bar]) -> go.Figure:
    names = labels([bar_name(bar) for bar in bars])
    texts = [
        f"{bar.count:,} rows, {formats.percent(bar.share)}; in training {formats.percent(bar.reference)}"
        for bar in bars
    ]
    fig = new_figure(
        height=HEIGHT_STANDARD,
        bargap=0.45 if len(bars) < 4 else 0.2,
        xaxis={"type": "category"},
        yaxis={"visible": False, "range": [0, max([0.01, *(max(bar.share, bar.reference) for bar in bars)]) * 1.18]},
        margin={"l": 4, "r": 8, "t": 24, "b": 4},
        annotations=_key("Mark"),
    )
    fig.add_bar(
        x=names,
        y=[bar.share for bar in bars],
        marker={"color": color("series")},
        text=[formats.percent(bar.share) if len(bars) < 8 else "" for bar in bars],
        textposition="outside",
        textfont={"color": color("text-1")},
        cliponaxis=False,
        hovertext=texts,
        hoverinfo="text",
    )
    fig.add_scatter(
        x=names,
        y=[bar.reference for bar in bars],
        mode="markers",
        marker={
            "symbol": "line-ew-open",
            "size": 40 if len(bars) < 8 else 20,
            "color": color("text-1"),
            "line": {"width": 2},
        },
        hoverinfo="skip",
    )
    return fig


def bar_name(bar: Bar, unit: str = "") -> str:
    """What a bar stands for, in words: a class, or from where to where."""
    if bar.low is None and bar.high is None:
        return class_name(bar.label)
    if bar.low is None:
        return f"Below {formats.measure(_end(bar.high), unit)}"
    if bar.high is None:
        return f"From {formats.measure(bar.low, unit)}"
    return f"{formats.measure(bar.low, unit)} to {formats.measure(bar.high, unit)}"


def counts_figure(rows: Sequence[tuple[str, int]]) -> go.Figure:
    """Counts by name, the largest on top."""
    return _lying([name for name, _ in rows], [count for _, count in rows], [f"{count:,}" for _, count in rows], [])


def shift_figure(shifts: Sequence[Shift]) -> go.Figure:
    """How far the inputs are from the training data (population stability index), the most moved
    on top; what has moved strongly is marked."""
    shown = shifts[:MOST_ROWS]
    marked = [shift.psi >= STRONG for shift in shown]
    fig = _lying(
        [shift.label for shift in shown], [shift.psi for shift in shown], [shift_word(s.level) for s in shown], marked
    )
    # A file that has not moved shows short bars, not long ones on a small scale.
    longest = max([shift.psi for shift in shown], default=0.0)
    fig.update_xaxes(range=[0, max(longest, MODERATE * 2) * 1.3])
    return fig


def _lying(names: Sequence[str], values: Sequence[float], texts: Sequence[str], marked: Sequence[bool]) -> go.Figure:
    colors = [color("series") if mark else color("neutral") for mark in marked] or color("neutral")
    fig = new_figure(
        height=HEIGHT_STANDARD,
        bargap=0.45,
        xaxis={"visible": False, "range": [0, max([1e-9, *values]) * 1.3]},
        yaxis={
            "type": "category",
            # A few bars stand on top and are no thicker than many.
            "range": [max(len(names), LEAST_ROWS) - 0.5, -0.5],
            "showgrid": False,
            "tickfont": {"color": color("text-2")},
            "ticksuffix": "  ",
        },
    )
    fig.add_bar(
        x=list(values),
        y=labels(names),
        orientation="h",
        width=0.5,
        marker={"color": colors},
        text=list(texts),
        textposition="outside",
        textfont={"color": color("text-1")},
        cliponaxis=False,
        hoverinfo="y+text",
    )
    return fig


def _key(mark: str) -> list[dict[str, object]]:
    text = f"<b>Bars</b> this file &nbsp; <b>{mark}</b> training data"
    return [{"text": text, "xref": "paper", "yref": "paper", "x": 1, "y": 1, "xanchor": "right", "yanchor": "bottom"}]


def _place(bar: Bar, low: float, high: float, step: float) -> float:
    if bar.low is None:
        return low - step / 2
    return high + step / 2 if bar.high is None else (bar.low + bar.high) / 2


def _end(value: float | None) -> float:
    assert value is not None
    return value
