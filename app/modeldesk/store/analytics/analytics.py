"""Answers to analysts' questions, from the log's files and its tail, and from files of rows.

A call reads the list of files, the rows that are in none, and outcomes in one snapshot of the database;
the files themselves never change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from modeldesk.core.errors import BadRequest, StoreUnavailable
from modeldesk.ports.analytics import (
    ACTUAL,
    ERROR,
    ID,
    PREDICTION,
    TIME,
    AnalyticsQuery,
    Answers,
    Column,
    Extent,
    FileRows,
    Filter,
    Points,
    RowSource,
    RowsPage,
)
from modeldesk.store.analytics.aggregates import Counts, file_extent, file_rows
from modeldesk.store.analytics.duck import CACHED, Duck
from modeldesk.store.analytics.log_parts import live_files, recorded_outcomes, tail_extent, tail_rows
from modeldesk.store.analytics.query_runner import FEW_ROWS, ask_each, ask_whole, fetched
from modeldesk.store.analytics.query_sql import Columns, Sql, all_of, check_query, quoted, used_columns
from modeldesk.store.analytics.relation import Relation, file_relation, log_relation
from modeldesk.store.analytics.row_files import write_rows
from modeldesk.store.analytics.sampling import SPAN, sample_order, sample_order_for
from modeldesk.store.sql.engine import Engines, snapshot, store_errors
from modeldesk.store.sql.rows import from_micros

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

MOST_ON_A_PAGE = 10_000
MOST_UNSETTLED = 200_000
"""Rows that are in no file and can be asked about: they are read one by one, and held in memory."""
STREAMED_ROWS = 10_000


class DuckAnalyst:
    """``Analyst`` on DuckDB and the database of the log; safe to use from many threads."""

    def __init__(self, engines: Engines, duck: Duck) -> None:
        self._engines = engines
        self._duck = duck
        self._counts = Counts(duck)

    def extent(self, source: RowSource) -> Extent:
        """How many rows there are, from when to when, without reading them where none are left out."""
        if isinstance(source, FileRows):
            return file_extent(source)
        with store_errors("read"), snapshot(self._engines.read) as connection:
            files = live_files(connection, self._duck.folder, source)
            waiting, *ends = tail_extent(connection, source)
        result = self._counts.extent(source, files)
        times = [time for time in (result.first, result.last) if time is not None]
        times += [from_micros(end) for end in ends if end is not None]
        return Extent(result.rows + waiting, min(times, default=None), max(times, default=None))

    def ask(
        self, source: RowSource, queries: Sequence[AnalyticsQuery | Points], *, sample: int | None = None
    ) -> Answers:
        """The answers in the order of the questions: exact, or from a uniform sample of about so many rows
        where the source has more. Raises BadRequest, NotFound, StoreUnavailable."""
        columns = Columns(source.columns)
        names: set[str] = set()
        for query in queries:
            if isinstance(query, AnalyticsQuery):
                check_query(columns, query)
                names |= used_columns(query)
            else:
                names |= _checked(columns, query.columns, query.where)
        relation, before = self._relation(source, names, sample)
        few = before < SPAN or relation.rows <= FEW_ROWS
        # What is answered at once does not queue behind what takes long.
        with self._duck.cursor(bounded=not few) as cursor:
            _register(cursor, relation)
            if few:
                tables, read = ask_whole(cursor, relation, queries, before)
                return Answers(tables, relation.rows if before >= SPAN else read, relation.rows)
            return Answers(ask_each(cursor, relation, queries), relation.rows, relation.rows)

    def page(
        self,
        source: RowSource,
        columns: Sequence[str],
        where: Sequence[Filter] = (),
        *,
        order: str | None = None,
        descending: bool = True,
        start: int = 0,
        count: int = 100,
    ) -> RowsPage:
        """Some rows in an order (by their time and id without one), exactly."""
        if start < 0 or not 1 <= count <= MOST_ON_A_PAGE:
            raise BadRequest(f"A page has 1 to {MOST_ON_A_PAGE:,} rows, from row 0 on; not {count} from {start} on.")
        known = Columns(source.columns)
        names = _checked(known, (*columns, *(() if order is None else (order,))), where)
        condition = all_of(known, where)
        relation, _ = self._relation(source, names, None)
        with self._duck.cursor() as cursor:
            _register(cursor, relation)
            rows = relation.up_to(SPAN, names)
            counted = f"SELECT count(*) FROM ({rows.text}) WHERE {condition.text}"
            total = cursor.execute(counted, (*rows.values, *condition.values)).fetchall()[0][0]
            chosen = _in_order(cursor, source, rows, condition, order, descending, start + count)
            listed = ", ".join(quoted(name) for name in columns)
            text = f"SELECT {listed} FROM ({chosen.text}) LIMIT {count:d} OFFSET {start:d}"
            table = fetched(cursor, Sql(text, chosen.values))
        return RowsPage(table, total)

    def stream(
        self, source: RowSource, columns: Sequence[str], where: Sequence[Filter] = ()
    ) -> Iterator[pa.RecordBatch]:
        """All rows that pass, by their time and id, in blocks of constant memory."""
        known = Columns(source.columns)
        condition = all_of(known, where)
        names = _checked(known, columns, where)
        relation, _ = self._relation(source, names, None)
        rows = relation.up_to(SPAN, names)
        listed = ", ".join(quoted(name) for name in columns)
        text = f"SELECT {listed} FROM ({rows.text}) WHERE {condition.text} ORDER BY {_default_order(source, 'ASC')}"
        # Whoever reads slowly keeps no other question waiting.
        with self._duck.cursor(bounded=False) as cursor:
            _register(cursor, relation)
            for batch in cursor.sql(text, params=(*rows.values, *condition.values)).to_arrow_reader(STREAMED_ROWS):
                yield batch.rename_columns(list(columns))

    def kept(self, name: str) -> Path:
        """Where a file of rows lies that is made once, under a name; its folder is there."""
        folder = self._duck.folder / CACHED
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder / name

    def write(self, file: Path, rows: Iterable[pa.Table]) -> None:
        """Make a file that ``FileRows`` may name, lasting and at once, of tables with equal columns."""
        write_rows(self._duck, file, rows)

    def _relation(self, source: RowSource, names: set[str], sample: int | None) -> tuple[Relation, int]:
        """The source's rows with these columns, and the place before which a sample lies."""
        wanted = tuple(column for column in source.columns if column.name in names | {ID, TIME, PREDICTION})
        asked_outcomes = bool(names & {ACTUAL, ERROR})
        if isinstance(source, FileRows):
            rows = file_rows(source)
            before = SPAN if sample is None else sample_order_for(sample, rows)
            outcomes = None
            if asked_outcomes and source.outcomes_of is not None:
                with store_errors("read"), self._engines.read.begin() as connection:
                    outcomes = recorded_outcomes(connection, source.outcomes_of, before)
            return file_relation(source.files, _with_id(wanted), outcomes, rows), before
        source = replace(source, columns=_with_id(wanted))
        with store_errors("read"), snapshot(self._engines.read) as connection:
            files = live_files(connection, self._duck.folder, source)
            _refuse_long_tail(tail_extent(connection, source)[0])
            tail = tail_rows(connection, source)
            rows = self._counts.extent(source, files).rows + len(tail)
            before = SPAN if sample is None else sample_order_for(sample, rows)
            outcomes = recorded_outcomes(connection, source.model, before) if asked_outcomes else ()
        tail = [row for row in tail if before >= SPAN or sample_order(row["id"]) < before]
        return log_relation(source, files, tail, outcomes, rows), before


def _refuse_long_tail(rows: int) -> None:
    if rows > MOST_UNSETTLED:
        raise StoreUnavailable(
            f"{rows:,} predictions are not ready to be looked at together yet.",
            hint="Workers prepare about a million a minute. If this stays, see that a worker runs.",
        )


def _register(cursor: duckdb.DuckDBPyConnection, relation: Relation) -> None:
    for name, table in relation.tables.items():
        cursor.register(name, table)


def _with_id(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    return columns if any(column.name == ID for column in columns) else (Column(ID, "category"), *columns)


def _checked(columns: Columns, names: Sequence[str], where: Sequence[Filter]) -> set[str]:
    if not names:
        raise BadRequest("Rows without columns cannot be shown.")
    for name in names:
        columns.kind(name)
    all_of(columns, where)
    return {*names, *(item.column for item in where)}


def _default_order(source: RowSource, way: str) -> str:
    """By time and then by id, where the number at its end counts: row 9 comes before row 10."""
    time = f"{quoted(TIME)} {way}, " if any(column.name == TIME for column in source.columns) else ""
    return f"{time}length({quoted(ID)}), {quoted(ID)}"


def _in_order(
    cursor: duckdb.DuckDBPyConnection,
    source: RowSource,
    rows: Sql,
    condition: Sql,
    order: str | None,
    descending: bool,
    needed: int,
) -> Sql:
    """The rows that pass, in order, and not many more of them than are needed: the value of the last one
    needed is found first, from that column alone, and spares reading the others of rows beyond it."""
    way = "DESC" if descending else "ASC"
    by = order if order is not None else TIME
    tie = f"length({quoted(ID)}), {quoted(ID)}"
    passing, values = f"SELECT * FROM ({rows.text}) WHERE {condition.text}", (*rows.values, *condition.values)
    if all(column.name != by for column in source.columns):
        return Sql(f"{passing} ORDER BY {tie}", values)
    name = quoted(by)
    last = cursor.execute(
        f"SELECT {name} FROM ({passing}) ORDER BY {name} {way} NULLS LAST LIMIT 1 OFFSET {needed - 1:d}", values
    ).fetchone()
    if last is not None and last[0] is not None:
        passing, values = f"{passing} AND {name} {'>=' if descending else '<='} ?", (*values, last[0])
    return Sql(f"{passing} ORDER BY {name} {way} NULLS LAST, {tie}", values)
