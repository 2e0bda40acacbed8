"""The API's documents in a browser: Swagger UI from files of ours, under the site's own CSP."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from fastapi import FastAPI, Response
from fastapi.staticfiles import StaticFiles

_STATIC = "/api/docs/static"

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API · Modeldesk</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/static/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/static/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""

_START = """window.ui = SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset],
});
"""


def add_viewer(server: FastAPI) -> None:
    """Add ``/api/docs``. Addresses in the page are relative, so that it works under a prefix."""
    server.mount(_STATIC, StaticFiles(directory=_files()), name="api-viewer")

    @server.get("/api/docs", include_in_schema=False)
    async def page() -> Response:
        return Response(_PAGE, media_type="text/html")

    @server.get("/api/docs/start.js", include_in_schema=False)
    async def start() -> Response:
        return Response(_START, media_type="text/javascript")


def _files() -> Path:
    result = importlib.util.find_spec("fastapi_offline")
    assert result is not None and result.origin is not None
    return Path(result.origin).parent / "static"
