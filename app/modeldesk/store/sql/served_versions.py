"""The decisions on which version is served, in a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import IntegrityError

from modeldesk.core.errors import Conflict
from modeldesk.ports.served_versions import ServedChange
from modeldesk.store.sql.engine import Engines, store_errors
from modeldesk.store.sql.rows import change_of, plain_text, to_micros
from modeldesk.store.sql.tables import served_changes


class SqlServedVersions:
    """``ServedVersions`` on SQLite or PostgreSQL.

    Decisions on one model are numbered without a gap and the number is part of the key: of
    two that follow the same decision, the database takes one.
    """

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    def current(self) -> Mapping[str, int]:
        """The version last decided on for each model; models never decided on are absent."""
        table = served_changes
        last = select(table.c.model, func.max(table.c.sequence).label("sequence")).group_by(table.c.model).subquery()
        newest = (table.c.model == last.c.model) & (table.c.sequence == last.c.sequence)
        statement = select(table.c.model, table.c.version).join(last, newest)
        with store_errors("read"), self._engines.read.begin() as connection:
            return {row.model: row.version for row in connection.execute(statement)}

    def record(self, change: ServedChange) -> None:
        """Append a decision, atomically.

        Raises Conflict if the last decision's version is not ``change.previous``. Before the
        first decision any ``previous`` is right: then it is the version served by default.
        """
        row = {
            "model": plain_text("model", change.model),
            "version": change.version,
            "previous": change.previous,
            "action": change.action,
            "who": plain_text("name", change.who),
            "why": plain_text("reason", change.why),
            "at": to_micros(change.at),
        }
        with store_errors("written"):
            try:
                with self._engines.write.begin() as connection:
                    sequence = _next_sequence(connection, change)
                    connection.execute(served_changes.insert(), {**row, "sequence": sequence})
            except IntegrityError as error:
                raise _overtaken(change) from error

    def history(self, model: str) -> Sequence[ServedChange]:
        """All decisions on one model, newest first."""
        statement = (
            select(served_changes)
            .where(served_changes.c.model == plain_text("model", model))
            .order_by(served_changes.c.sequence.desc())
        )
        with store_errors("read"), self._engines.read.begin() as connection:
            return [change_of(row) for row in connection.execute(statement).mappings()]


def _next_sequence(connection: Connection, change: ServedChange) -> int:
    statement = (
        select(served_changes.c.sequence, served_changes.c.version)
        .where(served_changes.c.model == change.model)
        .order_by(served_changes.c.sequence.desc())
        .limit(1)
    )
    last = connection.execute(statement).one_or_none()
    if last is None:
        return 1
    if last.version != change.previous:
        raise _overtaken(change)
    return int(last.sequence) + 1


def _overtaken(change: ServedChange) -> Conflict:
    return Conflict(
        f"The served version of {change.model} was changed by someone else in the meantime.",
        hint="Look at its versions and decide again.",
    )
