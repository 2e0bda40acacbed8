"""What Dash swallows: an exception in one of its own routes is answered with 500 and told to nobody."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from dash.exceptions import PreventUpdate

logger = logging.getLogger("modeldesk.dashboard")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class LoggedFailures:
    """Logs what fails below it, with its traceback, and lets it pass.

    Added to the server before Dash adds its own middleware, it stands inside that one and sees
    the exception first.
    """

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        try:
            await self._app(scope, receive, send)
        except PreventUpdate:
            raise
        except Exception:
            logger.exception("%s failed", scope.get("path"))
            raise
