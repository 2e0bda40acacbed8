"""Bringing a database to the tables that this release works with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock, Timeout
from sqlalchemy import URL, Connection, Engine, text

from modeldesk.core.errors import ConfigurationError, StoreUnavailable
from modeldesk.store.sql.engine import database_url, postgres_engine, sqlite_engine, sqlite_file, store_errors

LOCK_SECONDS = 60.0
"""How long a second process waits for the one that migrates."""

_ADVISORY_LOCK = 0x4D6F64656C  # "Model" in ASCII; any number that is only ours does


def upgrade(url: str, revision: str = "head") -> None:
    """See ``modeldesk.store.migrate``."""
    parsed = database_url(url)
    with exclusive_connection(parsed) as connection:
        refuse_newer(connection)
        command.upgrade(_config(connection), revision)


@contextmanager
def exclusive_connection(url: URL, *, doing: str = "migrated") -> Iterator[Connection]:
    """A write transaction that no other process migrates beside; committed at the block's end.

    ``doing`` names in errors what it is for.
    """
    with ExitStack() as stack:
        file = sqlite_file(url)
        if file is not None:
            _make_file(file)
            stack.enter_context(_file_lock(file))
        engine = unhurried_engine(url)
        stack.callback(engine.dispose)
        with store_errors(doing), engine.begin() as connection:
            if file is None:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK})
            yield connection


def unhurried_engine(url: URL, *, write: bool = True) -> Engine:
    """An engine for maintenance: one that waits longer for locks and has no limit on a statement."""
    if sqlite_file(url) is not None:
        return sqlite_engine(url, wait=LOCK_SECONDS, write=write)
    return postgres_engine(url, wait=LOCK_SECONDS, write=write, statement_seconds=0)


def current_revision(connection: Connection) -> str | None:
    """The revision that the database's tables are at, None where there are none yet."""
    return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    """The revision that this release works with."""
    return str(_scripts().get_current_head())


def refuse_newer(connection: Connection) -> None:
    """Raise ConfigurationError if the database is at a revision that this release does not know."""
    result = current_revision(connection)
    known = {script.revision for script in _scripts().walk_revisions()}
    if result is not None and result not in known:
        raise ConfigurationError(
            f"The database is at revision {result}, which this release of Modeldesk does not know; "
            f"its newest is {newest_revision()}.",
            hint="Use the release that made it, or restore a backup from before the upgrade.",
        )


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config(None))


def _config(connection: Connection | None) -> Config:
    config = Config()
    folder = str(Path(__file__).parents[1] / "migrations").replace("%", "%%")
    config.set_main_option("script_location", folder)
    config.set_main_option("version_locations", f"{folder}/revisions")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _make_file(file: Path) -> None:
    """Make the database's folder and file where they are missing, for this user alone: they
    hold what people asked."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not file.exists():
            file.touch(mode=0o600)
    except OSError as error:
        raise StoreUnavailable(
            "The database cannot be made.",
            reason=f"{file}: {error.strerror}",
            hint="Set MODELDESK_DATA to a folder that the server's user may write in.",
        ) from error


@contextmanager
def _file_lock(file: Path) -> Iterator[None]:
    lock = FileLock(file.with_name(file.name + ".migrate.lock"), timeout=LOCK_SECONDS)
    try:
        lock.acquire()
    except Timeout as error:
        raise StoreUnavailable(
            f"Another process has been migrating the database for over {LOCK_SECONDS:.0f} seconds.",
            reason=str(file),
            hint="Wait for it to end, or end it.",
        ) from error
    except OSError as error:
        raise StoreUnavailable(
            "The database cannot be locked.",
            reason=f"{file}: {error.strerror}",
            hint="Let the server's user write the database's folder.",
        ) from error
    try:
        yield
    finally:
        lock.release()
