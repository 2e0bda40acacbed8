"""How filters, and the values of the columns that they are on, are called."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from modeldesk.core import formats
from modeldesk.ports.analytics import (
    ACTUAL,
    ERROR,
    HIGH,
    LOW,
    PREDICTION,
    PROBABILITY,
    SCORE,
    SOURCE,
    Filter,
    PartOfTime,
    Range,
)
from modeldesk.services.explore.parts import Dimension
from modeldesk.web.ui.common.answers import SOURCES, answer_word

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MOST_NAMED = 3
_MIDNIGHT = datetime.min.time()


def value_text(item: Dimension, value: Any) -> str:
    """One value of a column in words."""
    if value is None:
        return formats.NOT_KNOWN
    if item.column == PROBABILITY:
        return formats.percent(float(value))
    if item.column in (PREDICTION, ACTUAL) and item.kind == "category":
        return answer_word(value)
    if item.column == SOURCE:
        return SOURCES.get(str(value), str(value))
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return formats.day(value) if value.time() == _MIDNIGHT else formats.minute(value)
    if isinstance(value, str):
        return formats.sentence(value) if item.kind == "category" and item.charted else value
    if item.year and not isinstance(value, bool):
        return formats.value(value, item.unit, year=True)
    digits = 3 if item.column in (PREDICTION, ACTUAL, ERROR, SCORE, LOW, HIGH) else 6
    number = float(value)
    whole = number.is_integer() and abs(number) < 1e15
    return formats.with_unit(formats.number(int(number)) if whole else formats.number(number, digits), item.unit)


def filter_words(item: Dimension, chosen: Filter) -> str:
    """What a filter asks for: 15 to 19, from 80, up to €5,000, Mon to Fri, Rents or Owns."""
    if isinstance(chosen, Range):
        return range_words(item, chosen)
    if isinstance(chosen, PartOfTime):
        return _time_words(chosen)
    names = [value_text(item, value) for value in chosen.values]
    if len(names) > _MOST_NAMED:
        return f"{', '.join(names[: _MOST_NAMED - 1])} or {len(names) - _MOST_NAMED + 1} more"
    return " or ".join(names)


def filter_name(item: Dimension, chosen: Filter) -> str:
    """What a filter is on."""
    if isinstance(chosen, PartOfTime):
        return f"{item.label}, {'weekday' if chosen.part == 'weekday' else 'hour'}"
    return item.label


def range_words(item: Dimension, chosen: Range) -> str:
    """The ends of a range in words: from 80, up to €5,000, 15 to 19."""
    low, high = chosen.low, chosen.high
    if isinstance(high, datetime) and not chosen.closed and high.time() == _MIDNIGHT:
        # A day is meant up to its end.
        last = high - timedelta(days=1)
        if isinstance(low, datetime) and low.time() == _MIDNIGHT:
            return formats.day(low) if low >= last else f"{formats.day(low)} to {formats.day(last)}"
        return f"until {formats.day(last)}" if low is None else f"{value_text(item, low)} to {formats.day(last)}"
    if low is None:
        under = "under" if not chosen.closed else "up to" if item.kind != "time" else "until"
        return f"{under} {value_text(item, high)}"
    if high is None:
        return f"{value_text(item, low)} or {'later' if item.kind == 'time' else 'more'}"
    if low == high:
        return value_text(item, low)
    first = value_text(replace(item, unit="") if trailing(item.unit) else item, low)
    return f"{first} to {'under ' if not chosen.closed else ''}{value_text(item, high)}"


def trailing(unit: str) -> bool:
    """Whether a unit stands apart behind its number, and is said once for two of them."""
    return bool(unit) and formats.with_unit("1", unit) == f"1 {unit}"


def _time_words(chosen: PartOfTime) -> str:
    values = sorted(chosen.values)
    names = [DAYS[value] if chosen.part == "weekday" else f"{value}:00" for value in values]
    row = values == list(range(values[0], values[-1] + 1))
    if row and len(values) > 1 and chosen.part == "hour":
        return f"{names[0]} to {values[-1] + 1}:00"
    return f"{names[0]} to {names[-1]}" if row and len(values) > 2 else ", ".join(names)
