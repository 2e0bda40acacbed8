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


def kpi(label: str, value: str, note: str = "", change: str = "", meaning: str | None = None) -> html.Div:
    """One key figure: what it is, how much, against what, and how sure."""
    return html.Div(
        [
            html.Div(label, className="md-kpi-label", **given(title=meaning)),
            html.Div(
                [html.Span(value, className="md-kpi"), html.Span(change, className="md-quiet") if change else None]
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
        return f"{field.label} not known"
    if condition.value is not None:
        return f"{field.label} {class_name(condition.value)}"
    low, high = (None if end is None else _end(end, field) for end in (condition.above, condition.upto))
    if low is None:
        return f"{field.label} up to {high}"
    return f"{field.label} over {low}" if high is None else f"{field.label} over {low} up to {high}"


def change_words(change: ThresholdChange) -> str:
    """A decision on the threshold among a model's decisions."""
    before = "the model's own choice" if change.previous is None else formats.percent(change.previous)
    if change.threshold is None:
        return f"Returned to model.toml's threshold, was {before}"
    return f"Set the threshold to {formats.percent(change.threshold)} for {class_inside(change.positive)}, was {before}"


def _end(value: float, field: Field) -> str:
    if field.feature.type in ("date", "datetime"):
        moment = datetime.fromtimestamp(value, UTC)
        return formats.day(moment) if field.feature.type == "date" else formats.minute(moment)
    if field.year:
        return field.text(value)
    return formats.measure(value, field.unit or "", _DIGITS)
