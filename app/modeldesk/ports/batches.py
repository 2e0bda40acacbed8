"""Batches and their chunks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, Protocol

BatchState = Literal["uploaded", "queued", "running", "succeeded", "failed", "cancelled"]


"""``uploaded`` waits for somebody to start it; the last three are ends."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A file to be scored, and how far that is.

    ``version``, ``version_digest``, ``settings_digest`` and ``settings`` (the model's settings
    as they were) are pinned when it is created. ``rows_total`` is None until the file has been
    read once. ``rows_failed`` (rejected) are those of recorded chunks; ``rows_done`` (scored or
    rejected) are too, and while it runs those that chunks under way have dealt with so far.
    ``recorded_at`` says when that last grew.
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

    def progress(self, batch_id: str, index: int, attempt: int, rows: int, at: datetime) -> None:
        """Note how many rows of a chunk the latest attempt has dealt with; without effect for any other."""

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


PREPARED_AT_A_TIME = 3


"""Files that a process reads from end to end at a time, so that a slow one does not hold up the others."""
