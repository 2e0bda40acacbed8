"""How artifacts are asked, and what they may not be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from modeldesk.core.errors import InvalidInput, PublishRefused
from modeldesk.model_service.engine.engine import ModelEngine, apply_threshold, describe
from modeldesk.model_service.engine.results import Outputs
from modeldesk.model_service.engine.task import decide_task, question_of
from modeldesk.model_service.package.manifest import Engine
from modeldesk.model_service.tasks import task_of
from sklearn import ensemble, linear_model, model_selection, pipeline, preprocessing, svm
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.multioutput import MultiOutputClassifier

X = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0, 4.0, 5.0], "b": [1.0, 0.0, 1.0, 0.0, 1.0, 0.0]})
BINARY = np.array(["no", "no", "no", "yes", "yes", "yes"])


def _engine(estimator: Any, **overrides: Any) -> ModelEngine:
    question = question_of(estimator)
    task, classes = question.task, question.classes
    engine = overrides.get("engine") or describe(estimator, task, classes, X)
    return ModelEngine(estimator, task, classes, engine, overrides.get("fitted_on", "frame"))


@pytest.mark.parametrize(
    "target", [BINARY, BINARY == "yes", (BINARY == "yes").astype(int), np.array([2, 2, 5, 5, 9, 9])], ids=str
)
def test_classes_and_predictions_are_the_artifacts_own(target: np.ndarray) -> None:
    model = linear_model.LogisticRegression().fit(X, target)
    outputs = _engine(model).predict(X)
    assert outputs.prediction.tolist() == model.predict(X).tolist()
    assert np.array_equal(outputs.probability, model.predict_proba(X))
    row = outputs.row(0)
    assert type(row.prediction) in (str, bool, int)
    assert list(row.probability or {}) == [str(value) for value in model.classes_.tolist()]


def test_one_call_suffices_where_the_highest_probability_decides() -> None:
    assert describe(linear_model.LogisticRegression().fit(X, BINARY), task_of("binary"), ("no", "yes"), X) == Engine(
        output="predict_proba", argmax_is_predict=True
    )


def test_a_threshold_inside_the_artifact_is_kept() -> None:
    inner = linear_model.LogisticRegression().fit(X, BINARY)
    model = model_selection.FixedThresholdClassifier(inner, threshold=0.99, response_method="predict_proba")
    model.fit(X, BINARY)
    engine = _engine(model)
    assert describe(model, task_of("binary"), ("no", "yes"), X).output == "both"
    assert engine.predict(X).prediction.tolist() == model.predict(X).tolist()
    inside = pipeline.Pipeline([("scale", preprocessing.StandardScaler()), ("model", model)]).fit(X, BINARY)
    assert describe(inside, task_of("binary"), ("no", "yes"), X).output == "both"


class OwnThreshold(ClassifierMixin, BaseEstimator):
    """A class of somebody's own, which decides as it likes."""

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> OwnThreshold:
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        return np.tile([0.1, 0.9], (len(X), 1))

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        return np.repeat(self.classes_[1], len(X))


def test_unknown_kinds_are_always_asked_for_their_class() -> None:
    assert describe(OwnThreshold().fit(X, BINARY), task_of("binary"), ("no", "yes"), X).output == "both"


def test_near_a_tie_the_artifact_decides() -> None:
    class TiedToSecond(OwnThreshold):
        def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
            return np.full((len(X), 2), 0.5)

    model = TiedToSecond().fit(X, BINARY)
    engine = _engine(model, engine=Engine(output="predict_proba", argmax_is_predict=True))
    assert engine.predict(X).prediction.tolist() == ["yes"] * 6


def test_no_probabilities() -> None:
    outputs = _engine(svm.LinearSVC().fit(X, BINARY)).predict(X)
    assert outputs.probability is None
    assert outputs.row(0).as_dict()["probability"] is None


def test_arrays_are_given_arrays(recwarn: pytest.WarningsRecorder) -> None:
    model = linear_model.LogisticRegression().fit(X.to_numpy(), BINARY)
    engine = ModelEngine(model, task_of("binary"), ("no", "yes"), Engine(output="predict_proba"), "array")
    assert engine.predict(X).prediction.tolist() == model.predict(X.to_numpy()).tolist()
    assert not [warning for warning in recwarn if "feature names" in str(warning.message)]


def test_a_column_of_answers_becomes_one_value_a_row() -> None:
    model = linear_model.LinearRegression().fit(X, X[["a"]])
    assert _engine(model).predict(X).prediction.shape == (6,)


def test_anomalies_are_words_with_a_score() -> None:
    model = ensemble.IsolationForest(n_estimators=10, random_state=0).fit(X)
    outputs = _engine(model).predict(X)
    assert outputs.prediction.tolist() == ["anomaly" if flag == -1 else "normal" for flag in model.predict(X)]
    assert np.array_equal(outputs.score, model.score_samples(X))


def test_numbers_beyond_the_model_are_the_inputs_fault_and_named() -> None:
    model = ensemble.RandomForestRegressor(3).fit(X, X["a"])
    rows = X.copy()
    rows.loc[[1, 4], "a"] = 1e300
    with pytest.raises(InvalidInput) as caught:
        _engine(model).predict(rows)
    assert [problem.row for problem in caught.value.problems] == [1, 4]
    assert "too large" in caught.value.detail


def test_answers_that_are_no_numbers_are_refused() -> None:
    model = linear_model.LinearRegression().fit(X, X["a"] * 1e10)
    rows = X.copy()
    rows.loc[2, "a"] = 1e305
    with pytest.raises(InvalidInput, match="no finite number") as caught:
        _engine(model).predict(rows)
    assert [problem.row for problem in caught.value.problems] == [2]


@pytest.mark.parametrize(
    ("threshold", "expected"), [(None, [0, 1, 0]), (0.6, [0, 1, 0]), (0.5, [0, 1, 1]), (0.2, [1, 1, 1])]
)
def test_a_threshold_applies_only_where_one_is_set(threshold: float | None, expected: list[int]) -> None:
    probability = np.array([[0.7, 0.3], [0.4, 0.6], [0.5, 0.5]])
    outputs = Outputs(np.array([0, 1, 0]), (0, 1), probability, keys=("0", "1"))
    assert apply_threshold(outputs, 1, threshold).prediction.tolist() == expected


def test_the_positive_class_may_be_the_first() -> None:
    outputs = Outputs(np.array(["yes"]), ("no", "yes"), np.array([[0.4, 0.6]]), keys=("no", "yes"))
    assert apply_threshold(outputs, "no", 0.4).prediction.tolist() == ["no"]


@pytest.mark.parametrize(
    ("estimator", "reason"),
    [
        (PCA(1).fit(X), "not_an_estimator"),
        ({"model": 1}, "not_an_estimator"),
        (KMeans(2, n_init=1).fit(X), "unsupported"),
        (MultiOutputClassifier(linear_model.LogisticRegression()).fit(X, np.c_[BINARY, BINARY]), "unsupported"),
        (linear_model.LinearRegression().fit(X, X), "unsupported"),
    ],
    ids=["transformer", "dict", "clusterer", "several classes", "several numbers"],
)
def test_what_cannot_be_asked_is_refused(estimator: Any, reason: str) -> None:
    with pytest.raises(PublishRefused) as caught:
        question = decide_task(estimator, None, lambda: np.asarray(estimator.predict(X)), None)
        describe(estimator, question.task, question.classes, X)
    assert caught.value.reason == reason
    assert caught.value.hint
