"""Saved views of the Explore page, in a database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, select, update

from modeldesk.ports.saved_views import SavedView
from modeldesk.store.sql.engine import Engines, store_errors
from modeldesk.store.sql.rows import from_micros, plain_text, to_micros
from modeldesk.store.sql.tables import saved_views

_TEXTS = ("id", "model", "name", "query", "owner")


class SqlSavedViews:
    """``SavedViews`` on SQLite or PostgreSQL."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    def add(self, view: SavedView) -> None:
        """Commit a new view."""
        row = {name: plain_text(name, getattr(view, name)) for name in _TEXTS}
        with store_errors("written"), self._engines.write.begin() as connection:
            connection.execute(saved_views.insert(), {**row, "at": to_micros(view.at)})

    def get(self, view_id: str) -> SavedView | None:
        """One view that is not deleted."""
        statement = select(saved_views).where(
            saved_views.c.id == plain_text("id", view_id), saved_views.c.deleted_at.is_(None)
        )
        with store_errors("read"), self._engines.read.begin() as connection:
            row = connection.execute(statement).mappings().one_or_none()
        return None if row is None else _view_of(row)

    def own(self, model: str, owner: str, limit: int) -> Sequence[SavedView]:
        """The views of one model that somebody saved and that are not deleted, newest first."""
        table = saved_views.c
        statement = (
            select(saved_views)
            .where(table.owner == owner, table.model == model, table.deleted_at.is_(None))
            .order_by(table.at.desc(), table.id.desc())
            .limit(limit)
        )
        with store_errors("read"), self._engines.read.begin() as connection:
            return [_view_of(row) for row in connection.execute(statement).mappings()]

    def delete(self, view_id: str, who: str, at: datetime) -> bool:
        """Record that a view was deleted; False where it was already, or never was."""
        statement = (
            update(saved_views)
            .where(saved_views.c.id == plain_text("id", view_id), saved_views.c.deleted_at.is_(None))
            .values(deleted_by=plain_text("name", who), deleted_at=to_micros(at))
        )
        with store_errors("written"), self._engines.write.begin() as connection:
            return connection.execute(statement).rowcount == 1


def _view_of(row: RowMapping) -> SavedView:
    deleted = row["deleted_at"]
    return SavedView(
        **{name: row[name] for name in _TEXTS},
        at=from_micros(row["at"]),
        deleted_by=row["deleted_by"],
        deleted_at=None if deleted is None else from_micros(deleted),
    )
