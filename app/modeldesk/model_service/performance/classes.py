"""Many classes: decisions as the artifact makes them, class by class and together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from modeldesk.model_service.performance.binary import Figure, Scores, named_figures
from modeldesk.model_service.performance.proportions import wilson_interval
from modeldesk.model_service.performance.resampling import LEAST_RESAMPLES, RESAMPLES, count_interval, weight_interval

OVERALL = (
    "accuracy", "recall_macro", "precision_macro", "f1_macro",
    "recall_weighted", "precision_weighted", "f1_weighted",
)  # fmt: skip
EACH = ("recall", "precision", "f1")

MAX_DRAWN = 4_000_000
"""Cells of the confusion matrix times resamples; with more classes fewer resamples are drawn."""


@dataclass(frozen=True, slots=True)
class Confusion:
    """Rows of class ``actual`` that were called ``predicted``; ``share`` is of that class's rows."""

    actual: int
    predicted: int
    rows: int
    share: float


@dataclass(frozen=True)
class ClassRows:
    """What n rows were (``truth``) and were called (``answer``), as places among ``classes`` classes,
    with the probabilities (n, k) where the artifact gives them."""

    truth: np.ndarray
    answer: np.ndarray
    classes: int
    probability: np.ndarray | None = None

    @cached_property
    def matrix(self) -> np.ndarray:
        """The confusion matrix (k, k): actual by predicted."""
        cells = np.bincount(self.truth * self.classes + self.answer, minlength=self.classes**2)
        return np.asarray(cells.reshape(self.classes, self.classes))

    def overall(self) -> Mapping[str, Figure]:
        """The figures of OVERALL with intervals. As in scikit-learn, means are over the classes that
        occur, and a share of nothing counts as 0."""
        ends = self._of_cells(overall_values)
        # Recall weighted by size is the accuracy: both are the share of rows that are right.
        for name in ("accuracy", "recall_weighted"):
            ends[OVERALL.index(name)] = wilson_interval(np.trace(self.matrix), self.matrix.sum())
        return named_figures(OVERALL, overall_values(self.matrix[None])[0], ends)

    def ranking(self) -> Mapping[str, Figure]:
        """Log loss, and the ROC area (one class against the rest, unweighted mean; NaN unless every
        class occurs), with intervals. Empty without probabilities."""
        if self.probability is None:
            return {}
        own = self.probability[np.arange(len(self.truth)), self.truth]
        losses = -np.log(np.clip(own, np.finfo(float).eps, 1 - np.finfo(float).eps))
        each = [scores for scores in map(self.against_rest, range(self.classes)) if scores is not None]

        def of(weights: np.ndarray) -> np.ndarray:
            areas = [scores.weighted_area(weights) for scores in each]
            return np.array([losses @ weights / weights.sum(), np.mean(areas)])

        ends = weight_interval(len(losses), of, work=len(losses) * self.classes)
        values = np.array([losses.mean(), np.mean([scores.area() for scores in each])])
        return named_figures(("log_loss", "roc_auc"), values, ends)

    def each(self) -> Mapping[str, tuple[Figure, ...]]:
        """The figures of EACH for every class; NaN where a share is of nothing."""
        values = class_values(self.matrix[None])[0]
        right = np.diagonal(self.matrix)
        f1 = self._of_cells(lambda cells: class_values(cells)[:, EACH.index("f1")])
        ends = np.stack(
            [wilson_interval(right, self.matrix.sum(axis=1)), wilson_interval(right, self.matrix.sum(axis=0)), f1]
        )
        return {name: tuple(map(_figure, row, spans)) for name, row, spans in zip(EACH, values, ends, strict=True)}

    def confusions(self, most: int = 10) -> list[Confusion]:
        """The most frequent errors, the largest first."""
        wrong = self.matrix.copy()
        np.fill_diagonal(wrong, 0)
        sizes = self.matrix.sum(axis=1)
        order = np.argsort(-wrong, axis=None, kind="stable")[:most]
        return [
            Confusion(actual, called, int(wrong[actual, called]), float(wrong[actual, called] / sizes[actual]))
            for actual, called in (divmod(int(index), self.classes) for index in order)
            if wrong[actual, called]
        ]

    def against_rest(self, index: int) -> Scores | None:
        """One class as the positive one; None without probabilities."""
        return None if self.probability is None else Scores(self.probability[:, index], self.truth == index)

    def _of_cells(self, statistic: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        shape = (-1, self.classes, self.classes)
        resamples = max(LEAST_RESAMPLES, min(RESAMPLES, MAX_DRAWN // self.classes**2))
        return count_interval(self.matrix.ravel(), lambda counts: statistic(counts.reshape(shape)), resamples)


def class_values(cells: np.ndarray) -> np.ndarray:
    """Recall, precision and F1 (B, 3, k) of confusion matrices (B, k, k)."""
    right = np.diagonal(cells, axis1=1, axis2=2).astype(float)
    actual, called = cells.sum(axis=2), cells.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.stack([right / actual, right / called, 2 * right / (actual + called)], axis=1)


def overall_values(cells: np.ndarray) -> np.ndarray:
    """The figures of OVERALL (B, 7) of confusion matrices (B, k, k)."""
    each = class_values(cells)
    actual = cells.sum(axis=2).astype(float)
    present = actual + cells.sum(axis=1) > 0
    total = actual.sum(axis=1)
    each = np.where(np.isnan(each), 0.0, each)
    macro = (each * present[:, None, :]).sum(axis=2) / present.sum(axis=1)[:, None]
    weighted = (each * actual[:, None, :]).sum(axis=2) / total[:, None]
    accuracy = np.diagonal(cells, axis1=1, axis2=2).sum(axis=1) / total
    return np.column_stack([accuracy, macro, weighted])


def _figure(value: float, span: np.ndarray) -> Figure:
    return Figure(float(value), float(span[0]), float(span[1]))
