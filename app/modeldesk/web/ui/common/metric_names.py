"""What each metric is called and means: one name and one definition, for every page.

``docs/reference/metrics.md`` says the same at length, which a test holds. Where two numbers could be
meant by one name, they have two: ``accuracy`` is of the decisions at a threshold, ``own_accuracy`` of the
artifact's own answers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from modeldesk.core import formats
from modeldesk.model_service.performance.binary import Figure
from modeldesk.model_service.tasks import Task
from modeldesk.web.ui.common import text as words

Scale = Literal["share", "score", "unit"]
"""A part of rows, told in percent; a number without a unit; an amount in the model's unit."""

TOO_FEW = "too few"
"""Stands where an interval would, when the rows are too few for one."""


@dataclass(frozen=True, slots=True)
class MetricName:
    """What a metric is called, what it means in plain words, and the scale of its values."""

    label: str
    meaning: str
    scale: Scale = "score"
    signed: bool = False

    @property
    def inside(self) -> str:
        """The label within a sentence: acronyms and names keep their capitals."""
        return self.label if self.label[:2].isupper() or self.label[1:2].isdigit() else _lowered(self.label)

    def text(self, value: float, unit: str = "") -> str:
        """A value as pages show it, or that it is not known."""
        if math.isnan(value):
            return formats.NOT_KNOWN
        if self.scale == "share":
            return formats.percent(value)
        if self.scale == "unit":
            return formats.signed(value, unit) if self.signed else formats.measure(value, unit)
        return f"{value:.3f}".replace("-", formats.MINUS)

    def span(self, figure: Figure, unit: str = "") -> str:
        """The 95 % interval of a figure: 93.0 to 100; that the rows are too few where it has none; nothing
        where the figure itself is not known."""
        if math.isnan(figure.value):
            return ""
        if math.isnan(figure.low):
            return TOO_FEW
        if self.scale == "share":
            return words.RANGE.format(low=f"{figure.low * 100:.1f}", high=f"{figure.high * 100:.1f}")
        return words.RANGE.format(low=self.text(figure.low, unit), high=self.text(figure.high, unit))


def _lowered(label: str) -> str:
    return label[:1].lower() + label[1:]


METRICS: Mapping[str, MetricName] = {
    "recall": MetricName("Recall", "share of actual positives that are found", "share"),
    "precision": MetricName("Precision", "share of alarms that are right", "share"),
    "accuracy": MetricName("Accuracy", "share of rows answered right", "share"),
    "own_accuracy": MetricName("Accuracy, own choice", "the same by the artifact's own answers", "share"),
    "f1": MetricName("F1", "harmonic mean of precision and recall"),
    "own_f1": MetricName("F1, own choice", "the same by the artifact's own answers"),
    "false_alarms": MetricName("False positive rate", "share of the others that raise an alarm", "share"),
    "alarms": MetricName("Alarm rate", "share of all rows that raise an alarm", "share"),
    "roc_auc": MetricName("ROC AUC", "how often a positive is scored above another; guessing has 0.5"),
    "pr_auc": MetricName("Average precision", "area under precision and recall"),
    "log_loss": MetricName("Log loss", "error of the probabilities, less is better"),
    "brier": MetricName("Brier score", "mean squared error of the probabilities, less is better"),
    "recall_macro": MetricName("Recall, mean of classes", "each class counts alike", "share"),
    "recall_weighted": MetricName("Recall, weighted", "by class size; the accuracy", "share"),
    "precision_macro": MetricName("Precision, mean of classes", "each class counts alike", "share"),
    "precision_weighted": MetricName("Precision, weighted", "by class size", "share"),
    "f1_macro": MetricName("F1, mean of classes", "each class counts alike"),
    "f1_weighted": MetricName("F1, weighted", "by class size"),
    "mae": MetricName("MAE", "mean absolute error", "unit"),
    "rmse": MetricName("RMSE", "root mean squared error", "unit"),
    "median_error": MetricName("Median absolute error", "half of the rows are off by less", "unit"),
    "bias": MetricName("Mean error", "predicted minus actual", "unit", signed=True),
    "r2": MetricName("R²", "share of the variance explained"),
    "anomaly_share": MetricName("Anomaly rate", "share of rows called unusual", "share"),
}
"""By the names that services use, in the order of the glossary."""


def at_publication(name: str, task: Task) -> str:
    """The key in METRICS of a figure that was measured when its version was published: of two classes, what
    is decided is the artifact's own choice."""
    return f"own_{name}" if task.has_positive and f"own_{name}" in METRICS else name
