"""gunicorn as Modeldesk runs it: its settings, its ASGI worker, its log lines.

``python -m app.serving.worker --listen FD --migrated FD`` is started by ``modeldesk serve``.
"""

from __future__ import annotations

import argparse
import logging
import os
from contextlib import suppress
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.workers.gasgi import ASGIWorker

from app.main import Application, create_app
from app.serving.logs import configure_logging
from app.serving.processes import end_with_parent
from app.settings import Settings, read_settings

KEEP_ALIVE_SECONDS = 75
"""Longer than the usual 60 of a proxy, so that the proxy closes idle connections first."""


class Worker(ASGIWorker):
    """An ASGI worker that says at once that it is about to stop."""

    asgi: Application

    def handle_exit_signal(self) -> None:
        """SIGTERM: no longer ready; what runs may end."""
        self.asgi.drain()
        super().handle_exit_signal()


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

    def __init__(self, settings: Settings, listen: int, migrated: int) -> None:
        self.settings = settings
        self.listen = listen
        self.migrated = migrated
        super().__init__()

    def load_config(self) -> None:
        """Our settings as gunicorn's."""
        settings = self.settings
        values = {
            "bind": f"fd://{self.listen}",
            "workers": settings.workers,
            "worker_class": "app.serving.worker.Worker",
            "worker_connections": 1000,
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

    def load(self) -> Application:
        """The application of one worker process."""
        return create_app(self.settings, before=self._wait_for_migration)

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


def main() -> None:
    """Run until told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--listen", type=int, required=True)
    parser.add_argument("--migrated", type=int, required=True)
    arguments = parser.parse_args()
    end_with_parent()
    settings = read_settings()
    configure_logging(settings.log_level, settings.log_format)
    Server(settings, arguments.listen, arguments.migrated).run()


if __name__ == "__main__":
    main()
