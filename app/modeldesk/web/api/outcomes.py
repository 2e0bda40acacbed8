"""REST for what happened after a prediction, and what a person decided instead."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import Field, WithJsonSchema

from modeldesk.core.identity import current_caller
from modeldesk.ports.outcomes import OutcomeKind
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions.outcomes import record_outcome
from modeldesk.web.api.bodies import RequestBody, Says, json_body, schema_only, send
from modeldesk.web.api.calling import Answer, PathText, Value, answer


class OutcomeBody(RequestBody):
    """What happened, or what a person decided."""

    outcome: Annotated[
        Any,
        Says("", missing="`outcome` is missing: what actually happened."),
        WithJsonSchema({"type": ["boolean", "number", "string"], "description": "A class of the model, or a number."}),
    ]
    reason: Annotated[str | None, send("text"), schema_only(maxLength=1000)] = None
    kind: Annotated[
        OutcomeKind,
        Says("`kind` is one of: actual, decision.", code="unknown_kind"),
        Field(description="What happened, or what a person decides instead, with a reason."),
    ] = "actual"


class OutcomeEntry(Answer):
    """What somebody said about a prediction."""

    kind: OutcomeKind
    value: Value
    predicted: Value
    reason: str | None
    who: str
    at: datetime


class OutcomeCounts(Answer):
    """What became of the outcome: `corrected` where another value was recorded before, which is kept."""

    matched: int
    unmatched: int
    duplicate: int
    invalid: int
    state: Literal["recorded", "corrected", "duplicate"]
    outcome: OutcomeEntry


def add_outcomes(calls: APIRouter, context: AppContext) -> None:
    """Add the call that tells what happened."""

    @calls.post(
        "/predictions/{prediction_id}/outcome",
        tags=["Predictions"],
        summary="Record what happened, or decide otherwise",
        response_model=OutcomeCounts,
        openapi_extra=json_body(OutcomeBody),
    )
    async def tell_outcome(prediction_id: PathText, request: Request) -> Response:
        return await answer(_record, context, prediction_id, await request.body())


def _record(context: AppContext, prediction_id: str, body: bytes) -> OutcomeCounts:
    request = OutcomeBody.read(body)
    recorded = record_outcome(
        context, current_caller(), prediction_id, request.outcome, reason=request.reason, kind=request.kind
    )
    duplicate = recorded.state == "duplicate"
    return OutcomeCounts(
        matched=int(not duplicate),
        unmatched=0,
        duplicate=int(duplicate),
        invalid=0,
        state=recorded.state,
        outcome=OutcomeEntry.of(recorded.outcome),
    )
