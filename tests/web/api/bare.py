"""The API alone, without server or pages, for tests of what it answers about many models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from modeldesk.bootstrap import build_context
from modeldesk.core.identity import LOCAL, acting_as
from modeldesk.core.settings import read_settings
from modeldesk.store import migrate
from modeldesk.web.api.routes import add_api
from starlette.testclient import TestClient


class _AsLocal:
    """An application whose every caller is the local one."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        with acting_as(LOCAL):
            await self._app(scope, receive, send)


def api_on(models: Path, data: Path) -> TestClient:
    """The API on a folder of models, each loaded when it is first asked for."""
    settings = read_settings(models=models, data=data)
    migrate(settings.database)
    server = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    add_api(server, build_context(settings), settings)
    return TestClient(_AsLocal(server), "http://127.0.0.1")


def adds_up(explanation: Any, tolerance: float) -> bool:
    """Whether base value and contributions are the output, within a relative tolerance."""
    total = explanation["base_value"] + sum(part["contribution"] for part in explanation["contributions"])
    return bool(abs(total - explanation["output"]) <= max(tolerance * abs(explanation["output"]), 1e-9))
