"""Contributions of one input against its value, coloured by another input."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from modeldesk.core import formats
from modeldesk.model_service.importance.interactions import Bin
from modeldesk.web.ui.common.charts.axes import Quantity, labels, padded, shortened
from modeldesk.web.ui.common.charts.effects import Effect
from modeldesk.web.ui.common.charts.template import DASH, Token, color, main_line, new_figure
from modeldesk.web.ui.pages.importance import text as words

HEIGHT = 340
_POINT = 6
_CATEGORIES: tuple[Token, ...] = ("cat-1", "cat-2", "cat-3", "cat-4", "cat-5", "cat-6")
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x")
_STRIP = 0.3
"""How far points of a category are dealt to either side of its middle, for all to be seen."""
_BAR = 160
"""The length of the bar that tells what shades mean, in pixels."""
_SEED = 1


@dataclass(frozen=True, slots=True)
class Colours:
    """The input that points are coloured by, and its value (JSON) at each of the n points."""

    quantity: Quantity
    values: Sequence[Any]


def by_value_figure(
    values: Sequence[Any], contributions: np.ndarray, x: Quantity, effect: Effect, colours: Colours | None
) -> go.Figure:
    """A point a row: its value (n, JSON) and its contribution (n,). Rows without a value stand by themselves
    among categories, and are left out along an axis of numbers or times."""
    drawn = [place for place, value in enumerate(values) if value is not None or x.kind == "category"]
    xs, axis = _places([values[place] for place in drawn], x)
    ys = contributions[drawn]
    fig = _figure(ys, axis, x, effect)
    hints = [_hint(x, values, contributions, effect, colours, place) for place in drawn]
    if colours is None:
        return fig.add_trace(_cloud(xs, ys, hints, {"color": color("series", 0.5)}))
    hues = [colours.values[place] for place in drawn]
    if colours.quantity.kind == "number":
        return _shaded(fig, xs, ys, hints, hues, colours.quantity)
    return _grouped(fig, xs, ys, hints, hues, colours.quantity)


def _hint(
    x: Quantity, values: Sequence[Any], contributions: np.ndarray, effect: Effect, colours: Colours | None, at: int
) -> str:
    parts = {"input": x.label, "value": _text(x, values[at]), "size": effect.signed(float(contributions[at]))}
    if colours is None:
        return words.POINT_HINT.format(**parts)
    other = colours.quantity
    return words.POINT_HINT_COLOUR.format(**parts, other=other.label, other_value=_text(other, colours.values[at]))


def binned_figure(bins: Sequence[Bin], x: Quantity, effect: Effect) -> go.Figure:
    """Means of many rows instead of single ones, with what the middle 80% of each lie between."""
    ends = np.array([[item.low, item.high] for item in bins] or [[0.0, 0.0]])
    wheres: list[Any] = [item.where for item in bins]
    hints = [
        words.BIN_HINT.format(
            input=x.label, value=_text(x, item.where), size=effect.signed(item.mean), rows=f"{item.rows:,}"
        )
        for item in bins
    ]
    xs: list[Any] = list(range(len(bins)))
    axis = _categories([_text(x, where) for where in wheres])
    if x.kind == "number":
        xs, axis = _places(wheres, x)
    elif x.kind == "time":
        xs, axis = [_moment(where) for where in wheres], x.axis()
    fig = _figure(ends.ravel(), axis, x, effect)
    return fig.add_scatter(
        x=xs,
        y=[item.mean for item in bins],
        mode="markers" if x.kind == "category" else "lines+markers",
        line=main_line(),
        marker={"size": 8, "color": color("series")},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [item.high - item.mean for item in bins],
            "arrayminus": [item.mean - item.low for item in bins],
            "color": color("series", 0.5),
            "thickness": 1.5,
            "width": 0,
        },
        hovertext=hints,
        hoverinfo="text",
    )


def _moment(seconds: Any) -> str:
    """Seconds since 1970 as plotly's time axis takes them."""
    return str(np.datetime64(int(seconds), "s"))


def _figure(ys: np.ndarray, axis: dict[str, Any], x: Quantity, effect: Effect) -> go.Figure:
    low, high = _with_air(float(min(ys.min(), 0)), float(max(ys.max(), 0))) if len(ys) else (-1.0, 1.0)
    line = {"color": color("neutral"), "width": 1, "dash": DASH}
    return new_figure(
        height=HEIGHT,
        xaxis={**axis, "title": {"text": x.title}},
        yaxis={**effect.axis(low, high), "title": {"text": effect.title}},
        shapes=[{"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 0, "y1": 0, "line": line, "layer": "below"}],
    )


def _with_air(low: float, high: float) -> tuple[float, float]:
    air = (high - low) * 0.06 or 1.0
    return low - air, high + air


def _places(values: Sequence[Any], x: Quantity) -> tuple[list[Any], dict[str, Any]]:
    """Where points lie along the axis, and the axis."""
    if x.kind == "time":
        return list(values), x.axis()
    if x.kind == "number":
        numbers = [float(value) for value in values]
        return numbers, x.axis(*_with_air_inside(numbers)) if numbers else {}
    names = [_text(x, value) for value in values]
    order = [name for name, _ in Counter(names).most_common()]
    shift = np.random.default_rng(_SEED).uniform(-_STRIP, _STRIP, len(names))
    return [order.index(name) + float(by) for name, by in zip(names, shift, strict=True)], _categories(order)


def _with_air_inside(numbers: Sequence[float]) -> tuple[float, float]:
    return padded(min(numbers), max(numbers), 0.03)


def _categories(names: Sequence[str]) -> dict[str, Any]:
    return {
        "tickvals": list(range(len(names))),
        "ticktext": labels(names),
        "range": [-0.6, max(0, len(names) - 1) + 0.6],
    }


def _text(quantity: Quantity, value: Any) -> str:
    return formats.NOT_KNOWN if value is None else quantity.text(value)


def _cloud(xs: Sequence[Any], ys: np.ndarray, hints: Sequence[str], marker: dict[str, Any], **look: Any) -> go.Scatter:
    return go.Scatter(
        x=list(xs),
        y=ys.tolist(),
        mode="markers",
        marker={"size": _POINT, "line": {"width": 0}, **marker},
        hovertext=list(hints),
        hoverinfo="text",
        **look,
    )


def _shaded(
    fig: go.Figure, xs: Sequence[Any], ys: np.ndarray, hints: Sequence[str], hues: Sequence[Any], by: Quantity
) -> go.Figure:
    """From little to much; the ends of the scale are those that 9 in 10 rows lie between."""
    known = [place for place, hue in enumerate(hues) if hue is not None]
    numbers = np.array([float(hues[place]) for place in known])
    low, high = (float(end) for end in np.quantile(numbers, (0.05, 0.95))) if known else (0.0, 1.0)
    if high <= low:
        low, high = (float(numbers.min()), float(numbers.max())) if known else (0.0, 1.0)
    unknown = sorted(set(range(len(hues))) - set(known))
    if unknown:
        fig.add_trace(
            _cloud(
                [xs[place] for place in unknown],
                ys[unknown],
                [hints[place] for place in unknown],
                {"color": color("neutral", 0.6), "symbol": "circle-open"},
            )
        )
    steps = [[step / 5, color(f"seq-{step + 2}")] for step in range(6)]  # type: ignore[arg-type]
    bar = {
        "orientation": "h",
        "x": 1,
        "xanchor": "right",
        "yref": "container",
        "y": 1,
        "yanchor": "top",
        "xpad": 24,
        "ypad": 4,
        "thickness": 8,
        "len": _BAR,
        "lenmode": "pixels",
        "outlinewidth": 0,
        "tickfont": {"size": 12, "color": color("text-3")},
        "tickvals": [low, high],
        "ticktext": [by.text(float(f"{end:.3g}")) for end in (low, high)],
    }
    marker = {"color": numbers.tolist(), "cmin": low, "cmax": high, "colorscale": steps, "colorbar": bar}
    fig.add_trace(_cloud([xs[place] for place in known], ys[known], [hints[place] for place in known], marker))
    fig.add_annotation(
        text=shortened(by.label),
        xref="paper",
        x=1,
        xanchor="right",
        xshift=-(_BAR + 32),
        yref="paper",
        y=1,
        yanchor="bottom",
        yshift=18,
        font={"color": color("text-2")},
    )
    return fig.update_layout(margin={"t": 48})


def _grouped(
    fig: go.Figure, xs: Sequence[Any], ys: np.ndarray, hints: Sequence[str], hues: Sequence[Any], by: Quantity
) -> go.Figure:
    """A colour and a mark for each of the most frequent categories."""
    names = np.array([_text(by, hue) for hue in hues], dtype=object)
    common = [name for name, _ in Counter(names.tolist()).most_common(len(_CATEGORIES))]
    named = np.array([name if name in common else words.OTHERS for name in names], dtype=object)
    for place, name in enumerate([*common, *([words.OTHERS] if (named == words.OTHERS).any() else [])]):
        mask = [int(at) for at in np.flatnonzero(named == name)]
        other = place >= len(_CATEGORIES)
        marker = {
            "color": color("neutral", 0.6) if other else color(_CATEGORIES[place]),
            "symbol": "circle-open" if other else _SYMBOLS[place],
            "opacity": 0.75,
        }
        fig.add_trace(
            _cloud([xs[at] for at in mask], ys[mask], [hints[at] for at in mask], marker, name=shortened(name))
        )
    legend = {"title": {"text": f"{shortened(by.label, 22)} ", "font": {"size": 12, "color": color("text-2")}}}
    return fig.update_layout(showlegend=True, legend=legend, margin={"t": 40})
