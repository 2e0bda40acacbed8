"""The prediction log: its records, queries and protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, Protocol

from modeldesk.ports.feedback import Verdict

Source = Literal["form", "api", "batch"]


@dataclass(frozen=True, slots=True)
class PredictionRecord:
    """One answered prediction, as it is kept.

    ``inputs`` are the checked values by feature; ``output`` holds ``prediction``,
    ``probability``, ``interval``, ``score`` and ``refused`` as they were answered.
    Times are aware and in UTC.
    """

    id: str
    created_at: datetime
    model: str
    version: int
    version_digest: str
    settings_digest: str
    owner: str
    source: Source
    inputs: Mapping[str, Any]
    output: Mapping[str, Any]
    warnings: Sequence[Mapping[str, Any]] = ()
    key: str | None = None
    latency_ms: float = 0.0
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class IdempotencyClaim:
    """A caller's promise that one key stands for one request body."""

    owner: str
    model: str
    key: str
    body_digest: str


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Which predictions to list, newest first. ``cursor`` is a page's ``next_cursor``; ``outcome`` says
    whether anything was recorded of them afterwards, ``feedback`` what somebody says of them; those of
    ``hidden_models`` are left out."""

    owner: str | None = None
    models: tuple[str, ...] | None = None
    hidden_models: tuple[str, ...] = ()
    version: int | None = None
    source: Source | None = None
    key: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    outcome: bool | None = None
    feedback: Verdict | None = None
    limit: int = 50
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class LogPage:
    """One page of a listing; ``next_cursor`` is None on the last one."""

    records: Sequence[PredictionRecord]
    next_cursor: str | None = None


class PredictionLog(Protocol):
    """The record of what was predicted."""

    def append(self, records: Sequence[PredictionRecord], claim: IdempotencyClaim | None = None) -> None:
        """Commit the records, and the claim with them, before returning.

        Raises StoreUnavailable if nothing could be committed, and Conflict if the claim's
        key is already taken (then nothing is written; ``replay`` tells by what).
        """

    def replay(self, claim: IdempotencyClaim) -> Sequence[PredictionRecord] | None:
        """The records committed under the same claim, in their order, or None.

        Raises Conflict if the key was used with another body.
        """

    def get(self, prediction_id: str) -> PredictionRecord | None:
        """One prediction by id."""

    def page(self, query: LogQuery) -> LogPage:
        """Predictions that match, newest first, by keyset paging. Raises BadRequest on a bad cursor."""

    def position(self, cursor: str) -> tuple[datetime, str]:
        """The time and the id that a cursor stands for. Raises BadRequest on a bad one."""

    def cursor_after(self, record: PredictionRecord) -> str:
        """The cursor of the page that begins behind a prediction."""

    def daily_counts(self, models: Sequence[str], since: datetime) -> Mapping[str, Mapping[date, int]]:
        """Predictions a UTC day for each model named, for days that had any."""

    def ping(self) -> None:
        """Raise StoreUnavailable unless the store answers and can be written."""
