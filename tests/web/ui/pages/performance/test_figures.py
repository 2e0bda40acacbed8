"""Charts of performance mark the threshold at hand, and draw what the numbers say."""

from __future__ import annotations

import numpy as np
import pytest
from modeldesk.model_service.performance.binary import Costs, Scores, gain_points, recall_precision_points, roc_points
from modeldesk.model_service.performance.regression import Coverage
from modeldesk.model_service.performance.thresholds import cost_points, lowest_cost
from modeldesk.web.ui.common.charts.axes import Quantity
from modeldesk.web.ui.pages.performance import figures as performance

DRAW = np.random.default_rng(0)
POSITIVE = DRAW.random(300) < 0.3
SCORES = Scores(np.clip(0.4 * POSITIVE + DRAW.normal(0.3, 0.15, 300), 0, 1).round(3), POSITIVE)
NOW = SCORES.at(0.42)
FIGURES = NOW.figures()


def test_the_decision_stands_on_its_curves() -> None:
    roc = performance.roc_figure(roc_points(SCORES), NOW, "Found").data[-1]
    assert (roc.x[0], roc.y[0]) == pytest.approx((FIGURES["false_alarms"].value, FIGURES["recall"].value))
    curve = performance.recall_precision_figure(recall_precision_points(SCORES), NOW, 0.3, "Found").data[-1]
    assert (curve.x[0], curve.y[0]) == pytest.approx((FIGURES["recall"].value, FIGURES["precision"].value))
    gain = performance.gain_figure(gain_points(SCORES), NOW, "Found").data[-1]
    assert (gain.x[0], gain.y[0]) == pytest.approx((FIGURES["alarms"].value, FIGURES["recall"].value))


def test_the_cost_marks_threshold_and_minimum() -> None:
    costs = Costs(5, 1)
    best = lowest_cost(SCORES, costs)
    figure = performance.cost_figure(
        cost_points(SCORES, costs), (0.42, NOW.cost(costs)), (best.threshold, best.cost(costs))
    )
    assert figure.layout.shapes[0].x0 == 0.42
    assert min(figure.data[0].y) == pytest.approx(figure.data[1].y[0])


def test_where_nothing_is_positive_no_point_is_drawn() -> None:
    scores = Scores(np.array([0.1, 0.2]), np.array([False, False]))
    figure = performance.roc_figure(roc_points(scores), scores.at(0.5), "Found")
    assert not figure.layout.annotations[1:]


def test_chances_and_calibration_have_the_threshold_as_a_line() -> None:
    spread = performance.scores_figure(*SCORES.histogram(), 0.42, ("Default", "Paid back"))
    assert spread.layout.shapes[0].x0 == 0.42
    assert [trace.name for trace in spread.data] == [
        f"Paid back, {300 - SCORES.positives}",
        f"Default, {SCORES.positives}",
    ]
    # Told apart by their dashes too.
    assert spread.data[0].line.dash != spread.data[1].line.dash
    bins = SCORES.calibration()
    calibration = performance.calibration_figure(bins, 0.42)
    assert list(calibration.data[1].y) == [bin_.share for bin_ in bins]
    assert sum(calibration.data[2].y) == 300


def test_errors_are_coloured_and_right_answers_are_not() -> None:
    matrix = np.array([[8, 2], [0, 10]])
    heat = performance.confusion_figure(matrix, ["a", "b"]).data[0]
    assert heat.z[0][0] == heat.z[1][1] == 0 and heat.z[0][1] == pytest.approx(0.2**0.5)
    assert list(heat.text[0]) == ["8", "2"]


def test_numbers_in_charts() -> None:
    predicted, actual = np.array([1.0, 2.0, 4.0]), np.array([1.5, 2.0, 3.0])
    both = performance.predicted_actual_figure(predicted, actual, "€")
    assert (list(both.data[1].x), list(both.data[1].y)) == ([1, 2, 4], [1.5, 2, 3])
    by_word = performance.residual_figure(["a", None, "b"], predicted - actual, Quantity("Kind", kind="category"), "€")
    assert list(by_word.data[0].x) == ["A", "Not known", "B"]
    by_number = performance.residual_figure([1, 2, None], predicted - actual, Quantity("Age", "years"), "€")
    assert list(by_number.data[0].y) == [-0.5, 0, 1]
    sizes = performance.quantiles_figure(np.abs(predicted - actual), "€", {0.5: 0.5})
    assert sizes.data[1].text[0].strip() == "50%: €0.5"
    covered = performance.coverage_figure([Coverage(0.9, 100, 80, 0.7, 0.87)])
    assert list(covered.data[1].y) == [0.8]
    unusual = performance.unusual_figure(np.array([-0.7, -0.4, -0.39]), np.array([True, False, False]))
    assert [trace.name for trace in unusual.data] == ["Normal, 2", "Unusual, 1"]
