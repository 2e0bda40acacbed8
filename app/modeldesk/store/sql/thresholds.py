"""The decisions on thresholds, in a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import RowMapping, func, select
from sqlalchemy.exc import IntegrityError

from modeldesk.core.errors import Conflict
from modeldesk.ports.thresholds import ThresholdChange
from modeldesk.store.sql.engine import Engines, store_errors
from modeldesk.store.sql.rows import from_micros, plain_text, to_micros
from modeldesk.store.sql.tables import threshold_changes

_PLAIN = ("model", "revision", "threshold", "positive", "version", "previous", "who", "why")


class SqlThresholds:
    """``Thresholds`` on SQLite or PostgreSQL.

    The revision is part of the key: of two decisions that follow the same one, the database takes one.
    """

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    def current(self) -> Mapping[str, ThresholdChange]:
        """The last decision on each model; models never decided on are absent."""
        table = threshold_changes
        last = select(table.c.model, func.max(table.c.revision).label("revision")).group_by(table.c.model).subquery()
        newest = (table.c.model == last.c.model) & (table.c.revision == last.c.revision)
        with store_errors("read"), self._engines.read.begin() as connection:
            rows = connection.execute(select(table).join(last, newest)).mappings()
            return {row["model"]: _change_of(row) for row in rows}

    def record(self, change: ThresholdChange) -> None:
        """Append a decision, atomically. Raises Conflict unless its revision is the next one."""
        row = {name: getattr(change, name) for name in _PLAIN}
        row |= {name: plain_text(name, row[name]) for name in ("model", "positive")}
        row |= {"who": plain_text("name", change.who), "why": plain_text("reason", change.why)}
        last = select(func.max(threshold_changes.c.revision)).where(threshold_changes.c.model == row["model"])
        with store_errors("written"):
            try:
                with self._engines.write.begin() as connection:
                    if (connection.execute(last).scalar() or 0) != change.revision - 1:
                        raise _overtaken(change)
                    connection.execute(threshold_changes.insert(), {**row, "at": to_micros(change.at)})
            except IntegrityError as error:
                raise _overtaken(change) from error

    def history(self, model: str) -> Sequence[ThresholdChange]:
        """All decisions on one model, newest first."""
        statement = (
            select(threshold_changes)
            .where(threshold_changes.c.model == plain_text("model", model))
            .order_by(threshold_changes.c.revision.desc())
        )
        with store_errors("read"), self._engines.read.begin() as connection:
            return [_change_of(row) for row in connection.execute(statement).mappings()]


def _change_of(row: RowMapping) -> ThresholdChange:
    return ThresholdChange(at=from_micros(row["at"]), **{name: row[name] for name in _PLAIN})


def _overtaken(change: ThresholdChange) -> Conflict:
    return Conflict(
        f"The threshold of {change.model} was changed by someone else in the meantime.",
        hint="Look at the threshold in use now and decide again.",
    )
