"""What tasks with classes of the artifact have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from modeldesk.core.errors import PublishRefused
from modeldesk.model_service.engine.results import Outputs, native, places_of
from modeldesk.model_service.schema.schema import Scalar
from modeldesk.model_service.tasks.base import Task
from modeldesk.ports.analytics import PROBABILITY, Column


class ClassTask(Task):
    """One of the artifact's classes for each row."""

    has_classes = True

    def claims(self, estimator: Any, kind: str | None, classes: tuple[Scalar, ...]) -> bool:
        """Classifiers, and what lists classes."""
        return (kind == "classifier" or (bool(classes) and kind != "outlier_detector")) and self.takes_classes(
            len(classes)
        )

    def check_target(self, values: pd.Series, classes: tuple[Scalar, ...], what: str) -> None:
        """The column has to hold the artifact's classes."""
        known = set(classes)
        present = pd.unique(values.dropna())
        unknown = [native(value) for value in present if native(value) not in known] if classes else []
        if unknown:
            listed = ", ".join(repr(value) for value in unknown[:5])
            raise PublishRefused(
                "target",
                f"The column {values.name!r} of the {what} holds {listed}, which the model does not know. "
                f"Its classes are {', '.join(map(repr, classes[:20]))}.",
                hint="Name the column the model was trained to predict, with the values it was trained on.",
            )

    def result_columns(self, *, probabilities: bool, intervals: bool) -> tuple[Column, ...]:
        """The class, and a probability."""
        columns = super().result_columns(probabilities=probabilities, intervals=intervals)
        return (*columns, Column(PROBABILITY, "number")) if probabilities else columns

    def metrics(self, outputs: Outputs, truth: np.ndarray, positive: Scalar) -> dict[str, float]:
        """``accuracy``, an F1, and with probabilities ``log_loss`` and what ranks them."""
        from sklearn import metrics

        classes, probability = outputs.classes, outputs.probability
        # By position among the classes, so that words, booleans and numbers are treated alike.
        codes, answers = places_of(classes, truth), places_of(classes, outputs.prediction)
        result = {"accuracy": float(metrics.accuracy_score(codes, answers)), **self._f1(outputs, codes, positive)}
        if probability is None:
            return result
        if len(classes) > 1:
            result["log_loss"] = float(metrics.log_loss(codes, probability, labels=list(range(len(classes)))))
        return result | self._ranking(outputs, codes, positive)

    @abstractmethod
    def _f1(self, outputs: Outputs, codes: np.ndarray, positive: Scalar) -> dict[str, float]:
        """The F1 of answers against the places of the true classes (n,)."""

    @abstractmethod
    def _ranking(self, outputs: Outputs, codes: np.ndarray, positive: Scalar) -> dict[str, float]:
        """How well probabilities rank rows, against the places of the true classes (n,)."""

    def doubt(self, figures: Mapping[str, float], outputs: Outputs, actual: pd.Series, known: np.ndarray) -> str | None:
        """Worse than guessing, or always the same with certainty."""
        truth = places_of(outputs.classes, actual[known])
        answered = places_of(outputs.classes, outputs.prediction[known])
        present = np.unique(truth)
        if len(present) < 2:
            return None
        if figures.get("roc_auc", 0.5) < 0.5:
            return f"the area under the ROC curve is {figures['roc_auc']:.2f}, where chance gives 0.50"
        recalled = float(np.mean([(answered[truth == index] == index).mean() for index in present]))
        if recalled < 1 / len(outputs.classes) - 1e-9 and "roc_auc" not in figures:
            return f"{recalled:.0%} of each class are recognised, where guessing gives {1 / len(outputs.classes):.0%}"
        if len(np.unique(answered)) == 1 and _saturated(outputs):
            return f"every row is answered {outputs.classes[int(answered[0])]!r}, and with certainty"
        return None


def _saturated(outputs: Outputs) -> bool:
    return outputs.probability is None or bool((outputs.probability.max(axis=1) > 0.999).mean() > 0.9)
