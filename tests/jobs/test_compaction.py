"""The workers look after the log by durable workflows, and do not remember each look for ever."""

from __future__ import annotations

import multiprocessing
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from modeldesk.jobs import names
from modeldesk.jobs.database import migrate_jobs


def test_the_log_is_looked_after_and_the_looks_are_forgotten(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/jobs.db"
    migrate_jobs(url)
    processes = multiprocessing.get_context("spawn")
    told, tell = processes.Pipe(duplex=False)
    process = processes.Process(target=look_after, args=(url, tell))  # DBOS is one a process
    process.start()
    tell.close()
    assert told.recv() == ["settle", "settle", "sweep"]
    assert told.recv() == [names.SETTLE_SWEEP_WORKFLOW]
    process.join(60)
    assert process.exitcode == 0


def look_after(url: str, tell: Connection) -> None:
    """Run the workflows, and tell what was done and which of them are remembered."""
    from dbos import DBOS, DBOSPortableJSONSerializer
    from modeldesk.jobs import compaction as settling

    done: list[str] = []

    class Work:
        def settle(self) -> None:
            done.append("settle")

        def sweep(self) -> None:
            done.append("sweep")

    settling.give_log_work(Work())
    settling._REMEMBERED = timedelta(0)
    serializer = DBOSPortableJSONSerializer()
    DBOS(config={"name": "test", "system_database_url": url, "serializer": serializer, "run_migrations": False})
    DBOS.launch()
    for workflow in (settling.settle_log, settling.settle_log, settling.sweep_log):
        DBOS.start_workflow(workflow, None, None).get_result()
    tell.send(done)
    tell.send([found.name for found in DBOS.list_workflows()])
    DBOS.destroy()
