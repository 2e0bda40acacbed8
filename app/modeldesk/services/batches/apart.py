"""Scoring a chunk in a process apart, and cutting it down to the rows that end such a process.

An artifact can end the process that asks it: by a fault of memory, by taking all of it, by leaving. A
chunk that did so to its workers is scored here, where it ends nothing else; the rows at which it happens
are found by halving the chunk many ways, and rejected by their numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from modeldesk.core.errors import Conflict
from modeldesk.model_service.batch.careful import MOST_ENDED, WHY, fatal_rows
from modeldesk.model_service.batch.chunking import Checkpoint
from modeldesk.model_service.batch.score import only, score_chunk, without
from modeldesk.model_service.registry.registry import Registry
from modeldesk.model_service.tables import Chunk, ParsingPool, Part
from modeldesk.model_service.tables.checking import CheckedChunk
from modeldesk.ports.batches import Batch, RecordedChunk
from modeldesk.services.batches.opening import OpenBatch, open_batch, write_chunk
from modeldesk.services.batches.reading import read_part
from modeldesk.services.batches.storage import BatchFiles

_SECONDS = 3_600.0


@dataclass(frozen=True, slots=True)
class ChunkApart:
    """A chunk as it is sent to a process of its own."""

    models: Path
    batch: Batch
    folder: Path
    index: int


def score_apart(apart: ChunkApart, attempt: int, checkpoint: Checkpoint) -> RecordedChunk:
    """Score a chunk and write its results under the attempt's name; what is to be recorded.

    Rows that end the process they are scored in are among the rejected ones. Raises Conflict where they are
    too many, or where no single row does it and all together do; NoRoom where nothing can be written; and
    what ``checkpoint`` raises.
    """
    with ParsingPool(processes=1, memory=None, seconds=_SECONDS, calls=1_000_000) as pool:
        recorded = pool.survives(checkpoint, _write, apart, attempt, ())
        if recorded is None:
            fatal = _fatal_rows(pool, apart, checkpoint)
            recorded = pool.survives(checkpoint, _write, apart, attempt, fatal)
    if recorded is None:
        raise Conflict(
            f"The model ended the process that scored the rows of part {apart.index + 1} of the file.",
            hint="They may need more memory together than there is. See the server's log.",
        )
    return recorded


def _fatal_rows(pool: ParsingPool, apart: ChunkApart, checkpoint: Checkpoint) -> tuple[int, ...]:
    """The positions, among a chunk's good rows, of those that end a process."""
    rows = pool.survives(checkpoint, _good_rows, apart) or 0
    fatal = fatal_rows(rows, lambda start, stop: pool.survives(checkpoint, _try, apart, start, stop))
    if fatal is None:
        raise Conflict(
            f"The model ended {MOST_ENDED} processes that asked it about the rows of part {apart.index + 1}.",
            hint="Publish an artifact that answers them, or send the file without them.",
        )
    return fatal


# ---- in the process apart -------------------------------------------------------------------------


@dataclass(slots=True)
class _Kept:
    """The chunk that this process has open."""

    opened: OpenBatch
    part: Part
    chunk: Chunk
    checked: CheckedChunk


_kept: dict[tuple[str, int], _Kept] = {}


def _open(apart: ChunkApart) -> _Kept:
    key = apart.batch.id, apart.index
    if key not in _kept:
        _kept.clear()
        opened = open_batch(Registry(apart.models), apart.batch, BatchFiles(apart.folder))
        part = opened.plan.parts[apart.index]
        chunk = read_part(opened.path, opened.plan.form, opened.plan.limits, part)
        _kept[key] = _Kept(opened, part, chunk, opened.check.check(chunk))
    return _kept[key]


def _good_rows(apart: ChunkApart) -> int:
    return len(_open(apart).checked.numbers)


def _try(apart: ChunkApart, start: int, stop: int) -> bool:
    """True, if this process lives to say so."""
    state = _open(apart)
    indices = np.arange(len(state.checked.numbers))
    some = only(state.checked, (indices >= start) & (indices < stop))
    score_chunk(state.opened.model, some, apart.batch.id, state.opened.extras)
    return True


def _write(apart: ChunkApart, attempt: int, fatal: tuple[int, ...]) -> RecordedChunk:
    state = _open(apart)
    checked = without(state.checked, dict.fromkeys(fatal, WHY)) if fatal else state.checked
    scored = score_chunk(state.opened.model, checked, apart.batch.id, state.opened.extras)
    write_chunk(BatchFiles(apart.folder), scored, attempt)
    return state.opened.recorded(state.part, state.chunk, scored, apart.index, attempt)
