"""Files that are there whole and stay, or not at all, whatever ends a process or the power."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4


@contextmanager
def written_whole(target: Path) -> Iterator[Path]:
    """Yield a path to write to; sync it to disk and rename it to the target when the block ends without an error."""
    part = target.with_name(f".{target.name}.{uuid4()}.part")
    try:
        yield part
        sync_to_disk(part)
        part.replace(target)
        sync_to_disk(target.parent)
    finally:
        part.unlink(missing_ok=True)


def sync_to_disk(path: Path) -> None:
    """Return when the file, or the folder's list of files, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_file(path: Path, data: bytes) -> None:
    """Write a file, durably."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
