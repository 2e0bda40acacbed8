"""What the charts of the Performance page say, in a sentence or two each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from dash import html

from modeldesk.core import formats
from modeldesk.model_service.performance.binary import Costs, Decision, Figure
from modeldesk.model_service.performance.classes import Confusion
from modeldesk.model_service.performance.regression import Coverage
from modeldesk.model_service.uncertainty.calibration import CalibrationBin
from modeldesk.web.ui.common.components import Children
from modeldesk.web.ui.common.metric_names import METRICS
from modeldesk.web.ui.common.metric_text import share, three
from modeldesk.web.ui.pages.performance.text import sure


def cost_finding(now: Decision, in_use: Decision | None, costs: Costs | None) -> Children:
    """What errors cost at the threshold, with the interval, against the one in use; how to have it told
    where nobody said what errors cost."""
    if costs is None:
        return "Say beside the threshold what a missed case and a false alarm cost, to see what each threshold costs."
    low, high = now.cost_interval(costs)
    ends = f"95% CI {formats.compact(low)} to {formats.compact(high)}"
    if math.isnan(low):
        ends = "too few rows for an interval"
    text: list[Any] = [
        f"At {formats.percent(now.threshold)} errors cost ",
        html.Strong(formats.compact(now.cost(costs))),
        f" ({ends})",
    ]
    if in_use is not None and in_use.threshold != now.threshold:
        text.append(f", against {formats.compact(in_use.cost(costs))} at {formats.percent(in_use.threshold)}")
    return [*text, "."]


def roc_finding(area: Figure) -> Children:
    """The area under the ROC curve."""
    if math.isnan(area.value):
        return "There is no curve: these rows are of one class only."
    return ["Area ", html.Strong(three(area.value)), f"{_ends('roc_auc', area)}; guessing has 0.5."]


def recall_precision_finding(area: Figure, now: Decision) -> Children:
    """The area under the curve, and where the threshold stands."""
    figures = now.figures()
    return [
        f"Finds {share(figures['recall'].value)}; {share(figures['precision'].value)} of its alarms are right. Area ",
        html.Strong(three(area.value)),
        f"{_ends('pr_auc', area)}.",
    ]


def _ends(key: str, figure: Figure) -> str:
    told = sure(figure, METRICS[key])
    return f" ({told[:1].lower() + told[1:] if math.isnan(figure.low) else told})" if told else ""


def gain_finding(now: Decision) -> Children:
    """What the alarms hold, and how many times as much as a random choice would."""
    figures = now.figures()
    taken, found = figures["alarms"].value, figures["recall"].value
    if not taken or math.isnan(found):
        return "No row raises an alarm at this threshold."
    return [
        f"The {share(taken)} of rows that raise an alarm hold {share(found)}: ",
        html.Strong(f"{formats.number(found / taken, 2)} times"),
        " what a random choice would (lift).",
    ]


def calibration_finding(bins: Sequence[CalibrationBin]) -> Children:
    """Whether predicted probabilities can be taken at their word."""
    off = [bin_ for bin_ in bins if bin_.miscalibrated]
    if not bins:
        return "There is nothing to compare."
    if not off:
        return (
            "Predicted probabilities and what happened agree, within 3 points or what chance allows "
            "(intervals hold at 99% for all points together)."
        )
    worst = max(off, key=lambda bin_: abs(bin_.share - bin_.mean))
    side = "too low" if worst.share > worst.mean else "too high"
    ends = f"{worst.low * 100:.0f} and {worst.high * 100:.0f}%"
    return [
        "Between ",
        html.Strong(f"{ends} the model is {side}"),
        f": it says {formats.percent(worst.mean)}, and {formats.percent(worst.share)} happened "
        f"({worst.share_low * 100:.0f}–{worst.share_high * 100:.0f}%, {worst.rows:,} rows; intervals hold at 99% "
        "for all points together).",
    ]


def coverage_finding(found: Sequence[Coverage]) -> Children:
    """Whether intervals hold what they promise."""
    if not found:
        return "There are too few rows to judge intervals."
    off = [item for item in found if not item.low <= item.level <= item.high]
    how = " Margins were taken from one half of the rows and judged on the other, both ways."
    if not off:
        return ["Intervals cover what they promise, within what chance allows.", how]
    worst = max(off, key=lambda item: abs(item.covered / item.rows - item.level))
    held = formats.percent(worst.covered / worst.rows)
    return [html.Strong(f"Of {formats.percent(worst.level)} intervals {held} held the actual value."), how]


def confusion_finding(most: Sequence[Confusion], called: Sequence[str]) -> Children:
    """The most frequent errors."""
    if not most:
        return "No row was answered wrongly."
    first = most[0]
    return [
        "Most often ",
        html.Strong(f"{called[first.actual]} is taken for {called[first.predicted]}"),
        f": {formats.count(first.rows, 'row')}, {formats.percent(first.share)} of the class. ",
        "Colour is for errors only.",
    ]


def predicted_finding(errors: Mapping[str, Figure], unit: str) -> str:
    """How far predictions are off, and how much they explain."""
    r2 = errors["r2"].value
    explained = "" if math.isnan(r2) else f" They explain {share(r2)} of the variance."
    if r2 < 0:
        explained = " The mean of these rows would be nearer on the whole (R² is below 0)."
    return f"Predictions are off by {formats.measure(errors['mae'].value, unit)} on average.{explained}"


def residual_finding(bias: Figure, unit: str) -> str:
    """Whether predictions are too high or too low on the whole."""
    if math.isnan(bias.low):
        return f"The mean error is {formats.signed(bias.value, unit)} (too few rows for an interval)."
    if bias.low <= 0 <= bias.high:
        return "On the whole predictions are neither too high nor too low beyond chance."
    side = "too high" if bias.value > 0 else "too low"
    low, high = sorted((abs(bias.low), abs(bias.high)))
    ends = f"{formats.measure(low, unit)} to {formats.measure(high, unit)}"
    return f"Predictions are {side} by {formats.measure(abs(bias.value), unit)} on average (95% CI {ends})."


def quantiles_finding(marked: Mapping[float, float], unit: str) -> str:
    """What most errors stay under."""
    return (
        f"Half of the rows are off by at most {formats.measure(marked[0.5], unit)}, "
        f"9 in 10 by at most {formats.measure(marked[0.9], unit)}."
    )


def unusual_finding(scores: np.ndarray, unusual: np.ndarray) -> str:
    """How many rows are called unusual, and up to which score."""
    if not unusual.any():
        return "No row is called unusual."
    part, upto = share(float(unusual.mean())), three(scores[unusual].max())
    return f"{part} of the rows are called unusual: those scored up to {upto}."


def points_note(drawn: int, rows: int) -> str:
    """That a scatter shows a part of the rows; nothing where it shows all."""
    return "" if drawn == rows else f" {drawn:,} of {rows:,} rows are drawn, chosen at random."
