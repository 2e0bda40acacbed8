"""Errors of the API as problem documents, and addresses that do not exist."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match

from modeldesk.core.errors import BadRequest, InvalidInput, ModeldeskError, NotFound, Problem
from modeldesk.web.middleware.problems import PROBLEM_JSON, MethodNotAllowed, problem_bytes, problem_headers

log = logging.getLogger("modeldesk.errors")

_ALL_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


class ErrorItem(BaseModel):
    """One thing that is wrong with one value; rows count from 0."""

    row: int | None
    field: str | None
    code: str
    message: str


class ProblemDocument(BaseModel):
    """An error, as RFC 9457 describes it."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    hint: str | None
    errors: list[ErrorItem]
    request_id: str | None


def add_error_handlers(server: FastAPI) -> None:
    """Answer our own errors, FastAPI's and Starlette's as problem documents. Anything else goes
    on to the outermost layer, which logs it and shows none of it."""

    @server.exception_handler(ModeldeskError)
    async def known(request: Request, error: ModeldeskError) -> Response:
        if error.status >= 500:
            log.error("%s %s: %s", request.method, request.url.path, error, exc_info=error)
        return problem_response(error)

    @server.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> Response:
        # The rejected input is left out: it may hold what JSON cannot carry.
        problems = [Problem(str(item["loc"][-1]), item["type"], f"{item['msg']}.") for item in error.errors()]
        return problem_response(InvalidInput("The address has values that are not acceptable.", problems=problems))

    @server.exception_handler(HTTPException)
    async def plain(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return problem_response(NotFound(f"There is nothing at {request.url.path}."))
        if error.status_code == 405:
            allowed = (error.headers or {}).get("allow") or (error.headers or {}).get("Allow") or "GET"
            return problem_response(MethodNotAllowed(request.method, allowed.split(", ")))
        return problem_response(BadRequest(str(error.detail)))

    @server.exception_handler(Exception)
    async def unknown(_request: Request, error: Exception) -> Response:
        # Raised out of Starlette's outermost handler, which would answer with a plain text of its own.
        raise error


def problem_response(error: ModeldeskError) -> Response:
    """An error as a problem document."""
    return Response(
        problem_bytes(error), status_code=error.status, media_type=PROBLEM_JSON, headers=problem_headers(error)
    )


def unknown_path(server: FastAPI, calls: APIRouter) -> None:
    """Take every address under ``/api`` that nothing else takes: 405 where other methods are
    taken there, else 404. Added after the API's routes and before the dashboard's catch-all."""
    known = [*server.router.routes, *calls.routes]

    @server.api_route("/api/{rest:path}", methods=_ALL_METHODS, include_in_schema=False)
    async def nothing(request: Request) -> Response:
        allowed = sorted(_methods(known, dict(request.scope)))
        if allowed:
            raise MethodNotAllowed(request.method, allowed)
        raise NotFound(
            f"There is nothing at {request.url.path}.", hint="What there is stands at /api/docs and /api/openapi.json."
        )


def _methods(routes: list[BaseRoute], scope: dict[str, Any]) -> set[str]:
    methods: set[str] = set()
    for route in routes:
        if route.matches(scope)[0] is Match.PARTIAL:
            methods |= set(getattr(route, "methods", None) or ())
    return methods
