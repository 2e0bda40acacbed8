"""Two versions on the same rows: figures are scikit-learn's, paired intervals scipy's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from modeldesk.model_service.performance.binary import Figure
from modeldesk.model_service.performance.compare import Answers, Comparison, PairedFigure, better_and_worse
from modeldesk.model_service.performance.segments import find_segments
from modeldesk.model_service.schema.schema import Feature, ModelSchema
from modeldesk.model_service.tasks import task_of
from scipy import stats
from sklearn import metrics

ROWS = 400


def _binary(seed: int = 5) -> Comparison:
    """A second version that knows somewhat more than the first; both decide at a half."""
    draw = np.random.default_rng(seed)
    truth = (draw.random(ROWS) < 0.4).astype(np.intp)
    common = draw.normal(0, 1, ROWS)
    chances = [1 / (1 + np.exp(-(strength * (2 * truth - 1) + common))) for strength in (0.5, 1.0)]
    answers = [Answers((chance >= 0.5).astype(np.intp), np.column_stack([1 - chance, chance])) for chance in chances]
    return Comparison(task_of("binary"), ("no", "yes"), answers[0], answers[1], truth=truth)


def _numbers() -> Comparison:
    draw = np.random.default_rng(6)
    actual = draw.normal(10, 3, ROWS)
    noise = draw.normal(0, 1, ROWS)
    parts = [Answers(numbers=actual + 2 * noise), Answers(numbers=actual + noise + draw.normal(0.2, 0.5, ROWS))]
    return Comparison(task_of("regression"), (), parts[0], parts[1], actual=actual)


Statistic = Callable[..., float]


def _held_to_scipy(figure: PairedFigure, columns: tuple[np.ndarray, ...], of: Statistic, tolerance: float) -> None:
    """The interval of the difference is that of scipy's paired bootstrap, up to both's sampling error."""
    assert figure.difference.value == pytest.approx(of(*columns))
    found = stats.bootstrap(
        columns, of, paired=True, vectorized=False, n_resamples=1_000, method="percentile", random_state=1
    ).confidence_interval
    assert figure.difference.low == pytest.approx(found.low, abs=tolerance)
    assert figure.difference.high == pytest.approx(found.high, abs=tolerance)


def test_answers_of_both_are_counted_by_pair() -> None:
    pair = _binary()
    assert pair.first.codes is not None and pair.second.codes is not None
    assert pair.cells.tolist() == metrics.confusion_matrix(pair.first.codes, pair.second.codes).tolist()


def test_figures_of_two_classes_and_their_paired_intervals() -> None:
    pair = _binary()
    figures = {figure.name: figure for figure in pair.figures}
    assert pair.truth is not None and pair.first.codes is not None and pair.second.codes is not None
    assert pair.first.probability is not None and pair.second.probability is not None
    chances = [part.probability[:, 1] for part in (pair.first, pair.second) if part.probability is not None]
    for name, sklearns in (
        ("accuracy", metrics.accuracy_score), ("recall", metrics.recall_score),
        ("precision", metrics.precision_score), ("f1", metrics.f1_score),
    ):  # fmt: skip
        assert figures[name].first == pytest.approx(sklearns(pair.truth, pair.first.codes))
        assert figures[name].second == pytest.approx(sklearns(pair.truth, pair.second.codes))
    for name, sklearns in (
        ("roc_auc", metrics.roc_auc_score), ("pr_auc", metrics.average_precision_score),
        ("log_loss", metrics.log_loss), ("brier", metrics.brier_score_loss),
    ):  # fmt: skip
        assert figures[name].first == pytest.approx(sklearns(pair.truth, chances[0]))
        assert figures[name].second == pytest.approx(sklearns(pair.truth, chances[1]))

    def f1(truth: np.ndarray, one: np.ndarray, other: np.ndarray) -> float:
        score = [2 * (truth & answer).sum() / (truth.sum() + answer.sum()) for answer in (one, other)]
        return float(score[1] - score[0])

    def brier(truth: np.ndarray, one: np.ndarray, other: np.ndarray) -> float:
        return float(((other - truth) ** 2).mean() - ((one - truth) ** 2).mean())

    _held_to_scipy(figures["f1"], (pair.truth, pair.first.codes, pair.second.codes), f1, 0.012)
    _held_to_scipy(figures["brier"], (pair.truth, *chances), brier, 0.004)
    assert figures["brier"].verdict == figures["roc_auc"].verdict == 1
    # What is paired is narrower than two versions on rows of their own.
    alone = [stats.bootstrap(((chance - pair.truth) ** 2,), np.mean, n_resamples=500, random_state=2).standard_error
             for chance in chances]  # fmt: skip
    assert figures["brier"].difference.high - figures["brier"].difference.low < 0.7 * 3.92 * np.hypot(*alone)


def test_figures_of_numbers_and_their_paired_intervals() -> None:
    pair = _numbers()
    figures = {figure.name: figure for figure in pair.figures}
    assert pair.actual is not None and pair.first.numbers is not None and pair.second.numbers is not None
    columns = (pair.actual, pair.first.numbers, pair.second.numbers)
    for name, sklearns in (
        ("mae", metrics.mean_absolute_error), ("rmse", metrics.root_mean_squared_error),
        ("r2", metrics.r2_score), ("median_error", metrics.median_absolute_error),
    ):  # fmt: skip

        def gap(actual: np.ndarray, one: np.ndarray, other: np.ndarray, of: Statistic = sklearns) -> float:
            return float(of(actual, other) - of(actual, one))

        assert figures[name].first == pytest.approx(sklearns(pair.actual, pair.first.numbers))
        if name in ("mae", "r2"):
            _held_to_scipy(figures[name], columns, gap, 0.06)
    assert better_and_worse(pair.figures) == {1: ("mae", "rmse", "r2", "median_error"), -1: ()}
    assert pair.correlation.value == pytest.approx(np.corrcoef(pair.first.numbers, pair.second.numbers)[0, 1])


def test_many_classes() -> None:
    draw = np.random.default_rng(7)
    truth = draw.integers(0, 3, ROWS)
    codes = [np.where(draw.random(ROWS) < right, truth, draw.integers(0, 3, ROWS)) for right in (0.5, 0.8)]
    pair = Comparison(task_of("multiclass"), ("a", "b", "c"), Answers(codes[0]), Answers(codes[1]), truth=truth)
    figures = {figure.name: figure for figure in pair.figures}
    assert figures["f1_macro"].second == pytest.approx(metrics.f1_score(truth, codes[1], average="macro"))
    assert figures["recall_macro"].first == pytest.approx(metrics.recall_score(truth, codes[0], average="macro"))

    def accuracy(truth: np.ndarray, one: np.ndarray, other: np.ndarray) -> float:
        return float((truth == other).mean() - (truth == one).mean())

    _held_to_scipy(figures["accuracy"], (truth, *codes), accuracy, 0.015)
    assert pair.agreement.value == pytest.approx((codes[0] == codes[1]).mean())


def test_who_flips_and_whether_for_the_better() -> None:
    truth = np.array([0, 0, 1, 1, 1, 1, 0])
    before, after = np.array([1, 0, 0, 0, 1, 1, 0]), np.array([0, 1, 1, 1, 1, 0, 0])
    pair = Comparison(task_of("binary"), ("no", "yes"), Answers(before), Answers(after), truth=truth)
    flips = pair.flips
    assert flips is not None and (flips.rows, flips.better, flips.worse) == (5, 3, 2)
    assert [(f.before, f.after, f.rows, f.better, f.worse) for f in flips.flips] == [(0, 1, 3, 2, 1), (1, 0, 2, 1, 1)]
    assert flips.p_value == pytest.approx(stats.binomtest(3, 5).pvalue)
    assert {figure.name: figure.changed for figure in pair.figures} == {
        "recall": 3, "precision": 5, "accuracy": 5, "f1": 5,
    }  # fmt: skip
    assert all(figure.few and figure.verdict == 0 for figure in pair.figures)
    assert pair.losses is not None and pair.losses.tolist() == [-1, 1, -1, -1, 0, 1, 0]
    assert sorted(pair.differing().tolist()) == [0, 1, 2, 3, 5]
    same = Comparison(task_of("binary"), ("no", "yes"), Answers(truth), Answers(truth), truth=truth)
    assert same.flips is not None and same.flips.p_value == 1 and len(same.differing()) == 0


def test_where_answers_differ_most() -> None:
    chances = [np.array([[0.9, 0.1, 0.0], [0.2, 0.2, 0.6]]), np.array([[0.8, 0.2, 0.0], [0.2, 0.6, 0.2]])]
    answers = [Answers(chance.argmax(axis=1), chance) for chance in chances]
    pair = Comparison(task_of("multiclass"), ("a", "b", "c"), answers[0], answers[1])
    assert pair.distances == pytest.approx([0.1, 0.4]) and pair.differing().tolist() == [1, 0]
    assert pair.moves == pytest.approx([-0.1, -0.4])
    assert pair.figures == () and pair.losses is None


def test_a_verdict_needs_an_interval_on_one_side_of_none() -> None:
    def verdict(name: str, low: float, high: float) -> int:
        return PairedFigure(name, 0, 0, Figure((low + high) / 2, low, high)).verdict

    sides = ((0.01, 0.1), (-0.1, -0.01), (-0.1, 0.1), (np.nan, np.nan))
    assert [verdict("roc_auc", *ends) for ends in sides] == [1, -1, 0, 0]
    few = PairedFigure("accuracy", 0, 0, Figure(-0.03, -0.05, -0.01), changed=4)
    assert (few.verdict, replace(few, changed=40).verdict) == (0, -1)
    assert [verdict("log_loss", *ends) for ends in ((0.01, 0.1), (-0.1, -0.01))] == [-1, 1]


@pytest.mark.parametrize("sizes", [False, True], ids=["right and wrong", "sizes"])
def test_a_segment_that_got_worse_is_found_and_noise_is_not(sizes: bool) -> None:
    names = ("x", "y", "z")
    schema = ModelSchema(features=tuple(Feature(name=name, type="number", dtype="float64") for name in names))
    first, named, false = 0, 0, 0
    for seed in range(3):
        draw = np.random.default_rng(seed)
        frame = pd.DataFrame(draw.uniform(0, 1, (2_000, 3)), columns=list(names))
        noise = draw.normal(0, 1, 2_000) if sizes else draw.choice([-1.0, 0.0, 1.0], 2_000, p=[0.1, 0.8, 0.1])
        inside = ((frame["x"] > 0.6) & (frame["y"] < 0.4)).to_numpy()
        worse = noise + inside * 0.8 if sizes else np.where(inside & (draw.random(2_000) < 0.4), 1.0, noise)
        found = find_segments(schema, frame, worse, names, changes=True).segments
        first += bool(found) and found[0].significant and {c.feature for c in found[0].conditions} >= {"x", "y"}
        # Everywhere better: no segment may be called worse, however it stands to the rest.
        named += sum(s.significant for s in find_segments(schema, frame, worse - 2, names, changes=True).segments)
        false += any(s.significant for s in find_segments(schema, frame, noise, names, changes=True).segments)
    assert first == 3 and named == 0 and false <= 1
