"""REST for the threshold that decides between two classes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field

from modeldesk.core.identity import current_caller
from modeldesk.services.app_context import Desk
from modeldesk.services.performance import thresholds
from modeldesk.services.versions.manage import MAX_REASON
from modeldesk.web.api.bodies import RequestBody, json_body, needed, schema_only, send
from modeldesk.web.api.calling import Answer, ModelName, answer


class ThresholdBody(RequestBody):
    """A decision on a threshold, and why."""

    model_config = needed("threshold", "reason")
    threshold: Annotated[
        float | None,
        send(
            "a number from 0 to 1, or null",
            missing="`threshold` is missing: a number from 0 to 1, or null for model.toml's.",
        ),
        Field(description="Null returns to what model.toml says.", json_schema_extra={"minimum": 0, "maximum": 1}),
    ]
    reason: Annotated[str | None, send("text"), schema_only(minLength=1, maxLength=MAX_REASON)] = None
    revision: Annotated[
        int | None,
        send("a whole number"),
        Field(
            description="The last decision you know of; 409 where there was another since.",
            json_schema_extra={"minimum": 0},
        ),
    ] = None


class ThresholdDecision(Answer):
    """One decision on a model's threshold."""

    model: str
    revision: int = Field(description="Counts the decisions on this model from 1.")
    threshold: float | None = Field(description="Null returned to what model.toml says.")
    positive: str = Field(description="The class that is decided for.")
    version: int = Field(description="The version whose figures were looked at.")
    previous: float | None = Field(description="What was in force before; null: the artifact's own choice.")
    who: str
    why: str
    at: datetime


def add_thresholds(calls: APIRouter, desk: Desk) -> None:
    """Add the call that decides by another threshold."""

    @calls.post(
        "/models/{name}/threshold",
        tags=["Versions"],
        summary="Decide by another threshold from now on",
        response_model=ThresholdDecision,
        openapi_extra=json_body(ThresholdBody),
    )
    async def set_threshold(name: ModelName, request: Request) -> Response:
        return await answer(_set_threshold, desk, name, await request.body())


def _set_threshold(desk: Desk, name: str, body: bytes) -> ThresholdDecision:
    asked = ThresholdBody.read(body)
    return ThresholdDecision.of(
        thresholds.set_threshold(
            desk, current_caller(), name, asked.threshold, asked.reason or "", revision=asked.revision
        )
    )
