"""The shapes of explanations, what-ifs and outcomes, as the API's documents describe them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from modeldesk.web.api.bodies import Answered, ContributionsAnswer, OutcomeEntry, Value

RECORDS: dict[str, Any] = {
    "type": "array",
    "minItems": 1,
    "items": {"type": "object"},
    "description": "One object a row; see the model's schema.",
}
OF_CLASS: dict[str, Any] = {
    "type": ["string", "null"],
    "description": "The class to speak of; the predicted one unless given.",
}
VERSION: dict[str, Any] = {
    "type": ["integer", "string", "null"],
    "minimum": 1,
    "description": "A version other than the one served: its number, or an alias such as `champion`.",
}


def body(required: str, **properties: dict[str, Any]) -> dict[str, Any]:
    """A JSON body with one required property, for a route's ``openapi_extra``."""
    schema = {"type": "object", "required": [required], "additionalProperties": False, "properties": properties}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


EXPLAIN = body("records", records=RECORDS, of_class=OF_CLASS, version=VERSION)
WHAT_IF = body(
    "records",
    records=RECORDS,
    features={
        "type": ["array", "null"],
        "items": {"type": "string"},
        "minItems": 1,
        "maxItems": 2,
        "description": "One or two inputs along which to tell the response.",
    },
    goal={
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {
            "of_class": {"type": ["string", "null"]},
            "at_least": {"type": ["number", "null"]},
            "at_most": {"type": ["number", "null"]},
            "best": {"enum": ["highest", "lowest", None]},
        },
        "description": "What a changed record should be: a class, or a value. Empty: any other class. "
        "`best`: how far the value, or the probability of `of_class`, can be moved.",
    },
    of_class=OF_CLASS,
    version=VERSION,
)
OUTCOME = body(
    "outcome",
    outcome={
        "type": ["boolean", "number", "string"],
        "description": "A class of the model, or a number.",
    },
    reason={"type": ["string", "null"], "maxLength": 1000},
    kind={
        "enum": ["actual", "decision"],
        "default": "actual",
        "description": "What happened, or what a person decides instead, with a reason.",
    },
)


class ToldExplanation(ContributionsAnswer):
    """Contributions, and the same in a sentence."""

    sentence: str


class ExplainAnswer(BaseModel):
    """Why the model says what it says; null for a record that a rule refuses to answer."""

    model: str
    version: int
    explanations: list[ToldExplanation | None]


class CurveAnswer(BaseModel):
    """The response along one input."""

    feature: str
    values: list[Value]
    answers: list[float | None] = Field(description="Null where a rule refuses an answer.")
    scale: str
    of_class: str | None


class SurfaceAnswer(BaseModel):
    """The response over two inputs: a row of answers for each of `y_values`."""

    features: list[str]
    x_values: list[Value]
    y_values: list[Value]
    answers: list[list[float | None]] = Field(description="Null where a rule refuses an answer.")
    scale: str
    of_class: str | None


class ChangeAnswer(BaseModel):
    """One input's present value and the suggested one."""

    feature: str
    before: Value
    after: Value


class SuggestionAnswer(BaseModel):
    """A changed record that reaches the goal, answered by the model itself."""

    changes: list[ChangeAnswer]
    prediction: Value
    probability: dict[str, float] | None
    distance: float = Field(description="From the present record: 0 to about 1.")
    unusual: bool = Field(description="Whether such a record would be an odd one.")


class SuggestionsAnswer(BaseModel):
    """The nearest changes that reach the goal, fewest first."""

    already: bool = Field(description="The record reaches the goal as it is.")
    complete: bool = Field(description="Every change of one or two inputs was tried, or some reach the goal.")
    items: list[SuggestionAnswer]


class WhatIfAnswer(Answered):
    """The answer to one record; it is not kept and has no id."""

    explanation: ToldExplanation | None
    response: CurveAnswer | SurfaceAnswer | None
    suggestions: SuggestionsAnswer | None


class WhatIfAnswers(BaseModel):
    """The answers to the records of one call, in their order."""

    model: str
    version: int
    answers: list[WhatIfAnswer]


class OutcomeCounts(BaseModel):
    """What became of the outcome: `corrected` where another value was recorded before, which is kept."""

    matched: int
    unmatched: int
    duplicate: int
    invalid: int
    state: Literal["recorded", "corrected", "duplicate"]
    outcome: OutcomeEntry
