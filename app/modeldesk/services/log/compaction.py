"""What a worker does for the log: rows that have settled become files."""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta

from modeldesk.core.errors import ArtifactDamaged, NotFound
from modeldesk.model_service.batch.row_tables import logged_columns
from modeldesk.model_service.package.manifest import Manifest
from modeldesk.ports.analytics import Unsettled
from modeldesk.services.app_context import AppContext

log = logging.getLogger("modeldesk.log")

SETTLING = timedelta(minutes=10)
"""How long a row waits at most before it becomes part of a file."""
MANY_ROWS = 5_000
"""So many rows of a version do not wait: reading them one by one takes a tenth of a second."""
BUSY_SECONDS = 50.0
"""How long one call works at most; the next one goes on."""


class LogWorker:
    """``LogWork`` on an app context."""

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._files = context.store.log_files
        self._working = threading.Lock()
        self._unknown: set[tuple[str, int]] = set()

    def settle(self) -> None:
        """Put into files what is due, and make few files of many."""
        if not self._working.acquire(blocking=False):
            return
        try:
            self._files.mend()
            end = time.monotonic() + BUSY_SECONDS
            for result in self._files.unsettled():
                if result.rows >= MANY_ROWS or self._context.clock() - result.first >= SETTLING:
                    self._settle(result, end)
            while time.monotonic() < end and self._files.merge():
                pass
        finally:
            self._working.release()

    def sweep(self) -> None:
        """Remove files that nobody needs any more."""
        self._files.sweep()

    def _settle(self, result: Unsettled, end: float) -> None:
        manifest = self._manifest(result)
        if manifest is None:
            return
        columns, left = logged_columns(manifest), result.rows
        while left > 0 and time.monotonic() < end:
            settled = self._files.settle(result.model, result.version, columns)
            if not settled:
                return
            left -= settled

    def _manifest(self, result: Unsettled) -> Manifest | None:
        """That of the version, which may have been published since this process last looked. None where it
        cannot be had: its predictions stay where they are, and can be looked at one by one."""
        registry, name, version = self._context.registry, result.model, result.version
        try:
            if name not in registry.names() or version not in registry.entry(name).versions:
                registry.refresh()
            return registry.entry(name).manifests(version)
        except (NotFound, ArtifactDamaged) as error:
            if (name, version) not in self._unknown:
                self._unknown.add((name, version))
                log.warning("Predictions of version %d of %s are not put into files: %s", version, name, error)
            return None
