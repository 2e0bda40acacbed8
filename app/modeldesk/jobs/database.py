"""The tables of DBOS: a schema of their own on PostgreSQL, a file of their own beside an SQLite one.

Workers look for work several times a second and write at each step; in the file of the prediction
log they would take turns with the answers that people wait for.
"""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

from modeldesk.core.errors import StoreUnavailable

SQLITE = "sqlite:///"


def migrate_jobs(url: str) -> None:
    """Make the tables, or bring them up to date. Safe in several processes at once.

    Raises StoreUnavailable where that is not possible.
    """
    from dbos import DBOS

    logging.getLogger("dbos").setLevel(logging.WARNING)
    try:
        if url.startswith(SQLITE):
            _make_file(Path(url.removeprefix(SQLITE)))
        DBOS.migrate(url)
    except Exception as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
        raise StoreUnavailable(
            "The tables of the job queue cannot be made.",
            reason=reason,
            hint="The database's user has to be allowed to create a schema, and a file's folder to be written to.",
        ) from error


def _make_file(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)
    with closing(sqlite3.connect(path, timeout=60)) as connection:
        # Kept in the file: readers do not wait for writers.
        connection.execute("PRAGMA journal_mode=WAL")
