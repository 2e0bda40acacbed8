"""Key figures, segments and decisions on thresholds in words, as several pages tell them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from dash import html

from modeldesk.core import formats
from modeldesk.model_service.performance.conditions import Condition
from modeldesk.model_service.schema.fields import Field
from modeldesk.ports.decisions import ThresholdChange
from modeldesk.web.ui.common.answers import class_inside, class_name
from modeldesk.web.ui.common.components import given

_DIGITS = 4
_NOT_KNOWN = "{label} not known"
_IS = "{label} {value}"
_UP_TO = "{label} up to {high}"
_OVER = "{label} over {low}"
_BETWEEN = "{label} over {low} up to {high}"
_SET = "Set the threshold to {now} for {of_class}, was {before}"
_SET_FIRST = "Set the threshold to {now} for {of_class}, was the model's own choice"
_RETURNED = "Returned to model.toml's threshold, was {before}"
_RETURNED_FIRST = "Returned to model.toml's threshold, was the model's own choice"


def kpi(label: str, value: str, note: str = "", change: str = "", meaning: str | None = None) -> html.Div:
    """One key figure: what it is, how much, against what, and how sure."""
    return html.Div(
        [
            html.Div(label, className="md-small text-body-secondary", **given(title=meaning)),
            html.Div(
                [html.Span(value, className="md-kpi me-2"), html.Span(change, className="md-quiet") if change else None]
            ),
            html.Div(note, className="md-note"),
        ],
        className="md-kpi-item",
    )


def share(value: float) -> str:
    """A share, or that it is not known."""
    return formats.NOT_KNOWN if math.isnan(value) else formats.percent(value)


def three(value: float) -> str:
    """Three digits behind the point, or that it is not known."""
    return formats.NOT_KNOWN if math.isnan(value) else f"{value:.3f}".replace("-", formats.MINUS)


def segment_words(conditions: Sequence[Condition], fields: Mapping[str, Field]) -> str:
    """A segment as people say it: Employment Self-employed, Card use over 70%."""
    return ", ".join(condition_words(condition, fields[condition.feature]) for condition in conditions)


def condition_words(condition: Condition, field: Field) -> str:
    """One condition as people say it."""
    if condition.missing:
        return _NOT_KNOWN.format(label=field.label)
    if condition.value is not None:
        return _IS.format(label=field.label, value=class_name(condition.value))
    low, high = (None if end is None else _end(end, field) for end in (condition.above, condition.upto))
    template = _UP_TO if low is None else _OVER if high is None else _BETWEEN
    return template.format(label=field.label, low=low, high=high)


def change_words(change: ThresholdChange) -> str:
    """A decision on the threshold among a model's decisions."""
    first = change.previous is None
    before = "" if change.previous is None else formats.percent(change.previous)
    if change.threshold is None:
        return (_RETURNED_FIRST if first else _RETURNED).format(before=before)
    now, of_class = formats.percent(change.threshold), class_inside(change.positive)
    return (_SET_FIRST if first else _SET).format(now=now, of_class=of_class, before=before)


def _end(value: float, field: Field) -> str:
    if field.feature.type in ("date", "datetime"):
        moment = datetime.fromtimestamp(value, UTC)
        return formats.day(moment) if field.feature.type == "date" else formats.minute(moment)
    if field.year:
        return field.text(value)
    return formats.measure(value, field.unit or "", _DIGITS)
