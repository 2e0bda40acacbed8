"""Long work in steps, so that it can be stopped between them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol


class Checkpoint(Protocol):
    """Called between steps with the share of the work that is done, from 0 to 1; raises where the work is not
    wanted any more."""

    def __call__(self, done: float = 0.0) -> None: ...


def unwatched(done: float = 0.0) -> None:
    """The checkpoint of work that nobody stops."""


def part_of(checkpoint: Checkpoint, start: float, stop: float) -> Checkpoint:
    """The checkpoint of a part of the work, which lies between two shares of the whole."""

    def passed(done: float = 0.0) -> None:
        checkpoint(start + done * (stop - start))

    return passed


def steps(rows: int, size: int, checkpoint: Checkpoint) -> Iterator[slice]:
    """Rows parted into steps of ``size``, the checkpoint called before each, with the
    share that is done.

    Steps never depend on the time that they take: an artifact's last digits may depend on which
    rows it is asked about together, and a file that is scored twice has to come out the same.
    """
    for start in range(0, rows, size):
        checkpoint(start / rows)
        yield slice(start, min(start + size, rows))
