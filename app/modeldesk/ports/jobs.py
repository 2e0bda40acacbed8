"""Work that outlives a request, and the workers that do it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


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
