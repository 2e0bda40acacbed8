"""Questions put to DuckDB: of few rows, or of a sample, all together; of many rows one after the other."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from modeldesk.ports.analytics import ID, AnalyticsQuery, Column, Filter, Points, Table
from modeldesk.store.analytics.log_rows import SAMPLE
from modeldesk.store.analytics.query_sql import (
    Columns,
    Sql,
    all_of,
    filter_sql,
    group_sql,
    measures_sql,
    plain_name,
    quoted,
    used_columns,
)
from modeldesk.store.analytics.relation import Relation
from modeldesk.store.analytics.sampling import SPAN, sample_order_for

if TYPE_CHECKING:
    import duckdb

FEW_ROWS = 200_000
"""So many rows are brought in once for all questions."""

_PART = "part"
_ENOUGH = 4
"""How many times the wanted points are first looked at: most filters leave over a quarter."""

Item = TypeVar("Item", bound=Hashable)


class _Asked:
    """Questions about rows that are brought into memory together with what is asked of each: whether it
    passes a filter, and the group it is in, once for all questions that want to know."""

    def __init__(self, columns: Sequence[Column], queries: Sequence[AnalyticsQuery | Points]) -> None:
        self.known = Columns(columns)
        self.filters = _numbered(item for query in queries for item in query.where)
        self.groups = _numbered(item for query in queries if isinstance(query, AnalyticsQuery) for item in query.by)
        self.raw = _numbered(name for query in queries for name in _raw(query))

    def selected(self) -> Sql:
        """What is brought in of each row."""
        parts = [Sql(SAMPLE)]
        parts += [Sql(quoted(name)) for name in self.raw]
        for item, number in self.filters.items():
            made = filter_sql(self.known, item)
            parts.append(Sql(f"{made.text} AS f{number}", made.values))
        for grouping, number in self.groups.items():
            made = group_sql(self.known, grouping)
            parts.append(Sql(f"{made.text} AS g{number}", made.values))
        return Sql(", ".join(part.text for part in parts), tuple(value for part in parts for value in part.values))

    def condition(self, where: Sequence[Filter]) -> str:
        """Whether a row that was brought in passes."""
        return " AND ".join(f"f{self.filters[item]}" for item in where) or "true"

    def keys(self, query: AnalyticsQuery) -> list[str]:
        """The groups of a row that was brought in."""
        return [f"g{self.groups[item]}" for item in query.by]


def ask_whole(
    cursor: duckdb.DuckDBPyConnection, relation: Relation, queries: Sequence[AnalyticsQuery | Points], before: int
) -> tuple[tuple[Table, ...], int]:
    """The answers from the rows before a place, which fit into memory, and how many rows these were."""
    batch = _Asked(relation.columns, queries)
    _bring_in(cursor, relation, batch, before)
    read = cursor.execute(f"SELECT count(*) FROM {_PART}").fetchall()[0][0]
    tables = []
    for query in queries:
        if isinstance(query, Points):
            tables.append(fetched(cursor, _points_sql(query, _PART, batch.condition(query.where))))
        else:
            rows = Sql(f"FROM {_PART} WHERE {batch.condition(query.where)}")
            tables.append(fetched(cursor, _grouped(batch.known, query, batch.keys(query), rows)))
    return tuple(tables), read


def ask_each(
    cursor: duckdb.DuckDBPyConnection, relation: Relation, queries: Sequence[AnalyticsQuery | Points]
) -> tuple[Table, ...]:
    """The answers from all rows. What makes groups is read from the files anew each time: of many rows that
    takes less than to bring them in, since a question looks at few columns. All that makes no groups is
    answered by one reading."""
    plain = [item for item in queries if isinstance(item, AnalyticsQuery) and not item.by]
    answered = dict(zip(map(id, plain), _together(cursor, relation, plain), strict=True))
    return tuple(
        _points(cursor, relation, item)
        if isinstance(item, Points)
        else answered[id(item)]
        if id(item) in answered
        else _alone(cursor, relation, item)
        for item in queries
    )


def _together(
    cursor: duckdb.DuckDBPyConnection, relation: Relation, queries: Sequence[AnalyticsQuery]
) -> Iterator[Table]:
    """The answers to questions that make no groups."""
    if not queries:
        return
    known, measures = Columns(relation.columns), []
    rows = relation.up_to(SPAN, frozenset().union(*map(used_columns, queries)))
    for query in queries:
        among = all_of(known, query.where) if query.where else None
        measures += measures_sql(known, query, among)
    listed = ", ".join(f"{made.text} AS m{index}" for index, made in enumerate(measures))
    values = tuple(value for made in measures for value in made.values)
    result = iter(fetched(cursor, Sql(f"SELECT {listed} FROM ({rows.text})", (*values, *rows.values))).values())
    for query in queries:
        yield {measure.name: next(result) for measure in query.measures}


def _points(cursor: duckdb.DuckDBPyConnection, relation: Relation, query: Points) -> Table:
    """Some of all rows: those with the first places. No more are read than it takes to find enough."""
    condition = all_of(Columns(relation.columns), query.where)
    looked = query.limit * _ENOUGH
    while True:
        before = sample_order_for(looked, relation.rows)
        rows = relation.up_to(before, used_columns(query))
        result = _points_sql(query, f"({rows.text})", condition.text)
        table = fetched(cursor, Sql(result.text, (*rows.values, *condition.values)))
        if before >= SPAN or len(table[query.columns[0]]) >= query.limit:
            return table
        looked *= 8


def _bring_in(cursor: duckdb.DuckDBPyConnection, relation: Relation, batch: _Asked, before: int) -> None:
    rows, selected = relation.up_to(before, [column.name for column in relation.columns]), batch.selected()
    text = f"CREATE TEMP TABLE {_PART} AS SELECT {selected.text} FROM ({rows.text})"
    cursor.execute(text, (*selected.values, *rows.values))


def _alone(cursor: duckdb.DuckDBPyConnection, relation: Relation, query: AnalyticsQuery) -> Table:
    """The answer to one question, from the files."""
    known, rows = Columns(relation.columns), relation.up_to(SPAN, used_columns(query))
    keys = [group_sql(known, item) for item in query.by]
    condition = all_of(known, query.where)
    named = Sql(
        ", ".join(["*", *(f"{key.text} AS g{index}" for index, key in enumerate(keys))]),
        tuple(value for key in keys for value in key.values),
    )
    inner = f"FROM (SELECT {named.text} FROM ({rows.text}) WHERE {condition.text})"
    indices = [f"g{index}" for index in range(len(keys))]
    return fetched(
        cursor, _grouped(known, query, indices, Sql(inner, (*named.values, *rows.values, *condition.values)))
    )


def _grouped(known: Columns, query: AnalyticsQuery, keys: Sequence[str], rows: Sql) -> Sql:
    """The measures of the rows that a FROM clause gives, by expressions for their groups."""
    measures = measures_sql(known, query)
    listed = [f"{key} AS by{index}" for index, key in enumerate(keys)]
    listed += [f"{made.text} AS {quoted(measure.name)}" for made, measure in zip(measures, query.measures, strict=True)]
    text = f"SELECT {', '.join(listed)}, count(*) AS n_rows {rows.text}"
    if keys:
        text += f" GROUP BY {', '.join(f'by{index}' for index in range(len(keys)))}"
    values = tuple(value for made in measures for value in made.values)
    return _largest(query, Sql(text, (*values, *rows.values)))


def _largest(query: AnalyticsQuery, groups: Sql) -> Sql:
    """The groups with most rows, in their order."""
    if not query.by:
        return Sql(f"SELECT * EXCLUDE (n_rows) FROM ({groups.text})", groups.values)
    keys = [f"by{index} NULLS LAST" for index in range(len(query.by))]
    largest = f"SELECT * FROM ({groups.text}) ORDER BY n_rows DESC, {', '.join(keys)} LIMIT {query.limit:d}"
    return Sql(f"SELECT * EXCLUDE (n_rows) FROM ({largest}) ORDER BY {', '.join(keys)}", groups.values)


def _points_sql(query: Points, rows: str, condition: str) -> Sql:
    listed = ", ".join(quoted(name) for name in query.columns)
    order = f"ORDER BY {SAMPLE}, {quoted(ID)} LIMIT {query.limit:d}"
    return Sql(f"SELECT {listed} FROM {rows} WHERE {condition} {order}")


def _raw(query: AnalyticsQuery | Points) -> Iterable[str]:
    """The columns that a question looks at as they are."""
    if isinstance(query, Points):
        return (*query.columns, ID)
    return [measure.column for measure in query.measures if measure.column is not None]


def _numbered(items: Iterable[Item]) -> Mapping[Item, int]:
    return {item: number for number, item in enumerate(dict.fromkeys(items))}


def fetched(cursor: duckdb.DuckDBPyConnection, batch: Sql) -> Table:
    """The answer by column."""
    rows = cursor.execute(batch.text, batch.values).fetchall()
    names = [plain_name(column[0]) for column in cursor.description or ()]
    return {name: [row[index] for row in rows] for index, name in enumerate(names)}
