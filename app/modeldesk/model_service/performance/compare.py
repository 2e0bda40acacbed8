"""Two versions on the same rows: figures with paired intervals, who flips, where answers differ most.

All resampling is paired: a resample draws rows, and both versions are measured on those drawn. What
makes some rows harder than others so cancels out of the difference, and intervals are as narrow as
the rows allow (Efron and Tibshirani 1993).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from modeldesk.model_service.performance.binary import Figure, Scores, decision_values
from modeldesk.model_service.performance.classes import OVERALL, overall_values
from modeldesk.model_service.performance.proportions import wilson_interval
from modeldesk.model_service.performance.regression import NumberRows
from modeldesk.model_service.performance.resampling import LEAST_RESAMPLES, RESAMPLES, count_interval, weight_interval
from modeldesk.model_service.tasks import Task

HIGHER_IS_BETTER = frozenset(
    {"roc_auc", "pr_auc", "recall", "precision", "accuracy", "f1", "r2", "recall_macro", "f1_macro"}
)
LOWER_IS_BETTER = frozenset({"log_loss", "brier", "mae", "rmse", "median_error"})
NUMBERS = ("mae", "rmse", "r2", "median_error")
RANKING = ("roc_auc", "pr_auc", "log_loss", "brier")
DECIDED = ("recall", "precision", "accuracy", "f1")
MANY = ("accuracy", "recall_macro", "f1_macro")
MAX_DRAWN = 4_000_000
MAX_DIFFERING = 12
LEAST_CHANGED = 10
"""Rows that have to be answered otherwise for a verdict on answers: of fewer, nearly all resamples hold
some, and intervals leave out 0 too easily."""


@dataclass(frozen=True, slots=True)
class PairedFigure:
    """One figure of both versions, and the second's less the first's with its 95 % interval. Of a figure
    of answers ``changed`` counts the rows it is of that are answered otherwise."""

    name: str
    first: float
    second: float
    difference: Figure
    changed: int | None = None

    @property
    def few(self) -> bool:
        """Whether too few answers changed for a verdict."""
        return self.changed is not None and self.changed < LEAST_CHANGED

    @property
    def verdict(self) -> int:
        """1 where the second is better beyond chance, −1 where it is worse, else 0."""
        if self.few:
            return 0
        low, high = self.difference.low, self.difference.high
        side = int(low > 0) - int(high < 0)  # NaN is neither
        return side if self.name in HIGHER_IS_BETTER else -side if self.name in LOWER_IS_BETTER else 0


@dataclass(frozen=True, slots=True)
class Flip:
    """Rows that the first version called ``before`` and the second ``after`` (places among the
    classes): how many, how many of them became right, and how many wrong."""

    before: int
    after: int
    rows: int
    better: int
    worse: int


@dataclass(frozen=True, slots=True)
class Flips:
    """All flips, the most frequent first, and the p-value of as uneven a balance of better and worse
    by chance (McNemar's exact test, 1947)."""

    flips: tuple[Flip, ...]
    rows: int
    p_value: float

    @property
    def better(self) -> int:
        """Rows that were wrong and are right."""
        return sum(flip.better for flip in self.flips)

    @property
    def worse(self) -> int:
        """Rows that were right and are wrong."""
        return sum(flip.worse for flip in self.flips)


@dataclass(frozen=True)
class Answers:
    """What one version says of n rows. ``codes`` are its answers as places among the classes, as they
    are given with its threshold; ``probability`` (n, k) by class; ``numbers`` a regression's values or
    an anomaly model's scores."""

    codes: np.ndarray | None = None
    probability: np.ndarray | None = None
    numbers: np.ndarray | None = None


@dataclass(frozen=True)
class Comparison:
    """Two versions' answers to the same n rows, and what was actually so: ``truth`` as places among
    ``classes``, or ``actual`` numbers; both None where nothing is known. ``positive`` is the place of a
    binary model's positive class."""

    task: Task
    classes: tuple[str, ...]
    first: Answers
    second: Answers
    truth: np.ndarray | None = None
    actual: np.ndarray | None = None
    positive: int = 1

    @property
    def rows(self) -> int:
        """How many rows there are."""
        column = self.first.codes if self.first.numbers is None else self.first.numbers
        assert column is not None
        return len(column)

    @cached_property
    def figures(self) -> tuple[PairedFigure, ...]:
        """What both versions reach, each with the interval of the difference."""
        if not self.rows:
            return ()
        if self.actual is not None:
            return self._numbers()
        if self.truth is None:
            return ()
        return (*self._ranked(), *self._decided())

    @cached_property
    def cells(self) -> np.ndarray:
        """Of a classifier, rows by pair of answers (c, c): the first's by row, the second's by column."""
        assert self.first.codes is not None and self.second.codes is not None
        size = len(self.classes)
        return np.bincount(self.first.codes * size + self.second.codes, minlength=size * size).reshape(size, size)

    @cached_property
    def agreement(self) -> Figure:
        """The share of rows with the same answer; of numbers their correlation (Pearson)."""
        if self.first.codes is not None and self.second.codes is not None:
            same = self.first.codes == self.second.codes
            low, high = wilson_interval(same.sum(), len(same))
            return Figure(float(same.mean()) if len(same) else float("nan"), float(low), float(high))
        return self.correlation

    @cached_property
    def correlation(self) -> Figure:
        """The correlation (Pearson) of what ``moves`` compares, with its interval; NaN where one of them
        does not vary."""
        one, other = self._scales
        if len(one) < 3:
            return Figure(float("nan"))

        def of(weights: np.ndarray) -> np.ndarray:
            total = weights.sum()
            a, b = one - weights @ one / total, other - weights @ other / total
            spread = np.sqrt((weights @ a**2) * (weights @ b**2))
            return np.array([weights @ (a * b) / spread if spread > 0 else np.nan])

        low, high = weight_interval(len(one), of)[0]
        return Figure(float(of(np.ones(len(one)))[0]), float(low), float(high))

    @cached_property
    def flips(self) -> Flips | None:
        """Who is answered otherwise; None for numbers."""
        before, after = self.first.codes, self.second.codes
        if before is None or after is None:
            return None
        changed = before != after
        right = np.zeros((2, len(before)), dtype=bool)
        if self.truth is not None:
            right = np.stack([before == self.truth, after == self.truth])
        result = []
        for pair in np.unique(np.stack([before[changed], after[changed]], axis=1), axis=0):
            rows = changed & (before == pair[0]) & (after == pair[1])
            better, worse = int((rows & right[1]).sum()), int((rows & right[0]).sum())
            result.append(Flip(int(pair[0]), int(pair[1]), int(rows.sum()), better, worse))
        result.sort(key=lambda flip: -flip.rows)
        better, worse = sum(flip.better for flip in result), sum(flip.worse for flip in result)
        return Flips(tuple(result), int(changed.sum()), _even(better, worse))

    @property
    def _scales(self) -> tuple[np.ndarray, np.ndarray]:
        """What each version says of each row on one scale (n,): a number, the chance of the positive
        class, the probability of the class it answers with, or which class that is."""
        if self.first.numbers is not None and self.second.numbers is not None:
            return self.first.numbers, self.second.numbers
        assert self.first.codes is not None and self.second.codes is not None
        one, other = self.first.probability, self.second.probability
        if one is None or other is None:
            return self.first.codes.astype(float), self.second.codes.astype(float)
        if self.task.has_positive:
            return one[:, self.positive], other[:, self.positive]
        # The chance that each gives to what the first one answers.
        indices = np.arange(len(self.first.codes)), self.first.codes
        return one[indices], other[indices]

    @property
    def scales(self) -> tuple[np.ndarray, np.ndarray]:
        """What each version says of each row (n,), on the scale of ``moves``."""
        return self._scales

    @cached_property
    def moves(self) -> np.ndarray:
        """How far each row's answer moved (n,), the second's less the first's: numbers, scores, the
        probability of the positive class, or among many classes that of the first version's answer."""
        one, other = self._scales
        return np.asarray(other - one)

    @cached_property
    def distances(self) -> np.ndarray:
        """How different the two answers to each row are (n,), from 0: of many classes the total variation
        distance of their chances."""
        one, other = self.first.probability, self.second.probability
        if self.task.one_of_many and one is not None and other is not None:
            return np.asarray(np.abs(one - other).sum(axis=1) / 2)
        if self.first.numbers is None and (one is None or other is None):
            return np.asarray(self.moves != 0, dtype=float)
        return np.asarray(np.abs(self.moves))

    def differing(self, most: int = MAX_DIFFERING) -> np.ndarray:
        """The places of the rows that are answered most differently, those first; none that are not."""
        order = np.argsort(-self.distances, kind="stable")[:most]
        return np.asarray(order[self.distances[order] > 0])

    @cached_property
    def losses(self) -> np.ndarray | None:
        """The second version's error less the first's on each row (n,): 1 where only the second is wrong
        and −1 where only the first is, or the difference of the sizes of errors. None without truth."""
        if self.actual is not None and self.first.numbers is not None and self.second.numbers is not None:
            return np.asarray(np.abs(self.second.numbers - self.actual) - np.abs(self.first.numbers - self.actual))
        if self.truth is None or self.first.codes is None or self.second.codes is None:
            return None
        wrong = self.first.codes != self.truth, self.second.codes != self.truth
        return np.asarray(wrong[1].astype(float) - wrong[0])

    # ---- figures ---------------------------------------------------------------------------------

    def _numbers(self) -> tuple[PairedFigure, ...]:
        assert self.actual is not None and self.first.numbers is not None and self.second.numbers is not None
        both = NumberRows(self.first.numbers, self.actual), NumberRows(self.second.numbers, self.actual)
        return self._weighted(NUMBERS, tuple(rows.weighted_values for rows in both))

    def _ranked(self) -> tuple[PairedFigure, ...]:
        one, other = self.first.probability, self.second.probability
        assert self.truth is not None
        if one is None or other is None:
            return ()
        if self.task.has_positive:
            scores = [Scores(part[:, self.positive], self.truth == self.positive) for part in (one, other)]
            return self._weighted(RANKING, tuple(part.weighted_values for part in scores))
        own = np.arange(len(self.truth)), self.truth
        tiny = np.finfo(float).eps
        losses = [-np.log(np.clip(part[own], tiny, 1 - tiny)) for part in (one, other)]
        return self._weighted(("log_loss",), tuple(_mean_of(loss) for loss in losses))

    def _weighted(
        self, names: Sequence[str], values: tuple[Callable[[np.ndarray], np.ndarray], ...]
    ) -> tuple[PairedFigure, ...]:
        """Figures that are computed from the weights of rows; ``values`` gives those of ``names``, first."""
        count = len(names)
        first, second = (of(np.ones(self.rows))[:count] for of in values)
        ends = weight_interval(self.rows, lambda weights: values[1](weights)[:count] - values[0](weights)[:count])
        return _paired(names, first, second, ends)

    def _decided(self) -> tuple[PairedFigure, ...]:
        """Figures of what was answered. They need only the counts of each combination of truth and both
        answers, of which a resample is one multinomial draw."""
        assert self.truth is not None and self.first.codes is not None and self.second.codes is not None
        size = len(self.classes)
        known, cells = np.unique((self.truth * size + self.first.codes) * size + self.second.codes, return_counts=True)
        indices = known // size**2, known // size % size, known % size

        def matrices(counts: np.ndarray, answer: np.ndarray) -> np.ndarray:
            table = np.zeros((len(counts), size * size))
            for cell, index in enumerate(indices[0] * size + answer):
                table[:, index] += counts[:, cell]
            return table.reshape(len(counts), size, size)

        names = DECIDED if self.task.has_positive else MANY

        def values(counts: np.ndarray, answer: np.ndarray) -> np.ndarray:
            table = matrices(counts, answer)
            if not self.task.has_positive:
                return np.asarray(overall_values(table)[:, [OVERALL.index(name) for name in names]])
            hit, rest = self.positive, 1 - self.positive
            four = [table[:, hit, hit], table[:, hit, rest], table[:, rest, hit], table[:, rest, rest]]
            return np.asarray(decision_values(np.stack(four, axis=1))[:, :4])

        def both(counts: np.ndarray) -> np.ndarray:
            return np.asarray(values(counts, indices[2]) - values(counts, indices[1]))

        resamples = max(LEAST_RESAMPLES, min(RESAMPLES, MAX_DRAWN // max(size**2, len(cells))))
        whole = cells[None, :].astype(float)
        ends = count_interval(cells, both, resamples)
        changed = self.first.codes != self.second.codes
        of_positive = int((changed & (self.truth == self.positive)).sum())
        counts = {name: int(changed.sum()) for name in names} | ({"recall": of_positive} if "recall" in names else {})
        figures = _paired(names, values(whole, indices[1])[0], values(whole, indices[2])[0], ends)
        return tuple(replace(figure, changed=counts[figure.name]) for figure in figures)


def better_and_worse(figures: Sequence[PairedFigure]) -> Mapping[int, tuple[str, ...]]:
    """The names of the figures in which the second version is better (1) and worse (−1) beyond chance."""
    return {side: tuple(figure.name for figure in figures if figure.verdict == side) for side in (1, -1)}


def _paired(names: Sequence[str], first: np.ndarray, second: np.ndarray, ends: np.ndarray) -> tuple[PairedFigure, ...]:
    return tuple(
        PairedFigure(name, float(a), float(b), Figure(float(b - a), float(low), float(high)))
        for name, a, b, (low, high) in zip(names, first, second, ends, strict=True)
    )


def _mean_of(values: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    return lambda weights: np.array([values @ weights / weights.sum()])


def _even(better: int, worse: int) -> float:
    from scipy.stats import binomtest

    return float(binomtest(better, better + worse).pvalue) if better + worse else 1.0
