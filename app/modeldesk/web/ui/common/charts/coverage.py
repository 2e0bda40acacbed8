"""Under a curve along one input: where the reference data lie, and what the model has never seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from modeldesk.core import formats
from modeldesk.model_service.schema.schema import Scalar
from modeldesk.web.ui.common.charts import text as words
from modeldesk.web.ui.common.charts.axes import labels
from modeldesk.web.ui.common.charts.template import CONTEXT_ALPHA, color

ABOVE = [0.30, 1.0]
_BELOW = [0.0, 0.16]
"""Where the curve and the distribution under it stand, as shares of the height."""
RAIL_AXIS = {"domain": _BELOW, "visible": False, "fixedrange": True, "rangemode": "tozero"}


def rail(values: Sequence[Scalar], edges: Sequence[Scalar], counts: Sequence[int]) -> go.Bar:
    """The reference rows on ``y2``: a bar a bin of numbers or times, or one for each value."""
    look: dict[str, Any] = {"yaxis": "y2", "hoverinfo": "skip", "marker": {"color": color("neutral", CONTEXT_ALPHA)}}
    if not edges:
        x = labels([formats.sentence(v) if isinstance(v, str) else formats.exact(v) for v in values])
        numeric = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
        return go.Bar(x=list(values) if numeric else x, y=list(counts), **look)
    ends: list[Any] = list(edges)
    if isinstance(ends[0], str):
        return go.Bar(x=ends[:-1], y=list(counts), xperiodalignment="start", offset=0, **look)
    left, right = ends[:-1], ends[1:]
    middles = [(a + b) / 2 for a, b in zip(left, right, strict=True)]
    return go.Bar(x=middles, y=list(counts), width=(ends[-1] - ends[0]) / len(left) * 0.86, **look)


def rail_words() -> dict[str, Any]:
    """What the bars are, as plotly's annotation."""
    return {
        "text": words.PAST_CASES,
        "xref": "paper",
        "x": 1,
        "xanchor": "right",
        "yref": "paper",
        "y": _BELOW[1] + 0.02,
        "yanchor": "bottom",
        "font": {"color": color("text-3")},
    }


def unseen_ends(values: Sequence[Scalar], seen: Sequence[bool]) -> list[tuple[Any, Any]]:
    """The stretches at either end that hold no value the model has seen."""
    known = [place for place, ok in enumerate(seen) if ok]
    if not known:
        return [(values[0], values[-1])]
    ends = []
    if known[0] > 0:
        ends.append((values[0], values[known[0]]))
    if known[-1] < len(values) - 1:
        ends.append((values[known[-1]], values[-1]))
    return ends


def with_joints(answers: Sequence[float | None], seen: Sequence[bool]) -> list[float | None]:
    """The answers where nothing was seen, with the neighbours that join them to the curve."""
    last = len(seen) - 1
    return [
        a if not (seen[max(0, i - 1)] and seen[i] and seen[min(last, i + 1)]) else None for i, a in enumerate(answers)
    ]


def hatch(ends: tuple[Any, Any], y_range: Sequence[float]) -> go.Scatter:
    """The hatching over a stretch of values that the model has not seen."""
    (left, right), (low, high) = ends, y_range
    return go.Scatter(
        x=[left, right, right, left, left],
        y=[low, low, high, high, low],
        mode="lines",
        line={"width": 0},
        fill="toself",
        fillcolor=color("surface"),
        fillpattern={
            "shape": "/",
            "size": 7,
            "solidity": 0.12,
            "fgcolor": color("control"),
            "bgcolor": color("surface"),
        },
        hoverinfo="skip",
    )
