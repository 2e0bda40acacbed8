"""``modeldesk serve``: one light process that starts the others and ends with them."""

from __future__ import annotations

import errno
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import FrameType

from modeldesk.core.errors import ConfigurationError
from modeldesk.core.settings import Settings, variable
from modeldesk.web.server.processes import ProcessKeeper

_PASSED_ON = ("host", "port", "workers")
_READY_CHECK_SECONDS = 0.1

_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Requests are what runs in parallel; threads of numerical libraries would only wait for each
other's processor. Read by those libraries when they are loaded, hence set for whole processes."""


class Supervisor:
    """Listens, migrates the database, runs gunicorn and the processes that score batches, and
    publishes the examples.

    The socket is opened here, so that a port that is taken is told before anything starts, and
    gunicorn is started while the database is still being migrated: health can be asked for at
    once, and the workers begin their work when the migration is done.
    """

    def __init__(self, settings: Settings, *, examples: bool, say: Callable[[str], None]) -> None:
        self.settings = settings
        self.examples = examples
        self.say = say
        self._server: subprocess.Popen[bytes] | None = None
        self._helpers: list[subprocess.Popen[bytes]] = []
        self._scorers = ProcessKeeper(partial(self._start, "modeldesk.job_worker"), settings.embedded_workers)
        self._signals = 0
        self._ended = threading.Event()

    def run(self) -> int:
        """Serve until told to stop; returns the exit status."""
        listener = listen(self.settings)
        migrated, not_yet = os.pipe()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        try:
            self._server = self._start(
                "modeldesk.main",
                *("--listen", str(listener.fileno()), "--migrated", str(migrated)),
                keep=(listener.fileno(), migrated),
            )
            os.close(migrated)
            port = listener.getsockname()[1]
            listener.close()
            status = self._helper("migrate")
            if status != 0 and self._signals == 0:
                self._server.kill()
                self._server.wait()
                return 1
            os.close(not_yet)
            threading.Thread(target=self._when_ready, args=(port,), daemon=True).start()
            if self.examples and self._signals == 0:
                from modeldesk.services.versions.examples import announce

                with suppress(OSError):  # the helper says what is wrong with the folder
                    announce(self.settings.models)
                threading.Thread(target=self._helper, args=("examples",), daemon=True).start()
            return self._wait()
        finally:
            self._ended.set()
            self._scorers.stop()
            for helper in self._helpers:
                _end_group(helper)

    def _start(self, module: str, *arguments: str, keep: tuple[int, ...] = ()) -> subprocess.Popen[bytes]:
        overrides = {variable(name): str(getattr(self.settings, name)) for name in _PASSED_ON}
        return subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.DEVNULL,
            env={**_ONE_THREAD, **os.environ, **overrides},
            pass_fds=keep,
            # A group of its own: Ctrl-C in a terminal reaches this process only, which passes it on.
            start_new_session=True,
        )

    def _helper(self, task: str) -> int:
        helper = self._start("modeldesk.prepare", task)
        self._helpers.append(helper)
        return helper.wait()

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        """First signal: end what runs, take nothing new. Second: end at once."""
        self._signals += 1
        self._scorers.tell()
        for helper in self._helpers:
            _end_group(helper)
        if self._server is not None and self._server.poll() is None:
            self._server.send_signal(signal.SIGTERM if self._signals == 1 else signal.SIGQUIT)

    def _wait(self) -> int:
        assert self._server is not None
        status = self._server.wait()
        if self._signals:
            return 0
        self.say(f"The server ended by itself with status {status}.")
        return status if status > 0 else 1

    def _when_ready(self, port: int) -> None:
        """Tell the address, and start what would have kept the web's workers from starting: each
        process has seconds of libraries to import."""
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


def _end_group(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
