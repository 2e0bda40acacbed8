"""REST under ``/api``: each call is parsed, handed to a service in a thread, and answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import unquote

from fastapi import APIRouter, FastAPI, Header, Path, Query, Request, Response

from modeldesk.core.identity import Caller, current_caller
from modeldesk.core.settings import Settings
from modeldesk.model_service.neighbours.default_record import default_record_of
from modeldesk.model_service.schema.json_schema import record_schema
from modeldesk.ports.predictions import LogQuery
from modeldesk.services.app_context import Desk
from modeldesk.services.performance import thresholds
from modeldesk.services.predictions import history, outcomes
from modeldesk.services.predictions.predict import predict
from modeldesk.services.versions import catalogue
from modeldesk.services.versions import manage as versions
from modeldesk.web.api import answers, bodies, parsing
from modeldesk.web.api.batches import add_batches
from modeldesk.web.api.calling import answer, in_thread
from modeldesk.web.api.documents import Documents, predict_body
from modeldesk.web.api.errors import add_error_handlers, unknown_path
from modeldesk.web.api.explaining import add_explaining
from modeldesk.web.api.explore import add_explore
from modeldesk.web.api.feedback import add_feedback
from modeldesk.web.api.performance import add_performance
from modeldesk.web.api.presets import add_presets
from modeldesk.web.api.version_labels import add_version_labels
from modeldesk.web.api.viewer import add_viewer
from modeldesk.web.middleware.asgi import current_request_id

Name = Annotated[str, Path(description="The model's name.")]
_PROBLEM = {"model": bodies.ProblemDocument, "description": "A problem document (RFC 9457)."}
_PROBLEMS: dict[int | str, dict[str, Any]] = {"4XX": _PROBLEM, "5XX": _PROBLEM}


def add_api(server: FastAPI, desk: Desk, settings: Settings) -> None:
    """Add the API, its documents and its errors to the server. The last route takes every other
    address under ``/api``, whatever is added to the server later."""
    add_error_handlers(server)
    calls = APIRouter(prefix="/api/v1", responses=_PROBLEMS)
    _add_models(calls, desk)
    _add_predictions(calls, desk)
    add_explaining(calls, desk)
    add_presets(calls, desk)
    add_feedback(calls, desk)
    _add_versions(calls, desk)
    add_version_labels(calls, desk)
    add_batches(calls, desk)
    add_explore(calls, desk)
    add_performance(calls, desk)
    server.include_router(calls)
    documents = Documents(server, desk, settings.url_prefix)

    @server.get("/api/openapi.json", include_in_schema=False)
    async def openapi() -> Response:
        return Response(await in_thread(documents.document, current_caller()), media_type="application/json")

    add_viewer(server)
    unknown_path(server, calls)


def _add_models(calls: APIRouter, desk: Desk) -> None:
    @calls.get("/models", tags=["Models"], summary="The models you can use", response_model=bodies.ModelList)
    async def list_models() -> Response:
        caller = current_caller()
        return await answer(lambda: {"models": [answers.model_summary(card) for card in catalogue.cards(desk, caller)]})

    @calls.get("/models/{name}", tags=["Models"], summary="A model's card", response_model=bodies.ModelDetail)
    async def show_model(name: Name) -> Response:
        return await answer(_detail, desk, current_caller(), unquote(name))

    @calls.get("/models/{name}/schema", tags=["Models"], summary="JSON Schema of one record")
    async def show_schema(
        name: Name,
        version: Annotated[
            int | None, Query(ge=1, le=parsing.LARGEST, description="The served version unless given.")
        ] = None,
    ) -> Response:
        return await answer(_schema, desk, current_caller(), unquote(name), version)


def _detail(desk: Desk, caller: Caller, name: str) -> dict[str, Any]:
    return answers.model_detail(catalogue.card(desk, caller, name))


def _schema(desk: Desk, caller: Caller, name: str, version: int | None) -> dict[str, Any]:
    entry = desk.entry(caller, name)
    manifest = entry.manifest if version is None else entry.manifests(version)
    if manifest is None:
        manifest = desk.registry.get(name).manifest
    typical = default_record_of(manifest, entry.settings)
    return record_schema(manifest.model_schema, entry.settings) | {"examples": [typical]}


def _add_predictions(calls: APIRouter, desk: Desk) -> None:
    @calls.post(
        "/models/{name}/predict",
        tags=["Predictions"],
        summary="Predict and record",
        response_model=bodies.PredictAnswer,
        openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": predict_body()}}}},
    )
    async def predict_records(
        name: Name,
        request: Request,
        idempotency_key: Annotated[
            str | None, Header(description="The same key and body again give the same answer, recorded once.")
        ] = None,
    ) -> Response:
        body = await request.body()
        return await answer(_predict, desk, current_caller(), unquote(name), body, idempotency_key)

    @calls.get(
        "/models/{name}/predictions",
        tags=["Predictions"],
        summary="What a model predicted, newest first",
        response_model=bodies.LogEntries,
    )
    async def list_predictions(
        name: Name,
        since: Annotated[datetime | None, Query(description="From this time on.")] = None,
        until: Annotated[datetime | None, Query(description="Before this time.")] = None,
        limit: Annotated[int, Query(ge=1, le=history.MAX_PAGE)] = 50,
        cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
        version: Annotated[int | None, Query(ge=1, le=parsing.LARGEST)] = None,
        source: Annotated[Literal["form", "api", "batch"] | None, Query()] = None,
        key: Annotated[str | None, Query()] = None,
    ) -> Response:
        query = LogQuery(
            version=version,
            source=source,
            key=key,
            since=parsing.in_utc(since),
            until=parsing.in_utc(until),
            limit=limit,
            cursor=cursor,
        )
        caller = current_caller()
        return await answer(_log_page, desk, caller, unquote(name), query)

    @calls.get(
        "/predictions/{prediction_id}",
        tags=["Predictions"],
        summary="One prediction",
        response_model=bodies.LogEntry,
    )
    async def show_prediction(prediction_id: str) -> Response:
        caller = current_caller()
        return await answer(_log_entry, desk, caller, unquote(prediction_id))


def _log_page(desk: Desk, caller: Caller, name: str, query: LogQuery) -> dict[str, Any]:
    page = history.of_model(desk, caller, name, query)
    return answers.log_page(page, outcomes.outcomes_of_all(desk, page.records))


def _log_entry(desk: Desk, caller: Caller, prediction_id: str) -> dict[str, Any]:
    record = history.prediction(desk, caller, prediction_id)
    return answers.log_entry(record, outcomes.outcomes_of_all(desk, [record]).get(record.id, outcomes.OutcomesOf()))


def _predict(desk: Desk, caller: Caller, name: str, body: bytes, idempotency_key: str | None) -> dict[str, Any]:
    request = parsing.read_predict(name, body, idempotency_key=idempotency_key, request_id=current_request_id())
    return answers.predict_answer(predict(desk, caller, request))


_REASON_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["reason"],
                    "additionalProperties": False,
                    "properties": {"reason": {"type": "string", "minLength": 1, "maxLength": versions.MAX_REASON}},
                }
            }
        },
    }
}


_THRESHOLD_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["threshold", "reason"],
                    "additionalProperties": False,
                    "properties": {
                        "threshold": {
                            "type": ["number", "null"],
                            "minimum": 0,
                            "maximum": 1,
                            "description": "Null returns to what model.toml says.",
                        },
                        "reason": {"type": "string", "minLength": 1, "maxLength": versions.MAX_REASON},
                        "revision": {
                            "type": ["integer", "null"],
                            "minimum": 0,
                            "description": "The last decision you know of; 409 where there was another since.",
                        },
                    },
                }
            }
        },
    }
}


def _add_versions(calls: APIRouter, desk: Desk) -> None:
    @calls.get(
        "/models/{name}/versions",
        tags=["Versions"],
        summary="A model's versions and the decisions on them",
        response_model=bodies.VersionList,
    )
    async def list_versions(name: Name) -> Response:
        caller = current_caller()
        return await answer(lambda: answers.version_list(versions.versions(desk, caller, unquote(name))))

    @calls.post(
        "/models/{name}/versions/{version}/promote",
        tags=["Versions"],
        summary="Serve a version from now on",
        response_model=bodies.Change,
        openapi_extra=_REASON_BODY,
    )
    async def promote(
        name: Name, version: Annotated[int, Path(ge=1, le=parsing.LARGEST)], request: Request
    ) -> Response:
        body, caller = await request.body(), current_caller()
        return await answer(
            lambda: answers.change_answer(
                versions.promote(desk, caller, unquote(name), version, parsing.read_reason(body))
            )
        )

    @calls.post(
        "/models/{name}/rollback",
        tags=["Versions"],
        summary="Serve the version that was served before",
        response_model=bodies.Change,
        openapi_extra=_REASON_BODY,
    )
    async def rollback(name: Name, request: Request) -> Response:
        body, caller = await request.body(), current_caller()
        return await answer(
            lambda: answers.change_answer(versions.rollback(desk, caller, unquote(name), parsing.read_reason(body)))
        )

    @calls.post(
        "/models/{name}/threshold",
        tags=["Versions"],
        summary="Decide by another threshold from now on",
        response_model=bodies.ThresholdDecision,
        openapi_extra=_THRESHOLD_BODY,
    )
    async def set_threshold(name: Name, request: Request) -> Response:
        body, caller = await request.body(), current_caller()
        return await answer(_set_threshold, desk, caller, unquote(name), body)


def _set_threshold(desk: Desk, caller: Caller, name: str, body: bytes) -> dict[str, Any]:
    asked = parsing.read_threshold(body)
    change = thresholds.set_threshold(desk, caller, name, asked.threshold, asked.reason, revision=asked.revision)
    return answers.threshold_change(change)
