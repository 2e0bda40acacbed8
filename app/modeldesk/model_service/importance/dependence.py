"""How answers follow one input: partial dependence (Friedman 2001) with the curve of each single row
(individual conditional expectation, Goldstein et al. 2015).

The input is set to each of some values in every row of a sample, all else as it is. The mean of the
answers is the partial dependence; it equals scikit-learn's ``partial_dependence`` by ``method="brute"``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from modeldesk.model_service.engine.results import Outputs, native
from modeldesk.model_service.importance.contributions import sample_places
from modeldesk.model_service.importance.question import choice_of
from modeldesk.model_service.performance.rows import own_answers
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.schema.frames import frame_of, records_of
from modeldesk.model_service.schema.one_hot import NONE, OneHot, value_of
from modeldesk.model_service.schema.schema import Scalar
from modeldesk.model_service.whatif.response import grid, spread, was_seen
from modeldesk.model_service.whatif.row_mixer import Palette

MOST_ROWS = 200
POINTS = 30
STEP_VALUES = 4
BEYOND, BEYOND_POINTS = 0.25, 3
"""How far past what was seen a curve goes where a form takes such values, as a share of the range."""

Answered = Literal["value", "probability", "score", "share"]
"""``share`` is of rows answered with a class, where a classifier gives no probabilities."""


@dataclass(frozen=True)
class Dependence:
    """Answers about ``of_class`` as one feature is moved through ``values`` (g,) in n reference rows.

    ``curves`` (n, g) has a row for each of them, in random order; ``places`` (n,) are their places.
    ``seen`` (g,) is False where the published data held no such value. ``counts`` between ``edges``, or
    of each value where there are no edges, tell how the reference rows are spread.
    """

    feature: str
    of_class: str | None
    answered: Answered
    values: tuple[Scalar, ...]
    seen: tuple[bool, ...]
    places: np.ndarray
    curves: np.ndarray
    edges: tuple[Scalar, ...]
    counts: tuple[int, ...]

    @cached_property
    def mean(self) -> np.ndarray:
        """The partial dependence, (g,)."""
        return np.asarray(self.curves.mean(axis=0))

    @cached_property
    def band(self) -> np.ndarray:
        """What the middle 80% of the rows' curves lie between, (g, 2)."""
        return np.asarray(np.quantile(self.curves, (0.1, 0.9), axis=0).T)


class DependenceAnalysis:
    """Asks for some of the values a step."""

    def __init__(self, model: LoadedModel, feature: str, of_class: str | None) -> None:
        """Raises KeyError for a feature that the model does not read."""
        self._model, self._of_class = model, of_class
        self._feature, self._choice = model.schema.feature(feature), choice_of(model, feature)
        self._values = values_to_try(model, feature) if self._choice is None else options_to_try(self._choice)
        self._places = sample_places(len(model.reference), MOST_ROWS)

    @property
    def steps(self) -> int:
        """How many steps there are."""
        return -(-len(self._values) // STEP_VALUES)

    def step(self, index: int) -> dict[str, Any]:
        """The answers of all rows at some values. Raises InvalidInput where the artifact refuses one."""
        low = index * STEP_VALUES
        high = min(low + STEP_VALUES, len(self._values))
        count, names = len(self._places), self._model.schema.names
        rows = np.tile(np.arange(count), high - low)
        cells = np.tile(rows[:, None], len(names))
        columns = (self._feature.name,) if self._choice is None else self._choice.columns
        moved = count + np.repeat(np.arange(low, high), count)
        cells[:, [names.index(name) for name in columns]] = moved[:, None]
        outputs = own_answers(self._model, self._palette.mix(cells))
        return {"answers": numbers(outputs, self._of_class).reshape(high - low, count).tolist()}

    def join(self, parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """All parts as one."""
        edges, counts, seen = self._spread()
        probe = own_answers(self._model, self._model.reference.head(1)[list(self._model.schema.names)])
        return {
            "feature": self._feature.name,
            "of_class": self._of_class,
            "answered": answered(probe),
            "values": list(self._values),
            "seen": seen,
            "places": self._places.tolist(),
            "answers": [row for part in parts for row in part["answers"]],
            "edges": list(edges),
            "counts": list(counts),
        }

    def _spread(self) -> tuple[Sequence[Scalar], Sequence[int], list[bool]]:
        """How the reference rows are spread over the values, and which of these were seen."""
        if self._choice is None:
            edges, counts = spread(self._model, self._feature, self._values)
            return edges, counts, [was_seen(self._feature, value) for value in self._values]
        chosen = self._choice.texts(self._model.reference)
        counts = tuple(int((chosen == value).sum()) for value in self._values)
        return (), counts, [count > 0 for count in counts]

    def _changes(self, value: Scalar) -> dict[str, Scalar]:
        """The columns of a record in which a value of the input stands."""
        if self._choice is None:
            return {self._feature.name: value}
        pairs = zip(self._choice.columns, self._choice.values(str(value)), strict=True)
        return {name: value_of(self._model.schema.feature(name), chosen) for name, chosen in pairs}

    @cached_property
    def _palette(self) -> Palette:
        """The sampled rows, and below them a row for each value."""
        schema = self._model.schema
        sample = self._model.reference.iloc[self._places][list(schema.names)].reset_index(drop=True)
        some = records_of(schema, sample.head(1))[0]
        tried = frame_of(schema, [{**some, **self._changes(value)} for value in self._values])
        return Palette(pd.concat([sample.astype(tried.dtypes.to_dict()), tried], ignore_index=True))


def options_to_try(choice: OneHot) -> tuple[Scalar, ...]:
    """The options of a choice, and that none is chosen where that may be."""
    return (*choice.options, NONE) if choice.none else choice.options


def values_to_try(model: LoadedModel, feature_name: str) -> tuple[Scalar, ...]:
    """The values that a feature is moved through: those seen, and for numbers some beyond them where the
    form's limits let people enter such. Raises KeyError for an unknown feature."""
    feature = model.schema.feature(feature_name)
    result = grid(model, feature, None, POINTS)
    limits = next((item.minimum, item.maximum) for item in model.fields if item.name == feature_name)
    if not feature.numeric or feature.minimum is None or feature.maximum is None:
        return result
    low, high = float(feature.minimum), float(feature.maximum)
    reach = BEYOND * (high - low)
    more: list[float] = []
    if isinstance(limits[0], int | float) and limits[0] < low:
        more += np.linspace(max(float(limits[0]), low - reach), low, BEYOND_POINTS, endpoint=False).tolist()
    if isinstance(limits[1], int | float) and limits[1] > high:
        more += np.linspace(min(float(limits[1]), high + reach), high, BEYOND_POINTS, endpoint=False).tolist()
    whole = feature.type == "integer"
    known: list[Any] = [*result, *(round(value) if whole else value for value in more)]
    return tuple(sorted(set(known)))


def numbers(outputs: Outputs, of_class: str | None) -> np.ndarray:
    """Each row's answer as a number (n,): the value, the probability of a class, the score, or 1 where
    the answer is that class."""
    kind = answered(outputs)
    if kind == "score":
        return np.asarray(outputs.score, dtype=float)
    if kind == "value":
        return np.asarray(outputs.prediction, dtype=float)
    names = [str(native(value)) for value in outputs.classes]
    if outputs.probability is not None:
        return np.asarray(outputs.probability[:, names.index(str(of_class))], dtype=float)
    return np.array([float(str(native(value)) == of_class) for value in outputs.prediction])


def answered(outputs: Outputs) -> Answered:
    """What ``numbers`` are."""
    if outputs.score is not None:
        return "score"
    if not outputs.classes:
        return "value"
    return "share" if outputs.probability is None else "probability"


def read_dependence(stored: Mapping[str, Any]) -> Dependence:
    """What ``DependenceAnalysis.join`` gave."""
    return Dependence(
        feature=stored["feature"],
        of_class=stored["of_class"],
        answered=stored["answered"],
        values=tuple(stored["values"]),
        seen=tuple(stored["seen"]),
        places=np.array(stored["places"], dtype=int),
        curves=np.array(stored["answers"], dtype=float).T,
        edges=tuple(stored["edges"]),
        counts=tuple(stored["counts"]),
    )
