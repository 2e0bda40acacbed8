"""The zoo's special houses: text, dates, native categories, anomalies, and other libraries."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn import (
    compose,
    ensemble,
    feature_extraction,
    linear_model,
    pipeline,
    preprocessing,
)
from sklearn.neighbors import LocalOutlierFactor

from tests.zoo_data import (
    cancer,
    fitted,
    fitted_mixed,
    iris,
    people,
    some_people,
    specimen,
)

# ---- text, dates, native categories ----------------------------------------------------------


@specimen
def text() -> tuple[Any, pd.DataFrame, str]:
    """A text column turned into a sparse matrix, beside a number."""
    generator = np.random.default_rng(3)
    good, poor = ["fine", "great", "lovely", "quick"], ["late", "broken", "poor", "slow"]
    labels = generator.random(160) < 0.5
    words = [" ".join(generator.choice(good if label else poor, 4)) + " parcel" for label in labels]
    table = pd.DataFrame({"review": words, "stars": generator.integers(1, 6, 160), "kept": labels})
    prepare = compose.ColumnTransformer(
        [("words", feature_extraction.text.TfidfVectorizer(), "review"), ("stars", "passthrough", ["stars"])]
    )
    return fitted(pipeline.make_pipeline(prepare, linear_model.LogisticRegression()), table, "kept")


def date_parts(frame: pd.DataFrame) -> pd.DataFrame:
    """Year and month of every datetime column; stands for a function of a user's own package."""
    parts = {}
    for name in frame.columns:
        moment = pd.to_datetime(frame[name])
        parts[f"{name} year"] = moment.dt.year
        parts[f"{name} month"] = moment.dt.month
    return pd.DataFrame(parts, index=frame.index)


@specimen
def dates() -> tuple[Any, pd.DataFrame, str]:
    """A datetime column through a function that can be imported."""
    table = people()[["since", "age", "amount"]].copy()
    prepare = compose.ColumnTransformer(
        [("date", preprocessing.FunctionTransformer(date_parts), ["since"])], remainder="passthrough"
    )
    return fitted(pipeline.make_pipeline(prepare, linear_model.Ridge()), table, "amount")


def _categories() -> pd.DataFrame:
    table = people()[["age", "income", "region", "bad"]].copy()
    table["region"] = table["region"].astype(pd.CategoricalDtype(["south", "north", "west", "east", "abroad"]))
    table["bad"] = table["bad"].astype(int)
    return table


@specimen
def native_categories() -> tuple[Any, pd.DataFrame, str]:
    """Histogram boosting with pandas categories and missing values, as they are."""
    model = ensemble.HistGradientBoostingClassifier(max_iter=12, categorical_features="from_dtype", random_state=0)
    return fitted(model, _categories(), "bad")


@specimen
def boosted_regression() -> tuple[Any, pd.DataFrame, str]:
    """Histogram boosting of a number, missing values as they are."""
    table = people()[["age", "income", "amount"]].copy()
    return fitted(ensemble.HistGradientBoostingRegressor(max_iter=12, random_state=0), table, "amount")


@specimen
def sparse_hashing() -> tuple[Any, pd.DataFrame, str]:
    """Sparse one-hot columns into a linear model that stays sparse."""
    table, _ = some_people("bad", "age", "region", "owner")
    table["region"] = table["region"].fillna("unknown")
    bins = preprocessing.KBinsDiscretizer(5, encode="onehot", quantile_method="averaged_inverted_cdf")
    prepare = compose.ColumnTransformer(
        [
            ("words", preprocessing.OneHotEncoder(handle_unknown="ignore", sparse_output=True), ["region"]),
            ("ages", bins, ["age"]),
        ],
        sparse_threshold=1.0,
    )
    model = linear_model.SGDClassifier(loss="log_loss", random_state=0)
    return fitted(pipeline.make_pipeline(prepare, model), table, "bad")


# ---- anomaly ---------------------------------------------------------------------------------


@specimen
def isolation() -> tuple[Any, pd.DataFrame, None]:
    """An isolation forest, no target."""
    table = cancer().drop(columns="target")
    return ensemble.IsolationForest(n_estimators=30, contamination=0.05, random_state=0).fit(table), table, None


@specimen
def local_outliers() -> tuple[Any, pd.DataFrame, None]:
    """Local outlier factors behind a scaler."""
    table = iris().drop(columns="species")
    model = pipeline.make_pipeline(preprocessing.StandardScaler(), LocalOutlierFactor(novelty=True))
    return model.fit(table), table, None


# ---- other libraries -------------------------------------------------------------------------


@specimen
def xgboost_binary() -> tuple[Any, pd.DataFrame, str]:
    """XGBoost with missing values, whole-number classes, answers in float32."""
    from xgboost import XGBClassifier

    table = people()[["age", "income", "bad"]].assign(bad=lambda frame: frame["bad"].astype(int))
    return fitted(XGBClassifier(n_estimators=15, max_depth=3, n_jobs=1), table, "bad")


@specimen
def xgboost_in_pipeline() -> tuple[Any, pd.DataFrame, str]:
    """XGBoost regression behind a ColumnTransformer."""
    from xgboost import XGBRegressor

    return fitted_mixed(XGBRegressor(n_estimators=15, max_depth=3, n_jobs=1), "amount")


@specimen
def lightgbm_categories() -> tuple[Any, pd.DataFrame, str]:
    """LightGBM with pandas categories."""
    from lightgbm import LGBMClassifier

    return fitted(LGBMClassifier(n_estimators=15, min_child_samples=5, n_jobs=1, verbose=-1), _categories(), "bad")


@specimen
def lightgbm_words() -> tuple[Any, pd.DataFrame, str]:
    """LightGBM on three word classes."""
    from lightgbm import LGBMClassifier

    table = people()[["age", "income", "grade"]].copy()
    return fitted(LGBMClassifier(n_estimators=10, n_jobs=1, verbose=-1), table, "grade")


@specimen
def catboost_regression() -> tuple[Any, pd.DataFrame, str]:
    """CatBoost with a word column as it is."""
    from catboost import CatBoostRegressor

    table = people()[["age", "income", "region", "amount"]].copy()
    table["region"] = table["region"].fillna("unknown")
    model = CatBoostRegressor(
        iterations=20, depth=3, cat_features=["region"], verbose=0, allow_writing_files=False, thread_count=1
    )
    return fitted(model, table, "amount")


@specimen
def catboost_words() -> tuple[Any, pd.DataFrame, str]:
    """CatBoost on three word classes: its predict answers a column."""
    from catboost import CatBoostClassifier

    model = CatBoostClassifier(iterations=15, depth=3, verbose=0, allow_writing_files=False, thread_count=1)
    return fitted(model, iris(), "species")
