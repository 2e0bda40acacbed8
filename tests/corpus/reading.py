"""A file taken through everything that comes before the model, as one call of a confined process."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modeldesk.model_service.schema.fields import fields
from modeldesk.model_service.schema.frames import json_values
from modeldesk.model_service.schema.schema import ModelSchema
from modeldesk.model_service.tables import ChunkCheck, FileOptions, Limits, chunks, inspect, match_columns, ready_file


@dataclass(frozen=True)
class Outcome:
    """What became of a file that was read."""

    rows: int
    scored: int
    rejected: int
    codes: tuple[str, ...]
    first: dict[str, Any]
    dtypes: tuple[str, ...]


def read(path: Path, options: FileOptions, schema: ModelSchema) -> Outcome:
    """Inspect, match, read and check a file. Raises what it is refused with."""
    limits = Limits()
    form = inspect(path, options, limits)
    matching = match_columns(schema, fields(schema, None), form, options)
    matching.require()
    check = ChunkCheck(schema, None, matching, form)
    rows = scored = rejected = 0
    codes: set[str] = set()
    first: dict[str, Any] = {}
    dtypes: tuple[str, ...] = ()
    with tempfile.TemporaryDirectory() as work:
        for chunk in chunks(ready_file(path, form, limits, Path(work)), form, limits, 1_000):
            checked = check.check(chunk)
            rows += chunk.rows
            scored += len(checked.numbers)
            rejected += checked.rejected_rows
            codes |= {reject.code for reject in checked.rejects}
            assert all(reject.message and reject.row >= form.first_row for reject in checked.rejects)
            assert len(checked.frame) == len(checked.numbers) == checked.table.num_rows
            dtypes = tuple(map(str, checked.frame.dtypes))
            if not first and len(checked.frame):
                row = checked.frame.iloc[:1]
                first = {feature.name: json_values(feature, row[feature.name])[0] for feature in schema.features}
    return Outcome(rows, scored, rejected, tuple(sorted(codes)), first, dtypes)
