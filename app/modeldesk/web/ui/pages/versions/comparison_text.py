"""What a comparison of two versions says: notices, figures, and what its charts show."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from dash import html

from modeldesk.core import formats
from modeldesk.model_service.performance.compare import Comparison, PairedFigure, better_and_worse
from modeldesk.model_service.performance.compare_rows import MAX_ROWS
from modeldesk.services.performance.comparison import VersionPair
from modeldesk.web.ui.common.answers import class_name
from modeldesk.web.ui.common.components import Children, Column, alert, badge, table
from modeldesk.web.ui.common.metric_names import METRICS, TOO_FEW, MetricName
from modeldesk.web.ui.common.metric_text import share, three
from modeldesk.web.ui.common.tasks import view_of
from modeldesk.web.ui.pages.versions.figures import Scale

_CODES = {
    "missing": "not known",
    "unseen_category": "a value it has not seen",
    "below_limit": "below its limit",
    "above_limit": "above its limit",
}
_QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)


def notices(pair: VersionPair) -> list[Any]:
    """What to know before any figure is believed: rows that were trained on, or left out, and inputs
    that only one version reads."""
    rows, versions = pair.rows, (pair.first.version, pair.second.version)
    found: list[Any] = []
    seen = {version: count for version, count in rows.seen.items() if count}
    count = rows.comparison.rows
    if rows.source == "training":
        text = (
            f"Version {rows.version} was published without a hold-out, so these are rows it was trained on. "
            "Its figures may look better than they will be on new cases."
        )
        found.append(alert("warn", html.P([html.Strong("Rows may have been trained on. "), text]), live=False))
    elif seen:
        told = " and ".join(
            f"{number:,} of {count:,} equal a row that version {v} was trained on" for v, number in seen.items()
        )
        if len(seen) == 2 and len(set(seen.values())) == 1:
            # Both know them alike: neither is favoured.
            text = f"{seen[versions[0]]:,} of {count:,} equal a row that both versions were trained on: "
            text += "both may look better here than on new cases."
        else:
            text = f"{told}: it may look better here than on new cases, and the comparison be unfair to the other."
        strong = html.Strong("Rows may have been trained on. ")
        found.append(alert("warn", html.P([strong, text[:1].upper() + text[1:]]), live=False))
    unknown = [version for version in versions if rows.seen[version] is None and rows.source == "holdout"]
    if unknown:
        which = " and ".join(map(str, unknown))
        found.append(
            alert(
                "info",
                html.P(f"The rows that version {which} was trained on are too many to look through."),
                live=False,
            )
        )
    for item in rows.excluded:
        why = ", ".join(
            f"{field or 'the row'} {_CODES.get(code, code.replace('_', ' '))}" for field, code in item.reasons
        )
        text = f"{formats.count(item.rows, 'row')} left out: version {item.version} does not take them ({why})."
        found.append(alert("info", html.P(text), live=False))
    for version, names in rows.only.items():
        if names:
            listed = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
            found.append(alert("info", html.P(f"Only version {version} reads {listed}."), live=False))
    return found


def source_words(pair: VersionPair) -> str:
    """Which rows these are."""
    rows = pair.rows
    source = "hold-out" if rows.source == "holdout" else "the reference data"
    text = f"{formats.count(rows.comparison.rows, 'row')} of the {source} of version {rows.version}"
    if rows.sampled:
        text += f", a random sample of {rows.total:,} (at most {MAX_ROWS:,} are used)"
    return f"{text}; {rows.unknown:,} without a known outcome left out" if rows.unknown else text


def figures_view(pair: VersionPair) -> Children:
    """The finding in a sentence, every figure of both with the interval of the difference, and how far
    they agree."""
    comparison, unit = pair.rows.comparison, pair.second.settings.unit
    lead = html.P(
        [_finding(comparison.figures, pair.second.version), " ", _agreement(comparison)], className="md-card-summary"
    )
    note = (
        f"On {source_words(pair)}. Intervals are of the difference, both versions measured on the same resampled rows; "
        "each figure is judged by itself. Answers are those given with the threshold in force."
    )
    if pair.rows.source == "holdout" and not any(count or count is None for count in pair.rows.seen.values()):
        note += " No row equals one that either version was trained on."
    if not comparison.figures:
        text = f"On {source_words(pair)}. No outcome is known, so it cannot be said which is better."
        return [lead, html.P(text, className="md-note")]
    columns = [
        Column("Metric"),
        Column(f"Version {pair.first.version}", number=True),
        Column(f"Version {pair.second.version}", number=True),
        Column("Difference", number=True),
        Column("95% CI", number=True),
        Column("Verdict"),
    ]
    rows = [_figure_row(figure, unit) for figure in comparison.figures]
    caption = f"Versions {pair.first.version} and {pair.second.version} on the same rows"
    return [lead, table(columns, rows, caption=caption, rows_head=True), html.P(note, className="md-note")]


def verdict_words(pair: VersionPair, logged: Comparison | None) -> list[Any]:
    """What is better and worse of a version that is about to be served in the place of another: on the rows
    that both are compared on, and on those of the live log whose outcome is known."""
    second = pair.second.version
    lead = _finding(pair.rows.comparison.figures, second) or "No outcome is known to say which is better."
    told = [html.P([lead, f" Against version {pair.first.version}, on {source_words(pair)}."])]
    if logged is not None and logged.figures:
        rows = formats.count(logged.rows, "row")
        told.append(html.P([_finding(logged.figures, second), f" On {rows} of the live log with outcomes."]))
    return told


def _finding(figures: Sequence[PairedFigure], second: int) -> Children:
    if not figures:
        return ""
    sides = better_and_worse(figures)
    listed = {side: _listed([METRICS[name].inside for name in names]) for side, names in sides.items()}
    if not sides[1] and not sides[-1]:
        return html.Strong(f"No figure of version {second} differs beyond chance.")
    if sides[1] and sides[-1]:
        return html.Strong(f"Version {second} is better in {listed[1]} and worse in {listed[-1]}, beyond chance.")
    if sides[1]:
        return html.Strong(f"Version {second} is better beyond chance in {listed[1]}, worse in none.")
    return html.Strong(f"Version {second} is worse beyond chance in {listed[-1]}, better in none.")


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def _agreement(comparison: Comparison) -> str:
    figure = comparison.agreement
    ends = "" if math.isnan(figure.low) else " (95% CI {} to {})"
    if comparison.first.codes is not None:
        told = ends.format(f"{figure.low * 100:.1f}", f"{figure.high * 100:.1f}")
        text = f"Both answer {share(figure.value)} of the rows alike{told}."
        if not comparison.task.has_scores:
            return text
        figure = comparison.correlation
        return (
            f"{text} Their scores rank rows alike to {three(figure.value)} (correlation of ranks, 1 is the same order)."
        )
    return f"Their predictions correlate by {three(figure.value)}{ends.format(three(figure.low), three(figure.high))}."


def _figure_row(figure: PairedFigure, unit: str) -> list[Children]:
    name = METRICS[figure.name]
    both = [name.text(value, unit) for value in (figure.first, figure.second)]
    gap, low, high = (_difference(name, value, unit) for value in (
        figure.difference.value, figure.difference.low, figure.difference.high,
    ))  # fmt: skip
    told = TOO_FEW if figure.few or math.isnan(figure.difference.low) else f"{low} to {high}"
    return [name.label, *both, gap, told, _verdict(figure)]


def _difference(name: MetricName, value: float, unit: str) -> str:
    if math.isnan(value):
        return formats.NOT_KNOWN
    if name.scale == "share":
        return formats.points(value)
    return formats.signed(value, unit) if name.scale == "unit" else _signed(value)


def _signed(value: float) -> str:
    text = f"{value:+.3f}"
    return text.replace("-", formats.MINUS) if float(text) else "0.000"


def _verdict(figure: PairedFigure) -> Children:
    side = figure.verdict
    if figure.few and figure.changed:
        return html.Span(f"Too few changes ({figure.changed})", className="md-quiet")
    if side == 0:
        return html.Span("No clear difference", className="md-quiet")
    return badge("Better", "good") if side > 0 else badge("Worse", "bad")


# ---- charts --------------------------------------------------------------------------------------


def scale_of(comparison: Comparison) -> Scale:
    """On which scale answers are drawn."""
    return "number" if comparison.task.numeric else "share"


def by_class(comparison: Comparison) -> bool:
    """Whether answers are classes on the chart, and not chances or numbers."""
    return comparison.first.numbers is None and (
        comparison.task.one_of_many or comparison.first.probability is None or comparison.second.probability is None
    )


def axis_words(pair: VersionPair) -> tuple[str, str]:
    """What stands beside the two axes of a chart of both versions' answers."""
    return f"Version {pair.first.version}", f"Version {pair.second.version}"


def together_finding(pair: VersionPair) -> Children:
    """What the chart of both answers shows."""
    comparison = pair.rows.comparison
    if by_class(comparison):
        flips = comparison.flips
        changed = flips.rows if flips else 0
        if not changed or flips is None:
            return "Both put every row into the same class."
        most = flips.flips[0]
        names = [class_name(comparison.classes[place]) for place in (most.before, most.after)]
        return [
            html.Strong(f"{formats.count(changed, 'row')} of {comparison.rows:,} change their class"),
            f", most often from {names[0]} to {names[1]} ({most.rows:,}). Colour is for changes only.",
        ]
    what = view_of(comparison.task).compared
    figure = comparison.correlation
    return [
        f"The {what} of both correlate by ",
        html.Strong(three(figure.value)),
        "; on the line both say the same. Stronger colour is more rows.",
    ]


def moves_title(pair: VersionPair) -> str:
    """What the axis of moves is of."""
    comparison, unit = pair.rows.comparison, pair.second.settings.unit
    after = f"Version {pair.second.version} less version {pair.first.version}"
    moved = view_of(comparison.task).moved
    if not moved:
        return f"{after}{f', {unit}' if unit else ''}"
    positive = class_name(comparison.classes[comparison.positive]) if comparison.task.has_positive else ""
    return f"{after}: {moved.format(positive=positive)}, points"


def moves_finding(pair: VersionPair) -> Children:
    """How far the usual answer moves, and where to on the whole."""
    comparison, unit = pair.rows.comparison, pair.second.settings.unit
    moves = comparison.moves
    if not moves.any():
        return "No answer moves."
    sizes = np.abs(moves)
    half, most, mean = float(np.median(sizes)), float(np.quantile(sizes, 0.95)), float(moves.mean())
    if scale_of(comparison) == "share":
        return (
            f"Half of the answers move by at most {half * 100:.1f} points, 95% by at most {most * 100:.1f}; "
            f"on average by {formats.points(mean)}."
        )
    ends = f"{formats.measure(half, unit)}, 95% by at most {formats.measure(most, unit)}"
    return f"Half of the predictions move by at most {ends}; on average by {formats.signed(mean, unit)}."


def together_table(pair: VersionPair) -> Children:
    """The numbers of the chart of both answers."""
    comparison, (one, other) = pair.rows.comparison, axis_words(pair)
    caption = "Answers of both versions"
    if by_class(comparison):
        flips = comparison.flips
        found = flips.flips if flips else ()
        rows = [
            [class_name(comparison.classes[f.before]), class_name(comparison.classes[f.after]), f"{f.rows:,}"]
            for f in found
        ]
        return table([Column(one), Column(other), Column("Rows", number=True)], rows, caption=caption)
    first, second = comparison.scales
    order = np.array_split(np.argsort(first, kind="stable"), 10)
    told = _told(pair)
    rows = [
        [f"{told(float(first[part[0]]))} to {told(float(first[part[-1]]))}", f"{len(part):,}",
         told(float(first[part].mean())), told(float(second[part].mean()))]
        for part in order if len(part)
    ]  # fmt: skip
    columns = [Column(f"{one} from, to", number=True), Column("Rows", number=True),
               Column(f"{one}, mean", number=True), Column(f"{other}, mean", number=True)]  # fmt: skip
    return table(columns, rows, caption=caption)


def moves_table(pair: VersionPair) -> Children:
    """The numbers of the chart of moves."""
    moves, told = pair.rows.comparison.moves, _told(pair, signed=True)
    rows = [[formats.percent(part), told(float(np.quantile(moves, part)))] for part in _QUANTILES]
    columns = [Column("Of the rows", number=True), Column("Move is at most", number=True)]
    return table(columns, rows, caption="Quantiles of the move")


def _told(pair: VersionPair, *, signed: bool = False) -> Any:
    unit = pair.second.settings.unit
    if scale_of(pair.rows.comparison) == "share":
        return formats.points if signed else formats.percent
    return (lambda value: formats.signed(value, unit)) if signed else (lambda value: formats.measure(value, unit))
