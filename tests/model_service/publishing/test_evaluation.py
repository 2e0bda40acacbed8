"""Figures under their usual names, against values worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from modeldesk.model_service.engine.results import Outputs
from modeldesk.model_service.performance.regression import NumberRows
from modeldesk.model_service.publishing.profile import evaluate
from modeldesk.model_service.tasks import task_of

BINARY = np.array([[0.9, 0.1], [0.6, 0.4], [0.35, 0.65], [0.2, 0.8]])


def _figures(task: Any, outputs: Outputs, actual: Any) -> dict[str, float]:
    series = None if actual is None else pd.Series(actual)
    return {metric.name: metric.value for metric in evaluate(task_of(task), outputs, series)}


def test_regression() -> None:
    found = _figures("regression", Outputs(np.array([1.0, 2.0, 5.0])), [1.0, 2.0, 3.0])
    assert found == pytest.approx({"rmse": (4 / 3) ** 0.5, "mae": 2 / 3, "r2": -1.0})


@pytest.mark.parametrize("classes", [("no", "yes"), (0, 1), (False, True)], ids=str)
def test_binary_alike_for_words_numbers_and_booleans(classes: tuple[Any, Any]) -> None:
    no, yes = classes
    outputs = Outputs(np.array([no, no, yes, yes]), classes, BINARY)
    found = _figures("binary", outputs, [no, yes, no, yes])
    loss = -np.log([0.9, 0.4, 0.35, 0.8]).mean()
    brier = np.mean([0.1**2, 0.6**2, 0.65**2, 0.2**2])
    assert found == pytest.approx(
        {"accuracy": 0.5, "f1": 0.5, "roc_auc": 0.75, "pr_auc": 5 / 6, "log_loss": loss, "brier": brier}
    )


def test_the_positive_class_is_the_one_that_was_set() -> None:
    outputs = Outputs(np.array(["no", "no", "yes", "yes"]), ("no", "yes"), BINARY)
    actual = pd.Series(["no", "yes", "no", "no"])
    task = task_of("binary")
    of = {name: {m.name: m.value for m in evaluate(task, outputs, actual, name)} for name in ("no", "yes", "gone")}
    assert of["no"]["f1"] == pytest.approx(2 / 5) and of["yes"]["f1"] == 0.0
    assert of["no"]["pr_auc"] == pytest.approx((1 + 2 / 3 + 3 / 4) / 3)
    assert of["yes"]["pr_auc"] == pytest.approx(1 / 3)
    assert of["no"]["roc_auc"] == pytest.approx(of["yes"]["roc_auc"])
    assert of["gone"] == of["yes"]


def test_multiclass() -> None:
    probability = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.2, 0.5, 0.3]])
    outputs = Outputs(np.array(["a", "b", "b"]), ("a", "b", "c"), probability)
    found = _figures("multiclass", outputs, ["a", "b", "c"])
    assert found["accuracy"] == pytest.approx(2 / 3)
    assert found["f1_macro"] == pytest.approx((1 + 2 / 3 + 0) / 3)
    assert found["log_loss"] == pytest.approx(-np.log([0.8, 0.8, 0.3]).mean())
    assert found["roc_auc"] == pytest.approx(1.0)


def test_without_probabilities_only_what_classes_tell() -> None:
    found = _figures("binary", Outputs(np.array([0, 1, 1]), (0, 1)), [0, 1, 0])
    assert set(found) == {"accuracy", "f1"}


def test_rows_without_a_known_outcome_do_not_count() -> None:
    found = _figures("regression", Outputs(np.array([1.0, 99.0, 3.0])), [1.0, None, 3.0])
    assert found["rmse"] == 0.0


def test_what_is_undefined_is_left_out() -> None:
    found = _figures("binary", Outputs(np.array([1, 1]), (0, 1), BINARY[2:]), [1, 1])
    assert {"roc_auc", "pr_auc", "brier"}.isdisjoint(found)
    assert "log_loss" in found
    assert "r2" not in _figures("regression", Outputs(np.array([1.0])), [1.0])
    assert _figures("regression", Outputs(np.array([1.0])), [None]) == {}


def test_booleans_answered_by_their_names() -> None:
    outputs = Outputs(np.array(["True", "False"]), (False, True))
    assert _figures("binary", outputs, [True, False])["accuracy"] == 1.0


def test_anomalies_have_a_share() -> None:
    outputs = Outputs(np.array(["anomaly", "normal", "normal", "normal"]), score=np.zeros(4))
    assert _figures("anomaly", outputs, None) == {"anomaly_share": 0.25}
    assert _figures("regression", Outputs(np.array([1.0])), None) == {}


def test_figures_of_very_large_numbers_are_those_of_small_ones() -> None:
    """The squares of 1e305 are no numbers; the figures are, and their intervals."""
    generator = np.random.default_rng(2)
    actual = generator.normal(0, 1, 60)
    predicted = actual + generator.normal(0, 0.2, 60)
    size = 2.0**1013
    for figures in (
        lambda a, p: _figures("regression", Outputs(prediction=p, classes=()), a),
        lambda a, p: {name: figure.value for name, figure in NumberRows(p, a).figures().items()},
        lambda a, p: {name: figure.high for name, figure in NumberRows(p, a).figures().items()},
    ):
        small, large = figures(actual, predicted), figures(actual * size, predicted * size)
        assert set(small) == set(large)
        for name, value in small.items():
            assert large[name] == pytest.approx(value if name == "r2" else value * size, rel=1e-9), name
