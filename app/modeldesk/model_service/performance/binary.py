"""Two classes, one of them positive: decisions at any threshold, and how well scores rank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from modeldesk.model_service.engine.results import Outputs
from modeldesk.model_service.performance.proportions import wilson_interval
from modeldesk.model_service.performance.resampling import count_interval, weight_interval
from modeldesk.model_service.uncertainty.calibration import FAMILY_ERROR, LEAST_GAP, CalibrationBin, measure_calibration

NAMES = ("recall", "precision", "accuracy", "f1", "false_alarms", "alarms")
"""What is said of a decision: recall (true positives of all positives), precision (of all alarms),
accuracy, F1, the share of negatives that raise an alarm, and the share of all rows that do."""

HISTOGRAM_BINS = 40
MAX_POINTS = 400
"""Points that a curve is drawn with."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its 95 % interval. ``value`` is NaN where it is undefined on these rows, and the
    ends where they are too few for an interval."""

    value: float
    low: float = float("nan")
    high: float = float("nan")


def named_figures(names: Sequence[str], values: Sequence[float] | np.ndarray, ends: np.ndarray) -> dict[str, Figure]:
    """k numbers and their intervals (k, 2) as figures by name."""
    return {
        name: Figure(float(value), float(low), float(high))
        for name, value, (low, high) in zip(names, values, ends, strict=True)
    }


@dataclass(frozen=True, slots=True)
class Costs:
    """What a missed positive and a false alarm cost each."""

    missed: float = 1.0
    alarm: float = 1.0


@dataclass(frozen=True, slots=True)
class Decision:
    """What deciding for the positive class from ``threshold`` on does: the four counts."""

    threshold: float
    found: int
    missed: int
    alarms: int
    passed: int

    @property
    def rows(self) -> int:
        """All rows."""
        return self.found + self.missed + self.alarms + self.passed

    @property
    def counts(self) -> np.ndarray:
        """The counts in order: true positives, false negatives, false positives, true negatives."""
        return np.array([self.found, self.missed, self.alarms, self.passed])

    def figures(self) -> Mapping[str, Figure]:
        """The figures of NAMES with their intervals: Wilson's of the proportions, bootstrap of F1."""
        values = decision_values(self.counts[None, :].astype(float))[0]
        result, missed, alarms, passed = self.counts
        hits = np.array([result, result, result + passed, 0, alarms, result + alarms])
        rows = np.array([result + missed, result + alarms, self.rows, 0, alarms + passed, self.rows])
        ends = wilson_interval(hits, rows)
        f1 = NAMES.index("f1")
        ends[f1] = count_interval(self.counts, lambda counts: decision_values(counts)[:, f1 : f1 + 1])[0]
        return named_figures(NAMES, values, ends)

    def cost(self, costs: Costs) -> float:
        """What the errors cost together."""
        return self.missed * costs.missed + self.alarms * costs.alarm

    def cost_interval(self, costs: Costs) -> tuple[float, float]:
        """The 95 % interval of the cost of as many rows; NaN where they are too few for one."""
        weights = np.array([0.0, costs.missed, costs.alarm, 0.0])
        low, high = count_interval(self.counts, lambda counts: (counts @ weights)[:, None])[0]
        return float(low), float(high)


def decision_values(counts: np.ndarray) -> np.ndarray:
    """The figures of NAMES (B, 6) from counts (B, 4): true positives, false negatives, false
    positives, true negatives. NaN where a share is of nothing."""
    result, missed, alarms, passed = counts.T
    with np.errstate(invalid="ignore", divide="ignore"):
        values = [
            result / (result + missed),
            result / (result + alarms),
            (result + passed) / counts.sum(axis=1),
            2 * result / (2 * result + missed + alarms),
            alarms / (alarms + passed),
            (result + alarms) / counts.sum(axis=1),
        ]
    return np.stack(values, axis=1)


@dataclass(frozen=True)
class Scores:
    """The positive class's probability of n rows, and which of them are positive.

    Curves hold one point for each distinct probability: deciding from that probability on.
    """

    probability: np.ndarray
    positive: np.ndarray

    @cached_property
    def _ordered(self) -> tuple[np.ndarray, np.ndarray]:
        return np.sort(self.probability[self.positive]), np.sort(self.probability[~self.positive])

    @property
    def positives(self) -> int:
        """How many rows are positive."""
        return int(self.positive.sum())

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.positive)

    def at(self, threshold: float) -> Decision:
        """The decision for the positive class where its probability is at least ``threshold``."""
        hits, others = self._ordered
        result = len(hits) - int(np.searchsorted(hits, threshold, side="left"))
        alarms = len(others) - int(np.searchsorted(others, threshold, side="left"))
        return Decision(threshold, result, len(hits) - result, alarms, len(others) - alarms)

    @cached_property
    def steps(self) -> np.ndarray:
        """The distinct probabilities, ascending: all thresholds that make a difference, but for
        one above them all."""
        return np.unique(self.probability)

    @cached_property
    def step_counts(self) -> np.ndarray:
        """True and false positives (s + 1, 2) at each of ``steps``, and behind them none."""
        hits, others = self._ordered
        result = len(hits) - np.searchsorted(hits, self.steps, side="left")
        alarms = len(others) - np.searchsorted(others, self.steps, side="left")
        return np.concatenate([np.stack([result, alarms], axis=1), [[0, 0]]])

    def ranking(self) -> Mapping[str, Figure]:
        """ROC area, precision-recall area (average precision), log loss and Brier score, with
        intervals. The areas are NaN with one class only."""
        from sklearn import metrics

        truth = self.positive.astype(int)
        both = 0 < self.positives < self.rows
        nan = float("nan")
        values = {
            "roc_auc": self.area(),
            "pr_auc": float(metrics.average_precision_score(truth, self.probability)) if both else nan,
            "log_loss": float(metrics.log_loss(truth, self.probability, labels=[0, 1])),
            "brier": float(metrics.brier_score_loss(truth, self.probability)) if both else nan,
        }
        ends = weight_interval(self.rows, self.weighted_values)
        return named_figures(tuple(values), tuple(values.values()), ends)

    def area(self) -> float:
        """The ROC area; NaN with one class only."""
        from sklearn import metrics

        both = 0 < self.positives < self.rows
        return float(metrics.roc_auc_score(self.positive, self.probability)) if both else float("nan")

    @cached_property
    def _descending(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        order = np.argsort(-self.probability, kind="stable")
        ordered = self.probability[order]
        starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
        return order, self.positive[order], starts

    @cached_property
    def _losses(self) -> tuple[np.ndarray, np.ndarray]:
        # As scikit-learn does: a certain error costs as much as the smallest number tells apart.
        bounded = np.clip(self.probability, np.finfo(float).eps, 1 - np.finfo(float).eps)
        own = np.where(self.positive, bounded, 1 - bounded)
        return -np.log(own), (self.probability - self.positive) ** 2

    def _weighted_steps(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The weights of the positives and of the others at each distinct probability, descending."""
        order, positive, starts = self._descending
        drawn = weights[order]
        return np.add.reduceat(drawn * positive, starts), np.add.reduceat(drawn * ~positive, starts)

    def weighted_area(self, weights: np.ndarray) -> float:
        """Return the ROC area for rows that count ``weights`` times (n,); NaN with one class only."""
        hits, others = self._weighted_steps(weights)
        all_hits, all_others = hits.sum(), others.sum()
        if not all_hits or not all_others:
            return float("nan")
        # A pair of equal scores counts half (Mann and Whitney 1947).
        return float((others * (np.cumsum(hits) - hits / 2)).sum() / (all_hits * all_others))

    def weighted_values(self, weights: np.ndarray) -> np.ndarray:
        """The figures of ``ranking`` for rows that count ``weights`` times (n,)."""
        hits, others = self._weighted_steps(weights)
        all_hits, all_others = hits.sum(), others.sum()
        log_loss, brier = (float(values @ weights) / weights.sum() for values in self._losses)
        if not all_hits or not all_others:
            return np.array([np.nan, np.nan, log_loss, np.nan])
        result, alarms = np.cumsum(hits), np.cumsum(others)
        auc = float((others * (result - hits / 2)).sum() / (all_hits * all_others))
        with np.errstate(invalid="ignore"):
            precision = np.where(result + alarms > 0, result / (result + alarms), 0.0)
        return np.array([auc, float((precision * hits).sum() / all_hits), log_loss, brier])

    def calibration(self) -> tuple[CalibrationBin, ...]:
        """Predicted probability against what happened, in tenths, those with rows. Their intervals (Wilson) hold
        together for all tenths; a tenth is miscalibrated where its interval leaves out what was predicted, and
        by enough to matter."""
        import pandas as pd

        probability = np.column_stack([1 - self.probability, self.probability])
        outputs = Outputs(np.array([]), ("other", "positive"), probability)
        actual = pd.Series(np.where(self.positive, "positive", "other"))
        summary = measure_calibration(outputs, actual)
        bins = summary.classes[0].bins if summary is not None and summary.classes else ()
        return tuple(_held_together(bin_, 1 - FAMILY_ERROR / len(bins)) for bin_ in bins)

    def histogram(self, bins: int = HISTOGRAM_BINS) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Edges (b + 1,) from 0 to 1, and the counts (b,) of positive and of other rows."""
        edges = np.linspace(0, 1, bins + 1)
        return (
            edges,
            np.histogram(self.probability[self.positive], edges)[0],
            np.histogram(self.probability[~self.positive], edges)[0],
        )


def _held_together(bin_: CalibrationBin, level: float) -> CalibrationBin:
    """The bin with its interval at ``level``, and the verdict that the interval gives."""
    low, high = (float(end) for end in wilson_interval(bin_.positive, bin_.rows, level))
    off = not low <= bin_.mean <= high and abs(bin_.share - bin_.mean) >= LEAST_GAP
    return bin_.model_copy(update={"share_low": low, "share_high": high, "miscalibrated": off})


def thinned(length: int, points: int = MAX_POINTS) -> np.ndarray:
    """At most ``points`` places of a curve of that length, both ends among them."""
    if length <= points:
        return np.arange(length)
    return np.unique(np.linspace(0, length - 1, points).round().astype(int))


def roc_points(scores: Scores, points: int = MAX_POINTS) -> np.ndarray:
    """The ROC curve (p, 2): false alarms of the negatives, found of the positives, from (0, 0) to
    (1, 1); NaN where a class is not there."""
    result, alarms = scores.step_counts[::-1].T
    with np.errstate(invalid="ignore", divide="ignore"):
        curve = np.stack([alarms / (scores.rows - scores.positives), result / scores.positives], axis=1)
    return np.asarray(curve[thinned(len(curve), points)])


def recall_precision_points(scores: Scores, points: int = MAX_POINTS) -> np.ndarray:
    """Recall and precision (p, 2) at each distinct probability, from the highest on."""
    result, alarms = scores.step_counts[:-1][::-1].T
    with np.errstate(invalid="ignore", divide="ignore"):
        curve = np.stack([result / scores.positives, result / (result + alarms)], axis=1)
    return np.asarray(curve[thinned(len(curve), points)])


def gain_points(scores: Scores, points: int = MAX_POINTS) -> np.ndarray:
    """The gain curve (p, 2): the share of all rows taken from the highest score on, and the share of
    the positives among them; lift is the second over the first."""
    result, alarms = scores.step_counts[::-1].T
    with np.errstate(invalid="ignore", divide="ignore"):
        curve = np.stack([(result + alarms) / scores.rows, result / scores.positives], axis=1)
    return np.asarray(curve[thinned(len(curve), points)])
