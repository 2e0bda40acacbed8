"""Requests that arrive together commit together.

A commit waits for the disk, and a disk takes as long over one row as over a hundred. So
while one caller's thread commits, the others queue; when it is done, the first of them
commits for all that wait by then. A thread of its own would do the same at the price of two
more thread switches for every request, which doubles the wait in a busy process, and would
have to be started after the fork.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from modeldesk.core.errors import StoreUnavailable
from modeldesk.store.sql.engine import concerns_database, connection_lost, unavailable

Item = TypeVar("Item")

MOST_WAITING = 10_000
"""Requests that may queue; more than that means that the disk does not keep up."""

MOST_TOGETHER = 256
"""Requests in one transaction, so that the first of a long queue need not wait for its end."""


class _Turn(Generic[Item]):
    """One request on its way: queued, then taken into a transaction, then settled."""

    __slots__ = ("error", "item", "leads", "settled", "wake")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.wake = threading.Event()
        self.leads = False
        self.settled = False
        self.error: Exception | None = None


class GroupCommit(Generic[Item]):
    """Runs ``write`` on the items of many threads at once, one transaction a call.

    ``write(items)`` commits all items or none, and raises SQLAlchemyError where the database
    fails. If a call for several fails because of what one of them holds, each is tried alone,
    so that a request answers only for itself. ``wait`` (seconds) limits the time in the queue.
    """

    def __init__(self, write: Callable[[Sequence[Item]], None], *, wait: float) -> None:
        self._write = write
        self._wait = wait
        self._mutex = threading.Lock()
        self._idle = threading.Condition(self._mutex)
        self._queue: deque[_Turn[Item]] = deque()
        self._leader_active = False
        self._closed = False

    def submit(self, item: Item) -> None:
        """Return once the item is committed.

        Raises whatever ``write`` raises for the item itself, and StoreUnavailable when the
        database fails, when too many wait, or after too long a wait. After a wait that ended
        while the item was being written, whether it was committed is not known.
        """
        turn = _Turn(item)
        with self._mutex:
            self._admit(turn)
        if not turn.leads:
            self._await(turn)
        if turn.leads:
            self._lead(turn)
        if turn.error is not None:
            raise turn.error

    def close(self) -> None:
        """Take nothing more and return when everything taken is settled."""
        with self._idle:
            self._closed = True
            self._idle.wait_for(lambda: not self._leader_active, timeout=2 * self._wait)

    def _admit(self, turn: _Turn[Item]) -> None:
        if self._closed:
            raise StoreUnavailable("The server is stopping and records nothing more.")
        if len(self._queue) >= MOST_WAITING:
            raise StoreUnavailable(
                f"{MOST_WAITING} requests already wait to be recorded.", hint="Try again in a few seconds."
            )
        if self._leader_active:
            self._queue.append(turn)
        else:
            self._leader_active = turn.leads = True

    def _await(self, turn: _Turn[Item]) -> None:
        """Wait until the turn is settled or has become the one that leads."""
        if turn.wake.wait(self._wait):
            return
        with self._mutex:
            if turn.leads or turn.settled:
                return
            if turn in self._queue:
                self._queue.remove(turn)
        raise StoreUnavailable(
            f"The database has not taken the request within {self._wait:.0f} seconds.", hint="Try again later."
        )

    def _lead(self, own: _Turn[Item]) -> None:
        """Commit the own item with all that wait, then hand on to the next in the queue."""
        with self._mutex:
            others = min(len(self._queue), MOST_TOGETHER - 1)
            turns = [own, *(self._queue.popleft() for _ in range(others))]
        try:
            self._commit(turns)
        except BaseException:
            # This thread was interrupted; those who wait for it must still hear something.
            for turn in turns:
                if not turn.settled:
                    turn.error = StoreUnavailable("Writing was interrupted.", hint="Try again.")
                    turn.settled = True
            raise
        finally:
            self._hand_on()
            for turn in turns:
                turn.wake.set()

    def _hand_on(self) -> None:
        with self._mutex:
            if self._queue:
                successor = self._queue.popleft()
                successor.leads = True
                successor.wake.set()
            else:
                self._leader_active = False
                self._idle.notify_all()

    def _commit(self, turns: Sequence[_Turn[Item]]) -> None:
        error = self._try(turns)
        if error is not None and isinstance(error, SQLAlchemyError) and connection_lost(error):
            error = self._try(turns)  # the server was restarted: once more on a new connection
        if error is None or len(turns) == 1 or (isinstance(error, SQLAlchemyError) and concerns_database(error)):
            _settle(turns, error)
            return
        for turn in turns:
            _settle([turn], self._try([turn]))

    def _try(self, turns: Sequence[_Turn[Item]]) -> Exception | None:
        try:
            self._write([turn.item for turn in turns])
        except Exception as error:
            return error
        return None


def _settle(turns: Sequence[_Turn[Item]], error: Exception | None) -> None:
    for turn in turns:
        # One error object each: raised in several threads, one object would mix their tracebacks.
        if isinstance(error, SQLAlchemyError):
            turn.error = unavailable("written", error)
            turn.error.__cause__ = error
        else:
            turn.error = error
        turn.settled = True
