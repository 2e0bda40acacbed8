"""The signs of life of worker processes in a database."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from modeldesk.ports.jobs import WorkerBeat
from modeldesk.store.sql.engine import Engines, store_errors
from modeldesk.store.sql.rows import from_micros, to_micros
from modeldesk.store.sql.tables import workers


class SqlWorkers:
    """``Workers`` on SQLite or PostgreSQL."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    def beat(self, beat: WorkerBeat) -> None:
        """Record a sign of life in the place of the worker's last one."""
        values = {"host": beat.host, "pid": beat.pid, "count": beat.count, "at": to_micros(beat.at)}
        update = workers.update().where(workers.c.executor == beat.executor).values(values)
        with store_errors("written"):
            try:
                with self._engines.write.begin() as connection:
                    if connection.execute(update).rowcount == 0:
                        connection.execute(workers.insert(), {"executor": beat.executor, **values})
            except IntegrityError:  # the same worker's other thread was first
                with self._engines.write.begin() as connection:
                    connection.execute(update)

    def all(self) -> Sequence[WorkerBeat]:
        """The last sign of each worker that is not removed, by executor."""
        with store_errors("read"), self._engines.read.begin() as connection:
            rows = connection.execute(select(workers).order_by(workers.c.executor)).mappings().all()
        return [
            WorkerBeat(row["executor"], row["host"], row["pid"], row["count"], from_micros(row["at"])) for row in rows
        ]

    def remove(self, executor: str) -> None:
        """Forget a worker that has ended."""
        with store_errors("written"), self._engines.write.begin() as connection:
            connection.execute(workers.delete().where(workers.c.executor == executor))
