"""Processes that belong to a server: forked from one that has imported all libraries, ended with the server, and
started anew when they end by themselves.

multiprocessing's fork server imports ``modeldesk.preload`` once and forks each process from there, so that all of
them share the libraries' memory and none waits for imports. It runs nothing: OpenMP, once a process has used it,
hangs in that process's children.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import resource
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.process import BaseProcess

import setproctitle

log = logging.getLogger("modeldesk.supervisor")

_STEADY_SECONDS = 60.0
_LONGEST_PAUSE = 30.0
_STOP_SECONDS = 5.0

_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Requests are what runs in parallel; threads of numerical libraries would only wait for each
other's processor. Read by those libraries when they are loaded, hence set for whole processes."""

Start = Callable[[], BaseProcess]

_context = multiprocessing.get_context("forkserver")


def prepare_processes() -> None:
    """Say what the fork server imports. It is started with the first process, with the environment of that moment."""
    for name, value in _ONE_THREAD.items():
        os.environ.setdefault(name, value)
    _context.set_forkserver_preload(["modeldesk.preload"])


def start_process(title: str, target: Callable[..., None], *arguments: object) -> BaseProcess:
    """Run a function in a process of its own, which ends with the server. ``title`` is what ``ps`` shows of it.

    The process leads a group of its own: Ctrl-C in a terminal reaches the supervisor only, which passes it on.
    """
    process = _context.Process(target=_run, args=(f"modeldesk: {title}", target, arguments), name=title)
    process.start()
    return process


def _run(title: str, target: Callable[..., None], arguments: tuple[object, ...]) -> None:
    os.setsid()
    _end_with_server()
    setproctitle.setproctitle(title)
    target(*arguments)


def signal_group(process: BaseProcess, number: int) -> None:
    """Send a signal to a process and those it has started, unless it has ended."""
    if process.is_alive() and process.pid is not None:
        with suppress(ProcessLookupError):  # it ended a moment ago
            try:
                os.killpg(process.pid, number)
            except ProcessLookupError:  # it does not lead its group yet, and has started nothing
                os.kill(process.pid, number)


def _end_with_server() -> None:
    """Have this process told to stop when the one that asked for it dies: the fork server, which is its parent for the
    kernel, does not end before its children."""
    server = multiprocessing.parent_process()
    assert server is not None

    def watch() -> None:
        server.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="server", daemon=True).start()


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
        self._running: dict[int, BaseProcess] = {}
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._keep, args=(index,), daemon=True) for index in range(count)]

    def start(self) -> None:
        """Start them, and go on doing so."""
        for thread in self._threads:
            thread.start()

    def tell(self) -> None:
        """Tell them to stop, and start no more."""
        self._stopping.set()
        with self._lock:
            for process in self._running.values():
                process.terminate()

    def stop(self) -> None:
        """Return when they have ended; those that take too long are killed."""
        self.tell()
        deadline = time.monotonic() + _STOP_SECONDS
        with self._lock:
            for process in self._running.values():
                process.join(max(0.0, deadline - time.monotonic()))
                signal_group(process, signal.SIGKILL)

    def _keep(self, index: int) -> None:
        pause = 0.0
        while not self._stopping.wait(pause):
            with self._lock:
                if self._stopping.is_set():
                    return
                process = self._running[index] = self._start()
            started = time.monotonic()
            process.join()
            if self._stopping.is_set():
                return
            steady = time.monotonic() - started > _STEADY_SECONDS
            pause = 0.0 if steady else min(max(2 * pause, 0.5), _LONGEST_PAUSE)
            log.warning(
                "The worker process %d ended with status %s and is started again.", process.pid, process.exitcode
            )
