"""Estimators that decompose exactly: linear models, and trees by Tree SHAP.

Tree SHAP (Lundberg et al. 2020) in the form that takes each tree's own training covers for the
background. XGBoost, LightGBM and CatBoost bring their own; shap has it for scikit-learn's
boosting, ``forest`` for its forests.
Nothing here is trusted: ``choose`` and ``Explainer`` compare the sums with the model's answers.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from modeldesk.model_service.engine.foreign import Booster
from modeldesk.model_service.explain.forest import ForestShap
from modeldesk.model_service.package.insights import ExplainerSpec

MAX_DENSE_CELLS = 20_000_000
"""shap reads dense rows only; wider sparse ones go to the permutation method."""


class Additive(Protocol):
    """An estimator whose margins are a base plus one term a column."""

    float32: bool

    def decompose(self, rows: Any) -> tuple[np.ndarray, np.ndarray]:
        """Terms by input feature (n, m, k) and the base (k,), for rows as the estimator reads them."""


def tree_of(estimator: Any, sources: list[int], features: int, *, keep: bool = False) -> Additive | None:
    """Tree SHAP for a tree estimator of a library that has it; None for any other. ``keep`` as for ForestShap.

    Raises what the library raises where it does not support this one.
    """
    library = type(estimator).__module__.partition(".")[0]
    by_source = _sum_matrix(sources, features)
    if isinstance(estimator, Booster):
        return _Native(estimator, by_source)
    if library == "xgboost":
        return _XGBoost(estimator, by_source)
    if library == "lightgbm":
        return _LightGBM(estimator, by_source)
    if library == "catboost":
        return _CatBoost(estimator, by_source)
    if library == "sklearn" and type(estimator).__name__ in _FORESTS:
        return _SklearnTrees(ForestShap(estimator, keep=keep), by_source)
    if library == "sklearn" and type(estimator).__name__ in _BOOSTING:
        import shap  # takes seconds

        return _SklearnTrees(shap.TreeExplainer(estimator, feature_perturbation="tree_path_dependent"), by_source)
    return None


def linear_of(estimator: Any, sources: list[int], features: int) -> Linear | None:
    """The terms of an estimator with coefficients; None where it has none."""
    try:
        coefficients, intercept = estimator.coef_, estimator.intercept_
    except AttributeError:
        return None
    if hasattr(coefficients, "toarray"):
        coefficients = coefficients.toarray()
    coefficients = np.atleast_2d(np.asarray(coefficients, dtype=float))
    if coefficients.shape[1] != len(sources):
        return None
    constant = np.broadcast_to(np.asarray(intercept, dtype=float).ravel(), (len(coefficients),))
    return Linear(coefficients, constant, sources, features)


_FORESTS = frozenset(
    {
        *("DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreeClassifier", "ExtraTreeRegressor"),
        *("RandomForestClassifier", "RandomForestRegressor", "ExtraTreesClassifier", "ExtraTreesRegressor"),
    }
)
_BOOSTING = frozenset(
    {
        *("GradientBoostingClassifier", "GradientBoostingRegressor"),
        *("HistGradientBoostingClassifier", "HistGradientBoostingRegressor"),
    }
)


class Linear:
    """coefficient × (value − mean), summed by input feature."""

    float32 = False

    def __init__(self, coefficients: np.ndarray, intercept: np.ndarray, sources: list[int], features: int) -> None:
        self._coefficients = coefficients
        self._intercept = intercept
        self._by_source = _sum_matrix(sources, features)
        self.centre = np.zeros((len(coefficients), features))

    def terms(self, rows: Any) -> np.ndarray:
        """coefficient × value by input feature, (n, m, k)."""
        if hasattr(rows, "tocsr"):
            sparse = rows.tocsr()
            parts = [
                np.asarray((sparse.multiply(row[None, :]) @ self._by_source).toarray()) for row in self._coefficients
            ]
        else:
            dense = np.asarray(rows, dtype=float)
            parts = [np.asarray((dense * row[None, :]) @ self._by_source) for row in self._coefficients]
        return np.stack(parts, axis=2)

    def decompose(self, rows: Any) -> tuple[np.ndarray, np.ndarray]:
        """See ``Additive``. ``centre`` must have been set."""
        return self.terms(rows) - self.centre.T[None, :, :], self._intercept + self.centre.sum(axis=1)


class _Boosted:
    """A boosting library's own Tree SHAP, with columns summed back to their sources."""

    float32 = True

    def __init__(self, estimator: Any, by_source: Any) -> None:
        self._estimator = estimator
        self._by_source = by_source

    def _summed(self, values: Any) -> tuple[np.ndarray, np.ndarray]:
        """Terms and base from (n, columns + 1) or (n, k, columns + 1), whose last column is the base."""
        array = np.asarray(values, dtype=float)
        if array.ndim == 2:
            array = array[:, None, :]
        return _by_input(array[:, :, :-1].transpose(0, 2, 1), self._by_source), array[0, :, -1]


class _Native(_Boosted):
    """A booster without its library's scikit-learn interface."""

    def decompose(self, rows: Any) -> tuple[np.ndarray, np.ndarray]:
        return self._summed(self._estimator.contributions(rows))


class _XGBoost(_Boosted):
    def decompose(self, rows: Any) -> tuple[np.ndarray, np.ndarray]:
        import xgboost

        model = self._estimator
        matrix = xgboost.DMatrix(rows, missing=model.missing, enable_categorical=True, nthread=1)
        best = getattr(model, "best_iteration", None) if model.get_booster().attr("best_iteration") else None
        until = (0, best + 1) if best is not None else (0, 0)
        return self._summed(model.get_booster().predict(matrix, pred_contribs=True, iteration_range=until))


class _LightGBM(_Boosted):
    def decompose(self, rows: Any) -> tuple[np.ndarray, np.ndarray]:
        values = self._estimator.predict(rows, pred_contrib=True)
        if isinstance(values, list):  # sparse rows, several classes
            values = np.hstack([part.toarray() for part in values])
        elif hasattr(values, "toarray"):
            values = values.toarray()
        width = int(self._estimator.n_features_in_) + 1
        return self._summed(np.asarray(values).reshape(len(values), -1, width))


class _CatBoost(_Boosted):
    def decompose(self, rows: Any) -> tuple[np.ndarray, np.ndarray]:
        import catboost

        pool = catboost.Pool(rows, cat_features=self._estimator.get_cat_feature_indices() or None)
        return self._summed(self._estimator.get_feature_importance(pool, type="ShapValues"))


class _SklearnTrees:
    """scikit-learn's trees, through an explainer with shap's ``shap_values`` and ``expected_value``."""

    float32 = False

    def __init__(self, explainer: Any, by_source: Any) -> None:
        self._explainer = explainer
        self._by_source = by_source

    def decompose(self, rows: Any) -> tuple[np.ndarray, np.ndarray]:
        if hasattr(rows, "toarray"):
            if rows.shape[0] * rows.shape[1] > MAX_DENSE_CELLS:
                raise ValueError("The rows are too wide to be made dense.")
            rows = rows.toarray()
        dense = np.asarray(rows, dtype=float)
        own = {} if isinstance(self._explainer, ForestShap) else {"check_additivity": False}
        values = np.asarray(self._explainer.shap_values(dense, **own), dtype=float)
        if values.ndim == 2:
            values = values[:, :, None]
        base = np.atleast_1d(np.asarray(self._explainer.expected_value, dtype=float)).ravel()
        return _by_input(values, self._by_source), base


def rebuild(spec: ExplainerSpec, estimator: Any, features: int) -> Additive | None:
    """The decomposition that was recorded for a version, for its final estimator; None for the
    permutation method. Raises what the library raises."""
    if spec.method == "permutation":
        return None
    sources = [index for index, count in spec.columns for _ in range(count)]
    if spec.method == "tree":
        return tree_of(estimator, sources, features, keep=True)
    result = linear_of(estimator, sources, features)
    if result is not None:
        result.centre = np.array(spec.centre, dtype=float)
    return result


def _by_input(values: np.ndarray, by_source: Any) -> np.ndarray:
    """Terms by column (n, columns, k) as terms by input feature (n, m, k)."""
    return np.stack([np.asarray(values[:, :, output] @ by_source) for output in range(values.shape[2])], axis=2)


def _sum_matrix(sources: list[int], features: int) -> Any:
    """The sparse (columns, features) matrix that sums columns to the feature they came from."""
    from scipy.sparse import csr_array

    indices = (np.arange(len(sources)), np.array(sources, dtype=int))
    return csr_array((np.ones(len(sources)), indices), shape=(len(sources), features))
