"""Batches: files that are scored row by row, by workers, while nobody waits."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import pyarrow as pa
from pydantic import ValidationError

from modeldesk.core.errors import BadRequest, Conflict, InvalidInput, NotFound, Problem
from modeldesk.core.identity import Caller, Permission
from modeldesk.model_service.batch.writers import result_file
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.tables import ChunkCheck, FileOptions, Matching, Reject, TableForm
from modeldesk.ports.batches import Batch, BatchPage, BatchQuery
from modeldesk.services.app_context import AppContext
from modeldesk.services.batches.reading import first_rows
from modeldesk.services.batches.storage import BatchFiles
from modeldesk.services.batches.upload import new_batch, read_form
from modeldesk.services.predictions.explain import require_class
from modeldesk.services.readiness import disk_is_full

MAX_PAGE = 500
CHECKED_ROWS = 10_000
"""Rows from the beginning that the check before scoring looks at."""
SHOWN_PROBLEMS = 100
ALIVE_SECONDS = 15
Format = Literal["csv", "xlsx", "parquet"]


@dataclass(frozen=True, slots=True)
class FileCheck:
    """What a file would come to.

    ``rows_checked`` from its beginning were held against the contract, ``rows_rejected`` of them
    would not be scored, for the first ``problems``. ``rows`` in all is known where the file tells
    it or was read to its end.
    """

    form: TableForm
    matching: Matching
    rows: int | None
    rows_checked: int
    rows_rejected: int
    problems: tuple[Reject, ...]

    @property
    def can_start(self) -> bool:
        """Whether every needed column is there."""
        return not self.matching.missing


def batch(context: AppContext, caller: Caller, batch_id: str) -> Batch:
    """One of the caller's batches. Raises NotFound alike where there is none and where it is another's."""
    result = context.store.batches.get(batch_id)
    if result is None or result.owner != caller.name or result.model in context.hidden_from(caller):
        raise NotFound(f"There is no batch {batch_id!r}.", hint="Check the id; GET /api/v1/batches lists yours.")
    return result


def own(
    context: AppContext, caller: Caller, *, model: str | None = None, limit: int = 50, cursor: str | None = None
) -> BatchPage:
    """The caller's batches, newest first. Raises BadRequest on a bad cursor or limit."""
    if not 1 <= limit <= MAX_PAGE:
        raise BadRequest(f"A page has 1 to {MAX_PAGE} batches, not {limit}.")
    return context.store.batches.page(BatchQuery(caller.name, model, limit, cursor, context.hidden_from(caller)))


def check(context: AppContext, caller: Caller, batch_id: str, options: FileOptions | None = None) -> FileCheck:
    """Look at an uploaded file before it is started: how it is read, its columns, its first rows.

    Raises InvalidInput or TooLarge where it cannot be read at all, and Conflict once it was started.
    """
    result = _waiting(context, caller, batch_id)
    model = context.model(caller, result.model, result.version)
    files = context.batch_storage.files(result.id)
    options = FileOptions.model_validate(result.options) if options is None else options
    form, matching = read_form(context, files, result.file_name, model, options)
    return _first_rows(context, files, form, matching, model)


def start(context: AppContext, caller: Caller, batch_id: str, options: FileOptions | None = None) -> Batch:
    """Hand an uploaded file to the workers.

    Raises InvalidInput with a problem for each needed column that is not there, or for a class that
    the model does not have, and Conflict where it was started before.
    """
    result = _waiting(context, caller, batch_id)
    model = context.model(caller, result.model, result.version)
    options = FileOptions.model_validate(result.options) if options is None else options
    require_class(model, options.explain_class)
    _, matching = read_form(context, context.batch_storage.files(result.id), result.file_name, model, options)
    matching.require()
    return _queue(context, result, options)


def cancel(context: AppContext, caller: Caller, batch_id: str) -> Batch:
    """Stop a batch that has not ended; what was scored so far is not handed out. Raises Conflict
    where it has ended."""
    result = batch(context, caller, batch_id)
    if not context.store.batches.end(result.id, "cancelled", context.clock(), message=f"Cancelled by {caller.name}."):
        raise Conflict(f"This batch cannot be cancelled: it is {batch(context, caller, batch_id).state}.")
    context.batch_storage.jobs.cancel(result.id)
    return batch(context, caller, batch_id)


def delete(context: AppContext, caller: Caller, batch_id: str) -> None:
    """Remove a batch, its file and its results; one that runs is cancelled first."""
    result = batch(context, caller, batch_id)
    if context.store.batches.end(result.id, "cancelled", context.clock(), message=f"Deleted by {caller.name}."):
        context.batch_storage.jobs.cancel(result.id)
    context.store.batches.delete(result.id, context.clock())
    context.batch_storage.files(result.id).remove()


def rerun(context: AppContext, caller: Caller, batch_id: str, version: int | None = None) -> Batch:
    """Score the same file again, read the same way, with another version: the served one unless named.

    Raises InvalidInput where that version needs columns that the file has not.
    """
    caller.require(Permission.PREDICT)
    result = batch(context, caller, batch_id)
    model = context.model(caller, result.model, version)
    options = FileOptions.model_validate(result.options)
    again = new_batch(context, caller, model, context.new_id(), result.file_name, result.size, options)
    files = context.batch_storage.files(again.id)
    try:
        files.make_folders()
        _share(context.batch_storage.files(result.id).upload, files.upload)
        _, matching = read_form(context, files, again.file_name, model, options)
        matching.require()
        context.store.batches.create(again)
    except BaseException:
        files.remove()
        raise
    return _queue(context, again, options)


def speed(result: Batch) -> float | None:
    """Rows a second, by what is recorded; None before anything is."""
    if result.started_at is None or result.recorded_at is None:
        return None
    seconds = (result.recorded_at - result.started_at).total_seconds()
    return result.rows_done / seconds if seconds > 0 and result.rows_done else None


def seconds_left(result: Batch) -> float | None:
    """How long a running batch will still take at its speed so far; None where nobody can tell."""
    rate = speed(result)
    if result.state != "running" or rate is None or result.rows_total is None:
        return None
    return (result.rows_total - result.rows_done) / rate


def workers_alive(context: AppContext) -> int:
    """How many worker processes gave a sign of life lately."""
    latest = context.clock() - timedelta(seconds=ALIVE_SECONDS)
    return sum(beat.at > latest for beat in context.store.workers.all())


def note(context: AppContext, result: Batch) -> str | None:
    """What there is to say about a batch: its message, or what it waits for."""
    if result.message is not None or result.state not in ("queued", "running"):
        return result.message
    if disk_is_full(context):
        return "The server's disk is full. The batch goes on by itself as soon as there is room again."
    if not workers_alive(context):
        return "No worker is running; the batch waits until one is started (modeldesk worker)."
    return None


def template(context: AppContext, caller: Caller, name: str, kind: Format) -> bytes:
    """A file with the columns that a model reads and one row, the record that its form opens with."""
    row = context.model(caller, name).default_record
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"template.{kind}"
        with result_file(path, kind) as writer:
            writer.write(pa.table({column: [value] for column, value in row.items()}))
        return path.read_bytes()


def options_of(values: Mapping[str, Any]) -> FileOptions:
    """Options from a request. Raises InvalidInput with a problem for each that is not acceptable."""
    try:
        return FileOptions.model_validate(dict(values))
    except ValidationError as error:
        problems = [
            Problem(str(item["loc"][0]) if item["loc"] else None, "bad_option", f"{item['loc'][0]}: {item['msg']}.")
            for item in error.errors()
        ]
        raise InvalidInput("The options cannot be used.", problems=problems) from None


def _waiting(context: AppContext, caller: Caller, batch_id: str) -> Batch:
    caller.require(Permission.PREDICT)
    result = batch(context, caller, batch_id)
    if result.state != "uploaded":
        raise Conflict("This batch was started already.", hint="Run it again to score the same file once more.")
    return result


def _queue(context: AppContext, result: Batch, options: FileOptions) -> Batch:
    values = options.model_dump(mode="json", exclude_none=True)
    if not context.store.batches.start(result.id, values):
        raise Conflict("This batch was started already.")
    context.batch_storage.jobs.submit(result.id)
    return replace(result, state="queued", options=values)


def _share(source: Path, target: Path) -> None:
    """The same file in another place; without a second copy where the disk allows it."""
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise NotFound("The batch's file is not kept any more.", hint="Upload it again.") from None
    except OSError:
        shutil.copyfile(source, target)


def _first_rows(
    context: AppContext, files: BatchFiles, form: TableForm, matching: Matching, model: LoadedModel
) -> FileCheck:
    if matching.missing:
        return FileCheck(form, matching, form.rows, 0, 0, ())
    storage = context.batch_storage
    chunk = storage.parsing.call(first_rows, files.upload, form, storage.limits, files.work, CHECKED_ROWS)
    if chunk is None:
        return FileCheck(form, matching, 0, 0, 0, ())
    checked = ChunkCheck(model.schema, model.settings, matching, form).check(chunk)
    rows = chunk.rows if form.rows is None and chunk.rows < CHECKED_ROWS else form.rows
    return FileCheck(form, matching, rows, chunk.rows, checked.rejected_rows, checked.rejects[:SHOWN_PROBLEMS])


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
