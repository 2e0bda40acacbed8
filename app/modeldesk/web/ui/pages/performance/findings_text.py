"""What the charts and tables of the Performance page say, in a sentence or two each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from modeldesk.core import formats
from modeldesk.model_service.performance.binary import Costs, Decision, Figure
from modeldesk.model_service.performance.classes import Confusion
from modeldesk.model_service.performance.regression import Coverage
from modeldesk.model_service.performance.segments import Weakness
from modeldesk.model_service.uncertainty.calibration import CalibrationBin
from modeldesk.web.ui.common.answers import class_inside, class_name
from modeldesk.web.ui.common.components import Children
from modeldesk.web.ui.common.metric_names import METRICS, TOO_FEW, MetricName
from modeldesk.web.ui.common.metric_text import share, three
from modeldesk.web.ui.common.sentences import Plural, sentence

# ---- key figures ---------------------------------------------------------------------------------

METRIC_AT = "{metric} at {threshold}"
BEST_AT = "best {value} at {threshold}"
COST_PER_1000 = "Cost per 1,000 rows"
LOWEST_AT = "lowest {cost} at {threshold}"
UNUSUAL_ROWS = "{unusual} of {rows} rows"
INTERVAL = "95% CI {span}"
TOO_FEW_ROWS = "Too few rows for an interval"


def interval(figure: Figure, name: MetricName, unit: str = "") -> str:
    """Return the 95 % interval, or that the rows are too few for one; nothing where the figure is not known."""
    span = name.span(figure, unit)
    if span == TOO_FEW:
        return TOO_FEW_ROWS
    return INTERVAL.format(span=span) if span else ""


# ---- what follows the threshold ------------------------------------------------------------------

_NO_COSTS = "Say beside the threshold what a missed case and a false alarm cost, to see what each threshold costs."
_COST = "At {threshold} errors cost **{cost}** (95% CI {low} to {high})."
_COST_AGAINST = (
    "At {threshold} errors cost **{cost}** (95% CI {low} to {high}), against {cost_in_use} at {threshold_in_use}."
)
_COST_FEW = "At {threshold} errors cost **{cost}** (too few rows for an interval)."
_COST_FEW_AGAINST = (
    "At {threshold} errors cost **{cost}** (too few rows for an interval), against {cost_in_use} at {threshold_in_use}."
)
_ONE_CLASS = "There is no curve: these rows are of one class only."
_ROC = {
    "known": "Area **{area}** (95% CI {span}); guessing has 0.5.",
    "few": "Area **{area}** (too few rows for an interval); guessing has 0.5.",
}
_RECALL_PRECISION = {
    "known": "Finds {recall}; {precision} of its alarms are right. Area **{area}** (95% CI {span}).",
    "few": "Finds {recall}; {precision} of its alarms are right. Area **{area}** (too few rows for an interval).",
    "": "Finds {recall}; {precision} of its alarms are right. Area **{area}**.",
}
_NO_ALARM = "No row raises an alarm at this threshold."
_GAIN = "The {alarms} of rows that raise an alarm hold {recall}: **{lift} times** what a random choice would (lift)."
_NO_BINS = "There is nothing to compare."
_CALIBRATED = (
    "Predicted probabilities and what happened agree, within 3 points or what chance allows (intervals hold at 99% for "
    "all points together)."
)
_TOO_LOW = (
    "Between **{low} and {high}% the model is too low**: it says {mean}, and {share} happened ({span}, {rows} rows; "
    "intervals hold at 99% for all points together)."
)
_TOO_HIGH = (
    "Between **{low} and {high}% the model is too high**: it says {mean}, and {share} happened ({span}, {rows} rows; "
    "intervals hold at 99% for all points together)."
)
_SCORES = "Rows right of the line count as “{class_name}”: {share} of the rows."
_NO_SCORES = "Rows right of the line count as “{class_name}”: no row."
_MATRIX = "Finds **{recall}** of {class_name}; **{precision}** of its alarms are right."


def cost_finding(now: Decision, in_use: Decision | None, costs: Costs | None) -> Children:
    """Return what errors cost at the threshold, with the interval, against the one in use; how to have it
    computed where nobody said what errors cost."""
    if costs is None:
        return _NO_COSTS
    low, high = now.cost_interval(costs)
    parts = {"cost": formats.compact(now.cost(costs)), "threshold": formats.percent(now.threshold)}
    few = math.isnan(low)
    parts |= {"low": "" if few else formats.compact(low), "high": "" if few else formats.compact(high)}
    if in_use is None or in_use.threshold == now.threshold:
        return sentence(_COST_FEW if few else _COST, **parts)
    parts |= {"cost_in_use": formats.compact(in_use.cost(costs)), "threshold_in_use": formats.percent(in_use.threshold)}
    return sentence(_COST_FEW_AGAINST if few else _COST_AGAINST, **parts)


def roc_finding(area: Figure) -> Children:
    """Return the area under the ROC curve."""
    if math.isnan(area.value):
        return _ONE_CLASS
    return sentence(_ROC[_sureness(area)], area=three(area.value), span=METRICS["roc_auc"].span(area))


def recall_precision_finding(area: Figure, now: Decision) -> Children:
    """Return the area under the curve, and where the threshold stands."""
    figures = now.figures()
    recall, precision = (share(figures[key].value) for key in ("recall", "precision"))
    parts = {"area": three(area.value), "span": METRICS["pr_auc"].span(area)}
    return sentence(_RECALL_PRECISION[_sureness(area)], recall=recall, precision=precision, **parts)


def _sureness(figure: Figure) -> str:
    if math.isnan(figure.value):
        return ""
    return "few" if math.isnan(figure.low) else "known"


def gain_finding(now: Decision) -> Children:
    """Return what the alarms hold, and how many times as much as a random choice would."""
    figures = now.figures()
    alarms, recall = figures["alarms"].value, figures["recall"].value
    if not alarms or math.isnan(recall):
        return _NO_ALARM
    return sentence(_GAIN, alarms=share(alarms), recall=share(recall), lift=formats.number(recall / alarms, 2))


def calibration_finding(bins: Sequence[CalibrationBin]) -> Children:
    """Return whether predicted probabilities can be taken at their word."""
    off = [bin_ for bin_ in bins if bin_.miscalibrated]
    if not off:
        return _CALIBRATED if bins else _NO_BINS
    worst = max(off, key=lambda bin_: abs(bin_.share - bin_.mean))
    return sentence(
        _TOO_LOW if worst.share > worst.mean else _TOO_HIGH,
        low=f"{worst.low * 100:.0f}",
        high=f"{worst.high * 100:.0f}",
        mean=formats.percent(worst.mean),
        share=formats.percent(worst.share),
        span=f"{worst.share_low * 100:.0f}–{worst.share_high * 100:.0f}%",
        rows=f"{worst.rows:,}",
    )


def scores_finding(now: Decision, name: str) -> str:
    """Return how many rows count as the class ``name``."""
    alarms = now.figures()["alarms"].value
    if math.isnan(alarms):
        return _NO_SCORES.format(class_name=name)
    return _SCORES.format(class_name=name, share=formats.percent(alarms))


def matrix_finding(now: Decision, positive: str) -> Children:
    """Return how much a decision finds, and how much of its alarms is right."""
    figures = now.figures()
    recall, precision = (share(figures[key].value) for key in ("recall", "precision"))
    return sentence(_MATRIX, recall=recall, precision=precision, class_name=class_inside(positive))


# ---- classes, numbers, anomalies -----------------------------------------------------------------

_NO_ERROR = "No row was answered wrongly."
_CONFUSED = Plural(
    "Most often **{actual} is taken for {predicted}**: {n} row, {share} of the class. Colour is for errors only.",
    "Most often **{actual} is taken for {predicted}**: {n} rows, {share} of the class. Colour is for errors only.",
)
_OFF = "Predictions are off by {error} on average."
_EXPLAINED = "They explain {share} of the variance."
_MEAN_NEARER = "The mean of these rows would be nearer on the whole (R² is below 0)."
_MEAN_ERROR_FEW = "The mean error is {error} (too few rows for an interval)."
_UNBIASED = "On the whole predictions are neither too high nor too low beyond chance."
_BIASED_HIGH = "Predictions are too high by {error} on average (95% CI {low} to {high})."
_BIASED_LOW = "Predictions are too low by {error} on average (95% CI {low} to {high})."
_QUANTILES = "Half of the rows are off by at most {half}, 9 in 10 by at most {most}."
_NO_COVERAGE = "There are too few rows to judge intervals."
_COVERED = (
    "Intervals cover what they promise, within what chance allows. Margins were taken from one half of the rows and "
    "judged on the other, both ways."
)
_NOT_COVERED = (
    "**Of {level} intervals {share} held the actual value.** Margins were taken from one half of the rows and judged "
    "on the other, both ways."
)
_NONE_UNUSUAL = "No row is called unusual."
_UNUSUAL = "{share} of the rows are called unusual: those scored up to {score}."
_DRAWN = "{drawn} of {rows} rows are drawn, chosen at random."


def confusion_finding(most: Sequence[Confusion], names: Sequence[str]) -> Children:
    """Return the most frequent error; ``names`` are those of the classes."""
    if not most:
        return _NO_ERROR
    first = most[0]
    form, rows = _CONFUSED.form(first.rows), f"{first.rows:,}"
    actual, predicted = names[first.actual], names[first.predicted]
    return sentence(form, n=rows, actual=actual, predicted=predicted, share=formats.percent(first.share))


def predicted_finding(errors: Mapping[str, Figure], unit: str) -> str:
    """Return how far predictions are off, and how much they explain."""
    off, r2 = _OFF.format(error=formats.measure(errors["mae"].value, unit)), errors["r2"].value
    if math.isnan(r2):
        return off
    return f"{off} {_MEAN_NEARER if r2 < 0 else _EXPLAINED.format(share=share(r2))}"


def residual_finding(bias: Figure, unit: str) -> str:
    """Return whether predictions are too high or too low on the whole."""
    if math.isnan(bias.low):
        return _MEAN_ERROR_FEW.format(error=formats.signed(bias.value, unit))
    if bias.low <= 0 <= bias.high:
        return _UNBIASED
    low, high = sorted((abs(bias.low), abs(bias.high)))
    error, least, most = (formats.measure(amount, unit) for amount in (abs(bias.value), low, high))
    return (_BIASED_HIGH if bias.value > 0 else _BIASED_LOW).format(error=error, low=least, high=most)


def quantiles_finding(marked: Mapping[float, float], unit: str) -> str:
    """Return what most errors stay under."""
    return _QUANTILES.format(half=formats.measure(marked[0.5], unit), most=formats.measure(marked[0.9], unit))


def coverage_finding(coverage: Sequence[Coverage]) -> Children:
    """Return whether intervals hold what they promise."""
    off = [item for item in coverage if not item.low <= item.level <= item.high]
    if not off:
        return _COVERED if coverage else _NO_COVERAGE
    worst = max(off, key=lambda item: abs(item.covered / item.rows - item.level))
    return sentence(_NOT_COVERED, level=formats.percent(worst.level), share=formats.percent(worst.covered / worst.rows))


def unusual_finding(scores: np.ndarray, unusual: np.ndarray) -> str:
    """Return how many rows are called unusual, and up to which score."""
    if not unusual.any():
        return _NONE_UNUSUAL
    return _UNUSUAL.format(share=share(float(unusual.mean())), score=three(scores[unusual].max()))


def with_points(finding: str, drawn: int, rows: int) -> str:
    """Return a finding, and that its scatter shows a part of the rows where it does."""
    return finding if drawn == rows else f"{finding} {_DRAWN.format(drawn=f'{drawn:,}', rows=f'{rows:,}')}"


# ---- segments and groups -------------------------------------------------------------------------

NO_OUTCOME = "These rows have no outcome to be wrong about."
_FAILS = {"wrong": "Wrong", "missed": "Missed", "alarm": "False alarms"}
_SOME_WORSE = Plural(
    "{metric}, against {error} of all rows. {n} segment is worse beyond chance.",
    "{metric}, against {error} of all rows. {n} segments are worse beyond chance.",
)
_NONE_WORSE = "{metric}, against {error} of all rows. No segment is worse beyond what chance explains."
SEGMENT, ROWS, JUDGED, OF_THE_JUDGED, ACTION = "Segment", "Rows", "Judged", "{metric}, of the judged", "Action"
SEGMENTS_CAPTION = "Segments where the model fails most"
SEGMENTS_NOTE = (
    "Found on one half of the rows, judged on the other ({judged} rows). Intervals hold at 95% for all segments "
    "together; one that lies above the figure of all rows is worse beyond chance."
)
BY_CHANCE = "May be chance"
FILTER, SHOW_ONLY = "Filter", "Show only {segment}"
FEW_IN_GROUPS = "There are too few rows in any group."
GROUP, IMPACT_RATIO, RECALL, FALSE_POSITIVES = "Group", "Impact ratio", "Recall (TPR)", "False positive rate"
FAVOURABLE_COLUMN = "{class_name} (favourable)"
FOUR_FIFTHS = "Below four fifths"
GROUPS_CAPTION = "The decision group by group"
_DECIDED_AT = "At {threshold}, with 95% intervals."
_DECIDED = "As the model answers, with 95% intervals."
_DECIDED_CLASS = "As the model answers, an alarm being “{class_name}”, with 95% intervals."
_RATIO = (
    "Impact ratio: the group's rate of “{class_name}” over the highest one; below 0.80 the four-fifths rule (29 CFR "
    "1607.4D) sees adverse impact."
)
_NO_RATIO = (
    "No impact ratio is told, since nobody said which outcome is favourable: choose it above, or set favourable in "
    "model.toml."
)
_FAIRNESS = (
    "Equal true positive rates are equal opportunity; equal false positive rates as well, equalised odds; equal "
    "precision, predictive parity."
)
GAPS_TITLE = "Every class: the groups furthest apart"
GAPS_COLUMNS = ("Class", "Answered so", RECALL, FALSE_POSITIVES)
GAPS_CAPTION = "The largest gap between groups, class by class"
GAPS_NOTE = "In points, the higher group first; the widest gap in being answered so stands on top."


def failing(kind: str, *, sizes: bool) -> str:
    """Return what counts as failing: the mean error where errors are ``sizes``, else a kind of wrong answer."""
    return METRICS["mae"].label if sizes else _FAILS[kind]


def segments_finding(weakness: Weakness, metric: str, error: str) -> str:
    """Return how many segments are worse beyond chance than all rows, whose ``metric`` is ``error``."""
    known = sum(segment.significant for segment in weakness.segments)
    if not known:
        return _NONE_WORSE.format(metric=metric, error=error)
    return _SOME_WORSE.of(known, metric=metric, error=error)


def groups_note(threshold: float | None, alarm: str | None, favourable: str | None) -> str:
    """Return by what rows are decided, and how the measures of fairness are to be read: at a ``threshold``, or an
    ``alarm`` being one class; ``favourable`` names the favourable outcome."""
    if threshold is not None:
        decided = _DECIDED_AT.format(threshold=formats.percent(threshold))
    else:
        decided = _DECIDED if alarm is None else _DECIDED_CLASS.format(class_name=class_name(alarm))
    ratio = _NO_RATIO if favourable is None else _RATIO.format(class_name=class_name(favourable))
    return f"{decided} {ratio} {_FAIRNESS}"


# ---- axes, legends and hints ---------------------------------------------------------------------

THRESHOLD, LOWEST = "Threshold", "Lowest"
COST_HINT = "Threshold %{x:.1%}: cost %{y:,.0f}"
FALSE_ALARMS_OF_OTHERS, GUESSING = "False alarms, of the others", "Guessing"
ROC_HINT = "%{y:.1%} found, %{x:.1%} false alarms"
PRECISION = "Precision"
RECALL_PRECISION_HINT = "%{x:.1%} found, %{y:.1%} of the alarms right"
ROWS_TAKEN_FIRST = "Rows taken, highest probability first"
GAIN_HINT = "The first %{x:.1%} hold %{y:.1%}"
PROBABILITY, HAPPENED = "Predicted probability", "Happened"
ROWS_A_POINT = "Rows a point, {least} to {most}"
CALIBRATION_HINT = "{mean} predicted, {share} happened, {rows} rows"
SHARE_OF_GROUP = "Share of the group"
LEGEND = "{name}, {rows}"
FOUND = "{class_name} found"
OTHERS = "Others"
PREDICTED, ACTUAL = "Predicted", "Actual"
CONFUSION_HINT = "Actual %{y}, predicted %{x}: %{text} rows, %{customdata:.1%} of the class<extra></extra>"
POINT_HINT = "Predicted {predicted}, actual {actual}"
RESIDUAL, RESIDUAL_HINT = "Predicted minus actual", "{input} {value}: {error}"
PREDICTION = "Prediction"
ERROR_AT_MOST = "Error is at most"
QUANTILES_HINT = "%{y:.1%} of the rows: %{x:,.4~g} or less<extra></extra>"
PROMISED, COVERED = "Promised", "Covered"
COVERAGE_HINT = "Promised %{x:.0%}, covered %{y:.1%}<extra></extra>"
UNUSUAL_AXIS, UNUSUAL_HINT = "Score, lower is more unusual", "%{y} rows near %{x:.3g}<extra></extra>"
NORMAL, UNUSUAL = "Normal", "Unusual"

# ---- tables --------------------------------------------------------------------------------------

ALL = "All"
_CELLS = {"found": "found", "missed": "missed", "alarms": "false alarms", "passed": "passed"}
_CELL_SHARE = "{cell}, {share}"
MATRIX_CAPTION = "Actual by predicted, at {threshold}"
METRIC, VALUE, CI = "Metric", "Value", "95% CI"
METRICS_CAPTION = "All metrics, at {threshold}"
CLASS, CLASSES_CAPTION = "Class", "Figures class by class, with 95% intervals"
COST_COLUMNS, COST_CAPTION = (THRESHOLD, "Missed", "False alarms", "Cost"), "Cost by threshold"
ROC_CAPTION, RECALL_PRECISION_CAPTION = "ROC curve", "Precision and recall by threshold"
GAIN_COLUMNS, GAIN_CAPTION = (THRESHOLD, "Rows taken", "Found", "Lift"), "Gain and lift by threshold"
CALIBRATION_COLUMNS = (PREDICTED, ROWS, "Mean predicted", HAPPENED)
CALIBRATION_CAPTION = "Predicted probability and what happened"
SCORES_CAPTION = "Rows by predicted probability"
CONFUSION_COLUMNS, CONFUSION_CAPTION = (ACTUAL, PREDICTED, ROWS, "Of the class"), "Errors by class"
POINTS_COLUMNS = (PREDICTED, ACTUAL, "Error, predicted minus actual")
POINTS_CAPTION = "Predicted and actual, the {rows} largest errors first"
QUANTILES_COLUMNS, QUANTILES_CAPTION = ("Of the rows", ERROR_AT_MOST), "Quantiles of the error"
COVERAGE_COLUMNS, COVERAGE_CAPTION = (PROMISED, "Rows covered", COVERED), "Coverage of intervals"
COVERED_ROWS = "{covered} of {rows}"
UNUSUAL_COLUMNS, UNUSUAL_CAPTION = ("Of the rows", "Score is at most"), "Quantiles of the score"
SCORE, CASES_CAPTION = "Score", "The most unusual rows, the most unusual first"


def matrix_cell(cell: str, part: float) -> str:
    """Return what a cell of the confusion matrix counts, and its share of the class where that is known."""
    return _CELLS[cell] if math.isnan(part) else _CELL_SHARE.format(cell=_CELLS[cell], share=share(part))
