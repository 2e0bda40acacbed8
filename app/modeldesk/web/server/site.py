"""The site of one worker process: up at once, complete when its models are loaded.

The process answers ``/healthz`` as soon as it runs. The database, the pages and the models are opened
and built in a thread, after the fork: libraries may have been imported before it, but a process that
has run OpenMP must not fork.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Protocol

import anyio.to_thread
import orjson

from modeldesk.core.errors import ModeldeskError, NotSignedIn, Unavailable
from modeldesk.core.identity import Permission, current_caller
from modeldesk.web.middleware.asgi import ASGIApp, Message, Receive, Scope, Send


class Lifespan:
    """Runs the lifespan of an application that was built after the server's own had begun."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._received: asyncio.Queue[Message] = asyncio.Queue()
        self._answered: asyncio.Queue[Message] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def startup(self) -> None:
        """Start the application. Raises RuntimeError if it says that it cannot start."""
        self._task = asyncio.create_task(self._run())
        await self._tell("lifespan.startup")

    async def shutdown(self) -> None:
        """End the application, if it was started."""
        if self._task is not None:
            await self._tell("lifespan.shutdown")
            await self._task

    async def _run(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
        await self._app(scope, self._received.get, self._answered.put)

    async def _tell(self, event: str) -> None:
        assert self._task is not None
        await self._received.put({"type": event})
        answer = asyncio.create_task(self._answered.get())
        await asyncio.wait({answer, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            answer.cancel()
            error = self._task.exception()
            raise RuntimeError(f"The application ended at {event}.") from error
        if answer.result()["type"].endswith(".failed"):
            raise RuntimeError(str(answer.result().get("message", event)))


log = logging.getLogger("modeldesk.site")

WAIT_SECONDS = 60.0
"""How long a request that came before the site was complete waits for it."""

REFRESH_SECONDS = 1.0
"""How often the models' folder and the decisions on versions are looked at."""

_RETRY_SECONDS = (1.0, 2.0, 5.0, 15.0)


class Inner(Protocol):
    """The built part of a site."""

    @property
    def app(self) -> ASGIApp:
        """What requests are handed to."""
        ...

    def load_models(self) -> None:
        """Load every served model; what cannot load is listed by ``models``."""
        ...

    def refresh(self) -> None:
        """Follow the folder of models and the decisions on versions."""
        ...

    def models(self) -> Mapping[str, str]:
        """The models and the state of each."""
        ...

    def reasons(self) -> Mapping[str, str]:
        """Why models are not serving, by name."""
        ...

    def workers(self) -> int:
        """How many processes that score batches are alive."""
        ...

    def check_store(self) -> None:
        """Raise StoreUnavailable unless the store answers and can be written."""
        ...

    def metrics(self) -> str:
        """Figures in Prometheus' text format."""
        ...

    def close(self) -> None:
        """Let go of the store."""
        ...


class Starting(Unavailable):
    """The process is not complete yet, or is about to end."""

    code, title = "starting", "Modeldesk is starting"


class Site:
    """Health, readiness and metrics, and the gate before the built part."""

    def __init__(self, build: Callable[[], Inner], *, threads: int, wait: float = WAIT_SECONDS) -> None:
        self._build = build
        self._threads = threads
        self._wait = wait
        self._inner: Inner | None = None
        self._lifespan: Lifespan | None = None
        self._open: asyncio.Event | None = None
        self._loaded = False
        self._reason = "Modeldesk is starting."
        self._cause: str | None = None
        self._stopping = threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["path"] == "/healthz":
            await _send(send, 200, orjson.dumps({"status": "alive"}))
        elif scope["path"] == "/readyz":
            status, document = await self._readiness()
            if not _may_see_server():
                document = {"status": document["status"]}
            await _send(send, status, orjson.dumps(document))
        elif scope["path"] == "/metrics":
            current_caller().require(Permission.SEE_SERVER)
            text = await anyio.to_thread.run_sync((await self._opened()).metrics)
            await _send(send, 200, text.encode(), b"text/plain; version=0.0.4; charset=utf-8")
        else:
            await (await self._opened()).app(scope, receive, send)

    def drain(self) -> None:
        """Say from now on that this process is not ready: it is about to stop."""
        self._stopping.set()

    async def _opened(self) -> Inner:
        if self._inner is None or self._open is None or not self._open.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._open.wait() if self._open else asyncio.sleep(0), self._wait)
        if self._inner is None:
            raise Starting(self._reason, hint="Try again in a moment; /readyz tells when.")
        return self._inner

    async def _readiness(self) -> tuple[int, dict[str, object]]:
        inner = self._inner
        if self._stopping.is_set():
            return 503, {"status": "stopping", "reason": "This process is about to stop."}
        if inner is None or not self._loaded:
            return 503, {"status": "starting", "reason": self._cause or self._reason}
        try:
            await anyio.to_thread.run_sync(inner.check_store)
            models = await anyio.to_thread.run_sync(inner.models)
            reasons = await anyio.to_thread.run_sync(inner.reasons)
            workers = await anyio.to_thread.run_sync(inner.workers)
        except ModeldeskError as error:
            return 503, {"status": "unavailable", "reason": error.explained}
        return 200, {"status": "ready", "models": dict(models), "reasons": dict(reasons), "workers": workers}

    # ---- the life of the process --------------------------------------------------------

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        anyio.to_thread.current_default_thread_limiter().total_tokens = self._threads
        self._open = asyncio.Event()
        loop = asyncio.get_running_loop()
        worker = threading.Thread(target=self._work, args=(loop,), name="site", daemon=True)
        worker.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._stopping.set()
        await asyncio.to_thread(worker.join, 5.0)
        if self._lifespan is not None:
            await self._lifespan.shutdown()
        if self._inner is not None:
            await asyncio.to_thread(self._inner.close)
        await send({"type": "lifespan.shutdown.complete"})

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        """Build, load, and then follow what changes: the site's own thread."""
        inner = self._built()
        if inner is None:
            return
        self._reason, self._cause = "The models are being loaded.", None
        asyncio.run_coroutine_threadsafe(self._enter(inner), loop).result()
        inner.load_models()
        self._loaded = True
        while not self._stopping.wait(REFRESH_SECONDS):
            try:
                inner.refresh()
            except Exception:
                log.exception("Looking for changed models failed.")

    def _built(self) -> Inner | None:
        """The built part, tried again until it is there or the process stops."""
        attempt = 0
        while not self._stopping.is_set():
            try:
                return self._build()
            except Exception as error:
                known = isinstance(error, ModeldeskError)
                self._reason = error.detail if isinstance(error, ModeldeskError) else "Starting failed; see the log."
                self._cause = error.explained if isinstance(error, ModeldeskError) else None
                log.error("Starting failed: %s", error, exc_info=None if known else error)
            self._stopping.wait(_RETRY_SECONDS[min(attempt, len(_RETRY_SECONDS) - 1)])
            attempt += 1
        return None

    async def _enter(self, inner: Inner) -> None:
        self._lifespan = Lifespan(inner.app)
        await self._lifespan.startup()
        self._inner = inner
        assert self._open is not None
        self._open.set()


def _may_see_server() -> bool:
    """Whether the request is made for somebody who may know more of the server than its status."""
    try:
        return current_caller().may(Permission.SEE_SERVER)
    except NotSignedIn:
        return False


async def _send(send: Send, status: int, body: bytes, kind: bytes = b"application/json") -> None:
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    if status == 503:
        headers.append((b"retry-after", b"2"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
