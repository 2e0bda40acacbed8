"""Statements about predictions, in tables that are only ever added to.

What is said about one prediction (of one kind, or by one person) is numbered without a gap, and the number is part
of the key: of two statements that come at once, the second fails on it, sees the first and is compared with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, select
from sqlalchemy.exc import IntegrityError

from modeldesk.core.errors import Conflict
from modeldesk.store.sql.engine import Engines, store_errors
from modeldesk.store.sql.rows import plain_text

ATTEMPTS = 20
"""How often a statement is appended anew because others about the same prediction came first."""

IDS_AT_ONCE = 500

Statement = TypeVar("Statement")


class Statements(Generic[Statement]):
    """One table of statements. ``order`` are the columns by which those about one prediction are read, and
    ``statement_of`` makes one of a row."""

    def __init__(
        self,
        engines: Engines,
        table: Table,
        order: Sequence[ColumnElement[object]],
        statement_of: Callable[[RowMapping], Statement],
    ) -> None:
        self._engines = engines
        self._table = table
        self._order = order
        self._statement_of = statement_of

    def append(
        self, row: Mapping[str, object], key: Sequence[str], adds: Callable[[Statement | None, int], bool], crowded: str
    ) -> Statement | None:
        """Append a row behind the last one with the same values in the columns of ``key``, and return that last one.

        ``adds`` is told the last one and the number that the row would get, and says whether it is added. Raises
        Conflict, saying ``crowded``, where others come first too often.
        """
        with store_errors("written"):
            for _ in range(ATTEMPTS):
                with suppress(IntegrityError), self._engines.write.begin() as connection:
                    return self._append(connection, row, key, adds)
        raise Conflict(crowded, hint="Try again.")

    def of(self, prediction_ids: Sequence[str]) -> Mapping[str, Sequence[Statement]]:
        """All statements about some predictions, oldest first, by prediction; those without are absent."""
        # An id with a character that no database takes is nobody's.
        wanted = [item for item in prediction_ids if "\0" not in item and item.isprintable()]
        result: dict[str, list[Statement]] = {}
        column = self._table.c.prediction_id
        with store_errors("read"), self._engines.read.begin() as connection:
            for start in range(0, len(wanted), IDS_AT_ONCE):
                some = column.in_(wanted[start : start + IDS_AT_ONCE])
                for row in connection.execute(select(self._table).where(some).order_by(*self._order)).mappings():
                    result.setdefault(row["prediction_id"], []).append(self._statement_of(row))
        return result

    def of_batch(self, batch_id: str, *conditions: ColumnElement[bool]) -> Sequence[str]:
        """The ids of a batch's rows that a statement is about."""
        plain_text("id", batch_id)
        # Ids of rows begin with the batch's and a dash; a dot is the character after that.
        column = self._table.c.prediction_id
        wanted = select(column).distinct().where(column > f"{batch_id}-", column < f"{batch_id}.", *conditions)
        with store_errors("read"), self._engines.read.begin() as connection:
            return list(connection.execute(wanted).scalars())

    def _append(
        self,
        connection: Connection,
        row: Mapping[str, object],
        key: Sequence[str],
        adds: Callable[[Statement | None, int], bool],
    ) -> Statement | None:
        columns = self._table.c
        same = [columns[name] == row[name] for name in key]
        last_first = select(self._table).where(*same).order_by(columns.sequence.desc()).limit(1)
        last = connection.execute(last_first).mappings().one_or_none()
        before = None if last is None else self._statement_of(last)
        number = 1 if last is None else int(last["sequence"]) + 1
        if adds(before, number):
            connection.execute(self._table.insert(), {**row, "sequence": number})
        return before
