"""The rows of a source as a query of DuckDB, read at one moment."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
from sqlalchemy import RowMapping

from modeldesk.ports.analytics import ACTUAL, CHANCE, ERROR, ID, PREDICTION, PROBABILITY, TIME, Column, LogRows, typed
from modeldesk.store.analytics.log_parts import LogFile, RecordedOutcome, within
from modeldesk.store.analytics.log_rows import OWNER, SAMPLE, arrow_type, typed_rows
from modeldesk.store.analytics.query_sql import TYPES, Sql, quoted
from modeldesk.store.analytics.row_files import rows_of_files
from modeldesk.store.analytics.sampling import SPAN, sample_order

if TYPE_CHECKING:
    import pyarrow as pa

TAIL, OUTCOMES = "tail", "told"
"""The names under which tables are given to DuckDB: rows that are in no file, and outcomes."""

_OUTCOMES = frozenset({ACTUAL, ERROR})


@dataclass(frozen=True, slots=True)
class Branch:
    """A part of a relation's rows: ``SELECT … FROM …``, the conditions on its rows, and the values of
    their parameters. Conditions are kept apart from the text, which holds names that people gave."""

    select: str
    conditions: tuple[str, ...] = ()
    values: tuple[object, ...] = ()

    def where(self, condition: str) -> str:
        """The query of the rows that also meet a condition without parameters."""
        return f"{self.select} WHERE {' AND '.join((condition, *self.conditions))}"


@dataclass(frozen=True, slots=True)
class Relation:
    """``rows`` rows, as a query of each part of them by place. ``tables`` have to be known to the cursor
    that asks it."""

    branches: tuple[Branch, ...]
    columns: tuple[Column, ...]
    rows: int
    tables: Mapping[str, pa.Table] = field(default_factory=dict)

    def up_to(self, index: int, names: Collection[str]) -> Sql:
        """A query for the rows before a place, with their places and at least the columns named."""
        bounds = "true" if index >= SPAN else f"{SAMPLE} < {index:d}"
        texts = [branch.where(bounds) for branch in self.branches]
        values = tuple(value for branch in self.branches for value in branch.values)
        result = Sql(" UNION ALL ".join(texts), values)
        if OUTCOMES not in self.tables or not _OUTCOMES.intersection(names):
            return result
        return Sql(_with_outcomes(result.text, bounds, self.columns), result.values)


def file_relation(
    files: Sequence[Path], columns: Sequence[Column], outcomes: Sequence[RecordedOutcome] | None, rows: int
) -> Relation:
    """The rows of files that hold these columns, with what happened afterwards (None: as the files say)."""
    listed = [
        f"NULL::{TYPES[column.kind]} AS {quoted(column.name)}"
        if outcomes is not None and column.name in _OUTCOMES
        else quoted(column.name)
        for column in columns
    ]
    text = f"SELECT {SAMPLE}, {', '.join(listed)} FROM {rows_of_files(files)}" if files else ""
    tables = {OUTCOMES: _told_table(outcomes, columns)} if outcomes else {}
    return Relation((Branch(text),) if text else (_nothing(columns),), tuple(columns), rows, tables)


def log_relation(
    source: LogRows,
    files: Sequence[LogFile],
    tail: Sequence[RowMapping],
    outcomes: Sequence[RecordedOutcome],
    rows: int,
) -> Relation:
    """The rows of the log: those in files and those that are in none, with what happened afterwards."""
    by_columns = sorted(files, key=_columns_in_order)
    branches = [_files_branch(source, list(group)) for _, group in groupby(by_columns, key=_columns_in_order)]
    tables: dict[str, pa.Table] = {}
    if tail:
        tables[TAIL] = tail_table(source, tail)
        names = ", ".join(quoted(name) for name in (SAMPLE, *(column.name for column in source.columns)))
        branches.append(Branch(f"SELECT * FROM {TAIL} AS tail_rows({names})"))
    if outcomes:
        tables[OUTCOMES] = _told_table(outcomes, source.columns)
    return Relation(tuple(branches) or (_nothing(source.columns),), source.columns, rows, tables)


def tail_table(source: LogRows, rows: Sequence[RowMapping]) -> pa.Table:
    """Rows of the database with their places and the source's columns."""
    import pyarrow as pa

    wanted = [
        Column(f"{CHANCE}{source.positive}", column.kind) if _is_chance(source, column) else column
        for column in source.columns
    ]
    table = typed_rows(rows, wanted)
    indices = pa.array([sample_order(row["id"]) for row in rows], pa.int64())
    return table.rename_columns([column.name for column in source.columns]).add_column(0, SAMPLE, indices)


def _columns_in_order(file: LogFile) -> tuple[tuple[str, str], ...]:
    return tuple(file.columns.items())


def _is_chance(source: LogRows, column: Column) -> bool:
    return column.name == PROBABILITY and source.positive is not None


def _files_branch(source: LogRows, files: Sequence[LogFile]) -> Branch:
    """Files with the same columns in the same order; one that they do not have is missing in all their rows."""
    kinds = files[0].columns
    names = ", ".join(_file_column(source, kinds, column) for column in source.columns)
    conditions: list[str] = []
    values: list[object] = []
    if source.since is not None and not all(within(file, source.since, None) for file in files):
        conditions.append(f"{quoted(TIME)} >= ?")
        values.append(naive(source.since))
    if source.until is not None and not all(within(file, None, source.until) for file in files):
        conditions.append(f"{quoted(TIME)} < ?")
        values.append(naive(source.until))
    if source.owner is not None:
        conditions.append(f"{quoted(OWNER)} = ?")
        values.append(source.owner)
    rows = rows_of_files([file.path for file in files])
    return Branch(f"SELECT {SAMPLE}, {names} FROM {rows}", tuple(conditions), tuple(values))


def _file_column(source: LogRows, kinds: Mapping[str, str], column: Column) -> str:
    name, kind = column.name, TYPES[column.kind]
    stored = f"{CHANCE}{source.positive}" if _is_chance(source, column) else name
    if stored not in kinds:
        return f"NULL::{kind} AS {quoted(name)}"
    if kinds[stored] != column.kind:  # another version had another kind of it
        return f"TRY_CAST({quoted(stored)} AS {kind}) AS {quoted(name)}"
    return quoted(name) if stored == name else f"{quoted(stored)} AS {quoted(name)}"


def _nothing(columns: Sequence[Column]) -> Branch:
    names = ", ".join(f"NULL::{TYPES[column.kind]} AS {quoted(column.name)}" for column in columns)
    return Branch(f"SELECT 0::BIGINT AS {SAMPLE}, {names}", ("false",))


def _with_outcomes(rows: str, bounds: str, columns: Sequence[Column]) -> str:
    """The rows with the last of what was recorded of each."""
    kinds = {column.name: column.kind for column in columns}
    difference = f"r.{quoted(PREDICTION)} <> t.value"
    if kinds.get(PREDICTION) == "number":
        difference = f"r.{quoted(PREDICTION)} - t.value"
    told_of = {ACTUAL: "t.value", ERROR: difference}
    names = ", ".join(
        f"{told_of[name]} AS {quoted(name)}" if name in told_of else f"r.{quoted(name)}" for name in kinds
    )
    last = (
        f"SELECT id, {SAMPLE}, arg_max(value, sequence) AS value FROM {OUTCOMES} WHERE {bounds} GROUP BY id, {SAMPLE}"
    )
    same = f"t.{SAMPLE} = r.{SAMPLE} AND t.id = r.{quoted(ID)}"
    return f"SELECT r.{SAMPLE}, {names} FROM ({rows}) AS r LEFT JOIN ({last}) AS t ON {same}"


def _told_table(outcomes: Sequence[RecordedOutcome], columns: Sequence[Column]) -> pa.Table:
    import pyarrow as pa

    # What happened is of the kind of what was foretold.
    actual = next(column for column in columns if column.name == PREDICTION)
    ids, sequences, indices, values = zip(*outcomes, strict=True) if outcomes else ((), (), (), ())
    return pa.table(
        {
            "id": pa.array(ids, pa.string()),
            "sequence": pa.array(sequences, pa.int64()),
            SAMPLE: pa.array(indices, pa.int64()),
            "value": pa.array([typed(actual.kind, orjson.loads(value)) for value in values], arrow_type(actual)),
        }
    )


def naive(moment: datetime) -> datetime:
    """A time as files hold it: in UTC, without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None)
