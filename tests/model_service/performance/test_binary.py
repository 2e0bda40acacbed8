"""Every number about two classes is scikit-learn's, and its interval is scipy's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from modeldesk.model_service.performance.binary import (
    Costs,
    Decision,
    Scores,
    gain_points,
    recall_precision_points,
    roc_points,
    thinned,
)
from modeldesk.model_service.performance.proportions import wilson_interval
from scipy import stats
from sklearn import metrics


def _scores(rows: int = 400, seed: int = 0, decimals: int = 2) -> Scores:
    draw = np.random.default_rng(seed)
    positive = draw.random(rows) < 0.3
    probability = np.clip(draw.normal(0.35 + 0.2 * positive, 0.2), 0, 1).round(decimals)
    return Scores(probability, positive)


# Few different probabilities, so that ties are common.
tied = hnp.arrays(float, 60, elements=st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.5000001, 0.75, 1.0]))


@settings(max_examples=60, deadline=None)
@given(probability=tied, positive=hnp.arrays(bool, 60), threshold=st.floats(0, 1))
def test_decisions_are_scikit_learns(probability: np.ndarray, positive: np.ndarray, threshold: float) -> None:
    answer = probability >= threshold
    decision = Scores(probability, positive).at(threshold)
    matrix = metrics.confusion_matrix(positive, answer, labels=[False, True])
    assert [[decision.passed, decision.alarms], [decision.missed, decision.found]] == matrix.tolist()
    found = decision.figures()
    expected = {
        "recall": metrics.recall_score(positive, answer, zero_division=np.nan),
        "precision": metrics.precision_score(positive, answer, zero_division=np.nan),
        "accuracy": metrics.accuracy_score(positive, answer),
        "f1": metrics.f1_score(positive, answer, zero_division=np.nan),
        "false_alarms": 1 - metrics.recall_score(positive, answer, pos_label=False, zero_division=np.nan),
        "alarms": answer.mean(),
    }
    assert {name: figure.value for name, figure in found.items()} == pytest.approx(expected, nan_ok=True)


@settings(max_examples=60, deadline=None)
@given(probability=tied, positive=hnp.arrays(bool, 60))
def test_curves_are_scikit_learns(probability: np.ndarray, positive: np.ndarray) -> None:
    if positive.all() or not positive.any():
        positive[:2] = True, False
    scores = Scores(probability, positive)
    false_alarms, found, _ = metrics.roc_curve(positive, probability, drop_intermediate=False)
    assert roc_points(scores) == pytest.approx(np.stack([false_alarms, found], axis=1))
    precision, recall, _ = metrics.precision_recall_curve(positive, probability)
    assert recall_precision_points(scores)[::-1] == pytest.approx(np.stack([recall, precision], axis=1)[:-1])
    ranked = scores.ranking()
    assert ranked["roc_auc"].value == pytest.approx(metrics.roc_auc_score(positive, probability))
    assert ranked["pr_auc"].value == pytest.approx(metrics.average_precision_score(positive, probability))


def test_gain_is_the_share_found_among_the_share_taken() -> None:
    scores = Scores(np.array([0.9, 0.8, 0.8, 0.1]), np.array([True, True, False, False]))
    assert gain_points(scores).tolist() == [[0, 0], [0.25, 0.5], [0.75, 1.0], [1.0, 1.0]]


@pytest.mark.parametrize("decimals", [1, 6], ids=["ties", "no ties"])
def test_weights_count_rows_as_often_as_they_were_drawn(decimals: int) -> None:
    scores = _scores(decimals=decimals)
    drawn = np.random.default_rng(1).integers(0, scores.rows, scores.rows)
    again = Scores(scores.probability[drawn], scores.positive[drawn])
    truth, probability = again.positive.astype(int), again.probability
    expected = [
        metrics.roc_auc_score(truth, probability),
        metrics.average_precision_score(truth, probability),
        metrics.log_loss(truth, probability),
        metrics.brier_score_loss(truth, probability),
    ]
    weights = np.bincount(drawn, minlength=scores.rows).astype(float)
    assert scores.weighted_values(weights) == pytest.approx(expected)


def _scipy_interval(scores: Scores, statistic: object) -> tuple[float, float]:
    def of(places: np.ndarray) -> float:
        return float(statistic(scores.positive[places], scores.probability[places]))  # type: ignore[operator]

    found = stats.bootstrap(
        (np.arange(scores.rows),), of, vectorized=False, n_resamples=2_000, method="percentile", random_state=3
    )
    return found.confidence_interval.low, found.confidence_interval.high


def test_the_interval_of_f1_is_scipys_bootstrap() -> None:
    scores = _scores()
    figure = scores.at(0.4).figures()["f1"]
    low, high = _scipy_interval(scores, lambda truth, probability: metrics.f1_score(truth, probability >= 0.4))
    assert (figure.low, figure.high) == pytest.approx((low, high), abs=0.15 * (high - low))


@settings(max_examples=60, deadline=None)
@given(rows=st.integers(1, 500), part=st.floats(0, 1), level=st.sampled_from([0.9, 0.95, 0.99]))
def test_wilsons_interval_is_scipys(rows: int, part: float, level: float) -> None:
    hits = round(part * rows)
    known = stats.binomtest(hits, rows).proportion_ci(level, method="wilson")
    assert wilson_interval(hits, rows, level) == pytest.approx([known.low, known.high], abs=1e-12)


def test_proportions_of_a_decision_have_wilsons_interval() -> None:
    decision = Decision(0.5, found=51, missed=9, alarms=0, passed=90)
    found = decision.figures()
    counts = {"recall": (51, 60), "precision": (51, 51), "accuracy": (141, 150), "false_alarms": (0, 90),
              "alarms": (51, 150)}  # fmt: skip
    for name, (hits, rows) in counts.items():
        known = stats.binomtest(hits, rows).proportion_ci(0.95, method="wilson")
        assert (found[name].low, found[name].high) == pytest.approx((known.low, known.high))
    assert (found["precision"].low, found["precision"].high) == pytest.approx((0.9300, 1), abs=1e-4)
    assert (found["false_alarms"].low, found["false_alarms"].high) == pytest.approx((0, 0.0409), abs=1e-4)


def test_where_all_resamples_are_equal_there_is_no_interval() -> None:
    perfect = Scores(np.array([0.9, 0.8, 0.2, 0.1]), np.array([True, True, False, False]))
    ranked = perfect.ranking()
    assert ranked["roc_auc"].value == 1 and np.isnan([ranked["roc_auc"].low, ranked["roc_auc"].high]).all()
    decision = perfect.at(0.5)
    assert decision.figures()["f1"].value == 1 and np.isnan(decision.figures()["f1"].low)
    assert np.isnan(decision.cost_interval(Costs())).all()
    nobody = Decision(0.5, 0, 0, 0, 0).figures()
    assert all(np.isnan([figure.value, figure.low, figure.high]).all() for figure in nobody.values())


@pytest.mark.parametrize("name", ["roc_auc", "pr_auc", "log_loss", "brier"])
def test_intervals_of_rankings_are_scipys(name: str) -> None:
    scores = _scores(250, decimals=3)
    measure = {
        "roc_auc": metrics.roc_auc_score,
        "pr_auc": metrics.average_precision_score,
        "log_loss": metrics.log_loss,
        "brier": metrics.brier_score_loss,
    }[name]
    figure = scores.ranking()[name]
    low, high = _scipy_interval(scores, measure)
    assert (figure.low, figure.high) == pytest.approx((low, high), abs=0.15 * (high - low))


def test_costs_are_of_errors_only() -> None:
    decision = _scores().at(0.4)
    costs = Costs(missed=8_400, alarm=1_200)
    assert decision.cost(costs) == decision.missed * 8_400 + decision.alarms * 1_200
    low, high = decision.cost_interval(costs)
    assert low < decision.cost(costs) < high


def test_one_class_only_leaves_out_what_is_undefined() -> None:
    scores = Scores(np.array([0.2, 0.4]), np.array([False, False]))
    ranked = scores.ranking()
    assert np.isnan(ranked["roc_auc"].value) and np.isnan(ranked["pr_auc"].value)
    assert np.isfinite(ranked["log_loss"].value)
    assert np.isnan(scores.at(0.3).figures()["recall"].value)


def test_calibration_and_histogram_count_every_row() -> None:
    scores = _scores()
    bins = scores.calibration()
    assert sum(bin_.rows for bin_ in bins) == scores.rows
    assert sum(bin_.positive for bin_ in bins) == scores.positives
    for bin_ in bins:
        known = stats.binomtest(bin_.positive, bin_.rows).proportion_ci(1 - 0.01 / len(bins), method="wilson")
        assert (bin_.share_low, bin_.share_high) == pytest.approx((known.low, known.high))
        outside = not known.low <= bin_.mean <= known.high
        assert bin_.miscalibrated == (outside and abs(bin_.share - bin_.mean) >= 0.03)
    edges, hits, others = scores.histogram()
    assert len(edges) == len(hits) + 1 == len(others) + 1
    assert (int(hits.sum()), int(others.sum())) == (scores.positives, scores.rows - scores.positives)


def test_long_curves_are_thinned_and_keep_their_ends() -> None:
    places = thinned(10_000, 100)
    assert len(places) == 100
    assert (places[0], places[-1]) == (0, 9_999)
    assert thinned(3).tolist() == [0, 1, 2]
