"""A log, outcomes, batches and logs of decisions that keep everything in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Generic

from modeldesk.core.errors import Conflict, StoreUnavailable
from modeldesk.model_service.tables import ParsingPool
from modeldesk.ports.batches import Batch, BatchPage, BatchQuery, BatchState, FinishedQuery, PlannedChunk, RecordedChunk
from modeldesk.ports.decisions import Change
from modeldesk.ports.jobs import WorkerBeat
from modeldesk.ports.outcomes import Outcome
from modeldesk.ports.predictions import IdempotencyClaim, LogPage, LogQuery, PredictionRecord


class MemoryLog:
    """``PredictionLog`` in a list. ``broken`` makes every call fail as a lost database does."""

    def __init__(self) -> None:
        self.records: list[PredictionRecord] = []
        self.claims: dict[tuple[str, str, str], tuple[str, Sequence[PredictionRecord]]] = {}
        self.broken = False

    def append(self, records: Sequence[PredictionRecord], claim: IdempotencyClaim | None = None) -> None:
        self.ping()
        if claim is not None:
            if (claim.owner, claim.model, claim.key) in self.claims:
                raise Conflict("The key is taken.")
            self.claims[claim.owner, claim.model, claim.key] = (claim.body_digest, tuple(records))
        self.records.extend(records)

    def replay(self, claim: IdempotencyClaim) -> Sequence[PredictionRecord] | None:
        self.ping()
        found = self.claims.get((claim.owner, claim.model, claim.key))
        if found is None:
            return None
        if found[0] != claim.body_digest:
            raise Conflict("The key was used with another body.")
        return found[1]

    def get(self, prediction_id: str) -> PredictionRecord | None:
        return next((record for record in self.records if record.id == prediction_id), None)

    def page(self, query: LogQuery) -> LogPage:
        found = [
            record
            for record in reversed(self.records)
            if query.owner in (None, record.owner)
            and (query.models is None or record.model in query.models)
            and query.key in (None, record.key)
            and record.model not in query.hidden_models
        ]
        return LogPage(found[: query.limit])

    def daily_counts(self, models: Sequence[str], since: datetime) -> Mapping[str, Mapping[date, int]]:
        self.ping()
        counts: dict[str, dict[date, int]] = {name: {} for name in models}
        for record in self.records:
            if record.model in counts and record.created_at >= since:
                day = record.created_at.date()
                counts[record.model][day] = counts[record.model].get(day, 0) + 1
        return counts

    def ping(self) -> None:
        if self.broken:
            raise StoreUnavailable("The database does not answer.")


class MemoryDecisions(Generic[Change]):
    """``DecisionLog`` in a list."""

    def __init__(self) -> None:
        self.changes: list[Change] = []

    def current(self) -> Mapping[str, Change]:
        return {change.model: change for change in self.changes}

    def record(self, change: Change) -> None:
        if not change.follows(self.current().get(change.model)):
            raise change.overtaken()
        self.changes.append(change)

    def history(self, model: str) -> Sequence[Change]:
        return [change for change in reversed(self.changes) if change.model == model]


class MemoryOutcomes:
    """``Outcomes`` in a list."""

    def __init__(self) -> None:
        self.entries: list[Outcome] = []

    def record(self, outcome: Outcome) -> Outcome | None:
        said = [entry for entry in self.entries if (entry.prediction_id, entry.kind) == _about(outcome)]
        last = said[-1] if said else None
        if last is None or last.value != outcome.value:
            self.entries.append(outcome)
        return last

    def of(self, prediction_ids: Sequence[str]) -> Mapping[str, Sequence[Outcome]]:
        found: dict[str, list[Outcome]] = {}
        for entry in self.entries:
            if entry.prediction_id in prediction_ids:
                found.setdefault(entry.prediction_id, []).append(entry)
        return found

    def of_batch(self, batch_id: str) -> Sequence[str]:
        return [entry.prediction_id for entry in self.entries if entry.prediction_id.startswith(f"{batch_id}-")]


def _about(outcome: Outcome) -> tuple[str, str]:
    return outcome.prediction_id, outcome.kind


class MemoryBatches:
    """``Batches`` in dictionaries."""

    def __init__(self) -> None:
        self.rows: dict[str, Batch] = {}
        self.plans: dict[str, Sequence[PlannedChunk]] = {}
        self.attempts: dict[tuple[str, int], int] = {}
        self.recorded: dict[str, dict[int, RecordedChunk]] = {}
        self.under_way: dict[tuple[str, int], int] = {}

    def create(self, batch: Batch) -> None:
        self.rows[batch.id] = batch

    def get(self, batch_id: str) -> Batch | None:
        found = self.rows.get(batch_id)
        if found is None:
            return None
        done = self.chunks(batch_id)
        planned = self.plans.get(batch_id)
        return replace(
            found,
            rows_total=None if planned is None else sum(chunk.rows for chunk in planned),
            rows_done=sum(chunk.rows for chunk in done) + self._under_way(found),
            rows_failed=sum(chunk.failed for chunk in done),
        )

    def page(self, query: BatchQuery) -> BatchPage:
        mine = [batch for batch in reversed(self.rows.values()) if batch.owner == query.owner]
        return BatchPage([batch for batch in mine if query.model in (None, batch.model)][: query.limit])

    def finished(self, query: FinishedQuery) -> Sequence[Batch]:
        ended = [batch for batch in reversed(self.rows.values()) if batch.state == "succeeded"]
        mine = [batch for batch in ended if query.owner in (None, batch.owner)]
        return [batch for batch in mine if query.models is None or batch.model in query.models][: query.limit]

    def daily_rows(self, models: Sequence[str], since: datetime) -> Mapping[str, Mapping[date, int]]:
        return {}

    def start(self, batch_id: str, options: Mapping[str, Any]) -> bool:
        return self._move(batch_id, ("uploaded",), state="queued", options=options)

    def run(self, batch_id: str, at: datetime) -> bool:
        return self._move(batch_id, ("queued", "running"), state="running", started_at=at)

    def end(self, batch_id: str, state: BatchState, at: datetime, **details: Any) -> bool:
        return self._move(batch_id, ("queued", "running"), state=state, finished_at=at, **details)

    def plan(self, batch_id: str, chunks: Sequence[PlannedChunk]) -> None:
        self.plans.setdefault(batch_id, chunks)

    def begin_chunk(self, batch_id: str, index: int) -> int | None:
        if self.rows[batch_id].state != "running" or index in self.recorded.get(batch_id, {}):
            return None
        self.attempts[batch_id, index] = self.attempts.get((batch_id, index), 0) + 1
        self.under_way.pop((batch_id, index), None)
        return self.attempts[batch_id, index]

    def progress(self, batch_id: str, index: int, attempt: int, rows: int, at: datetime) -> None:
        if self.attempts[batch_id, index] == attempt and index not in self.recorded.get(batch_id, {}):
            self.under_way[batch_id, index] = rows

    def _under_way(self, batch: Batch) -> int:
        recorded = self.recorded.get(batch.id, {})
        noted = [rows for (of, index), rows in self.under_way.items() if of == batch.id and index not in recorded]
        return sum(noted) if batch.state == "running" else 0

    def record_chunk(self, batch_id: str, chunk: RecordedChunk, at: datetime) -> bool:
        first = self.recorded.setdefault(batch_id, {}).setdefault(chunk.index, chunk)
        return first is chunk

    def chunks(self, batch_id: str) -> Sequence[RecordedChunk]:
        return [chunk for _, chunk in sorted(self.recorded.get(batch_id, {}).items())]

    def planned(self, batch_id: str) -> int | None:
        return len(self.plans[batch_id]) if batch_id in self.plans else None

    def unfinished(self) -> Sequence[str]:
        return [batch.id for batch in self.rows.values() if batch.state in ("queued", "running")]

    def expired(self, *, ended_before: datetime, uploaded_before: datetime) -> Sequence[str]:
        return [
            batch.id
            for batch in self.rows.values()
            if (batch.finished_at is not None and batch.finished_at < ended_before)
            or (batch.state == "uploaded" and batch.created_at < uploaded_before)
        ]

    def delete(self, batch_id: str, at: datetime) -> None:
        del self.rows[batch_id]
        self.recorded.pop(batch_id, None)

    def _move(self, batch_id: str, states: tuple[str, ...], **values: Any) -> bool:
        found = self.rows.get(batch_id)
        if found is None or found.state not in states:
            return False
        self.rows[batch_id] = replace(found, **values)
        return True


class MemoryWorkers:
    """``Workers`` in a dictionary."""

    def __init__(self) -> None:
        self.beats: dict[str, WorkerBeat] = {}

    def beat(self, beat: WorkerBeat) -> None:
        self.beats[beat.executor] = beat

    def all(self) -> Sequence[WorkerBeat]:
        return [beat for _, beat in sorted(self.beats.items())]

    def remove(self, executor: str) -> None:
        self.beats.pop(executor, None)


class RememberedJobs:
    """``Jobs`` that does nothing but remember what it was given."""

    def __init__(self) -> None:
        self.submitted: list[str] = []
        self.cancelled: list[str] = []

    def submit(self, batch_id: str) -> None:
        self.submitted.append(batch_id)

    def cancel(self, batch_id: str) -> None:
        self.cancelled.append(batch_id)

    def check(self) -> None:
        """It is always there."""

    def close(self) -> None:
        """There is nothing to let go of."""


class Here(ParsingPool):
    """Reads files in the calling process, so that no test waits for another to start."""

    def watched(self, checkpoint: Callable[..., None], function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """What the function returns."""
        checkpoint()
        return function(*args, **kwargs)
