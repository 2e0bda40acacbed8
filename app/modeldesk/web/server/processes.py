"""Processes that belong to a server: they end with it, and are started anew when they end by themselves."""

from __future__ import annotations

import ctypes
import logging
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

log = logging.getLogger("modeldesk.supervisor")

_PR_SET_PDEATHSIG = 1
_STEADY_SECONDS = 60.0
_LONGEST_PAUSE = 30.0
_STOP_SECONDS = 5.0

Start = Callable[[], "subprocess.Popen[bytes]"]


def end_with_parent() -> None:
    """Have the kernel stop this process if the one that started it dies (on Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def open_more_files(most: int = 65_536) -> None:
    """Let this process and its children open as many files as the system allows them, up to ``most``."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = most if hard == resource.RLIM_INFINITY else min(hard, most)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class ProcessKeeper:
    """Some processes of one kind, kept running: one that ends is started again, at once the first
    time, and after longer and longer pauses while it keeps ending."""

    def __init__(self, start: Start, count: int) -> None:
        self._start = start
        # A signal may be handled, by ``tell``, within ``stop``.
        self._lock = threading.RLock()
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._keep, args=(place,), daemon=True) for place in range(count)]

    def start(self) -> None:
        """Start them, and go on doing so."""
        for thread in self._threads:
            thread.start()

    def tell(self) -> None:
        """Tell them to stop, and start no more."""
        self._stopping.set()
        with self._lock:
            for process in self._running.values():
                if process.poll() is None:
                    process.terminate()

    def stop(self) -> None:
        """Return when they have ended; those that take too long are killed."""
        self.tell()
        deadline = time.monotonic() + _STOP_SECONDS
        with self._lock:
            for process in self._running.values():
                try:
                    process.wait(max(0.0, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    with suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)

    def _keep(self, place: int) -> None:
        pause = 0.0
        while not self._stopping.wait(pause):
            with self._lock:
                if self._stopping.is_set():
                    return
                process = self._running[place] = self._start()
            started = time.monotonic()
            status = process.wait()
            if self._stopping.is_set():
                return
            steady = time.monotonic() - started > _STEADY_SECONDS
            pause = 0.0 if steady else min(max(2 * pause, 0.5), _LONGEST_PAUSE)
            log.warning("The worker process %d ended with status %d and is started again.", process.pid, status)
