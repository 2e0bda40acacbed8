"""What the Performance page says around its charts: whole sentences with named placeholders, and the choice among
them. ``findings_text`` holds what its charts and tables say."""

from __future__ import annotations

import math
from collections.abc import Sequence

from modeldesk.core import formats
from modeldesk.model_service.performance.binary import Decision
from modeldesk.model_service.performance.rows import MAX_ROWS
from modeldesk.model_service.performance.thresholds import Suggestion
from modeldesk.model_service.settings.decision_threshold import ThresholdStanding
from modeldesk.ports.decisions import ThresholdChange
from modeldesk.services.performance.measured_rows import Offered
from modeldesk.services.performance.report import Performance
from modeldesk.web.ui.common.answers import class_inside, class_name
from modeldesk.web.ui.common.components import Children, when
from modeldesk.web.ui.common.sentences import Plural, sentence

# ---- what is measured ----------------------------------------------------------------------------

TITLE = "Performance"
WORKING = "Working out the figures"
VERSION = "Version"
MEASURED_ON = "Measured on"
OWN_ROWS = "The version's own rows"
CLASS = "Class"
NO_VERSION = "“{text}” is no version."
NO_VERSION_HINT = "A version is a whole number, such as 2, or an alias."
COPY_LINK, COPY_LINK_TO = "Copy link", "Copy the link to these figures"
MOST_KNOWN = 0.9
"""Where outcomes of a smaller part are known, it is told what that means."""
LEAST_SURE = 30
"""Rows below which intervals are told to be rough."""
SOURCES = {
    "holdout": "Hold-out",
    "training": "Reference data",
    "log": "Live log, outcome known",
    "batch": "Batch, outcome known",
}
_MEASURED = {
    "holdout": Plural("Hold-out, {n} row", "Hold-out, {n} rows"),
    "training": Plural("Reference data, {n} row", "Reference data, {n} rows"),
    "log": Plural("Live log, outcome known, {n} row", "Live log, outcome known, {n} rows"),
    "batch": Plural("Batch, outcome known, {n} row", "Batch, outcome known, {n} rows"),
}
_SOURCE = "**{rows}**, version {version}, published {day}."
_SOURCE_LIMITED = "**{rows} of {all}**, version {version}, published {day}."
_SAMPLED = "A random sample: there are {total} rows, and at most {most} are used."
_EXCLUDED = Plural(
    "{n} row that this version does not take left out.", "{n} rows that this version does not take left out."
)
_UNKNOWN = Plural("{n} row without a known outcome left out.", "{n} rows without a known outcome left out.")
_VERSION_OPTION, _VERSION_SERVED = "Version {version}", "Version {version}, served"
_LOG_OPTION = "Live log with outcomes"
_BATCH_OPTION = "Batch {file}, {day}"
_TRAINED_ON = (
    "**The model may have been trained on these rows.** No hold-out was given with this version, so every figure here "
    "may look better than it will be on new cases. Publish with a hold-out file to know."
)
_PARTLY_KNOWN = (
    "**Outcomes are known for {share} of these predictions.** Figures tell about those alone, and the others may be "
    "different cases."
)
_FEW_ROWS = Plural("These are only {n} row: figures are rough.", "These are only {n} rows: figures are rough.")
NOTHING_YET = "**{detail}** {hint}"
NO_OUTCOMES = "These rows hold no known outcome, so there is nothing to measure."
ONLY = "Only"


def source(shown: Performance) -> Children:
    """Return which rows the figures are of: source, version, count, and when they were published."""
    rows, manifest = shown.report.rows, shown.model.manifest
    told = sentence(
        _SOURCE_LIMITED if shown.limited else _SOURCE,
        rows=_MEASURED[rows.source].of(len(rows)),
        all=f"{shown.rows_in_all:,}",
        version=shown.model.version,
        day=when(manifest.created_at, style="day"),
    )
    notes = [
        _SAMPLED.format(total=f"{rows.total:,}", most=f"{MAX_ROWS:,}") if rows.sampled else "",
        _EXCLUDED.of(rows.excluded) if rows.excluded else "",
        _UNKNOWN.of(rows.unknown) if rows.unknown else "",
    ]
    return [*told, *(f" {note}" for note in notes if note)]


def version_option(number: int, served: int | None) -> str:
    """Return the name of a version in the page's field."""
    return (_VERSION_SERVED if number == served else _VERSION_OPTION).format(version=number)


def source_option(item: Offered) -> str:
    """Return the name of rows in the page's field: the log's, or a batch's."""
    if item.batch is None:
        return _LOG_OPTION
    return _BATCH_OPTION.format(file=item.batch.file_name, day=formats.day(item.batch.created_at))


def doubt(shown: Performance) -> Children:
    """Return that the model may have been trained on these rows, None where it was not."""
    return sentence(_TRAINED_ON) if shown.report.rows.source == "training" else None


def remark(shown: Performance) -> Children:
    """Return what else to know before any figure is believed, None where there is nothing."""
    rows = shown.report.rows
    answered = rows.total + rows.unknown
    if shown.asked is not None and rows.total < MOST_KNOWN * answered:
        return sentence(_PARTLY_KNOWN, share=formats.percent(rows.total / answered))
    return _FEW_ROWS.of(len(rows)) if 0 < len(rows) < LEAST_SURE else None


# ---- the threshold -------------------------------------------------------------------------------

THRESHOLD = "Threshold"
THRESHOLD_PERCENT = "Threshold in percent"
FIND_AT_LEAST = "Find at least"
RIGHT_AT_LEAST = "Alarms right at least"
_FROM_PROBABILITY = "predict “{class_name}” from this probability on"
_AGAINST_THE_REST = "for the chosen class against the rest; decides nothing"
MISSED_COSTS = "A missed {class_name} costs"
ALARM_COSTS = "A false alarm costs"
SUGGESTION = "{name} **{threshold}**"
_SUGGESTIONS = {
    "in_use": "In use",
    "lowest_cost": "Lowest cost",
    "best_f1": "Best F1",
    "recall": "Finds {share}",
    "precision": "{share} right",
}
NOT_A_NUMBER = "“{text}” cannot be read as a number. Write 2.5 with a point, thousands as 25,000."
NOT_A_SHARE = "A share is above 0 and at most 100%."
NOT_A_COST = "A cost is from 0 to a million millions."
_UNTIL_THEN = {
    ("cost", False): "{fault} Until then no cost is told.",
    ("cost", True): "{fault} Until then figures use {value}.",
    ("share", False): "{fault} Until then none is looked for.",
    ("share", True): "{fault} Until then {value} is looked for.",
}
IN_BROWSER = {
    "served": _VERSION_SERVED,
    "unreadable": "“{text}” cannot be read as a number. Write a share from 0 to 100, decimals with a point. Figures "
    "stay at the slider's.",
    "outside": "Write a share from 0 to 100, decimals with a point. Figures stay at the slider's.",
    "save": {"title": "Save {percent}% as the model's threshold", "confirm": "Save threshold"},
    "back": {"title": "Return to what model.toml says", "confirm": "Return"},
    "working": "Working out what changes",
}
"""What ``assets/pages/performance/performance.js`` says."""

SAVE = "Save as the model's threshold"
SAVE_THRESHOLD = "Save threshold"
RETURN_TO_FILE = "Return to model.toml's"
REASON_HINT = "Kept with the threshold, for those who look at this model's history later."
OTHER_SERVED = (
    "Version {served} is served; these figures are of version {shown}, and the threshold in use is saved on those of "
    "the served one."
)
_NO_THRESHOLD = "No threshold is set: answers name the model's own choice."
_OF_FILE = "In use: **{threshold}**, from model.toml."
_SAVED = {
    (False, False): "In use: **{threshold}**, set by {person} ({day}) over model.toml, which sets none. “{reason}”",
    (True, False): "In use: **{threshold}**, set by {person} ({day}) over model.toml's {own}. “{reason}”",
    (False, True): "In use: **{threshold}**, set by {person} ({day}) over model.toml, which sets none. “{reason}” "
    "Chosen on version {version}.",
    (True, True): "In use: **{threshold}**, set by {person} ({day}) over model.toml's {own}. “{reason}” Chosen on "
    "version {version}.",
}
"""By whether model.toml sets a threshold, and whether this one was chosen on another version."""
_UNUSED_OF_NONE = (
    "**{threshold}**, set by {person} ({day}) over model.toml, which sets none, is not in force; the model's own "
    "choice decides. {fault}"
)
_UNUSED = (
    "**{threshold}**, set by {person} ({day}) over model.toml's {own}, is not in force; model.toml's {own} decides. "
    "{fault}"
)
_TO_OWN_CHOICE, _TO_FILE = "Return to the model's own choice", "Return to model.toml's {own}"
FROM_NOW_ON = (
    "From the next one on, answers by form, API and file are decided by it. Answers that were given stay, and batches "
    "that were begun keep theirs."
)
FIGURE = "Figure"
_NOW, _NOW_OWN = "Now, {threshold}", "Now, the model's own choice"
_THEN, _THEN_OWN = "Then, {threshold}", "Then, the model's own choice"
CLASS_FOUND = "{class_name} found"
MISSED, FALSE_ALARMS = "Missed", "False alarms"
RAISING_ALARM = "Rows that raise an alarm"
COST_PER_1000 = "Cost per 1,000 rows"
CHANGES_CAPTION = "What changes on known rows"
NO_CHANGES_KNOWN = "These rows hold no known outcome to tell what changes."
_DECIDES_AGAIN = "What model.toml says decides again, in every worker within a second or two."
_PREDICTS_FROM = "The model predicts “{class_name}” from {threshold} on, in every worker within a second or two."


def slider(positive: str | None) -> str:
    """Return what the slider decides: for which class, or without one nothing."""
    return _AGAINST_THE_REST if positive is None else _FROM_PROBABILITY.format(class_name=class_name(positive))


def suggestion(item: Suggestion) -> str:
    """Return the name of a threshold worth looking at."""
    wanted = "" if item.wanted is None else formats.percent(item.wanted)
    return _SUGGESTIONS[item.aim].format(share=wanted)


def until_then(fault: str, value: float | None, *, cost: bool) -> str:
    """Return what is wrong with a number, and with which figures go on."""
    form = _UNTIL_THEN["cost" if cost else "share", value is not None]
    text = "" if value is None else formats.number(value) if cost else formats.percent(value)
    return form.format(fault=fault, value=text)


def in_use(standing: ThresholdStanding, shown: int) -> Children:
    """Return which threshold decides, who set it and over what."""
    saved, own = standing.saved, standing.own
    if saved is None or saved.threshold is None:
        return _NO_THRESHOLD if own is None else sentence(_OF_FILE, threshold=formats.percent(own))
    form = _SAVED[own is not None, saved.version != shown]
    if standing.unused:
        form = _UNUSED_OF_NONE if own is None else _UNUSED
    return sentence(
        form,
        threshold=formats.percent(saved.threshold),
        person=saved.who,
        day=when(saved.at, style="day"),
        own="" if own is None else formats.percent(own),
        reason=saved.why,
        version=saved.version,
        fault=standing.unused or "",
    )


def take_back(own: float | None) -> str:
    """Return what the button says that takes a threshold back."""
    return _TO_OWN_CHOICE if own is None else _TO_FILE.format(own=formats.percent(own))


def now_and_then(before: Decision, after: Decision) -> tuple[str, str]:
    """Return the heads of the columns of the threshold in use and of another."""
    heads = ((before, _NOW, _NOW_OWN), (after, _THEN, _THEN_OWN))
    now, then = (
        own if math.isnan(item.threshold) else form.format(threshold=formats.percent(item.threshold))
        for item, form, own in heads
    )
    return now, then


def saved(change: ThresholdChange) -> str:
    """Return that a decision is in force."""
    if change.threshold is None:
        return _DECIDES_AGAIN
    name, threshold = class_inside(change.positive), formats.percent(change.threshold)
    return _PREDICTS_FROM.format(class_name=name, threshold=threshold)


# ---- the cohort and its rows ---------------------------------------------------------------------

COHORT_FILTERS = "Cohort filters"
COHORT = "Cohort"
ADD_FILTER = "Add a filter to the cohort"
CLEAR = "Clear all"
COHORT_TITLE = "This cohort beside everyone"
NO_KNOWN_OUTCOME = "No row of these has a known outcome to measure by."
_NONE_APART = "No metric lies apart from everyone's beyond chance."
_ONE_APART = "{metric} lies apart from everyone's beyond chance."
_SEVERAL_APART = "{metrics} and {last} lie apart from everyone's beyond chance."
METRIC = "Metric"
THIS_COHORT = "This cohort, {rows} rows"
EVERYONE = "Everyone, {rows} rows"
APART = "Apart"
_COHORT_NOTE = "With 95% intervals. A metric is apart where the cohort's interval leaves out everyone's value."
_COHORT_NOTE_AT = (
    "With 95% intervals, at {threshold}. A metric is apart where the cohort's interval leaves out everyone's value."
)
ROWS_TITLE = "Rows behind these figures"
PREDICTION, ROW = "Prediction", "Row"
ROW_NUMBER = "Row {number}"
ANSWER_COLUMNS = ("Answer", "Score")
NUMBER_COLUMNS = ("Predicted", "Actual", "Error")
CLASS_COLUMNS = ("Predicted", "Actual", "Answer is")
RIGHT, WRONG = "Right", "Wrong"
_WORST_RECORDED = "The {shown} worst of {all} rows. Each leads to its prediction."
_WORST = "The {shown} worst of {all} rows. Each opens in the form, to be predicted."
_ALL_RECORDED = Plural(
    "{n} row, the worst first. Each leads to its prediction.",
    "{n} rows, the worst first. Each leads to its prediction.",
)
_ALL = Plural(
    "{n} row, the worst first. Each opens in the form, to be predicted.",
    "{n} rows, the worst first. Each opens in the form, to be predicted.",
)


def apart(metrics: Sequence[str]) -> str:
    """Return which metrics of the cohort lie apart from everyone's."""
    if len(metrics) < 2:
        return _ONE_APART.format(metric=metrics[0]) if metrics else _NONE_APART
    return _SEVERAL_APART.format(metrics=", ".join(metrics[:-1]), last=metrics[-1])


def cohort_note(threshold: float | None) -> str:
    """Return how the cohort's metrics are to be read."""
    return _COHORT_NOTE if threshold is None else _COHORT_NOTE_AT.format(threshold=formats.percent(threshold))


def rows_note(shown: int, rows: int, *, cut: bool, recorded: bool) -> str:
    """Return how many rows are listed, and where each leads."""
    if cut:
        return (_WORST_RECORDED if recorded else _WORST).format(shown=f"{shown:,}", all=f"{rows:,}")
    return (_ALL_RECORDED if recorded else _ALL).of(shown)


# ---- cards ---------------------------------------------------------------------------------------

MATRIX_TITLE = "Confusion matrix"
METRICS_TITLE = "All metrics"
CLASSES_TITLE = "Class by class"
CASES_TITLE = "Most unusual"
CHARTS = {
    "cost": "Cost by threshold",
    "roc": "ROC curve",
    "calibration": "Calibration",
    "scores": "Score distribution by outcome",
    "recall-precision": "Precision and recall",
    "gain": "Gain and lift",
    "confusion": MATRIX_TITLE,
    "predicted": "Predicted and actual",
    "residuals": "Errors",
    "quantiles": "How large errors are",
    "coverage": "Do intervals cover?",
    "unusual": "Scores",
}
ERRORS_BY = "Errors by"
FAILS_TITLE = "Worst segments"
LOOKING_FOR_SEGMENTS = "Looking for segments"
FAIL_KIND = "What counts as failing"
FAIL_KINDS = {"wrong": "Wrong answers", "missed": MISSED, "alarm": FALSE_ALARMS}
GROUPS_TITLE = "Fairness by group"
GROUPS_BY = "Groups by"
FAVOURABLE, FAVOURABLE_UNSAID = "Favourable outcome", "Favourable outcome?"
IS_FAVOURABLE = "{class_name} is favourable"
EXPORT = "Export tables"
EXPORT_TABLE = "{table} ({kind})"
EXPORTS = {
    "metrics": METRICS_TITLE,
    "confusion": MATRIX_TITLE,
    "classes": CLASSES_TITLE,
    "calibration": "Calibration",
    "thresholds": "Every threshold",
    "segments": "Segments where it fails",
    "groups": "Groups",
    "class_groups": "Groups, every class",
    "rows": "Rows, the worst first",
}
