"""A model's answers as numbers to be explained, straight from the artifact."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd

from modeldesk.model_service.engine.results import places_of
from modeldesk.model_service.engine.steps import attribute
from modeldesk.model_service.engine.task import Question, question_of
from modeldesk.model_service.package.insights import ExplanationScale
from modeldesk.model_service.schema.frames import model_input
from modeldesk.model_service.schema.schema import ModelSchema

AnswerKind = Literal["value", "probability", "score", "decision", "label"]


class Answers:
    """Asks an artifact for numbers: (n, k), a column a class, or (n, 1) for models without classes.

    ``kind`` tells which: predicted values; probabilities; scores of unusual rows; decision values, where
    a classifier has no probabilities; or 0 and 1 for the predicted class, where it has neither.
    ``question`` is the task with its classes; None takes what the artifact tells by itself.
    """

    def __init__(self, estimator: Any, schema: ModelSchema, question: Question | None = None) -> None:
        self.schema = schema
        question = question or question_of(estimator)
        self.task = question.task
        self._classes = question.classes
        self.classes: tuple[str, ...] = tuple(str(value) for value in question.classes)
        self._estimator = estimator
        self.kind: AnswerKind = self._find_kind()

    @property
    def scale(self) -> ExplanationScale:
        """The scale that the numbers themselves are on."""
        if self.kind == "value":
            return "value"
        return "probability" if self.kind == "probability" else "score"

    def ask(self, frame: pd.DataFrame) -> np.ndarray:
        """The answers to n rows of the model's columns, (n, k). Raises what the artifact raises."""
        rows = model_input(frame, self.schema.fitted_on)
        if self.kind == "probability":
            return np.asarray(self._estimator.predict_proba(rows), dtype=float)
        if self.kind == "score":
            return np.asarray(self._estimator.score_samples(rows), dtype=float).reshape(-1, 1)
        if self.kind == "value":
            return self.task.answers(self._estimator.predict(rows)).astype(float).reshape(-1, 1)
        if self.kind == "decision":
            decision = np.asarray(self._estimator.decision_function(rows), dtype=float)
            return np.column_stack([-decision, decision]) if decision.ndim == 1 else decision
        indices = places_of(self._classes, np.asarray(self._estimator.predict(rows)).ravel())
        return np.asarray(indices[:, None] == np.arange(len(self.classes)), dtype=float)

    def column(self, of_class: Any, row: np.ndarray) -> int:
        """The column of a class, by its name; that of the highest answer where None is asked.

        Raises KeyError for a class that the model does not have.
        """
        if not self.classes:
            return 0
        if of_class is None:
            return int(np.argmax(row))
        name = str(of_class)
        if name not in self.classes:
            raise KeyError(name)
        return self.classes.index(name)

    def _find_kind(self) -> AnswerKind:
        if self.task.has_scores:
            return "score"
        if not self.classes:
            return "value"
        if callable(attribute(self._estimator, "predict_proba")):
            return "probability"
        if callable(attribute(self._estimator, "decision_function")) and self._one_decision_a_class():
            return "decision"
        return "label"

    def _one_decision_a_class(self) -> bool:
        """One-against-one machines may give a decision a pair of classes instead."""
        return len(self.classes) == 2 or getattr(self._estimator, "decision_function_shape", "ovr") == "ovr"
