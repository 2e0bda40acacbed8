"""Where one answer stands among the reference rows' answers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Literal

import plotly.graph_objects as go

from modeldesk.core import formats
from modeldesk.model_service.whatif.response import Standing
from modeldesk.web.ui.common import text as shared
from modeldesk.web.ui.common.answers import class_name
from modeldesk.web.ui.common.charts.axes import AnswerAxis, labels, padded, ticks
from modeldesk.web.ui.common.charts.template import CONTEXT_ALPHA, DASH, HEIGHT_STRIP, color, new_figure
from modeldesk.web.ui.pages.predict import what_if_text as words

LABEL_ROOM = 0.3
"""The share of the strip's width that a label may take."""

MOST_NAMED = 8
"""Classes that are all named under their bars."""


def standing_figure(standing: Standing, answer: AnswerAxis, threshold: float | None = None) -> go.Figure:
    """A strip: the reference rows' answers, the threshold if there is one, and this answer.

    Orange where a threshold is set and the answer is at or over it.
    """
    if standing.scale == "class":
        return _class_figure(standing)
    limit = threshold if standing.scale == "probability" else None
    low, high = standing.edges[0], standing.edges[-1]
    axis = {"range": [0.0, 1.0], **ticks(0.0, 1.0, answer.tick)}
    if standing.scale != "probability":
        ends = padded(min(low, standing.value), max(high, standing.value), 0.03)
        axis = {"range": list(ends), **ticks(*ends, answer.tick)}
    middles = [(a + b) / 2 for a, b in zip(standing.edges, standing.edges[1:], strict=False)]
    bars = go.Bar(
        x=middles,
        y=list(standing.counts),
        width=(high - low) / len(middles) * 0.86 if high > low else None,
        marker={"color": color("neutral", CONTEXT_ALPHA + 0.2)},
        hovertext=[
            words.BAR.format(low=answer.text(a), high=answer.text(b), rows=f"{n:,}")
            for a, b, n in zip(standing.edges, standing.edges[1:], standing.counts, strict=False)
        ],
        hoverinfo="text",
    )
    raised = limit is not None and standing.value >= limit
    mark = _upright(standing.value, color("up" if raised else "series"), 3)
    shapes = [mark] if limit is None else [_upright(limit, color("text-2"), 1, DASH), mark]
    return new_figure(
        height=HEIGHT_STRIP,
        xaxis=axis,
        yaxis={"visible": False, "fixedrange": True, "rangemode": "tozero"},
        margin={"l": 14, "r": 20, "t": 20, "b": 4},
        bargap=0.12,
        shapes=shapes,
        annotations=_words(standing, answer, limit, axis["range"]),
    ).add_traces([bars])


def _class_figure(standing: Standing) -> go.Figure:
    names = labels([class_name(name) for name in standing.classes])
    own = round(standing.value)
    colors = [color("series") if place == own else color("neutral", CONTEXT_ALPHA + 0.2) for place in range(len(names))]
    return new_figure(
        height=HEIGHT_STRIP,
        # Of many classes only this answer's has room for its name.
        xaxis={
            "type": "category",
            **({"tickvals": [own], "ticktext": [names[own]]} if len(names) > MOST_NAMED else {}),
        },
        yaxis={"visible": False, "fixedrange": True, "rangemode": "tozero"},
    ).add_traces([go.Bar(x=names, y=list(standing.counts), marker={"color": colors}, hoverinfo="x+y")])


def _upright(x: float, line_color: str, width: int, dash: str = "solid") -> dict[str, object]:
    line = {"color": line_color, "width": width, "dash": dash}
    return {"type": "line", "x0": x, "x1": x, "yref": "paper", "y0": 0, "y1": 1, "line": line}


def _words(
    standing: Standing, answer: AnswerAxis, limit: float | None, span: Sequence[float]
) -> list[dict[str, object]]:
    """The labels over the strip, each beside its line, or at an end where there is no room there."""
    low, high = span
    base = {"xref": "paper", "yref": "paper", "y": 1, "yanchor": "bottom", "yshift": 2}
    own_at = min(max((standing.value - low) / (high - low), 0.0), 1.0)
    own_text = {
        "text": f"<b>{words.THIS_ONE.format(answer=answer.text(standing.value))}</b>",
        "font": {"color": color("text-1")},
    }
    if limit is None:
        return [{**base, **own_text, **_beside(own_at, "right" if own_at > 1 - LABEL_ROOM else "left")}]
    limit_at = (limit - low) / (high - low)
    outward: tuple[Side, Side] = ("left", "right") if own_at >= limit_at else ("right", "left")
    own_places = [(own_at, side) for side in outward]
    limit_places = [(limit_at, side) for side in reversed(outward)] + [(1.0, "right"), (0.0, "left")]
    own, other = next(
        (pair for pair in product(own_places, limit_places) if _apart(*pair)), (own_places[0], limit_places[-1])
    )
    label = {"text": shared.THRESHOLD.format(share=formats.percent(limit))}
    return [{**base, **label, **_beside(*other)}, {**base, **own_text, **_beside(*own)}]


Side = Literal["left", "right"]
"""Where a label is anchored: ``left`` has its text to the right of the place."""


def _beside(place: float, anchor: Side) -> dict[str, object]:
    return {"x": place, "xanchor": anchor}


def _apart(first: tuple[float, Side], second: tuple[float, Side]) -> bool:
    """Whether two labels fit on the strip, and beside each other."""
    ends = [
        (place, place + LABEL_ROOM) if anchor == "left" else (place - LABEL_ROOM, place)
        for place, anchor in (first, second)
    ]
    (a, b), (c, d) = ends
    return min(a, c) >= -0.01 and max(b, d) <= 1.01 and (b <= c or d <= a)
