"""The shapes of the API's answers, as its documents describe them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

Value = bool | int | float | str | None


class Warning(BaseModel):
    """A doubt about an input; it never changes the answer."""

    field: str | None
    code: str
    message: str


class Contribution(BaseModel):
    """What one input adds; `error` is the standard error where contributions are sampled."""

    feature: str
    value: Value
    contribution: float
    error: float | None = None


class ContributionsAnswer(BaseModel):
    """Base value + contributions = output, on the scale named."""

    method: Literal["tree", "linear", "permutation"]
    scale: Literal["value", "probability", "log_odds", "score"]
    of_class: str | None
    base_value: float
    output: float
    contributions: list[Contribution]


class Answered(BaseModel):
    """What the model says of one record."""

    prediction: Value = Field(description="What the model says: a class or a value; null if a rule refuses.")
    probability: dict[str, float] | None = Field(description="By class, where the model gives probabilities.")
    score: float | None = Field(description="Of anomaly models: lower is more unusual.")
    interval: tuple[float, float] | None = Field(description="Where the value lies, at `level`.")
    level: float | None
    refused: dict[str, str] | None = Field(description="The rule that refuses an answer, and its text.")
    warnings: list[Warning]


class PredictionAnswer(Answered):
    """The answer to one record."""

    id: str = Field(description="UUIDv7 under which the prediction is kept.")
    key: str | None = Field(description="The caller's own name for the record.")
    explanation: ContributionsAnswer | None = Field(
        description="Where `explain` was asked for; null where a rule refuses."
    )


class PredictAnswer(BaseModel):
    """The answers to the records of one call, all of one version, in their order."""

    model: str
    version: int
    predictions: list[PredictionAnswer]


class Metrics(BaseModel):
    """Figures and the rows they were measured on; `training` rows may be known to the model."""

    source: Literal["holdout", "training"]
    rows: int
    metrics: dict[str, float]


class ModelSummary(BaseModel):
    """A model at a glance."""

    name: str
    title: str
    description: str
    task: str | None
    target: str | None
    version: int | None = Field(description="The version served.")
    state: Literal["serving", "loading", "degraded"]
    reason: str | None = Field(description="Why the model is degraded.")
    hint: str | None
    predictions: int | None = Field(description="Over the last 14 days; null where the log cannot be read.")


class ModelList(BaseModel):
    """The models that the caller may use."""

    models: list[ModelSummary]


class ThresholdDecision(BaseModel):
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


class ModelDetail(ModelSummary):
    """A model's card."""

    owner: str
    unit: str
    classes: list[Value]
    positive: Value
    threshold: float | None = Field(description="The threshold in force; null: the artifact's own choice.")
    threshold_own: float | None = Field(description="The threshold of model.toml.")
    threshold_saved: ThresholdDecision | None = Field(description="The decision that lies over model.toml's.")
    threshold_unused: str | None = Field(description="Why that decision is not in force.")
    versions: list[int]
    estimator: str | None
    published_at: datetime | None
    published_by: str | None
    evaluation: Metrics | None
    features: list[str]


class VersionSummary(BaseModel):
    """One published version."""

    version: int
    served: bool
    created_at: datetime
    created_by: str
    estimator: str
    rows: int
    digest: str = Field(description="SHA-256 of the artifact.")
    python: str
    libraries: dict[str, str]
    evaluation: Metrics
    aliases: list[str]
    tags: list[str]


class Change(BaseModel):
    """One decision on the version that is served."""

    model: str
    version: int
    previous: int | None
    action: Literal["promote", "rollback"]
    who: str
    why: str
    at: datetime


class UnreadableVersion(BaseModel):
    """A version that is there and cannot be read."""

    version: int
    reason: str
    hint: str | None


class VersionList(BaseModel):
    """A model's versions, and the decisions on them and on its threshold, newest first."""

    model: str
    served: int | None
    decided: int | None = Field(description="The version last decided on, whether it can be served or not.")
    versions: list[VersionSummary]
    unreadable: list[UnreadableVersion]
    history: list[Change]
    thresholds: list[ThresholdDecision]


class OutcomeEntry(BaseModel):
    """What somebody said about a prediction."""

    kind: Literal["actual", "decision"]
    value: Value
    predicted: Value
    reason: str | None
    who: str
    at: datetime


class LogEntry(Answered):
    """A prediction as it is kept."""

    id: str
    key: str | None = Field(description="The caller's own name for the record.")
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


class LogEntries(BaseModel):
    """One page of the log, newest first."""

    predictions: list[LogEntry]
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page; null on the last.")


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
