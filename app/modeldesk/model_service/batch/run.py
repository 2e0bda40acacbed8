"""A whole file scored by one process or several, in the file's order and in constant memory.

This process finds the parts, scores the first ones and writes. Where what is left takes longer than
more processes take to start, they go on: each, started afresh, loads the model once, and reads,
checks and scores parts. At any time no more than a few chunks are under way.
"""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from modeldesk.core.errors import ModeldeskError
from modeldesk.model_service.batch.careful import CarefulCrew
from modeldesk.model_service.batch.score import NO_EXTRAS, Extras, score_chunk
from modeldesk.model_service.batch.summary import BatchSummary, Summarizer, SummaryPart, added
from modeldesk.model_service.batch.writers import presented, result_file
from modeldesk.model_service.package.artifacts import give_back_memory
from modeldesk.model_service.package.manifest import Manifest
from modeldesk.model_service.schema.fields import fields
from modeldesk.model_service.settings.decision_threshold import settings_in_force
from modeldesk.model_service.settings.model_settings import ModelSettings
from modeldesk.model_service.tables.checking import CheckedChunk, ChunkCheck
from modeldesk.model_service.tables.chunk import Part
from modeldesk.model_service.tables.inspection import inspect
from modeldesk.model_service.tables.matching import Matching, match_columns
from modeldesk.model_service.tables.options import CHUNK_ROWS, FileKind, FileOptions, Limits, TableForm
from modeldesk.model_service.tables.plan import Reader, parts_of, ready_file
from modeldesk.ports.decisions import ThresholdChange

_AHEAD = 2
"""Chunks that wait, finished or not, for each worker."""
_EXPLAINED_ROWS = {"linear": 10_000, "tree": 1_000, "permutation": 200}
"""Rows of a chunk whose explanations are asked for, by the method: seconds of work at most, so that
progress shows and all processes have some."""
_GAIN = 0.8
"""More processes are started where the rest is then done in less than this share of the time."""


@dataclass(frozen=True, slots=True)
class ScoreJob:
    """What is to be scored: a file by one version of a model in the folder ``models``; ``saved`` is
    the last decision on its threshold, None for model.toml's own."""

    models: Path
    name: str
    version: int
    source: Path
    options: FileOptions
    limits: Limits
    chunk_rows: int = CHUNK_ROWS
    extras: Extras = NO_EXTRAS
    saved: ThresholdChange | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A file to be written."""

    path: Path
    kind: FileKind


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is: rows dealt with, of them rejected, and of how many, where that is known."""

    done: int
    rejected: int
    total: int | None


def score_file(
    job: ScoreJob,
    manifest: Manifest,
    settings: ModelSettings,
    results: Target,
    errors: Target | None,
    *,
    processes: int,
    report: Callable[[Progress], None],
    careful: bool = False,
) -> BatchSummary:
    """Score a file into ``results``; rejected rows go to ``errors`` where one is named. With ``careful``
    rows at which the model ends its process are found and rejected.

    Both files appear complete or not at all. Raises InvalidInput and TooLarge for what is wrong
    with the file as a whole, and ScorerEnded where a process was killed.
    """
    form = inspect(job.source, job.options, job.limits)
    matching = match_columns(manifest.model_schema, fields(manifest.model_schema, settings), form, job.options)
    matching.require()
    parts: list[SummaryPart] = []
    done = rejected = 0
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="modeldesk-")))
        ready = ready_file(job.source, form, job.limits, work)
        # Found first, so that a fault of the file is told before processes are started.
        result = parts_of(ready, form, job.limits, _chunk_rows(job, manifest))
        first = next(result, None)
        writer = stack.enter_context(result_file(results.path, results.kind))
        rejects = stack.enter_context(result_file(errors.path, errors.kind)) if errors else None
        setup = _Setup(job, ready, form, matching)
        crew: CarefulCrew | _Crew = CarefulCrew(_Worker, setup) if careful else _Crew(setup, processes)
        stack.enter_context(crew)
        for scored in crew.scored(chain([first] if first else [], result)):
            writer.write(presented(_unpacked(scored.table)))
            refused = _unpacked(scored.rejects)
            writer.write_rejected(refused)
            if rejects is not None:
                rejects.write(refused)
            parts.append(added([*parts, scored.summary]))
            del parts[:-1]
            done, rejected = done + scored.summary.scored + scored.summary.rejected, parts[0].rejected
            report(Progress(done, rejected, form.rows))
        return crew.summary(parts[0] if parts else SummaryPart())


def _chunk_rows(job: ScoreJob, manifest: Manifest) -> int:
    """Rows of a chunk. They never depend on the time that rows take: an artifact's last digits may
    depend on which rows it is asked about together."""
    if not job.extras.explain:
        return job.chunk_rows
    method = manifest.insights.explainer.method if manifest.insights else "permutation"
    return min(job.chunk_rows, _EXPLAINED_ROWS[method])


@dataclass(frozen=True, slots=True)
class _Setup:
    """What a worker needs to begin."""

    job: ScoreJob
    ready: Path
    form: TableForm
    matching: Matching


@dataclass(frozen=True, slots=True)
class _Scored:
    """A chunk's results as they travel between processes."""

    table: bytes
    rejects: bytes
    summary: SummaryPart


class ScorerEnded(Exception):
    """A process that scored was ended from outside, or by the rows it scored."""


class _Worker:
    """One worker process's model and file."""

    def __init__(self, setup: _Setup) -> None:
        from modeldesk.model_service.registry.registry import Registry

        pa.set_cpu_count(1)
        job = setup.job
        model = Registry(job.models).get(job.name, job.version)
        model.warm_plan()
        self.model = model.with_settings(settings_in_force(model.settings, model.manifest, job.saved))
        self.reader = Reader(setup.ready, setup.form, job.limits)
        self.check = ChunkCheck(self.model.schema, self.model.settings, setup.matching, setup.form)
        self.summarizer = Summarizer(self.model)
        self.extras = job.extras

    def checked(self, part: Part) -> CheckedChunk:
        """A part's rows, read and held against the contract."""
        return self.check.check(self.reader.read(part))

    def score(self, checked: CheckedChunk) -> _Scored:
        """The results of a chunk."""
        scored = score_chunk(self.model, checked, extras=self.extras)
        return _Scored(_packed(scored.table), _packed(scored.rejects), self.summarizer.part(scored))


class _Crew:
    """Who scores: this process, and more of them as soon as they are worth their start. A context manager."""

    def __init__(self, setup: _Setup, processes: int) -> None:
        self._setup = setup
        self._processes = processes
        self._pool: ProcessPoolExecutor | None = None
        self._own: _Worker | None = None

    def __enter__(self) -> _Crew:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def scored(self, parts: Iterator[Part]) -> Iterator[_Scored]:
        """The parts' results in the parts' order."""
        own = self._own = _Worker(self._setup)
        # What this process took to get so far, a further one takes again.
        start, rows = time.process_time(), 0
        for part in parts:
            yield own.score(own.checked(part))
            rows += part.rows
            taken = time.process_time() - start
            left = _rows_left(self._setup, part, rows) * taken / rows if rows else 0.0
            if self._processes > 1 and start + left / self._processes < _GAIN * left:
                break
        else:
            return
        del own
        self._own = None
        give_back_memory()
        self._pool = _pool(self._processes, self._setup)
        yield from _in_order(self._pool, parts, self._processes * _AHEAD)

    def summary(self, part: SummaryPart) -> BatchSummary:
        """The summary of all parts."""
        if self._pool is not None:
            return self._pool.submit(_summarize, part).result()
        own = self._own or _Worker(self._setup)
        return own.summarizer.summary(part)


def _rows_left(setup: _Setup, part: Part, done: int) -> float:
    """About how many rows come after a part: by their number, or by the bytes that are left."""
    if setup.form.kind in ("xlsx", "parquet"):
        return float(max(pq.read_metadata(setup.ready).num_rows - done, 0))
    bytes_left = setup.ready.stat().st_size - part.stop
    return max(bytes_left, 0) * part.rows / max(part.stop - part.start, 1)


_worker: _Worker | None = None
_failure: ModeldeskError | None = None


def _begin(setup: _Setup) -> None:
    """Runs once in each worker. An error is kept for the first task to tell: here it would only
    break the pool."""
    global _worker, _failure
    try:
        _worker = _Worker(setup)
    except ModeldeskError as error:
        _failure = error


def _present() -> _Worker:
    if _failure is not None:
        raise _failure
    assert _worker is not None
    return _worker


def _score(part: Part) -> _Scored:
    worker = _present()
    return worker.score(worker.checked(part))


def _summarize(part: SummaryPart) -> BatchSummary:
    return _present().summarizer.summary(part)


def _pool(processes: int, setup: _Setup) -> ProcessPoolExecutor:
    """Workers started afresh: a model must not be loaded before a fork."""
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=(setup,))


def _in_order(pool: ProcessPoolExecutor, parts: Iterator[Part], most: int) -> Iterator[_Scored]:
    """The parts' results in the parts' order, at most ``most`` of them begun and not yet taken."""
    waiting: deque[Future[Any]] = deque()
    try:
        for part in parts:
            waiting.append(pool.submit(_score, part))
            if len(waiting) >= most:
                yield _result(waiting.popleft())
        while waiting:
            yield _result(waiting.popleft())
    finally:
        for future in waiting:
            future.cancel()


def _result(future: Future[Any]) -> _Scored:
    try:
        result: _Scored = future.result()
    except BrokenProcessPool as error:
        raise ScorerEnded from error
    return result


def _packed(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


def _unpacked(data: bytes) -> pa.Table:
    return pa.ipc.open_stream(pa.py_buffer(data)).read_all()
