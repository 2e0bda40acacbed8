"""Telling two classes apart, one of which is looked for."""

from __future__ import annotations

import numpy as np

from modeldesk.model_service.engine.results import Outputs, places_of, positive_place
from modeldesk.model_service.schema.schema import Scalar
from modeldesk.model_service.tasks.classes import ClassTask
from modeldesk.ports.analytics import ACTUAL, PREDICTION, PROBABILITY, Measure


class Binary(ClassTask):
    """One of two classes. The positive one is the one that was set, else the second, as in scikit-learn."""

    key = "binary"
    card = "tells two classes apart"
    headline = ("roc_auc", "accuracy", "log_loss")
    has_positive = True

    def takes_classes(self, count: int) -> bool:
        """Two."""
        return count == 2

    def main_column(self, *, probabilities: bool) -> str:
        """The probability of the positive class, where there is one."""
        return PROBABILITY if probabilities else PREDICTION

    def measures(self, positive: str | None) -> tuple[Measure, Measure | None]:
        """The share of the positive class."""
        return Measure("answer", "share", PREDICTION, positive), Measure("actual", "share", ACTUAL, positive)

    def _f1(self, outputs: Outputs, codes: np.ndarray, positive: Scalar) -> dict[str, float]:
        from sklearn import metrics

        wanted = positive_place(outputs.classes, positive)
        answers = places_of(outputs.classes, outputs.prediction)
        return {"f1": float(metrics.f1_score(codes == wanted, answers == wanted, zero_division=0.0))}

    def _ranking(self, outputs: Outputs, codes: np.ndarray, positive: Scalar) -> dict[str, float]:
        """``roc_auc``, ``pr_auc`` (average precision) and ``brier``."""
        from sklearn import metrics

        assert outputs.probability is not None
        if len(np.unique(codes)) != 2:
            return {}
        wanted = positive_place(outputs.classes, positive)
        hits, chance = codes == wanted, outputs.probability[:, wanted]
        return {
            "roc_auc": float(metrics.roc_auc_score(hits, chance)),
            "pr_auc": float(metrics.average_precision_score(hits, chance)),
            "brier": float(metrics.brier_score_loss(hits, chance)),
        }


TASK = Binary()
