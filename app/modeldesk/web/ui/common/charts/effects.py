"""What contributions are measured in, on axes and in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from modeldesk.core import formats
from modeldesk.model_service.package.insights import ExplanationScale
from modeldesk.web.ui.common.charts import text as words
from modeldesk.web.ui.common.charts.axes import tick_text, ticks
from modeldesk.web.ui.common.text import RANGE


@dataclass(frozen=True, slots=True)
class Effect:
    """Contributions on a scale; ``unit`` is that of a predicted value."""

    scale: ExplanationScale
    unit: str = ""

    @property
    def title(self) -> str:
        """The name of an axis of contributions."""
        if self.scale == "value" and self.unit:
            return words.ADDS_UNIT.format(unit=self.unit)
        return words.ADDS[self.scale]

    def size(self, amount: float) -> str:
        """How much, without a sign: 0.82 log-odds, 12.4 points, €310."""
        amount = abs(amount)
        if self.scale == "probability":
            return words.POINTS.format(amount=formats.number(amount * 100))
        if self.scale == "log_odds":
            return words.LOG_ODDS.format(amount=formats.number(amount))
        return formats.measure(amount, self.unit if self.scale == "value" else "")

    def signed(self, amount: float) -> str:
        """How much, with its sign."""
        sign = "+" if amount > 0 else formats.MINUS if amount < 0 else ""
        return f"{sign}{self.size(amount)}"

    def between(self, low: float, high: float) -> str:
        """Both ends, with their signs: −1.02 to +1.38 log-odds."""
        ends = []
        for amount in (low, high):
            sign = "+" if amount > 0 else formats.MINUS if amount < 0 else ""
            ends.append(f"{sign}{self.short(abs(amount))}")
        if self.scale == "value":
            ends = [self.signed(low), self.signed(high)]
        template = {"log_odds": words.LOG_ODDS_RANGE, "probability": words.POINTS_RANGE}.get(self.scale, RANGE)
        return template.format(low=ends[0], high=ends[1])

    def short(self, amount: float) -> str:
        """How much, where the axis says of what."""
        return formats.number(amount * 100 if self.scale == "probability" else amount)

    def axis(self, low: float, high: float, wanted: int = 5) -> dict[str, Any]:
        """The plotly axis from low to high, in the figures of the scale."""
        factor = 100.0 if self.scale == "probability" else 1.0
        found = ticks(low * factor, high * factor, tick_text(""), wanted)
        return {
            "range": [low, high],
            "tickvals": [value / factor for value in found["tickvals"]],
            "ticktext": found["ticktext"],
        }
