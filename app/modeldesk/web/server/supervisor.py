"""``modeldesk serve``: one light process that starts the others and ends with them."""

from __future__ import annotations

import errno
import http.client
import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import FrameType

from modeldesk.core.errors import ConfigurationError
from modeldesk.core.settings import Settings
from modeldesk.web.server.processes import ProcessKeeper, prepare_processes, signal_group, start_process

_READY_CHECK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Programs:
    """What the processes of a server run, each with the settings first."""

    serve: Callable[[Settings, socket.socket, Connection], None]
    migrate: Callable[[Settings], None]
    publish_examples: Callable[[Settings], None]
    score: Callable[[Settings], None]


class Supervisor:
    """Listens, migrates the database, runs gunicorn and the processes that score batches, and
    publishes the examples.

    The socket is opened here, so that a port that is taken is told before anything starts, and
    gunicorn is started while the database is still being migrated: the workers begin their work when the migration
    is done.
    """

    def __init__(self, settings: Settings, programs: Programs, *, examples: bool, say: Callable[[str], None]) -> None:
        self.settings = settings
        self.programs = programs
        self.examples = examples
        self.say = say
        self._server: BaseProcess | None = None
        self._helpers: list[BaseProcess] = []
        self._scorers = ProcessKeeper(
            partial(start_process, "job worker", programs.score, settings), settings.embedded_workers
        )
        self._signals = 0
        self._ended = threading.Event()

    def run(self) -> int:
        """Serve until told to stop; returns the exit status."""
        listener = listen(self.settings)
        prepare_processes()
        migrated, not_yet = multiprocessing.Pipe(duplex=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        try:
            self._server = start_process("web", self.programs.serve, self.settings, listener, migrated)
            migrated.close()
            port = listener.getsockname()[1]
            listener.close()
            status = self._helper("migrate", self.programs.migrate)
            if status != 0 and self._signals == 0:
                self._server.kill()
                self._server.join()
                return 1
            not_yet.close()
            threading.Thread(target=self._when_ready, args=(port,), daemon=True).start()
            if self.examples and self._signals == 0:
                from modeldesk.services.versions.examples import announce

                with suppress(OSError):  # the helper says what is wrong with the folder
                    announce(self.settings.models)
                arguments = ("examples", self.programs.publish_examples)
                threading.Thread(target=self._helper, args=arguments, daemon=True).start()
            return self._wait()
        finally:
            self._ended.set()
            self._scorers.stop()
            for helper in self._helpers:
                signal_group(helper, signal.SIGTERM)

    def _helper(self, title: str, program: Callable[[Settings], None]) -> int:
        helper = start_process(title, program, self.settings)
        self._helpers.append(helper)
        helper.join()
        return helper.exitcode or 0

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        """First signal: end what runs, take nothing new. Second: end at once."""
        self._signals += 1
        self._scorers.tell()
        for helper in self._helpers:
            signal_group(helper, signal.SIGTERM)
        if self._server is not None and self._server.is_alive() and self._server.pid is not None:
            os.kill(self._server.pid, signal.SIGTERM if self._signals == 1 else signal.SIGQUIT)

    def _wait(self) -> int:
        assert self._server is not None
        self._server.join()
        status = self._server.exitcode or 0
        if self._signals:
            return 0
        self.say(f"The server ended by itself with status {status}.")
        return status if status > 0 else 1

    def _when_ready(self, port: int) -> None:
        """Tell the address, and start what would have kept the web's workers from starting."""
        host = self.settings.host
        reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        while not _answers(reached, port):
            if self._ended.wait(_READY_CHECK_SECONDS):
                return
        shown = f"[{reached}]" if ":" in reached else reached
        self.say(f"Modeldesk is ready at http://{shown}:{port}{self.settings.url_prefix}")
        if self._signals == 0:
            self._scorers.start()


def listen(settings: Settings) -> socket.socket:
    """The socket to serve on. Raises ConfigurationError if it cannot be had, and why."""
    address = f"{settings.host}:{settings.port}"
    try:
        family = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
        listener.listen(2048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ConfigurationError(
                f"Something else listens on {address} already.",
                hint="End it, or choose another port: modeldesk serve --port 8051 (or MODELDESK_PORT).",
            ) from None
        raise ConfigurationError(
            f"{address} cannot be listened on: {error.strerror or error}.",
            hint="Set MODELDESK_HOST and MODELDESK_PORT to an address of this machine and a port you may use.",
        ) from None
    return listener


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
