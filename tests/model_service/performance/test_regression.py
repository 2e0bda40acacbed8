"""Every number about numbers is scikit-learn's, and intervals cover what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from modeldesk.model_service.performance.regression import MAX_POINTS, NumberRows
from scipy import stats
from sklearn import metrics


def _rows(rows: int = 300, seed: int = 6) -> NumberRows:
    draw = np.random.default_rng(seed)
    actual = draw.normal(100, 20, rows)
    return NumberRows(actual + draw.normal(1, 5, rows), actual)


MEASURES = {
    "mae": metrics.mean_absolute_error,
    "rmse": metrics.root_mean_squared_error,
    "r2": metrics.r2_score,
    "median_error": metrics.median_absolute_error,
    "bias": lambda actual, predicted: (predicted - actual).mean(),
}


@pytest.mark.parametrize("rows", [50, 51], ids=["even", "odd"])
def test_figures_are_scikit_learns(rows: int) -> None:
    known = _rows(rows)
    expected = {name: measure(known.actual, known.predicted) for name, measure in MEASURES.items()}
    assert {name: figure.value for name, figure in known.figures().items()} == pytest.approx(expected)


def test_weights_count_rows_as_often_as_they_were_drawn() -> None:
    known = _rows(101)
    drawn = np.random.default_rng(7).integers(0, 101, 101)
    expected = [measure(known.actual[drawn], known.predicted[drawn]) for measure in MEASURES.values()]
    assert known.weighted_values(np.bincount(drawn, minlength=101).astype(float)) == pytest.approx(expected)


@pytest.mark.parametrize("name", ["mae", "rmse", "r2"])
def test_intervals_are_scipys(name: str) -> None:
    known = _rows()
    found = stats.bootstrap(
        (np.arange(300),),
        lambda drawn: MEASURES[name](known.actual[drawn], known.predicted[drawn]),
        vectorized=False,
        n_resamples=1_500,
        method="percentile",
        random_state=8,
    ).confidence_interval
    figure = known.figures()[name]
    assert (figure.low, figure.high) == pytest.approx((found.low, found.high), abs=0.15 * (found.high - found.low))


def test_quantiles_are_of_the_absolute_error() -> None:
    known = _rows()
    assert known.quantiles()[0.9] == pytest.approx(np.quantile(np.abs(known.errors), 0.9))


def test_intervals_cover_what_they_promise() -> None:
    for item in _rows(4_000).coverage():
        assert item.covered / item.rows == pytest.approx(item.level, abs=0.03)
        assert item.low < item.covered / item.rows < item.high
    assert _rows(30).coverage() == ()


def test_what_is_drawn_is_bounded() -> None:
    assert len(_rows(5_000).sample) == MAX_POINTS
    assert _rows(10).sample.tolist() == list(range(10))


def test_equal_actual_values_have_no_variance_to_explain() -> None:
    assert np.isnan(NumberRows(np.array([1.0, 2.0]), np.array([3.0, 3.0])).figures()["r2"].value)
