"""The forests' Tree SHAP is shap's, value by value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from modeldesk.model_service.explain.forest import ForestShap
from sklearn.datasets import make_classification
from sklearn.ensemble import ExtraTreesRegressor, RandomForestClassifier, RandomForestRegressor
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

ROWS, TARGET = make_classification(400, 9, n_informative=5, n_classes=4, flip_y=0.3, random_state=3)
GAPS = np.where(np.random.default_rng(0).random(ROWS.shape) < 0.1, np.nan, ROWS)


@pytest.mark.parametrize(
    ("estimator", "rows", "target"),
    [
        (DecisionTreeClassifier(random_state=0), ROWS, TARGET),
        (DecisionTreeRegressor(max_leaf_nodes=9, random_state=0), ROWS, TARGET),
        (RandomForestClassifier(12, random_state=0), ROWS, TARGET == 1),
        (RandomForestClassifier(12, class_weight="balanced", random_state=0), GAPS, TARGET),
        (RandomForestRegressor(12, min_samples_leaf=3, random_state=0), GAPS, TARGET),
        (ExtraTreesRegressor(12, bootstrap=True, random_state=0), ROWS, TARGET),
        (DecisionTreeRegressor(max_depth=1, random_state=0), ROWS, np.zeros(len(ROWS))),
    ],
)
def test_values_are_shaps(estimator: Any, rows: np.ndarray, target: np.ndarray) -> None:
    import shap

    estimator.fit(rows, target)
    own, theirs = ForestShap(estimator), shap.TreeExplainer(estimator, feature_perturbation="tree_path_dependent")
    found = own.shap_values(rows[:25])
    expected = np.asarray(theirs.shap_values(rows[:25], check_additivity=False))
    np.testing.assert_allclose(found, expected.reshape(found.shape), atol=1e-12)
    np.testing.assert_allclose(own.expected_value, np.atleast_1d(theirs.expected_value), atol=1e-12)
    answers = estimator.predict_proba(rows[:25]) if hasattr(estimator, "classes_") else estimator.predict(rows[:25])
    np.testing.assert_allclose(found.sum(axis=1) + own.expected_value, answers.reshape(25, -1), rtol=1e-9, atol=1e-12)
