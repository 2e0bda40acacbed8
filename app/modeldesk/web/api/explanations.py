"""REST for understanding a prediction: why the model says it, and what would change it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import AfterValidator, Field

from modeldesk.core.errors import InvalidInput, Problem
from modeldesk.core.identity import current_caller
from modeldesk.model_service.whatif.counterfactual import Suggestions
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions.explain import Explained, explain_many
from modeldesk.services.predictions.response import curve, surface
from modeldesk.services.predictions.what_if import Goal, Scenario, compare, suggest
from modeldesk.services.versions.labels import numbered
from modeldesk.web.api.bodies import OtherVersion, Records, RequestBody, Says, json_body, send
from modeldesk.web.api.calling import Answer, ModelName, Value, answer
from modeldesk.web.api.predictions import Answered, ContributionsAnswer

_TAGS: list[Any] = ["Understanding"]
OfClass = Annotated[
    str | None,
    send("the name of a class"),
    Field(description="The class to speak of; the predicted one unless given."),
]


class ExplainBody(RequestBody):
    """What is to be explained."""

    records: Records
    of_class: OfClass = None
    version: OtherVersion = None


class GoalBody(RequestBody):
    """What a changed record should be."""

    of_class: Annotated[str | None, send("the name of a class")] = None
    at_least: Annotated[float | None, send("a number")] = None
    at_most: Annotated[float | None, send("a number")] = None
    best: Annotated[Literal["highest", "lowest"] | None, Says("`goal.best` is `highest` or `lowest`.")] = None


def _different(features: list[str]) -> list[str]:
    if len(set(features)) < len(features):
        raise ValueError("named twice")
    return features


class WhatIfBody(RequestBody):
    """What is asked about some records."""

    records: Records
    features: Annotated[
        Annotated[list[str], Field(min_length=1, max_length=2), AfterValidator(_different)] | None,
        Says("`features` is a list with one or two different inputs' names."),
        Field(description="One or two inputs along which to tell the response."),
    ] = None
    goal: Annotated[
        GoalBody | None,
        send("an object with `of_class`, `at_least` or `at_most`"),
        Field(
            description="What a changed record should be: a class, or a value. Empty: any other class. "
            "`best`: how far the value, or the probability of `of_class`, can be moved."
        ),
    ] = None
    of_class: OfClass = None
    version: OtherVersion = None


class ToldExplanation(ContributionsAnswer):
    """Contributions, and the same in a sentence."""

    sentence: str


class ExplainAnswer(Answer):
    """Why the model says what it says; null for a record that a rule refuses to answer."""

    model: str
    version: int
    explanations: list[ToldExplanation | None]


class CurveAnswer(Answer):
    """The response along one input."""

    feature: str
    values: list[Value]
    answers: list[float | None] = Field(description="Null where a rule refuses an answer.")
    scale: str
    of_class: str | None


class SurfaceAnswer(Answer):
    """The response over two inputs: a row of answers for each of `y_values`."""

    features: list[str]
    x_values: list[Value]
    y_values: list[Value]
    answers: list[list[float | None]] = Field(description="Null where a rule refuses an answer.")
    scale: str
    of_class: str | None


class ChangeAnswer(Answer):
    """One input's present value and the suggested one."""

    feature: str
    before: Value
    after: Value


class SuggestionAnswer(Answer):
    """A changed record that reaches the goal, answered by the model itself."""

    changes: list[ChangeAnswer]
    prediction: Value
    probability: dict[str, float] | None
    distance: float = Field(description="From the present record: 0 to about 1.")
    unusual: bool = Field(description="Whether such a record would be an odd one.")


class SuggestionsAnswer(Answer):
    """The nearest changes that reach the goal, fewest first."""

    already: bool = Field(description="The record reaches the goal as it is.")
    complete: bool = Field(description="Every change of one or two inputs was tried, or some reach the goal.")
    items: list[SuggestionAnswer]


class WhatIfAnswer(Answered):
    """The answer to one record; it is not kept and has no id."""

    explanation: ToldExplanation | None
    response: CurveAnswer | SurfaceAnswer | None
    suggestions: SuggestionsAnswer | None


class WhatIfAnswers(Answer):
    """The answers to the records of one call, in their order."""

    model: str
    version: int
    answers: list[WhatIfAnswer]


def add_explanations(calls: APIRouter, context: AppContext) -> None:
    """Add the calls that explain and that ask what if."""

    @calls.post(
        "/models/{name}/explain",
        tags=_TAGS,
        summary="Why the model says what it says",
        response_model=ExplainAnswer,
        openapi_extra=json_body(ExplainBody),
    )
    async def explain_records(name: ModelName, request: Request) -> Response:
        return await answer(_explain, context, name, await request.body())

    @calls.post(
        "/models/{name}/what-if",
        tags=_TAGS,
        summary="What the model would say, and what would change it; nothing is kept",
        response_model=WhatIfAnswers,
        openapi_extra=json_body(WhatIfBody),
    )
    async def what_if_records(name: ModelName, request: Request) -> Response:
        return await answer(_what_if, context, name, await request.body())


def _explain(context: AppContext, name: str, body: bytes) -> ExplainAnswer:
    request = ExplainBody.read(body)
    version = numbered(context, current_caller(), name, request.version)
    result = explain_many(context, current_caller(), name, request.records, version=version, of_class=request.of_class)
    model = result[0].model
    return ExplainAnswer(model=model.name, version=model.version, explanations=[_told(item) for item in result])


def _what_if(context: AppContext, name: str, body: bytes) -> WhatIfAnswers:
    request = WhatIfBody.read(body)
    scenarios = [Scenario(str(index), record) for index, record in enumerate(request.records)]
    version = numbered(context, current_caller(), name, request.version)
    result = compare(context, current_caller(), name, scenarios, version=version, of_class=request.of_class).answers
    model = result[0].model
    unknown = [feature for feature in request.features or () if feature not in model.schema.names]
    if unknown:
        message = f"{model.name} reads no input named {unknown[0]!r}."
        raise InvalidInput(message, problems=[Problem("features", "unknown_feature", message)])
    answers = [_answer(context, item, record, request) for item, record in zip(result, request.records, strict=True)]
    return WhatIfAnswers(model=model.name, version=model.version, answers=answers)


def _answer(context: AppContext, item: Explained, record: Mapping[str, Any], request: WhatIfBody) -> WhatIfAnswer:
    """One record's answer; what a rule refuses to answer has no response and no suggestions."""
    response, suggestions = None, None
    if item.prediction.output.refused is None:
        if request.goal is not None:
            goal, version = Goal(**request.goal.model_dump()), item.model.version
            result = suggest(context, current_caller(), item.model.name, record, goal, version=version)
            suggestions = _suggestions(result.suggestions)
        response = _response(context, item, record, request)
    return WhatIfAnswer.model_validate(
        {
            **item.prediction.output.as_dict(),
            "warnings": item.prediction.warnings,
            "explanation": _told(item),
            "response": response,
            "suggestions": suggestions,
        }
    )


def _told(item: Explained) -> ToldExplanation | None:
    if item.explanation is None:
        return None
    result = ContributionsAnswer.of(item.explanation)
    return ToldExplanation(**dict(result), sentence=item.sentence or "")


def _response(
    context: AppContext, item: Explained, record: Mapping[str, Any], request: WhatIfBody
) -> CurveAnswer | SurfaceAnswer | None:
    caller, name = current_caller(), item.model.name
    options: dict[str, Any] = {"version": item.model.version, "of_class": request.of_class}
    features = request.features or []
    if len(features) == 1:
        return CurveAnswer.of(curve(context, caller, name, record, features[0], **options))
    if len(features) == 2:
        result = surface(context, caller, name, record, *features, **options)
        return SurfaceAnswer(
            features=[result.x, result.y],
            x_values=list(result.x_values),
            y_values=list(result.y_values),
            answers=result.rows(),
            scale=result.scale,
            of_class=result.of_class,
        )
    return None


def _suggestions(result: Suggestions) -> SuggestionsAnswer:
    items = [
        SuggestionAnswer(
            changes=[ChangeAnswer.of(change) for change in item.changes],
            prediction=item.output.prediction,
            probability=item.output.probability,
            distance=item.distance,
            unusual=item.unusual,
        )
        for item in result.items
    ]
    return SuggestionsAnswer(already=result.already, complete=result.complete, items=items)
