"""Engines: how an artifact is asked, and how its answers become values.

One engine serves every scikit-learn-compatible artifact. Which of its methods a request
calls is found out at publication (``describe``) and recorded in the manifest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from modeldesk.core.errors import InvalidInput, Problem, PublishRefused, staying_alive
from modeldesk.model_service.engine.foreign import Adapter
from modeldesk.model_service.engine.results import Outputs, native, places_of
from modeldesk.model_service.engine.steps import attribute, final_of, kind_of
from modeldesk.model_service.engine.task import several_outputs
from modeldesk.model_service.engine.tolerance import tolerance_of
from modeldesk.model_service.package.manifest import Engine, Manifest
from modeldesk.model_service.schema.frames import model_input
from modeldesk.model_service.schema.schema import FittedOn, ModelSchema, Scalar
from modeldesk.model_service.tasks import Task

NEAR_TIE = 1e-6
"""Where the two highest probabilities are nearer than this, the artifact's own ``predict``
decides: libraries break ties on quantities of their own, such as a decision value."""

SUM_SLACK = 1e-6
"""How far a row's probabilities may be above 1 together, since they are rounded one by one."""

_ARGMAX_LIBRARIES = frozenset({"sklearn", "imblearn", "xgboost", "lightgbm", "catboost"})
_NOT_ARGMAX = frozenset({"FixedThresholdClassifier", "TunedThresholdClassifierCV", "SVC", "NuSVC"})


class ModelEngine:
    """An artifact that answers typed frames. Safe to call from several threads."""

    def __init__(
        self, estimator: Any, task: Task, classes: tuple[Scalar, ...], engine: Engine, fitted_on: FittedOn
    ) -> None:
        self.estimator = estimator
        self.task = task
        self.classes = task.answer_classes(classes)
        self._engine = engine
        self._fitted_on = fitted_on
        self._class_values = _class_values(estimator, classes)
        self._places = None if attribute(estimator, "classes_") is not None else classes
        self._keys = tuple(str(value) for value in self.classes)

    def predict(self, frame: pd.DataFrame) -> Outputs:
        """The artifact's own answers to rows of the published columns, in their order.

        Raises InvalidInput, with a problem for each row at fault, where the artifact raises or
        gives no finite number: the contract was met and these values are still beyond the model.
        """
        outputs = self.outcome(frame)
        if isinstance(outputs, Outputs):
            return outputs
        problems = self._faults(frame, 0, outputs)
        raise InvalidInput(
            f"The model could not answer. {problems[0].message}",
            hint="Check for extreme or unusual values.",
            problems=problems,
        ) from outputs

    def outcome(self, frame: pd.DataFrame) -> Outputs | Exception:
        """The answers to rows of the published columns, or why there is none for all of them."""
        try:
            rows = model_input(frame, self._fitted_on)
            with staying_alive():
                return self._checked(lambda method: getattr(self.estimator, method)(rows), len(frame))
        except Exception as error:  # an artifact may raise anything
            return error

    def activate(self, *, compiler: bool = True) -> None:
        """Get ready whatever answers faster than the artifact; without ``compiler`` only what does not need one."""

    def _checked(self, ask: Callable[[str], Any], rows: int) -> Outputs:
        """The answers that ``ask`` gives by the names of the artifact's methods. Raises what it raises, and
        ArithmeticError for answers of another shape or that are not finite."""
        outputs = self._ask(ask)
        _check_shape(outputs, rows)
        _check_finite(outputs)
        return outputs

    def _faults(self, frame: pd.DataFrame, start: int, error: Exception) -> list[Problem]:
        """The rows that fail, found by halving; ``start`` is the first row's position."""
        if len(frame) <= 1:
            return [Problem(None, "no_answer", _first_line(error), start)]
        middle = len(frame) // 2
        problems = []
        for part, offset in ((frame.iloc[:middle], start), (frame.iloc[middle:], start + middle)):
            outcome = self.outcome(part)
            if isinstance(outcome, Exception):
                problems.extend(self._faults(part, offset, outcome))
        # Rows that are answered apart and not together are all at fault.
        line = _first_line(error)
        return problems or [Problem(None, "no_answer", line, start + place) for place in range(len(frame))]

    def _ask(self, ask: Callable[[str], Any]) -> Outputs:
        if self.task.has_scores:
            answers = self.task.answers(ask("predict"))
            score = np.asarray(ask("score_samples"), dtype=float).ravel()
            return Outputs(answers, self.classes, score=score, keys=self._keys)
        if self._engine.output == "predict":
            return Outputs(self._predicted(ask), self.classes, keys=self._keys)
        probability = np.asarray(ask("predict_proba"), dtype=float)
        if self._engine.output == "predict_proba" and not _near_tie(probability):
            prediction = self._class_values[probability.argmax(axis=1)]
        else:
            prediction = self._predicted(ask)
        return Outputs(prediction, self.classes, probability, keys=self._keys)

    def _predicted(self, ask: Callable[[str], Any]) -> np.ndarray:
        """The artifact's own ``predict``; classes that it does not list itself as the manifest writes them."""
        answers = self.task.answers(ask("predict"))
        if not self._places:
            return answers
        places = places_of(self._places, answers)
        if (places < 0).any():
            raise ValueError(f"The model answers {native(answers[places < 0][0])!r}, which is none of its classes")
        return np.asarray(self._class_values[places])


def _class_values(estimator: Any, classes: tuple[Scalar, ...]) -> np.ndarray:
    """The classes as the artifact itself answers them."""
    own = attribute(estimator, "classes_") if classes else None
    if own is not None:
        return np.asarray(own)
    values = np.empty(len(classes), dtype=object)
    values[:] = classes
    return values


def apply_threshold(outputs: Outputs, positive: Scalar, threshold: float | None) -> Outputs:
    """The answers with a binary model's decision threshold: ``positive`` where its probability
    is at least ``threshold``. Unchanged where none is set or there are no probabilities."""
    if threshold is None or outputs.probability is None or len(outputs.classes) != 2:
        return outputs
    keys = outputs.keys or tuple(str(value) for value in outputs.classes)
    index = keys.index(str(native(positive))) if str(native(positive)) in keys else 1
    chosen = np.where(outputs.probability[:, index] >= threshold, index, 1 - index)
    return replace(outputs, prediction=np.array(outputs.classes, dtype=object)[chosen])


def describe(estimator: Any, task: Task, classes: tuple[Scalar, ...], rows: Any) -> Engine:
    """Find out which method a request has to call, from the artifact's answers to ``rows``,
    given in the form it was fitted on. Raises PublishRefused for several outputs."""
    if task.has_scores:
        return Engine(output="score_samples", tolerance=tolerance_of(estimator, rows, estimator.score_samples(rows)))
    prediction = np.asarray(estimator.predict(rows))
    if prediction.ndim > 1 and prediction.shape[1:] != (1,):
        raise several_outputs(estimator)
    task.check_answers(estimator, prediction)
    if classes and (strange := prediction.ravel()[places_of(classes, prediction.ravel()) < 0]).size:
        raise PublishRefused(
            "unsupported",
            f"The predict of {kind_of(estimator)} answers {native(strange[0])!r}, which is none of its classes: "
            f"{', '.join(map(repr, classes[:20]))}.",
            hint="Let predict answer the values of classes_, not their places.",
        )
    if not task.has_classes or not callable(attribute(estimator, "predict_proba")):
        return Engine(output="predict", tolerance=tolerance_of(estimator, rows, prediction))
    probability = np.asarray(estimator.predict_proba(rows))
    tolerance = tolerance_of(estimator, rows, probability)
    if probability.ndim == 1 and len(classes) == 2:
        raise PublishRefused(
            "unsupported",
            f"The predict_proba of {kind_of(estimator)} answers one number a row, and not one for each class.",
            hint="Let it answer a column a class, in the order of classes_: numpy.column_stack([1 - p, p]).",
        )
    if probability.shape != (len(prediction), len(classes)):
        raise several_outputs(estimator)
    _check_probabilities(estimator, probability, tolerance)
    highest = _class_values(estimator, classes)[probability.argmax(axis=1)]
    clear = ~_near_ties(probability)
    same_kind = highest.dtype.kind == prediction.dtype.kind
    if _decides_by_argmax(estimator) and same_kind and bool((highest == prediction.ravel())[clear].all()):
        return Engine(output="predict_proba", argmax_is_predict=True, tolerance=tolerance)
    return Engine(output="both", tolerance=tolerance)


def _check_probabilities(estimator: Any, probability: np.ndarray, tolerance: float) -> None:
    """Raise PublishRefused where numbers are below 0, or a row's together above 1. They may be less:
    some classifiers know no class for a row."""
    slack = max(100 * tolerance, SUM_SLACK)
    lowest, sums = float(probability.min(initial=0.0)), probability.sum(axis=1)
    if lowest < -slack or float(sums.max(initial=0.0)) > 1 + slack:
        shown = (
            f"{lowest:.3g} for a class" if lowest < -slack else f"{sums.max():.3g} for all classes of a row together"
        )
        raise PublishRefused(
            "unsupported",
            f"The predict_proba of {kind_of(estimator)} answers no probabilities: {shown}.",
            hint="Train it with an objective that gives probabilities, or calibrate it (CalibratedClassifierCV), and "
            "publish that.",
        )


def _decides_by_argmax(estimator: Any) -> bool:
    """Whether the artifact's kind is known to decide for the highest probability; agreement on
    rows alone would not show a threshold that no row came near."""
    final = final_of(estimator)
    for part in (estimator, final, attribute(final, "final_estimator_")):
        if part is not None and (type(part).__name__ in _NOT_ARGMAX or not _known_library(part)):
            return False
    return True


def _known_library(estimator: Any) -> bool:
    return type(estimator).__module__.partition(".")[0] in _ARGMAX_LIBRARIES or isinstance(estimator, Adapter)


def _near_ties(probability: np.ndarray) -> np.ndarray:
    if probability.shape[1] < 2:
        return np.ones(len(probability), dtype=bool)
    top = np.partition(probability, -2, axis=1)
    return np.asarray(top[:, -1] - top[:, -2] < NEAR_TIE)


def _near_tie(probability: np.ndarray) -> bool:
    return bool(_near_ties(probability).any())


def _check_shape(outputs: Outputs, rows: int) -> None:
    """Raise ArithmeticError unless there is one answer a row, of the kind that the model has."""
    for values in (outputs.prediction, outputs.probability, outputs.score):
        if values is not None and (values.ndim == 0 or len(values) != rows):
            raise ArithmeticError(
                f"The model gave {np.size(values) if values.ndim < 2 else len(values)} answers to {rows} rows"
            )
    if outputs.probability is not None and outputs.probability.shape[1:] != (len(outputs.classes),):
        raise ArithmeticError(f"The model gave other than {len(outputs.classes)} probabilities a row")
    if outputs.classes:
        unknown = set(pd.unique(outputs.prediction).tolist()) - set(outputs.classes)
        if unknown:
            raise ArithmeticError(f"The model answered {unknown.pop()!r}, which is none of its classes")


def _check_finite(outputs: Outputs) -> None:
    for values in (outputs.prediction, outputs.probability, outputs.score):
        if values is not None and values.dtype.kind == "f" and not np.isfinite(values).all():
            raise ArithmeticError("The model gives no finite number for these values")


def _first_line(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return (text[0][:300] if text else type(error).__name__).rstrip(".") + "."


def engine_of(manifest: Manifest, estimator: Any) -> ModelEngine:
    """The engine that a manifest describes, over the unpickled artifact."""
    return ModelEngine(estimator, manifest.task, manifest.classes, manifest.engine, manifest.model_schema.fitted_on)


def reference_engine(estimator: Any, task: Task, classes: tuple[Scalar, ...], schema: ModelSchema) -> ModelEngine:
    """An engine that takes no short cut: the class is always the artifact's own ``predict``."""
    gives = task.has_classes and bool(classes) and callable(attribute(estimator, "predict_proba"))
    return ModelEngine(estimator, task, classes, Engine(output="both" if gives else "predict"), schema.fitted_on)
