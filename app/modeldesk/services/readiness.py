"""Whether what a server keeps can be written: the log, the files of batches, the queue."""

from __future__ import annotations

import os
import shutil
import threading
import time
from uuid import uuid4

from modeldesk.core.errors import StoreUnavailable, no_room
from modeldesk.services.app_context import AppContext

LEAST_FREE = 1_000_000
"""Bytes on the disk below which batches are told to wait for room."""

_PROBE_BYTES = 65_536
_TRUSTED_SECONDS = 1.0


class StorageCheck:
    """Writes something, and takes it away again. Safe from many threads."""

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._passed = -_TRUSTED_SECONDS

    def __call__(self) -> None:
        """Raise StoreUnavailable or NoRoom unless the log, the queue's tables and files can be written. That a
        file could be is believed for a second: anybody may ask."""
        self._context.store.log.ping()
        self._context.batch_storage.jobs.check()
        with self._lock:
            if time.monotonic() - self._passed >= _TRUSTED_SECONDS:
                self._write_file()
                self._passed = time.monotonic()

    def _write_file(self) -> None:
        folder = self._context.batch_storage.folder
        probe = folder / f".probe-{uuid4().hex}"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                with probe.open("wb") as file:
                    file.write(os.urandom(_PROBE_BYTES))
            finally:
                probe.unlink(missing_ok=True)
        except OSError as error:
            raise no_room(error) or StoreUnavailable(
                "The files of batches cannot be written.",
                reason=f"{folder}: {error.strerror or error}",
                hint="Let the server's user write the folder MODELDESK_DATA.",
            ) from error


def disk_is_full(context: AppContext) -> bool:
    """Whether there is no room for what batches write."""
    try:
        return shutil.disk_usage(context.batch_storage.folder).free < LEAST_FREE
    except OSError:
        return False
