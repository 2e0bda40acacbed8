"""The contract inferred from artifact and data together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from modeldesk.core.errors import PublishRefused
from modeldesk.model_service.engine.introspect import ColumnUse
from modeldesk.model_service.engine.probe import Probe
from modeldesk.model_service.schema.infer import infer_schema, named_columns
from modeldesk.model_service.schema.infer_columns import describe_column
from modeldesk.model_service.schema.schema import QUANTILE_LEVELS, Feature, ModelSchema
from modeldesk.model_service.validation.records import check_records, records_of
from sklearn.base import BaseEstimator, RegressorMixin, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, StandardScaler

from tests.zoo import ZOO

ROWS = 120


def data() -> pd.DataFrame:
    generator = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "a": generator.normal(size=ROWS),
            "b": generator.integers(0, 9, ROWS),
            "s": generator.choice(["x", "y", "z"], ROWS, p=[0.1, 0.6, 0.3]),
            "u": generator.normal(size=ROWS),
            "f": generator.random(ROWS) < 0.5,
            "y": generator.integers(0, 2, ROWS),
        }
    )


def same_answers(estimator: Any, schema: ModelSchema, frame: pd.DataFrame) -> None:
    """Rows through records and contract are answered as the artifact answers them directly."""
    probe = Probe(estimator, schema.fitted_on)
    rows = frame[list(schema.names)]
    checked = check_records(schema, None, records_of(schema, rows))
    assert list(checked.frame.dtypes) == list(rows.dtypes)
    own, ours = probe.outputs(rows), probe.outputs(checked.frame)
    alone = np.vstack([probe.outputs(check_records(schema, None, [r]).frame) for r in list(checked.records)[:5]])
    if own.dtype.kind in "fiub":
        np.testing.assert_allclose(ours.astype(float), own.astype(float), rtol=0, atol=1e-12)
        np.testing.assert_allclose(alone.astype(float), own[:5].astype(float), rtol=0, atol=1e-9)
    else:
        assert (own == ours).all()
        assert (alone == own[:5]).all()


@pytest.mark.parametrize("name", sorted(ZOO))
def test_the_whole_zoo_is_understood(name: str) -> None:
    specimen = ZOO[name]()
    schema = infer_schema(specimen.estimator, specimen.data, target=specimen.target)
    same_answers(specimen.estimator, schema, specimen.data)
    assert specimen.target not in schema.names
    for feature in schema.features:
        if specimen.data[feature.name].isna().any():
            assert feature.missing_allowed
        if feature.missing_allowed:
            emptied = [{**schema.defaults(), feature.name: None}]
            answered = Probe(specimen.estimator, schema.fitted_on).answers(check_records(schema, None, emptied).frame)
            assert answered.all()


def fit(frame: pd.DataFrame, *transformers: Any, model: Any = None, **options: Any) -> Any:
    prepare = ColumnTransformer(list(transformers), **options)
    return make_pipeline(prepare, model or LogisticRegression()).fit(frame.drop(columns="y"), frame["y"])


def test_what_is_read_and_what_is_taken() -> None:
    frame = data()
    model = fit(
        frame,
        ("n", SimpleImputer(), ["a"]),
        ("m", StandardScaler(), ["u"]),
        ("c", OneHotEncoder(handle_unknown="ignore"), ["s"]),
        ("o", OrdinalEncoder(), ["b"]),
    )
    schema = infer_schema(model, frame, target="y")
    assert schema.names == ("a", "b", "s", "u")
    assert schema.unread == ("f",)
    taken = {
        feature.name: (feature.type, feature.missing_allowed, feature.unseen_allowed) for feature in schema.features
    }
    assert taken == {
        "a": ("number", True, True),
        "u": ("number", False, True),
        "s": ("category", True, True),
        "b": ("category", False, False),
    }
    assert [option.value for option in schema.feature("b").options] == list(range(9))
    assert [option.value for option in schema.feature("s").options] == ["y", "z", "x"]
    same_answers(model, schema, frame)


def test_objects_with_none_are_probed_with_none() -> None:
    frame = data().astype({"s": object})
    frame.loc[::7, "s"] = None
    words = make_pipeline(
        SimpleImputer(strategy="most_frequent", missing_values=None), OneHotEncoder(handle_unknown="ignore")
    )
    model = fit(frame, ("c", words, ["s"]), ("n", "passthrough", ["a"]))
    schema = infer_schema(model, frame, target="y")
    assert (schema.feature("s").null, schema.feature("s").missing_allowed) == ("none", True)
    same_answers(model, schema, frame)


def test_nullable_columns_stay_nullable() -> None:
    frame = data().astype({"b": "Int64", "f": "boolean", "a": "Float64"})
    frame.loc[::9, ["b", "f"]] = pd.NA
    model = HistGradientBoostingClassifier(max_iter=3).fit(frame[["a", "b", "f"]], frame["y"])
    schema = infer_schema(model, frame, target="y")
    assert [(f.type, f.dtype, f.missing_allowed) for f in schema.features] == [
        ("number", "Float64", True),
        ("integer", "Int64", True),
        ("boolean", "boolean", True),
    ]
    same_answers(model, schema, frame)


def test_pandas_categories_through_xgboost() -> None:
    from xgboost import XGBClassifier

    frame = data()[["s", "a", "y"]].astype({"s": pd.CategoricalDtype(["z", "y", "x", "w"])})
    model = XGBClassifier(n_estimators=3, enable_categorical=True, n_jobs=1).fit(frame[["s", "a"]], frame["y"])
    schema = infer_schema(model, frame, target="y")
    assert schema.feature("s").categories == ("z", "y", "x", "w")
    same_answers(model, schema, frame)


def test_whole_columns_of_unnamed_arrays_that_nothing_reads_are_no_question() -> None:
    frame = data()[["a", "b", "u", "y"]]
    prepare = ColumnTransformer([("n", StandardScaler(), [0, 1])])
    model = make_pipeline(prepare, LogisticRegression()).fit(frame[["a", "b", "u"]].to_numpy(), frame["y"])
    schema = infer_schema(model, frame, target="y")
    assert (schema.names, schema.fitted_on) == (("a", "b", "u"), "array")
    assert [feature.hidden_reason for feature in schema.features] == [None, None, "unread"]
    same_answers(model, schema, frame)


class Picky(TransformerMixin, BaseEstimator):
    """A transformer of somebody's own that tells nothing of the columns it takes."""

    def fit(self, X: pd.DataFrame, y: Any = None) -> Picky:
        return self

    def transform(self, X: pd.DataFrame) -> np.ndarray:
        return X[["a", "u"]].to_numpy()

    def __sklearn_is_fitted__(self) -> bool:
        return True


def test_an_artifact_that_tells_nothing_is_tried_out() -> None:
    frame = data()
    model = make_pipeline(Picky(), LogisticRegression()).fit(frame, frame["y"])
    schema = infer_schema(model, frame, target="y")
    assert (schema.names, schema.unread) == (("a", "u"), ("b", "s", "f"))


def test_constants_and_identifiers_are_no_question() -> None:
    frame = data().assign(constant=5, customer_id=np.arange(ROWS) + 1000, serial=[f"s{i}" for i in range(ROWS)])
    model = fit(
        frame,
        ("n", StandardScaler(), ["a", "constant"]),
        ("i", FunctionTransformer(lambda ids: np.zeros((len(ids), 1))), ["serial", "customer_id"]),
    )
    schema = infer_schema(model, frame, target="y")
    assert {f.name: f.hidden_reason for f in schema.features} == {
        "a": None,
        "constant": "constant",
        "customer_id": "identifier",
        "serial": "identifier",
    }
    record = check_records(schema, None, [{"a": 0.5}]).records[0]
    assert record["constant"] == 5
    assert record["serial"] == schema.feature("serial").default


def test_a_unique_column_that_moves_the_answer_stays_a_question() -> None:
    frame = data().assign(code=np.arange(ROWS) * 3)
    frame["y"] = (frame["code"] > 150).astype(int)
    model = RandomForestClassifier(5, random_state=0).fit(frame[["a", "code"]], frame["y"])
    assert not infer_schema(model, frame, target="y").feature("code").hidden


def test_names_that_are_numbers_become_text() -> None:
    frame = data()[["a", "u", "y"]].rename(columns={"a": 0, "u": 1})
    model = LogisticRegression().fit(frame[[0, 1]].to_numpy(), frame["y"])
    assert infer_schema(model, frame, target="y").names == ("0", "1")
    with pytest.raises(PublishRefused, match="twice: '1'"):
        named_columns(pd.DataFrame([[1, 2]], columns=[1, "1"]))


class Stubborn(RegressorMixin, BaseEstimator):
    """Answers the data only as a whole."""

    def fit(self, X: pd.DataFrame, y: Any) -> Stubborn:
        self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        return self

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        if len(X) == 1:
            raise ValueError("one row is not enough")
        return np.zeros(len(X))


def test_what_cannot_be_answered_is_refused() -> None:
    frame = data()
    model = LinearRegression().fit(frame[["a", "b"]], frame["y"])
    with pytest.raises(PublishRefused, match="could not convert string to float") as caught:
        infer_schema(model, frame.assign(a=frame["s"]), target="y")
    assert caught.value.reason == "predict"
    with pytest.raises(PublishRefused, match="none of its first rows alone") as caught:
        infer_schema(Stubborn().fit(frame[["a", "b"]], frame["y"]), frame, target="y")
    assert caught.value.reason == "predict"
    for target, rows in (("nope", frame), ("y", frame.head(0))):
        with pytest.raises(PublishRefused) as caught:
            infer_schema(model, rows, target=target)
        assert caught.value.reason == "columns"


# ---- single columns --------------------------------------------------------------------------


def described(values: Any, dtype: Any = None, **use: Any) -> Feature:
    column = pd.Series(values, dtype=dtype)
    return describe_column("column", column, ColumnUse(**(use or {"other": True})))


@pytest.mark.parametrize(
    ("values", "dtype", "kind"),
    [
        ([0.5, 1.0], None, "number"),
        ([1, 2], None, "integer"),
        ([1.0, 2.0, None] * 20, None, "integer"),
        ([1.0, 2.0], None, "number"),
        ([float(i) for i in range(60)], None, "number"),
        ([True, None], object, "boolean"),
        ([True, False], None, "boolean"),
        (["a", "b"], None, "category"),
        (["a", 1, True, 2.5], object, "category"),
        ([1, 2, None], object, "integer"),
        ([1, 2.5, None], object, "number"),
        (["a", "b"], "category", "category"),
        ([f"a longer remark about case {i}" for i in range(30)], None, "text"),
        (["2024-01-31", "2023-05-01"], None, "date"),
        (["2024-02-31", "2023-05-01"], None, "category"),
        (pd.to_datetime(["2024-01-31", "2023-05-01"]), None, "date"),
        (pd.to_datetime(["2024-01-31 10:00", "2023-05-01 00:00"]), None, "datetime"),
        (pd.to_datetime(["2024-01-31", "2023-05-01"]).date, object, "date"),
    ],
)
def test_types(values: Any, dtype: Any, kind: str) -> None:
    assert described(values, dtype).type == kind


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([1j, 2j], None),
        (pd.to_timedelta([1, 2], unit="D"), None),
        (pd.period_range("2024", periods=2, freq="M"), None),
        (pd.cut(pd.Series([1, 5]), 2), None),
        ([{"a": 1}], object),
        ([[1], [2]], object),
        ([pd.Timestamp("2024-01-01").date(), "a"], object),
        (pd.arrays.SparseArray([0.0, 1.0]), None),
    ],
)
def test_kinds_that_no_json_value_fills_are_refused(values: Any, dtype: Any) -> None:
    with pytest.raises(PublishRefused, match="'column'") as caught:
        described(values, dtype)
    assert caught.value.reason == "dtype"


def test_defaults_are_exact_and_whole_ones_observed() -> None:
    assert described([0.1, 0.2, 0.30000000000000004]).default == 0.2
    assert described([0.1, 0.2]).default == (0.1 + 0.2) / 2
    assert described([1, 2, 9, 10]).default == 2
    assert described([2**60 + 1] * 3, "int64").default == 2**60 + 1
    assert described(["a", "b", "b", None]).default == "b"
    assert described([True, True, False]).default is True
    assert described(pd.to_datetime(["2024-01-01", "2024-01-05", "2024-01-09"])).default == "2024-01-05"
    assert described([None, None], "float64").default is None


def test_observed_range_and_quantiles() -> None:
    feature = described(np.linspace(0, 100, 101))
    assert (feature.minimum, feature.maximum) == (0.0, 100.0)
    assert feature.quantiles == tuple(level * 100 for level in QUANTILE_LEVELS)
    assert described([1.0, np.inf, 3.0]).maximum == 3.0
    days = described(pd.date_range("2024-01-01", periods=101))
    assert (days.quantiles[0], days.quantiles[4], days.quantiles[-1]) == ("2024-01-01", "2024-02-20", "2024-04-10")


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["10", "2", "2", "33"], ["2", "10", "33"]),
        (["18-25", "<18", "26-35", "65+"], ["<18", "18-25", "26-35", "65+"]),
        (["Tue", "Mon", "Sun", "Tue"], ["Mon", "Tue", "Sun"]),
        (["dec", "jan", "apr"], ["jan", "apr", "dec"]),
        (["high", "low", "medium", "high"], ["low", "medium", "high"]),
        (["pear", "apple", "pear", "fig"], ["pear", "apple", "fig"]),
    ],
)
def test_choices_stand_in_the_order_people_expect(values: list[str], order: list[str]) -> None:
    feature = described(values, encoded=True)
    assert [option.value for option in feature.options] == order
    assert sum(option.share for option in feature.options) == pytest.approx(1)


def test_ordered_categories_keep_their_order_and_encoders_add_theirs() -> None:
    ordered = pd.CategoricalDtype(["c", "a", "b"], ordered=True)
    feature = described(["a", "b", "c", "b"], ordered, encoded=True)
    assert [option.value for option in feature.options] == ["c", "a", "b"]
    learned = described(["a", "a"], encoded=True, categories={"z": None, "a": None, np.nan: None})
    assert [(option.value, option.share) for option in learned.options] == [("a", 1.0), ("z", 0.0)]
    few = described([12, 24, 36, 12], "int64")
    assert [option.value for option in few.options] == [12, 24, 36]
