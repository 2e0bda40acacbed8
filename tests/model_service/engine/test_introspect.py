"""What estimators tell of the columns they read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from modeldesk.core.errors import PublishRefused
from modeldesk.model_service.engine.introspect import column_uses, columns_of, input_names, selected
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import VotingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler

ROWS = 40
DATA = pd.DataFrame(
    {
        "a": np.linspace(0, 1, ROWS),
        "b": np.arange(ROWS) % 5,
        "s": ["x", "y", "z", "x"] * (ROWS // 4),
        "u": np.linspace(3, 1, ROWS),
        "t": [f"some words number{i % 4}" for i in range(ROWS)],
        "y": np.arange(ROWS) % 2,
    }
)
X, Y = DATA.drop(columns="y"), DATA["y"]
NAMES = ("a", "b", "s", "u", "t")


def pipeline(*transformers: Any, **options: Any) -> Any:
    return make_pipeline(ColumnTransformer(list(transformers), **options), LogisticRegression())


@pytest.mark.parametrize(
    ("selection", "names"),
    [
        ("s", ["s"]),
        (["u", "a"], ["u", "a"]),
        (1, ["b"]),
        ([0, -1], ["a", "t"]),
        (slice(0, 2), ["a", "b"]),
        (slice("b", "u"), ["b", "s", "u"]),
        ([True, False, True, False, False], ["a", "s"]),
        (np.array([False, True, False, False, False]), ["b"]),
        (pd.Index(["a"]), ["a"]),
        ([], []),
    ],
)
def test_selections_of_every_kind(selection: Any, names: list[str]) -> None:
    assert selected(selection, NAMES) == names


@pytest.mark.parametrize(
    ("transformers", "options", "read"),
    [
        ([("n", StandardScaler(), ["b", "a"])], {}, ("a", "b")),
        ([("n", StandardScaler(), [0, 1])], {}, ("a", "b")),
        ([("n", StandardScaler(), slice(0, 2)), ("c", OneHotEncoder(), slice("s", "s"))], {}, ("a", "b", "s")),
        ([("n", StandardScaler(), make_column_selector(dtype_include="number"))], {}, ("a", "b", "u")),
        ([("n", StandardScaler(), [True, False, False, True, False])], {}, ("a", "u")),
        ([("d", "drop", ["s", "t", "u"])], {"remainder": "passthrough"}, ("a", "b")),
        ([("c", OneHotEncoder(), ["s"]), ("d", "drop", ["t"])], {"remainder": MinMaxScaler()}, ("a", "b", "s", "u")),
        ([("t", TfidfVectorizer(), "t"), ("p", "passthrough", ["u"])], {}, ("u", "t")),
    ],
)
def test_a_column_transformer_reads_what_it_names(
    transformers: list[Any], options: dict[str, Any], read: tuple[str, ...]
) -> None:
    model = pipeline(*transformers, **options).fit(X, Y)
    columns = columns_of(model, DATA, "y")
    assert columns.read == read
    assert (columns.names, columns.fitted_on, columns.known) == (NAMES, "frame", True)


def test_encoders_are_found_behind_imputers_and_wrappers() -> None:
    words = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder())
    inner = pipeline(("c", words, ["s"]), ("o", OrdinalEncoder(), ["b"]), ("n", "passthrough", ["b", "u"]))
    voting = VotingClassifier([("one", inner), ("two", LogisticRegression())], voting="soft")
    search = GridSearchCV(inner, {"logisticregression__C": [1.0]}, cv=2).fit(X, Y)
    for model in (inner.fit(X, Y), search, VotingClassifier([("one", inner)]).fit(X, Y)):
        uses = column_uses(model, NAMES)
        assert list(uses["s"].categories) == ["x", "y", "z"]
        assert (uses["s"].encoded, uses["s"].other) == (True, False)
        assert (uses["b"].encoded, uses["b"].other) == (True, True)
        assert (uses["u"].encoded, uses["u"].other) == (False, True)
        assert "a" not in uses
    numbers = X[["a", "b", "s", "u", "t"]].assign(s=1.0, t=2.0)
    uses = column_uses(voting.set_params(one=LogisticRegression()).fit(numbers, Y), NAMES)
    assert all(use.other for use in uses.values())
    assert len(uses) == 5


def test_a_text_pipeline_reads_one_column_by_itself() -> None:
    union = FeatureUnion([("words", TfidfVectorizer()), ("letters", TfidfVectorizer(analyzer="char"))])
    for first in (TfidfVectorizer(), union):
        model = make_pipeline(first, LogisticRegression()).fit(DATA["t"], Y)
        columns = columns_of(model, DATA[["t", "y", "a"]], "y")
        assert (columns.read, columns.fitted_on) == (("t",), "series")
        assert columns.uses["t"].vectorized
    with pytest.raises(PublishRefused, match="2 beside the target") as caught:
        columns_of(model, DATA, "y")
    assert caught.value.reason == "columns"


def test_bare_arrays_take_the_columns_in_order_or_refuse() -> None:
    model = LogisticRegression().fit(X[["a", "b"]].to_numpy(), Y)
    columns = columns_of(model, DATA[["a", "y", "b"]], "y")
    assert (columns.names, columns.fitted_on) == (("a", "b"), "array")
    with pytest.raises(PublishRefused, match=r"2 unnamed columns; the data has 5 beside the target 'y'") as caught:
        columns_of(model, DATA, "y")
    assert caught.value.reason == "columns"


def test_columns_the_data_lacks_are_named() -> None:
    model = LogisticRegression().fit(X[["a", "b", "u"]], Y)
    with pytest.raises(PublishRefused, match="2 of the columns that the model reads: 'a', 'u'"):
        columns_of(model, DATA[["b", "y"]], "y")


def test_a_column_that_is_dropped_need_not_be_there() -> None:
    model = pipeline(("n", "passthrough", ["a", "b"])).fit(X, Y)
    assert columns_of(model, DATA[["b", "a", "y"]], "y").read == ("a", "b")


def test_names_of_the_boosting_libraries() -> None:
    from catboost import CatBoostClassifier
    from lightgbm import LGBMClassifier
    from xgboost import XGBClassifier

    data = DATA[["a", "b"]].rename(columns={"a": "a b.c", "b": "b d"})
    catboost = CatBoostClassifier(iterations=2, verbose=0, allow_writing_files=False, thread_count=1)
    for model in (
        XGBClassifier(n_estimators=2, n_jobs=1),
        LGBMClassifier(n_estimators=2, n_jobs=1, verbose=-1),
        catboost,
    ):
        fitted = model.fit(data, Y)
        assert columns_of(fitted, data.assign(y=Y), "y").read == ("a b.c", "b d")
        model.fit(data.to_numpy(), Y)
        columns = columns_of(model, data.assign(y=Y), "y")
        assert (columns.names, columns.fitted_on) == (("a b.c", "b d"), "array")
    assert input_names(catboost) is None


def test_catboost_tells_its_words_and_texts() -> None:
    from catboost import CatBoostClassifier

    model = CatBoostClassifier(
        iterations=2, verbose=0, allow_writing_files=False, thread_count=1, cat_features=["s"], text_features=["t"]
    )
    uses = column_uses(model.fit(X, Y), NAMES)
    assert (uses["s"].encoded, uses["t"].vectorized, uses["a"].other) == (True, True, True)
