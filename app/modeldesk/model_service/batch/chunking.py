"""Long work in steps, so that it can be stopped between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

Checkpoint = Callable[[], None]
"""Called between steps; raises where the work is not wanted any more."""


def unwatched() -> None:
    """The checkpoint of work that nobody stops."""


def steps(rows: int, size: int, checkpoint: Checkpoint) -> Iterator[slice]:
    """Rows parted into steps of ``size``, the checkpoint called before each.

    Steps never depend on the time that they take: an artifact's last digits may depend on which
    rows it is asked about together, and a file that is scored twice has to come out the same.
    """
    for start in range(0, rows, size):
        checkpoint()
        yield slice(start, min(start + size, rows))
