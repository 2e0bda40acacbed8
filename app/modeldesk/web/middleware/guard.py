"""The layer in front of everything: nothing passes that is not allowed to."""

from __future__ import annotations

import re
from contextlib import nullcontext

from modeldesk.core.errors import TooLarge
from modeldesk.core.identity import acting_as
from modeldesk.core.settings import Settings
from modeldesk.web.auth.callers import Callers
from modeldesk.web.auth.origins import check_host, check_origin
from modeldesk.web.middleware.asgi import ASGIApp, Message, Receive, Scope, Send, header

OPEN_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
"""What programs that watch the server may ask for without a caller. What they are told depends on who asks."""

_UPLOADS = re.compile(r"/api/v1/models/[^/]+/batches")
_FORM_BYTES = 1_000_000
"""What a form may have around its file."""

_PROBES = frozenset({"/healthz", "/readyz"})


class Guard:
    """Refuses web sockets, foreign hosts and origins, unknown callers and bodies over the limit.

    What passes runs with ``identity.current_caller()`` set. Refusals are raised as errors of
    ``modeldesk.core.errors``, for the layer around this one to answer.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.hosts = settings.hosts
        self.max_body = settings.max_body_bytes
        self.max_upload = settings.max_upload_bytes + _FORM_BYTES
        self.callers = Callers(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or raise. Web sockets are closed before they open."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": "Web sockets are not used here."})
            return
        path, host = scope["path"], header(scope, b"host")
        # A probe addresses a machine by whatever name or number it knows.
        if path not in _PROBES:
            check_host(host, self.hosts)
        check_origin(scope["method"], host, header(scope, b"origin"), header(scope, b"sec-fetch-site"))
        limited = self._limited(scope, receive)
        client = scope.get("client")
        address, headers = client[0] if client else None, _headers(scope)
        if path in OPEN_PATHS:
            asking = self.callers.of_probe(address, headers)
            with nullcontext() if asking is None else acting_as(asking):
                await self.app(scope, limited, send)
            return
        caller = self.callers.of(address, headers)
        scope["modeldesk.caller"] = caller.name
        with acting_as(caller):
            await self.app(scope, limited, send)

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        upload = scope["method"] == "POST" and _UPLOADS.fullmatch(scope["path"]) is not None
        most, setting = (
            (self.max_upload, "MODELDESK_MAX_UPLOAD_BYTES") if upload else (self.max_body, "MODELDESK_MAX_BODY_BYTES")
        )
        announced = header(scope, b"content-length")
        if announced is not None and announced.isdigit() and int(announced) > most:
            raise _too_large(most, setting)
        if scope["method"] in ("GET", "HEAD"):
            return receive
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise _too_large(most, setting)
            return message

        return counted


def _too_large(most: int, setting: str) -> TooLarge:
    return TooLarge(f"A request's body may have {most:,} bytes here.", hint=f"Send less at a time, or raise {setting}.")


def _headers(scope: Scope) -> dict[str, bytes]:
    headers: dict[str, bytes] = {}
    for key, value in scope["headers"]:
        # A name given twice is one that somebody added to the proxy's: neither is believed.
        name = key.decode("latin-1").lower()
        headers[name] = b"" if name in headers else bytes(value)
    return headers
