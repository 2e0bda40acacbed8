"""What a finished batch hands out: files made once and kept, rejected rows, a preview."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from filelock import FileLock

from modeldesk.core.atomic_files import sync_to_disk
from modeldesk.core.errors import BadRequest, Conflict, NotFound
from modeldesk.core.identity import Caller
from modeldesk.model_service.batch.score import PREDICTION, REJECTS_SCHEMA, WARNINGS
from modeldesk.model_service.batch.writers import presented, result_file
from modeldesk.ports.batches import Batch
from modeldesk.services.app_context import AppContext
from modeldesk.services.batches.manage import Format, batch

MAX_LINES = 10_000


@dataclass(frozen=True, slots=True)
class ResultFile:
    """A file to hand out, and the name to hand it out by."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Lines:
    """Some lines of a longer list; ``next_offset`` is where the next begin, None behind the last."""

    lines: Sequence[Mapping[str, Any]]
    next_offset: int | None


def results(context: AppContext, caller: Caller, batch_id: str, kind: Format) -> ResultFile:
    """The scored rows in the order of the file, as CSV, Parquet or XLSX (with the rejected rows on a
    second sheet). Made when first asked for, and kept.

    Raises Conflict unless the batch has succeeded, and TooLarge where XLSX cannot hold the rows.
    """
    result = _succeeded(context, caller, batch_id)
    files = context.batch_storage.files(result.id)
    path = files.made(f"results.{kind}")
    with _once(path) as missing:
        if missing:
            with result_file(path, kind) as writer:
                for chunk in context.store.batches.chunks(result.id):
                    writer.write(presented(pq.read_table(files.chunk(chunk.index, chunk.attempt))))
                    writer.write_rejected(pq.read_table(files.rejects(chunk.index, chunk.attempt)))
            sync_to_disk(path)
    return ResultFile(path, f"{Path(result.file_name).stem}-scored.{kind}")


def errors_file(context: AppContext, caller: Caller, batch_id: str) -> ResultFile:
    """The rejected rows as CSV, a line for each fault. Raises Conflict unless the batch has succeeded."""
    result = _succeeded(context, caller, batch_id)
    path = context.batch_storage.files(result.id).made("errors.csv")
    with _once(path) as missing:
        if missing:
            with result_file(path, "csv") as writer:
                for table in _reject_tables(context, result):
                    writer.write(table)
            sync_to_disk(path)
    return ResultFile(path, f"{Path(result.file_name).stem}-errors.csv")


def errors(context: AppContext, caller: Caller, batch_id: str, *, offset: int = 0, limit: int = 1_000) -> Lines:
    """Rejected rows in the order of the file, a line for each fault; of a running batch, those
    recorded so far."""
    _check_lines(offset, limit)
    result = batch(context, caller, batch_id)
    return _lines(_reject_tables(context, result), offset, limit)


def preview(
    context: AppContext,
    caller: Caller,
    batch_id: str,
    *,
    offset: int = 0,
    limit: int = 100,
    prediction: str | None = None,
    warned: bool | None = None,
) -> Lines:
    """Scored rows in the order of the file: all, or those with one prediction, or those with (or
    without) warnings. Raises Conflict unless the batch has succeeded."""
    _check_lines(offset, limit)
    result = _succeeded(context, caller, batch_id)
    files = context.batch_storage.files(result.id)
    paths = [files.chunk(chunk.index, chunk.attempt) for chunk in context.store.batches.chunks(result.id)]
    tables = (presented(_filtered(pq.read_table(path), prediction, warned)) for path in paths)
    return _lines(tables, offset, limit)


def _filtered(table: pa.Table, prediction: str | None, warned: bool | None) -> pa.Table:
    if prediction is not None:
        table = table.filter(pc.equal(table.column(PREDICTION).cast(pa.string()), prediction))
    if warned is not None:
        column = table.column(WARNINGS)
        table = table.filter(pc.is_valid(column) if warned else pc.is_null(column))
    return table


def _lines(tables: Iterator[pa.Table], offset: int, limit: int) -> Lines:
    lines: list[Mapping[str, Any]] = []
    skip = offset
    for table in tables:
        # One more than asked for tells whether there are more.
        part = table.slice(skip, limit + 1 - len(lines))
        skip = max(0, skip - table.num_rows)
        lines += part.to_pylist()
        if len(lines) > limit:
            return Lines(lines[:limit], offset + limit)
    return Lines(lines, None)


def _reject_tables(context: AppContext, result: Batch) -> Iterator[pa.Table]:
    files = context.batch_storage.files(result.id)
    yield REJECTS_SCHEMA.empty_table()
    for chunk in context.store.batches.chunks(result.id):
        if chunk.failed:
            yield pq.read_table(files.rejects(chunk.index, chunk.attempt))


def _succeeded(context: AppContext, caller: Caller, batch_id: str) -> Batch:
    result = batch(context, caller, batch_id)
    if result.state != "succeeded":
        raise Conflict(
            f"There are no results: the batch is {result.state}.",
            hint=result.message or "Results are there once it has succeeded.",
        )
    return result


def _check_lines(offset: int, limit: int) -> None:
    if offset < 0 or not 1 <= limit <= MAX_LINES:
        raise BadRequest(f"A page has 1 to {MAX_LINES:,} lines, from line 0 on; not {limit} from {offset} on.")


@contextmanager
def _once(path: Path) -> Iterator[bool]:
    """Whether the file has to be made; others that want it wait until it is. Raises NotFound where
    the batch was deleted meanwhile."""
    if path.is_file():
        yield False
        return
    try:
        with FileLock(path.with_name(f".{path.name}.lock")):
            yield not path.is_file()
    except FileNotFoundError as error:
        raise NotFound("The batch was deleted.", hint="Upload the file again.") from error
