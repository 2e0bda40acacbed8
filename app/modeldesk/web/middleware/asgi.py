"""What the layers around the application have in common: ASGI's types, headers, request ids."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextvars import ContextVar
from typing import Any, Protocol

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class ASGIApp(Protocol):
    """An application, or a layer around one."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        ...


_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


def current_request_id() -> str | None:
    """The id of the request that is being worked on, also in threads begun for it."""
    return _request_id.get()


def set_request_id(value: str) -> None:
    """Make this the id of the running request, for its task and what it begins."""
    _request_id.set(value)


def header(scope: Scope, name: bytes) -> str | None:
    """The first value of a request header, by its name in lower case."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value).decode("latin-1")
    return None


def add_missing(headers: list[tuple[bytes, bytes]], extra: Iterable[tuple[bytes, bytes]]) -> None:
    """Append each header that the response does not set itself."""
    present = {key.lower() for key, _ in headers}
    headers.extend((key, value) for key, value in extra if key not in present)


async def read_body(receive: Receive) -> bytes | None:
    """The whole body, or None if the client left before its end."""
    parts = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def replay(body: bytes, receive: Receive) -> Receive:
    """A ``receive`` that hands out a body that was read already, then what comes after it."""
    sent = False

    async def again() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
