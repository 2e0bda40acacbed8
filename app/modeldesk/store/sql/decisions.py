"""Logs of decisions on models, in a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Generic

from sqlalchemy import Column, RowMapping, Table, func, select
from sqlalchemy.exc import IntegrityError

from modeldesk.ports.decisions import Change, ServedChange, ThresholdChange
from modeldesk.ports.version_labels import LabelChange
from modeldesk.store.sql.engine import Engines, store_errors
from modeldesk.store.sql.rows import from_micros, plain_text, to_micros
from modeldesk.store.sql.tables import served_changes, threshold_changes, version_labels

_CALLED = {"who": "name", "why": "reason"}
"""What errors call a column."""


class SqlDecisionLog(Generic[Change]):
    """``DecisionLog`` on SQLite or PostgreSQL: a row for each ``change``, in ``table``.

    Decisions on one model are numbered from 1 without a gap, and the ``number`` is part of the key: of
    two that follow the same decision, the database takes one.
    """

    def __init__(self, engines: Engines, table: Table, number: Column[int], change: type[Change]) -> None:
        self._engines = engines
        self._table = table
        self._number = number
        self._change = change

    def current(self) -> Mapping[str, Change]:
        """The last decision on each model; models never decided on are absent."""
        table, number = self._table, self._number
        last = select(table.c.model, func.max(number).label("number")).group_by(table.c.model).subquery()
        statement = select(table).join(last, (table.c.model == last.c.model) & (number == last.c.number))
        with store_errors("read"), self._engines.read.begin() as connection:
            return {row["model"]: self._of(row) for row in connection.execute(statement).mappings()}

    def record(self, change: Change) -> None:
        """Append a decision, atomically. Raises Conflict unless it follows the last one, and BadRequest for
        text that cannot be stored."""
        values = {name: getattr(change, name) for name in self._names()}
        row = {name: _checked(name, value) for name, value in values.items()} | {"at": to_micros(change.at)}
        last = self._newest_first(change.model).limit(1)
        with store_errors("written"):
            try:
                with self._engines.write.begin() as connection:
                    result = connection.execute(last).mappings().one_or_none()
                    if not change.follows(None if result is None else self._of(result)):
                        raise change.overtaken()
                    row[self._number.name] = 1 if result is None else result[self._number.name] + 1
                    connection.execute(self._table.insert(), row)
            except IntegrityError as error:
                raise change.overtaken() from error

    def history(self, model: str) -> Sequence[Change]:
        """All decisions on one model, newest first."""
        plain_text("model", model)
        with store_errors("read"), self._engines.read.begin() as connection:
            return [self._of(row) for row in connection.execute(self._newest_first(model)).mappings()]

    def _newest_first(self, model: str) -> Any:
        return select(self._table).where(self._table.c.model == model).order_by(self._number.desc())

    def _names(self) -> Sequence[str]:
        return [field.name for field in fields(self._change)]  # type: ignore[arg-type]

    def _of(self, row: RowMapping) -> Change:
        values: dict[str, Any] = {name: row[name] for name in self._names()}
        return self._change(**values | {"at": from_micros(row["at"])})


def served_log(engines: Engines) -> SqlDecisionLog[ServedChange]:
    """The decisions on which version is served."""
    return SqlDecisionLog(engines, served_changes, served_changes.c.sequence, ServedChange)


def threshold_log(engines: Engines) -> SqlDecisionLog[ThresholdChange]:
    """The decisions on thresholds."""
    return SqlDecisionLog(engines, threshold_changes, threshold_changes.c.revision, ThresholdChange)


def label_log(engines: Engines) -> SqlDecisionLog[LabelChange]:
    """The changes of aliases and tags."""
    return SqlDecisionLog(engines, version_labels, version_labels.c.revision, LabelChange)


def _checked(name: str, value: Any) -> Any:
    return plain_text(_CALLED.get(name, name), value) if isinstance(value, str) else value
