"""The scored rows of a batch as typed columns."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from modeldesk.model_service.batch import score as results
from modeldesk.model_service.batch.row_tables import (
    answer_columns,
    completed,
    id_column,
    input_columns,
    inputs_table,
    positive_class,
)
from modeldesk.model_service.engine.results import native
from modeldesk.model_service.package.manifest import Manifest
from modeldesk.model_service.schema.fields import fields
from modeldesk.model_service.tables import ChunkCheck, FileOptions, match_columns
from modeldesk.ports.analytics import HIGH, ID, KEY, LOW, PREDICTION, PROBABILITY, SCORE, WARNINGS, Column, typed
from modeldesk.ports.batches import Batch, RecordedChunk
from modeldesk.services.app_context import AppContext
from modeldesk.services.batches.opening import pinned_settings, read_plan
from modeldesk.services.batches.reading import read_part


def batch_columns(manifest: Manifest) -> tuple[Column, ...]:
    """What is kept of a batch's rows."""
    schema = manifest.model_schema
    plain = (id_column(), Column(KEY, "category"), Column(WARNINGS, "number"))
    return (*plain, *answer_columns(manifest), *input_columns(schema, schema.names))


def batch_tables(context: AppContext, batch: Batch, columns: Sequence[Column]) -> Iterator[pa.Table]:
    """The rows of a batch that has succeeded, chunk after chunk: its results, with the inputs read again
    from the file as they were read for scoring. Raises FileNotFoundError where it was deleted."""
    manifest = context.registry.entry(batch.model).manifests(batch.version)
    settings, files = pinned_settings(batch, manifest), context.batch_storage.files(batch.id)
    options, plan, schema = FileOptions.model_validate(batch.options), read_plan(files), manifest.model_schema
    matching = match_columns(schema, fields(schema, settings), plan.form, options)
    check = ChunkCheck(schema, settings, matching, plan.form)
    positive = positive_class(manifest, settings)

    def one(chunk: RecordedChunk) -> pa.Table:
        scored = pq.read_table(files.chunk(chunk.index, chunk.attempt))
        path, part = files.folder / plan.path, plan.parts[chunk.index]
        checked = check.check(context.batch_storage.parsing.call(read_part, path, plan.form, plan.limits, part))
        # Rows that the artifact could not answer met the contract and are not among the results.
        mask = np.isin(checked.numbers, scored.column(results.ROW).to_numpy())
        frame = checked.frame[mask].reset_index(drop=True)
        made = _results(scored, columns, manifest, positive, matching.key_column)
        return completed(columns, made | inputs_table(schema, schema.names, frame), scored.num_rows)

    yield completed(columns, {}, 0)  # every row of the file may have been rejected
    for chunk in context.store.batches.chunks(batch.id):
        yield one(chunk)


def _results(
    scored: pa.Table, columns: Sequence[Column], manifest: Manifest, positive: str | None, key: str | None
) -> dict[str, pa.Array]:
    kinds = {column.name: column.kind for column in columns}
    predictions = scored.column(results.PREDICTION).to_pylist()
    made = {ID: scored.column(results.ID), WARNINGS: _counts(scored)}
    made[PREDICTION] = pa.array(
        [typed(kinds[PREDICTION], value) for value in predictions],
        pa.float64() if kinds[PREDICTION] == "number" else pa.string(),
    )
    if key is not None and key in scored.column_names:
        made[KEY] = pa.array([typed("category", value) for value in scored.column(key).to_pylist()], pa.string())
    names = scored.column_names
    if PROBABILITY in kinds:
        made[PROBABILITY] = _chances(scored, predictions, manifest, positive)
    low, high = results.INTERVAL
    for name, source in ((SCORE, results.SCORE), (LOW, low), (HIGH, high)):
        if name in kinds and source in names:
            made[name] = scored.column(source)
    return made


def _chances(scored: pa.Table, predictions: Sequence[object], manifest: Manifest, positive: str | None) -> pa.Array:
    if positive is not None:
        return scored.column(f"{results.PROBABILITY}{positive}")
    by_class = {
        str(native(value)): scored.column(f"{results.PROBABILITY}{native(value)}").to_pylist()
        for value in manifest.classes
    }
    shares = [None if value is None else by_class[str(value)][row] for row, value in enumerate(predictions)]
    return pa.array(shares, pa.float64())


def _counts(scored: pa.Table) -> pa.Array:
    notes = scored.column(results.WARNINGS).to_pylist()
    counted = {text: len(json.loads(text)) for text in set(notes) if text}
    return pa.array([float(counted.get(text, 0)) for text in notes], pa.float64())
