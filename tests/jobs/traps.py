"""Points of a worker's life at which it dies, once it comes there."""

from __future__ import annotations

import os
import signal
import sqlite3
from typing import Any

from dbos._sys_db import SystemDatabase
from modeldesk.services.app_context import AppContext
from modeldesk.services.batches import opening as batch_opening
from modeldesk.services.batches import work as batch_work
from modeldesk.services.batches.work import BatchWorker
from modeldesk.services.importance.analysis_storage import AnalysisStorage
from sqlalchemy.exc import OperationalError

POINTS = (
    "before the file is read",
    "before the plan is recorded",
    "after the plan is recorded",
    "before a chunk is begun",
    "after a chunk is begun",
    "before a chunk is written",
    "within the writing of a chunk",
    "before a chunk is recorded",
    "after a chunk is recorded",
    "before the end",
    "after the end is recorded",
)
QUEUE_IS_FULL = "the tables of the queue cannot be written for a while"
_FULL_TIMES = 6

IN_AN_ANALYSIS = "after a part of an answer is kept"
_CHUNKS_BEFORE = 2


def spring(point: str, context: AppContext, work: BatchWorker) -> None:
    """Have this process kill itself when it comes to the point, or fail there as it is named."""
    if point == QUEUE_IS_FULL:
        _fill_the_queues_disk()
        return
    store = context.store.batches
    later = _Late(_CHUNKS_BEFORE)
    places: dict[str, tuple[Any, str, bool, bool]] = {
        "before the file is read": (work, "prepare", True, False),
        "before the plan is recorded": (store, "plan", True, False),
        "after the plan is recorded": (store, "plan", False, False),
        "before a chunk is begun": (store, "begin_chunk", True, True),
        "after a chunk is begun": (store, "begin_chunk", False, True),
        "before a chunk is written": (batch_work, "write_chunk", True, True),
        "within the writing of a chunk": (batch_opening, "sync_to_disk", True, True),
        "before a chunk is recorded": (store, "record_chunk", True, True),
        "after a chunk is recorded": (store, "record_chunk", False, True),
        "before the end": (store, "end", True, False),
        "after the end is recorded": (store, "end", False, False),
        IN_AN_ANALYSIS: (AnalysisStorage, "keep_part", False, True),
    }
    owner, name, before, late = places[point]
    real = getattr(owner, name)

    def trapped(*args: Any, **kwargs: Any) -> Any:
        due = not late or later.due()
        if due and before:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = real(*args, **kwargs)
        if due:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    setattr(owner, name, trapped)


class _Late:
    """Not due the first few times."""

    def __init__(self, times: int) -> None:
        self._left = times

    def due(self) -> bool:
        self._left -= 1
        return self._left < 0


def _fill_the_queues_disk() -> None:
    """Have the first few ends of workflows be lost: their threads end, and nothing says so."""
    real = SystemDatabase.update_workflow_outcome
    left = iter(range(_FULL_TIMES))

    def full(self: SystemDatabase, *args: Any, **kwargs: Any) -> Any:
        if next(left, None) is not None:
            raise OperationalError("UPDATE", {}, sqlite3.OperationalError("database or disk is full"))
        return real(self, *args, **kwargs)

    SystemDatabase.update_workflow_outcome = full  # type: ignore[method-assign]
