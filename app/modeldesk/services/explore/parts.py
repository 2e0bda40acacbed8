"""How the values of a column are cut into the parts that charts show, each of which is a filter."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Literal

from modeldesk.ports.analytics import Cut, Each, Filter, Grouping, OneOf, PartOfTime, Range, When

MOST_VALUES = 12
"""Values of a category that charts tell apart; the others are one bar."""
MOST_BINS = 30
FEW_BINS = 12
"""Bins to a side of a grid, and boxes beside each other."""
MAP_BINS = 40
MOST_SPANS = 600
"""Months, after 50 years of which a day such as 31 December 9999 is beyond the scale."""
_LONG_TAIL = 1.0
"""In spans of the middle 99%: values farther out than this do not stretch a scale."""

Span = Literal["hour", "day", "week", "month"]


@dataclass(frozen=True, slots=True)
class Dimension:
    """A column that may be looked at, as people call it. ``whole`` is so where its numbers have no
    decimals, ``year`` where these are calendar years, ``clock`` where its times have hours; free text is
    not ``charted``."""

    column: str
    label: str
    unit: str = ""
    kind: Literal["number", "time", "category"] = "number"
    whole: bool = False
    clock: bool = False
    charted: bool = True
    year: bool = False


@dataclass(frozen=True, slots=True)
class ValueRange:
    """What the values of a column are: from ``low`` to ``high``, 99% of them from ``near`` to ``far``; or the
    most frequent ``values``. All None and empty where none is known."""

    low: Any = None
    high: Any = None
    near: float | None = None
    far: float | None = None
    values: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a column in their order. ``keys`` are what an answer's groups are called by ``grouping``,
    ``filters`` hold the rows of each. ``edges`` are one more than parts, for numbers and spans of time."""

    dimension: Dimension
    grouping: Grouping
    keys: tuple[Any, ...]
    filters: tuple[Filter, ...]
    edges: tuple[Any, ...] = ()

    def __len__(self) -> int:
        return len(self.keys)

    def chosen(self, where: Sequence[Filter]) -> tuple[bool, ...] | None:
        """Which parts pass the filters on this column; None where there is no filter on it."""
        own = [item for item in where if item.column == self.dimension.column]
        if isinstance(self.grouping, When) and self.grouping.span in ("hour_of_day", "weekday"):
            own = [item for item in own if isinstance(item, PartOfTime) and item.part == _PART[self.grouping.span]]
        return tuple(all(_passes(item, part) for item in own) for part in self.filters) if own else None


_PART = {"hour_of_day": "hour", "weekday": "weekday"}


def parts_of(dimension: Dimension, scale: ValueRange, most: int = MOST_BINS) -> Parts:
    """The parts of a column whose values are such."""
    if dimension.kind == "number":
        return numbers(dimension, scale, most)
    if dimension.kind == "time":
        return spans(dimension, scale, most)
    values = scale.values
    filters = tuple(OneOf(dimension.column, (value,)) for value in values)
    return Parts(dimension, Each(dimension.column), values, filters)


def numbers(dimension: Dimension, scale: ValueRange, most: int = MOST_BINS) -> Parts:
    """Bins of one width with round edges. Where few values lie far out they are beyond the scale, and
    the bin at that end takes them in as a filter."""
    if scale.low is None or scale.high is None:
        return Parts(dimension, Cut(dimension.column, (0.0, 1.0)), (0,), (Range(dimension.column, 0, 1),), (0.0, 1.0))
    low, high = float(scale.low), float(scale.high)
    if scale.near is not None and scale.far is not None and scale.far > scale.near:
        reach = (scale.far - scale.near) * _LONG_TAIL
        low = scale.near if low < scale.near - reach else low
        high = scale.far if high > scale.far + reach else high
    edges, step = round_edges(low, high, most, dimension.whole)
    last = len(edges) - 2
    filters = []
    for index, (begin, end) in enumerate(pairwise(edges)):
        closed = index == last
        if dimension.whole and (not closed or step == 1):
            end, closed = end - 1, True
        filters.append(
            Range(
                dimension.column,
                None if index == 0 and scale.low < edges[0] else begin,
                None if index == last and scale.high > edges[-1] else end,
                closed or (index == last and scale.high > edges[-1]),
            )
        )
    return Parts(dimension, Cut(dimension.column, edges), tuple(range(last + 1)), tuple(filters), edges)


def round_edges(low: float, high: float, most: int, whole: bool) -> tuple[tuple[float, ...], float]:
    """At most about ``most`` bins that hold low to high, and their width: 1, 2, 2.5 or 5 times a power
    of ten. Whole numbers get a bin each where these are few."""
    if whole and high - low < most:
        first = math.floor(low)
        return tuple(float(first + index) for index in range(math.floor(high) - first + 2)), 1.0
    if high <= low:
        around = abs(low) * 0.05 or 0.5
        low, high = low - around, low + around
    raw = (high - low) / most
    size = 10.0 ** math.floor(math.log10(raw))
    factors = (1, 2, 5, 10) if whole and size <= 1 else (1, 2, 2.5, 5, 10)
    step = next(factor * size for factor in factors if factor * size >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(round(index * step, 12) for index in range(first, max(last, first + 1) + 1)), step


def spans(dimension: Dimension, scale: ValueRange, most: int) -> Parts:
    """Hours, days, weeks or months, whichever are few enough."""
    if scale.low is None or scale.high is None:
        return Parts(dimension, When(dimension.column, "day"), (), ())
    span = _span(scale.high - scale.low, most, dimension.clock)
    starts = [_start(scale.low, span)]
    while starts[-1] <= scale.high and len(starts) <= MOST_SPANS:
        starts.append(_next(starts[-1], span))
    filters = tuple(Range(dimension.column, begin, end, closed=False) for begin, end in pairwise(starts))
    return Parts(dimension, When(dimension.column, span), tuple(starts[:-1]), filters, tuple(starts))


def hours(dimension: Dimension) -> Parts:
    """The hours of the day."""
    filters = tuple(PartOfTime(dimension.column, "hour", (hour,)) for hour in range(24))
    return Parts(dimension, When(dimension.column, "hour_of_day"), tuple(range(24)), filters)


def weekdays(dimension: Dimension) -> Parts:
    """The days of the week, from Monday."""
    filters = tuple(PartOfTime(dimension.column, "weekday", (day,)) for day in range(7))
    return Parts(dimension, When(dimension.column, "weekday"), tuple(range(7)), filters)


def _span(length: timedelta, most: int, clock: bool) -> Span:
    days = length / timedelta(days=1)
    if clock and days * 24 <= 2 * most:
        return "hour"
    if days <= 2 * most:
        return "day"
    return "week" if days / 7 <= 1.5 * most else "month"


def _start(moment: datetime, span: Span) -> datetime:
    if span == "hour":
        return moment.replace(minute=0, second=0, microsecond=0)
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if span == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if span == "month" else day


def _next(start: datetime, span: Span) -> datetime:
    if span == "month":
        return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
    return start + {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}[span]


def _passes(item: Filter, part: Filter) -> bool:
    """Whether a part passes a filter on the same column: a bin by its middle, an open one by its end."""
    if isinstance(item, PartOfTime):
        return not isinstance(part, PartOfTime) or part.values[0] in item.values
    if isinstance(part, Range):
        ends: list[Any] = [end for end in (part.low, part.high) if end is not None]
        if isinstance(item, OneOf):
            return any(ends[0] <= value <= ends[-1] for value in item.values if value is not None)
        return _holds(item, ends[0] + (ends[-1] - ends[0]) / 2)
    if isinstance(item, Range):
        return part.values[0] is not None and _holds(item, part.values[0])
    return part.values[0] in item.values


def _holds(item: Range, value: Any) -> bool:
    low: Any = item.low
    high: Any = item.high
    return (low is None or low <= value) and (high is None or value <= high)


def passing_values(where: Sequence[Filter], columns: Mapping[str, Sequence[Any]]) -> tuple[bool, ...] | None:
    """Which rows pass the filters on these columns, each with its values; None where there is no such filter."""
    own = [item for item in where if item.column in columns and isinstance(item, Range | OneOf)]
    if not own:
        return None
    rows = range(len(next(iter(columns.values()))))
    return tuple(all(_takes(item, columns[item.column][row]) for item in own) for row in rows)


def _takes(item: Range | OneOf, value: Any) -> bool:
    if isinstance(item, OneOf):
        return value in item.values
    return value is not None and _holds(item, value) and (item.closed or item.high is None or value < item.high)
