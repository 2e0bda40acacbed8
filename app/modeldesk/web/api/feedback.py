"""What people say of predictions, by REST."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import Field

from modeldesk.core.identity import Caller, current_caller
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions.feedback import MAX_COMMENT, State, feedback_of, give_feedback
from modeldesk.web.api.bodies import RequestBody, json_body
from modeldesk.web.api.calling import Answer, PathText, answer

Verdict = Literal["right", "wrong"]


class NewFeedback(RequestBody):
    """What is to be said of a prediction."""

    verdict: Verdict | None = Field(description="Whether it looks right; null withdraws what you said before.")
    comment: str | None = Field(None, description=f"At most {MAX_COMMENT:,} characters.")


class FeedbackEntry(Answer):
    """One statement of one person."""

    verdict: Verdict | None = Field(description="Null withdraws what the person said before.")
    comment: str | None
    who: str
    at: datetime


class FeedbackAnswer(Answer):
    """What is said of a prediction."""

    prediction_id: str
    yours: Verdict | None = Field(description="What you say of it now.")
    right: int = Field(description="How many people say now that it looks right.")
    wrong: int = Field(description="How many people flag it now.")
    entries: list[FeedbackEntry] = Field(description="All statements, oldest first; of a person's the last holds.")


class GivenFeedback(FeedbackAnswer):
    """The same after a statement, with what became of that."""

    state: Literal["recorded", "changed", "withdrawn", "unchanged"]


def add_feedback(calls: APIRouter, context: AppContext) -> None:
    """Put these calls onto the router."""
    path = "/predictions/{prediction_id}/feedback"
    tags: Any = ["Predictions"]

    @calls.get(path, tags=tags, summary="What people say of a prediction", response_model=FeedbackAnswer)
    async def show_feedback(prediction_id: PathText) -> Response:
        return await answer(_shown, context, current_caller(), prediction_id)

    @calls.post(
        path,
        tags=tags,
        summary="Say whether a prediction looks right",
        response_model=GivenFeedback,
        openapi_extra=json_body(NewFeedback),
    )
    async def rate(prediction_id: PathText, request: Request) -> Response:
        body = await request.body()
        return await answer(_rated, context, current_caller(), prediction_id, body)


def _rated(context: AppContext, caller: Caller, prediction_id: str, body: bytes) -> GivenFeedback:
    wanted = NewFeedback.read(body)
    state: State = give_feedback(context, caller, prediction_id, wanted.verdict, wanted.comment)
    return GivenFeedback(**dict(_shown(context, caller, prediction_id)), state=state)


def _shown(context: AppContext, caller: Caller, prediction_id: str) -> FeedbackAnswer:
    result = feedback_of(context, caller, prediction_id)
    own = result.says(caller.name)
    return FeedbackAnswer(
        prediction_id=prediction_id,
        yours=own.verdict if own else None,
        right=result.count("right"),
        wrong=result.count("wrong"),
        entries=[FeedbackEntry.of(entry) for entry in result.entries],
    )
