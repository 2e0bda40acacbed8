"""What the Batch page shows beside the check of a file: what its columns begin with."""

from __future__ import annotations

from collections.abc import Mapping

from modeldesk.core.identity import Caller
from modeldesk.services.app_context import AppContext
from modeldesk.services.batches.manage import FileCheck, batch
from modeldesk.services.batches.reading import first_rows

FIRST_ROWS = 3
LONGEST = 24


def first_values(context: AppContext, caller: Caller, batch_id: str, check: FileCheck) -> Mapping[str, tuple[str, ...]]:
    """The first few values of each column as they stand in the file, shortened, for a file that was
    just checked; an empty cell is "". A file without rows gives nothing."""
    files, storage = context.batch_storage.files(batch(context, caller, batch_id).id), context.batch_storage
    chunk = storage.parsing.call(first_rows, files.upload, check.form, storage.limits, files.work, FIRST_ROWS)
    if chunk is None:
        return {}
    table = chunk.table
    return {
        name: tuple(_short(value) for value in column.to_pylist())
        for name, column in zip(table.column_names, table.columns, strict=True)
    }


def _short(value: object) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
