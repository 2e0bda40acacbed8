"""Errors as answers: RFC 9457 problem documents for programs, a short page for people."""

from __future__ import annotations

import html
import json
from typing import Any

from modeldesk.core.errors import ModeldeskError, Unavailable
from modeldesk.web.middleware.asgi import Scope, Send, current_request_id, header

PROBLEM_JSON = "application/problem+json"
_DATA_PATHS = ("/api/", "/_dash", "/_reload-hash", "/assets/", "/healthz", "/readyz", "/metrics")


class MethodNotAllowed(ModeldeskError):
    """The address exists and does not take this method."""

    code, title, status = "method_not_allowed", "This address does not take that method", 405

    def __init__(self, method: str, allowed: list[str]) -> None:
        super().__init__(f"{method} is not taken here; {', '.join(allowed)} is.")
        self.allowed = allowed


class InternalError(ModeldeskError):
    """A fault of ours. What went wrong is in the log only."""

    code, title, status = "internal_error", "Something went wrong on our side", 500

    def __init__(self) -> None:
        super().__init__(
            "The request could not be completed.",
            hint="Try again; if it stays, give the request id to whoever runs this server: it finds the log's entry.",
        )


def problem_document(error: ModeldeskError) -> dict[str, Any]:
    """An error as RFC 9457 describes it, with our ``code``, ``hint``, ``errors`` and ``request_id``."""
    return {
        "type": f"urn:modeldesk:problem:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
        "hint": error.hint,
        "errors": [problem.as_dict() for problem in error.problems],
        "request_id": current_request_id(),
    }


def problem_headers(error: ModeldeskError) -> dict[str, str]:
    """The headers that belong to an error."""
    if isinstance(error, MethodNotAllowed):
        return {"allow": ", ".join(error.allowed)}
    return {"retry-after": "2"} if isinstance(error, Unavailable) else {}


def problem_bytes(error: ModeldeskError) -> bytes:
    """The problem document as JSON, in ASCII: what was refused may hold what UTF-8 cannot."""
    return json.dumps(problem_document(error), default=str, allow_nan=False).encode("ascii")


async def send_problem(scope: Scope, send: Send, error: ModeldeskError) -> None:
    """Answer a request with an error, in the form that its sender reads."""
    if wants_page(scope):
        body, kind = (
            _page(error, scope.get("modeldesk.home", "/")).encode("utf-8", "replace"),
            "text/html; charset=utf-8",
        )
    else:
        body, kind = problem_bytes(error), PROBLEM_JSON
    headers = {"content-type": kind, "content-length": str(len(body)), **problem_headers(error)}
    encoded = [(key.encode(), value.encode("latin-1")) for key, value in headers.items()]
    await send({"type": "http.response.start", "status": error.status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})


def wants_page(scope: Scope) -> bool:
    """Whether a person's browser is asking for a page, rather than a program for data."""
    if scope["path"].startswith(_DATA_PATHS) or scope["method"] not in ("GET", "HEAD"):
        return False
    return "text/html" in (header(scope, b"accept") or "")


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title} · Modeldesk</title>
<style>:root{{color-scheme:light dark}}
body{{font:16px/1.5 system-ui,sans-serif;margin:15vh auto;max-width:34rem;padding:0 1rem}}
p{{margin:.5rem 0}}small{{opacity:.7}}</style></head>
<body><main><h1>{title}</h1><p role="alert">{detail}</p><p>{hint}</p>
<p><a href="{home}">All models</a></p><p><small>{status} · request {request_id}</small></p></main></body></html>
"""


def _page(error: ModeldeskError, home: str) -> str:
    return _PAGE.format(
        title=html.escape(error.title),
        detail=html.escape(error.detail),
        hint=html.escape(error.hint or ""),
        status=error.status,
        request_id=html.escape(current_request_id() or ""),
        home=html.escape(home),
    )
