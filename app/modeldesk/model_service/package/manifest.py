"""What is recorded of a published version: ``versions/N/manifest.json``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, PlainSerializer, PlainValidator

from modeldesk.model_service.package.insights import Insights
from modeldesk.model_service.schema.schema import Frozen, ModelSchema, Scalar
from modeldesk.model_service.tasks import Task
from modeldesk.model_service.tasks.base import read_task

FORMAT: Literal[1] = 1

DOUBT = "doubt"
"""The note that tells why a version's answers look wrong."""


class Metric(Frozen):
    """One figure of performance under its usual name (``roc_auc``, ``rmse`` …)."""

    name: str
    value: float


class Evaluation(Frozen):
    """Figures and the rows they were measured on.

    ``source`` is ``holdout``, or ``training`` where no hold-out was given: then the model may
    have been trained on these rows, and whoever shows a figure says so.
    """

    source: Literal["holdout", "training"]
    rows: int
    metrics: tuple[Metric, ...] = ()


class GoldenRow(Frozen):
    """A row of the published data and what the artifact itself answered."""

    inputs: dict[str, Scalar]
    prediction: Scalar
    probability: tuple[float, ...] | None = None
    score: float | None = None


class PlanProof(Frozen):
    """Whether a plan answers in the artifact's place, as it was proven at publication.

    ``equality`` is ``exact`` where every bit was the same on all ``rows``, ``close`` where numbers differed
    by up to ``difference``, relative to their size above 1. ``declined`` says why the artifact answers
    itself; ``compiled`` that the plan needs loops that are compiled.
    """

    engine: Literal["plan", "artifact"]
    equality: Literal["exact", "close"] | None = None
    difference: float = 0.0
    rows: int = 0
    compiled: bool = False
    declined: str | None = None


class Engine(Frozen):
    """How answers are obtained, as found out and proven at publication.

    ``output`` names the methods that a request calls: ``both`` is predict and predict_proba,
    ``score_samples`` comes with predict. ``argmax_is_predict`` says that the class of the highest
    probability equals ``predict`` on every proven row but near ties, where ``predict`` is called
    as well. ``tolerance`` is how far two answers to one row may lie apart, relative to their size above
    1: wider for models that compute in single precision. ``plan`` is None for versions from before there
    were plans: the artifact answers them.
    """

    output: Literal["predict", "predict_proba", "both", "score_samples"]
    argmax_is_predict: bool = False
    tolerance: float = 1e-9
    plan: PlanProof | None = None


class Manifest(Frozen):
    """Everything about a version that is not rows.

    ``digests`` maps each file of the version's folder to its SHA-256; ``libraries`` each
    library the artifact needs to the version it was published with. ``insights`` is None for
    versions from before there were any.
    """

    format: Literal[1] = FORMAT
    name: str
    version: int
    created_at: datetime
    created_by: str
    task: Annotated[Task, PlainValidator(read_task), PlainSerializer(str, when_used="json")]
    target: str | None
    classes: tuple[Scalar, ...] = ()
    estimator: str
    model_schema: ModelSchema
    engine: Engine
    libraries: dict[str, str]
    python: str
    platform: str
    digests: dict[str, str]
    artifact: str
    rows: int
    evaluation: Evaluation
    golden: tuple[GoldenRow, ...]
    insights: Insights | None = None
    notes: dict[str, Any] = Field(default_factory=dict)

    def with_plan(self, plan: PlanProof | None) -> Manifest:
        """The same with how the version's plan stood its proof."""
        return self.model_copy(update={"engine": self.engine.model_copy(update={"plan": plan})})
