"""How answers follow one input: the mean over rows, and the curve of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from modeldesk.core import formats
from modeldesk.model_service.importance.dependence import Dependence
from modeldesk.web.ui.common.charts.axes import AnswerAxis, Quantity, labels
from modeldesk.web.ui.common.charts.coverage import ABOVE, RAIL_AXIS, hatch, rail, rail_words, unseen_ends, with_joints
from modeldesk.web.ui.common.charts.template import CONTEXT_ALPHA, INTERVAL_ALPHA, color, main_line, new_figure
from modeldesk.web.ui.pages.importance import text as words

HEIGHT = 340
MOST_LINES = 50


def dependence_figure(found: Dependence, x: Quantity, answer: AnswerAxis, *, lines: bool) -> go.Figure:
    """Draw the mean answer, the band of the middle 80% of rows, with ``lines`` up to MOST_LINES single rows, and
    under it where the reference data lie. What the model never saw is hatched."""
    shown = found.curves[:MOST_LINES] if lines else found.curves[:0]
    span = [*found.band.ravel().tolist(), *shown.ravel().tolist(), *found.mean.tolist()]
    y_axis = answer.axis([min(span), max(span)])
    category = x.kind == "category"
    body = _bars(found, x, answer) if category else _curves(found, x, answer, shown, y_axis["range"])
    return new_figure(
        height=HEIGHT,
        xaxis={**_x_axis(found, x), "anchor": "y2", "title": {"text": x.title}},
        yaxis={**y_axis, "domain": ABOVE, "title": {"text": answer.name}},
        yaxis2=RAIL_AXIS,
        annotations=[rail_words()],
        margin={"l": 4, "r": 18, "t": 12, "b": 4},
    ).add_traces([*body, rail(found.values, found.edges, found.counts)])


def dependence_finding(found: Dependence, x: Quantity, answer: AnswerAxis) -> str:
    """Return the chart's finding."""
    known = [place for place, seen in enumerate(found.seen) if seen] or list(range(len(found.values)))
    mean = found.mean[known]
    low, high = int(mean.argmin()), int(mean.argmax())
    if mean[high] - mean[low] <= 1e-9 * max(1.0, abs(float(mean[high]))):
        told = words.NO_DIFFERENCE.format(input=x.label, answer=answer.text(float(mean[0])))
    else:
        told = words.GOES.of(
            len(found.curves),
            lowest=answer.text(float(mean[low])),
            low=_text(x, found.values[known[low]]),
            highest=answer.text(float(mean[high])),
            high=_text(x, found.values[known[high]]),
        )
    return told if x.kind == "category" else told + _opposed(found, known)


def dependence_rows(found: Dependence, x: Quantity, answer: AnswerAxis) -> list[list[str]]:
    """Return the chart's data: value, mean, the ends of the band, and whether the model has seen such a value."""
    return [
        [_text(x, value), answer.text(float(mean)), answer.text(float(low)), answer.text(float(high)), _yes(seen)]
        for value, mean, (low, high), seen in zip(found.values, found.mean, found.band, found.seen, strict=True)
    ]


def _opposed(found: Dependence, known: Sequence[int]) -> str:
    """Return that rows go different ways, where some rise and others fall from the first to the last value."""
    if len(known) < 2 or len(found.curves) < 2:
        return ""
    moved = found.curves[:, known[-1]] - found.curves[:, known[0]]
    size = float(np.abs(moved).mean())
    rising, falling = int((moved > 0.1 * size).sum()), int((moved < -0.1 * size).sum())
    fewer = min(rising, falling)
    if size == 0 or fewer < 0.1 * len(moved):
        return ""
    return f" {words.ROWS_DIFFER.format(rising=f'{rising:,}', falling=f'{falling:,}')}"


def _curves(
    found: Dependence, x: Quantity, answer: AnswerAxis, shown: np.ndarray, y_range: Sequence[float]
) -> list[go.Scatter]:
    xs: list[Any] = list(found.values)
    plain: dict[str, Any] = {"mode": "lines", "hoverinfo": "skip"}
    traces = [hatch(ends, y_range) for ends in unseen_ends(found.values, found.seen)]
    band = found.band
    traces += [
        go.Scatter(x=xs, y=band[:, 0].tolist(), line={"width": 0}, **plain),
        go.Scatter(
            x=xs,
            y=band[:, 1].tolist(),
            line={"width": 0},
            fill="tonexty",
            fillcolor=color("series", INTERVAL_ALPHA),
            **plain,
        ),
    ]
    thin = {"color": color("neutral", CONTEXT_ALPHA), "width": 1}
    if len(shown):
        # One trace with gaps draws as fast as one line.
        gap: list[Any] = [None]
        joined_x = [value for _ in shown for value in [*xs, *gap]]
        joined_y = [value for row in shown.tolist() for value in [*row, *gap]]
        traces.append(go.Scatter(x=joined_x, y=joined_y, line=thin, connectgaps=False, **plain))
    if not all(found.seen):
        dotted = with_joints(found.mean.tolist(), found.seen)
        traces.append(go.Scatter(x=xs, y=dotted, mode="lines", line=main_line(dash="2px,3px"), hoverinfo="skip"))
    known = [mean if seen else None for mean, seen in zip(found.mean.tolist(), found.seen, strict=True)]
    traces.append(
        go.Scatter(x=xs, y=known, mode="lines", line=main_line(), hovertext=_hints(found, x, answer), hoverinfo="text")
    )
    return traces


def _bars(found: Dependence, x: Quantity, answer: AnswerAxis) -> list[go.Bar]:
    band, mean = found.band, found.mean
    return [
        go.Bar(
            x=labels([_text(x, value) for value in found.values]),
            y=mean.tolist(),
            marker={"color": color("accent-line")},
            error_y={
                "type": "data",
                "symmetric": False,
                "array": np.maximum(0, band[:, 1] - mean).tolist(),
                "arrayminus": np.maximum(0, mean - band[:, 0]).tolist(),
                "color": color("series"),
                "thickness": 1.5,
                "width": 4,
            },
            hovertext=_hints(found, x, answer),
            hoverinfo="text",
        )
    ]


def _hints(found: Dependence, x: Quantity, answer: AnswerAxis) -> list[str]:
    texts = zip(found.values, found.mean, found.band, strict=True)
    return [
        words.MEAN_HINT.format(
            value=_text(x, value),
            answer=answer.text(float(mean)),
            low=answer.text(float(low)),
            high=answer.text(float(high)),
        )
        for value, mean, (low, high) in texts
    ]


def _x_axis(found: Dependence, x: Quantity) -> dict[str, Any]:
    if x.kind != "number":
        return x.axis()
    numbers: list[Any] = [value for value in found.values if value is not None]
    low, high = min(numbers), max(numbers)
    air = (high - low) * 0.02 or 0.5
    return {**x.axis(low, high), "range": [low - air, high + air]}


def _text(x: Quantity, value: Any) -> str:
    return formats.NOT_KNOWN if value is None else x.text(value)


def _yes(seen: bool) -> str:
    return words.YES if seen else words.NO
