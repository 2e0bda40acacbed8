"""Parts of strange artifacts, importable as a user's own package would be: transformers and models of
people who know scikit-learn's conventions, half of them, or none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, TransformerMixin
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression


class Ratios(TransformerMixin, BaseEstimator):
    """Adds a ratio of two columns by their names: takes a DataFrame and gives one."""

    def __init__(self, over: str = "age", under: str = "income") -> None:
        self.over, self.under = over, under

    def fit(self, X: pd.DataFrame, y: Any = None) -> Ratios:
        self.medians_ = X[[self.over, self.under]].median()
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        filled = X.fillna(self.medians_)
        return filled.assign(ratio=filled[self.over] / filled[self.under])


class Picker(TransformerMixin, BaseEstimator):
    """Picks columns by name; counts what it picked rather than what it got."""

    def __init__(self, names: tuple[str, ...] = ()) -> None:
        self.names = names

    def fit(self, X: pd.DataFrame, y: Any = None) -> Picker:
        self.n_features_in_ = len(self.names)
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        return X[list(self.names)]


class Clip(BaseEstimator, TransformerMixin):
    """Clips to quantiles; no tags of scikit-learn are asked of it."""

    def fit(self, X: Any, y: Any = None) -> Clip:
        values = np.asarray(X, dtype=float)
        self.low_, self.high_ = np.nanquantile(values, [0.05, 0.95], axis=0)
        return self

    def transform(self, X: Any) -> np.ndarray:
        return np.clip(np.asarray(X, dtype=float), self.low_, self.high_)


class GroupMean(TransformerMixin, BaseEstimator):
    """Replaces words by the mean of the target, learnt in fit; keeps a plain dict."""

    def fit(self, X: pd.DataFrame, y: Any) -> GroupMean:
        self.column = X.columns[0]
        self.means = pd.Series(np.asarray(y, dtype=float)).groupby(X[self.column].to_numpy()).mean().to_dict()
        self.overall = float(np.mean(np.asarray(y, dtype=float)))
        return self

    def transform(self, X: pd.DataFrame) -> np.ndarray:
        return X[self.column].map(self.means).fillna(self.overall).to_numpy(dtype=float).reshape(-1, 1)


class Misnamed(TransformerMixin, BaseEstimator):
    """Has attributes that mean something else in scikit-learn's own classes."""

    def fit(self, X: Any, y: Any = None) -> Misnamed:
        self.categories_ = [None]
        self.steps = [1, 2, 3]
        self.statistics_ = "none"
        self.feature_names_ = 7
        return self

    @property
    def feature_names_in_(self) -> list[str]:
        raise RuntimeError("not for you")

    def transform(self, X: Any) -> Any:
        return X


class PlainMean:
    """A class with ``fit`` and ``predict`` and nothing else."""

    def fit(self, X: pd.DataFrame, y: Any) -> PlainMean:
        solution = np.linalg.lstsq(X.to_numpy(float), np.asarray(y, float), rcond=None)[0]
        self.weights = dict(zip(X.columns, solution, strict=True))
        return self

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        return sum(X[name].to_numpy(dtype=float) * weight for name, weight in self.weights.items())


class Wrapped:
    """A model inside ``self.model``, a list of its columns beside it."""

    def __init__(self, model: Any, columns: list[str]) -> None:
        self.model, self.columns = model, columns

    def predict(self, data: pd.DataFrame) -> Any:
        return self.model.predict(data[self.columns])


class WrappedWithProbabilities(Wrapped):
    """The same with ``predict_proba`` and no ``classes_``."""

    def predict_proba(self, data: pd.DataFrame) -> Any:
        return self.model.predict_proba(data[self.columns])


class Labels(Wrapped):
    """Turns probabilities into words by a threshold of its own."""

    def predict(self, data: pd.DataFrame) -> list[str]:
        chance = self.model.predict_proba(data[self.columns])[:, 1]
        return ["bad" if one > 0.4 else "good" for one in chance]


class TwoStage(RegressorMixin, BaseEstimator):
    """Whether there is an amount at all, times how much: counts columns, remembers no names, wants names."""

    def fit(self, X: pd.DataFrame, y: Any) -> TwoStage:
        amount = np.asarray(y, dtype=float)
        self.any_ = LogisticRegression(max_iter=500).fit(X[["age", "income"]].fillna(0) / [50, 30_000], amount > 900)
        self.much_ = LinearRegression().fit(X[["age"]].to_numpy(), amount)
        self.n_features_in_ = X.shape[1]
        return self

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        chance = self.any_.predict_proba(X[["age", "income"]].fillna(0) / [50, 30_000])[:, 1]
        return chance * self.much_.predict(X[["age"]].to_numpy())


class SingleSeries(RegressorMixin, BaseEstimator):
    """Gives its answers as a Series with the index of its rows."""

    def fit(self, X: pd.DataFrame, y: Any) -> SingleSeries:
        self.inner_ = GradientBoostingRegressor(n_estimators=8, random_state=0).fit(X, y)
        self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        return self

    def predict(self, X: pd.DataFrame) -> pd.Series:
        return pd.Series(self.inner_.predict(X), index=X.index)


class LooseClassifier(ClassifierMixin, BaseEstimator):
    """A classifier that keeps no ``classes_``."""

    def fit(self, X: pd.DataFrame, y: Any) -> LooseClassifier:
        self.cut_ = float(np.median(X.iloc[:, 0]))
        self.values_ = sorted(set(y))
        return self

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        return np.where(X.iloc[:, 0] > self.cut_, self.values_[-1], self.values_[0])


def log_of(values: Any) -> Any:
    """A logarithm of what is not negative, of frames and arrays."""
    return np.log1p(np.abs(values))


def first_letters(frame: pd.DataFrame) -> pd.DataFrame:
    """The first letter of every word, missing ones as a dash."""
    return frame.apply(lambda column: column.astype(object).where(column.notna(), "-").str[0])


def single_precision(values: Any) -> np.ndarray:
    """An array of float32."""
    return np.asarray(values, dtype=np.float32)
