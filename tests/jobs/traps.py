"""Points of a worker's life at which it dies, once it comes there."""

from __future__ import annotations

import os
import signal
from typing import Any

from app.services import batch_opening, batch_work
from app.services.batch_work import BatchWorker
from app.services.desk import Desk
from app.services.inquiry_room import InquiryRoom

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
IN_AN_INQUIRY = "after a part of an answer is kept"
_CHUNKS_BEFORE = 2


def spring(point: str, desk: Desk, work: BatchWorker) -> None:
    """Have this process kill itself when it comes to the point."""
    store = desk.store.batches
    later = _Late(_CHUNKS_BEFORE)
    places: dict[str, tuple[Any, str, bool, bool]] = {
        "before the file is read": (work, "prepare", True, False),
        "before the plan is recorded": (store, "plan", True, False),
        "after the plan is recorded": (store, "plan", False, False),
        "before a chunk is begun": (store, "begin_chunk", True, True),
        "after a chunk is begun": (store, "begin_chunk", False, True),
        "before a chunk is written": (batch_work, "write_chunk", True, True),
        "within the writing of a chunk": (batch_opening, "make_lasting", True, True),
        "before a chunk is recorded": (store, "record_chunk", True, True),
        "after a chunk is recorded": (store, "record_chunk", False, True),
        "before the end": (store, "end", True, False),
        "after the end is recorded": (store, "end", False, False),
        IN_AN_INQUIRY: (InquiryRoom, "keep_part", False, True),
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
