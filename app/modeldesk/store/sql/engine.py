"""Connections to SQLite and PostgreSQL, and what their errors mean."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    DisconnectionError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.pool import QueuePool

from modeldesk.core.errors import ConfigurationError, StoreUnavailable

WAIT_SECONDS = 5.0
"""How long a connection waits for a lock, a free connection or a server before it gives up."""

_READERS = 4
_WRITERS = 2
_STATEMENT_SECONDS = 15.0
_LOCK_POLL_SECONDS = (0.0002, 0.001)
_POSTGRES_NETWORK = {"connect_timeout": "5", "keepalives_idle": "15", "tcp_user_timeout": "15000"}
_DATABASE_AT_FAULT = {"08", "25", "53", "55", "57", "58", "XX"}
"""SQLSTATE classes that speak of the server and not of the statement's values."""

# Phrases, not words: a reason holds paths and names too.
_HINTS = {
    "is locked": "Another program holds the database; end it or try again.",
    "readonly database": "Let the server's user write the database file and its folder.",
    "read-only transaction": "The database takes no writes now; see whether it is a standby.",
    "is full": "Free disk space.",
    "no space left": "Free disk space on the database server.",
    "unable to open": "See that the folder exists and that the server's user may write in it.",
    "no such table": "The database has not been migrated; start it with modeldesk serve.",
    "does not exist": "See that the database is there and has been migrated.",
    "is malformed": "The database file is damaged; restore it from a backup.",
    "is not a database": "MODELDESK_DATABASE_URL names a file that is no SQLite database.",
    "connection": "See that the database server runs and that MODELDESK_DATABASE_URL is right.",
}


@dataclass(frozen=True, slots=True)
class Engines:
    """The two ways into one database; on SQLite a transaction of ``write`` locks as it begins."""

    read: Engine
    write: Engine

    def dispose(self) -> None:
        """Close every idle connection."""
        self.read.dispose()
        self.write.dispose()


def database_url(url: str) -> URL:
    """The URL with its driver. Raises ConfigurationError for what is neither SQLite nor PostgreSQL."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigurationError(
            "MODELDESK_DATABASE_URL is not a database URL.",
            hint="Write sqlite:///var/modeldesk.db or postgresql://user:password@host/database.",
        ) from None
    kind = parsed.drivername.partition("+")[0]
    if kind in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if kind != "sqlite":
        raise ConfigurationError(
            f"MODELDESK_DATABASE_URL names a {kind} database, which is not supported.",
            hint="Use SQLite (sqlite:///path) or PostgreSQL (postgresql://…).",
        )
    if not parsed.database or parsed.database == ":memory:" or parsed.database.startswith("file:"):
        raise ConfigurationError(
            "MODELDESK_DATABASE_URL names an SQLite database without a plain file.",
            hint="Write sqlite:///var/modeldesk.db, or four slashes before an absolute path.",
        )
    return parsed.set(drivername="sqlite+pysqlite")


def sqlite_file(url: URL) -> Path | None:
    """The file of an SQLite database, None for PostgreSQL."""
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def jobs_url(url: str) -> str:
    """The URL of the job queue's tables, for a program that brings its own engine: a file beside
    the SQLite one, or the same PostgreSQL database. Raises ConfigurationError."""
    parsed = database_url(url)
    file = sqlite_file(parsed)
    if file is not None:
        return f"sqlite:///{file.with_name(file.stem + '-jobs' + file.suffix)}"
    return parsed.render_as_string(hide_password=False)


def open_engines(url: URL, *, wait: float = WAIT_SECONDS) -> Engines:
    """Engines for a running server; nothing is connected before the first use."""
    file = sqlite_file(url)
    if file is not None:
        read, write = (sqlite_engine(url, wait=wait, write=write) for write in (False, True))
        for engine in (read, write):
            _stay_with_the_file(engine, file)
        return Engines(read, write)
    return Engines(read=postgres_engine(url, wait=wait, write=False), write=postgres_engine(url, wait=wait, write=True))


def sqlite_engine(url: URL, *, wait: float, write: bool) -> Engine:
    """An engine whose transactions are begun by us: the driver would begin them late, and a
    transaction that reads before it writes would fail at once under another writer."""
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=_WRITERS if write else _READERS,
        max_overflow=0,
        pool_timeout=wait,
        connect_args={"timeout": wait, "isolation_level": None, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: Any) -> None:
        if write:
            connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        if write:
            connection.execute("PRAGMA busy_timeout=0")  # from here on _begin_immediate waits

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if write:
            _begin_immediate(connection, wait)
        else:
            connection.exec_driver_sql("BEGIN")

    return engine


def _stay_with_the_file(engine: Engine, file: Path) -> None:
    """Have the engine's connections be to the file that has the name now. One that was deleted or moved away
    goes on taking writes, which are lost when it is closed; and none is made in its place, empty."""

    def identity() -> tuple[int, int]:
        try:
            status = file.stat()
        except OSError as error:
            raise StoreUnavailable(
                "The database's file is not there.",
                reason=f"{file}: {error.strerror}",
                hint="Put it back where it was, or restore a backup of it. Where that is not wanted, restart "
                "modeldesk serve: it begins an empty one.",
            ) from error
        return status.st_dev, status.st_ino

    @event.listens_for(engine, "do_connect")
    def look(_dialect: Any, _record: Any, _args: Any, _named: Any) -> None:
        identity()

    @event.listens_for(engine, "connect")
    def remember(_connection: Any, record: Any) -> None:
        record.info["file"] = identity()

    @event.listens_for(engine, "checkout")
    def compare(_connection: Any, record: Any, _proxy: Any) -> None:
        if record.info.get("file") != identity():
            raise DisconnectionError("The database's file is another.")


def _begin_immediate(connection: Connection, wait: float) -> None:
    """Take the write lock as soon as it is free. SQLite's own waiting sleeps longer each time,
    up to 100 ms: beside another busy process one waited for up to a second."""
    deadline = time.monotonic() + wait
    while True:
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            return
        except OperationalError as error:
            code = getattr(error.orig, "sqlite_errorcode", 0)
            if code & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(random.uniform(*_LOCK_POLL_SECONDS))


def postgres_engine(url: URL, *, wait: float, write: bool, statement_seconds: float = _STATEMENT_SECONDS) -> Engine:
    """An engine with limits on every wait, so that a lost server is noticed. Reading is done
    statement by statement and looks whether the connection still lives; a writer finds out
    by itself, without the round trip, and is tried again by ``GroupCommit``."""
    network = {key: value for key, value in _POSTGRES_NETWORK.items() if key not in url.query}
    engine = create_engine(
        url.update_query_dict(network),
        pool_size=_WRITERS if write else _READERS,
        max_overflow=0,
        pool_timeout=wait,
        pool_pre_ping=not write,
        isolation_level="READ COMMITTED" if write else "AUTOCOMMIT",
    )

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.execute(f"SET lock_timeout = {int(wait * 1000)}")
        connection.execute(f"SET statement_timeout = {int(statement_seconds * 1000)}")
        # A process that is frozen within a transaction holds up the others no longer than that.
        connection.execute(f"SET idle_in_transaction_session_timeout = {int(wait * 1000)}")
        connection.commit()

    return engine


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees the database as it stood at one moment."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


def concerns_database(error: SQLAlchemyError) -> bool:
    """Whether the failure is the database's (full, locked, gone) and not of the values written."""
    if not isinstance(error, DBAPIError):
        return True
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return str(state)[:2] in _DATABASE_AT_FAULT
    return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)


def connection_lost(error: SQLAlchemyError) -> bool:
    """Whether a new connection may do better, such as after a restart of the server."""
    return isinstance(error, DBAPIError) and error.connection_invalidated


def unavailable(doing: str, error: SQLAlchemyError) -> StoreUnavailable:
    """The error to show for a failure of the database while ``doing`` (a verb's participle)."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    # Only the first line: what PostgreSQL adds below it may quote the values of a person.
    reason = (str(cause).strip().splitlines() or [type(cause).__name__])[0].rstrip(".")
    hint = next((hint for word, hint in _HINTS.items() if word in reason.lower()), None)
    return StoreUnavailable(f"The database could not be {doing}.", hint=hint, reason=reason)


@contextmanager
def store_errors(doing: str) -> Iterator[None]:
    """Turn the database's errors within the block into StoreUnavailable."""
    try:
        yield
    except SQLAlchemyError as error:
        raise unavailable(doing, error) from error
