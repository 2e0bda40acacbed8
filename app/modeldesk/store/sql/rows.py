"""Predictions as rows of the database, and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import RowMapping

from modeldesk.core.errors import BadRequest
from modeldesk.ports.predictions import PredictionRecord

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_TEXTS = ("id", "model", "version_digest", "settings_digest", "owner", "source", "key", "request_id")
_NUMBERS = ("version", "latency_ms")
_DOCUMENTS = ("inputs", "output", "warnings")


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970 in UTC. Raises ValueError for a time without an offset."""
    if moment.tzinfo is None:
        raise ValueError("A stored time needs its offset from UTC.")
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The time, aware and in UTC."""
    return _EPOCH + timedelta(microseconds=micros)


def row_of(record: PredictionRecord) -> dict[str, Any]:
    """The record's row. Raises BadRequest for text that no database takes."""
    row: dict[str, Any] = {name: plain_text(name, getattr(record, name)) for name in _TEXTS}
    row.update((name, getattr(record, name)) for name in _NUMBERS)
    row.update((name, document(name, getattr(record, name))) for name in _DOCUMENTS)
    row["created_at"] = to_micros(record.created_at)
    return row


def record_of(row: RowMapping) -> PredictionRecord:
    """The record that the row was made of."""
    values: dict[str, Any] = {name: row[name] for name in (*_TEXTS, *_NUMBERS)}
    values.update((name, orjson.loads(row[name])) for name in _DOCUMENTS)
    return PredictionRecord(created_at=from_micros(row["created_at"]), **values)


def plain_text(name: str, value: str | None) -> str | None:
    """The text itself. Raises BadRequest where it holds NUL or half a surrogate pair."""
    if value is not None:
        try:
            value.encode()
        except UnicodeEncodeError:
            raise BadRequest(f"The {name} {value!r} holds half of a surrogate pair, which is no character.") from None
        if "\0" in value:
            raise BadRequest(f"The {name} {value!r} holds the character NUL, which cannot be stored.")
    return value


def document(name: str, value: Any) -> str:
    """A value as JSON text. Raises BadRequest for what no database takes."""
    try:
        return orjson.dumps(value, default=_plain_mapping).decode()
    except orjson.JSONEncodeError as error:
        if error.__cause__ is not None:
            raise  # a type that should never have come here: a fault of ours, not of the request
        raise BadRequest(f"A value in the {name} cannot be stored as JSON: {error}.") from error


def _plain_mapping(value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no JSON value")
