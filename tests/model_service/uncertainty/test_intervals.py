"""Split-conformal intervals and sets: they cover as often as they say, and say when they cannot."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from modeldesk.model_service.engine.results import Outputs
from modeldesk.model_service.uncertainty.intervals import (
    LEVELS,
    ConformalSummary,
    class_set,
    intervals,
    margin_at,
    measure_intervals,
    measure_sets,
    why_not,
)
from sklearn.datasets import make_classification
from sklearn.linear_model import LinearRegression, LogisticRegression

SEEDS = 20


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95])
def test_intervals_cover_as_often_as_their_level(level: float) -> None:
    shares = []
    for seed in range(SEEDS):
        generator = np.random.default_rng(seed)
        inputs = generator.normal(size=(1500, 3))
        # Skewed noise that grows: a wrong model with a right interval.
        truth = inputs @ [1.0, -2.0, 0.5] + generator.exponential(1 + np.abs(inputs[:, 0]))
        model = LinearRegression().fit(inputs[:300], truth[:300])
        answers = model.predict(inputs)
        summary = measure_intervals(Outputs(answers[300:800]), pd.Series(truth[300:800]))
        bounds = intervals(summary, level, answers[800:])
        shares.append(np.mean([low <= value <= high for (low, high), value in zip(bounds, truth[800:], strict=True)]))
    assert abs(np.mean(shares) - level) <= 0.03


def test_class_sets_cover_as_often_as_their_level() -> None:
    shares, sizes = [], []
    for seed in range(SEEDS):
        inputs, target = make_classification(
            1500, 8, n_informative=6, n_classes=6, n_clusters_per_class=1, class_sep=0.7, random_state=seed
        )
        model = LogisticRegression(max_iter=200).fit(inputs[:400], target[:400])
        probability = model.predict_proba(inputs)
        classes = tuple(range(6))
        outputs = Outputs(probability[400:900].argmax(axis=1), classes, probability[400:900])
        summary = measure_sets(outputs, pd.Series(target[400:900]))
        sets = [class_set(summary, 0.9, row) for row in probability[900:]]
        shares.append(np.mean([actual in found for found, actual in zip(sets, target[900:], strict=True)]))
        sizes.append(np.mean([len(found) for found in sets]))
    assert abs(np.mean(shares) - 0.9) <= 0.03
    assert 1 < np.mean(sizes) < 5


def test_the_margin_is_the_order_statistic_of_the_finite_sample() -> None:
    summary = measure_intervals(Outputs(np.zeros(19)), pd.Series(np.arange(1.0, 20.0)))
    assert margin_at(summary, 0.9) == 18.0  # the 18th smallest: ⌈20 × 0.9⌉
    assert margin_at(summary, 0.95) == 19.0
    assert margin_at(summary, 0.96) is None
    assert intervals(summary, 0.9, np.array([100.0])).tolist() == [[82.0, 118.0]]
    assert ConformalSummary.model_validate_json(summary.model_dump_json()) == summary


def test_a_level_between_those_measured_takes_the_next_higher() -> None:
    summary = measure_intervals(Outputs(np.zeros(999)), pd.Series(np.arange(1.0, 1000.0)))
    assert margin_at(summary, 0.901) == margin_at(summary, 0.91) == 910.0
    assert margin_at(summary, 0.2) == margin_at(summary, LEVELS[0])


def test_it_says_why_it_cannot_say() -> None:
    few = measure_intervals(Outputs(np.zeros(5)), pd.Series(np.ones(5)))
    assert intervals(few, 0.9, np.ones(1)) is None
    assert "takes 9 hold-out rows, and there are 5" in str(why_not(few, 0.9))
    assert "without hold-out rows" in str(why_not(None, 0.9))
    assert "at most 99.9% is measured" in str(why_not(few, 0.9999))
    assert why_not(few, 0.5) is None
    assert intervals(None, 0.9, np.ones(1)) is None and class_set(None, 0.9, [1.0]) is None


def test_rows_without_a_known_outcome_do_not_count() -> None:
    assert measure_intervals(Outputs(np.zeros(3)), pd.Series([np.nan, 1.0, 2.0])).rows == 2
    assert measure_intervals(Outputs(np.zeros(2)), pd.Series([np.nan, np.nan])) is None
    outputs = Outputs(np.array(["a", "b", "a"]), ("a", "b"), np.array([[0.7, 0.3], [0.2, 0.8], [0.6, 0.4]]))
    assert measure_sets(outputs, pd.Series(["a", None, "new"])).rows == 1
    assert measure_sets(Outputs(np.array(["a"]), ("a", "b")), pd.Series(["a"])) is None


def test_the_likeliest_class_is_always_in_the_set() -> None:
    summary = ConformalSummary(rows=10, margins=(0.1,) * len(LEVELS))
    assert class_set(summary, 0.9, [0.3, 0.4, 0.3]) == (1,)
    assert class_set(ConformalSummary(rows=10, margins=(0.75,) * len(LEVELS)), 0.9, [0.3, 0.6, 0.1]) == (1, 0)
