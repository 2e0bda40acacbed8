"""Fitted estimators as array arithmetic: from a matrix to probabilities, values and decisions.

A head answers a float64 matrix (n, k): ``predict`` (n,), ``predict_proba`` (n, classes) or None, and
``decision`` where the estimator has one. Each does the estimator's own operations in its order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from scipy.special import expit

from modeldesk.model_service.engine.plan.kernels import BoostedTrees, Trees, add_boosted, sum_leaves
from modeldesk.model_service.engine.plan.steps import Unplaced


class Head(Protocol):
    """The end of a plan."""

    def predict(self, matrix: np.ndarray) -> np.ndarray:
        """What the artifact's ``predict`` gives."""

    def predict_proba(self, matrix: np.ndarray) -> np.ndarray:
        """What its ``predict_proba`` gives, (n, classes)."""

    def decision(self, matrix: np.ndarray) -> np.ndarray:
        """What its ``decision_function`` gives."""

    def score_samples(self, matrix: np.ndarray) -> np.ndarray:
        """What its ``score_samples`` gives."""


class _Base:
    """A head that has none of the methods yet."""

    def predict(self, matrix: np.ndarray) -> np.ndarray:
        raise Unplaced("predict")

    def predict_proba(self, matrix: np.ndarray) -> np.ndarray:
        raise Unplaced("predict_proba")

    def decision(self, matrix: np.ndarray) -> np.ndarray:
        raise Unplaced("decision_function")

    def score_samples(self, matrix: np.ndarray) -> np.ndarray:
        raise Unplaced("score_samples")


def finite(matrix: np.ndarray) -> np.ndarray:
    """The matrix itself. Raises Unplaced where the estimator would refuse a value that is not finite."""
    if not np.isfinite(matrix).all():
        raise Unplaced("a value is not finite")
    return matrix


@dataclass(frozen=True, slots=True)
class Product:
    """``X @ coef.T + intercept`` as a linear model computes it.

    Over a sparse matrix scipy adds term by term in the order of columns; over a dense one BLAS
    does, and is called with the same shapes here.
    """

    weights: np.ndarray
    intercept: Any
    sparse: bool

    def __call__(self, matrix: np.ndarray) -> np.ndarray:
        finite(matrix)
        if not self.sparse:
            return np.asarray(matrix @ self.weights + self.intercept)
        from scipy import sparse

        return np.asarray(sparse.csr_array(matrix) @ self.weights + self.intercept)


class LinearValue(_Base):
    """A linear or generalised linear regression: the product through the inverse of its link."""

    def __init__(self, product: Product, inverse: Callable[[np.ndarray], np.ndarray] | None) -> None:
        self._product = product
        self._inverse = inverse

    def predict(self, matrix: np.ndarray) -> np.ndarray:
        found = self._product(matrix)
        return found if self._inverse is None else self._inverse(found)


class LinearClasses(_Base):
    """A linear classifier; ``probability`` is ``sigmoid`` for two classes, ``softmax`` for more, or None."""

    def __init__(self, product: Product, classes: np.ndarray, probability: str | None) -> None:
        self._product = product
        self._classes = classes
        self._probability = probability

    def decision(self, matrix: np.ndarray) -> np.ndarray:
        scores = self._product(matrix)
        return scores.reshape(-1) if scores.ndim > 1 and scores.shape[1] == 1 else scores

    def predict(self, matrix: np.ndarray) -> np.ndarray:
        scores = self.decision(matrix)
        places = (scores > 0).astype(np.intp) if scores.ndim == 1 else scores.argmax(axis=1)
        return self._classes.take(places, axis=0)

    def predict_proba(self, matrix: np.ndarray) -> np.ndarray:
        if self._probability is None:
            raise Unplaced("predict_proba")
        scores = self.decision(matrix)
        if self._probability == "sigmoid":
            chance = expit(scores)
            return np.stack([1 - chance, chance], axis=1)
        found = scores - scores.max(axis=1).reshape(-1, 1)
        np.exp(found, out=found)
        found /= found.sum(axis=1).reshape(-1, 1)
        return np.asarray(found)


def as_float32(matrix: np.ndarray, missing: bool) -> np.ndarray:
    """The matrix as trees read it. Raises Unplaced for what they refuse: infinity, too large a
    number for float32, and NaN unless ``missing``."""
    with np.errstate(over="ignore"):
        found = np.ascontiguousarray(matrix, dtype=np.float32)
    if not (np.isinf(found).any() if missing else not np.isfinite(found).all()):
        return found
    raise Unplaced("a value is beyond what trees read")


class Forest(_Base):
    """Trees whose answers are added in their order and divided by their number; one tree is not divided."""

    def __init__(
        self, trees: Trees, classes: np.ndarray | None, members: Sequence[Any], *, missing: bool, single: bool
    ) -> None:
        self.trees = trees
        self.members = members
        self.missing = missing
        self._classes = classes
        self._count = None if single else len(trees.roots)
        self._zero = np.zeros(trees.value.shape[1])

    def _mean(self, matrix: np.ndarray) -> np.ndarray:
        found = sum_leaves(self.trees, as_float32(matrix, self.missing), self._zero, 1.0)
        if self._count is not None:
            found /= self._count
        return found

    def predict(self, matrix: np.ndarray) -> np.ndarray:
        found = self._mean(matrix)
        return found[:, 0] if self._classes is None else self._classes.take(found.argmax(axis=1), axis=0)

    def predict_proba(self, matrix: np.ndarray) -> np.ndarray:
        if self._classes is None:
            raise Unplaced("predict_proba")
        return self._mean(matrix)


class Boosted(_Base):
    """Gradient boosting of one output: a constant start, then each tree's leaf times the learning rate."""

    missing = False

    def __init__(
        self, trees: Trees, start: float, rate: float, classes: np.ndarray | None, loss: Any, members: Sequence[Any]
    ) -> None:
        self.trees = trees
        self.members = members
        self._start = np.array([start])
        self._rate = rate
        self._classes = classes
        self._loss = loss

    def decision(self, matrix: np.ndarray) -> np.ndarray:
        return sum_leaves(self.trees, as_float32(matrix, False), self._start, self._rate)[:, 0]

    def predict(self, matrix: np.ndarray) -> np.ndarray:
        raw = self.decision(matrix)
        return raw if self._classes is None else self._classes[(raw >= 0).astype(int)]

    def predict_proba(self, matrix: np.ndarray) -> np.ndarray:
        if self._classes is None:
            raise Unplaced("predict_proba")
        return np.asarray(self._loss.predict_proba(self.decision(matrix)))


class HistogramBoosted(_Base):
    """Histogram boosting: the baseline, then each tree's leaf, through the estimator's own loss."""

    def __init__(
        self, trees: BoostedTrees, baseline: np.ndarray, classes: np.ndarray | None, loss: Any, members: Sequence[Any]
    ) -> None:
        self.trees = trees
        self.members = members
        self._baseline = baseline
        self._classes = classes
        self._loss = loss

    def _raw(self, matrix: np.ndarray) -> np.ndarray:
        raw = np.zeros((len(matrix), self._baseline.shape[1]), order="F")
        raw += self._baseline
        add_boosted(self.trees, np.ascontiguousarray(matrix), raw)
        return raw

    def decision(self, matrix: np.ndarray) -> np.ndarray:
        raw = self._raw(matrix)
        return raw.ravel() if raw.shape[1] == 1 else raw

    def predict(self, matrix: np.ndarray) -> np.ndarray:
        raw = self._raw(matrix)
        if self._classes is None:
            return np.asarray(self._loss.link.inverse(raw.ravel()))
        places = (raw.ravel() > 0).astype(int) if raw.shape[1] == 1 else raw.argmax(axis=1)
        return np.asarray(self._classes[places])

    def predict_proba(self, matrix: np.ndarray) -> np.ndarray:
        if self._classes is None:
            raise Unplaced("predict_proba")
        return np.asarray(self._loss.predict_proba(self._raw(matrix)))


class OwnEstimator(_Base):
    """An estimator's own methods on arrays, its memory of column names removed."""

    def __init__(self, estimator: Any, sparse: bool) -> None:
        self._estimator = estimator
        self._sparse = sparse

    def _given(self, matrix: np.ndarray) -> Any:
        if not self._sparse:
            return matrix
        from scipy import sparse

        return sparse.csr_matrix(matrix)

    def predict(self, matrix: np.ndarray) -> np.ndarray:
        return np.asarray(self._estimator.predict(self._given(matrix)))

    def predict_proba(self, matrix: np.ndarray) -> np.ndarray:
        return np.asarray(self._estimator.predict_proba(self._given(matrix)))

    def decision(self, matrix: np.ndarray) -> np.ndarray:
        return np.asarray(self._estimator.decision_function(self._given(matrix)))

    def score_samples(self, matrix: np.ndarray) -> np.ndarray:
        return np.asarray(self._estimator.score_samples(self._given(matrix)))
