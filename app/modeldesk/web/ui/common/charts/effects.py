"""What contributions are measured in, on axes and in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from modeldesk.core import formats
from modeldesk.model_service.package.insights import Scale
from modeldesk.web.ui.common.charts.axes import tick_text, ticks


@dataclass(frozen=True, slots=True)
class Effect:
    """Contributions on a scale; ``unit`` is that of a predicted value."""

    scale: Scale
    unit: str = ""

    @property
    def title(self) -> str:
        """The name of an axis of contributions."""
        return {
            "log_odds": "Adds to the log-odds",
            "probability": "Adds to the probability, in points",
            "score": "Adds to the score",
            "value": f"Adds to the answer{f', {self.unit}' if self.unit else ''}",
        }[self.scale]

    def size(self, amount: float) -> str:
        """How much, without a sign: 0.82 log-odds, 12.4 points, €310."""
        amount = abs(amount)
        if self.scale == "probability":
            return f"{formats.number(amount * 100)} points"
        if self.scale == "log_odds":
            return f"{formats.number(amount)} log-odds"
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
            return f"{self.signed(low)} to {self.signed(high)}"
        named = {"log_odds": " log-odds", "probability": " points"}.get(self.scale, "")
        return f"{ends[0]} to {ends[1]}{named}"

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
