"""An explanation in one plain sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence

from modeldesk.core import formats
from modeldesk.model_service.explain.results import Contribution, Explanation
from modeldesk.model_service.package.insights import ExplanationScale
from modeldesk.model_service.schema.fields import Field
from modeldesk.model_service.schema.schema import Scalar

_NEGLIGIBLE = 0.02
"""A driver with less than this share of all movement is not worth a word."""


def sentence(explanation: Explanation, fields: Sequence[Field], unit: str | None = None) -> str:
    """The two strongest drivers of the result's direction and the strongest against it.

    For example "Mostly because card use is 72 % (+12.4 points) and income is 18,000 (+4.1 points);
    against it, age is 61 (−3 points)." ``unit`` is that of a predicted value.
    """
    by_name = {field.name: field for field in fields}
    whole = sum(abs(item.contribution) for item in explanation.contributions)
    strong = [item for item in explanation.drivers() if abs(item.contribution) > _NEGLIGIBLE * whole]
    if not strong:
        return "No input moves this result away from the usual one."
    upwards = explanation.output >= explanation.base_value
    towards = [item for item in strong if (item.contribution > 0) == upwards][:2]
    against = [item for item in strong if (item.contribution > 0) != upwards][:1]

    def told(item: Contribution) -> str:
        effect = effect_text(item.contribution, explanation.scale, unit)
        return f"{value_text(by_name[item.feature], item.value)} ({effect})"

    if not towards:
        return f"No single input explains this result; against it, {told(against[0])}."
    start = f"Mostly because {' and '.join(told(item) for item in towards)}"
    return f"{start}; against it, {told(against[0])}." if against else f"{start}."


def effect_text(contribution: float, scale: ExplanationScale, unit: str | None = None) -> str:
    """A contribution as people read it on its scale: ``+12.4 points``, ``odds × 1.8``, ``−310 kWh``."""
    if scale == "log_odds":
        return f"odds {odds_factor(contribution)}"
    sign = "+" if contribution >= 0 else "−"
    if scale == "probability":
        points = abs(contribution) * 100
        return f"{sign}{points:.1f} points" if points >= 0.05 else f"{sign}{points:.2g} points"
    size = formats.number(abs(contribution))
    return formats.with_unit(f"{sign}{size}", unit if unit and scale == "value" else "")


def odds_factor(contribution: float) -> str:
    """What log-odds multiply or divide the odds by: ``× 1.8``."""
    factor = math.exp(min(abs(contribution), 50.0))
    return f"{'×' if contribution >= 0 else '÷'} {factor:.3g}"


def value_text(field: Field, value: Scalar) -> str:
    """An input and its value in words: ``age is 61 years``, ``income is missing``."""
    label = field.label[:1].lower() + field.label[1:] if field.label[1:2].islower() else field.label
    if value is None:
        return f"{label} is missing"
    if isinstance(value, bool):
        return f"{label} is {'yes' if value else 'no'}"
    if field.feature.type == "text":
        words = str(value)
        return f"{label} is “{words if len(words) <= 40 else words[:39] + '…'}”"
    return f"{label} is {field.text(value)}"
