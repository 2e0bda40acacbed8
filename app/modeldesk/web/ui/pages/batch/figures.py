"""A scored file in charts: its predictions, its warnings, and how far it is from the training data."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from modeldesk.core import formats
from modeldesk.model_service.batch.summary import MODERATE, STRONG, Bar, Chances, Shift
from modeldesk.web.ui.common.charts.axes import labels, tick_text, ticks
from modeldesk.web.ui.common.charts.template import HEIGHT_STANDARD, color, new_figure, threshold_line
from modeldesk.web.ui.pages.batch import text as words

MOST_ROWS = 6
LEAST_ROWS = 5


def predictions_figure(bars: Sequence[Bar], unit: str = "") -> go.Figure:
    """Draw the shares of the file's predictions as bars, those of the training data as a line (steps of
    a number) or as a mark (classes). ``bars`` that have an open end belong beyond the scale."""
    if all(bar.low is None and bar.high is None for bar in bars):
        return _classes(bars)
    inside = [bar for bar in bars if bar.low is not None and bar.high is not None]
    if not inside:
        return _classes(bars)
    low, high = _end(inside[0].low), _end(inside[-1].high)
    step = (high - low) / len(inside)
    # Answers beyond the scale stand in a step of their own at its end.
    positions = [_position(bar, low, high, step) for bar in bars]
    hints = [words.bar_hint(bar, words.BAR_SHARES, words.bar_name(bar, unit)) for bar in bars]
    fig = new_figure(
        height=HEIGHT_STANDARD,
        bargap=0.12,
        xaxis=ticks(low, high, tick_text(unit), 4),
        yaxis={"visible": False, "rangemode": "tozero"},
        margin={"l": 4, "r": 8, "t": 24, "b": 4},
        annotations=_key(words.BAR_LINE),
    )
    fig.add_bar(
        x=positions,
        y=[bar.share for bar in bars],
        width=step * 0.88,
        marker={"color": color("series")},
        hovertext=hints,
        hoverinfo="text",
    )
    fig.add_scatter(
        x=positions,
        y=[bar.reference for bar in bars],
        mode="lines",
        line={"color": color("text-1"), "width": 1.5, "shape": "hvh"},
        hoverinfo="skip",
    )
    return fig


def chances_figure(chances: Chances) -> go.Figure:
    """Draw the shares of the file's rows by the chance of one class as bars, those of the training data
    as a line; bars from the threshold on stand out."""
    middles = [(_end(bar.low) + _end(bar.high)) / 2 for bar in chances.bars]
    limit = chances.threshold
    hints = [words.bar_hint(bar, words.BAR_ROWS, bar.label) for bar in chances.bars]
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
        annotations=_key(words.BAR_LINE),
    )
    over = [limit is not None and middle >= limit for middle in middles]
    fig.add_bar(
        x=middles,
        y=[bar.share for bar in chances.bars],
        marker={"color": [color("up") if it else color("series") for it in over]},
        hovertext=hints,
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
        threshold_line(fig, limit, words.THRESHOLD.format(threshold=formats.percent(limit)))
    return fig


def _classes(bars: Sequence[Bar]) -> go.Figure:
    names = labels([words.bar_name(bar) for bar in bars])
    hints = [words.bar_hint(bar, words.BAR_CLASS_ROWS) for bar in bars]
    fig = new_figure(
        height=HEIGHT_STANDARD,
        bargap=0.45 if len(bars) < 4 else 0.2,
        xaxis={"type": "category"},
        yaxis={"visible": False, "range": [0, max([0.01, *(max(bar.share, bar.reference) for bar in bars)]) * 1.18]},
        margin={"l": 4, "r": 8, "t": 24, "b": 4},
        annotations=_key(words.BAR_MARK),
    )
    fig.add_bar(
        x=names,
        y=[bar.share for bar in bars],
        marker={"color": color("series")},
        text=[formats.percent(bar.share) if len(bars) < 8 else "" for bar in bars],
        textposition="outside",
        textfont={"color": color("text-1")},
        cliponaxis=False,
        hovertext=hints,
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


def counts_figure(rows: Sequence[tuple[str, int]]) -> go.Figure:
    """Draw counts by name, the largest on top."""
    return _lying([name for name, _ in rows], [count for _, count in rows], [f"{count:,}" for _, count in rows], [])


def shift_figure(shifts: Sequence[Shift]) -> go.Figure:
    """Draw how far the inputs are from the training data (population stability index), the most moved
    on top; what has moved strongly is marked."""
    shown = shifts[:MOST_ROWS]
    marked = [shift.psi >= STRONG for shift in shown]
    fig = _lying(
        [shift.label for shift in shown],
        [shift.psi for shift in shown],
        [words.LEVELS[shift.level] for shift in shown],
        marked,
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


def _key(key: str) -> list[dict[str, object]]:
    return [{"text": key, "xref": "paper", "yref": "paper", "x": 1, "y": 1, "xanchor": "right", "yanchor": "bottom"}]


def _position(bar: Bar, low: float, high: float, step: float) -> float:
    if bar.low is None:
        return low - step / 2
    return high + step / 2 if bar.high is None else (bar.low + bar.high) / 2


def _end(value: float | None) -> float:
    assert value is not None
    return value
