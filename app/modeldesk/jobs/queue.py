"""Submitting and cancelling work, from processes that do none of it."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from modeldesk.core.errors import StoreUnavailable
from modeldesk.jobs import names
from modeldesk.jobs.database import SQLITE

if TYPE_CHECKING:
    from dbos import DBOSClient

log = logging.getLogger("modeldesk.jobs")


def _gone(reason: str) -> StoreUnavailable:
    return StoreUnavailable(
        "The file of the job queue was deleted or moved.",
        reason=reason,
        hint="Restart modeldesk serve: it makes the file anew, and batches that wait go on.",
    )


class DbosJobs:
    """``Jobs`` and ``AnalysisQueue`` through DBOS's tables; connected when first used, and safe from many threads.

    A failure is logged and no more: the record of batches and the storage of analyses are what counts,
    and the workers look there for what nobody submitted and steps that nobody may take any more.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._client: DBOSClient | None = None
        self._file = Path(url.removeprefix(SQLITE)) if url.startswith(SQLITE) else None
        self._identity: tuple[int, int] | None = None

    def check(self) -> None:
        """Raise StoreUnavailable where the queue's file is not the one that it was: what is written to a
        deleted file is lost."""
        if self._file is None:
            return
        try:
            status = self._file.stat()
        except OSError as error:
            if self._identity is None:
                return  # it was never there: what is submitted is found in the record of batches
            raise _gone(f"{self._file}: {error.strerror}") from error
        self._identity = self._identity or (status.st_dev, status.st_ino)
        if self._identity != (status.st_dev, status.st_ino):
            raise _gone(f"{self._file} is another file than before.")

    def submit(self, batch_id: str) -> None:
        """Have the workers take a queued batch soon."""
        self._enqueue("Batch", names.BATCH_WORKFLOW, names.BATCHES, batch_id)

    def submit_analysis(self, analysis_id: str) -> None:
        """Have the workers take an analysis job soon."""
        self._enqueue("Analysis", names.ANALYSIS_WORKFLOW, names.ANALYSES, analysis_id)

    def cancel(self, batch_id: str) -> None:
        """Have the workers stop working on a batch."""
        try:
            self._connected().cancel_workflow(batch_id, cancel_children=True)
        except Exception as error:
            log.warning("Batch %s could not be taken off the queue: %s", batch_id, error)

    def close(self) -> None:
        """Let go of the queue."""
        with self._lock:
            if self._client is not None:
                self._client.destroy()
                self._client = None

    def _enqueue(self, what: str, workflow: str, queue: str, work_id: str) -> None:
        try:
            self._connected().enqueue(
                {
                    "workflow_name": workflow,
                    "queue_name": queue,
                    "workflow_id": work_id,
                    "app_version": names.VERSION,
                },
                work_id,
            )
        except Exception as error:
            log.warning("%s %s could not be put before the workers, who will find it: %s", what, work_id, error)

    def _connected(self) -> DBOSClient:
        from dbos import DBOSClient, DBOSPortableJSONSerializer

        with self._lock:
            if self._client is None:
                self._client = DBOSClient(
                    system_database_url=self._url,
                    serializer=DBOSPortableJSONSerializer(),
                    system_database_pool_size=2,
                    sys_db_idle_transaction_timeout_sec=names.IDLE_SECONDS,
                    application_name=names.APPLICATION,
                    lazy=True,
                    retry_connection_errors=False,
                )
            return self._client
