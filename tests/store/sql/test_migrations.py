"""Bringing databases up to date."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from modeldesk.core.errors import ConfigurationError, StoreUnavailable
from modeldesk.ports.analytics import Column, LogRows
from modeldesk.ports.predictions import LogQuery
from modeldesk.store import migrate, open_store
from modeldesk.store.analytics.sampling import sample_order
from modeldesk.store.sql.engine import database_url, open_engines, sqlite_file
from modeldesk.store.sql.rows import row_of
from modeldesk.store.sql.tables import METADATA, outcomes, predictions
from modeldesk.store.sql.upgrade import current_revision, newest_revision
from sqlalchemy import Connection, select, text

from tests.store.records import prediction


def in_database(url: str, action):
    """What ``action`` returns, given a connection in a transaction."""
    engines = open_engines(database_url(url))
    try:
        with engines.write.begin() as connection:
            return action(connection)
    finally:
        engines.dispose()


def test_an_empty_database_gets_the_tables_that_the_code_works_with(empty_database: str) -> None:
    migrate(empty_database)

    def differences(connection: Connection) -> list:
        return compare_metadata(MigrationContext.configure(connection), METADATA)

    assert in_database(empty_database, differences) == []
    assert in_database(empty_database, current_revision) == newest_revision()


def test_migrating_again_changes_nothing(database: str) -> None:
    record = prediction()
    store = open_store(database)
    store.log.append([record])
    migrate(database)
    assert store.log.page(LogQuery()).records == [record]
    store.close()


def test_an_older_database_keeps_its_rows(empty_database: str) -> None:
    migrate(empty_database, "0001")
    record = prediction()
    in_database(empty_database, lambda connection: connection.execute(predictions.insert(), [row_of(record)]))
    migrate(empty_database)
    store = open_store(empty_database)
    assert store.log.get(record.id) == record
    assert store.served.current() == {}
    store.close()


def test_what_was_predicted_and_told_before_there_were_files_can_be_asked_about(
    empty_database: str, tmp_path: Path
) -> None:
    migrate(empty_database, "0004")
    record = prediction()
    told = (
        "INSERT INTO outcomes (prediction_id, kind, sequence, value, predicted, model, version, who, at) "
        "VALUES (:id, 'actual', 1, '\"no\"', 'true', 'loans', 3, 'ada', 1)"
    )

    def fill(connection: Connection) -> None:
        connection.execute(predictions.insert(), [row_of(record)])
        connection.execute(text(told), {"id": record.id})

    in_database(empty_database, fill)
    migrate(empty_database)
    store = open_store(empty_database, data=tmp_path)
    columns = tuple(Column(name, "category") for name in ("id", "prediction", "actual"))
    page = store.analyst.page(LogRows("loans", columns), ["id", "actual"])
    assert page.table == {"id": [record.id], "actual": ["no"]}
    assert store.log_files.settle("loans", 3, [Column("time", "time"), *columns]) == 1
    assert in_database(
        empty_database, lambda connection: connection.execute(select(outcomes.c.sample_order)).scalar_one()
    ) == sample_order(record.id)
    store.close()


def test_a_newer_database_is_refused(database: str) -> None:
    in_database(
        database, lambda connection: connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    )
    with pytest.raises(ConfigurationError, match="revision 9999, which this release"):
        migrate(database)


def test_several_processes_at_once_migrate_once(empty_database: str) -> None:
    code = f"from modeldesk.store import migrate; migrate({empty_database!r})"
    processes = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) for _ in range(3)]
    errors = [process.communicate()[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], errors
    assert in_database(empty_database, current_revision) == newest_revision()


def test_a_migration_that_fails_leaves_nothing_behind(empty_database: str) -> None:
    """A table in the way of the second step takes the first one back too."""
    if (file := sqlite_file(database_url(empty_database))) is not None:
        file.parent.mkdir()
        file.touch()
    in_database(empty_database, lambda connection: connection.execute(text("CREATE TABLE served_changes (x INTEGER)")))
    with pytest.raises(StoreUnavailable, match="already exists"):
        migrate(empty_database)
    assert in_database(empty_database, current_revision) is None
    in_database(empty_database, lambda connection: connection.execute(text("DROP TABLE served_changes")))
    migrate(empty_database)


def test_the_file_is_its_users_alone(tmp_path: Path) -> None:
    file = tmp_path / "new folder" / "100%" / "modeldesk.db"
    migrate(f"sqlite:///{file}")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_bytes()[18:20] == b"\x02\x02"  # the file is in WAL mode


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match=r"cannot be made: .*modeldesk\.db"):
        migrate(f"sqlite:///{tmp_path}/file/modeldesk.db")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://host/db", "mysql database"),
        ("sqlite://", "without a plain file"),
        ("sqlite:///:memory:", "without a plain file"),
        ("sqlite:///file:x?uri=true", "without a plain file"),
        ("nonsense", "not a database URL"),
    ],
)
def test_another_kind_of_database_is_refused(url: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        migrate(url)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2"])
def test_every_way_to_say_postgresql_is_understood(scheme: str) -> None:
    assert database_url(f"{scheme}://u:p@host/db").drivername == "postgresql+psycopg"
