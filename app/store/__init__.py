"""The prediction log, outcomes, the served versions and the batches, on SQLite or PostgreSQL.

``migrate`` brings a database up to date, once and before the server starts; ``open_store``
gives the stores of ``app.ports`` on it.
"""

from __future__ import annotations

from app.ports import Store
from app.store.batches import SqlBatches
from app.store.engine import WAIT_SECONDS, database_url, jobs_url, open_engines
from app.store.log import SqlPredictionLog
from app.store.outcomes import SqlOutcomes
from app.store.served import SqlServedVersions
from app.store.workers import SqlWorkers

__all__ = ["jobs_url", "migrate", "open_store"]


def migrate(url: str, revision: str = "head") -> None:
    """Create the database's folder and tables, or bring older tables up to date.

    All steps are one transaction under a lock that other processes wait for. Raises
    ConfigurationError if the database was made by a newer release, and StoreUnavailable
    if it cannot be reached or written.
    """
    from app.store.upgrade import upgrade  # Alembic, which a worker never needs

    upgrade(url, revision)


def open_store(url: str, *, wait: float = WAIT_SECONDS) -> Store:
    """The stores in a migrated database; nothing is connected before the first use, so a
    process may still fork. ``wait`` is in seconds: how long a lock or a lost server is
    waited for. Raises ConfigurationError for a URL that is neither SQLite nor PostgreSQL.
    """
    engines = open_engines(database_url(url), wait=wait)
    log = SqlPredictionLog(engines, wait=wait)

    def close() -> None:
        log.close()
        engines.dispose()

    return Store(
        log=log,
        served=SqlServedVersions(engines),
        batches=SqlBatches(engines),
        workers=SqlWorkers(engines),
        outcomes=SqlOutcomes(engines),
        close=close,
    )
