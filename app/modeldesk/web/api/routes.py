"""REST under ``/api``: a module a resource, each with its routes and what they take and answer."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, FastAPI, Response

from modeldesk.core.identity import current_caller
from modeldesk.core.settings import Settings
from modeldesk.services.app_context import AppContext
from modeldesk.web.api.batches import add_batches
from modeldesk.web.api.calling import in_thread
from modeldesk.web.api.errors import ProblemDocument, add_error_handlers, unknown_path
from modeldesk.web.api.explanations import add_explanations
from modeldesk.web.api.explore import add_explore
from modeldesk.web.api.feedback import add_feedback
from modeldesk.web.api.models import add_models
from modeldesk.web.api.openapi import Documents
from modeldesk.web.api.outcomes import add_outcomes
from modeldesk.web.api.performance import add_performance
from modeldesk.web.api.predictions import add_predictions
from modeldesk.web.api.presets import add_presets
from modeldesk.web.api.thresholds import add_thresholds
from modeldesk.web.api.versions import add_versions
from modeldesk.web.api.viewer import add_viewer

_PROBLEM = {"model": ProblemDocument, "description": "A problem document (RFC 9457)."}
_PROBLEMS: dict[int | str, dict[str, Any]] = {"4XX": _PROBLEM, "5XX": _PROBLEM}
_RESOURCES = (
    add_models,
    add_predictions,
    add_explanations,
    add_outcomes,
    add_presets,
    add_feedback,
    add_versions,
    add_thresholds,
    add_batches,
    add_explore,
    add_performance,
)


def add_api(server: FastAPI, context: AppContext, settings: Settings) -> None:
    """Add the API, its documents and its errors to the server. The last route takes every other
    address under ``/api``, whatever is added to the server later."""
    add_error_handlers(server)
    calls = APIRouter(prefix="/api/v1", responses=_PROBLEMS)
    for add_resource in _RESOURCES:
        add_resource(calls, context)
    server.include_router(calls)
    documents = Documents(server, context, settings.url_prefix)

    @server.get("/api/openapi.json", include_in_schema=False)
    async def openapi() -> Response:
        return Response(await in_thread(documents.document, current_caller()), media_type="application/json")

    add_viewer(server)
    unknown_path(server, calls)
