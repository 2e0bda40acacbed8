"""A worker process: takes batches and chunks from the queue until it is told to stop."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID, WorkflowStatus
from dbos._error import DBOSAwaitedWorkflowCancelledError, DBOSWorkflowCancelledError

from modeldesk.jobs import analysis_jobs as analyses
from modeldesk.jobs import compaction as settling
from modeldesk.jobs import names, workflows
from modeldesk.jobs.heartbeat import Pace, Watch
from modeldesk.jobs.steps import is_at_work
from modeldesk.ports.analysis_jobs import AnalysisWork
from modeldesk.ports.analytics import LogWork
from modeldesk.ports.jobs import BatchWork, Workers

log = logging.getLogger("modeldesk.jobs")

_BATCHES_AT_A_TIME = 16
_CHUNKS_AT_A_TIME = 2
"""One is being scored while the next is read and the last is written."""

_ANALYSES_AT_A_TIME = 2
"""So that one that takes a second does not wait for one that takes a minute."""

_LOST_LOOK_SECONDS = 5.0
_LOST_SECONDS = 10.0
"""Longer than a thread needs to begin with what was taken for it."""

_MOST_AGAIN = 5
"""Times that a batch is begun again by one worker because the queue failed."""

_SWEEP_TIMES = "17 * * * *"
_SETTLE_TIMES = "* * * * *"
_SETTLE_SWEEP_TIMES = "37 * * * *"
_ANALYSIS_SWEEP_TIMES = "27 * * * *"
_QUEUES = {
    names.BATCH_WORKFLOW: names.BATCHES,
    names.CHUNK_WORKFLOW: names.CHUNKS,
    names.ANALYSIS_WORKFLOW: names.ANALYSES,
}


def run_worker(
    url: str,
    executor: str,
    work: BatchWork,
    asked: AnalysisWork,
    logged: LogWork,
    workers: Workers,
    stop: threading.Event,
    pace: Pace | None = None,
) -> None:
    """Work until told to stop, and then leave at once: what is not done is resumed by others.

    ``executor`` names this process and no other, ever. The tables have to be there. Raises what
    DBOS raises where it cannot be launched.
    """
    workflows.give_work(work)
    analyses.give_analyses(asked)
    settling.give_log_work(logged)
    config: DBOSConfig = {
        "name": names.APPLICATION,
        "system_database_url": url,
        "serializer": DBOSPortableJSONSerializer(),
        "executor_id": executor,
        "application_version": names.VERSION,
        "sys_db_idle_transaction_timeout_sec": names.IDLE_SECONDS,
        "use_listen_notify": True,
        "run_migrations": False,
        "log_level": "WARNING",
    }
    DBOS(config=config)
    _join_our_log()
    lost = _Lost(executor)
    watch = Watch(executor, workers, lambda: _lead(work, workers), pace or Pace(), also=lost.look)
    # Before the first work is taken: an executor without a sign of life has its work resumed.
    workers.beat(watch.sign())
    DBOS.launch()
    for queue, at_a_time, seconds in (
        (names.BATCHES, _BATCHES_AT_A_TIME, workflows.BATCHES_SECONDS),
        (names.CHUNKS, _CHUNKS_AT_A_TIME, workflows.IDLE_CHUNKS_SECONDS),
        (names.ANALYSES, _ANALYSES_AT_A_TIME, workflows.ANALYSES_SECONDS),
    ):
        DBOS.register_queue(queue, worker_concurrency=at_a_time, polling_interval_sec=seconds)
    DBOS.apply_schedules(
        [
            {"schedule_name": name, "workflow_fn": workflow, "schedule": times, "context": None}
            for name, workflow, times in (
                ("sweep", workflows.run_sweep, _SWEEP_TIMES),
                ("inquiry sweep", analyses.sweep_analyses, _ANALYSIS_SWEEP_TIMES),
                ("settle", settling.settle_log, _SETTLE_TIMES),
                ("settle sweep", settling.sweep_log, _SETTLE_SWEEP_TIMES),
            )
        ]
    )
    log.info("The worker %s takes work.", executor)
    try:
        watch.run(stop)
    finally:
        workers.remove(executor)


def _join_our_log() -> None:
    """DBOS's messages among ours, without those that a cancelled batch brings about."""
    theirs = logging.getLogger("dbos")
    theirs.handlers.clear()
    theirs.propagate = True
    theirs.addFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, DBOSAwaitedWorkflowCancelledError | DBOSWorkflowCancelledError) and (
        "no longer owned" not in record.getMessage()
    )


def _lead(work: BatchWork, workers: Workers) -> None:
    """Have the work of dead workers resumed, and see to batches and analyses that no workflow is at."""
    _resume(workers)
    analyses.look_after_analyses()
    unfinished = list(work.unfinished())
    workflows.look_for_chunks(often=bool(unfinished))
    if not unfinished:
        return
    result = {status.workflow_id: status for status in DBOS.list_workflows(workflow_ids=unfinished)}
    for batch_id in unfinished:
        _see_to(batch_id, result.get(batch_id), work)


def _resume(workers: Workers) -> None:
    pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
    # Read after the list: whoever has taken work gave a sign of life before.
    alive = {heartbeat.executor for heartbeat in workers.all()} if pending else set()
    for status in pending:
        if status.executor_id not in alive:
            log.warning("%s is resumed: %s is gone.", status.workflow_id, status.executor_id)
            DBOS.resume_workflow(status.workflow_id, queue_name=_QUEUES.get(status.name))


@dataclass(slots=True)
class _Lost:
    """The work that this worker has taken and no thread of it is at any more: the queue's own tables could not
    be written, on a full disk, say. It is resumed, by whoever is free."""

    executor: str
    _since: dict[str, float] = field(default_factory=dict)
    _looked: float = 0.0

    def look(self) -> None:
        """Have resumed what has been lost for a while."""
        now = time.monotonic()
        if now - self._looked < _LOST_LOOK_SECONDS:
            return
        self._looked = now
        pending = DBOS.list_workflows(status="PENDING", executor_id=self.executor, load_input=False, load_output=False)
        lost = {item.workflow_id: item.name for item in pending if item.name in _QUEUES}
        lost = {workflow: name for workflow, name in lost.items() if not is_at_work(workflow)}
        self._since = {workflow: self._since.get(workflow, now) for workflow in lost}
        for workflow, since in self._since.items():
            if now - since >= _LOST_SECONDS:
                log.warning("%s is resumed: its thread has ended and could not say so.", workflow)
                DBOS.resume_workflow(workflow, queue_name=_QUEUES[lost[workflow]])


_again: Counter[str] = Counter()


def _see_to(batch_id: str, status: WorkflowStatus | None, work: BatchWork) -> None:
    if status is None:
        _enqueue(batch_id)
    elif status.status == "ERROR" and _again[batch_id] < _MOST_AGAIN:
        # What can go wrong with the batch itself is told by its steps: it was the queue that failed.
        _again[batch_id] += 1
        log.warning("Batch %s is begun again: its job could not be carried on.", batch_id)
        DBOS.delete_workflows([batch_id], delete_children=True)
        _enqueue(batch_id)
    elif status.status == "SUCCESS":
        work.finish(batch_id)
        work.fail(batch_id, "Its job ended before it. Run it again; the workers' log says more.")
    elif status.status not in names.WAITING:
        # Its workflow ended before the record of this batch did: nobody will ever go on with it.
        work.fail(batch_id, f"Its job ended early ({status.status}). Run it again; the workers' log says more.")


def _enqueue(batch_id: str) -> None:
    """Start the workflow of a batch that was recorded and not submitted."""
    with SetWorkflowID(batch_id):
        DBOS.enqueue_workflow(names.BATCHES, workflows.run_batch, batch_id)
