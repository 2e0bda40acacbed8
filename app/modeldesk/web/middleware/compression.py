"""Compression: files of a release once and well, answers as they come and quickly."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import anyio.to_thread
import brotli

from modeldesk.core.cache import LruCache
from modeldesk.web.middleware.asgi import ASGIApp, Message, Receive, Scope, Send, add_missing, header

SMALLEST = 1_000
"""Bytes below which compressing does not pay."""

LARGEST = 16_000_000
"""Bytes above which an answer goes out as it is: it would have to be held twice."""

SLOW = 50_000
"""Bytes above which compressing leaves the event loop."""

CACHED_BYTES = 64_000_000
"""What one process keeps of compressed files."""

_TEXTUAL = (b"text/", b"application/json", b"application/problem+json", b"application/javascript", b"image/svg")
_FOREVER = b"public, max-age=31536000, immutable"
_FINGERPRINTED = "/assets/"
_RELEASED = (_FINGERPRINTED, "/_dash-component-suites/", "/static/")
"""Where files of a release lie, which are anybody's. Others may be somebody's own: of those nothing is kept."""

HUGE = 1_000_000
"""Bytes above which the last few percent would keep the first visitor waiting for seconds."""

_Encoder = Callable[[bytes], bytes]
_ENCODERS: dict[bytes, tuple[_Encoder, _Encoder]] = {
    b"br": (
        lambda body: brotli.compress(body, quality=4),
        lambda body: brotli.compress(body, quality=9 if len(body) < HUGE else 5),
    ),
    b"gzip": (
        lambda body: gzip.compress(body, 5, mtime=0),
        lambda body: gzip.compress(body, 9 if len(body) < HUGE else 6, mtime=0),
    ),
}
"""For each encoding, how an answer is compressed and how a file that is kept."""

_Key = tuple[str, bytes, bytes, bytes]


class Compression:
    """Compresses whole answers of textual kinds for those who take it.

    A file whose address holds its fingerprint is sent with a year's life. Its compressed form is
    kept, as is that of a release's file with an entity tag: it is made once a process. A browser
    that holds the file of that tag is told so instead of being sent it again.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._released: LruCache[bytes] = LruCache(CACHED_BYTES, weigh=len)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = _Answer(scope, send, self)
        # A file sent by its path would pass by this layer.
        extensions = {k: v for k, v in scope.get("extensions", {}).items() if k != "http.response.pathsend"}
        await self.app({**scope, "extensions": extensions}, receive, answer.send)

    def encoded(self, key: _Key | None, encoding: bytes, body: bytes) -> bytes:
        """The compressed body; kept under ``key`` where there is one."""
        quick, thorough = _ENCODERS[encoding]
        if key is None:
            return quick(body)
        return self._released.get(key, lambda: thorough(body))


class _Answer:
    """One answer on its way out: held back until it is whole, where compressing it pays."""

    def __init__(self, scope: Scope, send: Send, owner: Compression) -> None:
        self._scope = scope
        self._send = send
        self._owner = owner
        self._start: Message | None = None
        self._parts: list[bytes] = []

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))
            self._mark_fingerprinted(message["status"], headers)
            headers.append((b"vary", b"Accept-Encoding"))
            message = {**message, "headers": headers}
            if self._encoding(headers) is None:
                await self._send(message)
            else:
                self._start = message
            return
        if self._start is None:
            await self._send(message)
            return
        self._parts.append(message.get("body", b""))
        if not message.get("more_body"):
            await self._send_compressed(self._start, b"".join(self._parts))

    async def _send_compressed(self, start: Message, body: bytes) -> None:
        headers = start["headers"]
        encoding = self._encoding(headers)
        assert encoding is not None
        released = start["status"] == 200 and self._scope["path"].startswith(_RELEASED)
        tag = _weak(headers) if released else b""
        key = self._key(headers, encoding, tag)
        headers = [item for item in headers if item[0].lower() not in (b"content-length", b"etag", b"accept-ranges")]
        if tag:
            headers.append((b"etag", tag))
            add_missing(headers, [(b"cache-control", b"no-cache")])
            if tag.decode("latin-1") in (header(self._scope, b"if-none-match") or ""):
                await self._send({**start, "status": 304, "headers": headers})
                await self._send({"type": "http.response.body", "body": b""})
                return
        if key is not None or len(body) > SLOW:
            body = await anyio.to_thread.run_sync(self._owner.encoded, key, encoding, body)
        else:
            body = self._owner.encoded(None, encoding, body)
        headers += [(b"content-encoding", encoding), (b"content-length", str(len(body)).encode())]
        await self._send({**start, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})

    def _encoding(self, headers: list[tuple[bytes, bytes]]) -> bytes | None:
        """The encoding to use, or None where the answer goes out as it is: streams are not
        held back, so an answer has to say how long it is."""
        given = {key.lower(): value for key, value in headers}
        length = given.get(b"content-length", b"")
        if not length.isdigit() or not SMALLEST <= int(length) <= LARGEST or b"content-range" in given:
            return None
        if b"content-encoding" in given or not given.get(b"content-type", b"").startswith(_TEXTUAL):
            return None
        accepted = (header(self._scope, b"accept-encoding") or "").lower().replace(" ", "")
        offered = {part.partition(";")[0] for part in accepted.split(",") if not part.endswith((";q=0", ";q=0.0"))}
        return next((name for name in _ENCODERS if name.decode() in offered), None)

    def _key(self, headers: list[tuple[bytes, bytes]], encoding: bytes, tag: bytes) -> _Key | None:
        lasting = any(key.lower() == b"cache-control" and b"max-age=31536000" in value for key, value in headers)
        known = lasting or tag
        return (self._scope["path"], self._scope.get("query_string", b""), tag, encoding) if known else None

    def _mark_fingerprinted(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        fingerprint = self._scope.get("query_string", b"").startswith(b"m=")
        if status == 200 and fingerprint and self._scope["path"].startswith(_FINGERPRINTED):
            headers[:] = [item for item in headers if item[0].lower() != b"cache-control"]
            headers.append((b"cache-control", _FOREVER))


def _weak(headers: list[tuple[bytes, bytes]]) -> bytes:
    """The answer's entity tag as a weak one, which holds for every encoding; empty without one."""
    tag = next((value for key, value in headers if key.lower() == b"etag"), b"")
    return b'W/"' + tag.removeprefix(b"W/").strip(b'"') + b'"' if tag else b""
