"""Metrics of a version, measured at its publication."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from modeldesk.model_service.engine.results import Outputs
from modeldesk.model_service.package.manifest import Metric
from modeldesk.model_service.schema.schema import Scalar
from modeldesk.model_service.tasks import Task


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
