"""A log and a record of served versions that keep everything in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from app.errors import Conflict, StoreUnavailable
from app.ports import IdempotencyClaim, LogPage, LogQuery, PredictionRecord, ServedChange


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
            if query.owner in (None, record.owner) and (query.models is None or record.model in query.models)
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


class MemoryServed:
    """``ServedVersions`` in a list."""

    def __init__(self) -> None:
        self.changes: list[ServedChange] = []

    def current(self) -> Mapping[str, int]:
        return {change.model: change.version for change in self.changes}

    def record(self, change: ServedChange) -> None:
        last = self.current().get(change.model)
        if last is not None and last != change.previous:
            raise Conflict("Another decision came in between.")
        self.changes.append(change)

    def history(self, model: str) -> Sequence[ServedChange]:
        return [change for change in reversed(self.changes) if change.model == model]
