"""A version that is loaded and answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from modeldesk.core.settings import plans_allowed
from modeldesk.model_service.engine.engine import ModelEngine, apply_threshold
from modeldesk.model_service.engine.results import InputWarning, Outputs, Refusal
from modeldesk.model_service.engine.scorer import Scorer
from modeldesk.model_service.explain import Explainer
from modeldesk.model_service.neighbours.default_record import default_record
from modeldesk.model_service.package.folder import VersionTables
from modeldesk.model_service.package.manifest import Manifest
from modeldesk.model_service.package.verification import open_artifact
from modeldesk.model_service.publishing.profile import VersionStudy
from modeldesk.model_service.schema.fields import Field, fields
from modeldesk.model_service.schema.one_hot import OneHot, one_hots
from modeldesk.model_service.schema.schema import ModelSchema, Scalar
from modeldesk.model_service.settings.model_settings import ModelSettings, settings_digest
from modeldesk.model_service.settings.rule_rows import rule_on
from modeldesk.model_service.uncertainty.intervals import intervals
from modeldesk.model_service.uncertainty.outliers import UnusualCheck


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
    _engine: ModelEngine = field(repr=False, compare=False)
    _scorer: Scorer = field(repr=False, compare=False)
    _tables: VersionTables = field(repr=False, compare=False)
    _study: VersionStudy = field(repr=False, compare=False)

    @property
    def schema(self) -> ModelSchema:
        """The input contract."""
        return self.manifest.model_schema

    @property
    def level(self) -> float:
        """The level of the intervals that people asked for."""
        return self.settings.level

    def score(self, frame: pd.DataFrame) -> Outputs:
        """What the artifact says of a frame that was built by the contract, with the decision
        threshold in force and, where it can be said, the interval at ``level``; rules have no say,
        so nobody is told this but through ``answering``.

        Safe from any thread; rows of callers that come together share one call. Raises
        InvalidInput where the artifact cannot answer.
        """
        return self._under_settings(self._scorer.score(frame))

    @property
    def reference(self) -> pd.DataFrame:
        """At most 10,000 of the published rows, with all their columns."""
        return self._tables.reference

    @cached_property
    def reference_outputs(self) -> Outputs:
        """The answers to ``reference``, in its order, without those that a rule refuses."""
        ruling = rule_on(self.settings, self.schema, self.reference)
        return ruling.over(self._under_settings(self._tables.outputs))

    def refusals(self, frame: pd.DataFrame) -> list[Refusal | None]:
        """For each row of a frame that was built by the contract what refuses an answer to it, or None."""
        ruling = rule_on(self.settings, self.schema, frame)
        if ruling.refused is None:
            return [None] * len(frame)
        return [ruling.refusals[index] if index >= 0 else None for index in ruling.refused.tolist()]

    @property
    def explainer(self) -> Explainer:
        """Explains what the artifact answers. The first use in a process takes seconds."""
        return self._study.explainer

    @property
    def unusual(self) -> UnusualCheck:
        """Knows which combinations of values are unusual."""
        return self._study.unusual

    def unusual_combinations(self, frame: pd.DataFrame) -> list[InputWarning | None]:
        """For each row of a frame that was built by the contract a warning, or None where its values
        belong together; inputs by their labels."""
        return self.unusual.check(frame, self._labels)

    def unusual_record(self, record: Mapping[str, Scalar]) -> InputWarning | None:
        """The same for one checked record, several times as fast."""
        return self.unusual.check_record(record, self._labels)

    @cached_property
    def default_record(self) -> Mapping[str, Scalar]:
        """The record that a form opens with: a real, typical one, as far as the settings let it be."""
        return default_record(self.schema, self.settings, self._study.typical)

    @cached_property
    def one_hots(self) -> tuple[OneHot, ...]:
        """The choices that several columns stand for."""
        return one_hots(self.fields, self.settings)

    @cached_property
    def _labels(self) -> Mapping[str, str]:
        return {item.name: item.label for item in self.fields}

    def warm_plan(self) -> None:
        """Let the version's plan answer from now on, where one was proven; imports the compiler if it needs that."""
        self._engine.activate()

    def warm_check(self) -> None:
        """Do now what the first check for unusual combinations would wait for."""
        self.unusual.check(self.reference.head(1))

    def warm_explainer(self) -> None:
        """Do now what the first explanation would wait for. Raises what the artifact raises."""
        self.explainer.warm()

    def with_settings(self, settings: ModelSettings) -> LoadedModel:
        """The same version under other settings."""
        return replace(
            self, settings=settings, settings_digest=settings_digest(settings), fields=fields(self.schema, settings)
        )

    def _under_settings(self, outputs: Outputs) -> Outputs:
        outputs = apply_threshold(outputs, self.settings.positive, self.settings.threshold)
        if not self.manifest.task.numeric or self.manifest.insights is None:
            return outputs
        result = intervals(self.manifest.insights.conformal, self.level, outputs.prediction.astype(float))
        return outputs if result is None else replace(outputs, interval=result, level=self.level)


def load_version(folder: Path, manifest: Manifest, settings: ModelSettings) -> LoadedModel:
    """Load a version whose files are sound. Raises ModelUnavailable or ArtifactDamaged like ``open_artifact``."""
    estimator, engine = open_artifact(folder, manifest, plans=plans_allowed())
    engine.activate(compiler=False)
    tables = VersionTables(folder, manifest)
    return LoadedModel(
        name=manifest.name,
        version=manifest.version,
        digest=manifest.digests[manifest.artifact],
        manifest=manifest,
        settings=settings,
        settings_digest=settings_digest(settings),
        fields=fields(manifest.model_schema, settings),
        folder=folder,
        _engine=engine,
        _scorer=Scorer(engine.predict),
        _tables=tables,
        _study=VersionStudy(manifest, estimator, tables),
    )
