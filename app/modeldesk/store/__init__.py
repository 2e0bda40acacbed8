"""The prediction log, outcomes, the served versions and the batches, on SQLite or PostgreSQL.

``migrate`` brings a database up to date, once and before the server starts; ``open_store``
gives the stores of ``modeldesk.ports.store`` on it.
"""

from __future__ import annotations

from pathlib import Path

from modeldesk.ports.store import Store
from modeldesk.store.analytics.analytics import DuckAnalyst
from modeldesk.store.analytics.duck import Duck
from modeldesk.store.analytics.log_files import SqlLogFiles
from modeldesk.store.sql.batches import SqlBatches
from modeldesk.store.sql.decisions import label_log, served_log, threshold_log
from modeldesk.store.sql.engine import WAIT_SECONDS, database_url, jobs_url, open_engines, sqlite_file
from modeldesk.store.sql.feedback import SqlFeedback
from modeldesk.store.sql.log import SqlPredictionLog
from modeldesk.store.sql.outcomes import SqlOutcomes
from modeldesk.store.sql.presets import SqlPresets
from modeldesk.store.sql.saved_views import SqlSavedViews
from modeldesk.store.sql.workers import SqlWorkers

DATA = Path("var")
"""Where run-time data lies unless somebody says otherwise."""

__all__ = ["jobs_url", "migrate", "open_store"]


def migrate(url: str, revision: str = "head") -> None:
    """Create the database's folder and tables, or bring older tables up to date.

    All steps are one transaction under a lock that other processes wait for. Raises
    ConfigurationError if the database was made by a newer release, and StoreUnavailable
    if it cannot be reached or written.
    """
    from modeldesk.store.sql.upgrade import upgrade  # Alembic, which a worker never needs

    upgrade(url, revision)


def open_store(url: str, *, data: Path | None = None, wait: float = WAIT_SECONDS) -> Store:
    """The stores in a migrated database; nothing is connected before the first use, so a
    process may still fork. ``data`` is the folder of run-time data, where files of predictions lie;
    without one it is the folder of the SQLite database. ``wait`` is in seconds: how long a lock or
    a lost server is waited for. Raises ConfigurationError for a URL that is neither SQLite nor
    PostgreSQL.
    """
    engines = open_engines(database_url(url), wait=wait)
    file = sqlite_file(database_url(url))
    duck = Duck(data or (DATA if file is None else file.parent))
    log = SqlPredictionLog(engines, wait=wait)

    def close() -> None:
        log.close()
        duck.close()
        engines.dispose()

    return Store(
        log=log,
        served=served_log(engines),
        batches=SqlBatches(engines),
        workers=SqlWorkers(engines),
        outcomes=SqlOutcomes(engines),
        feedback=SqlFeedback(engines),
        thresholds=threshold_log(engines),
        version_labels=label_log(engines),
        saved_views=SqlSavedViews(engines),
        presets=SqlPresets(engines),
        analyst=DuckAnalyst(engines, duck),
        log_files=SqlLogFiles(engines, duck),
        close=close,
    )
