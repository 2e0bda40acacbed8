"""Predicted numbers against actual ones: errors, their quantiles, and whether intervals cover."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from modeldesk.model_service.performance.binary import Figure, named_figures
from modeldesk.model_service.performance.proportions import wilson_interval
from modeldesk.model_service.performance.resampling import weight_interval
from modeldesk.model_service.tasks.regression import size_unit

NAMES = ("mae", "rmse", "r2", "median_error", "bias")
"""Mean absolute error, root mean squared error, variance explained, median absolute error, and the
mean of predicted minus actual."""

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
COVERAGE_LEVELS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
LEAST_COVERAGE_ROWS = 40
MAX_POINTS = 1_500
"""Points in a scatter; of more rows a seeded sample is drawn, and the chart says so."""

_SEED = 20_260_413


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of ``rows`` intervals at ``level`` (the share that should hold the actual value) ``covered``
    did; ``low`` to ``high`` is that share's 95 % interval (Wilson 1927)."""

    level: float
    rows: int
    covered: int
    low: float
    high: float


@dataclass(frozen=True)
class NumberRows:
    """What was predicted for n rows, and what was actually so."""

    predicted: np.ndarray
    actual: np.ndarray

    @cached_property
    def errors(self) -> np.ndarray:
        """Predicted minus actual."""
        return np.asarray(self.predicted - self.actual)

    def figures(self) -> Mapping[str, Figure]:
        """The figures of NAMES with intervals; R² is NaN where the actual values do not differ."""
        from sklearn import metrics

        varied = len(self.actual) > 1 and bool(np.ptp(self.actual) > 0)
        actual, predicted = self.actual / self._unit, self.predicted / self._unit
        values = self._in_size(
            float(metrics.mean_absolute_error(actual, predicted)),
            float(metrics.root_mean_squared_error(actual, predicted)),
            float(metrics.r2_score(actual, predicted)) if varied else math.nan,
            float(metrics.median_absolute_error(actual, predicted)),
            float((self.errors / self._unit).mean()),
        )
        ends = weight_interval(len(self.errors), self.weighted_values)
        return named_figures(NAMES, values, ends)

    @cached_property
    def _unit(self) -> float:
        return size_unit(self.actual, self.predicted)

    def _in_size(self, mae: float, rmse: float, r2: float, median: float, bias: float) -> tuple[float, ...]:
        """The figures of NAMES from those of numbers divided by the unit; R² has none."""
        return (mae * self._unit, rmse * self._unit, r2, median * self._unit, bias * self._unit)

    def quantiles(self) -> Mapping[float, float]:
        """The absolute error that each share of the rows stays under."""
        return {share: float(np.quantile(np.abs(self.errors), share)) for share in QUANTILES}

    def coverage(self) -> tuple[Coverage, ...]:
        """Whether intervals cover what they promise, on rows that did not make them: the rows are
        dealt into two halves, each judged by the split-conformal margins of the other (Lei et al.
        2018). Empty with fewer than LEAST_COVERAGE_ROWS rows."""
        rows = len(self.errors)
        if rows < LEAST_COVERAGE_ROWS:
            return ()
        sizes = np.abs(self.errors)[np.random.default_rng(_SEED).permutation(rows)]
        halves = sizes[: rows // 2], sizes[rows // 2 :]
        result = []
        for level in COVERAGE_LEVELS:
            covered = sum(int((own <= _margin(other, level)).sum()) for own, other in (halves, halves[::-1]))
            low, high = wilson_interval(covered, rows)
            result.append(Coverage(level, rows, covered, float(low), float(high)))
        return tuple(result)

    @cached_property
    def sample(self) -> np.ndarray:
        """The places of the rows to draw: all, or a seeded sample of MAX_POINTS."""
        rows = len(self.errors)
        if rows <= MAX_POINTS:
            return np.arange(rows)
        return np.sort(np.random.default_rng(_SEED).permutation(rows)[:MAX_POINTS])

    @cached_property
    def _by_size(self) -> tuple[np.ndarray, np.ndarray]:
        sizes = np.abs(self.errors / self._unit)
        order = np.argsort(sizes, kind="stable")
        return order, sizes[order]

    def weighted_values(self, weights: np.ndarray) -> np.ndarray:
        """The figures of NAMES for rows that count ``weights`` times (n,)."""
        total = weights.sum()
        order, sizes = self._by_size
        errors, actual = self.errors / self._unit, self.actual / self._unit
        squared = float(weights @ errors**2)
        centred = actual - float(weights @ actual) / total
        spread = float(weights @ centred**2)
        reached = np.cumsum(weights[order])
        low, high = (int(np.searchsorted(reached, rank, side="right")) for rank in ((total - 1) // 2, total // 2))
        return np.array(
            self._in_size(
                float(weights[order] @ sizes) / total,
                math.sqrt(squared / total),
                1 - squared / spread if spread > 0 else math.nan,
                (sizes[low] + sizes[high]) / 2,
                float(weights @ errors) / total,
            )
        )


def _margin(sizes: np.ndarray, level: float) -> float:
    rank = math.ceil((len(sizes) + 1) * level - 1e-9)
    return float(np.sort(sizes)[rank - 1]) if rank <= len(sizes) else math.inf
