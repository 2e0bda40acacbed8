"""What a worker does for a batch: read the file once, score its chunks in any order, end it.

Every step may be begun more than once, by several workers even: a step that is repeated finds
what is recorded and leaves it. Files that an attempt wrote and the record does not name count
for nothing.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import TypeVar

from modeldesk.core.cache import LruCache
from modeldesk.core.errors import NoRoom, NotFound, StoreUnavailable, room_needed
from modeldesk.model_service.batch.chunking import Checkpoint
from modeldesk.model_service.batch.score import score_chunk
from modeldesk.model_service.batch.summary import SummaryPart, added
from modeldesk.model_service.tables import FileOptions, Plan, match_columns
from modeldesk.ports.batches import Batch, PlannedChunk, RecordedChunk
from modeldesk.services.app_context import AppContext
from modeldesk.services.batches.apart import ChunkApart, score_apart
from modeldesk.services.batches.keys import write_key_index
from modeldesk.services.batches.opening import OpenBatch, open_batch, pinned_model, write_chunk, write_plan
from modeldesk.services.batches.reading import cut, look, read_part
from modeldesk.services.batches.storage import BatchFiles

log = logging.getLogger("modeldesk.batches")

MOST_ATTEMPTS = 3
"""A chunk that was begun so often and never recorded may have ended its worker each time."""

WAIT_SECONDS = 1.0
"""How long to wait before what could not be written is tried again."""

UPLOADED_DAYS = 1
"""Days after which an upload that nobody started is removed."""

_LEFTOVER_SECONDS = 24 * 60 * 60
_OPEN_BATCHES = 4
_LOOK_SECONDS = 0.5

Done = TypeVar("Done")


class _NotWanted(Exception):
    """The batch has ended, by being cancelled or deleted, while a step of it was taken."""


class BatchWorker:
    """``BatchWork`` on an app context. Steps may come from several threads."""

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._batches = context.store.batches
        self._open: LruCache[OpenBatch] = LruCache(_OPEN_BATCHES)

    def prepare(self, batch_id: str) -> int:
        """Read the file once and record its plan; the number of chunks, 0 where there is nothing to do.

        Raises InvalidInput, TooLarge, NotFound or ModelUnavailable where it cannot be scored at all.
        """
        batch = self._batches.get(batch_id)
        if batch is None or not self._batches.run(batch_id, self._context.clock()):
            return 0
        planned = self._batches.planned(batch_id)
        if planned is not None:
            return planned
        files = self._context.batch_storage.files(batch_id)
        try:
            plan = self._cut(batch, files)
        except _NotWanted:
            return 0
        write_plan(files, plan)
        self._batches.plan(batch_id, [PlannedChunk(part.first_row, part.rows) for part in plan.parts])
        return len(plan.parts)

    def _cut(self, batch: Batch, files: BatchFiles) -> Plan:
        model, storage = pinned_model(self._context.registry, batch), self._context.batch_storage
        wanted = self._checkpoint(batch.id)
        options = FileOptions.model_validate(batch.options)
        limits = storage.limits.with_room_for(model.schema.width)
        form = storage.parsing.watched(wanted, look, files.upload, options, limits, batch.file_name)
        match_columns(model.schema, model.fields, form, options).require()
        files.make_folders()
        return storage.parsing.watched(wanted, cut, files.upload, form, storage.limits, files.work, storage.chunk_rows)

    def score(self, batch_id: str, index: int) -> None:
        """Score one chunk and record it. One that was begun several times and never recorded is scored in a
        process apart, without the rows that end it.

        Raises like ``prepare``, and Conflict where even that process ends each time.
        """
        attempt = self._batches.begin_chunk(batch_id, index)
        if attempt is None:
            return
        try:
            if attempt > MOST_ATTEMPTS:
                recorded = self._scored_apart(batch_id, index, attempt)
            else:
                recorded = self._scored(batch_id, index, attempt)
            # What is written is not thrown away because the record cannot be written.
            self._patiently(batch_id, lambda: self._batches.record_chunk(batch_id, recorded, self._context.clock()))
        except _NotWanted:
            return

    def _scored(self, batch_id: str, index: int, attempt: int) -> RecordedChunk:
        opened = self._opened(batch_id)
        plan, storage, part = opened.plan, self._context.batch_storage, opened.plan.parts[index]
        wanted = self._checkpoint(batch_id, lambda done: self._note(batch_id, index, attempt, int(done * part.rows)))
        chunk = storage.parsing.watched(wanted, read_part, opened.path, plan.form, plan.limits, part)
        scored = score_chunk(opened.model, opened.check.check(chunk), batch_id, opened.extras, wanted)
        self._patiently(batch_id, lambda: write_chunk(storage.files(batch_id), scored, attempt))
        return opened.recorded(part, chunk, scored, index, attempt)

    def _scored_apart(self, batch_id: str, index: int, attempt: int) -> RecordedChunk:
        batch = self._batches.get(batch_id)
        if batch is None:
            raise _NotWanted
        log.warning("Chunk %d of batch %s was begun %d times and is scored apart.", index, batch_id, attempt)
        files = self._context.batch_storage.files(batch_id)
        apart = ChunkApart(self._context.registry.folder, batch, files.folder, index)
        return self._patiently(batch_id, lambda: score_apart(apart, attempt, self._checkpoint(batch_id)))

    def _patiently(self, batch_id: str, act: Callable[[], Done]) -> Done:
        """Do what has to be written, again and again while there is no room for it or the database does not
        take it; raises _NotWanted where the batch has ended meanwhile."""
        reported = False
        while True:
            try:
                with room_needed():
                    return act()
            except (NoRoom, StoreUnavailable) as error:
                if not reported:
                    log.warning("Batch %s waits: %s", batch_id, error)
                reported = True
            time.sleep(WAIT_SECONDS)
            with suppress(StoreUnavailable):
                batch = self._batches.get(batch_id)
                if batch is None or batch.ended:
                    raise _NotWanted

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
        with suppress(OSError):  # made when somebody first looks for a key, then
            write_key_index(self._context, batch, chunks)
        self._batches.end(batch_id, "succeeded", self._context.clock(), summary=summary)
        self._open.forget(batch_id)

    def fail(self, batch_id: str, reason: str) -> None:
        """End the batch because it cannot go on."""
        if self._batches.end(batch_id, "failed", self._context.clock(), message=reason):
            log.warning("Batch %s failed: %s", batch_id, reason)
        self._open.forget(batch_id)

    def unfinished(self) -> Sequence[str]:
        """The ids of all batches that are queued or running."""
        return self._batches.unfinished()

    def sweep(self) -> None:
        """Remove batches that are kept no longer, and folders of uploads that broke off."""
        now, storage = self._context.clock(), self._context.batch_storage
        expired = self._batches.expired(
            ended_before=now - timedelta(days=storage.retention_days),
            uploaded_before=now - timedelta(days=UPLOADED_DAYS),
        )
        for batch_id in expired:
            self._batches.delete(batch_id, now)
            storage.files(batch_id).remove()
        if not storage.folder.is_dir():
            return
        for folder in storage.folder.iterdir():
            # The folder of a deleted batch may have been written to by a worker that had not heard of it.
            old = time.time() - folder.stat().st_mtime > _LEFTOVER_SECONDS
            if old and self._batches.get(folder.name) is None:
                shutil.rmtree(folder, ignore_errors=True)

    def _opened(self, batch_id: str) -> OpenBatch:
        return self._open.get(batch_id, lambda: self._opening(batch_id))

    def _opening(self, batch_id: str) -> OpenBatch:
        batch = self._batches.get(batch_id)
        if batch is None:
            raise NotFound(f"There is no batch {batch_id!r}.")
        return open_batch(self._context.registry, batch, self._context.batch_storage.files(batch_id))

    def _note(self, batch_id: str, index: int, attempt: int, rows: int) -> None:
        """Note how far a chunk is. Nothing waits for a note, and nothing ends without it."""
        with suppress(StoreUnavailable, NoRoom), room_needed():
            self._batches.progress(batch_id, index, attempt, rows, self._context.clock())

    def _checkpoint(self, batch_id: str, note: Callable[[float], None] = lambda _done: None) -> Checkpoint:
        """Raises _NotWanted where the batch has ended, and notes the share that is done where it has grown; looks
        now and then, however often it is called."""
        looked, noted = time.monotonic(), 0.0

        def look_up(done: float = 0.0) -> None:
            nonlocal looked, noted
            now = time.monotonic()
            if now - looked < _LOOK_SECONDS:
                return
            looked = now
            batch = self._batches.get(batch_id)
            if batch is None or batch.ended:
                raise _NotWanted
            if done > noted:
                noted = done
                note(done)

        return look_up

    def _remove_leftovers(self, batch_id: str, chunks: Sequence[RecordedChunk]) -> None:
        """Remove what attempts wrote that were not the first to be recorded."""
        files = self._context.batch_storage.files(batch_id)
        counted = {
            path
            for item in chunks
            for path in (files.chunk(item.index, item.attempt), files.rejects(item.index, item.attempt))
        }
        for path in [*files.folder.glob("chunks/*"), *files.folder.glob("rejects/*")]:
            if path not in counted:
                path.unlink(missing_ok=True)
