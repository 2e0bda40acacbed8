"""A real server: ``modeldesk serve`` as a process of its own, and a client that presses hard.

Used by the tests of serving, by those in a browser, and by the benchmarks.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

START_SECONDS = 120.0
"""A generous bound: the machine may be busy with other tests."""

_ROOT = Path(__file__).resolve().parent.parent


class LiveServer:
    """``modeldesk serve`` on a free port, on folders of the caller's. ``environment`` is what it is started with."""

    def __init__(self, folder: Path, *, models: Path | None = None, examples: bool = False, **settings: object) -> None:
        self.folder = folder
        self.models = models or folder / "models"
        own = {f"MODELDESK_{name.upper()}": str(value) for name, value in settings.items()}
        kept = {key: value for key, value in os.environ.items() if not key.startswith("MODELDESK_")}
        self.environment = {
            **kept,
            "MODELDESK_MODELS": str(self.models),
            "MODELDESK_DATA": str(folder / "var"),
            "MODELDESK_PORT": "0",
            "PYTHONPATH": os.pathsep.join(map(str, (_ROOT / "app", _ROOT))),
            **own,
        }
        self._arguments = () if examples else ("--no-examples",)
        self.process: subprocess.Popen[bytes] | None = None
        self.url = ""
        self._log = folder / f"server-{time.monotonic_ns()}.log"

    def __enter__(self) -> LiveServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start, and wait until ``/readyz`` says so."""
        self.launch()
        self.url = wait_for(self._told_address, START_SECONDS, self._state)

    def launch(self) -> None:
        """Start without waiting."""
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "modeldesk", "serve", *self._arguments],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def stop(self) -> int:
        """Ask it to end, and wait; returns its status."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    @property
    def log(self) -> str:
        """What it has said so far."""
        return self._log.read_text("utf-8", "replace")

    @property
    def port(self) -> int:
        """The port it listens on."""
        return httpx.URL(self.url).port or 80

    def workers(self) -> list[int]:
        """The process ids of the web's workers."""
        return [worker for master in self.masters() for worker in children(master)]

    def masters(self) -> list[int]:
        """The process id of gunicorn's master process, if it runs."""
        assert self.process is not None
        forked = [pid for server in children(self.process.pid) for pid in children(server)]
        return [pid for pid in forked if title(pid).startswith("gunicorn: master")]

    def client(self, **options: Any) -> httpx.Client:
        """A client of this server."""
        return httpx.Client(base_url=self.url, timeout=30, **options)

    def _told_address(self) -> str | None:
        assert self.process is not None
        if self.process.poll() is not None:
            raise AssertionError(f"The server ended with {self.process.returncode}:\n{self.log}")
        told = [line for line in self.log.splitlines() if line.startswith("Modeldesk is ready at ")]
        return told[0].rsplit(" ", 1)[1].rstrip("/") if told else None

    def _state(self) -> str:
        return self.log


def children(pid: int) -> list[int]:
    """The running child processes of a process (of whichever of its threads)."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):  # it has ended
            found += map(int, task.read_text().split())
    return found


def title(pid: int) -> str:
    """What ``ps`` shows of a process, nothing where it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return ""


def wait_for(look: Callable[[], Any], seconds: float, explain: Callable[[], str] = str) -> Any:
    """What ``look`` finds, once it finds something. Raises AssertionError when time is up."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"Waited {seconds} s in vain. {explain()}")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: HTTP status, the body as JSON, and how long it took in seconds. Status 0 is
    a connection that broke before the answer was whole."""

    status: int
    body: Any
    seconds: float


class Connection:
    """One keep-alive connection that costs its own process little, so that what is measured
    is the server. Reconnects after a break."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def send(self, request: bytes) -> Answer:
        """One request as ``post`` makes it, and its answer."""
        started = time.perf_counter()
        try:
            status, body = await self._exchange(request)
        except (OSError, asyncio.IncompleteReadError, ValueError, IndexError):
            self.close()
            return Answer(0, None, time.perf_counter() - started)
        return Answer(status, body, time.perf_counter() - started)

    def close(self) -> None:
        """Let go of the connection."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    async def _exchange(self, request: bytes) -> tuple[int, Any]:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writer.write(request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        body = await self._reader.readexactly(length)
        if b"connection: close" in head:
            self.close()
        return int(head[9:12]), json.loads(body) if body else None


def post(path: str, body: Mapping[str, Any] | bytes, headers: Mapping[str, str] | None = None) -> bytes:
    """A POST as it goes over the wire."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
        *(f"{name}: {value}" for name, value in (headers or {}).items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


async def press(
    port: int, clients: int, request: Callable[[], bytes], until: Callable[[], bool], pause: float = 0.0
) -> list[Answer]:
    """Answers to what ``clients`` connections asked, each one request after the other with a
    ``pause`` in seconds between them, until ``until`` holds."""
    answers: list[Answer] = []

    async def client() -> None:
        connection = Connection(port)
        while not until():
            answers.append(await connection.send(request()))
            if pause:
                await asyncio.sleep(pause)
        connection.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return answers
