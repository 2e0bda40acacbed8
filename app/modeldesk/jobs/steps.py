"""How steps are taken: again while the database does not answer, and never without an end that is told."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from dbos import DBOS

from modeldesk.core.errors import ModeldeskError, NoRoom, StoreUnavailable, room_needed, staying_alive

log = logging.getLogger("modeldesk.jobs")

PATIENCE: dict[str, Any] = {
    "retries_allowed": True,
    "interval_seconds": 1.0,
    "backoff_rate": 1.0,
    "max_attempts": 1_000,
}
"""For what fails beside the steps' own work."""

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 10.0

Given = TypeVar("Given")

_working: set[str] = set()
"""The workflows that a thread of this process is at."""


@contextmanager
def at_work() -> Iterator[None]:
    """Within a workflow: this process is at it."""
    workflow = str(DBOS.workflow_id)
    _working.add(workflow)
    try:
        yield
    finally:
        _working.discard(workflow)


def is_at_work(workflow: str) -> bool:
    """Whether a thread of this process is at a workflow."""
    return workflow in _working


def or_failed(what: str, step: Callable[[], Given], fail: Callable[[str], None]) -> Given | None:
    """Take a step; one that cannot be taken ends what it belongs to, with the reason given to ``fail``.

    Where the database does not answer, or a disk is full, the step is taken again until it is done: nothing
    is ended by what people can mend meanwhile. ``what`` is the name in the log.
    """
    pause = _FIRST_PAUSE
    while True:
        try:
            with staying_alive(), room_needed():
                return step()
        except (StoreUnavailable, NoRoom) as error:
            log.warning("%s waits: %s", what, error)
        except ModeldeskError as error:
            fail(str(error))
            return None
        except Exception as error:
            log.exception("%s failed.", what)
            fail(f"A worker failed on it ({type(error).__name__}); its log says more.")
            return None
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
