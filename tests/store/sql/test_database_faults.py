"""A database that fails says so: with the reason, in time, and recovers by itself."""

from __future__ import annotations

import os
import pwd
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from modeldesk.core.errors import StoreUnavailable
from modeldesk.ports.predictions import LogQuery, PredictionLog
from modeldesk.store import migrate, open_store
from modeldesk.store.sql.engine import database_url, open_engines
from modeldesk.store.sql.log import SqlPredictionLog
from sqlalchemy import event, make_url

from tests.postgres import PostgresServer
from tests.store.records import prediction


def refusal(log: PredictionLog) -> str:
    """What the log says when it cannot append, having written nothing."""
    record = prediction()
    with pytest.raises(StoreUnavailable) as caught:
        log.append([record])
    return str(caught.value)


@contextmanager
def someone_unprivileged() -> Iterator[None]:
    """Files of others are not to be written within the block, not even where the tests run as root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_locked_sqlite_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/modeldesk.db"
    migrate(url)
    store = open_store(url, wait=0.1)
    with closing(sqlite3.connect(tmp_path / "modeldesk.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert "database is locked. Another program holds the database" in refusal(store.log)
        with pytest.raises(StoreUnavailable, match="locked"):
            store.log.ping()
        assert store.log.page(LogQuery()).records == []
        other.execute("ROLLBACK")
    store.log.append([prediction()])
    store.close()


def test_a_full_disk(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/modeldesk.db"
    migrate(url)
    engines = open_engines(database_url(url))

    @event.listens_for(engines.write, "connect")
    def end_here(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA max_page_count=1")  # SQLite takes its present size for the limit

    log = SqlPredictionLog(engines)
    said = ""
    for _ in range(50):
        try:
            log.append([prediction(inputs={"text": "x" * 4000})])
        except StoreUnavailable as error:
            said = str(error)
    assert said == "The database could not be written: database or disk is full. Free disk space."
    log.close()
    engines.dispose()


def test_a_file_that_is_not_to_be_written() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder}/modeldesk.db"
        migrate(url)
        folder.joinpath("modeldesk.db").chmod(0o444)
        folder.chmod(0o555)
        store = open_store(url)
        with someone_unprivileged():
            assert "The database could not be" in refusal(store.log)
            with pytest.raises(StoreUnavailable, match=r"read-?only|unable to open"):
                store.log.ping()
        store.close()
        folder.chmod(0o755)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    file = tmp_path / "modeldesk.db"
    file.write_bytes(b"something else, long enough for a header" * 100)
    for attempt in (lambda: migrate(f"sqlite:///{file}"), open_store(f"sqlite:///{file}").log.ping):
        with pytest.raises(StoreUnavailable, match="not a database"):
            attempt()


@pytest.mark.postgres
def test_a_locked_postgresql_table(postgres_database: str, postgres_server: PostgresServer) -> None:
    store = open_store(postgres_database, wait=0.1)
    with postgres_server.connect(str(make_url(postgres_database).database)) as other, other.transaction():
        other.execute("LOCK TABLE predictions IN EXCLUSIVE MODE")
        assert "lock timeout" in refusal(store.log)
    store.log.append([prediction()])
    store.close()


@pytest.mark.postgres
def test_a_postgresql_that_takes_no_writes(postgres_database: str, postgres_server: PostgresServer) -> None:
    name = make_url(postgres_database).database
    with postgres_server.connect("postgres") as other:
        other.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    store = open_store(postgres_database)
    assert "read-only transaction. The database takes no writes now" in refusal(store.log)
    with pytest.raises(StoreUnavailable, match="read-only"):
        store.log.ping()
    store.close()


@pytest.mark.postgres
def test_connections_that_were_cut_are_made_anew(postgres_database: str, postgres_server: PostgresServer) -> None:
    store = open_store(postgres_database)
    record = prediction()
    store.log.append([record])
    assert store.log.get(record.id) == record
    with postgres_server.connect("postgres") as other:
        name = make_url(postgres_database).database
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
    second = prediction()
    store.log.append([second])
    assert store.log.get(second.id) == second
    store.close()


def test_a_server_that_is_not_there_is_named_without_its_password(tmp_path: Path) -> None:
    # Words of the address are not those of the failure.
    store = open_store(f"postgresql://modeldesk:s3cret@/db?host={tmp_path / 'full' / 'locked'}")
    said = refusal(store.log)
    assert "MODELDESK_DATABASE_URL" in said
    assert "s3cret" not in said
    store.close()
