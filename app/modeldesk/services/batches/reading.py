"""What is done with a file from outside, each a function for a confined process to run."""

from __future__ import annotations

import threading
from pathlib import Path

import cachetools

from modeldesk.model_service.tables import (
    Chunk,
    FileOptions,
    Limits,
    Part,
    Plan,
    Reader,
    TableForm,
    inspect,
    parts_of,
    prepare,
    ready_file,
)

_MOST_OPEN = 4


class _OpenReaders(cachetools.LRUCache[tuple[Path, TableForm], Reader]):
    """Readers by file; the one used longest ago is closed where there are too many."""

    def popitem(self) -> tuple[tuple[Path, TableForm], Reader]:
        key, reader = super().popitem()
        reader.close()
        return key, reader


class _OfThread(threading.local):
    """The files that a thread has open: a reader has one position and cannot be shared."""

    def __init__(self) -> None:
        self.readers = _OpenReaders(_MOST_OPEN)


_of_thread = _OfThread()


def look(path: Path, options: FileOptions, limits: Limits, name: str) -> TableForm:
    """How a file is to be read. Raises InvalidInput, TooLarge."""
    return inspect(path, options, limits, name)


def first_rows(path: Path, form: TableForm, limits: Limits, work: Path, rows: int) -> Chunk | None:
    """At most so many rows from the file's beginning; None where it has none. Raises like ``look``."""
    ready = ready_file(path, form, limits, work)
    first = next(iter(parts_of(ready, form, limits, rows)), None)
    if first is None:
        return None
    reader = Reader(ready, form, limits)
    try:
        return reader.read(first)
    finally:
        reader.close()


def cut(path: Path, form: TableForm, limits: Limits, work: Path, rows: int) -> Plan:
    """The file cut into chunks. Raises like ``look``."""
    return prepare(path, form, limits, work, rows)


def read_part(path: Path, form: TableForm, limits: Limits, part: Part) -> Chunk:
    """The rows of one part. The file stays open: going forward in it is cheap. Raises like ``look``."""
    readers = _of_thread.readers
    reader = readers.get((path, form))
    if reader is None:
        reader = readers[path, form] = Reader(path, form, limits)
    return reader.read(part)
