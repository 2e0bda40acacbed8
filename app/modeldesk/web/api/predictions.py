"""REST for predictions: asking for some, and what was predicted before."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import ConfigDict, Field, WithJsonSchema

from modeldesk.core.identity import current_caller
from modeldesk.ports.feedback import Verdict
from modeldesk.ports.predictions import LogQuery, PredictionRecord, Source
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions import history, outcomes, predict
from modeldesk.services.predictions.outcomes import OutcomesOf
from modeldesk.services.predictions.predict import MAX_KEY_LENGTH, PredictRequest
from modeldesk.services.versions.labels import numbered
from modeldesk.web.api.bodies import LARGEST, OtherVersion, Records, RequestBody, json_body, send
from modeldesk.web.api.calling import Answer, ModelName, PathText, Value, answer
from modeldesk.web.api.outcomes import OutcomeEntry
from modeldesk.web.middleware.asgi import current_request_id

_TAGS: list[Any] = ["Predictions"]
_Key = Annotated[str, WithJsonSchema({"type": "string", "maxLength": MAX_KEY_LENGTH})]


class PredictBody(RequestBody):
    """Records to be predicted."""

    records: Records
    keys: Annotated[
        list[_Key | None] | None,
        send("a list with one text a record", item="The key is {given}; send text or null."),
        Field(description="Your own names for the records, one each."),
    ] = None
    version: OtherVersion = None
    explain: Annotated[
        bool | None,
        send("true or false"),
        Field(description="Whether to explain each answer; at most 100 records then."),
    ] = False


class Warning(Answer):
    """A doubt about an input; it never changes the answer."""

    field: str | None
    code: str
    message: str


class Contribution(Answer):
    """What one input adds; `error` is the standard error where contributions are sampled."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    feature: str
    value: Value
    contribution: float
    error: float | None = Field(None, exclude_if=lambda error: error is None)


class ContributionsAnswer(Answer):
    """Base value + contributions = output, on the scale named."""

    method: Literal["tree", "linear", "permutation"]
    scale: Literal["value", "probability", "log_odds", "score"]
    of_class: str | None
    base_value: float
    output: float
    contributions: list[Contribution]


class Named(Answer):
    """What a prediction is called."""

    id: str = Field(description="Under which the prediction is kept: a UUIDv7, or `BATCH-ROW`.")
    key: str | None = Field(description="The caller's own name for the record.")


class Answered(Answer):
    """What the model says of one record."""

    prediction: Value = Field(description="What the model says: a class or a value; null if a rule refuses.")
    probability: dict[str, float] | None = Field(None, description="By class, where the model gives probabilities.")
    score: float | None = Field(None, description="Of anomaly models: lower is more unusual.")
    interval: tuple[float, float] | None = Field(None, description="Where the value lies, at `level`.")
    level: float | None = None
    refused: dict[str, str] | None = Field(None, description="The rule that refuses an answer, and its text.")
    warnings: list[Warning]


class PredictionAnswer(Answered, Named):
    """The answer to one record."""

    explanation: ContributionsAnswer | None = Field(
        description="Where `explain` was asked for; null where a rule refuses."
    )


class PredictAnswer(Answer):
    """The answers to the records of one call, all of one version, in their order."""

    model: str
    version: int
    predictions: list[PredictionAnswer]


class LogEntry(Answered, Named):
    """A prediction as it is kept."""

    created_at: datetime
    model: str
    version: int
    version_digest: str
    settings_digest: str
    owner: str
    source: str
    inputs: dict[str, Any]
    latency_ms: float
    request_id: str | None
    outcome: OutcomeEntry | None = Field(description="What actually happened, as last said.")
    decision: OutcomeEntry | None = Field(description="What a person decided instead, as last said.")
    outcomes: list[OutcomeEntry] = Field(description="All that was said, oldest first.")

    @classmethod
    def of_record(cls, record: PredictionRecord, recorded: OutcomesOf) -> Self:
        """A prediction as it is kept, with what was said about it."""
        values = {name: getattr(record, name, None) for name in cls.model_fields}
        said = {"outcome": recorded.actual, "decision": recorded.decision, "outcomes": recorded.entries}
        return cls.model_validate({**values, **record.output, **said, "latency_ms": round(record.latency_ms, 3)})


class LogEntries(Answer):
    """One page of the log, newest first."""

    predictions: list[LogEntry]
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page; null on the last.")


def add_predictions(calls: APIRouter, context: AppContext) -> None:
    """Add the calls that predict and that read the log."""

    @calls.post(
        "/models/{name}/predict",
        tags=_TAGS,
        summary="Predict and record",
        response_model=PredictAnswer,
        openapi_extra=json_body(PredictBody),
    )
    async def predict_records(
        name: ModelName,
        request: Request,
        idempotency_key: Annotated[
            str | None, Header(description="The same key and body again give the same answer, recorded once.")
        ] = None,
    ) -> Response:
        return await answer(_predict, context, name, await request.body(), idempotency_key)

    @calls.get(
        "/models/{name}/predictions",
        tags=_TAGS,
        summary="What a model predicted, newest first",
        response_model=LogEntries,
    )
    async def list_predictions(
        name: ModelName,
        since: Annotated[datetime | None, Query(description="From this time on.")] = None,
        until: Annotated[datetime | None, Query(description="Before this time.")] = None,
        limit: Annotated[int, Query(ge=1, le=history.MAX_PAGE)] = 50,
        cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
        version: Annotated[int | None, Query(ge=1, le=LARGEST)] = None,
        source: Annotated[Source | None, Query()] = None,
        key: Annotated[str | None, Query()] = None,
        feedback: Annotated[Verdict | None, Query(description="What somebody says of it: `wrong` is flagged.")] = None,
    ) -> Response:
        query = LogQuery(
            version=version,
            source=source,
            key=key,
            feedback=feedback,
            since=_in_utc(since),
            until=_in_utc(until),
            limit=limit,
            cursor=cursor,
        )
        return await answer(_log_page, context, name, query)

    @calls.get("/predictions/{prediction_id}", tags=_TAGS, summary="One prediction", response_model=LogEntry)
    async def show_prediction(prediction_id: PathText) -> Response:
        return await answer(_log_entry, context, prediction_id)


def _predict(context: AppContext, name: str, body: bytes, idempotency_key: str | None) -> PredictAnswer:
    call = PredictBody.read(body)
    request = PredictRequest(
        model=name,
        records=call.records,
        keys=call.keys,
        version=numbered(context, current_caller(), name, call.version),
        source="api",
        claim_key=idempotency_key,
        body_digest=hashlib.sha256(body).hexdigest() if idempotency_key is not None else "",
        request_id=current_request_id(),
        explain=bool(call.explain),
    )
    return _answered(predict.predict(context, current_caller(), request))


def _answered(result: predict.PredictAnswer) -> PredictAnswer:
    predictions = [
        {
            "id": item.id,
            "key": item.key,
            **item.output.as_dict(),
            "warnings": item.warnings,
            "explanation": item.explanation,
        }
        for item in result.predictions
    ]
    # Plain values, validated once: a call for one record spends its time in the model.
    return PredictAnswer.model_validate({"model": result.model, "version": result.version, "predictions": predictions})


def _log_page(context: AppContext, name: str, query: LogQuery) -> LogEntries:
    page = history.of_model(context, current_caller(), name, query)
    return LogEntries(predictions=_entries(context, page.records), next_cursor=page.next_cursor)


def _log_entry(context: AppContext, prediction_id: str) -> LogEntry:
    return _entries(context, [history.prediction(context, current_caller(), prediction_id)])[0]


def _entries(context: AppContext, records: Sequence[PredictionRecord]) -> list[LogEntry]:
    recorded = outcomes.outcomes_of_all(context, records)
    return [LogEntry.of_record(record, recorded.get(record.id, OutcomesOf())) for record in records]


def _in_utc(moment: datetime | None) -> datetime | None:
    """A time from a query; one without an offset is in UTC."""
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
