"""What a file's rows came to: counts, the distribution of predictions, and how far the inputs have
moved from the reference. Made of parts, one a chunk, that add up in any order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from pydantic import Field

from modeldesk.core import formats
from modeldesk.model_service.batch.score import ScoredChunk
from modeldesk.model_service.engine.results import Outputs, native, positive_place
from modeldesk.model_service.neighbours.distance import as_numbers, is_scale
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.schema.schema import Feature, Frozen

SHIFT_ROWS = 2_000
"""Rows of a chunk that are held against the reference, evenly spread over it."""
_BINS = 10
_CATEGORIES = 20
_PREDICTION_BINS = 24
_CHANCE_BINS = 20
MODERATE, STRONG = 0.1, 0.25
"""The usual reading of the population stability index (Siddiqi 2006)."""

Counts = dict[str, dict[str, int]]
"""Rows by field ("" for the row as a whole) and code."""


class SummaryPart(Frozen):
    """The counts of a chunk, or of several together."""

    scored: int = 0
    rejected: int = 0
    problems: Counts = Field(default_factory=dict)
    warnings: Counts = Field(default_factory=dict)
    predictions: tuple[int, ...] = ()
    chances: tuple[int, ...] = ()
    inputs: dict[str, tuple[int, ...]] = Field(default_factory=dict)


class Bar(Frozen):
    """Predictions of one class, or from ``low`` (included) up to ``high``; ``share`` of the rows
    scored, ``reference`` the same share of the reference rows."""

    label: str
    count: int
    share: float
    reference: float
    low: float | None = None
    high: float | None = None


class Chances(Frozen):
    """How the probabilities of one class, of two, are spread, in steps of 5%. ``threshold`` is the
    one in force for it, where one is set."""

    of: str
    threshold: float | None
    bars: tuple[Bar, ...]


class Shift(Frozen):
    """How far a feature's distribution is from the reference's: its population stability index."""

    feature: str
    label: str
    psi: float
    level: str


class BatchSummary(Frozen):
    """A file's rows in figures. ``shift`` is ordered, the most moved feature first."""

    scored: int
    rejected: int
    problems: Counts
    warnings: Counts
    distribution: tuple[Bar, ...]
    chances: Chances | None = None
    shift: tuple[Shift, ...]


def added(parts: Iterable[SummaryPart]) -> SummaryPart:
    """The counts of several chunks together."""
    scored = rejected = 0
    problems: Counter[tuple[str, str]] = Counter()
    warnings: Counter[tuple[str, str]] = Counter()
    predictions: list[tuple[int, ...]] = []
    chances: list[tuple[int, ...]] = []
    inputs: dict[str, np.ndarray] = {}
    for part in parts:
        scored, rejected = scored + part.scored, rejected + part.rejected
        problems.update(_flat(part.problems))
        warnings.update(_flat(part.warnings))
        predictions += [part.predictions] if part.predictions else []
        chances += [part.chances] if part.chances else []
        for name, counts in part.inputs.items():
            inputs[name] = inputs.get(name, 0) + np.array(counts)
    return SummaryPart(
        scored=scored,
        rejected=rejected,
        problems=_nested(problems),
        warnings=_nested(warnings),
        predictions=_summed(predictions),
        chances=_summed(chances),
        inputs={name: tuple(counts.tolist()) for name, counts in inputs.items()},
    )


def _summed(counts: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(np.sum(counts, axis=0).tolist()) if counts else ()


class Summarizer:
    """Counts chunks of one model's results in bins made of its reference rows."""

    def __init__(self, model: LoadedModel) -> None:
        self._model = model
        reference = model.reference
        shown = [field for field in model.fields if not field.hidden and field.feature.type != "text"]
        self._labels = {field.name: field.label for field in shown}
        self._bins = {field.name: _Bins(field.feature, reference[field.name]) for field in shown}
        self._usual = {name: bins.count(reference[name]) for name, bins in self._bins.items()}
        self._classes = [str(native(value)) for value in model.reference_outputs.classes]
        self._edges = _edges(model.reference_outputs.prediction) if not self._classes else np.zeros(0)
        self._usual_predictions = self._predictions(model.reference_outputs.prediction)
        self._chance = _chance_column(model)
        self._usual_chances = self._chances(model.reference_outputs)

    def part(self, chunk: ScoredChunk) -> SummaryPart:
        """The counts of one chunk."""
        problems: Counter[tuple[str, str]] = Counter()
        for field, code in zip(
            chunk.rejects.column("field").to_pylist(), chunk.rejects.column("code").to_pylist(), strict=True
        ):
            problems[field or "", code] += 1
        warnings: Counter[tuple[str, str]] = Counter()
        for rows, warning in chunk.warnings:
            warnings[warning.field or "", warning.code] += len(rows)
        some = np.unique(np.linspace(0, chunk.scored - 1, min(chunk.scored, SHIFT_ROWS)).astype(int))
        sample = chunk.frame.take(some) if len(some) < chunk.scored else chunk.frame
        return SummaryPart(
            scored=chunk.scored,
            rejected=chunk.rejected,
            problems=_nested(problems),
            warnings=_nested(warnings),
            predictions=tuple(self._predictions(chunk.outputs.prediction).tolist()),
            chances=tuple(self._chances(chunk.outputs).tolist()),
            inputs={name: tuple(bins.count(sample[name]).tolist()) for name, bins in self._bins.items()},
        )

    def summary(self, part: SummaryPart) -> BatchSummary:
        """All parts together, in figures for people."""
        shift = [
            Shift(feature=name, label=self._labels[name], psi=psi, level=_level(psi))
            for name, counts in part.inputs.items()
            for psi in [population_stability(self._usual[name], np.array(counts))]
        ]
        return BatchSummary(
            scored=part.scored,
            rejected=part.rejected,
            problems=part.problems,
            warnings=part.warnings,
            distribution=self._bars(np.array(part.predictions or np.zeros(len(self._usual_predictions), dtype=int))),
            chances=self._spread(np.array(part.chances)) if part.chances else None,
            shift=tuple(sorted(shift, key=lambda item: -item.psi)),
        )

    def _predictions(self, prediction: np.ndarray) -> np.ndarray:
        if self._classes:
            result, counts = np.unique(prediction.astype(str), return_counts=True)
            by_class = dict(zip(result.tolist(), counts.tolist(), strict=True))
            return np.array([by_class.get(value, 0) for value in self._classes])
        values = prediction.astype(float)
        indices = np.searchsorted(self._edges, values[np.isfinite(values)], side="right")
        return np.bincount(indices, minlength=len(self._edges) + 1)

    def _chances(self, outputs: Outputs) -> np.ndarray:
        if self._chance is None or outputs.probability is None:
            return np.zeros(0, dtype=int)
        # The last step takes in its upper end.
        chances = outputs.probability[outputs.answered, self._chance]
        indices = (chances * _CHANCE_BINS).astype(int)
        return np.bincount(np.clip(indices, 0, _CHANCE_BINS - 1), minlength=_CHANCE_BINS)

    def _spread(self, counts: np.ndarray) -> Chances:
        shares = counts / max(counts.sum(), 1)
        usual = self._usual_chances / max(self._usual_chances.sum(), 1)
        bars = []
        for index, count in enumerate(counts.tolist()):
            low, high = index / _CHANCE_BINS, (index + 1) / _CHANCE_BINS
            share, reference = float(shares[index]), float(usual[index])
            label = f"{low * 100:.0f}% to {high * 100:.0f}%"
            bars.append(Bar(label=label, count=count, share=share, reference=reference, low=low, high=high))
        assert self._chance is not None
        return Chances(of=self._classes[self._chance], threshold=self._model.settings.threshold, bars=tuple(bars))

    def _bars(self, counts: np.ndarray) -> tuple[Bar, ...]:
        shares = counts / max(counts.sum(), 1)
        usual = self._usual_predictions / max(self._usual_predictions.sum(), 1)
        bars = []
        for index, count in enumerate(counts.tolist()):
            low = high = None
            if self._classes:
                label = self._classes[index]
            else:
                low = float(self._edges[index - 1]) if index else None
                high = float(self._edges[index]) if index < len(self._edges) else None
                label = _between(low, high)
            share, reference = float(shares[index]), float(usual[index])
            bars.append(Bar(label=label, count=count, share=share, reference=reference, low=low, high=high))
        return tuple(bars)


def _chance_column(model: LoadedModel) -> int | None:
    """Which of two classes has its probabilities counted: the positive one, else the second."""
    outputs = model.reference_outputs
    if outputs.probability is None or not model.manifest.task.has_positive:
        return None
    return positive_place(outputs.classes, model.settings.positive)


def population_stability(usual: np.ndarray, result: np.ndarray) -> float:
    """Σ (q − p) · ln(q / p) over bins, p and q the shares of the two counts, each with half a row
    added so that an empty bin is no infinity. 0 where nothing was found."""
    if not result.sum():
        return 0.0
    first, second = usual + 0.5, result + 0.5
    first, second = first / first.sum(), second / second.sum()
    return float(((second - first) * np.log(second / first)).sum())


class _Bins:
    """A feature's values as few bins: deciles, or the frequent categories; missing is one of its own."""

    def __init__(self, feature: Feature, reference: pd.Series) -> None:
        self._feature = feature
        self._scale = is_scale(feature)
        if self._scale:
            numbers = as_numbers(feature, reference)
            numbers = numbers[np.isfinite(numbers)]
            self._cuts = np.unique(np.quantile(numbers, np.arange(1, _BINS) / _BINS)) if len(numbers) else np.zeros(0)
            self._size = len(self._cuts) + 2
        else:
            frequent = reference.dropna().astype(str).value_counts().index[:_CATEGORIES]
            self._places = {value: index for index, value in enumerate(frequent)}
            self._size = len(self._places) + 2

    def count(self, column: pd.Series) -> np.ndarray:
        """Rows by bin; the last bin is for missing values, the one before for all other categories."""
        if self._scale:
            numbers = as_numbers(self._feature, column)
            indices = np.where(np.isfinite(numbers), np.searchsorted(self._cuts, numbers), self._size - 1)
            return np.bincount(indices, minlength=self._size)
        counts = np.zeros(self._size, dtype=np.int64)
        present = column.dropna()
        for value, rows in present.astype(str).value_counts().items():
            counts[self._places.get(value, self._size - 2)] += rows
        counts[-1] = len(column) - len(present)
        return counts


def _edges(prediction: np.ndarray) -> np.ndarray:
    """Equal steps over what the model answers to the reference rows."""
    values = prediction.astype(float)
    values = values[np.isfinite(values)]
    if not len(values) or values.min() == values.max():
        return np.unique(values[:1])
    return np.linspace(values.min(), values.max(), _PREDICTION_BINS + 1)


def _between(low: float | None, high: float | None) -> str:
    if low is None:
        return f"below {formats.exact(high)}"
    return f"from {formats.exact(low)}" if high is None else f"{formats.exact(low)} to {formats.exact(high)}"


def _level(psi: float) -> str:
    return "strong" if psi >= STRONG else "moderate" if psi >= MODERATE else "none"


def _flat(counts: Counts) -> dict[tuple[str, str], int]:
    return {(field, code): count for field, codes in counts.items() for code, count in codes.items()}


def _nested(counts: Mapping[tuple[str, str], Any]) -> Counts:
    nested: Counts = {}
    for (field, code), count in sorted(counts.items()):
        nested.setdefault(field, {})[code] = int(count)
    return nested
