"""Batches and their chunks in a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    Update,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from modeldesk.core.errors import BadRequest
from modeldesk.ports.batches import Batch, BatchPage, BatchQuery, BatchState, FinishedQuery, PlannedChunk, RecordedChunk
from modeldesk.store.sql.engine import Engines, store_errors
from modeldesk.store.sql.paging import MOST_ON_A_PAGE, cursor_after, read_cursor
from modeldesk.store.sql.rows import document, from_micros, plain_text, to_micros
from modeldesk.store.sql.tables import batch_chunks, batches

_PLAIN = ("id", "owner", "model", "version", "version_digest", "settings_digest", "file_name", "size", "state")
_DOCUMENTS = ("settings", "options")
_ACTIVE = ("queued", "running")
MOST_COUNTED = 10_000
"""Batches whose rows are counted by day."""
_ENDS = ("succeeded", "failed", "cancelled")


class SqlBatches:
    """``Batches`` on SQLite or PostgreSQL.

    Every change of a state is one statement that names the states it may come from, so that of
    two that meet, the database takes one.
    """

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    def create(self, batch: Batch) -> None:
        """Commit a new batch. Raises BadRequest for text that cannot be stored."""
        row: dict[str, Any] = {name: getattr(batch, name) for name in _PLAIN}
        for name in ("owner", "model", "file_name"):
            row[name] = plain_text(name, row[name])
        row.update((name, document(name, getattr(batch, name))) for name in _DOCUMENTS)
        row["created_at"] = to_micros(batch.created_at)
        with store_errors("written"), self._engines.write.begin() as connection:
            connection.execute(batches.insert(), row)

    def get(self, batch_id: str) -> Batch | None:
        """One batch that is not deleted."""
        plain_text("id", batch_id)
        with store_errors("read"), self._engines.read.begin() as connection:
            row = connection.execute(_with_progress(batches.c.id == batch_id)).mappings().one_or_none()
        return None if row is None else _batch_of(row)

    def page(self, query: BatchQuery) -> BatchPage:
        """An owner's batches, newest first. Raises BadRequest on a bad cursor or limit."""
        if not 1 <= query.limit <= MOST_ON_A_PAGE:
            raise BadRequest(f"The limit is {query.limit}; it must be from 1 to {MOST_ON_A_PAGE:,}.")
        conditions = [batches.c.owner == plain_text("owner", query.owner)]
        if query.hidden_models:
            conditions.append(batches.c.model.not_in([plain_text("model", name) for name in query.hidden_models]))
        if query.model is not None:
            conditions.append(batches.c.model == plain_text("model", query.model))
        if query.cursor is not None:
            position = tuple_(*(literal(part) for part in read_cursor(query.cursor)))
            conditions.append(tuple_(batches.c.created_at, batches.c.id) < position)
        newest_first = (batches.c.created_at.desc(), batches.c.id.desc())
        statement = _with_progress(*conditions).order_by(*newest_first).limit(query.limit + 1)
        with store_errors("read"), self._engines.read.begin() as connection:
            rows = connection.execute(statement).mappings().all()
        shown = rows[: query.limit]
        more = len(rows) > query.limit
        return BatchPage(
            [_batch_of(row) for row in shown],
            cursor_after(shown[-1]["created_at"], shown[-1]["id"]) if more else None,
        )

    def finished(self, query: FinishedQuery) -> Sequence[Batch]:
        """Batches that have succeeded and match, the last finished first."""
        columns = batches.c
        conditions: list[ColumnElement[bool]] = [columns.state == "succeeded"]
        if query.owner is not None:
            conditions.append(columns.owner == plain_text("owner", query.owner))
        if query.models is not None:
            conditions.append(columns.model.in_([plain_text("model", name) for name in query.models]))
        if query.hidden_models:
            conditions.append(columns.model.not_in([plain_text("model", name) for name in query.hidden_models]))
        if query.version is not None:
            conditions.append(columns.version == query.version)
        if query.since is not None:
            conditions.append(columns.finished_at >= to_micros(query.since))
        if query.until is not None:
            conditions.append(columns.finished_at < to_micros(query.until))
        if query.before is not None:
            index, position = tuple_(columns.finished_at, columns.id), (to_micros(query.before[0]), query.before[1])
            last = tuple_(*(literal(part) for part in position))
            conditions.append(index <= last if query.inclusive else index < last)
        statement = _with_progress(*conditions).order_by(columns.finished_at.desc(), columns.id.desc())
        with store_errors("read"), self._engines.read.begin() as connection:
            rows = connection.execute(statement.limit(query.limit)).mappings().all()
        return [_batch_of(row) for row in rows]

    def daily_rows(self, models: Sequence[str], since: datetime) -> Mapping[str, Mapping[date, int]]:
        """Scored rows a UTC day for each model named, by the day on which their batch succeeded."""
        query = FinishedQuery(models=tuple(models), since=since, limit=MOST_COUNTED)
        counts: dict[str, dict[date, int]] = {}
        for batch in self.finished(query):
            assert batch.finished_at is not None
            days = counts.setdefault(batch.model, {})
            day = batch.finished_at.astimezone(UTC).date()
            days[day] = days.get(day, 0) + batch.rows_done - batch.rows_failed
        return counts

    def start(self, batch_id: str, options: Mapping[str, Any]) -> bool:
        """From ``uploaded`` to ``queued``, with the options to read it by. False where it is elsewhere."""
        values = {"state": "queued", "options": document("options", options)}
        return self._change(_from(batch_id, "uploaded").values(values))

    def run(self, batch_id: str, at: datetime) -> bool:
        """From ``queued`` to ``running``; True too where it is running already."""
        started = func.coalesce(batches.c.started_at, to_micros(at))
        return self._change(_from(batch_id, *_ACTIVE).values(state="running", started_at=started))

    def end(
        self,
        batch_id: str,
        state: BatchState,
        at: datetime,
        *,
        message: str | None = None,
        summary: Mapping[str, Any] | None = None,
    ) -> bool:
        """From ``queued`` or ``running`` to an end. False where it has ended already: the first end stays."""
        values = {
            "state": state,
            "finished_at": to_micros(at),
            "message": message,
            "summary": None if summary is None else document("summary", summary),
        }
        return self._change(_from(batch_id, *_ACTIVE).values(values))

    def plan(self, batch_id: str, chunks: Sequence[PlannedChunk]) -> None:
        """Record into which chunks the file is cut. The first plan stays."""
        rows = [
            {"batch_id": batch_id, "chunk": index, "first_row": chunk.first_row, "rows": chunk.rows, "attempts": 0}
            for index, chunk in enumerate(chunks)
        ]
        with store_errors("written"), self._engines.write.begin() as connection:
            # Whoever plans the same batch at the same time waits here.
            result = connection.execute(select(batches.c.id).where(batches.c.id == batch_id).with_for_update()).first()
            if result is not None and rows and not _planned(connection, batch_id):
                connection.execute(batch_chunks.insert(), rows)

    def begin_chunk(self, batch_id: str, index: int) -> int | None:
        """The number of a new attempt at a chunk, from 1; None where there is nothing to do."""
        statement = (
            batch_chunks.update()
            .where(*_open_chunk(batch_id, index))
            .values(attempts=batch_chunks.c.attempts + 1, progress=None)
            .returning(batch_chunks.c.attempts)
        )
        with store_errors("written"), self._engines.write.begin() as connection:
            return connection.execute(statement).scalar_one_or_none()

    def progress(self, batch_id: str, index: int, attempt: int, rows: int, at: datetime) -> None:
        """Note how many rows of a chunk the latest attempt has dealt with; without effect for any other."""
        latest = (*_open_chunk(batch_id, index), batch_chunks.c.attempts == attempt)
        self._change(batch_chunks.update().where(*latest).values(progress=rows, recorded_at=to_micros(at)))

    def record_chunk(self, batch_id: str, chunk: RecordedChunk, at: datetime) -> bool:
        """Commit an attempt's results. False where another was first or the batch is not running."""
        values = {
            "first_row": chunk.first_row,
            "rows": chunk.rows,
            "attempt": chunk.attempt,
            "failed": chunk.failed,
            "summary": document("summary", chunk.summary),
            "recorded_at": to_micros(at),
        }
        return self._change(batch_chunks.update().where(*_open_chunk(batch_id, chunk.index)).values(values))

    def chunks(self, batch_id: str) -> Sequence[RecordedChunk]:
        """The recorded chunks in the order of the file."""
        statement = (
            select(batch_chunks)
            .where(batch_chunks.c.batch_id == batch_id, batch_chunks.c.attempt.is_not(None))
            .order_by(batch_chunks.c.chunk)
        )
        with store_errors("read"), self._engines.read.begin() as connection:
            return [
                RecordedChunk(
                    row["chunk"],
                    row["first_row"],
                    row["rows"],
                    row["attempt"],
                    row["failed"],
                    orjson.loads(row["summary"]),
                )
                for row in connection.execute(statement).mappings()
            ]

    def planned(self, batch_id: str) -> int | None:
        """How many chunks the plan has; None before there is one."""
        with store_errors("read"), self._engines.read.begin() as connection:
            return _planned(connection, batch_id) or None

    def unfinished(self) -> Sequence[str]:
        """The ids of all batches that are queued or running, oldest first."""
        return self._ids(batches.c.state.in_(_ACTIVE))

    def expired(self, *, ended_before: datetime, uploaded_before: datetime) -> Sequence[str]:
        """The ids of batches that ended, or were uploaded and never started, before a time."""
        return self._ids(
            or_(
                and_(batches.c.state.in_(_ENDS), batches.c.finished_at < to_micros(ended_before)),
                and_(batches.c.state == "uploaded", batches.c.created_at < to_micros(uploaded_before)),
            )
        )

    def delete(self, batch_id: str, at: datetime) -> None:
        """Take a batch off the record's surface: its chunks go, and it is not found any more."""
        with store_errors("written"), self._engines.write.begin() as connection:
            connection.execute(batches.update().where(batches.c.id == batch_id).values(deleted_at=to_micros(at)))
            connection.execute(batch_chunks.delete().where(batch_chunks.c.batch_id == batch_id))

    def _change(self, statement: Update) -> bool:
        with store_errors("written"), self._engines.write.begin() as connection:
            return connection.execute(statement).rowcount == 1

    def _ids(self, condition: ColumnElement[bool]) -> Sequence[str]:
        statement = (
            select(batches.c.id)
            .where(condition, batches.c.deleted_at.is_(None))
            .order_by(batches.c.created_at, batches.c.id)
        )
        with store_errors("read"), self._engines.read.begin() as connection:
            return [str(result) for result in connection.execute(statement).scalars()]


def _from(batch_id: str, *states: str) -> Update:
    """An update of a batch that is in one of the states."""
    return batches.update().where(batches.c.id == batch_id, batches.c.state.in_(states), batches.c.deleted_at.is_(None))


def _open_chunk(batch_id: str, index: int) -> list[ColumnElement[bool]]:
    """A chunk of a running batch that nothing is recorded for."""
    running = select(batches.c.id).where(batches.c.id == batch_id, batches.c.state == "running")
    return [
        batch_chunks.c.batch_id == batch_id,
        batch_chunks.c.chunk == index,
        batch_chunks.c.attempt.is_(None),
        running.exists(),
    ]


def _planned(connection: Connection, batch_id: str) -> int:
    statement = select(func.count()).select_from(batch_chunks).where(batch_chunks.c.batch_id == batch_id)
    return connection.execute(statement).scalar_one()


def _with_progress(*conditions: ColumnElement[bool]) -> Select[Any]:
    """Batches that are not deleted, each with the sums over its chunks."""
    done = batch_chunks.c.attempt.is_not(None)
    under_way = case((batches.c.state == "running", func.coalesce(batch_chunks.c.progress, 0)), else_=0)
    dealt_with = case((done, batch_chunks.c.rows), else_=under_way)

    def total(column: ColumnElement[Any], *where: ColumnElement[bool]) -> Any:
        return select(column).where(batch_chunks.c.batch_id == batches.c.id, *where).scalar_subquery()

    return select(
        batches,
        total(func.sum(batch_chunks.c.rows)).label("rows_total"),
        total(func.sum(dealt_with)).label("rows_done"),
        total(func.sum(batch_chunks.c.failed), done).label("rows_failed"),
        total(func.max(batch_chunks.c.recorded_at)).label("recorded_at"),
    ).where(batches.c.deleted_at.is_(None), *conditions)


def _batch_of(row: RowMapping) -> Batch:
    values: dict[str, Any] = {name: row[name] for name in (*_PLAIN, "message")}
    values.update((name, orjson.loads(row[name])) for name in _DOCUMENTS)
    for name in ("started_at", "finished_at", "recorded_at"):
        values[name] = None if row[name] is None else from_micros(row[name])
    return Batch(
        created_at=from_micros(row["created_at"]),
        rows_total=None if row["rows_total"] is None else int(row["rows_total"]),
        rows_done=int(row["rows_done"] or 0),
        rows_failed=int(row["rows_failed"] or 0),
        summary=None if row["summary"] is None else orjson.loads(row["summary"]),
        **values,
    )
