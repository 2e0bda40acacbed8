"""Asks an ASGI application directly, message by message."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from modeldesk.web.middleware.asgi import ASGIApp, Message, Receive, Scope, Send


@dataclass
class Reply:
    """What an application sent."""

    messages: list[Message] = field(default_factory=list)

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(self.messages[0]["status"])

    @property
    def headers(self) -> dict[str, str]:
        """The headers, names in lower case."""
        return {key.decode().lower(): value.decode() for key, value in self.messages[0]["headers"]}

    @property
    def body(self) -> bytes:
        """The whole body."""
        return b"".join(message.get("body", b"") for message in self.messages[1:])


def scope_of(path: str, method: str = "GET", query: bytes = b"", **headers: str) -> Scope:
    """A request's scope."""
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {
        "type": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "method": method,
        "client": ("127.0.0.1", 1),
        "headers": named,
    }


async def answer(app: ASGIApp, scope: Scope, body: bytes = b"") -> Reply:
    """What the application answers."""
    reply = Reply()

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        reply.messages.append(message)

    await app(scope, receive, send)
    return reply


def ask(app: ASGIApp, path: str, method: str = "GET", body: bytes = b"", query: bytes = b"", **headers: str) -> Reply:
    """What the application answers to one request."""
    return asyncio.run(answer(app, scope_of(path, method, query, **headers), body))


def saying(body: bytes, status: int = 200, parts: int = 1, **headers: str) -> ASGIApp:
    """An application that always says the same, in so many parts."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        named = {"content-length": str(len(body)), **{name.replace("_", "-"): value for name, value in headers.items()}}
        encoded = [(name.encode(), value.encode()) for name, value in named.items() if value]
        await send({"type": "http.response.start", "status": status, "headers": encoded})
        size = -(-len(body) // parts) or 1
        for part in range(parts):
            piece: Any = body[part * size : (part + 1) * size]
            await send({"type": "http.response.body", "body": piece, "more_body": part < parts - 1})

    return app
