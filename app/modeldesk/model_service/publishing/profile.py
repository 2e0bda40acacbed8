"""Compute what a version records about its artifact: metrics, intervals, explainer, distances."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from modeldesk.model_service.engine.results import Outputs
from modeldesk.model_service.engine.task import Question
from modeldesk.model_service.explain import Explainer, choose_method
from modeldesk.model_service.neighbours.default_record import typical_records
from modeldesk.model_service.package.folder import VersionTables
from modeldesk.model_service.package.insights import Insights
from modeldesk.model_service.package.manifest import GoldenRow, Manifest, Metric
from modeldesk.model_service.schema.frames import frame_of
from modeldesk.model_service.schema.schema import ModelSchema, Scalar
from modeldesk.model_service.tasks import Task
from modeldesk.model_service.uncertainty.calibration import measure_calibration
from modeldesk.model_service.uncertainty.intervals import measure_intervals, measure_sets
from modeldesk.model_service.uncertainty.outliers import UnusualCheck


@dataclass(frozen=True, slots=True)
class HoldOut:
    """The artifact's answers to the hold-out rows, and what was actually so."""

    outputs: Outputs
    actual: pd.Series


def study(
    estimator: Any,
    schema: ModelSchema,
    question: Question,
    golden: Sequence[GoldenRow],
    reference: pd.DataFrame,
    holdout: HoldOut | None,
) -> Insights:
    """What can be found out about an artifact: how it is explained, what is unusual among the
    published rows, and, where there is a hold-out, how sure its answers are."""
    rows = frame_of(schema, [row.inputs for row in golden])
    unusual = UnusualCheck(schema, reference)
    insights = Insights(
        explainer=choose_method(estimator, schema, rows, reference, question=question),
        unusual=unusual.limits,
        typical=tuple(map(dict, typical_records(schema, reference, unusual.space))),
    )
    task = question.task
    if holdout is None or not task.has_errors:
        return insights
    measure = measure_intervals if task.numeric else measure_sets
    return insights.model_copy(
        update={
            "conformal": measure(holdout.outputs, holdout.actual),
            "calibration": None if task.numeric else measure_calibration(holdout.outputs, holdout.actual),
        }
    )


class VersionStudy:
    """What explains a loaded version and knows what is unusual for it: each is made when it is
    first asked for, once, by whichever thread comes first."""

    def __init__(self, manifest: Manifest, estimator: Any, tables: VersionTables) -> None:
        self._manifest = manifest
        self._estimator = estimator
        self._tables = tables
        self._lock = threading.Lock()
        self._explainer: Explainer | None = None
        self._unusual: UnusualCheck | None = None

    @property
    def explainer(self) -> Explainer:
        """By the method that was chosen at publication; for a version from before that, chosen now."""
        with self._lock:
            if self._explainer is None:
                self._explainer = self._make_explainer()
            return self._explainer

    @property
    def unusual(self) -> UnusualCheck:
        """Judges by the limits that were learnt at publication, else by limits learnt now."""
        with self._lock:
            if self._unusual is None:
                known = self._manifest.insights
                self._unusual = UnusualCheck(
                    self._manifest.model_schema, self._tables.reference, known.unusual if known else None
                )
            return self._unusual

    @property
    def typical(self) -> tuple[Mapping[str, Scalar], ...]:
        """The most typical reference rows, found at publication, else now."""
        known = self._manifest.insights
        if known is not None and known.typical:
            return known.typical
        return typical_records(self._manifest.model_schema, self._tables.reference, self.unusual.space)

    def _make_explainer(self) -> Explainer:
        schema, reference = self._manifest.model_schema, self._tables.reference
        question = Question(self._manifest.task, self._manifest.classes)
        if self._manifest.insights is not None:
            spec = self._manifest.insights.explainer
        else:
            golden = frame_of(schema, [row.inputs for row in self._manifest.golden])
            spec = choose_method(self._estimator, schema, golden, reference, question=question)
        return Explainer(spec, self._estimator, schema, reference, question)


def evaluate(task: Task, outputs: Outputs, actual: pd.Series | None, positive: Scalar = None) -> tuple[Metric, ...]:
    """The metrics of answers against what was actually so, under their usual names.

    ``actual`` (n,) may hold missing values: those rows do not count. Where it is None (no target), or
    the task has no errors, these are the metrics of answers alone. The positive class of a binary model is
    ``positive``. A metric that is undefined on these rows (one class only, say) is left out.
    """
    if actual is None or not task.has_errors:
        measured = task.shares(outputs)
    else:
        known = np.flatnonzero(actual.notna().to_numpy())
        truth = actual.iloc[known].to_numpy()
        measured = task.metrics(outputs.take(known), truth, positive) if len(truth) else {}
    return tuple(Metric(name=name, value=value) for name, value in measured.items() if math.isfinite(value))
