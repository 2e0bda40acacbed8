"""Moving everything from one database to another, such as from SQLite to PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import URL, Connection, Table, func, select, text

from modeldesk.core.errors import ConfigurationError, Conflict
from modeldesk.store.sql.engine import database_url, snapshot, sqlite_file, store_errors
from modeldesk.store.sql.tables import METADATA
from modeldesk.store.sql.upgrade import (
    current_revision,
    exclusive_connection,
    newest_revision,
    unhurried_engine,
    upgrade,
)

Progress = Callable[[str, int, int], None]
"""Called with a table's name, its rows copied so far and its rows in all."""

_BATCH_ROWS = 1_000


def copy_log(source_url: str, target_url: str, progress: Progress) -> dict[str, int]:
    """Copy all tables into an empty database and return the number of rows of each.

    The target is migrated first. The copy is one transaction of the target, so one that was
    broken off leaves it empty, to be begun again. Before it commits, the rows are counted on
    both sides. Raises Conflict if the target holds rows already or the source changed
    meanwhile, ConfigurationError if the databases are one and the same or the source is not
    at this release's revision, and StoreUnavailable if one of them fails.
    """
    source, target = database_url(source_url), database_url(target_url)
    _refuse_same_or_missing(source, target)
    engine = unhurried_engine(source, write=False)
    try:
        with store_errors("copied"), snapshot(engine) as read:
            _require_newest(read)
        upgrade(target_url)
        with exclusive_connection(target, doing="copied") as into:
            _require_empty(into)
            with snapshot(engine) as read:
                copied = {table.name: _copy_table(table, read, into, progress) for table in METADATA.sorted_tables}
            with snapshot(engine) as read:
                _require_counts(copied, read, "The database that is copied was written to in the meantime")
            _require_counts(copied, into, "The copy does not hold what was copied")
    finally:
        engine.dispose()
    return copied


def _copy_table(table: Table, read: Connection, into: Connection, progress: Progress) -> int:
    total, done = _count(table, read), 0
    progress(table.name, done, total)
    rows = read.execution_options(yield_per=_BATCH_ROWS).execute(select(table)).mappings()
    for batch in rows.partitions():
        into.execute(table.insert(), [dict(row) for row in batch])
        done += len(batch)
        progress(table.name, done, total)
    return done


def _count(table: Table, connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _refuse_same_or_missing(source: URL, target: URL) -> None:
    source_file, target_file = sqlite_file(source), sqlite_file(target)
    if source_file is None or target_file is None:
        same = source == target
    else:
        same = source_file.resolve() == target_file.resolve()
    if same:
        raise ConfigurationError("The database to copy and the one to copy into are the same.")
    if source_file is not None and not source_file.is_file():
        raise ConfigurationError(f"There is no database {source_file} to copy.", hint="Look at the path.")


def _require_newest(source: Connection) -> None:
    result = current_revision(source)
    if result != newest_revision():
        raise ConfigurationError(
            f"The database to copy is at revision {result}; this release works with {newest_revision()}.",
            hint="Start the server on it once, which brings it up to date, and copy then.",
        )


def _require_empty(target: Connection) -> None:
    if target.dialect.name == "postgresql":
        # Nobody may write between this look and the commit; on SQLite the transaction sees to it.
        names = ", ".join(METADATA.tables)
        target.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))
    for table in METADATA.sorted_tables:
        if rows := _count(table, target):
            raise Conflict(
                f"The database to copy into holds {rows:,} rows in {table.name} already.",
                hint="Copy into an empty database.",
            )


def _require_counts(expected: Mapping[str, int], connection: Connection, otherwise: str) -> None:
    for table in METADATA.sorted_tables:
        if (rows := _count(table, connection)) != expected[table.name]:
            raise Conflict(
                f"{otherwise}: {table.name} has {rows:,} rows, {expected[table.name]:,} were copied.",
                hint="Stop the server and copy again; nothing was kept of this copy.",
            )
