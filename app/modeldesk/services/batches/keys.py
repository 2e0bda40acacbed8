"""An index of a batch's keys, beside its results: which rows have a key, without reading the others.

It is sorted by a hash of the keys and read by parts. A row is told by its number, so that what the hash
of two keys has in common is settled by the row itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from filelock import FileLock

from modeldesk.core.atomic_files import written_whole
from modeldesk.model_service.batch.score import ROW
from modeldesk.model_service.tables import FileOptions
from modeldesk.model_service.tables.matching import resolve
from modeldesk.ports.batches import Batch, RecordedChunk
from modeldesk.services.app_context import AppContext

_INDEX = "keys-1.parquet"
_INDEX_ROWS = 50_000
"""Rows of the index that are read together."""
_HASH = "hash"


def write_key_index(context: AppContext, batch: Batch, chunks: Sequence[RecordedChunk]) -> Path | None:
    """Make the index of a batch's keys, unless it is there; None for a batch without keys. Raises
    FileNotFoundError where the batch was deleted."""
    column = FileOptions.model_validate(batch.options).key_column
    if column is None:
        return None
    files = context.batch_storage.files(batch.id)
    path = files.made(_INDEX)
    if path.is_file():
        return path
    with FileLock(path.with_name(f".{path.name}.lock")):
        if not path.is_file():
            hashes, numbers = [], []
            for chunk in chunks:
                table = pq.read_table(files.chunk(chunk.index, chunk.attempt))
                for named in resolve([column], table.column_names).values():
                    hashes.append(_hashed(table.column(named).to_pylist()))
                    numbers.append(table.column(ROW).to_numpy())
            hashed = np.concatenate(hashes) if hashes else np.zeros(0, np.int64)
            order = np.argsort(hashed, kind="stable")
            rows = np.concatenate(numbers)[order] if numbers else np.zeros(0, np.int64)
            with written_whole(path) as part:
                pq.write_table(pa.table({_HASH: hashed[order], ROW: rows}), part, row_group_size=_INDEX_ROWS)
    return path


def rows_with_key(context: AppContext, batch: Batch, chunks: Sequence[RecordedChunk], key: str) -> set[int]:
    """The numbers of the rows with a key; none where the batch has no keys or was deleted."""
    try:
        path = write_key_index(context, batch, chunks)
        if path is None:
            return set()
        [hashed] = _hashed([key])
        return set(pq.read_table(path, columns=[ROW], filters=pc.field(_HASH) == int(hashed)).column(0).to_pylist())
    except FileNotFoundError:
        return set()


def _hashed(keys: Sequence[object]) -> np.ndarray:
    texts = pd.Series(["" if key is None else str(key) for key in keys], dtype=object)
    hashed = np.asarray(pd.util.hash_array(texts.to_numpy(dtype=object), categorize=False), dtype=np.uint64)
    # Signed, which is all that a filter on Parquet takes.
    return hashed.view(np.int64)
