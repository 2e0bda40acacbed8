"""Figures of performance under their usual names, by scikit-learn's own functions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from modeldesk.model_service.engine.results import Outputs, places_of, positive_place
from modeldesk.model_service.package.manifest import Metric, Task
from modeldesk.model_service.schema.schema import Scalar

_SQUARABLE = 1e140
"""Sums of squares of numbers beyond this overflow."""


def evaluate(task: Task, outputs: Outputs, actual: pd.Series | None, positive: Scalar = None) -> tuple[Metric, ...]:
    """The figures for answers against what was actually so.

    ``actual`` (n,) may hold missing values: those rows do not count. None (no target) gives
    the share of anomalies for an anomaly model and nothing for others. The positive class of
    a binary model is ``positive``, else its second, as in scikit-learn. A figure that is undefined on these rows
    (one class only, say) is left out.

    Regression: rmse, mae, r2. Binary: roc_auc, pr_auc (average precision), log_loss, brier,
    accuracy, f1. Multiclass: accuracy, f1_macro, log_loss, roc_auc (one against the rest,
    unweighted mean).
    """
    if task == "anomaly":
        return (Metric(name="anomaly_share", value=float(np.mean(outputs.prediction == "anomaly"))),)
    if actual is None:
        return ()
    known = actual.notna().to_numpy()
    truth = actual[known].to_numpy()
    if not len(truth):
        return ()
    prediction = outputs.prediction[known]
    if task == "regression":
        found = _regression(truth.astype(float), prediction.astype(float))
    else:
        probability = None if outputs.probability is None else outputs.probability[known]
        found = _classification(truth, prediction, outputs.classes, probability, positive)
    return tuple(Metric(name=name, value=value) for name, value in found.items() if math.isfinite(value))


def size_unit(*values: np.ndarray) -> float:
    """What very large numbers are divided by so that their squares are numbers too: a power of two,
    which changes no digit. Others are left as they are."""
    largest = max((float(np.abs(each).max(initial=0.0)) for each in values), default=0.0)
    return 2.0 ** math.floor(math.log2(largest)) if _SQUARABLE < largest < math.inf else 1.0


def _regression(truth: np.ndarray, prediction: np.ndarray) -> dict[str, float]:
    from sklearn import metrics

    unit = size_unit(truth, prediction)
    truth, prediction = truth / unit, prediction / unit
    found = {
        "rmse": unit * float(metrics.root_mean_squared_error(truth, prediction)),
        "mae": unit * float(metrics.mean_absolute_error(truth, prediction)),
    }
    if len(truth) > 1:
        found["r2"] = float(metrics.r2_score(truth, prediction))
    return found


def _classification(
    truth: np.ndarray,
    prediction: np.ndarray,
    classes: tuple[Any, ...],
    probability: np.ndarray | None,
    positive: Scalar,
) -> dict[str, float]:
    from sklearn import metrics

    # By position among the classes, so that words, booleans and numbers are treated alike.
    codes, answers = places_of(classes, truth), places_of(classes, prediction)
    binary = len(classes) == 2
    found = {"accuracy": float(metrics.accuracy_score(codes, answers))}
    wanted = positive_place(classes, positive)
    if binary:
        found["f1"] = float(metrics.f1_score(codes == wanted, answers == wanted, zero_division=0.0))
    else:
        found["f1_macro"] = float(metrics.f1_score(codes, answers, average="macro", zero_division=0.0))
    if probability is None:
        return found
    labels = list(range(len(classes)))
    if len(classes) > 1:
        found["log_loss"] = float(metrics.log_loss(codes, probability, labels=labels))
    present = len(np.unique(codes))
    if binary and present == 2:
        hits, chance = codes == wanted, probability[:, wanted]
        found["roc_auc"] = float(metrics.roc_auc_score(hits, chance))
        found["pr_auc"] = float(metrics.average_precision_score(hits, chance))
        found["brier"] = float(metrics.brier_score_loss(hits, chance))
    elif not binary and present == len(classes):
        shares = probability / probability.sum(axis=1, keepdims=True)
        found["roc_auc"] = float(metrics.roc_auc_score(codes, shares, multi_class="ovr", labels=labels))
    return found
