"""Which addresses have a page, so that any other is 404: Dash would answer 200 to all."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

import dash
from dash import Dash
from dash.backends._fastapi import reset_current_request, set_current_request
from fastapi import FastAPI, Request, Response

from modeldesk.core.errors import ModeldeskError, NotFound
from modeldesk.core.identity import current_caller
from modeldesk.services.app_context import AppContext
from modeldesk.web.ui.common import text as words

_VARIABLE = re.compile(r"<(\w+)>")


def serve_pages(server: FastAPI, app: Dash, context: AppContext) -> None:
    """Take every address that nothing else takes. Added after all routes and before Dash's own, which
    would answer with the first page's document whatever the address. To a person an unknown address is
    the page that says so, with status 404; to a program it is a problem document."""
    known = [_pattern(path) for path in _addresses()]

    @server.get("/{path:path}", include_in_schema=False)
    async def page(request: Request) -> Response:
        there = _is_there(context, known, request.url.path)
        if not there and "text/html" not in request.headers.get("accept", ""):
            raise NotFound(words.NO_ADDRESS.format(path=request.url.path))
        token = set_current_request(request)
        try:
            return Response(app.index(), media_type="text/html", status_code=200 if there else 404)
        finally:
            reset_current_request(token)


def _addresses() -> Iterable[str]:
    for page in dash.page_registry.values():
        if page["module"] != "not_found_404":
            yield page["path_template"] or page["path"]


def _pattern(template: str) -> re.Pattern[str]:
    """What an address of a page looks like; a page's variable is one part between slashes."""
    parts = _VARIABLE.split(template)
    parts[0::2] = map(re.escape, parts[0::2])
    parts[1::2] = [f"(?P<{name}>[^/]+)" for name in parts[1::2]]
    return re.compile("".join(parts))


def _is_there(context: AppContext, known: Iterable[re.Pattern[str]], path: str) -> bool:
    found = next((match for pattern in known if (match := pattern.fullmatch(path.rstrip("/") or "/"))), None)
    if found is None:
        return False
    name = found.groupdict().get("name")
    if name is None:
        return True
    try:
        context.entry(current_caller(), unquote(name))
    except NotFound:
        return False
    except ModeldeskError:
        pass  # The page itself says what is wrong.
    return True
