"""Artifacts of libraries that do not follow scikit-learn, given the methods that an estimator has.

``adapted`` is applied to whatever a file held, at publication, in the proof and when serving
alike; what it does not know comes back as it is.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from sklearn.utils.metaestimators import available_if

from modeldesk.core.errors import PublishRefused

_CLASSES_ALONE = ("binary:hinge", "multi:softmax")
"""Objectives of XGBoost that answer a class and no probability."""


def adapted(artifact: Any) -> Any:
    """The artifact, or an estimator that asks it: a booster of LightGBM or XGBoost without their
    scikit-learn interface, CatBoost's general class, the results of a statsmodels fit."""
    kind = type(artifact)
    library = kind.__module__.partition(".")[0]
    if library == "lightgbm" and kind.__name__ == "Booster":
        return LightGBMBooster(artifact)
    if library == "xgboost" and kind.__name__ == "Booster":
        return XGBoostBooster(artifact)
    if library == "catboost" and kind.__name__ == "CatBoost":
        return CatBoostModel(artifact)
    if library == "statsmodels" and hasattr(artifact, "model") and callable(getattr(artifact, "predict", None)):
        return StatsmodelsResults(artifact)
    return artifact


_OF_THEIR_OWN = ("", "none", "custom")
"""Objectives of a user's own function, whose scale nobody can tell."""


def _has_probabilities(adapter: Adapter) -> bool:
    return hasattr(adapter, "classes_") and adapter.objective not in _CLASSES_ALONE


_where_it_has_probabilities: Callable[[Callable[..., np.ndarray]], Callable[..., np.ndarray]]
_where_it_has_probabilities = available_if(_has_probabilities)


class Adapter:
    """What the adapters have in common.

    ``artifact`` is the object that was saved. ``objective`` tells what it was fitted for, in its
    library's words. An adapter of a classifier has ``classes_`` and, where it knows probabilities,
    ``predict_proba``; one that remembers its columns has ``feature_names_in_``, one that was fitted
    on an array only ``n_features_in_``.
    """

    classes_: np.ndarray
    feature_names_in_: np.ndarray
    n_features_in_: int

    def __init__(self, artifact: Any) -> None:
        self.artifact = artifact
        self.objective = ""

    def _know_columns(self, names: list[str] | None, count: int) -> None:
        self.n_features_in_ = count
        if names is not None:
            self.feature_names_in_ = np.asarray(names, dtype=object)

    def _know_classes(self, count: int) -> None:
        self.classes_ = np.arange(count)

    @property
    def predicts_amounts(self) -> bool:
        """Whether its answers are amounts of the target, as far as its objective tells."""
        return not hasattr(self, "classes_") and self.objective not in _OF_THEIR_OWN

    def __sklearn_is_fitted__(self) -> bool:
        return True


class Booster(Adapter, ABC):
    """Gradient boosting by its library's own interface: one number or one number a class."""

    @abstractmethod
    def scores(self, rows: Any) -> np.ndarray:
        """What the booster's own ``predict`` answers."""

    @abstractmethod
    def contributions(self, rows: Any) -> np.ndarray:
        """Tree SHAP values, with the base in the last column: (n, columns + 1) or (n, k, columns + 1)."""

    def predict(self, rows: Any) -> np.ndarray:
        """The class of the highest probability, or the value."""
        if not hasattr(self, "classes_"):
            return self.scores(rows)
        return np.asarray(self.classes_[_by_class(self.scores(rows)).argmax(axis=1)])

    @_where_it_has_probabilities
    def predict_proba(self, rows: Any) -> np.ndarray:
        """A probability a class, (n, k), where the objective gives them."""
        return _by_class(self.scores(rows))


def _by_class(scores: np.ndarray) -> np.ndarray:
    """Probabilities a class from those of the second class, or as they are."""
    return np.column_stack([1 - scores, scores]) if scores.ndim == 1 else scores


class LightGBMBooster(Booster):
    """``lightgbm.Booster``: by its own names and objective."""

    _DEFAULT: ClassVar[str] = "Column_"

    def __init__(self, artifact: Any) -> None:
        super().__init__(artifact)
        names = [str(name) for name in artifact.feature_name()]
        numbered = names == [f"{self._DEFAULT}{place}" for place in range(len(names))]
        self._know_columns(None if numbered else names, len(names))
        self.objective = _lightgbm_objective(artifact)
        if classes := _lightgbm_classes(artifact):
            self._know_classes(classes)

    def scores(self, rows: Any) -> np.ndarray:
        """What the booster's own ``predict`` answers, by one thread."""
        return np.asarray(self.artifact.predict(rows, num_threads=1))

    def contributions(self, rows: Any) -> np.ndarray:
        """Tree SHAP values with the base last."""
        values = np.asarray(self.artifact.predict(rows, pred_contrib=True, num_threads=1))
        return values.reshape(len(values), -1, self.n_features_in_ + 1)


def _lightgbm_objective(booster: Any) -> str:
    for line in booster.model_to_string(num_iteration=1).splitlines():
        if line.startswith("objective="):
            return str(line.removeprefix("objective=").partition(" ")[0])
    return ""


def _lightgbm_classes(booster: Any) -> int:
    objective = _lightgbm_objective(booster)
    if objective == "binary":
        return 2
    return int(booster.num_model_per_iteration()) if objective in ("multiclass", "multiclassova") else 0


class XGBoostBooster(Booster):
    """``xgboost.Booster``: by its own names and objective."""

    def __init__(self, artifact: Any) -> None:
        super().__init__(artifact)
        self._know_columns(artifact.feature_names, int(artifact.num_features()))
        self.objective, classes = _xgboost_objective(artifact)
        if self.objective in ("binary:logistic", "binary:hinge"):
            self._know_classes(2)
        elif self.objective in ("multi:softprob", "multi:softmax"):
            self._know_classes(classes)

    def scores(self, rows: Any) -> np.ndarray:
        """What the booster's own ``predict`` answers."""
        return np.asarray(self.artifact.predict(self._matrix(rows)))

    def predict(self, rows: Any) -> np.ndarray:
        """The class, which some objectives answer by themselves, or the value."""
        if self.objective in _CLASSES_ALONE:
            return np.asarray(self.classes_[self.scores(rows).astype(int)])
        return super().predict(rows)

    def contributions(self, rows: Any) -> np.ndarray:
        """Tree SHAP values with the base last."""
        return np.asarray(self.artifact.predict(self._matrix(rows), pred_contribs=True))

    def _matrix(self, rows: Any) -> Any:
        import xgboost

        return xgboost.DMatrix(rows, enable_categorical=True, nthread=1)


def _xgboost_objective(booster: Any) -> tuple[str, int]:
    """The objective's name, and the number of classes where it has several."""
    learner = json.loads(booster.save_config())["learner"]
    return str(learner["objective"]["name"]), int(learner["learner_model_param"]["num_class"])


class CatBoostModel(Adapter):
    """CatBoost's general class, whose ``predict`` answers raw sums even where it has classes."""

    def __init__(self, artifact: Any) -> None:
        super().__init__(artifact)
        names = [str(name) for name in artifact.feature_names_ or []]
        numbered = names == [str(place) for place in range(len(names))]
        self._know_columns(None if numbered else names, len(names))
        self.objective = str(artifact.get_all_params().get("loss_function", ""))
        if len(artifact.classes_):
            self.classes_ = np.asarray(artifact.classes_)

    def get_cat_feature_indices(self) -> list[int]:
        """The places of its categories, as CatBoost tells them."""
        return list(self.artifact.get_cat_feature_indices())

    def get_text_feature_indices(self) -> list[int]:
        """The places of its texts, as CatBoost tells them."""
        return list(self.artifact.get_text_feature_indices())

    def predict(self, rows: Any) -> np.ndarray:
        """The class, or the value."""
        if hasattr(self, "classes_"):
            return np.asarray(self.artifact.predict(rows, prediction_type="Class", thread_count=1)).ravel()
        return np.asarray(self.artifact.predict(rows, thread_count=1))

    @_where_it_has_probabilities
    def predict_proba(self, rows: Any) -> np.ndarray:
        """A probability a class, (n, k)."""
        return np.asarray(self.artifact.predict(rows, prediction_type="Probability", thread_count=1))


_STATSMODELS_BINARY = frozenset({"Logit", "Probit"})
_STATSMODELS_CLASSES = frozenset({"MNLogit", "OrderedModel"})
_STATSMODELS_TIMES = ("statsmodels.tsa", "statsmodels.duration")


class StatsmodelsResults(Adapter):
    """The results of a statsmodels fit, by formula or by arrays.

    A constant that was added to the inputs before the fit (``sm.add_constant``) is added here, so
    that nobody is asked for it.
    """

    _NOT_ROWS: ClassVar[str] = "It answers for times that follow those it was fitted on, or for a risk over time."

    def __init__(self, artifact: Any) -> None:
        super().__init__(artifact)
        model = artifact.model
        kind = type(model)
        self.objective = kind.__name__
        if kind.__module__.startswith(_STATSMODELS_TIMES):
            raise PublishRefused(
                "unsupported",
                f"statsmodels' {kind.__name__} does not answer row by row. {self._NOT_ROWS}",
                hint="Publish a model that predicts one row from its inputs: a regression on lagged columns, say.",
            )
        if kind.__name__ in _STATSMODELS_CLASSES:
            raise PublishRefused(
                "unsupported",
                f"statsmodels' {kind.__name__} answers a probability a class and does not keep the classes' names.",
                hint="Train scikit-learn's LogisticRegression on the same classes, or wrap the results in a class "
                "of an installed module with predict, predict_proba and classes_.",
            )
        self._constant: int | None = None
        if not _by_formula(model):
            names = [str(name) for name in model.exog_names]
            self._constant = names.index("const") if "const" in names else None
            inputs = [name for name in names if name != "const"]
            framed = isinstance(model.data.orig_exog, pd.DataFrame)
            self._know_columns(inputs if framed else None, len(inputs))
        if _two_outcomes(model):
            self._know_classes(2)

    def predict(self, rows: Any) -> np.ndarray:
        """The expected value; for two outcomes the likelier one."""
        if not hasattr(self, "classes_"):
            return self._expected(rows)
        return np.asarray(self.classes_[self.predict_proba(rows).argmax(axis=1)])

    @_where_it_has_probabilities
    def predict_proba(self, rows: Any) -> np.ndarray:
        """The probabilities of both outcomes, (n, 2)."""
        return _by_class(self._expected(rows))

    def _expected(self, rows: Any) -> np.ndarray:
        """What the results' own ``predict`` answers."""
        if self._constant is None:
            return np.asarray(self.artifact.predict(rows), dtype=float)
        if isinstance(rows, pd.DataFrame):
            whole = rows.copy()
            whole.insert(self._constant, "const", 1.0)
            return np.asarray(self.artifact.predict(whole), dtype=float)
        return np.asarray(self.artifact.predict(np.insert(rows, self._constant, 1.0, axis=1)), dtype=float)


def _by_formula(model: Any) -> bool:
    return getattr(model, "formula", None) is not None


def _two_outcomes(model: Any) -> bool:
    if type(model).__name__ in _STATSMODELS_BINARY:
        return True
    family = type(getattr(model, "family", None)).__name__
    endog = getattr(model, "endog", None)
    return family == "Binomial" and endog is not None and bool(np.isin(endog, (0, 1)).all())
