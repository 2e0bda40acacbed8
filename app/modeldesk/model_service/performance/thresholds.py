"""Thresholds worth looking at: of the lowest cost, the best F1, a wanted precision or recall.

All are found among the thresholds that make a difference on the rows at hand, and named by the
roundest number that decides alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from modeldesk.model_service.performance.binary import Costs, Decision, Scores, thinned

Aim = Literal["in_use", "lowest_cost", "best_f1", "recall", "precision"]
"""What a threshold is suggested for."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A threshold worth looking at and what it does; ``wanted`` is the recall or precision it was searched for."""

    aim: Aim
    decision: Decision
    wanted: float | None = None


def suggestions(
    scores: Scores,
    *,
    in_use: float | None = None,
    costs: Costs | None = None,
    recall: float | None = None,
    precision: float | None = None,
) -> tuple[Suggestion, ...]:
    """The thresholds worth looking at, in the order of ``Aim``; those not asked for and those that do not exist on
    these rows are left out. Where no error costs anything there is no lowest cost."""
    priced = costs is not None and (costs.missed > 0 or costs.alarm > 0)
    result: tuple[tuple[Aim, Decision | None, float | None], ...] = (
        ("in_use", None if in_use is None else scores.at(in_use), None),
        ("lowest_cost", lowest_cost(scores, costs) if costs is not None and priced else None, None),
        ("best_f1", best_f1(scores), None),
        ("recall", None if recall is None else for_recall(scores, recall), recall),
        ("precision", None if precision is None else for_precision(scores, precision), precision),
    )
    return tuple(Suggestion(aim, decision, wanted) for aim, decision, wanted in result if decision is not None)


def lowest_cost(scores: Scores, costs: Costs) -> Decision:
    """The decision whose errors cost least; of equals, the one with the fewest alarms."""
    result, alarms = scores.step_counts.T
    spent = (scores.positives - result) * costs.missed + alarms * costs.alarm
    if scores.steps[-1] >= 1:
        spent = spent[:-1]  # no threshold raises no alarm
    return _decision(scores, len(spent) - 1 - int(np.argmin(spent[::-1])))


def best_f1(scores: Scores) -> Decision | None:
    """The decision of the highest F1; of equals, the one with the fewest alarms. None without a
    positive row."""
    if not scores.positives:
        return None
    result, alarms = scores.step_counts[:-1].T
    f1 = 2 * result / (result + alarms + scores.positives)
    return _decision(scores, len(f1) - 1 - int(np.argmax(f1[::-1])))


def for_precision(scores: Scores, wanted: float) -> Decision | None:
    """The decision that finds most while at least ``wanted`` of its alarms are right; None where no
    threshold reaches that."""
    result, alarms = scores.step_counts[:-1].T
    good = np.flatnonzero(result >= wanted * (result + alarms) - 1e-12)
    return _decision(scores, int(good[0])) if len(good) else None


def for_recall(scores: Scores, wanted: float) -> Decision | None:
    """The decision with the fewest alarms that finds at least ``wanted`` of the positives; None
    without a positive row."""
    if not scores.positives:
        return None
    result = scores.step_counts[:-1, 0]
    good = np.flatnonzero(result >= wanted * scores.positives - 1e-12)
    return _decision(scores, int(good[-1])) if len(good) else None


def cost_points(scores: Scores, costs: Costs) -> np.ndarray:
    """Thresholds and the cost of their errors (p, 2), from 0 to 1."""
    result, alarms = scores.step_counts.T
    spent = (scores.positives - result) * costs.missed + alarms * costs.alarm
    # A threshold between two distinct probabilities decides like the upper one.
    grid = np.linspace(0, 1, 401)
    at = np.searchsorted(scores.steps, grid, side="left")
    if len(scores.steps) <= len(grid):
        grid = np.unique(np.concatenate([grid, scores.steps[(scores.steps >= 0) & (scores.steps <= 1)]]))
        at = np.searchsorted(scores.steps, grid, side="left")
    keep = thinned(len(grid), 802)
    return np.stack([grid[keep], spent[at[keep]]], axis=1)


def _decision(scores: Scores, index: int) -> Decision:
    """The decision from the step at ``place`` on, by its roundest threshold."""
    steps = scores.steps
    upto = float(steps[index]) if index < len(steps) else 1.0
    return scores.at(_roundest(float(steps[index - 1]) if index else -1.0, upto))


def _roundest(below: float, upto: float) -> float:
    """The number of the fewest decimals above ``below`` and not above ``upto``."""
    for decimals in range(2, 17):
        rounded = float(np.floor(upto * 10**decimals) / 10**decimals)
        if below < rounded <= upto:
            return rounded
    return upto
