"""The layer in front of everything, around an application that only records."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from modeldesk.core.errors import ModeldeskError, NotSignedIn, TooLarge
from modeldesk.core.identity import current_caller
from modeldesk.core.settings import read_settings
from modeldesk.web.auth.origins import ForeignOrigin, MisdirectedHost
from modeldesk.web.middleware.asgi import Message, Receive, Scope, Send, read_body
from modeldesk.web.middleware.guard import Guard


class Recorder:
    """An application that remembers who asked for what."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str | None, bytes]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            caller = current_caller().name
        except NotSignedIn:
            caller = None
        self.seen.append((scope["path"], caller, await read_body(receive) or b""))


def ask(
    settings: dict[str, Any],
    path: str = "/",
    *,
    kind: str = "http",
    method: str = "GET",
    client: str = "127.0.0.1",
    body: list[bytes] | None = None,
    **headers: str,
) -> tuple[list[tuple[str, str | None, bytes]], list[Message]]:
    """What came through and what was sent, for one request."""
    inner, sent = Recorder(), []
    named = {"host": "localhost", **{name.replace("_", "-"): value for name, value in headers.items()}}
    scope: dict[str, Any] = {
        "type": kind,
        "path": path,
        "method": method,
        "client": (client, 1234),
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
    }
    parts = body or [b""]
    messages = [
        {"type": "http.request", "body": part, "more_body": index < len(parts) - 1} for index, part in enumerate(parts)
    ]

    async def receive() -> Message:
        return messages.pop(0) if kind == "http" else {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(Guard(inner, read_settings(**settings))(scope, receive, send))
    return inner.seen, sent


PROXY = {"auth": "proxy", "proxy_trusted": "10.0.0.5"}


def test_what_is_allowed_passes_with_its_caller() -> None:
    assert ask({}, "/models")[0] == [("/models", "local", b"")]
    assert ask(PROXY, client="10.0.0.5", remote_user="ann")[0] == [("/", "ann", b"")]


@pytest.mark.parametrize(
    ("error", "request_"),
    [
        (MisdirectedHost, {"host": "evil.example"}),
        (ForeignOrigin, {"method": "POST", "origin": "https://evil.example"}),
        (ForeignOrigin, {"method": "DELETE", "sec_fetch_site": "cross-site"}),
        (TooLarge, {"method": "POST", "content_length": "2001"}),
    ],
)
def test_what_is_not_is_refused(error: type[ModeldeskError], request_: dict[str, Any]) -> None:
    with pytest.raises(error):
        ask({"max_body_bytes": 2000}, **request_)


@pytest.mark.parametrize(
    "path", ["/", "/api/v1/models", "/_dash-layout", "/assets/a.css", "/metrics/../api", "/readyz/"]
)
def test_without_a_caller_nothing_but_probes_is_open(path: str) -> None:
    with pytest.raises(NotSignedIn):
        ask(PROXY, path, client="203.0.113.7", remote_user="ann")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_probes_need_no_caller(path: str) -> None:
    assert ask(PROXY, path, client="203.0.113.7")[0] == [(path, None, b"")]


def test_a_monitor_is_known_by_its_address() -> None:
    listed = {**PROXY, "monitor_trusted": "203.0.113.0/24"}
    assert ask(listed, "/readyz", client="203.0.113.7")[0] == [("/readyz", "monitor", b"")]
    with pytest.raises(NotSignedIn):
        ask(listed, "/api/v1/models", client="203.0.113.7")


def test_health_may_be_asked_for_by_any_name_and_metrics_may_not() -> None:
    assert ask({}, "/healthz", host="10.1.2.3:8050")[0]
    with pytest.raises(MisdirectedHost):
        ask({}, "/metrics", host="10.1.2.3:8050")


def test_a_name_given_twice_is_not_believed() -> None:
    inner = Recorder()
    scope = {
        "type": "http",
        "path": "/",
        "method": "GET",
        "client": ("10.0.0.5", 1),
        "headers": [(b"host", b"localhost"), (b"remote-user", b"ann"), (b"remote-user", b"eve")],
    }
    with pytest.raises(NotSignedIn):
        asyncio.run(Guard(inner, read_settings(**PROXY))(scope, None, None))  # type: ignore[arg-type]
    assert inner.seen == []


def test_a_body_that_says_nothing_of_its_length_is_counted() -> None:
    limit = {"max_body_bytes": 2000}
    assert ask(limit, method="POST", body=[b"x" * 1000] * 2)[0][0][2] == b"x" * 2000
    with pytest.raises(TooLarge, match="2,000 bytes"):
        ask(limit, method="POST", body=[b"x" * 1000] * 2 + [b"x"])


def test_web_sockets_are_closed_before_they_open() -> None:
    seen, sent = ask({}, kind="websocket")
    assert seen == []
    assert [message["type"] for message in sent] == ["websocket.close"]
