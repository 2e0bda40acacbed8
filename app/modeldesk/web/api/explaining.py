"""REST for understanding a prediction: why, what if, and what happened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import APIRouter, Path, Request, Response

from modeldesk.core.errors import InvalidInput, Problem
from modeldesk.core.identity import Caller, current_caller
from modeldesk.model_service.whatif.response import Curve, Surface
from modeldesk.services.app_context import Desk
from modeldesk.services.predictions.explain import Explained, explain_many
from modeldesk.services.predictions.outcomes import record_outcome
from modeldesk.services.predictions.response import curve, surface
from modeldesk.services.predictions.what_if import Scenario, compare, suggest
from modeldesk.services.versions.labels import numbered
from modeldesk.web.api import explain_answers, explain_bodies
from modeldesk.web.api.calling import answer
from modeldesk.web.api.explain_parsing import WhatIfBody, read_explain, read_outcome, read_what_if

Name = Annotated[str, Path(description="The model's name.")]
_TAGS: list[Any] = ["Understanding"]


def add_explaining(calls: APIRouter, desk: Desk) -> None:
    """Add the calls that explain, ask what if, and tell what happened."""

    @calls.post(
        "/models/{name}/explain",
        tags=_TAGS,
        summary="Why the model says what it says",
        response_model=explain_bodies.ExplainAnswer,
        openapi_extra=explain_bodies.EXPLAIN,
    )
    async def explain_records(name: Name, request: Request) -> Response:
        body = await request.body()
        return await answer(_explain, desk, current_caller(), unquote(name), body)

    @calls.post(
        "/models/{name}/what-if",
        tags=_TAGS,
        summary="What the model would say, and what would change it; nothing is kept",
        response_model=explain_bodies.WhatIfAnswers,
        openapi_extra=explain_bodies.WHAT_IF,
    )
    async def what_if_records(name: Name, request: Request) -> Response:
        body = await request.body()
        return await answer(_what_if, desk, current_caller(), unquote(name), body)

    @calls.post(
        "/predictions/{prediction_id}/outcome",
        tags=["Predictions"],
        summary="Record what happened, or decide otherwise",
        response_model=explain_bodies.OutcomeCounts,
        openapi_extra=explain_bodies.OUTCOME,
    )
    async def tell_outcome(prediction_id: str, request: Request) -> Response:
        body = await request.body()
        return await answer(_outcome, desk, current_caller(), unquote(prediction_id), body)


def _explain(desk: Desk, caller: Caller, name: str, body: bytes) -> dict[str, Any]:
    asked = read_explain(body)
    version = numbered(desk, caller, name, asked.version)
    found = explain_many(desk, caller, name, asked.records, version=version, of_class=asked.of_class)
    return explain_answers.explain_answer(found)


def _what_if(desk: Desk, caller: Caller, name: str, body: bytes) -> dict[str, Any]:
    asked = read_what_if(body)
    scenarios = [Scenario(str(place), record) for place, record in enumerate(asked.records)]
    version = numbered(desk, caller, name, asked.version)
    found = compare(desk, caller, name, scenarios, version=version, of_class=asked.of_class).answers
    model = found[0].model
    unknown = [feature for feature in asked.features if feature not in model.schema.names]
    if unknown:
        message = f"{model.name} reads no input named {unknown[0]!r}."
        raise InvalidInput(message, problems=[Problem("features", "unknown_feature", message)])
    return {
        "model": model.name,
        "version": model.version,
        "answers": [_one(desk, caller, item, record, asked) for item, record in zip(found, asked.records, strict=True)],
    }


def _one(desk: Desk, caller: Caller, item: Explained, record: Mapping[str, Any], asked: WhatIfBody) -> dict[str, Any]:
    """One record's answer; what a rule refuses to answer has no response and no suggestions."""
    refused = item.prediction.output.refused is not None
    found = None
    if asked.goal is not None and not refused:
        found = suggest(desk, caller, item.model.name, record, asked.goal, version=item.model.version).suggestions
    response = None if refused else _response(desk, caller, item, record, asked)
    return explain_answers.what_if_answer(item, response, found)


def _response(
    desk: Desk, caller: Caller, item: Explained, record: Mapping[str, Any], asked: WhatIfBody
) -> Curve | Surface | None:
    name, version = item.model.name, item.model.version
    if len(asked.features) == 1:
        return curve(desk, caller, name, record, asked.features[0], version=version, of_class=asked.of_class)
    if len(asked.features) == 2:
        return surface(desk, caller, name, record, *asked.features, version=version, of_class=asked.of_class)
    return None


def _outcome(desk: Desk, caller: Caller, prediction_id: str, body: bytes) -> dict[str, Any]:
    told = read_outcome(body)
    recorded = record_outcome(desk, caller, prediction_id, told.outcome, reason=told.reason, kind=told.kind)
    return explain_answers.outcome_answer(recorded)
