"""A version that is loaded and answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd

from app.model_service.artifacts import check_libraries, load_verified
from app.model_service.engine import ANOMALY_CLASSES, apply_threshold, engine_of
from app.model_service.fields import Field, fields
from app.model_service.golden import replay
from app.model_service.manifest import Manifest
from app.model_service.model_settings import ModelSettings, settings_digest
from app.model_service.package import PREDICTIONS, REFERENCE, outputs_of
from app.model_service.results import Outputs
from app.model_service.schema import ModelSchema
from app.model_service.scorer import Scorer


class VersionTables:
    """A version's reference rows and the artifact's answers to them, read when first asked for."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self._folder = folder
        self._classes = ANOMALY_CLASSES if manifest.task == "anomaly" else manifest.classes

    @cached_property
    def reference(self) -> pd.DataFrame:
        """A seeded sample of the published rows, with all their columns."""
        return pd.read_parquet(self._folder / REFERENCE)

    @cached_property
    def outputs(self) -> Outputs:
        """The artifact's own answers to the reference rows, in their order."""
        return outputs_of(pd.read_parquet(self._folder / PREDICTIONS), self._classes)


@dataclass(frozen=True)
class LoadedModel:
    """One version of a model with the settings in force; immutable, shared by threads.

    A request takes one and uses it from start to end. ``digest`` is the artifact's SHA-256.
    """

    name: str
    version: int
    digest: str
    manifest: Manifest
    settings: ModelSettings
    settings_digest: str
    fields: tuple[Field, ...]
    folder: Path
    _scorer: Scorer = field(repr=False, compare=False)
    _tables: VersionTables = field(repr=False, compare=False)

    @property
    def schema(self) -> ModelSchema:
        """The input contract."""
        return self.manifest.model_schema

    @property
    def level(self) -> float:
        """The level of the intervals that people asked for."""
        return self.settings.level

    def score(self, frame: pd.DataFrame) -> Outputs:
        """Answers to a frame that was built by the contract, with the decision threshold in force.

        Safe from any thread; rows of callers that come together share one call. Raises
        InvalidInput where the artifact cannot answer.
        """
        return self._with_threshold(self._scorer.score(frame))

    @property
    def reference(self) -> pd.DataFrame:
        """At most 10,000 of the published rows, with all their columns."""
        return self._tables.reference

    @cached_property
    def reference_outputs(self) -> Outputs:
        """The answers to ``reference``, in its order, with the decision threshold in force."""
        return self._with_threshold(self._tables.outputs)

    def with_settings(self, settings: ModelSettings) -> LoadedModel:
        """The same version under other settings."""
        return _bind(self.folder, self.manifest, settings, self._scorer, self._tables)

    def _with_threshold(self, outputs: Outputs) -> Outputs:
        return apply_threshold(outputs, self.settings.positive, self.settings.threshold)


def load_version(folder: Path, manifest: Manifest, settings: ModelSettings) -> LoadedModel:
    """Load a version: its libraries are looked at first, then the artifact's digest, and only
    then is it unpickled; its golden rows must come out as published.

    Raises ModelUnavailable or ArtifactDamaged.
    """
    check_libraries(manifest.libraries)
    estimator = load_verified(folder / manifest.artifact, manifest.digests[manifest.artifact])
    engine = engine_of(manifest, estimator)
    replay(manifest, engine)
    return _bind(folder, manifest, settings, Scorer(engine.predict), VersionTables(folder, manifest))


def _bind(
    folder: Path, manifest: Manifest, settings: ModelSettings, scorer: Scorer, tables: VersionTables
) -> LoadedModel:
    return LoadedModel(
        name=manifest.name,
        version=manifest.version,
        digest=manifest.digests[manifest.artifact],
        manifest=manifest,
        settings=settings,
        settings_digest=settings_digest(settings),
        fields=fields(manifest.model_schema, settings),
        folder=folder,
        _scorer=scorer,
        _tables=tables,
    )
