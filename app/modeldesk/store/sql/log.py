"""The prediction log in a database."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, RowMapping, Text, column, func, select, table
from sqlalchemy.exc import IntegrityError

from modeldesk.core.errors import Conflict
from modeldesk.ports.predictions import IdempotencyClaim, LogPage, LogQuery, PredictionRecord
from modeldesk.store.sql.engine import WAIT_SECONDS, Engines, store_errors
from modeldesk.store.sql.group_commit import GroupCommit
from modeldesk.store.sql.paging import cursor_after, page_statement, read_cursor
from modeldesk.store.sql.rows import from_micros, plain_text, record_of, row_of, to_micros
from modeldesk.store.sql.tables import idempotency_claims, predictions, unsettled_predictions

_DAY_MICROS = 24 * 60 * 60 * 1_000_000
_IDS_IN_A_QUERY = 1_000

# PostgreSQL refuses to lock a row where nothing can be written, which is what a ping asks.
_PROBE = select(column("version_num", Text)).select_from(table("alembic_version")).with_for_update(read=True)


@dataclass(frozen=True, slots=True)
class _Entry:
    """What one call of ``append`` writes; an entry without rows only tries the way there."""

    rows: Sequence[dict[str, Any]]
    claim: dict[str, Any] | None


class SqlPredictionLog:
    """``PredictionLog`` on SQLite or PostgreSQL; safe to use from many threads."""

    def __init__(self, engines: Engines, *, wait: float = WAIT_SECONDS) -> None:
        self._engines = engines
        # Longer than one wait for the database, so that waiting callers learn its reason.
        self._commits = GroupCommit(self._write, wait=2 * wait)

    def append(self, records: Sequence[PredictionRecord], claim: IdempotencyClaim | None = None) -> None:
        """Commit the records, and the claim with them, before returning.

        Doing the same again, with equal records under the same ids, changes nothing and
        is no error: so a commit whose answer was lost can be repeated. Raises BadRequest for
        text that cannot be stored, Conflict if the claim's key or a record's id is taken,
        and StoreUnavailable if nothing could be committed.
        """
        rows = [row_of(record) for record in records]
        if rows or claim is not None:
            self._commits.submit(_Entry(rows, _claim_row(claim, rows) if claim is not None else None))

    def replay(self, claim: IdempotencyClaim) -> Sequence[PredictionRecord] | None:
        """The records committed under the same claim, in their order, or None.

        Raises Conflict if the key was used with another body.
        """
        with store_errors("read"), self._engines.read.begin() as connection:
            result = _stored_claim(connection, _claim_row(claim, []))
            if result is None:
                return None
            if result["body_digest"] != claim.body_digest:
                raise _key_taken(claim.key)
            ids = orjson.loads(result["prediction_ids"])
            rows = _by_id(connection, ids)
        return [record_of(rows[prediction_id]) for prediction_id in ids]

    def get(self, prediction_id: str) -> PredictionRecord | None:
        """One prediction by id."""
        plain_text("id", prediction_id)
        with store_errors("read"), self._engines.read.begin() as connection:
            row = _by_id(connection, [prediction_id]).get(prediction_id)
        return None if row is None else record_of(row)

    def page(self, query: LogQuery) -> LogPage:
        """Predictions that match, newest first.

        Raises BadRequest on a bad cursor or limit.
        """
        statement = page_statement(query)
        with store_errors("read"), self._engines.read.begin() as connection:
            rows = connection.execute(statement).mappings().all()
        shown = rows[: query.limit]
        more = len(rows) > query.limit
        cursor = cursor_after(shown[-1]["created_at"], shown[-1]["id"]) if more else None
        return LogPage([record_of(row) for row in shown], cursor)

    def position(self, cursor: str) -> tuple[datetime, str]:
        """The time and the id that a cursor stands for. Raises BadRequest on a bad one."""
        micros, prediction_id = read_cursor(cursor)
        return from_micros(micros), prediction_id

    def cursor_after(self, record: PredictionRecord) -> str:
        """The cursor of the page that begins behind a prediction."""
        return cursor_after(to_micros(record.created_at), record.id)

    def daily_counts(self, models: Sequence[str], since: datetime) -> Mapping[str, Mapping[date, int]]:
        """Predictions a UTC day for each model named, for days that had any from ``since`` on."""
        day = (predictions.c.created_at // _DAY_MICROS).label("day")
        statement = (
            select(predictions.c.model, day, func.count())
            .where(predictions.c.model.in_(models), predictions.c.created_at >= to_micros(since))
            .group_by(predictions.c.model, "day")
            .order_by(predictions.c.model, "day")
        )
        counts: dict[str, dict[date, int]] = {model: {} for model in models}
        with store_errors("read"), self._engines.read.begin() as connection:
            for model, days, count in connection.execute(statement):
                counts[model][date(1970, 1, 1) + timedelta(days=days)] = count
        return counts

    def ping(self) -> None:
        """Raise StoreUnavailable unless the store answers and can be written."""
        self._commits.submit(_Entry((), None))

    def close(self) -> None:
        """Return when all that was taken is committed; refuse what comes later."""
        self._commits.close()

    def _write(self, entries: Sequence[_Entry]) -> None:
        """All entries in one transaction. An entry alone that meets what is already there
        raises Conflict, or nothing if it meets itself."""
        rows = [row for entry in entries for row in entry.rows]
        claims = [entry.claim for entry in entries if entry.claim is not None]
        try:
            with self._engines.write.begin() as connection:
                if claims:
                    connection.execute(idempotency_claims.insert(), claims)
                if rows:
                    connection.execute(predictions.insert(), rows)
                    connection.execute(unsettled_predictions.insert(), [_unsettled(row) for row in rows])
                if not rows and not claims:
                    _write_something(connection)
        except IntegrityError as error:
            if len(entries) > 1:
                raise
            self._refuse_unless_same(entries[0], error)

    def _refuse_unless_same(self, entry: _Entry, error: IntegrityError) -> None:
        with self._engines.read.begin() as connection:
            if entry.claim is not None and _is_taken(connection, entry.claim):
                raise _key_taken(entry.claim["key"])
            stored = _by_id(connection, [row["id"] for row in entry.rows])
        distinct = {row["id"] for row in entry.rows}
        if not stored and len(distinct) == len(entry.rows):
            raise error
        if any(row["id"] not in stored or dict(stored[row["id"]]) != row for row in entry.rows):
            raise Conflict("A prediction with the same id is already recorded.", hint="Ids must be new for every call.")


def _write_something(connection: Connection) -> None:
    """Change what nobody reads. That a transaction can begin does not show that the disk has room for it."""
    if connection.dialect.name == "sqlite":
        connection.execute(select(predictions.c.id).limit(1)).first()  # a database without tables takes the rest
        connection.exec_driver_sql(f"PRAGMA user_version = {time.time_ns() // 1_000 % 2**30}")
    else:
        connection.execute(_PROBE).first()


def _claim_row(claim: IdempotencyClaim, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "owner": plain_text("owner", claim.owner),
        "model": plain_text("model", claim.model),
        "key": plain_text("key", claim.key),
        "body_digest": claim.body_digest,
        "prediction_ids": orjson.dumps([row["id"] for row in rows]).decode(),
        "created_at": max((row["created_at"] for row in rows), default=0),
    }


def _unsettled(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"prediction_id": row["id"], **{name: row[name] for name in ("model", "version", "created_at")}}


def _stored_claim(connection: Connection, claim: Mapping[str, Any]) -> RowMapping | None:
    key = [idempotency_claims.c[name] == claim[name] for name in ("owner", "model", "key")]
    return connection.execute(select(idempotency_claims).where(*key)).mappings().one_or_none()


def _is_taken(connection: Connection, claim: Mapping[str, Any]) -> bool:
    """Whether the claim's key stands for another request than this very one."""
    result = _stored_claim(connection, claim)
    return result is not None and any(result[name] != claim[name] for name in ("body_digest", "prediction_ids"))


def _by_id(connection: Connection, ids: Sequence[str]) -> dict[str, RowMapping]:
    result: dict[str, RowMapping] = {}
    for start in range(0, len(ids), _IDS_IN_A_QUERY):
        statement = select(predictions).where(predictions.c.id.in_(ids[start : start + _IDS_IN_A_QUERY]))
        result.update((row["id"], row) for row in connection.execute(statement).mappings())
    return result


def _key_taken(key: str) -> Conflict:
    return Conflict(
        f"The idempotency key {key!r} was already used for another request.",
        hint="Send a new key with a new request; the same key is for repeating the same body.",
    )
