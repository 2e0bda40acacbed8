"""How the Explore page calls columns and parts of them, and what is told of many predictions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from modeldesk.core import formats
from modeldesk.ports.analytics import ACTUAL, PREDICTION, PROBABILITY, Range, When
from modeldesk.services.explore.parts import Dimension, Parts
from modeldesk.services.explore.subject import Subject
from modeldesk.web.ui.common.answers import class_inside
from modeldesk.web.ui.common.filters.text import DAYS, filter_words, range_words, trailing
from modeldesk.web.ui.common.naming import subject as predicted
from modeldesk.web.ui.common.tasks import view_of
from modeldesk.web.ui.pages.explore import text as words


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of many predictions: ``name`` of the figure, as a ``share`` or a number with a unit.
    ``outcome`` is the same of what happened."""

    name: str
    outcome: str
    share: bool
    unit: str = ""

    def text(self, value: float | None) -> str:
        """One such figure."""
        if value is None:
            return formats.NOT_KNOWN
        return formats.percent(value) if self.share else formats.measure(value, self.unit)


def told(subject: Subject) -> Told | None:
    """What is told of many predictions of this model; None for classes without chances."""
    model = subject.model
    if subject.answer is None:
        return None
    summary = view_of(model.manifest.task).summary
    name, outcome = (text.format(positive=class_inside(subject.positive)) for text in (summary.answer, summary.outcome))
    return Told(name, outcome, summary.share, "" if summary.share else model.settings.unit)


def named(subject: Subject, item: Dimension) -> Dimension:
    """A column by the name that people know it by, which for results is the model's own."""
    model = subject.model
    if item.column == PROBABILITY:
        binary = model.manifest.task.has_positive
        return replace(
            item,
            label=words.PROBABILITY_OF.format(class_name=class_inside(subject.positive)) if binary else words.HOW_SURE,
        )
    if item.column == PREDICTION and model.manifest.task.numeric:
        unit = model.settings.unit
        return replace(item, label=words.PREDICTED_AS.format(name=unit if trailing(unit) else inside(predicted(model))))
    if item.column == ACTUAL:
        return replace(item, label=words.ACTUAL_AS.format(name=inside(predicted(model))))
    return item


def part_text(parts: Parts, place: int) -> str:
    """A part of a column in words."""
    item, key = parts.dimension, parts.keys[place]
    if isinstance(parts.grouping, When) and parts.grouping.span == "weekday":
        return DAYS[key]
    if isinstance(parts.grouping, When) and parts.grouping.span == "hour_of_day":
        return f"{key}:00"
    if isinstance(parts.grouping, When) and parts.grouping.span in ("week", "month", "hour"):
        begin, end = parts.edges[place], parts.edges[place + 1]
        if parts.grouping.span == "hour":
            return formats.minute(begin)
        return words.SPAN.format(first=formats.day(begin), last=formats.day(end - timedelta(days=1)))
    chosen = parts.filters[place]
    if isinstance(chosen, Range) and parts.edges:
        whole = replace(chosen, low=parts.edges[place] if chosen.low is None else chosen.low)
        if whole.high is None:
            whole = replace(whole, high=parts.edges[place + 1])
        return range_words(item, replace(whole, closed=True) if item.kind == "number" else whole)
    return filter_words(item, chosen)


def inside(text: str) -> str:
    """A name within a sentence: without its first capital, unless it is a shortening."""
    return text[:1].lower() + text[1:] if text[1:].islower() else text
