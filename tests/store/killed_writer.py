"""A process to be killed: it appends for ever and tells what was acknowledged."""

from __future__ import annotations

import multiprocessing
import threading
from multiprocessing.connection import Connection

from modeldesk.store import open_store

from tests.store.records import prediction

THREADS = 4

# Children of a server that has imported everything start in milliseconds, as workers do.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload([__name__])


class Writer:
    """One such process, writing to the database from several threads."""

    def __init__(self, url: str) -> None:
        self._answers, told = _processes.Pipe(duplex=False)
        self._process = _processes.Process(target=append_for_ever, args=(url, told), daemon=True)
        self._process.start()
        told.close()

    def kill_after(self, calls: int) -> list[list[str]]:
        """Kill it after so many acknowledged calls; the ids of each call that it acknowledged."""
        told = [self._answers.recv_bytes() for _ in range(calls)]
        self._process.kill()
        self._process.join()
        try:
            while True:
                told.append(self._answers.recv_bytes())
        except EOFError:
            self._answers.close()
        return [call.decode().split() for call in told]


def append_for_ever(url: str, told: Connection) -> None:
    """Append pairs of predictions and tell the ids of each pair once it is acknowledged."""
    store = open_store(url)
    one_at_a_time = threading.Lock()

    def append() -> None:
        while True:
            call = [prediction(), prediction()]
            store.log.append(call)
            with one_at_a_time:
                # Short enough for one system call, which a kill cannot tear.
                told.send_bytes(" ".join(record.id for record in call).encode())

    threads = [threading.Thread(target=append) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
