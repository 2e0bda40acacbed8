"""gunicorn as Modeldesk runs it: its settings, its ASGI worker, its log lines.

``modeldesk.main`` starts it with the application that its workers build.
"""

from __future__ import annotations

import logging
import os
import resource
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.workers import gasgi

from modeldesk.core.settings import Settings
from modeldesk.web.server.connections import DRAIN_SECONDS, Connection, Connections

KEEP_ALIVE_SECONDS = 75
"""Longer than the usual 60 of a proxy, so that the proxy closes idle connections first."""

_SOON_SECONDS = 60.0
_LONGEST_PAUSE = 5.0


MOST_CONNECTIONS = 4096
"""Connections of one worker process, as far as it may open so many files."""

_OTHER_FILES = 256
"""Files that a worker has open beside its connections."""

# The worker names this class and has no setting for it.
gasgi.ASGIProtocol = Connection


class Drainable(Protocol):
    """An ASGI application that can say that it is about to stop."""

    def drain(self) -> None:
        """Say from now on that this process is not ready."""


class Worker(gasgi.ASGIWorker):
    """An ASGI worker that bounds its connections, and says at once that it is about to stop."""

    asgi: Drainable
    app: Server

    def handle_exit_signal(self) -> None:
        """SIGTERM: no longer ready; what runs may end, and what is idle does."""
        self.asgi.drain()
        self.loop.call_later(DRAIN_SECONDS, self.connections.close_waiting)
        super().handle_exit_signal()

    async def _serve(self) -> None:
        settings = self.app.settings
        self.connections = Connections(
            per_address=settings.connections_per_address,
            most=min(MOST_CONNECTIONS, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - _OTHER_FILES),
            trusted=settings.proxy_trusted,
            head=settings.header_timeout,
        )
        watching = self.loop.create_task(self.connections.watch())
        try:
            await super()._serve()
        finally:
            watching.cancel()


class Master(Arbiter):
    """The process that keeps the workers. Whatever a worker ends with, it is started again: gunicorn takes
    two statuses, which an artifact may end its process with, for a reason to end all."""

    # No process ends with these: a status has eight bits.
    WORKER_BOOT_ERROR = 0x103
    APP_LOAD_ERROR = 0x104

    def spawn_worker(self) -> int:
        """Start a worker; one that takes the place of others that did not live long waits a little."""
        now = time.monotonic()
        recent = [moment for moment in getattr(self, "_started", []) if now - moment < _SOON_SECONDS]
        beyond = len(recent) - 2 * self.num_workers
        if beyond >= 0:
            time.sleep(min(_LONGEST_PAUSE, 0.25 * 2 ** min(beyond, 8)))
        self._started = [*recent, time.monotonic()]
        return int(super().spawn_worker())


class ServerLog(Logger):
    """gunicorn's own messages among all others, in the form that the settings name."""

    def setup(self, cfg: Any) -> None:
        """Leave everything to the root logger."""
        self.error_log = logging.getLogger("gunicorn")
        self.access_log = logging.getLogger("gunicorn.access")

    def reopen_files(self) -> None:
        """There are no files."""

    def close_on_exec(self) -> None:
        """There are no files."""


class Server(BaseApplication):
    """The master process: forks workers that build the application for themselves."""

    def __init__(self, settings: Settings, create_app: Callable[..., Drainable], *, listen: int, migrated: int) -> None:
        self.settings = settings
        self.create_app = create_app
        self.listen = listen
        self.migrated = migrated
        super().__init__()

    def load_config(self) -> None:
        """Our settings as gunicorn's."""
        settings = self.settings
        values = {
            "bind": f"fd://{self.listen}",
            "workers": settings.workers,
            "worker_class": "modeldesk.web.server.worker.Worker",
            "worker_connections": MOST_CONNECTIONS,
            "timeout": settings.timeout,
            "graceful_timeout": settings.graceful_timeout,
            "keepalive": KEEP_ALIVE_SECONDS,
            "logger_class": ServerLog,
            "proc_name": "modeldesk",
            "control_socket_disable": True,
            "worker_tmp_dir": _memory_folder(),
            "asgi_lifespan": "on",
            "forwarded_allow_ips": "",
            "preload_app": False,
            "worker_exit": _leave,
        }
        for name, value in values.items():
            self.cfg.set(name, value)

    def run(self) -> None:
        """Serve until told to stop."""
        Master(self).run()

    def load(self) -> Drainable:
        """The application of one worker process."""
        return self.create_app(self.settings, before=self._wait_for_migration)

    def _wait_for_migration(self) -> None:
        # Nobody writes: reading ends when the supervisor lets go of the pipe's other end.
        with suppress(OSError):
            os.read(self.migrated, 1)


def _leave(_server: Any, worker: Worker) -> None:
    """End a worker that was told to stop: all is closed by now, and the interpreter's own way out,
    through every module loaded, would take the better part of a second."""
    if not worker.alive:
        logging.shutdown()
        os._exit(0)


def _memory_folder() -> str | None:
    """A folder for the workers' signs of life that needs no disk; None for the usual one."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
