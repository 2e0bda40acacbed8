"""A site that is being built: alive at once, ready when complete, patient in between."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from typing import Any

import pytest
from modeldesk.core.errors import NotAllowed, NotSignedIn, StoreUnavailable
from modeldesk.core.identity import LOCAL, Caller, Role, acting_as
from modeldesk.web.middleware.asgi import ASGIApp, Message, Receive, Scope, Send
from modeldesk.web.middleware.problems import problem_bytes
from modeldesk.web.server.site import Lifespan, Site, Starting

from tests.web.asgi_client import Reply, answer, saying, scope_of


class FakeInner:
    """A built part that does what it is told."""

    def __init__(self) -> None:
        self.loading = threading.Event()
        self.loading.set()
        self.store_error: Exception | None = None
        self.refreshed = threading.Semaphore(0)
        self.life: list[str] = []
        self.app: ASGIApp = self._app

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await saying(b"inside")(scope, receive, send)
            return
        for event in ("startup", "shutdown"):
            assert (await receive())["type"] == f"lifespan.{event}"
            self.life.append(event)
            await send({"type": f"lifespan.{event}.complete"})

    def load_models(self) -> None:
        self.loading.wait(10)

    def refresh(self) -> None:
        self.refreshed.release()
        raise RuntimeError("one look may fail")

    def models(self) -> Mapping[str, str]:
        return {"a": "serving", "b": "degraded"}

    def reasons(self) -> Mapping[str, str]:
        return {"b": "its file is gone"}

    def workers(self) -> int:
        return 1

    def check_store(self) -> None:
        if self.store_error:
            raise self.store_error

    def metrics(self) -> str:
        return "figures"

    def close(self) -> None:
        self.life.append("closed")


def live(site: Site, while_alive: Callable[[], Awaitable[Any]]) -> Any:
    """What happens while the site is alive: between its startup and its shutdown."""

    async def main() -> Any:
        received: asyncio.Queue[Message] = asyncio.Queue()
        sent: asyncio.Queue[Message] = asyncio.Queue()
        task = asyncio.create_task(site({"type": "lifespan"}, received.get, sent.put))
        await received.put({"type": "lifespan.startup"})
        assert (await sent.get())["type"] == "lifespan.startup.complete"
        try:
            return await while_alive()
        finally:
            await received.put({"type": "lifespan.shutdown"})
            assert (await sent.get())["type"] == "lifespan.shutdown.complete"
            await task

    return asyncio.run(main())


async def get(site: Site, path: str, caller: Caller | None = LOCAL) -> Reply:
    """An answer of the site to a caller, None: to nobody that is known."""
    with nullcontext() if caller is None else acting_as(caller):
        return await answer(site, scope_of(path))


async def until_ready(site: Site) -> dict[str, Any]:
    """What ``/readyz`` says once it is 200."""
    for _ in range(1000):
        reply = await get(site, "/readyz")
        if reply.status == 200:
            return dict(json.loads(reply.body))
        await asyncio.sleep(0.01)
    raise AssertionError(reply.body)


def test_it_is_alive_before_it_is_built_and_requests_wait_for_it() -> None:
    inner, may_build = FakeInner(), threading.Event()

    def build() -> FakeInner:
        may_build.wait(10)
        return inner

    site = Site(build, threads=5)

    async def story() -> None:
        assert (await get(site, "/healthz")).status == 200
        unready = await get(site, "/readyz")
        assert (unready.status, unready.headers["retry-after"]) == (503, "2")
        waiting = asyncio.create_task(get(site, "/models"))
        await asyncio.sleep(0)
        assert not waiting.done()
        may_build.set()
        assert (await waiting).body == b"inside"
        assert (await until_ready(site))["models"] == {"a": "serving", "b": "degraded"}
        assert (await get(site, "/metrics")).body == b"figures"

    live(site, story)
    assert inner.life == ["startup", "shutdown", "closed"]


def test_it_serves_while_its_models_load_and_is_ready_after() -> None:
    inner = FakeInner()
    inner.loading.clear()
    site = Site(lambda: inner, threads=5)

    async def story() -> None:
        assert (await get(site, "/models")).body == b"inside"
        reply = await get(site, "/readyz")
        assert (reply.status, json.loads(reply.body)["reason"]) == (503, "The models are being loaded.")
        inner.loading.set()
        await until_ready(site)

    live(site, story)


def test_a_start_that_fails_is_tried_again_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modeldesk.web.server.site._RETRY_SECONDS", (0.01,))
    inner, attempts = FakeInner(), []

    def build() -> FakeInner:
        attempts.append(1)
        if len(attempts) < 3:
            raise StoreUnavailable("The database is away.") if len(attempts) == 2 else ZeroDivisionError("secret")
        return inner

    site = Site(build, threads=5)
    live(site, lambda: until_ready(site))
    assert len(attempts) == 3


def test_who_waits_in_vain_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def build() -> FakeInner:
        raise StoreUnavailable("The database is away.")

    site = Site(build, threads=5, wait=0.2)

    async def story() -> None:
        with pytest.raises(Starting) as caught:
            await get(site, "/models")
        assert caught.value.detail == "The database is away."

    live(site, story)


def test_readiness_follows_the_store_and_ends_with_draining() -> None:
    inner = FakeInner()
    site = Site(lambda: inner, threads=5)

    async def story() -> None:
        await until_ready(site)
        inner.store_error = StoreUnavailable("The disk is full.")
        assert json.loads((await get(site, "/readyz")).body)["reason"] == "The disk is full."
        inner.store_error = None
        await until_ready(site)
        site.drain()
        reply = await get(site, "/readyz")
        assert (reply.status, json.loads(reply.body)["status"]) == (503, "stopping")
        assert (await get(site, "/models")).body == b"inside"

    live(site, story)


def test_it_goes_on_looking_for_changes_though_a_look_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modeldesk.web.server.site.REFRESH_SECONDS", 0.01)
    inner = FakeInner()

    async def story() -> bool:
        return await asyncio.to_thread(lambda: all(inner.refreshed.acquire(timeout=10) for _ in range(3)))

    assert live(Site(lambda: inner, threads=5), story)


@pytest.mark.parametrize("how", ["raises", "says so"])
def test_an_application_that_cannot_start_is_an_error(how: str) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if how == "raises":
            raise ValueError("broken")
        await send({"type": "lifespan.startup.failed", "message": "broken"})

    with pytest.raises(RuntimeError):
        asyncio.run(Lifespan(app).startup())


USER = Caller("ann", frozenset({Role.USER, Role.ANALYST, Role.MANAGER}))


@pytest.mark.parametrize("caller", [None, USER])
def test_only_those_who_may_know_are_told_more_than_the_status(caller: Caller | None) -> None:
    inner = FakeInner()
    site = Site(lambda: inner, threads=5)

    async def story() -> None:
        told = await until_ready(site)
        assert told["reasons"] == {"b": "its file is gone"} and told["workers"] == 1
        assert json.loads((await get(site, "/readyz", caller)).body) == {"status": "ready"}
        assert json.loads((await get(site, "/healthz", caller)).body) == {"status": "alive"}
        with pytest.raises(NotAllowed if caller else NotSignedIn):
            await get(site, "/metrics", caller)
        inner.store_error = StoreUnavailable("The database could not be read.", reason="no host db.internal")
        assert json.loads((await get(site, "/readyz")).body)["reason"].endswith("read: no host db.internal.")
        unready = await get(site, "/readyz", caller)
        assert (unready.status, json.loads(unready.body)) == (503, {"status": "unavailable"})

    live(site, story)


def test_who_waits_for_a_start_is_not_told_hosts_and_paths() -> None:
    def build() -> FakeInner:
        raise StoreUnavailable("The database is away.", reason="no host db.internal")

    site = Site(build, threads=5, wait=0.2)

    async def story() -> None:
        with pytest.raises(Starting) as caught:
            await get(site, "/models")
        assert "db.internal" not in problem_bytes(caught.value).decode()
        assert "db.internal" in json.loads((await get(site, "/readyz")).body)["reason"]

    live(site, story)
