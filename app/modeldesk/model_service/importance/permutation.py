"""What is lost where an input tells nothing: permutation importance (Breiman 2001).

The values of one input are dealt anew among the rows, so that each row has somebody else's; how
much worse the answers then are is what the version owes to that input. scikit-learn's
``permutation_importance`` does the dealing; columns of one picture are dealt together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from modeldesk.core.errors import InvalidInput
from modeldesk.model_service.engine.results import Outputs
from modeldesk.model_service.importance.question import drivers_of
from modeldesk.model_service.performance.rows import KnownRows, Source, class_codes, known_rows, own_answers
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.whatif.row_mixer import Palette

MOST_ROWS = 1_000
REPEATS = 10
SEED = 20_261_123

Loss = Literal["log_loss", "accuracy", "rmse"]
"""What gets worse: log loss and RMSE rise, accuracy (of classifiers without probabilities) falls."""


@dataclass(frozen=True)
class Shuffling:
    """How much worse answers are without each of k drivers: ``increases`` (k, r), one for each dealing,
    on the scale of ``loss``, whose value as things are is ``baseline``. Measured on ``rows`` of
    ``rows_in_all`` rows of ``source``."""

    loss: Loss
    baseline: float
    increases: np.ndarray
    source: Source
    rows: int
    rows_in_all: int

    @cached_property
    def sizes(self) -> np.ndarray:
        """The mean over dealings, (k,)."""
        return np.asarray(self.increases.mean(axis=1))

    @cached_property
    def ends(self) -> np.ndarray:
        """The lowest and the highest of the dealings, (k, 2)."""
        return np.column_stack([self.increases.min(axis=1), self.increases.max(axis=1)])

    @cached_property
    def spread(self) -> np.ndarray:
        """The standard deviation over dealings, (k,)."""
        return np.asarray(self.increases.std(axis=1, ddof=1))


class ShufflingAnalysis:
    """Shuffles one driver a step."""

    def __init__(self, model: LoadedModel) -> None:
        self._model = model
        order = {name: index for index, name in enumerate(model.schema.names)}
        self._groups = [[order[name] for name in driver.columns] for driver in drivers_of(model)]

    @property
    def steps(self) -> int:
        """How many steps there are."""
        return len(self._groups)

    def step(self, index: int) -> dict[str, Any]:
        """What is lost without one driver. Raises InvalidInput where no row's outcome is known, or the
        artifact answers no row as it is shuffled."""
        from sklearn.inspection import permutation_importance

        rows, palette, truth = self._rows
        count = len(rows.frame)
        as_it_is = np.tile(np.arange(count)[:, None], len(self._model.schema.names))

        def score(_: Any, indices: np.ndarray, actual: np.ndarray) -> float:
            mixed = as_it_is.copy()
            mixed[:, self._groups[index]] = indices
            return goodness(self._loss, own_answers(self._model, palette.mix(mixed)), actual)

        # What scikit-learn shuffles are the rows' places: columns that belong together then move together,
        # and every column keeps its type.
        indices = np.arange(count)[:, None]
        result = permutation_importance(_Asked(), indices, truth, scoring=score, n_repeats=REPEATS, random_state=SEED)
        return {"increases": result.importances[0].tolist()}

    def join(self, parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """All parts as one."""
        rows, _, truth = self._rows
        return {
            "loss": self._loss,
            "baseline": abs(goodness(self._loss, own_answers(self._model, rows.frame), truth)),
            "increases": [part["increases"] for part in parts],
            "source": rows.source,
            "rows": len(rows.frame),
            "rows_in_all": rows.total,
        }

    @cached_property
    def _rows(self) -> tuple[KnownRows, Palette, np.ndarray]:
        """The rows, to be mixed, and the truth: values, or places among the classes."""
        rows = known_rows(self._model, MOST_ROWS)
        if rows.actual is None:
            raise InvalidInput("This model has no outcome that its answers could be held against.")
        actual = rows.actual.to_numpy()
        if not self._model.manifest.task.numeric:
            actual = class_codes(actual, self._model.manifest.classes)
            rows = rows.where(actual >= 0)
            actual = actual[actual >= 0]
        if len(rows.frame) < 2:
            raise InvalidInput("Fewer than two rows have a known outcome, so nothing can be shuffled.")
        return rows, Palette(rows.frame), actual.astype(float if self._model.manifest.task.numeric else int)

    @cached_property
    def _loss(self) -> Loss:
        if self._model.manifest.task.numeric:
            return "rmse"
        return "accuracy" if self._model.manifest.engine.output == "predict" else "log_loss"


class _Asked:
    """In the place of an estimator: the scoring function asks the model itself."""

    def fit(self) -> None:
        """Demanded by scikit-learn, and never called."""


def goodness(loss: Loss, outputs: Outputs, truth: np.ndarray) -> float:
    """The loss of answers against the truth (values, or places among the classes), greater is better."""
    from sklearn import metrics

    if loss == "rmse":
        return -float(metrics.root_mean_squared_error(truth, outputs.prediction.astype(float)))
    if loss == "accuracy":
        return float(metrics.accuracy_score(truth, class_codes(outputs.prediction, outputs.classes)))
    assert outputs.probability is not None
    # Libraries that calculate in single precision give shares that add up to nearly one.
    shares = outputs.probability / outputs.probability.sum(axis=1, keepdims=True)
    return -float(metrics.log_loss(truth, shares, labels=list(range(len(outputs.classes)))))


def read_shuffling(stored: Mapping[str, Any]) -> Shuffling:
    """What ``ShufflingAnalysis.join`` gave."""
    return Shuffling(
        loss=stored["loss"],
        baseline=stored["baseline"],
        increases=np.array(stored["increases"], dtype=float),
        source=stored["source"],
        rows=stored["rows"],
        rows_in_all=stored["rows_in_all"],
    )
