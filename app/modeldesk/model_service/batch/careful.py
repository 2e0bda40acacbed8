"""A file's chunks scored in a process of their own, after one was ended by the rows it scored.

An artifact can end the process that asks it: by a fault of memory, by taking all of it, by leaving. The
rows at which it does are found and rejected by name; everything else is scored.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from modeldesk.core.errors import Conflict
from modeldesk.model_service.batch.chunking import unwatched
from modeldesk.model_service.batch.score import only, without
from modeldesk.model_service.batch.summary import BatchSummary, SummaryPart
from modeldesk.model_service.tables.checking import CheckedChunk
from modeldesk.model_service.tables.chunk import Part
from modeldesk.model_service.tables.confined import ParsingPool

MOST_ENDED = 60
"""Processes that one chunk may end before it is given up."""
WHY = "It ended the process that asked it about this row."

_CUTS = 32


def fatal_rows(rows: int, lives: Callable[[int, int], object]) -> tuple[int, ...] | None:
    """The positions among ``rows`` of those that end a process; None where that would end too many.

    ``lives`` has a process answer the rows from one position up to another and says whether it lived.
    One was ended by all of them already.
    """
    waiting, fatal, ended = deque([(0, rows)]), [], 1
    while waiting:
        start, stop = waiting.popleft()
        if start == stop or lives(start, stop):
            continue
        ended += 1
        if stop - start == 1:
            fatal.append(start)
        else:
            edges = np.unique(np.linspace(start, stop, min(_CUTS, stop - start) + 1).astype(int)).tolist()
            waiting.extendleft(reversed(list(pairwise(edges))))
        if ended > MOST_ENDED:
            return None
    return tuple(fatal)


_SECONDS = 24 * 3_600.0
_CALLS = 1_000_000


class CarefulCrew:
    """Scores in one process at a time, another after each that was ended. A context manager.

    ``begin`` makes, in that process, what scores: it has ``checked``, ``score`` and ``summarizer``.
    """

    def __init__(self, begin: Callable[[Any], Any], setup: Any) -> None:
        self._pool = ParsingPool(processes=1, memory=None, seconds=_SECONDS, calls=_CALLS)
        self._work = begin, setup

    def __enter__(self) -> CarefulCrew:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()

    def scored(self, parts: Iterator[Part]) -> Iterator[Any]:
        """The parts' results in the parts' order. Raises Conflict where too many rows end a process."""
        for part in parts:
            result = self._ask(_score, part, ())
            if result is None:
                result = self._ask(_score, part, self._fatal(part))
            if result is None:
                raise Conflict(
                    "The model ended the process that scored it, and no single row of the file is the reason.",
                    hint="It may need more memory than there is. modeldesk verify tells whether it can be loaded.",
                )
            yield result

    def summary(self, part: SummaryPart) -> BatchSummary:
        """The summary of all parts."""
        return self._pool.watched(unwatched, _summarize, self._work, part)

    def _fatal(self, part: Part) -> tuple[int, ...]:
        fatal = fatal_rows(
            self._ask(_good_rows, part) or 0, lambda start, stop: self._ask(_try, part, start, stop) is not None
        )
        if fatal is None:
            raise Conflict(
                f"The model ended {MOST_ENDED} processes that asked it about the rows of the file.",
                hint="Publish an artifact that answers them, or leave them out of the file.",
            )
        return fatal

    def _ask(self, function: Callable[..., Any], part: Part, *more: Any) -> Any:
        return self._pool.survives(unwatched, function, self._work, part, *more)


# ---- in the process apart -------------------------------------------------------------------------

_workers: list[Any] = []
_checked: dict[Part, CheckedChunk] = {}


def _worker(work: tuple[Callable[[Any], Any], Any]) -> Any:
    if not _workers:
        begin, setup = work
        _workers.append(begin(setup))
    return _workers[0]


def _chunk(work: Any, part: Part) -> CheckedChunk:
    if part not in _checked:
        _checked.clear()
        _checked[part] = _worker(work).checked(part)
    return _checked[part]


def _good_rows(work: Any, part: Part) -> int:
    return len(_chunk(work, part).numbers)


def _try(work: Any, part: Part, start: int, stop: int) -> bool:
    """True, if this process lives to say so."""
    checked = _chunk(work, part)
    indices = np.arange(len(checked.numbers))
    _worker(work).score(only(checked, (indices >= start) & (indices < stop)))
    return True


def _score(work: Any, part: Part, fatal: tuple[int, ...]) -> Any:
    checked = _chunk(work, part)
    return _worker(work).score(without(checked, dict.fromkeys(fatal, WHY)) if fatal else checked)


def _summarize(work: Any, part: SummaryPart) -> BatchSummary:
    summary: BatchSummary = _worker(work).summarizer.summary(part)
    return summary
