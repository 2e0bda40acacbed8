"""What a worker does for a batch: read the file once, score its chunks in any order, end it.

Every step may be begun more than once, by several workers even: a step that is repeated finds
what is recorded and leaves it. Files that an attempt wrote and the record does not name count
for nothing.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import tomlkit

from app.errors import Conflict, ModeldeskError, NotFound
from app.lasting import make_lasting, written_whole
from app.model_service.batch import Extras, ScoredChunk, score_chunk
from app.model_service.batch_summary import Summarizer, SummaryPart, added
from app.model_service.batch_writers import ParquetFileWriter
from app.model_service.loaded import LoadedModel
from app.model_service.manifest import Manifest
from app.model_service.model_settings import ModelSettings, parse_settings, settings_digest
from app.model_service.pacing import Checkpoint
from app.model_service.tables import ChunkCheck, FileOptions, Plan, match_columns
from app.ports import Batch, PlannedChunk, RecordedChunk
from app.services.batch_reading import cut, look, read_part
from app.services.batch_room import BatchFiles
from app.services.desk import Desk

log = logging.getLogger("modeldesk.batches")

MOST_ATTEMPTS = 12
"""A chunk that was begun so often and never recorded ends its worker each time."""

UPLOADED_DAYS = 1
"""Days after which an upload that nobody started is removed."""

_LEFTOVER_SECONDS = 24 * 60 * 60
_OPEN_BATCHES = 4
_LOOK_SECONDS = 0.5


@dataclass(slots=True)
class _Open:
    """A batch that this process works on: its model with the pinned settings, and its file."""

    model: LoadedModel
    plan: Plan
    path: Path
    check: ChunkCheck
    summarizer: Summarizer
    extras: Extras


class _NotWanted(Exception):
    """The batch has ended, by being cancelled or deleted, while a step of it was taken."""


class BatchWorker:
    """``BatchWork`` on a desk. Steps may come from several threads."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._batches = desk.store.batches
        self._lock = threading.Lock()
        self._open: OrderedDict[str, _Open] = OrderedDict()

    def prepare(self, batch_id: str) -> int:
        """Read the file once and record its plan; the number of chunks, 0 where there is nothing to do.

        Raises InvalidInput, TooLarge, NotFound or ModelUnavailable where it cannot be scored at all.
        """
        batch = self._batches.get(batch_id)
        if batch is None or not self._batches.run(batch_id, self._desk.clock()):
            return 0
        planned = self._batches.planned(batch_id)
        if planned is not None:
            return planned
        files = self._desk.room.files(batch_id)
        try:
            plan = self._cut(batch, files)
        except _NotWanted:
            return 0
        write_plan(files, plan)
        self._batches.plan(batch_id, [PlannedChunk(part.first_row, part.rows) for part in plan.parts])
        return len(plan.parts)

    def _cut(self, batch: Batch, files: BatchFiles) -> Plan:
        model, room, wanted = self._model(batch), self._desk.room, self._checkpoint(batch.id)
        options = FileOptions.model_validate(batch.options)
        limits = room.limits.with_room_for(model.schema.width)
        form = room.parsing.watched(wanted, look, files.upload, options, limits, batch.file_name)
        match_columns(model.schema, model.fields, form, options).require()
        files.make_folders()
        return room.parsing.watched(wanted, cut, files.upload, form, room.limits, files.work, room.chunk_rows)

    def score(self, batch_id: str, index: int) -> None:
        """Score one chunk and record it. Raises like ``prepare``, and Conflict where the chunk ended
        its worker too often."""
        attempt = self._batches.begin_chunk(batch_id, index)
        if attempt is None:
            return
        opened = self._opened(batch_id)
        part = opened.plan.parts[index]
        if attempt > MOST_ATTEMPTS:
            raise Conflict(
                f"The rows from {part.first_row:,} on were begun {MOST_ATTEMPTS} times and never finished.",
                hint="They may need more memory than the workers have. See the server's log.",
            )
        plan, room, wanted = opened.plan, self._desk.room, self._checkpoint(batch_id)
        try:
            chunk = room.parsing.watched(wanted, read_part, opened.path, plan.form, plan.limits, part)
            scored = score_chunk(opened.model, opened.check.check(chunk), batch_id, opened.extras, wanted)
        except _NotWanted:
            return
        _write(self._desk.room.files(batch_id), scored, attempt)
        summary = opened.summarizer.part(scored).model_dump(mode="json")
        first = [*chunk.numbers[:1].tolist(), *(reject.row for reject in chunk.rejects)]
        recorded = RecordedChunk(
            index, min(first, default=part.first_row), scored.rows, attempt, scored.rejected, summary
        )
        self._batches.record_chunk(batch_id, recorded, self._desk.clock())

    def finish(self, batch_id: str) -> None:
        """End the batch by what is recorded."""
        batch, planned = self._batches.get(batch_id), self._batches.planned(batch_id)
        if batch is None or batch.ended or planned is None:
            return
        chunks = self._batches.chunks(batch_id)
        if len(chunks) < planned:
            self.fail(batch_id, f"{planned - len(chunks):,} of {planned:,} parts of the file were not scored.")
            return
        opened = self._opened(batch_id)
        parts = added(SummaryPart.model_validate(chunk.summary) for chunk in chunks)
        summary = opened.summarizer.summary(parts).model_dump(mode="json")
        self._remove_leftovers(batch_id, chunks)
        self._batches.end(batch_id, "succeeded", self._desk.clock(), summary=summary)
        self._forget(batch_id)

    def fail(self, batch_id: str, reason: str) -> None:
        """End the batch because it cannot go on."""
        if self._batches.end(batch_id, "failed", self._desk.clock(), message=reason):
            log.warning("Batch %s failed: %s", batch_id, reason)
        self._forget(batch_id)

    def unfinished(self) -> Sequence[str]:
        """The ids of all batches that are queued or running."""
        return self._batches.unfinished()

    def sweep(self) -> None:
        """Remove batches that are kept no longer, and folders of uploads that broke off."""
        now, room = self._desk.clock(), self._desk.room
        expired = self._batches.expired(
            ended_before=now - timedelta(days=room.retention_days),
            uploaded_before=now - timedelta(days=UPLOADED_DAYS),
        )
        for batch_id in expired:
            self._batches.delete(batch_id, now)
            room.files(batch_id).remove()
        if not room.folder.is_dir():
            return
        for folder in room.folder.iterdir():
            # The folder of a deleted batch may have been written to by a worker that had not heard of it.
            old = time.time() - folder.stat().st_mtime > _LEFTOVER_SECONDS
            if old and self._batches.get(folder.name) is None:
                shutil.rmtree(folder, ignore_errors=True)

    def _opened(self, batch_id: str) -> _Open:
        with self._lock:
            found = self._open.get(batch_id)
            if found is None:
                found = self._open[batch_id] = self._opening(batch_id)
            self._open.move_to_end(batch_id)
            while len(self._open) > _OPEN_BATCHES:
                self._open.popitem(last=False)
            return found

    def _opening(self, batch_id: str) -> _Open:
        batch = self._batches.get(batch_id)
        if batch is None:
            raise NotFound(f"There is no batch {batch_id!r}.")
        model = self._model(batch)
        files = self._desk.room.files(batch_id)
        plan = read_plan(files)
        options = FileOptions.model_validate(batch.options)
        matching = match_columns(model.schema, model.fields, plan.form, options)
        return _Open(
            model=model,
            plan=plan,
            path=files.folder / plan.path,
            check=ChunkCheck(model.schema, model.settings, matching, plan.form),
            summarizer=Summarizer(model),
            extras=Extras(options.unusual is not False, bool(options.explain), options.explain_class),
        )

    def _checkpoint(self, batch_id: str) -> Checkpoint:
        """Raises _NotWanted where the batch has ended; looks now and then, however often it is called."""
        looked = time.monotonic()

        def look_up() -> None:
            nonlocal looked
            now = time.monotonic()
            if now - looked < _LOOK_SECONDS:
                return
            looked = now
            batch = self._batches.get(batch_id)
            if batch is None or batch.ended:
                raise _NotWanted

        return look_up

    def _forget(self, batch_id: str) -> None:
        with self._lock:
            self._open.pop(batch_id, None)

    def _model(self, batch: Batch) -> LoadedModel:
        """The very version and settings that the batch was created for."""
        try:
            model = self._desk.registry.get(batch.model, batch.version)
        except NotFound:
            self._desk.registry.refresh()
            model = self._desk.registry.get(batch.model, batch.version)
        if model.digest != batch.version_digest:
            raise Conflict(f"Version {batch.version} of {batch.model} is another than when this batch was created.")
        return model.with_settings(pinned_settings(batch, model.manifest))

    def _remove_leftovers(self, batch_id: str, chunks: Sequence[RecordedChunk]) -> None:
        """Remove what attempts wrote that were not the first to be recorded."""
        files = self._desk.room.files(batch_id)
        counted = {
            path
            for item in chunks
            for path in (files.chunk(item.index, item.attempt), files.rejects(item.index, item.attempt))
        }
        for path in [*files.folder.glob("chunks/*"), *files.folder.glob("rejects/*")]:
            if path not in counted:
                path.unlink(missing_ok=True)


def write_plan(files: BatchFiles, plan: Plan) -> None:
    """Keep a plan; the path in it becomes one within the batch's folder, which may be moved."""
    inside = Path(plan.path).relative_to(files.folder)
    with written_whole(files.plan) as path:
        path.write_text(plan.model_copy(update={"path": str(inside)}).model_dump_json(), "utf-8")


def read_plan(files: BatchFiles) -> Plan:
    """The plan that was kept, its path within the batch's folder."""
    return Plan.model_validate_json(files.plan.read_bytes())


def pinned_settings(batch: Batch, manifest: Manifest) -> ModelSettings:
    """The model's settings as they were when the batch was created. Raises Conflict where they
    cannot be had any more."""
    try:
        settings = parse_settings(tomlkit.dumps(dict(batch.settings)).encode(), manifest)
    except ModeldeskError as error:
        raise Conflict(f"The settings that this batch was created under cannot be used: {error.detail}") from error
    if settings_digest(settings) != batch.settings_digest:
        raise Conflict("The settings that this batch was created under cannot be restored.")
    return settings


def _write(files: BatchFiles, scored: ScoredChunk, attempt: int) -> None:
    """Write a chunk's results under the attempt's name, to last before they are recorded."""
    files.make_folders()
    for path, table in (
        (files.chunk(scored.index, attempt), scored.table),
        (files.rejects(scored.index, attempt), scored.rejects),
    ):
        writer = ParquetFileWriter(path)
        writer.write(table)
        writer.close()
        make_lasting(path)
        make_lasting(path.parent)
