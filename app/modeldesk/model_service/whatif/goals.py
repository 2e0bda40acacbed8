"""What a changed record should make a model say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from modeldesk.core.errors import InvalidInput, Problem
from modeldesk.model_service.engine.results import Outputs, native
from modeldesk.model_service.tasks.anomaly import UNUSUAL


@dataclass(frozen=True, slots=True)
class Goal:
    """The class to become, or the value to reach: at least, at most, or both.

    With nothing set a model with classes shall give any other class than now. ``best`` asks instead
    how far the answer can be moved: the value, or the probability (else the score) of ``of_class``,
    which is then needed, as high or as low as can be.
    """

    of_class: str | None = None
    at_least: float | None = None
    at_most: float | None = None
    best: Literal["highest", "lowest"] | None = None


class Judge:
    """Judges answers by a goal, given what the model says now (row 0 of ``now``).

    Raises InvalidInput for a goal that this model cannot have.
    """

    def __init__(self, goal: Goal, now: Outputs) -> None:
        self._goal = goal
        self._present = str(native(now.prediction[0]))
        self._names = [str(native(value)) for value in now.classes]
        valued = goal.at_least is not None or goal.at_most is not None
        if goal.best is not None and (valued or (self._names and goal.of_class is None)):
            raise _impossible("The best that can be is of a value, or of one class.", "Name the class, and no limit.")
        if self._names and valued:
            raise _impossible("This model gives classes, not values.", "Ask for one of its classes.")
        if not self._names and (goal.of_class is not None or not (valued or goal.best)):
            raise _impossible("This model gives values, not classes.", "Ask for at least or at most some value.")
        if goal.of_class is not None and goal.of_class not in self._names:
            known = ", ".join(self._names[:10])
            raise _impossible(f"The model has no class {goal.of_class!r}.", f"Its classes are {known}.")

    def reached(self, outputs: Outputs) -> np.ndarray:
        """Row by row (n,), whether the goal is reached: by the answer itself, any threshold included.
        What a rule refuses to answer reaches none, and nothing is the best before all was tried."""
        if self._goal.best is not None:
            return np.zeros(len(outputs), dtype=bool)
        if not self._names:
            return np.asarray((self._short_by(outputs) <= 0) & outputs.answered)
        labels = [str(native(value)) for value in outputs.prediction]
        if self._goal.of_class is not None:
            result = np.array([name == self._goal.of_class for name in labels], dtype=bool)
        else:
            result = np.array([name != self._present for name in labels], dtype=bool)
        return np.asarray(result & outputs.answered)

    def progress(self, outputs: Outputs) -> np.ndarray:
        """Row by row (n,), how near the goal is; greater is nearer, and what a rule refuses to answer
        is nowhere near."""
        nearness = self._nearness(outputs) if self._goal.best != "lowest" else -self._nearness(outputs)
        return np.asarray(np.where(outputs.answered, nearness, -np.inf))

    def _nearness(self, outputs: Outputs) -> np.ndarray:
        if not self._names and self._goal.best is not None:
            return np.asarray(outputs.prediction, dtype=float)
        if not self._names:
            return -self._short_by(outputs)
        target = self._goal.of_class
        if outputs.probability is not None:
            column = outputs.probability[:, self._names.index(target if target is not None else self._present)]
            return np.asarray(column if target is not None else -column, dtype=float)
        if outputs.score is not None:
            wanted_normal = target not in (None, UNUSUAL) or (target is None and self._present == UNUSUAL)
            return np.asarray(outputs.score if wanted_normal else -outputs.score, dtype=float)
        if self._goal.best is not None:
            return np.array([str(native(value)) == target for value in outputs.prediction], dtype=float)
        return np.asarray(self.reached(outputs), dtype=float)

    def _short_by(self, outputs: Outputs) -> np.ndarray:
        values = np.asarray(outputs.prediction, dtype=float)
        short = np.full(len(values), -np.inf)
        if self._goal.at_least is not None:
            short = np.maximum(short, self._goal.at_least - values)
        if self._goal.at_most is not None:
            short = np.maximum(short, values - self._goal.at_most)
        return np.asarray(short)


def _impossible(detail: str, hint: str) -> InvalidInput:
    return InvalidInput(detail, hint=hint, problems=[Problem(None, "impossible_goal", detail)])
