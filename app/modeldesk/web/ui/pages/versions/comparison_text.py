"""What a comparison of two versions says: notices, findings, and the words of its charts and tables."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from modeldesk.core import formats
from modeldesk.model_service.performance.compare import Comparison, Flips, PairedFigure, better_and_worse
from modeldesk.model_service.performance.compare_rows import MAX_ROWS, Excluded
from modeldesk.model_service.performance.segments import Weakness
from modeldesk.services.performance.comparison import VersionPair
from modeldesk.web.ui.common.answers import class_inside, class_name
from modeldesk.web.ui.common.components import Children
from modeldesk.web.ui.common.metric_names import METRICS
from modeldesk.web.ui.common.metric_text import share, three
from modeldesk.web.ui.common.sentences import Plural, sentence
from modeldesk.web.ui.common.tasks import view_of

TITLE = "Compare versions"
SUMMARY = "Both answer the same rows: what is better, what is worse, and for whom."
WORKING = "Comparing the versions"
BEFORE, AFTER, ON_ROWS_OF, COMPARE = "Before", "After", "On the rows of", "Compare"
VERSION = "Version {version}"
NEWER_VERSION = "The newer version"
NO_PAIR = "“{text}” in the address names no two versions."
NO_PAIR_HINT = "Two versions are written as 1,2."
FIGURES_TITLE = "Side by side"
TOGETHER_TITLE = "Answers of both"
MOVES_TITLE = "How far answers move"
FLIPS_TITLE = "Changed decisions (McNemar)"
SEGMENTS_TITLE = "Where it got worse and better"
LOOKING_FOR_SEGMENTS = "Looking for segments"
DIFFERING_TITLE = "Answered most differently"
RANGE = "{low} to {high}"
ROWS = "Rows"

# ---- notices -------------------------------------------------------------------------------------

_REASONS = {
    "missing": "{field} not known",
    "unseen_category": "{field} a value it has not seen",
    "below_limit": "{field} below its limit",
    "above_limit": "{field} above its limit",
}
_OTHER_REASON = "{field} {code}"
_THE_ROW = "the row"
_TRAINED_ON = (
    "**Rows may have been trained on.** Version {version} was published without a hold-out, so these are rows it was "
    "trained on. Its figures may look better than they will be on new cases."
)
_EQUAL_ONE = (
    "**Rows may have been trained on.** {equal} of {rows} equal a row that version {version} was trained on: it may "
    "look better here than on new cases, and the comparison be unfair to the other."
)
_EQUAL_TWO = (
    "**Rows may have been trained on.** {equal} of {rows} equal a row that version {version} was trained on and "
    "{equal_too} of {rows} equal a row that version {version_too} was trained on: it may look better here than on new "
    "cases, and the comparison be unfair to the other."
)
_EQUAL_BOTH = (
    "**Rows may have been trained on.** {equal} of {rows} equal a row that both versions were trained on: both may "
    "look better here than on new cases."
)
_TOO_MANY = "The rows that version {version} was trained on are too many to look through."
_TOO_MANY_BOTH = "The rows that versions {first} and {second} were trained on are too many to look through."
_LEFT_OUT = Plural(
    "{n} row left out: version {version} does not take them ({reasons}).",
    "{n} rows left out: version {version} does not take them ({reasons}).",
)
_ONLY = "Only version {version} reads {inputs}."
_ONLY_MORE = "Only version {version} reads {inputs} and {more} more."
_MOST_INPUTS = 8


def doubts(pair: VersionPair) -> Children:
    """Return why the versions may look better on these rows than they are, None where they may not."""
    rows, count = pair.rows, f"{pair.rows.comparison.rows:,}"
    if rows.source == "training":
        return sentence(_TRAINED_ON, version=rows.version)
    equal = [(version, f"{number:,}") for version, number in rows.seen.items() if number]
    if not equal:
        return None
    (version, one), (other, two) = equal[0], equal[-1]
    if version == other:
        return sentence(_EQUAL_ONE, equal=one, rows=count, version=version)
    if one == two:  # both know them alike: neither is favoured
        return sentence(_EQUAL_BOTH, equal=one, rows=count)
    return sentence(_EQUAL_TWO, equal=one, equal_too=two, rows=count, version=version, version_too=other)


def remarks(pair: VersionPair) -> list[str]:
    """Return what else to know: rows that were not looked through or left out, inputs that one version reads."""
    rows, versions = pair.rows, (pair.first.version, pair.second.version)
    unknown = [version for version in versions if rows.seen[version] is None and rows.source == "holdout"]
    form = _TOO_MANY_BOTH if len(unknown) > 1 else _TOO_MANY
    told = [form.format(version=unknown[0], first=unknown[0], second=unknown[-1])] if unknown else []
    told += [_left_out(item) for item in rows.excluded]
    return told + [_only(version, names) for version, names in rows.only.items() if names]


def _left_out(item: Excluded) -> str:
    reasons = [
        _REASONS.get(code, _OTHER_REASON).format(field=field or _THE_ROW, code=code.replace("_", " "))
        for field, code in item.reasons
    ]
    return _LEFT_OUT.of(item.rows, version=item.version, reasons=", ".join(reasons))


def _only(version: int, names: Sequence[str]) -> str:
    form = _ONLY_MORE if len(names) > _MOST_INPUTS else _ONLY
    return form.format(version=version, inputs=", ".join(names[:_MOST_INPUTS]), more=len(names) - _MOST_INPUTS)


# ---- figures -------------------------------------------------------------------------------------

_SOURCES = {
    "holdout": Plural("{n} row of the hold-out of version {version}", "{n} rows of the hold-out of version {version}"),
    "training": Plural(
        "{n} row of the reference data of version {version}", "{n} rows of the reference data of version {version}"
    ),
}
_SAMPLED = "{rows}, a random sample of {total} (at most {most} are used)"
_OUTCOMES_LEFT_OUT = "{rows}; {unknown} without a known outcome left out"
_FIGURES_NOTE = (
    "On {source}. Intervals are of the difference, both versions measured on the same resampled rows; each figure is "
    "judged by itself. Answers are those given with the threshold in force."
)
_NOT_TRAINED_ON = "No row equals one that either version was trained on."
_NO_OUTCOME = "On {source}. No outcome is known, so it cannot be said which is better."
METRIC, DIFFERENCE, INTERVAL, VERDICT = "Metric", "Difference", "95% CI", "Verdict"
FIGURES_CAPTION = "Versions {first} and {second} on the same rows"
BETTER, WORSE = "Better", "Worse"
NO_DIFFERENCE = "No clear difference"
TOO_FEW_CHANGES = "Too few changes ({changes})"
_VERDICT = "{finding} Against version {version}, on {source}."
_NO_VERDICT = "No outcome is known to say which is better. Against version {version}, on {source}."
_LOGGED_VERDICT = Plural(
    "{finding} On {n} row of the live log with outcomes.", "{finding} On {n} rows of the live log with outcomes."
)
_NEITHER = "**No figure of version {version} differs beyond chance.**"
_BOTH = "**Version {version} is better in {better} and worse in {worse}, beyond chance.**"
_ONLY_BETTER = "**Version {version} is better beyond chance in {better}, worse in none.**"
_ONLY_WORSE = "**Version {version} is worse beyond chance in {worse}, better in none.**"
_AND = "{listed} and {last}"
_ALIKE = "Both answer {share} of the rows alike."
_ALIKE_INTERVAL = "Both answer {share} of the rows alike (95% CI {low} to {high})."
_RANKED = "Their scores rank rows alike to {rank} (correlation of ranks, 1 is the same order)."
_CORRELATED = "Their predictions correlate by {value}."
_CORRELATED_INTERVAL = "Their predictions correlate by {value} (95% CI {low} to {high})."


def source(pair: VersionPair) -> str:
    """Return which rows both versions answered."""
    rows = pair.rows
    told = _SOURCES["holdout" if rows.source == "holdout" else "training"].of(
        rows.comparison.rows, version=rows.version
    )
    if rows.sampled:
        told = _SAMPLED.format(rows=told, total=f"{rows.total:,}", most=f"{MAX_ROWS:,}")
    return _OUTCOMES_LEFT_OUT.format(rows=told, unknown=f"{rows.unknown:,}") if rows.unknown else told


def figures_finding(pair: VersionPair) -> Children:
    """Return the finding over all figures, and how far the versions agree."""
    comparison = pair.rows.comparison
    return [*finding(comparison.figures, pair.second.version), " ", agreement(comparison)]


def figures_note(pair: VersionPair) -> str:
    """Return which rows the figures are of, and how they are to be read."""
    if not pair.rows.comparison.figures:
        return _NO_OUTCOME.format(source=source(pair))
    note = _FIGURES_NOTE.format(source=source(pair))
    trained_on = any(count or count is None for count in pair.rows.seen.values())
    return note if trained_on or pair.rows.source != "holdout" else f"{note} {_NOT_TRAINED_ON}"


def verdicts(pair: VersionPair, logged: Comparison | None) -> list[Children]:
    """Return what is better and worse of a version that is about to be served in the place of another: on the
    rows that both are compared on, and on those of the live log whose outcome is known."""
    figures, second, first = pair.rows.comparison.figures, pair.second.version, pair.first.version
    form = _VERDICT if figures else _NO_VERDICT
    told: list[Children] = [sentence(form, finding=finding(figures, second), version=first, source=source(pair))]
    if logged is not None and logged.figures:
        form = _LOGGED_VERDICT.form(logged.rows)
        told.append(sentence(form, finding=finding(logged.figures, second), n=f"{logged.rows:,}"))
    return told


def finding(figures: Sequence[PairedFigure], second: int) -> list[Children]:
    """Return in which figures the ``second`` version is better and worse beyond chance; nothing without figures."""
    if not figures:
        return []
    sides = better_and_worse(figures)
    better, worse = (_listed([METRICS[name].inside for name in sides[side]]) for side in (1, -1))
    form = (_BOTH if worse else _ONLY_BETTER) if better else (_ONLY_WORSE if worse else _NEITHER)
    return sentence(form, version=second, better=better, worse=worse)


def _listed(names: Sequence[str]) -> str:
    return _AND.format(listed=", ".join(names[:-1]), last=names[-1]) if len(names) > 1 else "".join(names)


def agreement(comparison: Comparison) -> str:
    """Return how far both versions agree."""
    figure, rank = comparison.agreement, comparison.correlation
    known = not math.isnan(figure.low)
    if comparison.first.codes is None:
        form = _CORRELATED_INTERVAL if known else _CORRELATED
        return form.format(value=three(figure.value), low=three(figure.low), high=three(figure.high))
    low, high = (f"{end * 100:.1f}" for end in (figure.low, figure.high))
    told = (_ALIKE_INTERVAL if known else _ALIKE).format(share=share(figure.value), low=low, high=high)
    return f"{told} {_RANKED.format(rank=three(rank.value))}" if comparison.task.has_scores else told


# ---- changed decisions, segments, rows -----------------------------------------------------------

SAME_ANSWERS = "Every row gets the same answer from both."
SAID, SAYS = "Version {version} said", "Version {version} says"
NOW_RIGHT, NOW_WRONG = "Now right", "Now wrong"
_CHANGED = Plural(
    "**{n} row changed.** {better} of them became right and {worse} wrong, more than chance explains (McNemar's exact "
    "test, p {p}).",
    "**{n} rows changed.** {better} of them became right and {worse} wrong, more than chance explains (McNemar's exact "
    "test, p {p}).",
)
_CHANGED_BY_CHANCE = Plural(
    "**{n} row changed.** {better} of them became right and {worse} wrong, which may be chance (McNemar's exact test, "
    "p {p}).",
    "**{n} rows changed.** {better} of them became right and {worse} wrong, which may be chance (McNemar's exact test, "
    "p {p}).",
)
_P_SMALL = "below 0.001"
FLIPS_CAPTION = "Rows whose answer changed"
FLIPS_CUT = "The {shown} most frequent of {all} changes."
NO_ERRORS_KNOWN = "No outcome is known, so nothing can be said to be an error."
_SEGMENTS = Plural(
    "{n} segment got worse and {better} got better, beyond chance.",
    "{n} segments got worse and {better} got better, beyond chance.",
)
_SEGMENTS_WORSE = Plural(
    "{n} segment got worse and none got better, beyond chance.",
    "{n} segments got worse and none got better, beyond chance.",
)
_SEGMENTS_BETTER = "No segment got worse and {better} got better, beyond chance."
_NO_SEGMENT = "No segment got worse or better beyond what chance explains."
SEGMENTS_NOTE = (
    "Found on one half of the rows, judged on the other ({judged} rows). Intervals hold at 95% for all that got worse "
    "together, and for all that got better; the verdict is whether they leave out 0."
)
SEGMENTS_CAPTION = "Segments that got worse and better"
SEGMENT, JUDGED, CHANGE = "Segment", "Judged", "{metric} of the judged, change"
WRONG_ANSWERS = "Wrong answers"
BY_CHANCE = "May be chance"
DIFFERING_CAPTION = "Rows answered most differently, those first"
_VERSION_PROBABILITY = "Version {version}, probability of {class_name}"
ACTUAL, ACTION, OPEN_INPUTS = "Actual", "Action", "Open inputs"
RANK = "rank {share}"


def flips_finding(flips: Flips) -> Children:
    """Return how many rows changed for the better and the worse, and whether that is chance."""
    form = (_CHANGED if flips.p_value <= 0.05 else _CHANGED_BY_CHANCE).form(flips.rows)
    p = _P_SMALL if flips.p_value < 0.001 else f"{flips.p_value:.3f}"
    return sentence(form, n=f"{flips.rows:,}", better=f"{flips.better:,}", worse=f"{flips.worse:,}", p=p)


def segments_finding(worse: Weakness, better: Weakness) -> str:
    """Return how many segments got worse and better beyond chance."""
    down, up = (sum(item.significant for item in part.segments) for part in (worse, better))
    if down:
        return (_SEGMENTS if up else _SEGMENTS_WORSE).of(down, better=up)
    return _SEGMENTS_BETTER.format(better=up) if up else _NO_SEGMENT


def answer_column(pair: VersionPair, version: int) -> str:
    """Return the head of a column with a version's answers."""
    comparison = pair.rows.comparison
    if not comparison.task.has_positive or by_class(comparison):
        return VERSION.format(version=version)
    positive = class_inside(comparison.classes[comparison.positive])
    return _VERSION_PROBABILITY.format(version=version, class_name=positive)


# ---- charts --------------------------------------------------------------------------------------

TOGETHER_CAPTION = "Answers of both versions"
FROM_TO, MEAN = "Version {version} from, to", "Version {version}, mean"
MOVES_CAPTION = "Quantiles of the move"
OF_THE_ROWS, MOVE_AT_MOST = "Of the rows", "Move is at most"
TOGETHER_HINT = Plural("{first} {x}, {second} {y}: {n} row", "{first} {x}, {second} {y}: {n} rows")
CLASSES_HINT = "{first} %{{x}}, {second} %{{y}}: %{{text}} rows<extra></extra>"
MOVES_HINT = Plural("{low} to {high}: {n} row", "{low} to {high}: {n} rows")
_SAME_CLASSES = "Both put every row into the same class."
_CLASS_CHANGES = Plural(
    "**{n} row of {rows} change their class**, most often from {before} to {after} ({most}). Colour is for changes "
    "only.",
    "**{n} rows of {rows} change their class**, most often from {before} to {after} ({most}). Colour is for changes "
    "only.",
)
_CORRELATION = (
    "The {answers} of both correlate by **{value}**; on the line both say the same. Stronger colour is more rows."
)
_LESS = "Version {second} less version {first}"
_LESS_UNIT = "Version {second} less version {first}, {unit}"
_LESS_POINTS = "Version {second} less version {first}: {moved}, points"
_NO_MOVE = "No answer moves."
_MOVES_POINTS = "Half of the answers move by at most {half} points, 95% by at most {most}; on average by {mean}."
_MOVES = "Half of the predictions move by at most {half}, 95% by at most {most}; on average by {mean}."


def by_class(comparison: Comparison) -> bool:
    """Return whether answers are classes on the chart, and not probabilities or numbers."""
    return comparison.first.numbers is None and (
        comparison.task.one_of_many or comparison.first.probability is None or comparison.second.probability is None
    )


def axis_words(pair: VersionPair) -> tuple[str, str]:
    """Return the titles of the two axes of a chart of both versions' answers."""
    return VERSION.format(version=pair.first.version), VERSION.format(version=pair.second.version)


def together_finding(pair: VersionPair) -> Children:
    """Return what the chart of both answers shows."""
    comparison = pair.rows.comparison
    if not by_class(comparison):
        answers = view_of(comparison.task).compared
        return sentence(_CORRELATION, answers=answers, value=three(comparison.correlation.value))
    flips = comparison.flips
    if flips is None or not flips.rows:
        return _SAME_CLASSES
    most = flips.flips[0]
    before, after = (class_name(comparison.classes[index]) for index in (most.before, most.after))
    counts = {"n": f"{flips.rows:,}", "rows": f"{comparison.rows:,}", "most": f"{most.rows:,}"}
    return sentence(_CLASS_CHANGES.form(flips.rows), before=before, after=after, **counts)


def moves_title(pair: VersionPair) -> str:
    """Return the title of the axis of moves."""
    comparison, unit = pair.rows.comparison, pair.second.settings.unit
    positive = class_name(comparison.classes[comparison.positive]) if comparison.task.has_positive else ""
    moved = view_of(comparison.task).moved.format(positive=positive)
    form = _LESS_POINTS if moved else _LESS_UNIT if unit else _LESS
    return form.format(first=pair.first.version, second=pair.second.version, moved=moved, unit=unit)


def moves_finding(pair: VersionPair) -> Children:
    """Return how far the usual answer moves, and where to on the whole."""
    comparison, unit = pair.rows.comparison, pair.second.settings.unit
    moves = comparison.moves
    if not moves.any():
        return _NO_MOVE
    sizes = np.abs(moves)
    half, most, mean = float(np.median(sizes)), float(np.quantile(sizes, 0.95)), float(moves.mean())
    if not comparison.task.numeric:
        return _MOVES_POINTS.format(half=f"{half * 100:.1f}", most=f"{most * 100:.1f}", mean=formats.points(mean))
    measures = {"half": formats.measure(half, unit), "most": formats.measure(most, unit)}
    return _MOVES.format(**measures, mean=formats.signed(mean, unit))
