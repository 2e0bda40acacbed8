"""What a model does across many predictions: the figures of all charts of the Explore page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modeldesk.core.cache import LruCache
from modeldesk.ports.analytics import Analyst, AnalyticsQuery, Points, Table
from modeldesk.services.explore.parts import Parts, passing_values
from modeldesk.services.explore.plan import MARKS, Plan, held, key_of, plan_of
from modeldesk.services.explore.results import Bars, Boxes, Course, Exploration, Figures, Grid, Key, Map, Pair, Scatter
from modeldesk.services.explore.subject import Subject


@dataclass(frozen=True, slots=True)
class _Answer:
    """A question's table, and how many rows of the source each row stands for that was read."""

    table: Table
    weight: float


# Figures of all rows do not change with a filter: asked for once a process.
_unfiltered: LruCache[_Answer] = LruCache(512)


def explore(analyst: Analyst, subject: Subject, *, sample: int | None = None) -> Exploration:
    """The figures of a view: exact, or, with ``sample``, from about so many of its rows where there are
    more. Raises what ``Analyst.ask`` raises."""
    plan = plan_of(analyst, subject)
    reading = _asked(analyst, plan, sample)
    return Exploration(
        every=_key(reading.every["key"]),
        some=_key(reading.some("key")),
        distribution=reading.bars("distribution", plan.distribution),
        by=None if plan.by is None else reading.bars("by", plan.by),
        course=None if plan.course is None else reading.course(plan.course),
        pair=reading.pair(),
        map=None if plan.map is None else reading.map(*plan.map),
        read=reading.read,
        rows=reading.rows,
    )


def _asked(analyst: Analyst, plan: Plan, sample: int | None) -> _Reading:
    """The answers to a plan, in one call; what is known of all rows is not asked again."""
    key, every = key_of(plan.subject), {}
    for name, query in plan.every.items():
        # Exact figures that are known serve a first paint too.
        known = _unfiltered.peek((key, None, query)) or _unfiltered.peek((key, sample, query))
        if known is not None:
            every[name] = known
    new: dict[str, AnalyticsQuery | Points] = {name: q for name, q in plan.every.items() if name not in every}
    if not new and not plan.some:
        rows = plan.subject.extent.rows
        exact = all(answer.weight == 1.0 for answer in every.values())
        return _Reading(plan, every, {}, rows if exact or sample is None else min(rows, sample), rows)
    answers = analyst.ask(plan.subject.source, (*new.values(), *plan.some.values()), sample=sample)
    weight = answers.rows / answers.read if answers.read else 1.0
    result = [_Answer(table, weight) for table in answers.tables]
    for name, answer in zip(new, result, strict=False):
        every[name] = _keep((key, None if answers.exact else sample, plan.every[name]), answer)
    some = dict(zip(plan.some, result[len(new) :], strict=True))
    return _Reading(plan, every, some, answers.read, answers.rows)


def _keep(key: Any, answer: _Answer) -> _Answer:
    return _unfiltered.get(key, lambda: answer)


@dataclass(frozen=True, slots=True)
class _Reading:
    """The answers to a plan, and what charts make of them."""

    plan: Plan
    every: Mapping[str, _Answer]
    filtered: Mapping[str, _Answer]
    read: int
    rows: int

    def some(self, name: str) -> _Answer:
        """The answer for the rows that pass."""
        return self.filtered[name] if name in self.filtered else self.every[name]

    def total(self, name: str, *columns: str) -> _Answer:
        """Key figures of the rows that a chart is of: those that pass the filters on other columns than its own."""
        view = self.plan.subject.view
        where = view.without(columns)
        if where == view.where:
            return self.some("key")
        return self.filtered[f"{name} in all"] if where else self.every["key"]

    def bars(self, name: str, parts: Parts) -> Bars:
        """The rows in each part of a column."""
        every, some = self.every[name], self.some(name)
        total, item = self.total(name, parts.dimension.column), held(parts.dimension).name
        rows, known = (_weighted(total.table[measure][0], total.weight) for measure in ("rows", item))
        inside = _aligned(some, parts, "rows", none=0)
        return Bars(
            parts=parts,
            every=_aligned(every, parts, "rows", none=0),
            some=inside,
            answer_every=_aligned(every, parts, "answer"),
            answer_some=_aligned(some, parts, "answer"),
            beyond=max(0.0, known - sum(value or 0 for value in inside)),
            missing=max(0.0, rows - known),
            chosen=parts.chosen(self.plan.subject.view.where),
        )

    def course(self, parts: Parts) -> Course:
        """Answers and outcomes by time."""
        some = self.some("course")
        return Course(
            parts=parts,
            every=_aligned(self.every["course"], parts, "answer"),
            some=_aligned(some, parts, "answer"),
            actual=_aligned(some, parts, "actual"),
            rows=_aligned(some, parts, "rows", none=0),
            known=_aligned(some, parts, "known", none=0),
            chosen=parts.chosen(self.plan.subject.view.where),
        )

    def pair(self) -> Pair | None:
        """One or two columns against the prediction."""
        plan, where = self.plan, self.plan.subject.view.where
        if plan.points is not None:
            x, y, shade = plan.points
            table, total = self.some("pair").table, self.total("pair", x.column, y.column)
            return Scatter(
                x=x,
                y=y,
                shaded=shade,
                xs=table[x.column],
                ys=table[y.column],
                shade=None if shade is None else table[shade.column],
                rows=_weighted(total.table["rows"][0], total.weight),
                chosen=passing_values(where, {x.column: table[x.column], y.column: table[y.column]}),
            )
        if plan.boxes is not None:
            answer = self.some("pair")
            marks = [_aligned(answer, plan.boxes, f"mark{index}") for index in range(len(MARKS))]
            value = plan.subject.value
            assert value is not None
            rows = _aligned(answer, plan.boxes, "rows", none=0)
            return Boxes(plan.boxes, value, marks, rows, plan.boxes.chosen(where))
        return None if plan.grid is None else self._grid(*plan.grid)

    def _grid(self, x: Parts, y: Parts) -> Grid:
        answer = self.some("pair")
        rows = _crossed(answer, x, y, "rows")
        return Grid(
            x=x,
            y=y,
            answer=_crossed(answer, x, y, "answer") if "answer" in answer.table else rows,
            rows=rows,
            chosen_x=x.chosen(self.plan.subject.view.where),
            chosen_y=y.chosen(self.plan.subject.view.where),
        )

    def map(self, latitude: Parts, longitude: Parts) -> Map:
        """The answer by place."""
        answer = self.some("map")
        table = answer.table
        kept = [
            index
            for index, ends in enumerate(zip(table["by0"], table["by1"], strict=True))
            if None not in ends and table["lat"][index] is not None and table["lon"][index] is not None
        ]
        rows = [_weighted(table["rows"][index], answer.weight) for index in kept]
        lats, lons = ([table[name][index] for index in kept] for name in ("lat", "lon"))
        own = {latitude.dimension.column: lats, longitude.dimension.column: lons}
        return Map(
            latitude=latitude,
            longitude=longitude,
            lats=lats,
            lons=lons,
            chosen=passing_values(self.plan.subject.view.where, own),
            answer=[table["answer"][index] for index in kept] if "answer" in table else rows,
            rows=rows,
        )


def _key(answer: _Answer) -> Key:
    table = answer.table

    def value(name: str) -> Any:
        return table[name][0] if name in table else None

    rows, calm = _weighted(value("rows"), answer.weight), value("calm")
    known, bias, spread = value("known") or 0, value("bias"), value("spread")
    # The root of the mean of squares from the mean and the deviation, which is that of a sample (n - 1).
    # By hypot, as the squares of very large numbers are none.
    error = None if bias is None else math.hypot(bias, (spread or 0.0) * math.sqrt((known - 1) / known))
    return Key(
        rows=rows,
        answer=value("answer"),
        known=_weighted(known, answer.weight),
        actual=value("actual"),
        error=error if error is None or math.isfinite(error) else None,
        right=value("right"),
        warned=None if calm is None else rows * (1.0 - calm),
    )


def _aligned(answer: _Answer, parts: Parts, name: str, *, none: float | None = None) -> Figures:
    """A measure in the order of the parts; ``none`` for those without rows. Counts are weighted."""
    if name not in answer.table:
        return [none] * len(parts)
    weight = answer.weight if name in ("rows", "known") else 1.0
    groups = dict(zip(answer.table["by0"], answer.table[name], strict=True))
    result = [groups.get(key, none) for key in parts.keys]
    return [value if value is None else _weighted(value, weight) for value in result]


def _crossed(answer: _Answer, x: Parts, y: Parts, name: str) -> Sequence[Figures]:
    """A measure by the parts of y, each by those of x."""
    weight = answer.weight if name == "rows" else 1.0
    table = answer.table
    cells = {
        (column, row): None if value is None else _weighted(value, weight)
        for column, row, value in zip(table["by0"], table["by1"], table[name], strict=True)
    }
    return [[cells.get((column, row)) for column in x.keys] for row in y.keys]


def _weighted(value: Any, weight: float) -> float:
    return float(value) if weight == 1.0 else float(value) * weight
