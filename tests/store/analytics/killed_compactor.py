"""A process to be killed: it puts the log into files and merges them, for ever."""

from __future__ import annotations

import multiprocessing
from multiprocessing.connection import Connection
from pathlib import Path

from modeldesk.ports.analytics import Column
from modeldesk.store import open_store
from modeldesk.store.analytics import log_files

KEPT = (Column("time", "time"), Column("prediction", "category"), Column(":n", "number"))

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload([__name__, "duckdb", "pandas", "psycopg", "pyarrow.parquet"])


class Settler:
    """One such process, which tells each step that it has taken."""

    def __init__(self, url: str, data: Path) -> None:
        self._steps, told = _processes.Pipe(duplex=False)
        self._process = _processes.Process(target=settle_for_ever, args=(url, data, told), daemon=True)
        self._process.start()
        told.close()

    def kill_after(self, steps: int) -> None:
        """Kill it when it has taken so many steps, within the next."""
        for _ in range(steps):
            self._steps.recv_bytes()
        self._process.kill()
        self._process.join()
        self._steps.close()


def settle_for_ever(url: str, data: Path, told: Connection) -> None:
    """Settle few rows at a time, and merge few files, so that every step comes often."""
    log_files.SETTLED_AT_ONCE = 25
    log_files.MERGED_FILES = 3
    store = open_store(url, data=data)
    while True:
        settled = store.log_files.settle("loans", 3, KEPT)
        if settled:
            told.send_bytes(b"settled")
        if store.log_files.merge():
            told.send_bytes(b"merged")
