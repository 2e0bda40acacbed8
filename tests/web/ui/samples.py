"""Models and predictions as pages are given them, and how to read what a page shows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from dash.development.base_component import Component
from modeldesk.core.errors import NotFound
from modeldesk.model_service.package.manifest import Engine, Evaluation, Manifest, Metric
from modeldesk.model_service.package.model_folder import ModelEntry, State
from modeldesk.model_service.schema.schema import Feature, ModelSchema
from modeldesk.model_service.settings.model_settings import ModelSettings
from modeldesk.model_service.tasks import task_of
from modeldesk.ports.decisions import ServedChange
from modeldesk.ports.predictions import PredictionRecord

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)

SCHEMA = ModelSchema(
    features=(
        Feature(name="age", type="integer", dtype="int64", default=42, minimum=18, maximum=90),
        Feature(name="income", type="number", dtype="float64", default=33_200.0, minimum=6_000, maximum=180_000),
        Feature(name="home", type="category", dtype="str", default="Rents"),
        Feature(name="code", type="category", dtype="str", default="x", hidden=True),
    )
)


def manifest(version: int = 1, *, task: str = "binary", source: str = "holdout", **metrics: float) -> Manifest:
    """A version's manifest with the figures given."""
    return Manifest(
        name="loan",
        version=version,
        created_at=NOON + timedelta(days=version),
        created_by="ada",
        task=task_of(task),
        target="default",
        classes=("default", "paid back") if task == "binary" else (),
        estimator="Pipeline",
        model_schema=SCHEMA,
        engine=Engine(output="predict"),
        libraries={"scikit-learn": "1.9.1"},
        python="3.11.7",
        platform="linux",
        digests={},
        artifact="model.joblib",
        rows=1_000,
        evaluation=Evaluation(
            source="holdout" if source == "holdout" else "training",
            rows=250,
            metrics=tuple(Metric(name=name, value=value) for name, value in metrics.items()),
        ),
        golden=(),
    )


def entry(
    name: str = "loan",
    *,
    state: State = "serving",
    reason: str | None = None,
    hint: str | None = None,
    task: str = "binary",
    served: int | None = 1,
    versions: tuple[int, ...] = (1,),
    **settings: Any,
) -> ModelEntry:
    """A model as the registry tells of it."""

    def of(version: int) -> Manifest:
        if version not in versions:
            raise NotFound("No such version.")
        return manifest(version, task=task)

    shown = manifest(served, task=task) if served else None
    return ModelEntry(name, ModelSettings(**settings), versions, served, state, reason, hint, shown, of)


def record(output: dict[str, Any] | None = None, **changes: Any) -> PredictionRecord:
    """A recorded prediction of the model ``loan``."""
    given: dict[str, Any] = {
        "id": "0193a1b2-0000-7000-8000-000000000001",
        "created_at": NOON,
        "model": "loan",
        "version": 1,
        "version_digest": "a" * 64,
        "settings_digest": "b" * 64,
        "owner": "ada",
        "source": "form",
        "inputs": {"age": 42, "income": 33_200.0, "home": "Rents", "code": "x"},
        "output": output or {"prediction": "default", "probability": {"default": 0.408, "paid back": 0.592}},
    }
    return PredictionRecord(**{**given, **changes})


def change(version: int, previous: int | None, action: str = "promote") -> ServedChange:
    """A decision on the model ``loan``."""
    return ServedChange(
        "loan", version, previous, "promote" if action == "promote" else "rollback", "ada", "Why not.", NOON
    )


def parts(shown: Any) -> Iterator[Component]:
    """Every component of a page or a part of one."""
    if isinstance(shown, Component):
        yield shown
        yield from parts(getattr(shown, "children", None))
    elif isinstance(shown, list | tuple):
        for item in shown:
            yield from parts(item)


def text(shown: Any) -> str:
    """All that a person reads in it, with one space between the pieces."""
    if isinstance(shown, Component):
        return text(getattr(shown, "children", None))
    if isinstance(shown, list | tuple):
        return " ".join(" ".join(text(item) for item in shown).split())
    return "" if shown is None else " ".join(str(shown).split())


def classed(shown: Any, name: str) -> list[Component]:
    """The components of a class."""
    return [part for part in parts(shown) if name in str(getattr(part, "className", "")).split()]
