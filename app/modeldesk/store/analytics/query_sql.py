"""Filters, groupings and measures as SQL for DuckDB. Identifiers are quoted and values are parameters.

DuckDB's names ignore case: in its queries ``Age`` and ``age`` would be one column. Here a capital has a
mark before it (``quoted``), which is taken off the names of an answer (``plain_name``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from modeldesk.core.errors import BadRequest
from modeldesk.ports.analytics import (
    AnalyticsQuery,
    Column,
    Cut,
    Filter,
    Grouping,
    Measure,
    PartOfTime,
    Points,
    Range,
    When,
)

TYPES: Mapping[str, str] = {"number": "DOUBLE", "category": "VARCHAR", "boolean": "BOOLEAN", "time": "TIMESTAMP"}

_EVEN, _CLOSE = 1e-7, 1e-6
"""Parts of a bin: by how much evenly spaced edges may be off, and how close to an edge a value is looked at."""
_ENDS = {"low": "min", "high": "max"}
_FUNCTIONS = {"mean": "avg", "sum": "sum", "deviation": "stddev_samp"}
_SPANS = ("hour", "day", "week", "month")
_PARTS = {"hour_of_day": "hour({})", "weekday": "isodow({}) - 1", "hour": "hour({})"}


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL and the values of its parameters, in their order."""

    text: str
    values: tuple[Any, ...] = ()


_CAPITAL = "^"
_MARKED = re.compile(r"\^(.)", re.DOTALL)


def quoted(name: str) -> str:
    """The identifier of a column: another one for each name, whatever their case."""
    marked = "".join(f"{_CAPITAL}{sign}" if sign == _CAPITAL or sign != sign.lower() else sign for sign in name)
    return '"' + marked.replace('"', '""') + '"'


def plain_name(identifier: str) -> str:
    """The name of a column from its identifier in an answer."""
    return _MARKED.sub(r"\1", identifier)


class Columns:
    """The columns of a source by name. Raises BadRequest for one that it does not have."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._kinds = {column.name: column.kind for column in columns}

    def kind(self, name: str) -> str:
        """The kind of a column."""
        if name not in self._kinds:
            raise BadRequest(
                f"These rows have no column {name!r}.", hint=f"They have: {', '.join(sorted(self._kinds))}."
            )
        return self._kinds[name]

    def need(self, name: str, *kinds: str) -> str:
        """The column's identifier. Raises BadRequest unless it is of one of the kinds."""
        kind = self.kind(name)
        if kind not in kinds:
            raise BadRequest(f"The column {name!r} is a {kind}; a {' or a '.join(kinds)} is needed here.")
        return quoted(name)


def filter_sql(columns: Columns, item: Filter) -> Sql:
    """A condition that is never null."""
    if isinstance(item, Range):
        return _range(columns, item)
    if isinstance(item, PartOfTime):
        part = _PARTS[item.part].format(columns.need(item.column, "time"))
        return Sql(f"coalesce({part} IN ({_marks(item.values)}), false)", tuple(item.values))
    name, kind = quoted(item.column), columns.kind(item.column)
    values = tuple(_value(kind, value) for value in item.values if value is not None)
    parts = [f"coalesce({name} IN ({_marks(values)}), false)"] if values else []
    if None in item.values:
        parts.append(f"{name} IS NULL")
    return Sql(f"({' OR '.join(parts) or 'false'})", values)


def all_of(columns: Columns, where: Sequence[Filter]) -> Sql:
    """A condition that holds where all do."""
    parts = [filter_sql(columns, item) for item in where]
    values = tuple(value for part in parts for value in part.values)
    return Sql(" AND ".join(part.text for part in parts) or "true", values)


def used_columns(query: AnalyticsQuery | Points) -> frozenset[str]:
    """The columns that a question reads."""
    if isinstance(query, Points):
        return frozenset({*query.columns, *(item.column for item in query.where)})
    names = {item.column for item in (*query.where, *query.by)}
    return frozenset(names | {measure.column for measure in query.measures if measure.column is not None})


def group_sql(columns: Columns, item: Grouping) -> Sql:
    """What a row is grouped by."""
    if isinstance(item, Cut):
        return _cut(columns, item)
    if isinstance(item, When):
        name = columns.need(item.column, "time")
        if item.span in _SPANS:
            return Sql(f"date_trunc('{item.span}', {name})::TIMESTAMP")
        return Sql(_PARTS[item.span].format(name))
    columns.kind(item.column)
    return Sql(quoted(item.column))


def _cut(columns: Columns, item: Cut) -> Sql:
    """The place among the edges: exactly, by a tree of comparisons. Where the edges are evenly spaced that
    is only asked of values close to one, and the place of the others follows from their distance to the first
    edge, which takes half the time."""
    name, edges = columns.need(item.column, "number"), tuple(float(edge) for edge in item.edges)
    if len(edges) < 2 or any(low >= high for low, high in pairwise(edges)):
        raise BadRequest("A cut needs at least two edges, ascending.")
    tree = _tree(name, edges)
    index = Sql(f"({tree.text})::SMALLINT", tree.values)
    width = (edges[-1] - edges[0]) / (len(edges) - 1)
    if all(abs(edge - edges[0] - number * width) <= width * _EVEN for number, edge in enumerate(edges)):
        distance, values = f"({name} - ?) * ?", (edges[0], 1 / width)
        far = f"abs({distance} - round({distance})) > {_CLOSE}"
        index = Sql(
            f"CASE WHEN {far} THEN floor({distance})::SMALLINT ELSE {index.text} END",
            (*values, *values, *values, *index.values),
        )
    return Sql(f"(CASE WHEN {name} >= ? AND {name} <= ? THEN {index.text} END)", (edges[0], edges[-1], *index.values))


def _tree(name: str, edges: tuple[float, ...]) -> Sql:
    """As few comparisons as there can be."""
    values: list[float] = []

    def branch(first: int, last: int) -> str:
        if first == last:
            return str(first)
        middle = (first + last + 1) // 2
        values.append(edges[middle])
        return f"CASE WHEN {name} < ? THEN {branch(first, middle - 1)} ELSE {branch(middle, last)} END"

    return Sql(branch(0, len(edges) - 2), tuple(values))


def _range(columns: Columns, item: Range) -> Sql:
    name = columns.need(item.column, "number", "time")
    parts, values = [f"{name} IS NOT NULL"], []
    if item.low is not None:
        parts.append(f"{name} >= ?")
        values.append(item.low)
    if item.high is not None:
        parts.append(f"{name} {'<=' if item.closed else '<'} ?")
        values.append(item.high)
    return Sql(f"coalesce({' AND '.join(parts)}, false)", tuple(values))


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" for _ in values)


def _value(kind: str, value: str | float | bool) -> Any:
    if kind == "category":
        return str(value)
    wanted = bool if kind == "boolean" else (int, float)
    if kind == "time" or not isinstance(value, wanted) or (kind == "number" and isinstance(value, bool)):
        raise BadRequest(f"The value {value!r} cannot stand in a {kind} column.")
    return value


def measures_sql(columns: Columns, query: AnalyticsQuery, among: Sql | None = None) -> list[Sql]:
    """A question's measures of the rows, or of those of them that a condition holds for. Raises BadRequest
    where one does not suit its column."""
    return [_measure(columns, measure, query, among) for measure in query.measures]


def _measure(columns: Columns, measure: Measure, query: AnalyticsQuery, among: Sql | None) -> Sql:
    how, passing = measure.how, Sql("") if among is None else Sql(f" FILTER (WHERE {among.text})", among.values)
    if how == "count" and measure.column is None:
        return Sql(f"count(*){passing.text}", passing.values)
    if measure.column is None:
        raise BadRequest(f"The measure {measure.name!r} needs a column.")
    if how == "count":
        columns.kind(measure.column)
        return Sql(f"count({quoted(measure.column)}){passing.text}", passing.values)
    if how == "share":
        name, value = quoted(measure.column), _value(columns.kind(measure.column), measure.value)
        also = Sql("") if among is None else Sql(f"{among.text} AND ", among.values)
        text = f"count(*) FILTER (WHERE {also.text}{name} = ?) / nullif(count({name}){passing.text}, 0)"
        return Sql(text, (*also.values, value, *passing.values))
    if how in _ENDS:
        return Sql(f"{_ENDS[how]}({columns.need(measure.column, 'number', 'time')}){passing.text}", passing.values)
    name = f"{columns.need(measure.column, 'number', 'boolean')}::DOUBLE"
    if how == "quantile":
        levels = _levels(query, measure.column)
        text = f"quantile_cont({name}, {levels}){passing.text}[{levels.index(float(measure.value)) + 1}]"
        return Sql(text, passing.values)
    return Sql(f"{_FUNCTIONS[how]}({name}){passing.text}", passing.values)


def _levels(query: AnalyticsQuery, column: str) -> list[float]:
    """All quantiles of a column that a question asks for: the values are held in memory once for all."""
    result: list[float] = []
    for measure in query.measures:
        if measure.how == "quantile" and measure.column == column:
            if not isinstance(measure.value, int | float) or not 0 <= measure.value <= 1:
                raise BadRequest(f"The quantile {measure.value!r} is not from 0 to 1.")
            result.append(float(measure.value))
    return result


def check_query(columns: Columns, query: AnalyticsQuery) -> None:
    """Raise BadRequest for what cannot be asked."""
    names = [measure.name for measure in query.measures]
    if not names or len(set(names)) != len(names):
        raise BadRequest("A question needs measures, each under a name of its own.")
    if query.limit < 1:
        raise BadRequest(f"The limit of a question is {query.limit}; it must be at least 1.")
    measures_sql(columns, query)
    for grouping in query.by:
        group_sql(columns, grouping)
    all_of(columns, query.where)
