"""From the usual answer to this one, input by input; for images, pixel by pixel."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from modeldesk.core import formats
from modeldesk.model_service.explain.results import Explanation
from modeldesk.model_service.explain.sentence import effect_text, odds_factor
from modeldesk.web.ui.common import text as shared
from modeldesk.web.ui.common.charts import text as words
from modeldesk.web.ui.common.charts.axes import AnswerAxis, Quantity, padded, shortened
from modeldesk.web.ui.common.charts.template import WATERFALL_ROW, color, new_figure, scale

TOP = 7
LEAST_MOVEMENT = 0.15
"""Values that move by less than this share of their size are not drawn from zero."""
IMAGE_HEIGHT = 300
BAR_WIDTH = 0.58
"""Of a row: said of each bar, as plotly would make bars as wide as the least distance between those of a kind."""
REACH = 3.0
"""As many times wider the axis becomes, at most, to take in the threshold."""
LETTER = 0.035
"""The room beside the bars for a letter of the longest answer, as a share of them."""


@dataclass(frozen=True, slots=True)
class Step:
    """One bar: what it is of, its value in words, where it starts and how far it goes."""

    label: str
    value: str
    start: float
    amount: float
    error: float | None = None


@dataclass(frozen=True, slots=True)
class Ladder:
    """The steps from ``base`` to ``output`` on the explanation's own scale."""

    base: float
    output: float
    steps: tuple[Step, ...]
    of_scale: str


def ladder(explanation: Explanation, quantities: Mapping[str, Quantity], top: int = TOP) -> Ladder:
    """The strongest inputs first, the rest folded into one step (not where it would hold only one)."""
    drivers = explanation.drivers()
    shown = drivers if len(drivers) <= top + 1 else drivers[:top]
    steps: list[Step] = []
    at = explanation.base_value
    for item in shown:
        quantity = quantities[item.feature]
        steps.append(Step(quantity.label, quantity.text(item.value), at, item.contribution, item.error))
        at += item.contribution
    rest = drivers[len(shown) :]
    if rest:
        errors = [item.error for item in rest if item.error is not None]
        error = math.hypot(*errors) if errors else None
        amount = sum(item.contribution for item in rest)
        steps.append(Step(words.OTHER_INPUTS.of(len(rest)), "", at, amount, error))
    return Ladder(explanation.base_value, explanation.output, tuple(steps), explanation.scale)


def waterfall_figure(found: Ladder, answer: AnswerAxis, limit: float | None = None, unit: str = "") -> go.Figure:
    """The bars, from the usual answer at the top to this one at the bottom. ``limit`` is the decision
    threshold (a share), marked on the last bar."""
    names = [words.BASE_VALUE, *(_name(step) for step in found.steps), words.THIS_ANSWER]
    ends = [found.base, *(step.start + step.amount for step in found.steps), found.output]
    at = None if limit is None else _at(found, limit)
    low, high, zero = _range([*ends, *_within_reach(ends, at)], found.of_scale)
    longest = max(len(level_text(value, answer, found.of_scale)) for value in (found.base, found.output))
    room = (high - low) * max(0.4, LETTER * longest)
    rows = list(range(len(names)))
    foot = 0.3 if at is None else 1.1
    return new_figure(
        height=round(WATERFALL_ROW * (len(names) - 0.3 + foot)) + 4,
        xaxis={"visible": False, "range": [low - (0 if zero else room), high + room], "fixedrange": True},
        yaxis={
            "tickvals": rows,
            "ticktext": names,
            "range": [len(names) - 1 + foot, -0.6],
            "showgrid": False,
            "tickfont": {"color": color("text-2"), "size": 12},
        },
        barmode="overlay",
        shapes=[*_joints(found), *_threshold(at, low, high, rows[-1])],
        annotations=[
            *_amounts(found, answer, None if zero else (low + high) / 2, at),
            *_threshold_words(at, limit, (low, high), rows[-1]),
        ],
    ).add_traces([_levels(found, low, high, zero, answer, rows[-1]), _moves(found, unit)])


def waterfall_rows(found: Ladder, answer: AnswerAxis, unit: str = "") -> tuple[list[str], list[list[str]]]:
    """The chart's data: heads and rows. Sampled explanations have a column with their error."""
    sampled = any(step.error is not None for step in found.steps)
    heads = [words.INPUT, words.VALUE, words.ADDED, *([words.STANDARD_ERROR] if sampled else [])]
    blank = [""] if sampled else []
    rows = [[words.BASE_VALUE, "", level_text(found.base, answer, found.of_scale), *blank]]
    for step in found.steps:
        error = [_plain(step.error, found.of_scale, unit)] if sampled else []
        rows.append([step.label, step.value, effect_text(step.amount, found.of_scale, unit), *error])  # type: ignore[arg-type]
    rows.append([words.THIS_ANSWER, "", level_text(found.output, answer, found.of_scale), *blank])
    return heads, rows


def level_text(value: float, answer: AnswerAxis, of_scale: str) -> str:
    """An end of the ladder in words. Log-odds are one-to-one with chances, so the chance is told."""
    if of_scale == "log_odds":
        return formats.percent(1 / (1 + math.exp(-max(-700.0, min(700.0, value)))))
    if of_scale == "probability":
        return formats.percent(min(1.0, max(0.0, value)))
    return answer.text(value)


def scale_words(of_scale: str, sampled: bool) -> str:
    """What the bars are measured in, in a sentence."""
    return f"{words.BARS[of_scale]} {words.ESTIMATED}" if sampled else words.BARS[of_scale]


def image_figure(pixels: np.ndarray, ink: np.ndarray) -> go.Figure:
    """Each pixel's contribution (height, width), orange where it raises the answer, with the picture's
    own outline over it; ``ink`` (height, width) is the image."""
    top = float(np.abs(pixels).max()) or 1.0
    middle = (float(ink.min()) + float(ink.max())) / 2
    bare = {"visible": False, "fixedrange": True}
    heat = go.Heatmap(
        z=pixels.tolist(), zmin=-top, zmax=top, colorscale=scale("div"), showscale=False, xgap=1, ygap=1,
        hovertemplate=words.PIXEL,
    )  # fmt: skip
    outline = go.Contour(
        z=ink.tolist(),
        contours={"start": middle, "end": middle, "size": 1, "coloring": "none"},
        line={"color": color("text-1"), "width": 1.5},
        showscale=False,
        hoverinfo="skip",
    )
    return new_figure(
        height=IMAGE_HEIGHT,
        xaxis={**bare, "constrain": "domain"},
        yaxis={**bare, "autorange": "reversed", "scaleanchor": "x"},
    ).add_traces([heat, outline])


def _name(step: Step) -> str:
    label = shortened(step.label, 24)
    return f"{label}  <b>{shortened(step.value, 16)}</b>" if step.value else label


def _range(ends: Sequence[float], of_scale: str) -> tuple[float, float, bool]:
    """The axis, and whether the first and last bar start at zero."""
    low, high = min(ends), max(ends)
    from_zero = of_scale == "probability" or (
        of_scale == "value" and low >= 0 and high - low >= LEAST_MOVEMENT * high and high > 0
    )
    if from_zero:
        return min(0.0, low), high or 1.0, True
    return *padded(low, high, 0.05), False


def _levels(found: Ladder, low: float, high: float, zero: bool, answer: AnswerAxis, last: int) -> go.Bar:
    thin = (high - low) * 0.012
    values = [found.base, found.output]
    return go.Bar(
        y=[0, last],
        x=values if zero else [thin, thin],
        base=[0, 0] if zero else [value - thin / 2 for value in values],
        width=BAR_WIDTH,
        orientation="h",
        marker={"color": color("neutral")},
        hovertext=[level_text(value, answer, found.of_scale) for value in values],
        hoverinfo="text",
    )


def _moves(found: Ladder, unit: str) -> go.Bar:
    return go.Bar(
        y=[place + 1 for place in range(len(found.steps))],
        x=[step.amount for step in found.steps],
        base=[step.start for step in found.steps],
        width=BAR_WIDTH,
        orientation="h",
        marker={"color": [color("up" if step.amount >= 0 else "down") for step in found.steps]},
        hovertext=[
            f"{step.label} {step.value}: <b>{effect_text(step.amount, found.of_scale, unit)}</b>"  # type: ignore[arg-type]
            for step in found.steps
        ],
        hoverinfo="text",
    )


def _joints(found: Ladder) -> list[dict[str, Any]]:
    """Thin uprights that lead from each bar's end to the next bar."""
    ends = [found.base, *(step.start + step.amount for step in found.steps)]
    line = {"color": color("control"), "width": 1}
    return [
        {"type": "line", "x0": end, "x1": end, "y0": place, "y1": place + 1, "line": line, "layer": "below"}
        for place, end in enumerate(ends)
    ]


def _amounts(found: Ladder, answer: AnswerAxis, middle: float | None, mark: float | None) -> list[dict[str, Any]]:
    """What each bar comes to, at its end. Where the ends of the ladder are marks, and no bars, they
    are told on the side that has room: right of the ``middle`` that is the left. The answer is told on the
    side away from the threshold's ``mark``."""
    shown = _short(found.of_scale)
    right = [middle is None or level <= middle for level in (found.base, found.output)]
    if middle is not None and mark is not None:
        right[1] = mark <= found.output
    marks = [_word(0, found.base, f"<b>{level_text(found.base, answer, found.of_scale)}</b>", right=right[0])]
    for place, step in enumerate(found.steps, start=1):
        marks.append(_word(place, step.start + step.amount, shown(step.amount), right=step.amount >= 0))
    last = f"<b>{level_text(found.output, answer, found.of_scale)}</b>"
    return [*marks, _word(len(found.steps) + 1, found.output, last, right=right[1])]


def _short(of_scale: str) -> Callable[[float], str]:
    if of_scale == "probability":
        return formats.points
    if of_scale == "log_odds":
        return odds_factor
    return formats.signed


def _word(place: int, x: float, text: str, *, right: bool) -> dict[str, Any]:
    side = {"xanchor": "left", "xshift": 2} if right else {"xanchor": "right", "xshift": -2}
    return {
        "x": x,
        "y": place,
        "text": text,
        "yanchor": "middle",
        "font": {"color": color("text-1"), "size": 12},
        **side,
    }


def _at(found: Ladder, limit: float) -> float | None:
    """Where a share lies on the ladder's scale; None where it has no place there."""
    if found.of_scale == "probability":
        return limit
    if found.of_scale == "log_odds" and 0 < limit < 1:
        return math.log(limit / (1 - limit))
    return None


def _within_reach(ends: Sequence[float], at: float | None) -> list[float]:
    """The threshold's place where the axis may be widened to take it in and bars stay readable."""
    if at is None:
        return []
    low, high = min(ends), max(ends)
    wide = max(high, at) - min(low, at)
    return [at] if high > low and wide <= REACH * (high - low) else []


def _threshold(at: float | None, low: float, high: float, last: int) -> list[dict[str, Any]]:
    if at is None or not low <= at <= high:
        return []
    line = {"color": color("text-1"), "width": 2}
    return [{"type": "line", "x0": at, "x1": at, "y0": last - 0.42, "y1": last + 0.42, "line": line}]


def _threshold_words(
    at: float | None, limit: float | None, axis: tuple[float, float], last: int
) -> list[dict[str, Any]]:
    """The threshold's name under its tick, or at the edge with an arrow where it lies beyond."""
    if at is None or limit is None:
        return []
    text, (low, high) = shared.THRESHOLD.format(share=formats.percent(limit)), axis
    anchor = "center"
    if at > high:
        text, at, anchor = f"{text} →", high, "right"
    elif at < low:
        text, at, anchor = f"← {text}", low, "left"
    return [{"x": at, "y": last + 0.45, "text": text, "yanchor": "top", "xanchor": anchor}]


def _plain(error: float | None, of_scale: str, unit: str) -> str:
    if error is None:
        return ""
    if of_scale == "probability":
        return words.POINTS.format(amount=formats.number(error * 100, 2))
    return formats.measure(error, unit if of_scale == "value" else "", 2)
