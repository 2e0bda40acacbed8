"""Flat combining (Hendler et al., SPAA 2010): concurrent callers share the calls that a costly operation takes.

Where most of what an operation costs is paid by the call and not by the item (a commit that waits for the disk,
a model that is asked), n items in one call cost little more than one. No caller waits for company: one that finds
the operation free runs it at once, and those that arrive meanwhile run together next, in the thread of the one
that has waited longest. A thread of its own would cost two more switches for every item, and would have to
be started after the fork.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Rejected(Exception):
    """An item was not taken, or not waited for to its end."""


class Closed(Rejected):
    """The combiner takes nothing more."""


class QueueFull(Rejected):
    """Too many items wait already."""


class WaitTimeout(Rejected):
    """The item waited too long. If it was running by then, whether it took effect is not known."""


class Interrupted(Rejected):
    """The thread that ran the item with its own was interrupted. Whether it took effect is not known."""


class Request(Generic[Item, Result]):
    """One item on its way: queued, then part of a call, which has to ``answer`` or to ``fail`` it."""

    __slots__ = ("_error", "_result", "item", "leads", "settled", "wake")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.settled = False
        self.leads = False
        self.wake: threading.Lock | None = None
        self._result: Result
        self._error: Exception | None = None

    def answer(self, result: Result) -> None:
        """Settle the request with a result."""
        self._result = result
        self.settled = True

    def fail(self, error: Exception) -> None:
        """Settle the request with an error, which is raised in its caller's thread: one object a request."""
        self._error = error
        self.settled = True

    def outcome(self) -> Result:
        """Return the result or raise the error."""
        if self._error is not None:
            raise self._error
        return self._result


class FlatCombiner(Generic[Item, Result]):
    """Runs what many threads bring, one call at a time, in the order in which it came.

    ``run(requests)`` settles each request; one that it leaves unsettled, because it was interrupted, raises
    ``Interrupted``. One call takes items up to a weight of ``most_together`` in all, where ``weigh`` tells an
    item's (one each without it), and at least one item. At most ``most_waiting`` items queue, for ``wait`` seconds
    each; None: no limit.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Request[Item, Result]]], None],
        *,
        most_together: int,
        weigh: Callable[[Item], int] = lambda _item: 1,
        most_waiting: int | None = None,
        wait: float | None = None,
    ) -> None:
        self._run = run
        self._weigh = weigh
        self._most_together = most_together
        self._most_waiting = most_waiting
        self._wait = -1.0 if wait is None else wait
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._queue: deque[Request[Item, Result]] = deque()
        self._busy = False
        self._closed = False

    @property
    def waiting(self) -> int:
        """The number of items that queue."""
        return len(self._queue)

    @property
    def busy(self) -> bool:
        """Whether a call is under way."""
        return self._busy

    @property
    def closed(self) -> bool:
        """Whether ``close`` was called."""
        return self._closed

    def submit(self, item: Item) -> Result:
        """Return the item's result. Raises what ``run`` fails it with, or a ``Rejected``."""
        request: Request[Item, Result] = Request(item)
        try:
            with self._lock:
                self._admit(request)
            if request.wake is not None:
                self._await(request, request.wake)
        except BaseException:
            # A caller that goes away must not take the lead along.
            self._withdraw(request)
            if request.leads:
                self._hand_on()
            raise
        if request.leads:
            self._lead(request)
        return request.outcome()

    def close(self, wait: float | None = None) -> None:
        """Take nothing more, and return when everything taken is settled or ``wait`` seconds have passed."""
        with self._idle:
            self._closed = True
            self._idle.wait_for(lambda: not self._busy, timeout=wait)

    def _admit(self, request: Request[Item, Result]) -> None:
        if self._closed:
            raise Closed
        if not self._busy:
            self._busy = request.leads = True
            return
        if self._most_waiting is not None and len(self._queue) >= self._most_waiting:
            raise QueueFull
        # A bare lock is the cheapest thing to wait on.
        request.wake = threading.Lock()
        request.wake.acquire()
        self._queue.append(request)

    def _await(self, request: Request[Item, Result], wake: threading.Lock) -> None:
        """Wait until the request is settled or leads."""
        if wake.acquire(timeout=self._wait):
            return
        self._withdraw(request)
        if not (request.leads or request.settled):
            raise WaitTimeout

    def _withdraw(self, request: Request[Item, Result]) -> None:
        with self._lock:
            if request in self._queue:
                self._queue.remove(request)

    def _lead(self, own: Request[Item, Result]) -> None:
        """Run the caller's own request with those that wait, then hand the lead on."""
        group = [own]
        try:
            if self._queue:
                self._gather(group)
            self._run(group)
        finally:
            self._hand_on()
            for request in group:
                if not request.settled:
                    request.fail(Interrupted())
                if request.wake is not None and request is not own:
                    request.wake.release()

    def _gather(self, group: list[Request[Item, Result]]) -> None:
        room = self._most_together - self._weigh(group[0].item)
        with self._lock:
            while self._queue:
                room -= self._weigh(self._queue[0].item)
                if room < 0:
                    return
                group.append(self._queue.popleft())

    def _hand_on(self) -> None:
        """Give the lead to the request that has waited longest, or leave the operation free."""
        with self._lock:
            if not self._queue:
                self._busy = False
                self._idle.notify_all()
                return
            heir = self._queue.popleft()
            heir.leads = True
        assert heir.wake is not None
        heir.wake.release()
