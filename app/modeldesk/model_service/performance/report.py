"""What is known of how a version does on some rows. Each part is worked out when first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Literal

import numpy as np

from modeldesk.model_service.engine.results import native, positive_place
from modeldesk.model_service.performance.binary import Decision, Figure, Scores
from modeldesk.model_service.performance.classes import ClassRows
from modeldesk.model_service.performance.regression import Coverage, NumberRows
from modeldesk.model_service.performance.rows import EvaluatedRows, class_codes
from modeldesk.model_service.schema.schema import Scalar
from modeldesk.model_service.tasks import Task
from modeldesk.model_service.uncertainty.calibration import CalibrationBin

Failure = Literal["wrong", "missed", "alarm"]
"""What counts as failing: a wrong answer; among positives, one that was missed; among negatives, an
alarm. Of numbers it is always the size of the error."""


class Report:
    """Figures over evaluated rows. Which there are depends on ``task``, and on whether the artifact
    gives probabilities and the rows an outcome."""

    def __init__(self, task: Task, rows: EvaluatedRows, positive: Scalar = None) -> None:
        self.task = task
        self.rows = rows
        self.classes = tuple(str(native(value)) for value in rows.outputs.classes)
        self._positive = positive_place(rows.outputs.classes, positive)
        self._rankings: dict[str, Mapping[str, Figure]] = {}
        self._calibrations: dict[str, tuple[CalibrationBin, ...]] = {}

    @property
    def positive(self) -> str:
        """The class that a binary model looks for, by name: the one set, else the second."""
        return self.classes[self._positive]

    @property
    def negative(self) -> str:
        """The other class of a binary model, by name."""
        return self.classes[1 - self._positive]

    @cached_property
    def decided(self) -> ClassRows | None:
        """A classifier's own answers; None for others and without an outcome."""
        if not self.task.has_classes or self.rows.actual is None or not len(self.rows):
            return None
        outputs = self.rows.outputs
        truth, answer = class_codes(self.rows.actual, outputs.classes), class_codes(outputs.prediction, outputs.classes)
        return ClassRows(truth, answer, len(outputs.classes), outputs.probability)

    @cached_property
    def scores(self) -> Scores | None:
        """A binary model's probabilities of its positive class."""
        if not self.task.has_positive or self.decided is None:
            return None
        return self.decided.against_rest(self._positive)

    @cached_property
    def own_choice(self) -> Decision | None:
        """What a binary artifact's own answers come to; no threshold decides them, so theirs is NaN."""
        if self.scores is None or self.decided is None:
            return None
        alarm, positive = self.decided.answer == self._positive, self.scores.positive
        counts = ((alarm & positive), (~alarm & positive), (alarm & ~positive), (~alarm & ~positive))
        return Decision(float("nan"), *(int(rows.sum()) for rows in counts))

    def place_of(self, of_class: str | None) -> int:
        """The place of the class that decisions are about: a binary model's positive one, else the one named,
        else the first."""
        if self.task.has_positive:
            return self._positive
        return self.classes.index(of_class) if of_class in self.classes else 0

    def scores_of(self, of_class: str | None) -> Scores | None:
        """The probabilities of one class against the rest; of a binary model always of its positive."""
        if not self.task.one_of_many or self.decided is None:
            return self.scores
        return self.decided.against_rest(self.place_of(of_class))

    @cached_property
    def numbers(self) -> NumberRows | None:
        """A regression's predictions."""
        if not self.task.numeric or self.rows.actual is None or not len(self.rows):
            return None
        return NumberRows(self.rows.outputs.prediction.astype(float), self.rows.actual.to_numpy(dtype=float))

    def ranking(self, of_class: str | None = None) -> Mapping[str, Figure]:
        """How well the probabilities of a class rank and mean what they say."""
        key = of_class or ""
        if key not in self._rankings:
            scores = self.scores_of(of_class)
            self._rankings[key] = {} if scores is None else scores.ranking()
        return self._rankings[key]

    @cached_property
    def overall(self) -> Mapping[str, Figure]:
        """A classifier's figures over all classes."""
        return {} if self.decided is None else {**self.decided.overall(), **self.decided.ranking()}

    @cached_property
    def each(self) -> Mapping[str, tuple[Figure, ...]]:
        """A classifier's figures class by class."""
        return {} if self.decided is None else self.decided.each()

    @cached_property
    def errors(self) -> Mapping[str, Figure]:
        """A regression's figures."""
        return {} if self.numbers is None else self.numbers.figures()

    @cached_property
    def coverage(self) -> tuple[Coverage, ...]:
        """Whether a regression's intervals cover."""
        return () if self.numbers is None else self.numbers.coverage()

    def metrics(self, threshold: float | None) -> Mapping[str, Figure]:
        """All metrics of the whole: of two classes those at ``threshold``, else of the artifact's own choice."""
        if self.scores is not None:
            decision = self.own_choice if threshold is None else self.scores.at(threshold)
            assert decision is not None
            return {**decision.figures(), **self.ranking()}
        return self.overall if self.decided is not None else self.errors

    def calibration(self, of_class: str | None) -> tuple[CalibrationBin, ...]:
        """Predicted probability of a class against what happened."""
        key = of_class or ""
        if key not in self._calibrations:
            scores = self.scores_of(of_class)
            self._calibrations[key] = () if scores is None else scores.calibration()
        return self._calibrations[key]

    def answers_at(self, threshold: float | None) -> np.ndarray:
        """A classifier's answers as places among the classes (m,): of two classes those at ``threshold``, else
        the artifact's own."""
        assert self.decided is not None
        if self.scores is None or threshold is None:
            return self.decided.answer
        return np.where(self.scores.probability >= threshold, self._positive, 1 - self._positive)

    def failures(self, kind: Failure, threshold: float | None) -> tuple[np.ndarray, np.ndarray] | None:
        """The rows that can fail (m,) as a mask, and the failures among them: 0 or 1, or the sizes of
        errors. None where nothing is known to fail."""
        if self.numbers is not None:
            return np.ones(len(self.rows), dtype=bool), np.abs(self.numbers.errors)
        if self.decided is None:
            return None
        truth, answer = self.decided.truth, self.answers_at(threshold)
        mask = np.ones(len(truth), dtype=bool)
        if self.task.has_positive and kind != "wrong":
            mask = (truth == self._positive) == (kind == "missed")
        return mask, (truth != answer)[mask].astype(float)
