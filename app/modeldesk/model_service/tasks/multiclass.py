"""Telling several classes apart."""

from __future__ import annotations

import numpy as np

from modeldesk.model_service.engine.results import Outputs, places_of
from modeldesk.model_service.schema.schema import Scalar
from modeldesk.model_service.tasks.classes import ClassTask
from modeldesk.ports.analytics import PROBABILITY, Measure


class Multiclass(ClassTask):
    """One of any number of classes but two."""

    key = "multiclass"
    card = "tells several classes apart"
    headline = ("accuracy", "f1_macro", "log_loss")

    def takes_classes(self, count: int) -> bool:
        """Any number but two."""
        return count != 2

    def measures(self, positive: str | None) -> tuple[Measure, Measure | None]:
        """How sure answers are."""
        return Measure("answer", "mean", PROBABILITY), None

    def _f1(self, outputs: Outputs, codes: np.ndarray, positive: Scalar) -> dict[str, float]:
        from sklearn import metrics

        answers = places_of(outputs.classes, outputs.prediction)
        return {"f1_macro": float(metrics.f1_score(codes, answers, average="macro", zero_division=0.0))}

    def _ranking(self, outputs: Outputs, codes: np.ndarray, positive: Scalar) -> dict[str, float]:
        """``roc_auc``: one against the rest, the unweighted mean."""
        from sklearn import metrics

        assert outputs.probability is not None
        count = len(outputs.classes)
        if len(np.unique(codes)) != count:
            return {}
        shares = outputs.probability / outputs.probability.sum(axis=1, keepdims=True)
        area = metrics.roc_auc_score(codes, shares, multi_class="ovr", labels=list(range(count)))
        return {"roc_auc": float(area)}


TASK = Multiclass()
