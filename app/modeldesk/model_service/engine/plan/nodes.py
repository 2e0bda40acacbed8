"""Whole estimators of a plan: steps with a head at their end, and estimators made of others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from modeldesk.model_service.engine.plan.heads import Head
from modeldesk.model_service.engine.plan.rows import Rows
from modeldesk.model_service.engine.plan.steps import Data, Step, Unplaced


class Node(Protocol):
    """An estimator of a plan. ``data`` is what the steps before it gave, None where it reads the rows itself."""

    def predict(self, rows: Rows, data: Data) -> np.ndarray:
        """What the estimator's ``predict`` gives."""

    def predict_proba(self, rows: Rows, data: Data) -> np.ndarray:
        """What its ``predict_proba`` gives."""

    def decision(self, rows: Rows, data: Data) -> np.ndarray:
        """What its ``decision_function`` gives."""

    def score_samples(self, rows: Rows, data: Data) -> np.ndarray:
        """What its ``score_samples`` gives."""


class Composite:
    """An estimator made of others, which answers what its own class defines."""

    def predict(self, rows: Rows, data: Data) -> np.ndarray:
        raise Unplaced("predict")

    def predict_proba(self, rows: Rows, data: Data) -> np.ndarray:
        raise Unplaced("predict_proba")

    def decision(self, rows: Rows, data: Data) -> np.ndarray:
        raise Unplaced("decision_function")

    def score_samples(self, rows: Rows, data: Data) -> np.ndarray:
        raise Unplaced("score_samples")


@dataclass(frozen=True, slots=True)
class Leaf:
    """Steps, then a head."""

    step: Step
    head: Head

    def predict(self, rows: Rows, data: Data) -> np.ndarray:
        return self.head.predict(self.step(rows, data))

    def predict_proba(self, rows: Rows, data: Data) -> np.ndarray:
        return self.head.predict_proba(self.step(rows, data))

    def decision(self, rows: Rows, data: Data) -> np.ndarray:
        return self.head.decision(self.step(rows, data))

    def score_samples(self, rows: Rows, data: Data) -> np.ndarray:
        return self.head.score_samples(self.step(rows, data))


@dataclass(frozen=True, slots=True)
class After:
    """Steps, then a whole estimator."""

    step: Step
    node: Node

    def predict(self, rows: Rows, data: Data) -> np.ndarray:
        return self.node.predict(rows, self.step(rows, data))

    def predict_proba(self, rows: Rows, data: Data) -> np.ndarray:
        return self.node.predict_proba(rows, self.step(rows, data))

    def decision(self, rows: Rows, data: Data) -> np.ndarray:
        return self.node.decision(rows, self.step(rows, data))

    def score_samples(self, rows: Rows, data: Data) -> np.ndarray:
        return self.node.score_samples(rows, self.step(rows, data))


@dataclass(frozen=True, slots=True)
class Calibration:
    """One calibrated classifier: a node, which of its answers is calibrated, and how.

    ``places`` are the columns of the classes that the node knows, ``maps`` the calibration of each
    of its answers, in their order.
    """

    node: Node
    decides: bool
    maps: tuple[Callable[[np.ndarray], np.ndarray], ...]
    places: tuple[int, ...]
    classes: int

    def __call__(self, rows: Rows, data: Data) -> np.ndarray:
        told = self.node.decision(rows, data) if self.decides else self.node.predict_proba(rows, data)
        if self.classes == 2 and told.ndim == 2:
            told = told[:, 1]
        columns = told.reshape(-1, 1).T if told.ndim == 1 else told.T
        found = np.zeros((len(rows), self.classes))
        for place, column, calibrated in zip(self.places, columns, self.maps, strict=False):
            found[:, place + 1 if self.classes == 2 else place] = calibrated(column)
        if self.classes == 2:
            found[:, 0] = 1.0 - found[:, 1]
        else:
            total = np.sum(found, axis=1)[:, np.newaxis]
            found = np.divide(found, total, out=np.full_like(found, 1 / self.classes), where=total != 0)
        found[(found > 1.0) & (found <= 1.0 + 1e-5)] = 1.0
        return found


class Calibrated(Composite):
    """The mean of calibrated classifiers' probabilities."""

    def __init__(self, members: list[Calibration], classes: np.ndarray) -> None:
        self.members = members
        self._classes = classes

    def predict_proba(self, rows: Rows, data: Data) -> np.ndarray:
        found = np.zeros((len(rows), len(self._classes)))
        for member in self.members:
            found += member(rows, data)
        found /= len(self.members)
        return found

    def predict(self, rows: Rows, data: Data) -> np.ndarray:
        return np.asarray(self._classes[self.predict_proba(rows, data).argmax(axis=1)])


class TargetTransformed(Composite):
    """A regression of a transformed target, through the inverse of its transformer."""

    def __init__(self, node: Node, transformer: Any, squeeze: bool) -> None:
        self.node = node
        self._transformer = transformer
        self._squeeze = squeeze

    def predict(self, rows: Rows, data: Data) -> np.ndarray:
        found = self.node.predict(rows, data)
        back = self._transformer.inverse_transform(found.reshape(-1, 1) if found.ndim == 1 else found)
        back = np.asarray(back)
        return back.squeeze(axis=1) if self._squeeze and back.ndim == 2 and back.shape[1] == 1 else back


class Averaged(Composite):
    """Soft voting: the weighted mean of probabilities; of values for regressions."""

    def __init__(self, nodes: list[Node], weights: Any, classes: np.ndarray | None) -> None:
        self.members = nodes
        self._weights = weights
        self._classes = classes

    def predict_proba(self, rows: Rows, data: Data) -> np.ndarray:
        if self._classes is None:
            raise Unplaced("predict_proba")
        told = np.asarray([node.predict_proba(rows, data) for node in self.members])
        return np.asarray(np.average(told, axis=0, weights=self._weights))

    def predict(self, rows: Rows, data: Data) -> np.ndarray:
        if self._classes is None:
            told = np.asarray([node.predict(rows, data) for node in self.members]).T
            return np.asarray(np.average(told, axis=1, weights=self._weights))
        return np.asarray(self._classes[self.predict_proba(rows, data).argmax(axis=1)])


@dataclass(frozen=True, slots=True)
class StackMember:
    """What stacking keeps of a member's answers by one of its methods; of two classes the second alone."""

    node: Node
    method: str
    binary: bool

    def __call__(self, rows: Rows, data: Data) -> np.ndarray:
        ask = getattr(self.node, "decision" if self.method == "decision_function" else self.method)
        answers: np.ndarray = ask(rows, data)
        if answers.ndim == 1:
            return answers.reshape(-1, 1)
        return answers[:, 1:] if self.method == "predict_proba" and self.binary else answers


class Stacked(Composite):
    """Stacking: each member's answers side by side, then the final estimator."""

    def __init__(self, members: list[StackMember], final: Node, classes: Any) -> None:
        self.members = members
        self.final = final
        self._classes = classes

    def _told(self, rows: Rows, data: Data) -> np.ndarray:
        return np.hstack([member(rows, data) for member in self.members])

    def predict(self, rows: Rows, data: Data) -> np.ndarray:
        found = self.final.predict(rows, self._told(rows, data))
        return found if self._classes is None else self._classes[found]

    def predict_proba(self, rows: Rows, data: Data) -> np.ndarray:
        return self.final.predict_proba(rows, self._told(rows, data))


class Thresholded(Composite):
    """A classifier with a fixed decision threshold on its probability of the positive class."""

    def __init__(self, node: Node, classes: np.ndarray, positive: int, threshold: float) -> None:
        self.node = node
        self._classes = classes
        self._positive = positive
        self._threshold = threshold

    def predict_proba(self, rows: Rows, data: Data) -> np.ndarray:
        return self.node.predict_proba(rows, data)

    def predict(self, rows: Rows, data: Data) -> np.ndarray:
        chance = self.predict_proba(rows, data)[:, self._positive]
        places = np.where(chance >= self._threshold, self._positive, 1 - self._positive)
        return self._classes[places]


def heads_of(node: Any) -> Iterator[Head]:
    """Every head of a plan."""
    if isinstance(node, Leaf):
        yield node.head
    elif isinstance(node, After | Calibration | StackMember | TargetTransformed | Thresholded):
        yield from heads_of(node.node)
    elif isinstance(node, Calibrated | Averaged | Stacked):
        for member in node.members:
            yield from heads_of(member)
        if isinstance(node, Stacked):
            yield from heads_of(node.final)
    else:
        raise TypeError(type(node).__name__)
