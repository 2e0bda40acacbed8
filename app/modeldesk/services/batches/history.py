"""The rows of finished batches, listed beside the log's predictions: newest batch first, each in file order.

A listing reads no more than it shows: it goes by the batches' own record, then by the chunks of one.
A key is found by an index beside a batch's results, which is made once; the log does not grow by any of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from modeldesk.model_service.batch.score import ROW
from modeldesk.ports.batches import Batch, FinishedQuery, RecordedChunk
from modeldesk.ports.predictions import LogQuery, PredictionRecord
from modeldesk.services.app_context import AppContext
from modeldesk.services.batches.keys import rows_with_key
from modeldesk.services.batches.rows import records_of_rows, row_of_id

_BATCHES_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows of one chunk of a batch, by their numbers in the file."""

    batch: Batch
    chunk: RecordedChunk
    numbers: Sequence[int]


def batch_records(
    context: AppContext, query: LogQuery, position: tuple[datetime, str] | None, not_before: datetime | None = None
) -> list[PredictionRecord]:
    """The rows that a listing of the log's query shows from ``position`` on, one more than its limit at
    most; none of batches that ended earlier than ``not_before``."""
    if context.batches is None or query.source in ("form", "api"):
        return []
    result: list[PredictionRecord] = []
    for part in _parts(context, query, position, not_before):
        numbers = part.numbers[: query.limit + 1 - len(result)]
        with suppress(FileNotFoundError):  # deleted in this moment
            records = records_of_rows(context, part.batch, part.chunk, numbers)
            result += [record for record in records if query.key in (None, record.key)]
        if len(result) > query.limit:
            break
    return result


def _parts(
    context: AppContext, query: LogQuery, position: tuple[datetime, str] | None, not_before: datetime | None
) -> Iterator[_Rows]:
    before = position
    after_row = None
    parted = None if position is None else row_of_id(position[1])
    if position is not None and parted is not None:
        # Within this batch, from the row after on.
        before, after_row = (position[0], parted[0]), parted[1]
    while True:
        batches = context.store.batches.finished(
            FinishedQuery(
                owner=query.owner,
                models=query.models,
                hidden_models=query.hidden_models,
                version=query.version,
                since=max((at for at in (query.since, not_before) if at is not None), default=None),
                until=query.until,
                before=before,
                inclusive=after_row is not None,
                limit=_BATCHES_AT_ONCE,
            )
        )
        for batch in batches:
            yield from _of_batch(context, query, batch, after_row if parted and batch.id == parted[0] else None)
        if len(batches) < _BATCHES_AT_ONCE:
            return
        last = batches[-1]
        before, after_row = (last.finished_at or last.created_at, last.id), None


def _of_batch(context: AppContext, query: LogQuery, batch: Batch, after: int | None) -> Iterator[_Rows]:
    """The rows of a batch that the query is about, chunk by chunk."""
    wanted: set[int] | None = None
    chunks = context.store.batches.chunks(batch.id)
    if query.key is not None:
        wanted = rows_with_key(context, batch, chunks, query.key)
        if not wanted:
            return
    known = None if query.outcome is None else _rows_of(context.store.outcomes.of_batch(batch.id))
    rated = None if query.feedback is None else _rows_of(context.store.feedback.of_batch(batch.id, query.feedback))
    if rated is not None and not rated:
        return
    for index, chunk in enumerate(chunks):
        following = chunks[index + 1].first_row if index + 1 < len(chunks) else None
        if following is not None and after is not None and following <= after + 1:
            continue
        if wanted is not None and not any(_within(row, chunk.first_row, following) for row in wanted):
            continue
        try:
            numbers = pq.read_table(_results(context, batch, chunk), columns=[ROW]).column(0).to_numpy()
        except FileNotFoundError:
            return  # deleted in this moment
        keep = np.ones(len(numbers), dtype=bool) if after is None else numbers > after
        if wanted is not None:
            keep &= np.isin(numbers, list(wanted))
        if known is not None:
            keep &= np.isin(numbers, list(known)) == query.outcome
        if rated is not None:
            keep &= np.isin(numbers, list(rated))
        chosen = numbers[keep].tolist()
        for start in range(0, len(chosen), query.limit + 1):
            yield _Rows(batch, chunk, chosen[start : start + query.limit + 1])


def _rows_of(prediction_ids: Sequence[str]) -> set[int]:
    """The numbers of the rows that ids of a batch's predictions name."""
    result = (row_of_id(name) for name in prediction_ids)
    return {parted[1] for parted in result if parted is not None}


def _within(row: int, first: int, following: int | None) -> bool:
    return first <= row and (following is None or row < following)


def _results(context: AppContext, batch: Batch, chunk: RecordedChunk) -> Path:
    return context.batch_storage.files(batch.id).chunk(chunk.index, chunk.attempt)
