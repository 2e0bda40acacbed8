"""Moving a log to another database."""

from __future__ import annotations

from pathlib import Path

import pytest
from modeldesk.core.errors import ConfigurationError, Conflict
from modeldesk.ports.analytics import Column
from modeldesk.ports.decisions import ServedChange, ThresholdChange
from modeldesk.ports.jobs import WorkerBeat
from modeldesk.ports.saved_views import SavedView
from modeldesk.ports.version_labels import LabelChange
from modeldesk.store import migrate, open_store
from modeldesk.store.sql import migrate_log as copying
from modeldesk.store.sql.engine import database_url, open_engines
from modeldesk.store.sql.migrate_log import copy_log
from modeldesk.store.sql.tables import METADATA
from sqlalchemy import select

from tests.postgres import PostgresServer
from tests.store.records import NOON, claim, prediction
from tests.store.sql.test_batches import running
from tests.store.sql.test_feedback import statement
from tests.store.sql.test_outcomes import outcome
from tests.store.sql.test_presets import preset

COUNTS = {
    "batch_chunks": 3,
    "batches": 1,
    "feedback": 1,
    "idempotency_claims": 1,
    "outcomes": 1,
    "predictions": 25,
    "log_files": 1,
    "presets": 1,
    "saved_views": 1,
    "served_changes": 2,
    "threshold_changes": 1,
    "unsettled_predictions": 20,
    "version_labels": 1,
    "workers": 1,
}


@pytest.fixture
def source(database: str, tmp_path: Path) -> str:
    """A database with something in each table."""
    store = open_store(database, data=tmp_path)
    store.log.append([prediction(minutes=number) for number in range(5)], claim(key="ž"))
    store.log_files.settle("loans", 3, [Column("time", "time")])
    store.log.append([prediction(key="k", inputs={"text": "a\0b 🐘"}) for _ in range(20)])
    for version in (1, 2):
        store.served.record(ServedChange("loans", version, version - 1 or None, "promote", "ada", "Better.", NOON))
    store.thresholds.record(ThresholdChange("loans", 1, 0.1 + 0.2, "yes", 2, None, "ada", "Cheaper.", NOON))
    store.outcomes.record(outcome("no"))
    store.version_labels.record(LabelChange("loans", 1, "alias", "champion", 2, "set", "ada", NOON))
    store.presets.add(preset(1))
    store.feedback.record(statement())
    store.saved_views.add(SavedView("v", "loans", "Überblick", "source=log", "ada", NOON))
    running(store)
    store.workers.beat(WorkerBeat("a", "host", 7, 1, NOON))
    store.close()
    return database


@pytest.fixture(params=["to sqlite", "to postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path, postgres_server: PostgresServer) -> str:
    if request.param == "to sqlite":
        return f"sqlite:///{tmp_path}/copy/modeldesk.db"
    return postgres_server.create_database()


def rows_of(url: str) -> dict[str, list[tuple]]:
    engines = open_engines(database_url(url))
    with engines.read.begin() as connection:
        rows = {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in METADATA.sorted_tables
        }
    engines.dispose()
    return rows


def ignore(_table: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


def test_everything_is_copied_and_counted(source: str, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "_BATCH_ROWS", 10)
    seen: list[tuple[str, int, int]] = []
    assert copy_log(source, target, lambda *step: seen.append(step)) == COUNTS
    assert rows_of(target) == rows_of(source)
    assert [done for table, done, total in seen if table == "predictions"] == [0, 10, 20, 25]
    store = open_store(target)
    store.log.append([prediction()])
    assert store.served.current()["loans"].version == 2
    store.close()


def test_a_target_that_holds_rows_is_refused(source: str, target: str) -> None:
    copy_log(source, target, ignore)
    with pytest.raises(Conflict, match=r"holds .* rows in .* already"):
        copy_log(source, target, ignore)
    assert {name: len(rows) for name, rows in rows_of(target).items()} == COUNTS


def test_a_copy_that_breaks_off_leaves_nothing_and_can_begin_again(source: str, target: str) -> None:
    def break_off(table: str, done: int, _total: int) -> None:
        if table == "served_changes" and done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy_log(source, target, break_off)
    assert all(rows == [] for rows in rows_of(target).values())
    assert copy_log(source, target, ignore) == COUNTS


def test_a_source_that_is_written_to_meanwhile_is_noticed(source: str, target: str) -> None:
    store = open_store(source)

    def write_beside(table: str, done: int, _total: int) -> None:
        if table == "served_changes" and done:
            store.log.append([prediction()])

    with pytest.raises(Conflict, match="written to in the meantime: predictions has 26 rows, 25 were copied"):
        copy_log(source, target, write_beside)
    store.close()
    assert all(rows == [] for rows in rows_of(target).values())


def test_a_database_is_not_copied_onto_itself(source: str) -> None:
    with pytest.raises(ConfigurationError, match="the same"):
        copy_log(source, source, ignore)


def test_a_source_at_an_older_revision_is_refused(empty_database: str, target: str) -> None:
    migrate(empty_database, "0001")
    with pytest.raises(ConfigurationError, match="at revision 0001; this release works with"):
        copy_log(empty_database, target, ignore)


def test_a_source_that_is_not_there_is_refused_and_not_made(tmp_path: Path, target: str) -> None:
    with pytest.raises(ConfigurationError, match="no database"):
        copy_log(f"sqlite:///{tmp_path}/absent.db", target, ignore)
    assert not (tmp_path / "absent.db").exists()
