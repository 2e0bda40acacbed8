"""Finding the rows at which an artifact ends the process that asks it, by cutting a chunk many ways."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import pairwise

import numpy as np

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
