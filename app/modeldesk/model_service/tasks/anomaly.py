"""Telling unusual rows from usual ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from modeldesk.core.errors import PublishRefused
from modeldesk.model_service.engine.results import Outputs
from modeldesk.model_service.engine.steps import attribute, final_of, kind_of
from modeldesk.model_service.schema.schema import Scalar
from modeldesk.model_service.tasks.base import Task
from modeldesk.ports.analytics import ACTUAL, PREDICTION, SCORE, Column, Measure

UNUSUAL, USUAL = "anomaly", "normal"
"""What an answer says."""


class Anomaly(Task):
    """Whether each row is unusual, with a score that grades it."""

    key = "anomaly"
    card = "tells unusual rows from usual ones"
    headline = ("anomaly_share",)
    has_scores = True
    has_errors = False

    def claims(self, estimator: Any, kind: str | None, classes: tuple[Scalar, ...]) -> bool:
        """Outlier detectors."""
        if kind != "outlier_detector":
            return False
        if not callable(attribute(estimator, "score_samples")):
            raise PublishRefused(
                "unsupported",
                f"{kind_of(estimator)} gives no score_samples, so an answer could not be graded.",
                hint="Use an outlier detector of scikit-learn (LocalOutlierFactor with novelty=True).",
            )
        return True

    def check_estimator(self, estimator: Any, answers: Callable[[], np.ndarray], *, has_target: bool) -> None:
        """It has to answer and score as scikit-learn's outlier detectors do."""
        if not callable(attribute(estimator, "score_samples")) or not set(pd.unique(answers().ravel())) <= {-1, 1}:
            name = kind_of(final_of(estimator))
            raise PublishRefused(
                "task",
                f"{name} is no outlier detector: predict must answer -1 or 1, and score_samples how usual a row is.",
                hint="Use an outlier detector of scikit-learn, or wrap the model in a class with these two methods.",
            )

    def check_target(self, values: pd.Series, classes: tuple[Scalar, ...], what: str) -> None:
        """Any: no answer is held against it."""

    def answers(self, values: Any) -> np.ndarray:
        """Words for what ``predict`` gives, -1 for an unusual row."""
        return np.where(np.asarray(values).ravel() == -1, UNUSUAL, USUAL).astype(object)

    def answer_classes(self, classes: tuple[Scalar, ...]) -> tuple[Scalar, ...]:
        """The two words, the unusual one first."""
        return UNUSUAL, USUAL

    def result_columns(self, *, probabilities: bool, intervals: bool) -> tuple[Column, ...]:
        """The word and the score."""
        return (*super().result_columns(probabilities=probabilities, intervals=intervals), Column(SCORE, "number"))

    def main_column(self, *, probabilities: bool) -> str:
        """The score."""
        return SCORE

    def measures(self, positive: str | None) -> tuple[Measure, Measure | None]:
        """The share of unusual rows."""
        return Measure("answer", "share", PREDICTION, UNUSUAL), Measure("actual", "share", ACTUAL, UNUSUAL)

    def shares(self, outputs: Outputs) -> dict[str, float]:
        """``anomaly_share``."""
        return {"anomaly_share": float(np.mean(unusual(outputs)))}

    def metrics(self, outputs: Outputs, truth: np.ndarray, positive: Scalar) -> dict[str, float]:
        """None: no answer is held against an outcome."""
        return {}

    def doubt(self, figures: Mapping[str, float], outputs: Outputs, actual: pd.Series, known: np.ndarray) -> str | None:
        """Nothing shows it."""
        return None


def unusual(outputs: Outputs) -> np.ndarray:
    """Which rows (n,) are called unusual."""
    return np.asarray(outputs.prediction == UNUSUAL)


TASK = Anomaly()
