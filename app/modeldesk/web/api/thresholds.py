"""REST for the threshold that decides between two classes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from modeldesk.core.errors import InvalidInput, Problem
from modeldesk.core.identity import current_caller
from modeldesk.model_service.performance.binary import Costs
from modeldesk.model_service.performance.thresholds import Aim, Suggestion
from modeldesk.services.app_context import AppContext
from modeldesk.services.performance import thresholds
from modeldesk.services.performance.report import performance
from modeldesk.services.versions.manage import MAX_REASON
from modeldesk.web.api.bodies import LARGEST, RequestBody, json_body, needed, schema_only, send
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


class ThresholdSuggestion(Answer):
    """A threshold worth looking at, and what deciding from it on does on the rows."""

    aim: Aim
    wanted: float | None = Field(description="The recall or precision that was asked for.")
    threshold: float
    found: int = Field(description="True positives.")
    missed: int = Field(description="False negatives.")
    alarms: int = Field(description="False positives.")
    passed: int = Field(description="True negatives.")
    metrics: dict[str, float | None] = Field(description="Null where a share is of nothing.")
    cost: float | None = Field(description="What the errors cost together, where both costs were given.")

    @classmethod
    def of_suggestion(cls, item: Suggestion, costs: Costs | None) -> Self:
        """A suggestion with what its errors cost."""
        decision = item.decision
        counts = {name: getattr(decision, name) for name in ("threshold", "found", "missed", "alarms", "passed")}
        metrics = {name: figure.value for name, figure in decision.figures().items()}
        cost = None if costs is None else decision.cost(costs)
        return cls.model_validate({"aim": item.aim, "wanted": item.wanted, **counts, "metrics": metrics, "cost": cost})


class ThresholdSuggestions(Answer):
    """The thresholds worth looking at on some rows; those that do not exist there are left out."""

    model: str
    version: int
    of_class: str = Field(description="The class that is decided for.")
    rows: int = Field(description="How many rows this was measured on.")
    suggestions: list[ThresholdSuggestion]


def add_thresholds(calls: APIRouter, context: AppContext) -> None:
    """Add the calls that suggest thresholds and that decide by another one."""

    @calls.get(
        "/models/{name}/thresholds",
        tags=["Versions"],
        summary="Thresholds worth looking at: lowest cost, best F1, a wanted recall or precision",
        response_model=ThresholdSuggestions,
    )
    async def suggest_thresholds(
        name: ModelName,
        version: Annotated[int | None, Query(ge=1, le=LARGEST, description="The served one unless named.")] = None,
        source: Annotated[str, Query(description="`log` or `batch:ID`; without one the version's own rows.")] = "",
        segment: Annotated[str | None, Query(description="As in the address of the Performance page.")] = None,
        of_class: Annotated[
            str | None, Query(alias="class", description="Of several classes the one to decide for.")
        ] = None,
        cost_missed: Annotated[float | None, Query(ge=0, le=1e12, description="What a missed positive costs.")] = None,
        cost_alarm: Annotated[
            float | None,
            Query(ge=0, le=1e12, description="What a false alarm costs; with both, the lowest cost is found."),
        ] = None,
        recall: Annotated[float | None, Query(gt=0, le=1, description="The share of positives to be found.")] = None,
        precision: Annotated[float | None, Query(gt=0, le=1, description="The share of alarms to be right.")] = None,
    ) -> Response:
        costs = None if cost_missed is None or cost_alarm is None else Costs(cost_missed, cost_alarm)
        if costs is None and (cost_missed, cost_alarm) != (None, None):
            absent = "cost_alarm" if cost_alarm is None else "cost_missed"
            message = f"`{absent}` is missing: the lowest cost follows from what both errors cost."
            raise InvalidInput(message, problems=[Problem(absent, "missing", message)])

        def suggest() -> ThresholdSuggestions:
            measured = performance(context, current_caller(), name, version=version, segment=segment, source=source)
            result = thresholds.suggested(measured, of_class=of_class, costs=costs, recall=recall, precision=precision)
            return ThresholdSuggestions(
                model=measured.model.name,
                version=measured.model.version,
                of_class=measured.report.classes[measured.report.place_of(of_class)],
                rows=len(measured.report.rows),
                suggestions=[ThresholdSuggestion.of_suggestion(item, costs) for item in result],
            )

        return await answer(suggest)

    @calls.post(
        "/models/{name}/threshold",
        tags=["Versions"],
        summary="Decide by another threshold from now on",
        response_model=ThresholdDecision,
        openapi_extra=json_body(ThresholdBody),
    )
    async def set_threshold(name: ModelName, request: Request) -> Response:
        return await answer(_set_threshold, context, name, await request.body())


def _set_threshold(context: AppContext, name: str, body: bytes) -> ThresholdDecision:
    request = ThresholdBody.read(body)
    return ThresholdDecision.of(
        thresholds.set_threshold(
            context, current_caller(), name, request.threshold, request.reason or "", revision=request.revision
        )
    )
