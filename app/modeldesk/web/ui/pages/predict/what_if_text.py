"""What the charts around one record say: where its answer stands, and what it would be along one input or two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from modeldesk.core import formats
from modeldesk.model_service.whatif.response import Curve, Standing, Surface
from modeldesk.web.ui.common.charts.axes import AnswerAxis, Quantity
from modeldesk.web.ui.common.text import all_of, one_of

# Where an answer stands
BAR = "{low} to {high}: {rows}"
THIS_ONE = "This one {answer}"
_SAME_ANSWER = "{share} got this answer"
_MORE_UNUSUAL = "More unusual than {share}"
_HIGHER = "Higher than {share}"

# Along one input
SEEN = "Yes"
NOT_SEEN = "No"
NOW = "Now {value} → {answer}"
NOW_REFUSED = "Now {value} is refused by a rule"
_ALL_REFUSED = "Rules refuse an answer for every value of {input}, all else as entered."
_NO_DIFFERENCE = "All else as entered, changing it makes no difference: {answer} throughout."
_GOES = "All else as entered, it goes from {low} at {low_at} to {high} at {high_at}."
_MAKES_IT = "All else as entered, {input} makes it {classes}."
_STAYS_UNDER = "All else as entered, no value seen in training changes the class: it stays under {limit}."
_STAYS_OVER = "All else as entered, no value seen in training changes the class: it stays at or above {limit}."
_UNDER_WITH = "All else as entered, it is under {limit} only with {values}."
_UNDER_BELOW = "All else as entered, it is under {limit} only below {value}."
_UNDER_ABOVE = "All else as entered, it is under {limit} only above {value}."
_CROSSES = "All else as entered, it crosses {limit} {times} times and is under it over {share} of the range."
_REFUSED_WITH = "Rules refuse an answer with {values}."
_REFUSED_OF = "Rules refuse an answer for {refused} of the {tried} values tried."
_REFUSED_UP_TO = "Rules refuse an answer up to {last}."
_REFUSED_FROM = "Rules refuse an answer from {first}."
_REFUSED_BETWEEN = "Rules refuse an answer from {first} to {last}."
_UNSEEN_BELOW = "Below {low} the model has seen nothing like it."
_UNSEEN_ABOVE = "Above {high} the model has seen nothing like it."
_UNSEEN_OUTSIDE = "Below {low} and above {high} the model has seen nothing like it."

# Over two inputs
_REFUSED_EVERYWHERE = "Rules refuse an answer everywhere, all else as entered."
_REFUSED_SHARE = "Rules refuse an answer in {share} of it."
_NEITHER = "All else as entered, neither makes a difference: {answer} throughout."
_TOGETHER_MAKE_IT = "All else as entered, the two together make it {classes}."
_TOGETHER_GO = (
    "All else as entered, the two together take it from {low} at {low_x} with {low_y} "
    "to {high} at {high_x} with {high_y}."
)
_ALL_UNDER = "All of it is under {limit}."
_ALL_OVER = "All of it is at or over {limit}."
_SHARE_UNDER = "{share} of it is under {limit}."


def standing_words(standing: Standing) -> str:
    """The standing in two or three words: Higher than 95%."""
    if standing.scale == "class":
        share = standing.counts[round(standing.value)] / max(1, standing.rows)
        return _SAME_ANSWER.format(share=formats.percent(share, 0))
    if standing.scale == "score":
        return _MORE_UNUSUAL.format(share=formats.percent(1 - standing.below, 0))
    return _HIGHER.format(share=formats.percent(standing.below, 0))


def response_finding(curve: Curve, x: Quantity, answer: AnswerAxis, threshold: float | None = None) -> str:
    """The curve in one line of words."""
    told = zip(curve.values, curve.answers, curve.seen, strict=True)
    every = [(value, given, seen) for value, given, seen in told if given is not None]
    if not every:
        return _ALL_REFUSED.format(input=x.label)
    known = [(value, given) for value, given, seen in every if seen] or [(value, given) for value, given, _ in every]
    answers = [a for _, a in known]
    if threshold is not None and answer.scale == "probability":
        found = _against_threshold(known, x, threshold)
    elif max(answers) - min(answers) <= 1e-9 * max(1.0, abs(max(answers))):
        found = _NO_DIFFERENCE.format(answer=answer.text(answers[0]))
    elif answer.scale == "class":
        met = [answer.text(given) for given in dict.fromkeys(answers)]
        found = _MAKES_IT.format(input=x.label, classes=one_of(met))
    else:
        low, high = min(known, key=lambda item: item[1]), max(known, key=lambda item: item[1])
        found = _GOES.format(
            low=answer.text(low[1]), low_at=x.text(low[0]), high=answer.text(high[1]), high_at=x.text(high[0])
        )
    return " ".join(part for part in (found, _refused(curve, x), _unseen(curve, x)) if part)


def surface_finding(
    surface: Surface, x: Quantity, y: Quantity, answer: AnswerAxis, threshold: float | None = None
) -> str:
    """The heat map in one line of words."""
    answers = surface.answers[np.isfinite(surface.answers)]
    gone = surface.answers.size - answers.size
    if not answers.size:
        return _REFUSED_EVERYWHERE
    found = _over_two(surface, answers, x, y, answer, threshold)
    return f"{found} {_REFUSED_SHARE.format(share=formats.percent(gone / surface.answers.size, 0))}" if gone else found


def _against_threshold(known: Sequence[tuple[Any, float]], x: Quantity, threshold: float) -> str:
    under = [a < threshold for _, a in known]
    limit = formats.percent(threshold)
    if all(under) or not any(under):
        return (_STAYS_UNDER if under[0] else _STAYS_OVER).format(limit=limit)
    if x.kind == "category":
        names = [x.text(value) for (value, _), low in zip(known, under, strict=True) if low]
        return _UNDER_WITH.format(limit=limit, values=all_of(names))
    flips = [place for place in range(1, len(under)) if under[place] != under[place - 1]]
    if len(flips) == 1:
        at = known[flips[0]] if under[0] else known[flips[0] - 1]
        return (_UNDER_BELOW if under[0] else _UNDER_ABOVE).format(limit=limit, value=x.text(at[0]))
    return _CROSSES.format(limit=limit, times=len(flips), share=f"{sum(under) / len(under):.0%}")


def _refused(curve: Curve, x: Quantity) -> str:
    """Where the curve has gaps, because a rule refuses an answer."""
    gone = [value for value, given in zip(curve.values, curve.answers, strict=True) if given is None]
    if not gone:
        return ""
    if x.kind == "category":
        return _REFUSED_WITH.format(values=all_of([x.text(value) for value in gone]))
    first, last = curve.values.index(gone[0]), curve.values.index(gone[-1])
    if last - first + 1 > len(gone):
        return _REFUSED_OF.format(refused=len(gone), tried=len(curve.values))
    if first == 0:
        return _REFUSED_UP_TO.format(last=x.text(gone[-1]))
    template = _REFUSED_FROM if last == len(curve.values) - 1 else _REFUSED_BETWEEN
    return template.format(first=x.text(gone[0]), last=x.text(gone[-1]))


def _unseen(curve: Curve, x: Quantity) -> str:
    seen = [value for value, known in zip(curve.values, curve.seen, strict=True) if known]
    if x.kind == "category" or all(curve.seen) or not seen:
        return ""
    low_end, high_end = not curve.seen[0], not curve.seen[-1]
    if not (low_end or high_end):
        return ""
    template = _UNSEEN_OUTSIDE if low_end and high_end else _UNSEEN_BELOW if low_end else _UNSEEN_ABOVE
    return template.format(low=x.text(seen[0]), high=x.text(seen[-1]))


def _over_two(
    surface: Surface, answers: np.ndarray, x: Quantity, y: Quantity, answer: AnswerAxis, threshold: float | None
) -> str:
    """The finding on the answers that no rule refuses."""
    if np.ptp(answers) <= 1e-9 * max(1.0, float(np.abs(answers).max())):
        return _NEITHER.format(answer=answer.text(float(answers[0])))
    if surface.scale == "class":
        met = [answer.text(place) for place in np.unique(answers)]
        return _TOGETHER_MAKE_IT.format(classes=one_of(met, len(met)))
    ends = {}
    for end, pick in (("low", np.nanargmin), ("high", np.nanargmax)):
        row, column = np.unravel_index(pick(surface.answers), surface.answers.shape)
        ends[end] = answer.text(float(surface.answers[row, column]))
        ends[f"{end}_x"], ends[f"{end}_y"] = x.text(surface.x_values[column]), y.text(surface.y_values[row])
    found = _TOGETHER_GO.format(**ends)
    if threshold is None or surface.scale != "probability":
        return found
    share, limit = float(np.mean(answers < threshold)), formats.percent(threshold)
    template = _SHARE_UNDER if 0 < share < 1 else _ALL_UNDER if share else _ALL_OVER
    return f"{found} {template.format(share=formats.percent(share, 0), limit=limit)}"
