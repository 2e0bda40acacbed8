"""What a model says of a row, as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

Refusal = dict[str, str]
"""Why a rule refuses an answer: ``rule``, the expression, and ``text``, what to tell people."""

WarningCode = Literal["below_range", "above_range", "unseen_category", "missing", "unusual_combination", "rule"]


@dataclass(frozen=True, slots=True)
class InputWarning:
    """A doubt about one input, or about the row (``field`` None). Never changes the answer."""

    field: str | None
    code: WarningCode
    message: str

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class CheckedRows:
    """Rows that meet the contract.

    ``frame`` has the published columns, dtypes and categories, one row a record;
    ``records`` are the same rows as JSON values with every feature present;
    ``warnings`` holds one sequence a row.
    """

    frame: pd.DataFrame
    records: Sequence[Mapping[str, Any]]
    warnings: Sequence[Sequence[InputWarning]]


@dataclass(frozen=True, slots=True)
class Output:
    """What the artifact gives for one row, as native JSON values.

    ``probability`` is keyed by ``str(class)``; ``score`` is an anomaly model's (lower is
    more unusual, as in scikit-learn's ``score_samples``).
    """

    prediction: Any
    probability: dict[str, float] | None = None
    score: float | None = None
    interval: tuple[float, float] | None = None
    level: float | None = None
    refused: Refusal | None = None

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Output:
        """An answer from its JSON form, as the log and batches keep it."""
        interval = values.get("interval")
        return cls(
            values["prediction"],
            values.get("probability"),
            values.get("score"),
            None if interval is None else (interval[0], interval[1]),
            values.get("level"),
            values.get("refused"),
        )

    def as_dict(self) -> dict[str, Any]:
        """The JSON form, as it is logged and answered."""
        return {
            "prediction": self.prediction,
            "probability": self.probability,
            "score": self.score,
            "interval": list(self.interval) if self.interval else None,
            "level": self.level,
            "refused": self.refused,
        }


@dataclass(frozen=True, slots=True)
class Outputs:
    """What the artifact gives for n rows, by column.

    ``prediction`` (n,) holds classes or values as the artifact's ``predict`` gave them, after
    the threshold where one is set; ``probability`` is (n, k) in the order of ``classes``.
    ``interval`` (n, 2) holds where a value lies at ``level``, where that can be said.
    ``refused`` (n,) is the place in ``refusals`` of what refuses a row's answer, -1 where nothing
    does: such a row's columns hold NaN or None.
    """

    prediction: np.ndarray
    classes: tuple[Any, ...] = ()
    probability: np.ndarray | None = None
    score: np.ndarray | None = None
    keys: tuple[str, ...] = field(default=())
    interval: np.ndarray | None = None
    level: float | None = None
    refused: np.ndarray | None = None
    refusals: tuple[Refusal, ...] = ()

    def __len__(self) -> int:
        return len(self.prediction)

    def slice(self, start: int, stop: int) -> Outputs:
        """The rows from start up to, and without, stop."""
        return self._at(np.s_[start:stop])

    def take(self, places: np.ndarray) -> Outputs:
        """The rows at these places."""
        return self._at(places)

    def _at(self, rows: Any) -> Outputs:
        return replace(
            self,
            prediction=self.prediction[rows],
            probability=None if self.probability is None else self.probability[rows],
            score=None if self.score is None else self.score[rows],
            interval=None if self.interval is None else self.interval[rows],
            refused=None if self.refused is None else self.refused[rows],
        )

    @property
    def answered(self) -> np.ndarray:
        """Which rows (n,) have an answer that no rule refuses."""
        return np.ones(len(self), dtype=bool) if self.refused is None else self.refused < 0

    def without(self, refused: np.ndarray, refusals: tuple[Refusal, ...]) -> Outputs:
        """The answers without the refused ones, of which nothing is left to be read."""
        gone = refused >= 0

        def blanked(values: np.ndarray | None) -> np.ndarray | None:
            if values is None:
                return None
            left = values.copy() if values.dtype.kind == "f" else values.astype(object)
            left[gone] = np.nan if left.dtype.kind == "f" else None
            return left

        prediction = blanked(self.prediction)
        assert prediction is not None
        return replace(
            self,
            prediction=prediction,
            probability=blanked(self.probability),
            score=blanked(self.score),
            interval=blanked(self.interval),
            refused=refused,
            refusals=refusals,
        )

    def row(self, index: int) -> Output:
        """One row as native values."""
        if self.refused is not None and self.refused[index] >= 0:
            return Output(None, refused=self.refusals[self.refused[index]])
        probability = None
        if self.probability is not None:
            keys = self.keys or tuple(str(native(value)) for value in self.classes)
            probability = dict(zip(keys, self.probability[index].tolist(), strict=True))
        low_high = None if self.interval is None else self.interval[index].tolist()
        return Output(
            prediction=native(self.prediction[index]),
            probability=probability,
            score=None if self.score is None else float(self.score[index]),
            interval=None if low_high is None else (low_high[0], low_high[1]),
            level=self.level,
        )


def joined(parts: Sequence[Outputs]) -> Outputs:
    """The answers to several frames of one model, before its rules, one after the other; at least one."""
    if len(parts) == 1:
        return parts[0]

    def column(name: str) -> np.ndarray | None:
        values = [getattr(part, name) for part in parts]
        return None if values[0] is None else np.concatenate(values)

    first = parts[0]
    prediction = np.concatenate([part.prediction for part in parts])
    return Outputs(
        prediction, first.classes, column("probability"), column("score"), first.keys, column("interval"), first.level
    )


def positive_place(classes: Sequence[Any], positive: Any) -> int:
    """The place of the class that a model of two looks for: the one that was set, else the last. By
    name, since some libraries answer a boolean class by its name."""
    names = [str(native(value)) for value in classes]
    wanted = str(native(positive))
    return names.index(wanted) if wanted in names else len(names) - 1


def places_of(classes: Sequence[Any], values: Any) -> np.ndarray:
    """The places (n,) of values among classes, -1 for a stranger. By value, else by name: some
    libraries answer a boolean class by its name ("True")."""
    by_value = {value: place for place, value in enumerate(classes)}
    by_name = {str(name): place for name, place in by_value.items()}
    answers = [native(value) for value in values]
    return np.array([by_value.get(value, by_name.get(str(value), -1)) for value in answers], dtype=int)


def native(value: Any) -> Any:
    """A numpy or pandas scalar as the JSON value it stands for."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return value
