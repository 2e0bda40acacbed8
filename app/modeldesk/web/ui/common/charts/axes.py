"""What an axis shows, and how its values and ticks are written."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from modeldesk.core import formats
from modeldesk.core import labels as label_texts
from modeldesk.model_service.whatif.response import AnswerScale
from modeldesk.web.ui.common.answers import class_name
from modeldesk.web.ui.common.charts import text as words

MAX_LABEL = 18
DIGITS = 4
"""Significant digits of an input's decimals in charts."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """An input as an axis: its label and unit. ``kind`` is how its values lie on the axis:
    evenly as numbers or times, or side by side as categories."""

    label: str
    unit: str = ""
    kind: Literal["number", "time", "category"] = "number"
    year: bool = False

    def text(self, value: Any) -> str:
        """One value in words: €88,000, 18 Nov 2026, Permanent."""
        if self.kind == "category" and isinstance(value, str):
            return formats.sentence(value)
        if isinstance(value, float) and not value.is_integer():
            return formats.measure(value, self.unit, DIGITS)
        return formats.value(value, self.unit, year=self.year)

    @property
    def title(self) -> str:
        """The axis's title: the unit is in it unless the ticks carry it."""
        return f"{self.label}, {self.unit}" if self.unit and not carried(self.unit) else self.label

    def axis(self, low: Any = None, high: Any = None) -> dict[str, Any]:
        """The plotly axis from low to high (numbers), with tick texts of our own."""
        if self.kind == "time":
            return {"type": "date"}
        if self.kind == "category":
            return {"type": "category"}
        return {"type": "linear", "range": [low, high], **ticks(low, high, tick_text(self.unit, year=self.year))}


@dataclass(frozen=True, slots=True)
class AnswerAxis:
    """A model's answer as an axis. ``name`` says what it is ("Probability of default")."""

    name: str
    scale: AnswerScale
    unit: str = ""
    classes: tuple[str, ...] = ()

    def text(self, value: float | None) -> str:
        """One answer in words: 40.8%, 253 car-hours, Malignant; without one, why there is none."""
        if value is None or math.isnan(value):
            return words.REFUSED
        if self.scale == "probability":
            return formats.percent(float(value))
        if self.scale == "class":
            return class_name(self.classes[round(value)])
        return formats.measure(value, self.unit)

    def axis(self, found: Sequence[float | None]) -> dict[str, Any]:
        """The plotly axis that takes in the answers: shares from zero, classes by name."""
        values = [value for value in found if value is not None] or [0.0]
        if self.scale == "class":
            places = list(range(len(self.classes)))
            names = labels([class_name(name) for name in self.classes])
            return {"range": [-0.5, len(places) - 0.5], "tickvals": places, "ticktext": names}
        if self.scale == "probability":
            top = next(limit for limit in (0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0) if max(values) <= limit or limit == 1.0)
            low, high = 0.0, top
        else:
            low, high = padded(min(values), max(values))
        return {"range": [low, high + (high - low) * 0.04], **ticks(low, high, self.tick)}

    @property
    def tick(self) -> Callable[[float, float], str]:
        """How the ticks of the axis are written."""
        return share_tick if self.scale == "probability" else tick_text(self.unit)


def share_tick(value: float, step: float) -> str:
    """A tick of an axis of shares."""
    return formats.percent(value, 0 if step >= 0.01 else 1)


def ticks(
    low: float, high: float, text: Callable[[float, float], str], wanted: int = 5, *, whole: bool = False
) -> dict[str, Any]:
    """About ``wanted`` round ticks from low to high, as plotly's tickvals and ticktext; ``text``
    writes a tick, given the step between ticks. ``whole`` numbers only, for what is counted."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return {"tickvals": [low], "ticktext": [text(low, abs(low) or 1.0)]}
    raw = (high - low) / max(1, wanted - 1)
    size = 10.0 ** math.floor(math.log10(raw))
    factors = (1, 2, 5, 10) if whole and size <= 1 else (1, 2, 2.5, 5, 10)
    step = next(factor * size for factor in factors if factor * size >= raw * 0.999)
    step = max(step, 1.0) if whole else step
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    values = [round(place * step, 12) for place in range(first, last + 1)]
    written = text.along(values) if isinstance(text, TickText) else text
    return {"tickvals": values, "ticktext": [written(value, step) for value in values]}


@dataclass(frozen=True, slots=True)
class TickText:
    """How the ticks of one axis are written: as fine as their step, with the unit where it takes no room, and
    all in thousands or millions where the largest is (``unit_size``), so that no €7,500 stands beside €10 k."""

    unit: str
    year: bool = False
    unit_size: float = 1.0

    def along(self, values: Sequence[float]) -> TickText:
        """The same for an axis with these ticks."""
        largest = max((abs(value) for value in values), default=0.0)
        return replace(self, unit_size=formats.unit_size(largest))

    def __call__(self, value: float, step: float) -> str:
        shown = self.unit if carried(self.unit) else ""
        if self.year and step >= 1:
            return formats.exact(round(value), year=True)
        if self.unit_size > 1 and step * 1000 >= self.unit_size:
            return formats.in_units_of(self.unit_size, value, shown)
        digits = 1 + max(0, math.floor(math.log10(abs(value) or step)) - math.floor(math.log10(step) + 1e-9))
        digits += 0 if abs(step / 10.0 ** math.floor(math.log10(step) + 1e-9) - 2.5) > 1e-6 else 1
        return formats.measure(value, shown, max(1, digits))


def tick_text(unit: str, *, year: bool = False) -> TickText:
    """How the ticks of numbers with a unit, or of calendar years, are written."""
    return TickText(unit, year)


def carried(unit: str) -> bool:
    """Whether a unit stands close to its number (€5, 5%), and so on each tick."""
    return bool(unit) and formats.with_unit("1", unit) != f"1 {unit}"


def padded(low: float, high: float, share: float = 0.08) -> tuple[float, float]:
    """The range with some air; a single value gets a range around it."""
    if high <= low:
        around = abs(low) * 0.1 or 1.0
        return low - around, high + around
    air = (high - low) * share
    # Air under zero would suggest that there are such values.
    return (0.0 if low >= 0 and low - air < 0 else low - air), high + air


def shortened(text: str, length: int = MAX_LABEL) -> str:
    """A label that fits beside an axis."""
    return label_texts.shortened(text, length)


def labels(names: Sequence[str], length: int = MAX_LABEL) -> list[str]:
    """Labels that fit beside an axis and stay apart. Plotly takes equal labels of categories for one place."""
    return label_texts.distinct(names, length)
