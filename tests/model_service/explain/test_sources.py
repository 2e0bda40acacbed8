"""Which input each column inside a pipeline comes from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from modeldesk.model_service.explain.sources import single_sources, trace, transform, unwrap
from sklearn import compose, decomposition, feature_selection, impute, pipeline, preprocessing
from sklearn.feature_extraction.text import TfidfVectorizer

ROWS = pd.DataFrame(
    {
        "a": [1.0, 2.0, np.nan, 4.0, 5.0, 7.0],
        "b": [3.0, 1.0, 2.0, 5.0, 4.0, 9.0],
        "c": ["x", "y", "x", "z", "y", "x"],
        "t": ["good day", "bad day", "good", "night", "bad night", "day"],
    }
)
TARGET = np.array([0, 1, 0, 1, 1, 0])


def sources_of(step: Any, columns: list[str]) -> list[set[int]]:
    rows = ROWS[columns]
    step.fit(rows, TARGET)
    return [set(found) for found in trace([step], rows, len(columns))]


def numbers() -> Any:
    return pipeline.make_pipeline(impute.SimpleImputer(add_indicator=True), preprocessing.StandardScaler())


@pytest.mark.parametrize(
    ("step", "columns", "expected"),
    [
        (preprocessing.StandardScaler(), ["a", "b"], [{0}, {1}]),
        (impute.SimpleImputer(add_indicator=True), ["a", "b"], [{0}, {1}, {0}]),
        (preprocessing.OneHotEncoder(), ["c"], [{0}] * 3),
        (preprocessing.OneHotEncoder(drop="first"), ["b", "c"], [{0}] * 5 + [{1}] * 2),
        (preprocessing.OneHotEncoder(min_frequency=2), ["b", "c"], [{0}] + [{1}] * 3),
        (preprocessing.KBinsDiscretizer(3), ["b"], [{0}] * 3),
        (preprocessing.SplineTransformer(n_knots=3, degree=2), ["b"], [{0}] * 4),
        (preprocessing.FunctionTransformer(np.log1p), ["a", "b"], [{0}, {1}]),
        (preprocessing.FunctionTransformer(lambda rows: rows * 2), ["a", "b"], [{0, 1}] * 2),
        (preprocessing.FunctionTransformer(lambda rows: rows * 2), ["b"], [{0}]),
        (preprocessing.PolynomialFeatures(2, include_bias=False), ["b"], [{0}] * 2),
        (compose.make_column_transformer((decomposition.PCA(1), ["b"])), ["a", "b"], [{1}]),
        (
            compose.make_column_transformer((preprocessing.OneHotEncoder(), ["c"]), remainder="passthrough"),
            ["b", "c"],
            [{1}, {1}, {1}, {0}],
        ),
        (
            compose.make_column_transformer((numbers(), ["a", "b"]), (TfidfVectorizer(), "t"), ("drop", ["c"])),
            ["a", "b", "c", "t"],
            [{0}, {1}, {0}] + [{3}] * 4,
        ),
        (
            compose.make_column_transformer(("passthrough", [True, False]), ("passthrough", slice("b", "b"))),
            ["a", "b"],
            [{0}, {1}],
        ),
        (
            pipeline.make_union(preprocessing.StandardScaler(), preprocessing.MinMaxScaler()),
            ["a", "b"],
            [{0}, {1}, {0}, {1}],
        ),
    ],
)
def test_each_column_knows_its_inputs(step: Any, columns: list[str], expected: list[set[int]]) -> None:
    found = sources_of(step, columns)
    assert found == expected
    assert len(found) == transform([step], ROWS[columns]).shape[1]


def test_selection_keeps_the_sources_of_what_it_keeps() -> None:
    rows = ROWS[["a", "b"]].fillna(0.0)
    step = feature_selection.SelectKBest(k=1).fit(rows, TARGET)
    assert trace([step], rows, 2) == [frozenset({int(np.flatnonzero(step.get_support())[0])})]


def test_components_of_several_inputs_have_no_single_source() -> None:
    rows = ROWS[["a", "b"]].fillna(0.0)
    step = decomposition.PCA(2).fit(rows)
    assert single_sources([step], rows, [], 2) == (
        [],
        "a column inside the model is made from several inputs",
    )


def test_a_step_that_is_not_what_its_name_says_is_found_out() -> None:
    class StandardScaler(preprocessing.StandardScaler):
        def transform(self, rows: Any, copy: bool | None = None) -> Any:
            scaled = super().transform(rows)
            return scaled + scaled[:, ::-1]

    rows = ROWS[["a", "b"]].fillna(0.0)
    step = StandardScaler().fit(rows)
    moved = [
        (np.arange(2) == place, rows.assign(**{name: rows[name].to_numpy()[::-1]})) for place, name in enumerate("ab")
    ]
    assert single_sources([step], rows, moved, 2) == ([], "a preprocessing step mixes inputs")


def test_unwrapping_reaches_the_final_estimator() -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import FixedThresholdClassifier, GridSearchCV

    inner = pipeline.make_pipeline(preprocessing.StandardScaler(), "passthrough", LogisticRegression())
    search = GridSearchCV(inner, {"logisticregression__C": [1.0]}, cv=2)
    rows = ROWS[["b"]]
    steps, final = unwrap(FixedThresholdClassifier(search).fit(rows, TARGET))
    assert [type(step).__name__ for step in steps] == ["StandardScaler"]
    assert isinstance(final, LogisticRegression)
