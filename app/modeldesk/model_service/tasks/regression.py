"""Predicting a number."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from modeldesk.core.errors import PublishRefused
from modeldesk.model_service.engine.results import Outputs
from modeldesk.model_service.engine.scales import check_scale
from modeldesk.model_service.engine.steps import attribute, final_of, kind_of
from modeldesk.model_service.schema.schema import Scalar
from modeldesk.model_service.tasks.base import Task
from modeldesk.ports.analytics import ACTUAL, HIGH, LOW, PREDICTION, Column, Measure

_SQUARABLE = 1e140
"""Sums of squares of numbers beyond this overflow."""


class Regression(Task):
    """A number for each row."""

    key = "regression"
    card = "predicts a number"
    headline = ("rmse", "mae", "r2")
    numeric = True

    def claims(self, estimator: Any, kind: str | None, classes: tuple[Scalar, ...]) -> bool:
        """Regressors, and what says that it predicts amounts."""
        amounts = kind == "regressor" or attribute(final_of(estimator), "predicts_amounts") is True
        return amounts and not classes

    def check_estimator(self, estimator: Any, answers: Callable[[], np.ndarray], *, has_target: bool) -> None:
        """Against a target only what is on its scale can be measured."""
        if has_target:
            check_scale(estimator)

    def check_answers(self, estimator: Any, answers: np.ndarray) -> None:
        """Answers have to be numbers."""
        if answers.dtype.kind not in "fiub":
            raise PublishRefused(
                "unsupported",
                f"{kind_of(estimator)} declares no classes and answers {answers.dtype}, which is no number.",
                hint="A classifier must have a classes_ attribute.",
            )

    def check_target(self, values: pd.Series, classes: tuple[Scalar, ...], what: str) -> None:
        """The column has to hold numbers."""
        present = values.dropna()
        if not pd.api.types.is_numeric_dtype(present.dtype):
            raise PublishRefused(
                "target",
                f"The model predicts numbers, and the column {values.name!r} of the {what} holds {present.dtype}.",
                hint="Name the column of numbers that the model was trained to predict.",
            )

    def result_columns(self, *, probabilities: bool, intervals: bool) -> tuple[Column, ...]:
        """The prediction and the ends of its interval."""
        ends = (Column(LOW, "number"), Column(HIGH, "number")) if intervals else ()
        return (*super().result_columns(probabilities=probabilities, intervals=intervals), *ends)

    def measures(self, positive: str | None) -> tuple[Measure, Measure | None]:
        """Averages."""
        return Measure("answer", "mean", PREDICTION), Measure("actual", "mean", ACTUAL)

    def metrics(self, outputs: Outputs, truth: np.ndarray, positive: Scalar) -> dict[str, float]:
        """``rmse``, ``mae``, ``r2``."""
        from sklearn import metrics

        truth, prediction = truth.astype(float), outputs.prediction.astype(float)
        unit = size_unit(truth, prediction)
        truth, prediction = truth / unit, prediction / unit
        result = {
            "rmse": unit * float(metrics.root_mean_squared_error(truth, prediction)),
            "mae": unit * float(metrics.mean_absolute_error(truth, prediction)),
        }
        if len(truth) > 1:
            result["r2"] = float(metrics.r2_score(truth, prediction))
        return result

    def doubt(self, figures: Mapping[str, float], outputs: Outputs, actual: pd.Series, known: np.ndarray) -> str | None:
        """Worse than always answering the mean."""
        answers, truth = outputs.prediction[known], actual[known].to_numpy(dtype=float)
        if np.ptp(truth) == 0:
            return None
        if len(np.unique(answers)) == 1 and figures.get("r2", 0.0) <= 0:
            return f"every row gets the same answer, {answers[0]:.6g}, where the target goes from {_range(truth)}"
        if figures.get("r2", 0.0) < 0:
            return (
                f"R² is {figures['r2']:,.2f}, so always answering the mean would be nearer the truth; answers go from "
                f"{_range(answers)}, the target from {_range(truth)}"
            )
        return None


def size_unit(*values: np.ndarray) -> float:
    """What very large numbers are divided by so that their squares are numbers too: a power of two,
    which changes no digit. Others are left as they are."""
    largest = max((float(np.abs(each).max(initial=0.0)) for each in values), default=0.0)
    return 2.0 ** math.floor(math.log2(largest)) if _SQUARABLE < largest < math.inf else 1.0


def _range(values: np.ndarray) -> str:
    numbers = values.astype(float)
    return f"{numbers.min():.4g} to {numbers.max():.4g}"


TASK = Regression()
