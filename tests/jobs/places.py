"""Somewhere for batches to run: an app context on a database, and worker processes that can be killed."""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import signal
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from modeldesk.core.identity import Caller, Role
from modeldesk.jobs.heartbeat import Pace
from modeldesk.jobs.queue import DbosJobs
from modeldesk.jobs.worker import run_worker
from modeldesk.model_service.registry.registry import Registry
from modeldesk.model_service.tables import FileOptions
from modeldesk.ports.batches import Batch
from modeldesk.services.app_context import AppContext, new_id
from modeldesk.services.batches.manage import batch
from modeldesk.services.batches.results import results
from modeldesk.services.batches.storage import BatchStorage
from modeldesk.services.batches.upload import receive
from modeldesk.services.batches.work import BatchWorker
from modeldesk.services.importance.analysis_storage import AnalysisStorage
from modeldesk.services.importance.analysis_work import AnalysisWorker
from modeldesk.services.log.compaction import LogWorker
from modeldesk.store import jobs_url, open_store

from tests.forks import processes
from tests.jobs.traps import spring
from tests.live import wait_for
from tests.services.fakes import Here

ADA = Caller("ada", frozenset({Role.USER}))
PACE = Pace(beat=0.5, dead=4.0)
CHUNK_ROWS = 100
PATIENCE = 200.0
"""A generous bound, in seconds: the machine may be busy with other tests."""


def context_on(folder: Path, models: Path, url: str) -> AppContext:
    """An app context whose batches are cut into small chunks."""
    store = open_store(url, data=folder)
    jobs = DbosJobs(jobs_url(url))
    storage = BatchStorage(folder / "batches", jobs, chunk_rows=CHUNK_ROWS, parsing=Here())
    return AppContext(Registry(models, store.served), store, storage, AnalysisStorage(folder / "inquiries", jobs))


@dataclass
class Place:
    """An app context, and the workers on its database."""

    folder: Path
    models: Path
    url: str
    context: AppContext = field(init=False)
    workers: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context = context_on(self.folder, self.models, self.url)

    def add_worker(self, trap: str | None = None) -> Any:
        """Start a worker; ``trap`` names the point at which it kills itself."""
        worker = processes.Process(target=_work, args=(self.folder, self.models, self.url, trap), daemon=True)
        worker.start()
        self.workers.append(worker)
        return worker

    def kill(self, worker: Any) -> None:
        """Kill a worker, as a crash would."""
        worker.kill()
        worker.join()
        self.workers.remove(worker)

    def freeze(self, worker: Any) -> None:
        """Stop a worker where it stands, as a paused machine does. On SQLite outside of a transaction:
        who is frozen with the lock of a file stops everybody, and nothing can be done about that."""
        while True:
            os.kill(worker.pid, signal.SIGSTOP)
            wait_for(lambda: _state(worker.pid) == "T", PATIENCE)
            if not any(_is_locked(file) for file in self.folder.glob("*.db")):
                return
            self.thaw(worker)

    def thaw(self, worker: Any) -> None:
        """Let a frozen worker go on."""
        os.kill(worker.pid, signal.SIGCONT)

    def buried(self) -> int:
        """How many workers have ended by themselves; they are forgotten."""
        dead = [worker for worker in self.workers if not worker.is_alive()]
        self.workers = [worker for worker in self.workers if worker.is_alive()]
        return len(dead)

    def send(self, file: Path, **options: Any) -> Batch:
        """Send a file in and start it."""
        with receive(self.context, ADA, "iris", file.name) as upload:
            upload.write(file.read_bytes())
            return upload.commit(FileOptions(**options))

    def now(self, sent: Batch) -> Batch:
        """A batch as it is recorded."""
        return batch(self.context, ADA, sent.id)

    def wait(self, sent: Batch, until: Callable[[Batch], object]) -> Batch:
        """A batch once a condition holds for it."""
        return wait_for(
            lambda: found if until(found := self.now(sent)) else None, PATIENCE, partial(self.explain, sent)
        )

    def explain(self, sent: Batch) -> str:
        """How a batch stands; its workers say on standard error what their threads are at."""
        for worker in self.workers:
            if worker.is_alive():
                os.kill(worker.pid, signal.SIGUSR1)
        return str(self.now(sent))

    def ended(self, sent: Batch) -> Batch:
        """A batch once it has ended."""
        return self.wait(sent, lambda found: found.ended)

    def lines(self, sent: Batch) -> list[str]:
        """The lines of its results as CSV, ids without the batch's own."""
        text = results(self.context, ADA, sent.id, "csv").path.read_text("utf-8")
        return text.replace(sent.id, "BATCH").splitlines()

    def close(self) -> None:
        """Kill the workers and let go of everything."""
        for worker in list(self.workers):
            self.kill(worker)
        self.context.batch_storage.close()
        self.context.store.close()


def _work(folder: Path, models: Path, url: str, trap: str | None) -> None:
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    # Ends with the test's process, and may have children of its own all the same: real workers do.
    multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    context = context_on(folder, models, url)
    work = BatchWorker(context)
    if trap is not None:
        spring(trap, context, work)
    run_worker(
        jobs_url(url), new_id(), work, AnalysisWorker(context), LogWorker(context), context.store.workers, stop, PACE
    )
    os._exit(0)


def _state(pid: int) -> str:
    """The state of a process as the kernel names it, ``T`` for stopped."""
    return Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()[0]


def _is_locked(file: Path) -> bool:
    with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        connection.execute("ROLLBACK")
        return False
