"""Parsing of files from outside in processes of its own, bounded in memory and time.

A parser that a file can make grow, hang or crash takes down its process and nothing else. The
processes are started afresh, kept warm, and replaced after some calls.
"""

from __future__ import annotations

import multiprocessing
import resource
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from modeldesk.core.errors import ModeldeskError, TooLarge, no_room
from modeldesk.model_service.batch.chunking import Checkpoint, unwatched

P = ParamSpec("P")
T = TypeVar("T")

_STATM = Path("/proc/self/statm")
_GRACE_SECONDS = 2.0
_CHECKPOINT_SECONDS = 0.2
_ENDED = ("memory", "time", "crash")
"""The answers of a process that gave none."""


class ParsingPool:
    """Runs functions of modules in confined processes, from any thread.

    ``memory`` is how many bytes a process may take beyond what it has once it is warm (None: any number),
    ``seconds`` how long one call may take, ``calls`` how many it serves before it is replaced. At most
    ``processes`` run at a time; further callers wait.
    """

    def __init__(
        self, *, processes: int = 1, memory: int | None = 1_000_000_000, seconds: float = 600.0, calls: int = 50
    ):
        self._memory, self._seconds, self._calls = memory, seconds, calls
        self._places = threading.BoundedSemaphore(processes)
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._closed = False

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What ``function`` returns. Raises what it raises, and TooLarge where it took more memory
        or time than is allowed, or ended its process."""
        return self.watched(unwatched, function, *args, **kwargs)

    def watched(self, checkpoint: Checkpoint, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same; what ``checkpoint`` raises, which is called several times a second meanwhile,
        ends the call and its process."""
        kind, value = self._ask(checkpoint, function, args, kwargs)
        if kind in _ENDED:
            raise _too_much(kind, self._memory or 0, self._seconds)
        return value  # type: ignore[no-any-return]

    def survives(self, checkpoint: Checkpoint, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """What ``function`` returns, which is not None, or None where it ended its process or took more than is
        allowed. Raises what it raises."""
        kind, value = self._ask(checkpoint, function, args, kwargs)
        return None if kind in _ENDED else value

    def _ask(self, checkpoint: Checkpoint, function: Any, args: Any, kwargs: Any) -> tuple[str, Any]:
        """The kind of a call's answer, and the answer. Raises what the function raises."""
        with self._places:
            child = self._take()
            try:
                kind, value = child.ask(function, args, kwargs, self._seconds, checkpoint)
            except BaseException:
                child.end()
                raise
            self._give_back(child, fit=kind not in _ENDED)
        if kind == "error":
            raise value
        return kind, value

    def close(self) -> None:
        """End the idle processes; those at work end with their call."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for child in idle:
            child.end()

    def __enter__(self) -> ParsingPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _take(self) -> _Child:
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                if child.alive:
                    return child
        return _Child(self._memory)

    def _give_back(self, child: _Child, *, fit: bool) -> None:
        with self._lock:
            if fit and child.calls < self._calls and not self._closed:
                self._idle.append(child)
                return
        child.end()


class _Child:
    """One confined process."""

    def __init__(self, memory: int | None) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(other, memory), daemon=True, name="modeldesk-parser")
        self._process.start()
        other.close()
        self.calls = 0

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    def ask(self, function: Any, args: Any, kwargs: Any, seconds: float, checkpoint: Checkpoint) -> tuple[str, Any]:
        """The kind of answer and the answer: ``value``, ``error``, or ``memory``, ``time``, ``crash``."""
        self.calls += 1
        deadline = time.monotonic() + seconds
        try:
            self._pipe.send((function, args, kwargs))
            while not self._pipe.poll(_CHECKPOINT_SECONDS):
                if time.monotonic() > deadline:
                    return "time", None
                checkpoint()
            kind, value = self._pipe.recv()
        except (EOFError, OSError):
            return "crash", None
        return str(kind), value

    def end(self) -> None:
        """Kill the process if it still runs, and wait for its end."""
        self._pipe.close()
        self._process.kill()
        self._process.join(_GRACE_SECONDS)


def _serve(pipe: Connection, memory: int | None) -> None:
    """The life of a confined process."""
    _warm()
    _confine(memory)
    while True:
        try:
            function, args, kwargs = pipe.recv()
        except EOFError:
            return
        try:
            answer: tuple[str, Any] = ("value", function(*args, **kwargs))
        except MemoryError:
            answer = ("memory", None)
        except ModeldeskError as error:
            answer = ("error", error.with_traceback(None))
        except Exception as error:  # told to the caller, whose call it is
            answer = ("error", _told(no_room(error)) or RuntimeError(f"{type(error).__name__}: {error}"))
        try:
            pipe.send(answer)
        except MemoryError:
            pipe.send(("memory", None))


def _told(error: ModeldeskError | None) -> ModeldeskError | None:
    """An error as it travels: alone."""
    return None if error is None else type(error)(error.detail, hint=error.hint, problems=error.problems)


def _warm() -> None:
    """Load what every call needs, before memory is bounded."""
    import pyarrow as pa

    import modeldesk.model_service.tables

    assert modeldesk.model_service.tables
    # The system's allocator takes address space as it needs it; Arrow's own reserves it ahead.
    pa.set_memory_pool(pa.system_memory_pool())
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)


def _confine(memory: int | None) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory is not None and _STATM.exists():
        taken = int(_STATM.read_text("ascii").split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + memory, taken + memory))


def _too_much(kind: str, memory: int, seconds: float) -> TooLarge:
    if kind == "time":
        return TooLarge(
            f"Reading the file took longer than {seconds:,.0f} seconds and was ended.",
            hint="Split the file, or save it as CSV or Parquet.",
        )
    if kind == "memory":
        return TooLarge(
            f"Reading the file took more than {memory / 1e6:,.0f} MB of memory.",
            hint="Split the file, or save it as CSV, which is read line by line.",
        )
    return TooLarge(
        "The file made its reader fail, so it is not read.", hint="It may be damaged. Save it again, or as CSV."
    )
