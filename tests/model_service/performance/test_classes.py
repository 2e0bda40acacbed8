"""Every number about many classes is scikit-learn's."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from modeldesk.model_service.performance.classes import ClassRows
from scipy import stats
from sklearn import metrics

places = hnp.arrays(np.intp, 40, elements=st.integers(0, 4))


@settings(max_examples=60, deadline=None)
@given(truth=places, answer=places)
def test_figures_are_scikit_learns(truth: np.ndarray, answer: np.ndarray) -> None:
    rows = ClassRows(truth, answer, 5)
    assert rows.matrix.tolist() == metrics.confusion_matrix(truth, answer, labels=range(5)).tolist()
    expected = {"accuracy": metrics.accuracy_score(truth, answer)}
    for average in ("macro", "weighted"):
        for name, of in (
            ("recall", metrics.recall_score),
            ("precision", metrics.precision_score),
            ("f1", metrics.f1_score),
        ):
            expected[f"{name}_{average}"] = of(truth, answer, average=average, zero_division=0)
    assert {name: figure.value for name, figure in rows.overall().items()} == pytest.approx(expected)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        options = {"labels": range(5), "average": None, "zero_division": np.nan}
        each = {
            "recall": metrics.recall_score(truth, answer, **options),
            "precision": metrics.precision_score(truth, answer, **options),
            "f1": metrics.f1_score(truth, answer, **options),
        }
    for name, values in each.items():
        assert [figure.value for figure in rows.each()[name]] == pytest.approx(values.tolist(), nan_ok=True)


def _drawn(rows: int = 300) -> ClassRows:
    draw = np.random.default_rng(4)
    truth = draw.integers(0, 3, rows)
    raw = draw.random((rows, 3)) + 0.4 * np.eye(3)[truth]
    probability = raw / raw.sum(axis=1, keepdims=True)
    return ClassRows(truth, probability.argmax(axis=1), 3, probability)


def test_rankings_are_scikit_learns() -> None:
    rows = _drawn()
    assert rows.probability is not None
    found = rows.ranking()
    assert found["log_loss"].value == pytest.approx(metrics.log_loss(rows.truth, rows.probability))
    area = metrics.roc_auc_score(rows.truth, rows.probability, multi_class="ovr")
    assert found["roc_auc"].value == pytest.approx(area)
    one = rows.against_rest(1)
    assert one is not None
    assert one.area() == pytest.approx(metrics.roc_auc_score(rows.truth == 1, rows.probability[:, 1]))
    assert ClassRows(rows.truth, rows.answer, 3).ranking() == {}


def _resampled(rows: ClassRows, measure: Callable[[np.ndarray], float]) -> tuple[float, float]:
    return stats.bootstrap(
        (np.arange(len(rows.truth)),),
        measure,
        vectorized=False,
        n_resamples=600,
        method="percentile",
        random_state=5,
    ).confidence_interval


def test_proportions_have_wilsons_interval() -> None:
    rows = _drawn()
    right = rows.truth == rows.answer
    for name in ("accuracy", "recall_weighted"):
        known = stats.binomtest(int(right.sum()), len(right)).proportion_ci(0.95, method="wilson")
        figure = rows.overall()[name]
        assert (figure.low, figure.high) == pytest.approx((known.low, known.high))
    for place in range(3):
        for name, of in (("recall", rows.truth), ("precision", rows.answer)):
            mask = of == place
            known = stats.binomtest(int(right[mask].sum()), int(mask.sum())).proportion_ci(0.95, method="wilson")
            figure = rows.each()[name][place]
            assert (figure.low, figure.high) == pytest.approx((known.low, known.high))


def test_perfect_answers_have_an_interval_where_they_are_proportions() -> None:
    truth = np.repeat([0, 1, 2], [51, 30, 2])
    rows = ClassRows(truth, truth, 3)
    each = rows.each()
    assert (each["recall"][0].low, each["recall"][0].high) == pytest.approx((0.9300, 1.0), abs=1e-4)
    assert each["precision"][2].low == pytest.approx(stats.binomtest(2, 2).proportion_ci(0.95, method="wilson").low)
    assert np.isnan([each["f1"][0].low, rows.overall()["f1_macro"].low]).all()  # too few for one


@pytest.mark.parametrize("name", ["f1_macro", "roc_auc"])
def test_other_intervals_are_scipys(name: str) -> None:
    rows = _drawn()
    assert rows.probability is not None
    probability = rows.probability
    known = _resampled(
        rows,
        {
            "f1_macro": lambda drawn: metrics.f1_score(rows.truth[drawn], rows.answer[drawn], average="macro"),
            "roc_auc": lambda drawn: metrics.roc_auc_score(rows.truth[drawn], probability[drawn], multi_class="ovr"),
        }[name],
    )
    figure = {**rows.overall(), **rows.ranking()}[name]
    assert (figure.low, figure.high) == pytest.approx(tuple(known), abs=0.15 * (known[1] - known[0]))


def test_top_confusions_are_the_most_frequent_errors() -> None:
    truth, answer = np.array([0, 0, 0, 1, 1, 2]), np.array([1, 1, 0, 1, 2, 2])
    found = ClassRows(truth, answer, 3).confusions()
    assert [(item.actual, item.predicted, item.rows) for item in found] == [(0, 1, 2), (1, 2, 1)]
    assert found[0].share == pytest.approx(2 / 3)
