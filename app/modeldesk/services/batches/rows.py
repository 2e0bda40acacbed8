"""A batch's row as a prediction of its own, by its id ``BATCH-ROW``."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from modeldesk.model_service.batch.score import PREDICTION, PROBABILITY, REFUSED, ROW, SCORE, WARNINGS
from modeldesk.model_service.engine.results import Output, native
from modeldesk.model_service.package.manifest import Manifest
from modeldesk.model_service.schema.fields import fields
from modeldesk.model_service.schema.frames import records_of
from modeldesk.model_service.settings.model_settings import ModelSettings
from modeldesk.model_service.tables import Chunk, ChunkCheck, FileOptions, Plan, match_columns
from modeldesk.model_service.tables.matching import resolve
from modeldesk.ports.batches import Batch, RecordedChunk
from modeldesk.ports.predictions import PredictionRecord
from modeldesk.services.app_context import AppContext
from modeldesk.services.batches.opening import pinned_settings, read_plan
from modeldesk.services.batches.reading import read_part
from modeldesk.services.batches.storage import BatchFiles

_BATCH_ID_LENGTH = 36


def batch_row(context: AppContext, prediction_id: str) -> PredictionRecord | None:
    """The record of a scored row of a batch that has succeeded, or None."""
    parted = row_of_id(prediction_id)
    if parted is None or context.batches is None:
        return None
    batch_id, row = parted
    batch = context.store.batches.get(batch_id)
    if batch is None or batch.state != "succeeded":
        return None
    chunks = context.store.batches.chunks(batch_id)
    index = bisect_right([chunk.first_row for chunk in chunks], row) - 1
    if index < 0:
        return None
    try:
        return next(iter(records_of_rows(context, batch, chunks[index], [row])), None)
    except FileNotFoundError:
        return None  # deleted in this moment


def row_of_id(prediction_id: str) -> tuple[str, int] | None:
    """The batch and the number of the row that an id names; None for one of the log."""
    batch_id, dash, row = prediction_id[:_BATCH_ID_LENGTH], prediction_id[_BATCH_ID_LENGTH:][:1], prediction_id[37:]
    if dash != "-" or not (row.isascii() and row.isdecimal() and len(row) < 12):
        return None
    return batch_id, int(row)


def records_of_rows(
    context: AppContext, batch: Batch, chunk: RecordedChunk, numbers: Sequence[int]
) -> list[PredictionRecord]:
    """The records of some rows of a chunk, in the order of the file; rows that were rejected are left out.
    Raises FileNotFoundError where the batch was deleted."""
    files = context.batch_storage.files(batch.id)
    table = pq.read_table(files.chunk(chunk.index, chunk.attempt))
    table = table.filter(pc.is_in(table.column(ROW), pa.array(numbers, table.column(ROW).type)))
    if not table.num_rows:
        return []
    manifest = context.registry.entry(batch.model).manifests(batch.version)
    settings = pinned_settings(batch, manifest)
    options = FileOptions.model_validate(batch.options)
    rows = table.column(ROW).to_pylist()
    inputs = _inputs(context, files, read_plan(files), chunk.index, rows, manifest, settings, options)
    result = []
    for row, values in zip(rows, table.to_pylist(), strict=True):
        named = resolve([options.key_column], values) if options.key_column else {}
        key = next((values[column] for column in named.values()), None)
        record = PredictionRecord(
            id=f"{batch.id}-{row}",
            created_at=batch.finished_at or batch.created_at,
            model=batch.model,
            version=batch.version,
            version_digest=batch.version_digest,
            settings_digest=batch.settings_digest,
            owner=batch.owner,
            source="batch",
            inputs=inputs[row],
            output=_output(values, manifest).as_dict(),
            warnings=json.loads(values[WARNINGS]) if values[WARNINGS] else [],
            key=None if key is None else str(key),
        )
        result.append(record)
    return result


def _output(values: Mapping[str, Any], manifest: Manifest) -> Output:
    probability = {
        str(native(value)): values[f"{PROBABILITY}{value}"]
        for value in manifest.classes
        if values.get(f"{PROBABILITY}{value}") is not None
    }
    refusal = values.get(REFUSED)
    return Output(
        prediction=values[PREDICTION],
        probability=probability or None,
        score=values.get(SCORE) if manifest.task.has_scores else None,
        refused={"rule": "", "text": refusal} if refusal else None,
    )


def _inputs(
    context: AppContext,
    files: BatchFiles,
    plan: Plan,
    index: int,
    rows: Sequence[int],
    manifest: Manifest,
    settings: ModelSettings,
    options: FileOptions,
) -> Mapping[int, Mapping[str, Any]]:
    """The checked values of rows by feature, read again from the file as it was read for scoring."""
    schema = manifest.model_schema
    path = files.folder / plan.path
    chunk = context.batch_storage.parsing.call(read_part, path, plan.form, plan.limits, plan.parts[index])
    matching = match_columns(schema, fields(schema, settings), plan.form, options)
    wanted = np.isin(chunk.numbers, rows)
    part = Chunk(index, chunk.table.filter(pa.array(wanted)), chunk.numbers[wanted])
    checked = ChunkCheck(schema, settings, matching, plan.form).check(part)
    return dict(zip(checked.numbers.tolist(), records_of(schema, checked.frame), strict=True))
