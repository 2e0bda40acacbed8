"""The best thresholds are the best of all there are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from modeldesk.model_service.performance.binary import Costs, Scores
from modeldesk.model_service.performance.thresholds import best_f1, cost_points, for_precision, for_recall, lowest_cost

probabilities = hnp.arrays(float, 30, elements=st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.25, 0.5, 1.0])))
truths = hnp.arrays(bool, 30)


def _all(scores: Scores) -> list[float]:
    return [0.0, *scores.steps.tolist(), 1.0]


@settings(max_examples=80, deadline=None)
@given(probability=probabilities, positive=truths, missed=st.floats(0, 1e4), alarm=st.floats(0, 1e4))
def test_nothing_costs_less_than_the_lowest_cost(
    probability: np.ndarray, positive: np.ndarray, missed: float, alarm: float
) -> None:
    scores, costs = Scores(probability, positive), Costs(missed, alarm)
    best = lowest_cost(scores, costs)
    assert 0 <= best.threshold <= 1
    assert best.cost(costs) == pytest.approx(min(scores.at(threshold).cost(costs) for threshold in _all(scores)))
    assert min(cost_points(scores, costs)[:, 1]) >= best.cost(costs) - 1e-6


@settings(max_examples=80, deadline=None)
@given(probability=probabilities, positive=truths, wanted=st.floats(0.01, 1))
def test_wanted_shares_are_reached_at_the_least_price(
    probability: np.ndarray, positive: np.ndarray, wanted: float
) -> None:
    scores = Scores(probability, positive)
    every = [scores.at(threshold) for threshold in scores.steps]
    right = [decision for decision in every if decision.found >= wanted * (decision.found + decision.alarms)]
    found = for_precision(scores, wanted)
    assert (found is None) == (not right)
    assert found is None or found.found == max(decision.found for decision in right)
    reached = for_recall(scores, wanted)
    assert (reached is None) == (not positive.any())
    if reached is not None:
        enough = [decision for decision in every if decision.found >= wanted * scores.positives - 1e-9]
        assert reached.found + reached.alarms == min(decision.found + decision.alarms for decision in enough)
    best = best_f1(scores)
    if best is not None:
        assert best.figures()["f1"].value == pytest.approx(max(d.figures()["f1"].value for d in every))


def test_thresholds_are_round_where_that_decides_alike() -> None:
    scores = Scores(np.array([0.1234, 0.1789, 0.9]), np.array([False, True, True]))
    assert lowest_cost(scores, Costs()).threshold == 0.17
    assert for_recall(scores, 1.0) == best_f1(scores)
    assert for_precision(scores, 0.5) is not None


def test_cost_by_threshold_is_the_cost_at_each() -> None:
    draw = np.random.default_rng(2)
    scores, costs = Scores(draw.random(500), draw.random(500) < 0.4), Costs(5, 2)
    for threshold, cost in cost_points(scores, costs)[::37]:
        assert scores.at(float(threshold)).cost(costs) == cost
