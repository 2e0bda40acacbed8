"""The outermost layer: request ids, one access line each, safe headers, and errors as answers."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable

from modeldesk.core.errors import ModeldeskError, no_room
from modeldesk.web.middleware.asgi import ASGIApp, Message, Receive, Scope, Send, add_missing, header, set_request_id
from modeldesk.web.middleware.problems import InternalError, send_problem

access = logging.getLogger("modeldesk.access")
log = logging.getLogger("modeldesk.errors")

_SANE_ID = re.compile(r"[A-Za-z0-9._:@/+=-]{1,128}")
_WATCHED = ("/healthz", "/readyz", "/metrics")


class Requests:
    """Gives every request an id and an end: whatever happens inside, there is one answer, one
    access line, and for a fault the traceback in the log and not in the answer."""

    def __init__(self, app: ASGIApp, *, home: str, headers: Callable[[Scope], list[tuple[bytes, bytes]]]) -> None:
        self.app = app
        self.home = home
        self.headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        given = header(scope, b"x-request-id")
        request_id = given if given and _SANE_ID.fullmatch(given) else uuid.uuid4().hex
        set_request_id(request_id)
        method, path = scope["method"], strip_prefix(scope, self.home)
        scope["modeldesk.home"] = self.home
        status: int | None = None

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = message["headers"] = list(message.get("headers", ()))
                headers.append((b"x-request-id", request_id.encode()))
                add_missing(headers, self.headers(scope))
            elif method == "HEAD":
                message = {**message, "body": b""}
            await send(message)

        if method == "HEAD":
            scope = {**scope, "method": "GET"}
        try:
            await self.app(scope, receive, answer)
        except Exception as error:
            problem = _known(error, method, path)
            if status is not None:
                raise  # the answer is under way and cannot be taken back; the server cuts it off
            await send_problem(scope, answer, problem)
        finally:
            level = logging.DEBUG if path in _WATCHED else logging.INFO
            if access.isEnabledFor(level):
                milliseconds = (time.perf_counter() - started) * 1000
                who = scope.get("modeldesk.caller", "-")
                access.log(level, "%s %s %s %.1f ms %s", method, path, status or "cut off", milliseconds, who)


def strip_prefix(scope: Scope, home: str) -> str:
    """Take the site's prefix off the path, where the proxy left it on; returns the path."""
    path: str = scope["path"]
    if home == "/" or not f"{path}/".startswith(home):
        return path
    scope["path"] = "/" + path[len(home) :]
    raw = scope.get("raw_path")
    if raw:
        scope["raw_path"] = b"/" + raw[len(home) :]
    return str(scope["path"])


def _known(error: Exception, method: str, path: str) -> ModeldeskError:
    """The error to be shown for what was raised, after the log has the rest."""
    if isinstance(error, ModeldeskError):
        if error.status >= 500:
            log.error("%s %s: %s", method, path, error, exc_info=error)
        return error
    log.error("%s %s failed", method, path, exc_info=error)
    return no_room(error) or InternalError()
