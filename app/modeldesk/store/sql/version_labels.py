"""Aliases and tags of versions, in a database."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import RowMapping, func, select
from sqlalchemy.exc import IntegrityError

from modeldesk.core.errors import Conflict
from modeldesk.ports.version_labels import LabelChange
from modeldesk.store.sql.engine import Engines, store_errors
from modeldesk.store.sql.rows import from_micros, plain_text, to_micros
from modeldesk.store.sql.tables import version_labels

_PLAIN = ("model", "revision", "kind", "label", "version", "action", "who")


class SqlVersionLabels:
    """``VersionLabels`` on SQLite or PostgreSQL.

    The revision is part of the key: of two changes that follow the same one, the database takes one.
    """

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    def record(self, change: LabelChange) -> None:
        """Append a change, atomically. Raises Conflict unless its revision is the next one."""
        row = {name: getattr(change, name) for name in _PLAIN}
        row |= {name: plain_text(name, row[name]) for name in ("model", "label")}
        row["who"] = plain_text("name", change.who)
        last = select(func.max(version_labels.c.revision)).where(version_labels.c.model == row["model"])
        with store_errors("written"):
            try:
                with self._engines.write.begin() as connection:
                    if (connection.execute(last).scalar() or 0) != change.revision - 1:
                        raise _overtaken(change)
                    connection.execute(version_labels.insert(), {**row, "at": to_micros(change.at)})
            except IntegrityError as error:
                raise _overtaken(change) from error

    def history(self, model: str) -> Sequence[LabelChange]:
        """All changes of one model, newest first."""
        statement = (
            select(version_labels)
            .where(version_labels.c.model == plain_text("model", model))
            .order_by(version_labels.c.revision.desc())
        )
        with store_errors("read"), self._engines.read.begin() as connection:
            return [_change_of(row) for row in connection.execute(statement).mappings()]


def _change_of(row: RowMapping) -> LabelChange:
    return LabelChange(at=from_micros(row["at"]), **{name: row[name] for name in _PLAIN})


def _overtaken(change: LabelChange) -> Conflict:
    return Conflict(
        f"Aliases and tags of {change.model} were changed by someone else in the meantime.",
        hint="Look at them as they are now and try again.",
    )
