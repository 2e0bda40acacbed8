"""Requests that arrive together commit together: a commit waits for the disk, and a disk takes as long over one
row as over a hundred."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from modeldesk.core.errors import StoreUnavailable
from modeldesk.core.flat_combiner import Closed, FlatCombiner, Interrupted, QueueFull, Request, WaitTimeout
from modeldesk.store.sql.engine import concerns_database, connection_lost, unavailable

Item = TypeVar("Item")

MOST_WAITING = 10_000
"""Requests that may queue; more than that means that the disk does not keep up."""

MOST_TOGETHER = 256
"""Requests in one transaction, so that the first of a long queue need not wait for its end."""


class GroupCommit(Generic[Item]):
    """Runs ``write`` on the items of many threads at once, one transaction a call.

    ``write(items)`` commits all items or none, and raises SQLAlchemyError where the database
    fails. If a call for several fails because of what one of them holds, each is tried alone,
    so that a request answers only for itself. ``wait`` (seconds) limits the time in the queue.
    """

    def __init__(self, write: Callable[[Sequence[Item]], None], *, wait: float) -> None:
        self._write = write
        self._wait = wait
        self._combiner: FlatCombiner[Item, None] = FlatCombiner(
            self._commit, most_together=MOST_TOGETHER, most_waiting=MOST_WAITING, wait=wait
        )

    @property
    def waiting(self) -> int:
        """The number of requests that queue."""
        return self._combiner.waiting

    @property
    def busy(self) -> bool:
        """Whether a transaction is under way."""
        return self._combiner.busy

    @property
    def closed(self) -> bool:
        """Whether ``close`` was called."""
        return self._combiner.closed

    def submit(self, item: Item) -> None:
        """Return once the item is committed.

        Raises whatever ``write`` raises for the item itself, and StoreUnavailable when the
        database fails, when too many wait, or after too long a wait. After a wait that ended
        while the item was being written, whether it was committed is not known.
        """
        try:
            self._combiner.submit(item)
        except Closed:
            raise StoreUnavailable("The server is stopping and records nothing more.") from None
        except QueueFull:
            raise StoreUnavailable(
                f"{MOST_WAITING} requests already wait to be recorded.", hint="Try again in a few seconds."
            ) from None
        except WaitTimeout:
            raise StoreUnavailable(
                f"The database has not taken the request within {self._wait:.0f} seconds.", hint="Try again later."
            ) from None
        except Interrupted:
            raise StoreUnavailable("Writing was interrupted.", hint="Try again.") from None

    def close(self) -> None:
        """Take nothing more and return when everything taken is settled."""
        self._combiner.close(2 * self._wait)

    def _commit(self, requests: Sequence[Request[Item, None]]) -> None:
        error = self._try(requests)
        if error is not None and isinstance(error, SQLAlchemyError) and connection_lost(error):
            error = self._try(requests)  # the server was restarted: once more on a new connection
        if error is None or len(requests) == 1 or (isinstance(error, SQLAlchemyError) and concerns_database(error)):
            _settle(requests, error)
            return
        for request in requests:
            _settle([request], self._try([request]))

    def _try(self, requests: Sequence[Request[Item, None]]) -> Exception | None:
        try:
            self._write([request.item for request in requests])
        except Exception as error:
            return error
        return None


def _settle(requests: Sequence[Request[Item, None]], error: Exception | None) -> None:
    for request in requests:
        if error is None:
            request.answer(None)
        elif isinstance(error, SQLAlchemyError):
            # One error object each: raised in several threads, one object would mix their tracebacks.
            failure = unavailable("written", error)
            failure.__cause__ = error
            request.fail(failure)
        else:
            request.fail(error)
