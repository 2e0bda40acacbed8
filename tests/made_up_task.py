"""A kind of task that Modeldesk does not have: how often something happens. All that it takes is here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from modeldesk.core.errors import PublishRefused
from modeldesk.model_service.engine.results import Outputs
from modeldesk.model_service.schema.schema import Scalar
from modeldesk.model_service.tasks.base import Task
from modeldesk.ports.analytics import ACTUAL, PREDICTION, Measure
from modeldesk.web.ui.common.tasks.base import SummaryNames, TaskView


class Count(Task):
    """A whole number from 0 on, which an artifact's answers are rounded to."""

    key = "count"
    card = "predicts how often something happens"
    headline = ("mae",)
    numeric = True

    def claims(self, estimator: Any, kind: str | None, classes: tuple[Scalar, ...]) -> bool:
        return False

    def check_target(self, values: pd.Series, classes: tuple[Scalar, ...], what: str) -> None:
        if not (pd.api.types.is_integer_dtype(values.dtype) and (values >= 0).all()):
            raise PublishRefused("target", f"The column {values.name!r} of the {what} holds no counts.", hint="Count.")

    def answers(self, values: Any) -> np.ndarray:
        return np.maximum(np.rint(super().answers(values)), 0.0)

    def measures(self, positive: str | None) -> tuple[Measure, Measure | None]:
        return Measure("answer", "mean", PREDICTION), Measure("actual", "mean", ACTUAL)

    def metrics(self, outputs: Outputs, truth: np.ndarray, positive: Scalar) -> dict[str, float]:
        errors = np.abs(outputs.prediction.astype(float) - truth.astype(float))
        return {"mae": float(errors.mean()), "exact": float((errors == 0).mean())}

    def doubt(self, figures: Mapping[str, float], outputs: Outputs, actual: pd.Series, known: np.ndarray) -> str | None:
        return "nothing is ever counted" if not outputs.prediction.any() else None


TASK = Count()
VIEW = TaskView(
    label="How many",
    summary=SummaryNames("Predicted count", "Actual count", share=False),
    key_figures=("mae", "bias"),
)
