"""REST for models: which there are, their cards, and the schema of their records."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Query, Response
from pydantic import Field

from modeldesk.core.identity import current_caller
from modeldesk.model_service.neighbours.default_record import default_record_of
from modeldesk.model_service.package.manifest import Evaluation
from modeldesk.model_service.schema.json_schema import record_schema
from modeldesk.services.app_context import AppContext
from modeldesk.services.versions import catalogue
from modeldesk.services.versions.catalogue import ModelCard
from modeldesk.web.api.bodies import LARGEST
from modeldesk.web.api.calling import Answer, ModelName, Value, answer
from modeldesk.web.api.thresholds import ThresholdDecision


class Metrics(Answer):
    """Figures and the rows they were measured on; `training` rows may be known to the model."""

    source: Literal["holdout", "training"]
    rows: int
    metrics: dict[str, float]

    @classmethod
    def of_evaluation(cls, evaluation: Evaluation) -> Self:
        """The figures of a version."""
        metrics = {metric.name: metric.value for metric in evaluation.metrics}
        return cls(source=evaluation.source, rows=evaluation.rows, metrics=metrics)


class ModelSummary(Answer):
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

    @classmethod
    def of_card(cls, card: ModelCard) -> Self:
        """A model in the list of models."""
        return cls.model_validate(_summary(card))


class ModelList(Answer):
    """The models that the caller may use."""

    models: list[ModelSummary]


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

    @classmethod
    def of_card(cls, card: ModelCard) -> Self:
        """A model's card; figures and decisions only for those who may see them."""
        entry, manifest = card.entry, card.manifest
        return cls.model_validate(
            {
                **_summary(card),
                "owner": entry.settings.owner,
                "unit": entry.settings.unit,
                "classes": manifest.classes if manifest else (),
                "positive": entry.settings.positive,
                "threshold": entry.settings.threshold,
                "threshold_own": entry.threshold.own,
                "threshold_saved": entry.threshold.saved if card.measured else None,
                "threshold_unused": entry.threshold.unused,
                "versions": sorted(entry.versions),
                "estimator": manifest.estimator if manifest else None,
                "published_at": manifest.created_at if manifest else None,
                "published_by": manifest.created_by if manifest else None,
                "evaluation": Metrics.of_evaluation(manifest.evaluation) if manifest and card.measured else None,
                "features": manifest.model_schema.names if manifest else (),
            }
        )


def add_models(calls: APIRouter, context: AppContext) -> None:
    """Add the calls about models."""

    @calls.get("/models", tags=["Models"], summary="The models you can use", response_model=ModelList)
    async def list_models() -> Response:
        def listed() -> ModelList:
            return ModelList(models=[ModelSummary.of_card(card) for card in catalogue.cards(context, current_caller())])

        return await answer(listed)

    @calls.get("/models/{name}", tags=["Models"], summary="A model's card", response_model=ModelDetail)
    async def show_model(name: ModelName) -> Response:
        return await answer(lambda: ModelDetail.of_card(catalogue.card(context, current_caller(), name)))

    @calls.get("/models/{name}/schema", tags=["Models"], summary="JSON Schema of one record")
    async def show_schema(
        name: ModelName,
        version: Annotated[int | None, Query(ge=1, le=LARGEST, description="The served version unless given.")] = None,
    ) -> Response:
        return await answer(_schema, context, name, version)


def _summary(card: ModelCard) -> dict[str, Any]:
    entry, manifest = card.entry, card.manifest
    return {
        "name": entry.name,
        "title": entry.settings.title or entry.name,
        "description": entry.settings.description,
        "task": str(manifest.task) if manifest else None,
        "target": manifest.target if manifest else None,
        "version": entry.served,
        "state": entry.state,
        "reason": entry.reason,
        "hint": entry.hint,
        "predictions": card.total,
    }


def _schema(context: AppContext, name: str, version: int | None) -> dict[str, Any]:
    entry = context.entry(current_caller(), name)
    manifest = entry.manifest if version is None else entry.manifests(version)
    if manifest is None:
        manifest = context.registry.get(name).manifest
    typical = default_record_of(manifest, entry.settings)
    return record_schema(manifest.model_schema, entry.settings) | {"examples": [typical]}
