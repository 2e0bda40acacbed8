"""Presets and sets of scenarios, in a database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import RowMapping, Update, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from modeldesk.core.errors import Conflict
from modeldesk.ports.presets import NamedRecord, Preset, PresetSummary
from modeldesk.store.sql.engine import Engines, store_errors
from modeldesk.store.sql.rows import document, from_micros, plain_text, to_micros
from modeldesk.store.sql.tables import presets

_TEXTS = ("id", "model", "kind", "name", "owner")


class SqlPresets:
    """``Presets`` on SQLite or PostgreSQL. A unique index holds names apart, whoever writes at once."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    def add(self, preset: Preset) -> None:
        """Commit a new one. Raises Conflict if its owner has one of that name for the same model."""
        row: dict[str, Any] = {name: plain_text(name, getattr(preset, name)) for name in _TEXTS}
        records = [{"name": record.name, "inputs": record.inputs} for record in preset.records]
        row |= {"version": preset.version, "size": preset.size, "shared": int(preset.shared)}
        row["records"] = document("records", records)
        with store_errors("written"), _named_apart(preset.name), self._engines.write.begin() as connection:
            connection.execute(presets.insert(), {**row, "created_at": to_micros(preset.created_at)})

    def get(self, preset_id: str) -> Preset | None:
        """One that is not deleted."""
        statement = select(presets).where(*_present(preset_id))
        with store_errors("read"), self._engines.read.begin() as connection:
            row = connection.execute(statement).mappings().one_or_none()
        return None if row is None else _preset_of(row)

    def visible(self, model: str, caller: str, limit: int) -> Sequence[PresetSummary]:
        """Those of one model that are the caller's own or shared, newest first; deleted ones are left out."""
        table = presets.c
        mine = or_(table.owner == plain_text("name", caller), table.shared == 1)
        statement = (
            select(*(column for column in table if column.name != "records"))
            .where(table.model == plain_text("model", model), mine, table.deleted_at.is_(None))
            .order_by(table.created_at.desc(), table.id.desc())
            .limit(limit)
        )
        with store_errors("read"), self._engines.read.begin() as connection:
            return [PresetSummary(**_summary_of(row)) for row in connection.execute(statement).mappings()]

    def count_own(self, model: str, owner: str) -> int:
        """How many of one model somebody has, without the deleted ones."""
        table = presets.c
        own = (table.owner == plain_text("name", owner), table.model == plain_text("model", model))
        statement = select(func.count()).select_from(presets).where(*own, table.deleted_at.is_(None))
        with store_errors("read"), self._engines.read.begin() as connection:
            return connection.execute(statement).scalar_one()

    def change(self, preset_id: str, name: str, shared: bool) -> bool:
        """Rename and share, or no longer share, one; False where it is deleted or never was. Raises
        Conflict if its owner has another of that name for the same model."""
        statement = update(presets).where(*_present(preset_id))
        return self._changed(statement.values(name=plain_text("name", name), shared=int(shared)), name)

    def delete(self, preset_id: str, who: str, at: datetime) -> bool:
        """Remove the inputs and record who deleted them; False where they were already, or never were."""
        statement = update(presets).where(*_present(preset_id))
        deleted = {"deleted_by": plain_text("name", who), "deleted_at": to_micros(at)}
        return self._changed(statement.values(records="[]", **deleted))

    def _changed(self, statement: Update, name: str = "") -> bool:
        with store_errors("written"), _named_apart(name), self._engines.write.begin() as connection:
            return connection.execute(statement).rowcount == 1


def _present(preset_id: str) -> tuple[Any, ...]:
    return presets.c.id == plain_text("id", preset_id), presets.c.deleted_at.is_(None)


def _summary_of(row: RowMapping) -> dict[str, Any]:
    plain = {name: row[name] for name in (*_TEXTS, "version", "size")}
    return {**plain, "shared": bool(row["shared"]), "created_at": from_micros(row["created_at"])}


def _preset_of(row: RowMapping) -> Preset:
    records = [NamedRecord(item["name"], item["inputs"]) for item in orjson.loads(row["records"])]
    return Preset(**_summary_of(row), records=records)


@contextmanager
def _named_apart(name: str) -> Iterator[None]:
    """Turn the database's refusal of a name that is taken into Conflict."""
    try:
        yield
    except IntegrityError as error:
        raise Conflict(
            f"Its owner has a preset named {name!r} for this model already.",
            hint="Choose another name, or rename or delete the other one.",
        ) from error
