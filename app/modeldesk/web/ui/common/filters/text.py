"""The form of a filter, filters, and the values of the columns that they are on, in words."""

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
from modeldesk.web.ui.common.answers import answer_word
from modeldesk.web.ui.common.text import RANGE, SOURCES

FILTER = "Filter"
ADD = "Add the filter"
COLUMN = "What"
FROM = "From"
TO = "To"
VALUES = "Values"
MOST_FREQUENT = "The most frequent values. Tick one or more."
NO_VALUE = "No value is known."
TIME_HINT = "Rows have {low} to {high}. Write a day as 2026-10-12."
SHARE_HINT = "Rows have {low} to {high}. Write 0.4 or 40%. Leave an end empty for no limit."
NUMBER_HINT = "Rows have {low} to {high}. Leave an end empty for no limit."
CHOOSE_COLUMN = "Choose what to filter by."
TICK_A_VALUE = "Tick at least one value of {column}."
SAY_AN_END = "Say from what, or up to what, {column} may be."
WRONG_ORDER = "{column} cannot be from {low} up to {high}: the first is larger."
NO_DAY = "{end}: “{text}” is not understood. Write a day, such as 2026-10-12."
NO_NUMBER = "{end}: “{text}” is not understood. Write a number, such as 12.5."

YES = "Yes"
NO = "No"
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEEKDAY_OF = "{column}, weekday"
_HOUR_OF = "{column}, hour"
_OR = " or "
_OR_MORE = "{values} or {more} more"
_UP_TO_DAY = "until {high}"
_UNDER = "under {high}"
_UP_TO = "up to {high}"
_OR_LATER = "{low} or later"
_OR_LARGER = "{low} or more"
_TO_UNDER = "{low} to under {high}"
_HOUR = "{hour}:00"
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
        return YES if value else NO
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
        return _OR_MORE.format(values=", ".join(names[: _MOST_NAMED - 1]), more=len(names) - _MOST_NAMED + 1)
    return _OR.join(names)


def filter_name(item: Dimension, chosen: Filter) -> str:
    """What a filter is on."""
    if isinstance(chosen, PartOfTime):
        return (_WEEKDAY_OF if chosen.part == "weekday" else _HOUR_OF).format(column=item.label)
    return item.label


def range_words(item: Dimension, chosen: Range) -> str:
    """The ends of a range in words: from 80, up to €5,000, 15 to 19."""
    low, high = chosen.low, chosen.high
    if isinstance(high, datetime) and not chosen.closed and high.time() == _MIDNIGHT:
        # A day is meant up to its end.
        last = high - timedelta(days=1)
        if isinstance(low, datetime) and low.time() == _MIDNIGHT:
            return formats.day(low) if low >= last else RANGE.format(low=formats.day(low), high=formats.day(last))
        if low is None:
            return _UP_TO_DAY.format(high=formats.day(last))
        return RANGE.format(low=value_text(item, low), high=formats.day(last))
    if low is None:
        template = _UNDER if not chosen.closed else _UP_TO if item.kind != "time" else _UP_TO_DAY
        return template.format(high=value_text(item, high))
    if high is None:
        return (_OR_LATER if item.kind == "time" else _OR_LARGER).format(low=value_text(item, low))
    if low == high:
        return value_text(item, low)
    first = value_text(replace(item, unit="") if trailing(item.unit) else item, low)
    return (RANGE if chosen.closed else _TO_UNDER).format(low=first, high=value_text(item, high))


def trailing(unit: str) -> bool:
    """Whether a unit stands apart behind its number, and is said once for two of them."""
    return bool(unit) and formats.with_unit("1", unit) == f"1 {unit}"


def _time_words(chosen: PartOfTime) -> str:
    values = sorted(chosen.values)
    names = [DAYS[value] if chosen.part == "weekday" else _HOUR.format(hour=value) for value in values]
    row = values == list(range(values[0], values[-1] + 1))
    if row and len(values) > 1 and chosen.part == "hour":
        return RANGE.format(low=names[0], high=_HOUR.format(hour=values[-1] + 1))
    return RANGE.format(low=names[0], high=names[-1]) if row and len(values) > 2 else ", ".join(names)
