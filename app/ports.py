"""What the use cases need from a store, said without naming one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, Protocol

from app.analysis import Analyst, LogFiles
from app.saved_views import SavedViews
from app.thresholds import Thresholds
from app.version_labels import VersionLabels

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
    whether anything was recorded of them afterwards; those of ``hidden_models`` are left out."""

    owner: str | None = None
    models: tuple[str, ...] | None = None
    hidden_models: tuple[str, ...] = ()
    version: int | None = None
    source: Source | None = None
    key: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    outcome: bool | None = None
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


@dataclass(frozen=True, slots=True)
class ServedChange:
    """One decision on which version of a model is served."""

    model: str
    version: int
    previous: int | None
    action: Literal["promote", "rollback"]
    who: str
    why: str
    at: datetime


class ServedVersions(Protocol):
    """The append-only record of which version is served."""

    def current(self) -> Mapping[str, int]:
        """The version last decided on for each model; models never decided on are absent."""

    def record(self, change: ServedChange) -> None:
        """Append a decision, atomically. Raises Conflict if another came in after ``previous``
        was read."""

    def history(self, model: str) -> Sequence[ServedChange]:
        """All decisions on one model, newest first."""


OutcomeKind = Literal["actual", "decision"]
"""What really happened, or what a person decided instead of what the model said."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was said about one prediction afterwards.

    ``value`` is a class of the model or a number; ``predicted`` is what the model had said (None
    where a rule refused), kept here because predictions may be removed earlier.
    """

    prediction_id: str
    kind: OutcomeKind
    value: Any
    predicted: Any
    model: str
    version: int
    reason: str | None
    who: str
    at: datetime


class Outcomes(Protocol):
    """The append-only record of what was said about predictions afterwards."""

    def record(self, outcome: Outcome) -> Outcome | None:
        """Append, unless the last one of its kind about the same prediction has the same value.

        Returns that last one, or None where this is the first: of an equal value nothing was
        written, of another this is a correction.
        """

    def of(self, prediction_ids: Sequence[str]) -> Mapping[str, Sequence[Outcome]]:
        """All that was said about some predictions, oldest first, by prediction; those that
        nothing was said about are absent."""

    def of_batch(self, batch_id: str) -> Sequence[str]:
        """The ids of a batch's rows that anything was said about."""


BatchState = Literal["uploaded", "queued", "running", "succeeded", "failed", "cancelled"]
"""``uploaded`` waits for somebody to start it; the last three are ends."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A file to be scored, and how far that is.

    ``version``, ``version_digest``, ``settings_digest`` and ``settings`` (the model's settings
    as they were) are pinned when it is created. ``rows_total`` is None until the file has been
    read once; ``rows_done`` (scored or rejected) and ``rows_failed`` (rejected) are what is
    recorded, ``recorded_at`` when that last grew.
    """

    id: str
    owner: str
    model: str
    version: int
    version_digest: str
    settings_digest: str
    settings: Mapping[str, Any]
    file_name: str
    size: int
    options: Mapping[str, Any]
    state: BatchState
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    recorded_at: datetime | None = None
    rows_total: int | None = None
    rows_done: int = 0
    rows_failed: int = 0
    message: str | None = None
    summary: Mapping[str, Any] | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in ("succeeded", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class BatchQuery:
    """Which batches to list, newest first. ``cursor`` is a page's ``next_cursor``; those of
    ``hidden_models`` are left out."""

    owner: str
    model: str | None = None
    limit: int = 50
    cursor: str | None = None
    hidden_models: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FinishedQuery:
    """Which batches that have succeeded to list, the last finished first; ``before`` is where to begin, by the
    time of their end and their id, that one itself among them if ``inclusive``."""

    owner: str | None = None
    models: tuple[str, ...] | None = None
    hidden_models: tuple[str, ...] = ()
    version: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: tuple[datetime, str] | None = None
    inclusive: bool = False
    limit: int = 20


@dataclass(frozen=True, slots=True)
class BatchPage:
    """One page of a listing; ``next_cursor`` is None on the last one."""

    batches: Sequence[Batch]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class PlannedChunk:
    """Rows that are scored together: the number of the first, as a person sees it, and how many."""

    first_row: int
    rows: int


@dataclass(frozen=True, slots=True)
class RecordedChunk:
    """A chunk whose results are committed: those that its ``attempt`` wrote. ``first_row`` is the
    smallest number in it, which may be more than was planned where a file has blank rows."""

    index: int
    first_row: int
    rows: int
    attempt: int
    failed: int
    summary: Mapping[str, Any]


class Batches(Protocol):
    """The record of batches. What it says decides; files that it does not name are leftovers."""

    def create(self, batch: Batch) -> None:
        """Commit a new batch."""

    def get(self, batch_id: str) -> Batch | None:
        """One batch that is not deleted."""

    def page(self, query: BatchQuery) -> BatchPage:
        """Batches that match, newest first. Raises BadRequest on a bad cursor or limit."""

    def finished(self, query: FinishedQuery) -> Sequence[Batch]:
        """Batches that have succeeded and match, the last finished first."""

    def daily_rows(self, models: Sequence[str], since: datetime) -> Mapping[str, Mapping[date, int]]:
        """Scored rows a UTC day for each model named, by the day on which their batch succeeded."""

    def start(self, batch_id: str, options: Mapping[str, Any]) -> bool:
        """From ``uploaded`` to ``queued``, with the options to read it by. False where it is elsewhere."""

    def run(self, batch_id: str, at: datetime) -> bool:
        """From ``queued`` to ``running``; True too where it is running already."""

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

    def plan(self, batch_id: str, chunks: Sequence[PlannedChunk]) -> None:
        """Record into which chunks the file is cut. The first plan stays."""

    def begin_chunk(self, batch_id: str, index: int) -> int | None:
        """The number of a new attempt at a chunk, from 1; None where there is nothing to do: it is
        recorded, or its batch is not running."""

    def record_chunk(self, batch_id: str, chunk: RecordedChunk, at: datetime) -> bool:
        """Commit an attempt's results. False where another was first or the batch is not running."""

    def chunks(self, batch_id: str) -> Sequence[RecordedChunk]:
        """The recorded chunks in the order of the file."""

    def planned(self, batch_id: str) -> int | None:
        """How many chunks the plan has; None before there is one."""

    def unfinished(self) -> Sequence[str]:
        """The ids of all batches that are queued or running."""

    def expired(self, *, ended_before: datetime, uploaded_before: datetime) -> Sequence[str]:
        """The ids of batches that ended, or were uploaded and never started, before a time."""

    def delete(self, batch_id: str, at: datetime) -> None:
        """Take a batch off the record's surface: its chunks go, and it is not found any more."""


class Jobs(Protocol):
    """Work that outlives a request. The record of batches is what counts: what is submitted twice
    runs once, and what could not be submitted is found there by the workers."""

    def submit(self, batch_id: str) -> None:
        """Have the workers take a queued batch soon."""

    def cancel(self, batch_id: str) -> None:
        """Have the workers stop working on a batch."""

    def check(self) -> None:
        """Raise StoreUnavailable where the queue's file is not the one that it was."""

    def close(self) -> None:
        """Let go of the queue."""


PREPARED_AT_A_TIME = 3
"""Files that a process reads from end to end at a time, so that a slow one does not hold up the others."""


class BatchWork(Protocol):
    """What workers do for a batch. Every step may be repeated and gives the same."""

    def prepare(self, batch_id: str) -> int:
        """Read the file once and record its plan; the number of chunks, 0 where there is nothing to do."""

    def score(self, batch_id: str, index: int) -> None:
        """Score one chunk and record it."""

    def finish(self, batch_id: str) -> None:
        """End the batch by what is recorded."""

    def fail(self, batch_id: str, reason: str) -> None:
        """End the batch because it cannot go on."""

    def unfinished(self) -> Sequence[str]:
        """The ids of all batches that are queued or running."""

    def sweep(self) -> None:
        """Remove what is kept no longer."""


@dataclass(frozen=True, slots=True)
class WorkerBeat:
    """A sign of life: ``count`` grows with each."""

    executor: str
    host: str
    pid: int
    count: int
    at: datetime


class Workers(Protocol):
    """The signs of life of the worker processes."""

    def beat(self, beat: WorkerBeat) -> None:
        """Record a sign of life in the place of the worker's last one."""

    def all(self) -> Sequence[WorkerBeat]:
        """The last sign of each worker that is not removed, by executor."""

    def remove(self, executor: str) -> None:
        """Forget a worker that has ended."""


@dataclass(frozen=True, slots=True)
class Store:
    """The stores a process works with, chosen in ``app/bootstrap.py`` only."""

    log: PredictionLog
    served: ServedVersions
    batches: Batches
    workers: Workers
    outcomes: Outcomes
    thresholds: Thresholds
    version_labels: VersionLabels
    saved_views: SavedViews
    analyst: Analyst
    log_files: LogFiles
    close: Callable[[], None] = lambda: None
