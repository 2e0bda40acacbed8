"""What the Feature importance page says: whole sentences with named placeholders, and the choice among them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from modeldesk.core import formats
from modeldesk.model_service.importance.contributions import Contributions
from modeldesk.model_service.importance.permutation import REPEATS, Loss, Shuffling
from modeldesk.services.importance.importance import ByValue, FeatureImportance
from modeldesk.services.privacy import NOT_SHOWN
from modeldesk.web.ui.common.answers import class_inside
from modeldesk.web.ui.common.charts.effects import Effect
from modeldesk.web.ui.common.components import Children, when
from modeldesk.web.ui.common.sentences import Plural, sentence

TITLE = "Feature importance"
WORKING = "Working it out"
CLASS = "Class"
PICTURE_TITLE = "Where in the picture"
ONE_INPUT, INPUT, CHOOSE_INPUT, COLOUR_BY = "One input", "Input", "Choose an input", "Colour by"
TELLS_MOST, NO_COLOUR = "What tells most", "Nothing"
BY_VALUE_TITLE = "SHAP dependence"
FOLLOWS_TITLE = "Partial dependence and ICE"
RANK_BY = "Rank by"
RANKS = {"contribution": "Rank by contribution", "shuffling": "Rank by permutation importance"}
THE_PICTURE, ONE_PICTURE = "The picture", "The picture {number}"
_IN_SENTENCE = "the picture"
RANGE = "{low} to {high}"

# ---- which version, and what is waited for -------------------------------------------------------

_SOURCE = "**Version {version}**, published {day}."
_SOURCE_CLASS = "**Version {version}**, published {day}. All is about the class “{class_name}”."
_HIDDEN = Plural("{n} input not shown.", "{n} inputs not shown.")
NO_WORKER = "No worker is running; it waits until one is started (modeldesk worker)."
CONTRIBUTIONS = "How much each input adds"
SHUFFLING = "Permutation importance"
FOLLOWING = FOLLOWS_TITLE
_PROGRESS = "{name}: {done} of {steps} parts done"
FAILED = {
    "contributions": "**How much each input adds could not be found out.** {reason}",
    "shuffling": "**Permutation importance could not be found out.** {reason}",
    "dependence": "**How answers follow an input could not be found out.** {reason}",
}
ASK_AGAIN = "Ask again"


def source(drivers: FeatureImportance) -> Children:
    """Return which version, about which class, and what is left out."""
    told = sentence(
        _SOURCE if drivers.of_class is None else _SOURCE_CLASS,
        version=drivers.model.version,
        day=when(drivers.model.manifest.created_at, style="day"),
        class_name=class_inside(drivers.of_class or ""),
    )
    return [*told, f" {_HIDDEN.of(drivers.hidden)}"] if drivers.hidden else told


def progress(name: str, done: int, steps: int) -> str:
    """Return how far an answer is that is waited for."""
    return _PROGRESS.format(name=name, done=f"{done:,}", steps=f"{steps:,}") if steps else name


# ---- importance ----------------------------------------------------------------------------------

_PANELS = {"log_odds": "Mean contribution, log-odds", "probability": "Mean contribution, points"}
_PANEL, _PANEL_UNIT = "Mean contribution", "Mean contribution, {unit}"
_NO_INPUT = "No input moves the answer."
_MOST = "**{input} moves the answer most**: by {size} on average (95% CI {low} to {high})."
_MOST_THEN = (
    "**{input} moves the answer most**: by {size} on average (95% CI {low} to {high}), then {second} by {second_size}."
)
_CONTRIBUTIONS = {
    (True, True): "Contributions to the answers for all rows of the reference data (exact)",
    (True, False): "Contributions to the answers for all rows of the reference data (estimated by sampling)",
    (False, True): "Contributions to the answers for {rows} of {all} rows of the reference data, chosen at random "
    "(exact)",
    (False, False): "Contributions to the answers for {rows} of {all} rows of the reference data, chosen at random "
    "(estimated by sampling)",
}
"""By whether they are of all rows, and whether they are exact."""
_ALL_EXPLAINED, _LEFT_OUT = "{source}.", "{source}; {left_out} could not be explained on this scale."
_NONE_WORSE = {
    "log_loss": "Shuffling no input makes the log loss worse.",
    "accuracy": "Shuffling no input makes the accuracy worse.",
    "rmse": "Shuffling no input makes the typical error (RMSE) worse.",
}
_WORSE = {
    "log_loss": "**Without {input} the log loss rises most**: by {size} ({low} to {high} over {repeats} permutations), "
    "from {baseline}.",
    "accuracy": "**Without {input} the accuracy falls most**: by {size} ({low} to {high} over {repeats} permutations), "
    "from {baseline}.",
    "rmse": "**Without {input} the typical error (RMSE) rises most**: by {size} ({low} to {high} over {repeats} "
    "permutations), from {baseline}.",
}
_LOSSES = {
    "log_loss": "Log loss rises by",
    "accuracy": "Accuracy falls by, points",
    "rmse": "Typical error (RMSE) rises by",
}
_RMSE_UNIT = "Typical error (RMSE) rises by, {unit}"
_POINTS = "{amount} points"
_SHUFFLED = {
    "holdout": "Permutation importance: on {rows} of the hold-out; whiskers from lowest to highest of {repeats} "
    "permutations.",
    "training": "Permutation importance: on {rows} that were published with it, and that it may have been trained on; "
    "whiskers from lowest to highest of {repeats} permutations.",
}
_ROWS, _SOME_ROWS = "{rows} rows", "{rows} of {all} rows"
NO_OUTCOMES = "It has no outcomes that answers could be held against, so there is no permutation importance."
GROUP, MEAN_CONTRIBUTION, INTERVAL, ROW_ERROR = "Group", "Mean contribution", "95% CI", "Standard error, a row"
LOWEST_TO_HIGHEST, DEVIATION = "Lowest to highest", "Standard deviation"
IMPORTANCE_CAPTION = "Feature importance, input by input"
BAR_HINT = "{input}: <b>{size}</b><br>{low} to {high}"
PIXELS_FINDING = (
    "Most is decided by row {row}, column {column}: that point moves the answer by {size} on average. Darker points "
    "matter more."
)
PIXEL_HINT = "Row {row}, column {column}: <b>{size}</b>"
ROW, PIXELS_CAPTION = "Row", "Mean contribution of each point, row by row"


def panel_title(effect: Effect) -> str:
    """Return what the bars of contributions measure."""
    if effect.scale in _PANELS:
        return _PANELS[effect.scale]
    return _PANEL_UNIT.format(unit=effect.unit) if effect.unit else _PANEL


def contribution_finding(labels: Sequence[str], sizes: np.ndarray, ends: np.ndarray, effect: Effect) -> Children:
    """Return which input moves the answer most, and by how much."""
    if not len(sizes) or not sizes.max():
        return _NO_INPUT
    order = [int(index) for index in np.argsort(-sizes, kind="stable")]
    first, second = order[0], order[1] if len(order) > 1 else None
    low, high = (effect.short(float(end)) for end in ends[first])
    parts = {"input": labels[first], "size": effect.size(float(sizes[first])), "low": low, "high": high}
    if second is None or not sizes[second] > 0:
        return sentence(_MOST, **parts)
    return sentence(_MOST_THEN, **parts, second=_inside(labels[second]), second_size=effect.size(float(sizes[second])))


def contribution_source(contributions: Contributions, published: int) -> str:
    """Return which of the reference data contributions are of, and how exact they are."""
    told = _CONTRIBUTIONS[len(contributions) >= published, contributions.errors is None].format(
        rows=f"{len(contributions):,}", all=f"{published:,}"
    )
    left_out = contributions.left_out
    return (_LEFT_OUT if left_out else _ALL_EXPLAINED).format(source=told, left_out=f"{left_out:,}")


def shuffling_finding(
    labels: Sequence[str], sizes: np.ndarray, ends: np.ndarray, shuffling: Shuffling, unit: str
) -> Children:
    """Return which input is missed most where it tells nothing."""
    if not len(sizes) or sizes.max() <= 0:
        return _NONE_WORSE[shuffling.loss]
    first = int(np.argsort(-sizes, kind="stable")[0])
    size, low, high, baseline = (
        loss_text(float(amount), shuffling.loss, unit) for amount in (sizes[first], *ends[first], shuffling.baseline)
    )
    form = _WORSE[shuffling.loss]
    return sentence(
        form, input=_inside(labels[first]), size=size, low=low, high=high, repeats=REPEATS, baseline=baseline
    )


def shuffling_source(shuffling: Shuffling) -> str:
    """Return which rows the loss is measured on."""
    form = _ROWS if shuffling.rows == shuffling.rows_in_all else _SOME_ROWS
    rows = form.format(rows=f"{shuffling.rows:,}", all=f"{shuffling.rows_in_all:,}")
    return _SHUFFLED[shuffling.source].format(rows=rows, repeats=REPEATS)


def _inside(label: str) -> str:
    """Return a label within a sentence; those that people gave stay as they are."""
    return f"{_IN_SENTENCE}{label[len(THE_PICTURE) :]}" if label.startswith(THE_PICTURE) else label


def loss_title(loss: Loss, unit: str) -> str:
    """Return what the bars of shuffling measure."""
    return _RMSE_UNIT.format(unit=unit) if unit and loss == "rmse" else _LOSSES[loss]


def loss_text(amount: float, loss: Loss, unit: str) -> str:
    """Return a loss, or a change of one."""
    if loss == "accuracy":
        return _POINTS.format(amount=formats.number(amount * 100))
    return formats.measure(amount, unit if loss == "rmse" else "")


def loss_short(amount: float, loss: Loss) -> str:
    """Return a change of a loss where the title says of what."""
    return formats.number(amount * 100 if loss == "accuracy" else amount)


# ---- one input: contributions by value -----------------------------------------------------------

_BINNED = Plural(
    "Means of {n} row, in groups of ten or more; lines hold the middle 80% of each. {not_shown}",
    "Means of {n} rows, in groups of ten or more; lines hold the middle 80% of each. {not_shown}",
)
_ADDS = "In 9 of 10 rows {input} adds {range}. {rows} rows are drawn."
_ADDS_MISSING = "In 9 of 10 rows {input} adds {range}. {rows} rows are drawn ({missing} without a value)."
_NO_OTHER = "No other input tells much of the rest."
_OTHER = "{input} tells most of the rest."
POINT_HINT = "{input} {value}: <b>{size}</b>"
POINT_HINT_COLOUR = "{input} {value}: <b>{size}</b><br>{other} {other_value}"
BIN_HINT = "{input} {value}: <b>{size}</b> on average of {rows} rows"
OTHERS = "Others"
BIN_COLUMNS = ("Rows", "Mean", "Middle 80%")
BINS_CAPTION = "Mean contribution of {input} by its value"
ADDS = "Adds"
POINTS_CAPTION = "Contribution of {input} by its value, {shown} of {rows} rows"


def by_value_finding(drawn: ByValue, label: str, colour: str | None, effect: Effect, *, chosen: bool) -> str:
    """Return what is drawn, and why in these colours."""
    if not drawn.values:
        return _BINNED.of(sum(item.rows for item in drawn.bins), not_shown=NOT_SHOWN)
    missing = sum(value is None for value in drawn.values)
    low, high = (float(np.quantile(drawn.contributions, share)) for share in (0.05, 0.95))
    told = (_ADDS_MISSING if missing else _ADDS).format(
        input=label, range=effect.between(low, high), rows=f"{len(drawn.contributions):,}", missing=f"{missing:,}"
    )
    if chosen:
        return told
    return f"{told} {_NO_OTHER if colour is None else _OTHER.format(input=colour)}"


# ---- one input: partial dependence ---------------------------------------------------------------

NO_DIFFERENCE = "{input} makes no difference: {answer} throughout."
GOES = Plural(
    "Averaged over {n} row, it goes from {lowest} at {low} to {highest} at {high}.",
    "Averaged over {n} rows, it goes from {lowest} at {low} to {highest} at {high}.",
)
ROWS_DIFFER = "Rows differ: from end to end it rises for {rising} and falls for {falling} of them."
_THIN_LINES = "Thin lines: {drawn} single rows; band: the middle 80%."
_WHISKERS = "Whiskers: the middle 80%."
_BAND = "Band: the middle 80% of rows."
MEAN_HINT = "{value}: <b>{answer}</b> on average<br>middle 80%: {low} to {high}"
FOLLOWS_COLUMNS, IN_TRAINING = ("Mean", "10% are below", "10% are above"), "Seen in training"
FOLLOWS_CAPTION = "{answer} by {input}"
SHARE_ANSWERED = "Share answered {class_name}"
YES, NO = "Yes", "No"


def dependence_note(drawn: int, *, lines: bool, category: bool) -> str:
    """Return what stands around the mean: bars' whiskers, or a band with ``drawn`` thin ``lines`` or none."""
    return _WHISKERS if category else _THIN_LINES.format(drawn=drawn) if lines else _BAND
