"""What DBOS runs: a batch, its chunks, and the sweep. Ids go in, nothing comes out.

What has happened is in the record of batches; these functions only see to it that each step is
taken, by somebody, after whatever crash. A step may be taken twice.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from dbos import DBOS, SetEnqueueOptions, SetWorkflowID

from modeldesk.jobs import names
from modeldesk.jobs.steps import PATIENCE, at_work, or_failed
from modeldesk.ports.batches import PREPARED_AT_A_TIME
from modeldesk.ports.jobs import BatchWork

_LOOK_SECONDS = 0.1

# Many batches are in work at a time, but only so many files are read from end to end: each may take
# the memory of a confined process. A slow one leaves the others their places.
_preparing = threading.BoundedSemaphore(PREPARED_AT_A_TIME)
_given: list[BatchWork] = []


def give_work(work: BatchWork) -> None:
    """Say what this process does for batches, before DBOS is launched."""
    _given[:] = [work]


@DBOS.workflow(name=names.BATCH_WORKFLOW)
def run_batch(batch_id: str) -> None:
    """One batch from its file to its end."""
    with at_work():
        _run_batch(batch_id)


def _run_batch(batch_id: str) -> None:
    look_for_chunks(often=True)
    handles = []
    for index in range(_prepare(batch_id)):
        # The first chunks of all batches come before the second ones: a small file does not wait
        # for a large one's end.
        with SetWorkflowID(f"{batch_id}.{index}"), SetEnqueueOptions(priority=index + 1):
            handles.append(DBOS.enqueue_workflow(names.CHUNKS, run_chunk, batch_id, index))
    for handle in handles:
        handle.get_result(polling_interval_sec=_LOOK_SECONDS)
    _finish(batch_id)


@DBOS.workflow(name=names.CHUNK_WORKFLOW)
def run_chunk(batch_id: str, index: int) -> None:
    """One chunk of a batch."""
    with at_work():
        _score(batch_id, index)


@DBOS.workflow(name=names.SWEEP_WORKFLOW)
def run_sweep(_scheduled: Any, _context: Any) -> None:
    """Remove what is kept no longer."""
    _sweep()


@DBOS.step(name="prepare", **PATIENCE)
def _prepare(batch_id: str) -> int:
    with _preparing:
        return _or_failed(batch_id, lambda work: work.prepare(batch_id)) or 0


@DBOS.step(name="score", **PATIENCE)
def _score(batch_id: str, index: int) -> None:
    _or_failed(batch_id, lambda work: work.score(batch_id, index))


@DBOS.step(name="finish", **PATIENCE)
def _finish(batch_id: str) -> None:
    _or_failed(batch_id, lambda work: work.finish(batch_id))


@DBOS.step(name="sweep", **PATIENCE)
def _sweep() -> None:
    _given[0].sweep()


def _or_failed(batch_id: str, step: Callable[[BatchWork], int | None]) -> int | None:
    work = _given[0]
    return or_failed(f"Batch {batch_id}", lambda: step(work), lambda reason: work.fail(batch_id, reason))


BATCHES_SECONDS = 0.6
ANALYSES_SECONDS = 0.8
IDLE_CHUNKS_SECONDS, BUSY_CHUNKS_SECONDS = 0.7, 0.15
"""A batch waits for both queues in turn: its start is never later than about a second."""

log = logging.getLogger("modeldesk.jobs")


def look_for_chunks(*, often: bool) -> None:
    """Have all workers look for chunks often, or seldom. A failure is logged: either way is right, only
    one of them slow or costly."""
    seconds = BUSY_CHUNKS_SECONDS if often else IDLE_CHUNKS_SECONDS
    try:
        queue = DBOS.retrieve_queue(names.CHUNKS)
        if queue is not None and queue.polling_interval_sec != seconds:
            queue.set_polling_interval_sec(seconds)
    except Exception as error:
        log.warning("How often workers look for chunks could not be changed: %s", error)
