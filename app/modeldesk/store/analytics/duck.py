"""DuckDB, which answers questions over Parquet files: one a process, in memory, kept to our own folder."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from modeldesk.core.errors import NotFound, StoreUnavailable

if TYPE_CHECKING:
    import duckdb

MEMORY = "160MB"
"""What DuckDB may hold; what does not fit is kept in files meanwhile."""
AT_ONCE = 2
"""Questions that are worked on at a time; each is spread over all cores."""
WAIT_SECONDS = 60.0

SCRATCH, CACHED = "scratch", "rows"
"""Folders of ours: what work in progress puts down, and files that are made once."""


class Duck:
    """Opened when first used, so a process may fork before. ``folder`` is all it can read or write."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(AT_ONCE)
        self._database: duckdb.DuckDBPyConnection | None = None

    @property
    def folder(self) -> Path:
        """The folder that everything lies in."""
        return self._folder

    @contextmanager
    def cursor(self, *, bounded: bool = True) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection for one piece of work, with temporary tables of its own; ``bounded`` work waits for
        its turn. Raises NotFound where a file that was asked for is gone, and StoreUnavailable where too many
        wait or there is no room to work in."""
        import duckdb

        if bounded and not self._places.acquire(timeout=WAIT_SECONDS):
            raise StoreUnavailable("Too many questions are being answered at once.", hint="Try again in a minute.")
        try:
            with self._opened().cursor() as cursor:
                yield cursor
        except duckdb.IOException as error:
            if "No files found" in str(error) or "No such file" in str(error):
                raise NotFound("The rows are not there any more.", hint="Reload the page.") from error
            raise StoreUnavailable("The rows could not be read.", reason=_first_line(error)) from error
        except duckdb.OutOfMemoryException as error:
            raise StoreUnavailable(
                "There is not enough memory or disk space for this question.", hint="Ask about fewer rows."
            ) from error
        finally:
            if bounded:
                self._places.release()

    def close(self) -> None:
        """Let go of everything."""
        with self._lock:
            if self._database is not None:
                self._database.close()
                self._database = None

    def _opened(self) -> duckdb.DuckDBPyConnection:
        import duckdb

        with self._lock:
            if self._database is None:
                scratch = self._folder / SCRATCH / str(os.getpid())
                scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
                database = duckdb.connect(":memory:")
                for name, value in _settings(self._folder, scratch).items():
                    database.execute(f"SET {name} = {value}")
                self._database = database
            return self._database


def literal(text: str) -> str:
    """A text as it stands in SQL, for the places where a parameter cannot stand."""
    return "'" + text.replace("'", "''") + "'"


def _settings(folder: Path, scratch: Path) -> dict[str, str]:
    # In this order: the last ones forbid to change the others.
    return {
        "memory_limit": literal(MEMORY),
        "threads": str(_cores()),
        "preserve_insertion_order": "false",
        "parquet_metadata_cache": "true",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "temp_directory": literal(str(scratch)),
        "allowed_directories": f"[{literal(str(folder))}]",
        "enable_external_access": "false",
        "lock_configuration": "true",
    }


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
