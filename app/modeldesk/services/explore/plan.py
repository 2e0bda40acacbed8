"""The questions that charts of the Explore page put to the rows of a source, all at once."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from modeldesk.core.cache import LruCache
from modeldesk.ports.analytics import (
    ACTUAL,
    ERROR,
    TIME,
    WARNINGS,
    Analyst,
    AnalyticsQuery,
    Each,
    Filter,
    LogRows,
    Measure,
    Points,
    Table,
)
from modeldesk.services.explore.parts import (
    FEW_BINS,
    MAP_BINS,
    MOST_BINS,
    MOST_VALUES,
    Dimension,
    Parts,
    ValueRange,
    hours,
    parts_of,
    weekdays,
)
from modeldesk.services.explore.subject import Subject

SAMPLE = 20_000
"""Rows that the first figures of a change are made from, where a source has more."""
MOST_POINTS = 2_000
"""Points of a scatter plot; of more rows, a uniform sample is drawn."""
MARKS = (0.05, 0.25, 0.5, 0.75, 0.95)
COUNT = Measure("rows", "count")
_LISTED = 300
"""Values of a category that are counted; the others are told together."""
MOST_OFFERED = 50
"""Values of a category that a form offers."""
_GROUPS = 5_000

# How the values of a column lie does not change with a filter: asked for once a process.
_scales: LruCache[ValueRange] = LruCache(512)


def key_of(subject: Subject) -> Hashable:
    """What figures of all rows of a source follow from."""
    changing = isinstance(subject.source, LogRows) or subject.source.outcomes_of is not None
    return subject.source, subject.extent.rows, subject.extent.last, subject.asked if changing else 0


@dataclass(slots=True)
class Plan:
    """The questions of a repaint by name. ``every`` are of all rows of the source, ``some`` of those that pass
    the filters, a chart's own left out; where there are none, ``every`` answers.

    The other fields tell into which parts each chart is cut; None for a chart that there is no use for.
    """

    subject: Subject
    scales: Mapping[str, ValueRange]
    every: dict[str, AnalyticsQuery] = field(default_factory=dict)
    some: dict[str, AnalyticsQuery | Points] = field(default_factory=dict)
    distribution: Parts = field(init=False)
    by: Parts | None = None
    course: Parts | None = None
    map: tuple[Parts, Parts] | None = None
    grid: tuple[Parts, Parts] | None = None
    boxes: Parts | None = None
    points: tuple[Dimension, Dimension, Dimension | None] | None = None

    def __post_init__(self) -> None:
        """Put the questions."""
        subject, view = self.subject, self.subject.view
        by, x, y = (subject.dimensions.get(name or "") for name in (view.by, view.x, view.y))
        self._key([subject.prediction, *([] if by is None else [by])])
        self.distribution = self._bars("distribution", subject.prediction)
        if by is not None:
            self.by = self._bars("by", by)
        if subject.time is not None:
            self._course(subject.time)
        if subject.coordinates is not None:
            self._map(*subject.coordinates)
        if x is not None:
            self._pair(x, y)

    @property
    def _told(self) -> tuple[Measure, ...]:
        return () if self.subject.answer is None else (self.subject.answer,)

    def _ask(self, name: str, query: AnalyticsQuery) -> None:
        self.every[name] = AnalyticsQuery(query.measures, query.by, (), query.limit)
        if query.where:
            self.some[name] = query

    def _ask_total(self, name: str, where: tuple[Filter, ...], *measures: Measure) -> None:
        """How many rows a chart is of, unless the key figures are of the same rows."""
        if where and where != self.subject.view.where:
            self.some[name] = AnalyticsQuery((COUNT, *measures), where=where)

    def _cut(self, item: Dimension, most: int = MOST_BINS) -> Parts:
        return parts_of(item, self.scales.get(item.column, ValueRange()), most)

    def _key(self, counted: Sequence[Dimension]) -> None:
        subject = self.subject
        measures = [COUNT, *self._told, *{item.column: held(item) for item in counted}.values()]
        if ACTUAL in subject.dimensions:
            measures.append(Measure("known", "count", ACTUAL))
            measures += [] if subject.actual is None else [subject.actual]
            if subject.model.manifest.task.numeric:
                measures += [Measure("bias", "mean", ERROR), Measure("spread", "deviation", ERROR)]
            else:
                measures.append(Measure("right", "share", ERROR, False))
        if WARNINGS in subject.dimensions:
            measures.append(Measure("calm", "share", WARNINGS, 0))
        self._ask("key", AnalyticsQuery(tuple(measures), where=subject.view.where))

    def _bars(self, name: str, item: Dimension) -> Parts:
        parts = self._cut(item)
        where = self.subject.view.without([item.column])
        limit = _LISTED if item.kind == "category" else _GROUPS
        self._ask(name, AnalyticsQuery((COUNT, *self._told), (parts.grouping,), where, limit))
        self._ask_total(f"{name} in all", where, held(item))
        return parts

    def _course(self, item: Dimension) -> None:
        if self.scales.get(item.column, ValueRange()).low is None:
            return
        actual = self.subject.actual
        outcomes = () if actual is None else (actual, Measure("known", "count", ACTUAL))
        self.course = self._cut(item)
        where = self.subject.view.without([item.column])
        self._ask("course", AnalyticsQuery((COUNT, *self._told, *outcomes), (self.course.grouping,), where))

    def _map(self, latitude: Dimension, longitude: Dimension) -> None:
        self.map = (self._cut(latitude, MAP_BINS), self._cut(longitude, MAP_BINS))
        means = (Measure("lat", "mean", latitude.column), Measure("lon", "mean", longitude.column))
        where = self.subject.view.without([latitude.column, longitude.column])
        self.some["map"] = AnalyticsQuery(
            (COUNT, *self._told, *means), tuple(item.grouping for item in self.map), where
        )

    def _pair(self, x: Dimension, y: Dimension | None) -> None:
        """What shows one or two columns against the prediction, sensibly for their types."""
        value = self.subject.value
        if y is None and x.clock:
            self._grid(hours(x), weekdays(x))
            return
        other = y or value
        if x.kind == "number" and other is not None and other.kind == "number" and self.subject.shows_rows:
            self._points(x, other, value if y is not None else None)
        elif y is None and value is not None:
            self.boxes = self._cut(x, FEW_BINS)
            marks = tuple(Measure(f"mark{index}", "quantile", value.column, q) for index, q in enumerate(MARKS))
            where = self.subject.view.without([x.column])
            self.some["pair"] = AnalyticsQuery((COUNT, *marks), (self.boxes.grouping,), where)
        elif y is not None:
            self._grid(self._cut(x, FEW_BINS), self._cut(y, FEW_BINS))

    def _points(self, x: Dimension, y: Dimension, shade: Dimension | None) -> None:
        self.points = (x, y, shade)
        columns = tuple(dict.fromkeys(item.column for item in self.points if item is not None))
        where = self.subject.view.without([x.column, y.column])
        self.some["pair"] = Points(columns, where, MOST_POINTS)
        self._ask_total("pair in all", where)

    def _grid(self, x: Parts, y: Parts) -> None:
        self.grid = (x, y)
        where = self.subject.view.without([x.dimension.column, y.dimension.column])
        self.some["pair"] = AnalyticsQuery((COUNT, *self._told), (x.grouping, y.grouping), where)


def held(item: Dimension) -> Measure:
    """How many rows have a value in a column."""
    return Measure(f"held {item.column}", "count", item.column)


def plan_of(analyst: Analyst, subject: Subject) -> Plan:
    """The questions of a view. Raises what ``Analyst.ask`` raises."""
    return Plan(subject, _scales_of(analyst, subject))


def scale_of(analyst: Analyst, subject: Subject, item: Dimension) -> ValueRange:
    """How the values of one column lie, for a form that asks for some of them."""
    if item.column == TIME:
        return _time_scale(subject)
    known = _scales.peek((key_of(subject), item.column, MOST_OFFERED))
    if known is not None:
        return known
    answers = analyst.ask(subject.source, [_scale_question(item, MOST_OFFERED)], sample=SAMPLE)
    return _kept_scale((key_of(subject), item.column, MOST_OFFERED), _scale(item, answers.tables[0], MOST_OFFERED))


def _time_scale(subject: Subject) -> ValueRange:
    first, last = (_naive(end) for end in (subject.extent.first, subject.extent.last))
    return ValueRange(first, last)


def _scales_of(analyst: Analyst, subject: Subject) -> Mapping[str, ValueRange]:
    """How the values lie of each column that the view draws by, from a sample of all rows."""
    view, key = subject.view, key_of(subject)
    drawn = [subject.prediction, subject.value, subject.time, *(subject.coordinates or ())]
    drawn += [subject.dimensions.get(name or "") for name in (view.by, view.x, view.y)]
    wanted = {item.column: item for item in drawn if item is not None}
    result: dict[str, ValueRange] = {}
    if TIME in wanted:
        result[TIME] = _time_scale(subject)
    for name in wanted:
        known = _scales.peek((key, name))
        if known is not None:
            result.setdefault(name, known)
    missing = {name: item for name, item in wanted.items() if name not in result}
    if missing:
        answers = analyst.ask(subject.source, [_scale_question(item) for item in missing.values()], sample=SAMPLE)
        for (name, item), table in zip(missing.items(), answers.tables, strict=True):
            result[name] = _kept_scale((key, name), _scale(item, table))
    return result


def _kept_scale(key: Hashable, scale: ValueRange) -> ValueRange:
    return _scales.get(key, lambda: scale)


def _scale_question(item: Dimension, most: int = MOST_VALUES) -> AnalyticsQuery:
    if item.kind == "category":
        return AnalyticsQuery((COUNT,), (Each(item.column),), limit=most + 1)
    measures = [Measure("low", "low", item.column), Measure("high", "high", item.column)]
    if item.kind == "number":
        measures.append(Measure("near", "quantile", item.column, 0.005))
        measures.append(Measure("far", "quantile", item.column, 0.995))
    return AnalyticsQuery(tuple(measures))


def _scale(item: Dimension, table: Table, most: int = MOST_VALUES) -> ValueRange:
    if item.kind == "category":
        counted = sorted(zip(table["rows"], table["by0"], strict=True), key=lambda pair: -pair[0])
        values = [value for _, value in counted if value is not None][:most]
        return ValueRange(values=(*values, *(None for _, value in counted if value is None)))
    return ValueRange(**{name: table[name][0] for name in ("low", "high", "near", "far") if name in table})


def _naive(moment: Any) -> Any:
    return None if moment is None else moment.astimezone(UTC).replace(tzinfo=None)
