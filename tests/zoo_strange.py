"""Strange artifacts: what people build and save, beyond the kinds that the zoo shows.

Entered in ``STRANGE`` under their names with hyphens, those of other libraries by ``zoo_libraries``; ``FROZEN``
names the few that every run tries.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn import (
    calibration,
    compose,
    cross_decomposition,
    decomposition,
    discriminant_analysis,
    dummy,
    ensemble,
    feature_selection,
    gaussian_process,
    isotonic,
    kernel_approximation,
    linear_model,
    model_selection,
    multiclass,
    naive_bayes,
    neighbors,
    neural_network,
    pipeline,
    preprocessing,
    svm,
    tree,
)
from sklearn.covariance import EllipticEnvelope
from sklearn.impute import KNNImputer, SimpleImputer

from tests import zoo_libraries
from tests import zoo_parts as parts
from tests.zoo_data import (
    MIXED,
    STRANGE,
    cancer,
    diabetes,
    fitted,
    fitted_mixed,
    iris,
    mixed,
    people,
    some_people,
    split,
    strange,
)

__all__ = ["FROZEN", "STRANGE", "zoo_libraries"]

FROZEN = (
    "constant-and-empty-columns",
    "empty-transformers",
    "float32-line",
    "formula-of-classes",
    "frame-only-and-counted",
    "lightgbm-booster",
    "odd-float-classes",
    "plain-class",
    "sampler-among-the-steps",
    "wrapped-words",
)

Made = tuple[Any, pd.DataFrame, str | None]


def whole(final: Any, prepare: Any = None) -> pipeline.Pipeline:
    """A pipeline on the columns MIXED."""
    return pipeline.Pipeline([("prepare", prepare or mixed()), ("model", final)])


def on_mixed(model: Any, target: str) -> Made:
    """A model fitted on the columns MIXED."""
    table, values = some_people(target, *MIXED)
    return model.fit(table[list(MIXED)], values), table, target


# ---- columns that are no question -----------------------------------------------------------------


@strange
def constant_and_empty_columns() -> Made:
    """A constant, an empty and an identifying column, each fitted on."""
    table, _ = some_people("bad", "age", "income")
    table.insert(0, "customer id", np.arange(10_000, 10_000 + len(table)))
    table.insert(1, "country", "NL")
    table.insert(2, "spare", np.nan)
    prepare = compose.ColumnTransformer(
        [
            ("numbers", SimpleImputer(keep_empty_features=True), ["age", "income", "spare"]),
            ("words", preprocessing.OneHotEncoder(handle_unknown="ignore"), ["country"]),
        ]
    )
    return fitted(whole(linear_model.LogisticRegression(max_iter=500), prepare), table, "bad")


@strange
def empty_transformers() -> Made:
    """Transformers of a ColumnTransformer that have no columns stay unfitted."""
    prepare = compose.ColumnTransformer(
        [
            ("numbers", pipeline.make_pipeline(SimpleImputer(), preprocessing.StandardScaler()), ["age", "income"]),
            ("words", pipeline.make_pipeline(SimpleImputer(), preprocessing.OneHotEncoder()), []),
            ("flags", preprocessing.OrdinalEncoder(), compose.make_column_selector(dtype_include="datetime")),
            ("none", preprocessing.KBinsDiscretizer(), [False] * 4),
            ("out", "drop", ["region"]),
        ],
        remainder="passthrough",
    )
    return on_mixed(whole(linear_model.LogisticRegression(max_iter=500), prepare), "bad")


@strange
def nested_column_transformers() -> Made:
    """A ColumnTransformer in a pipeline in a ColumnTransformer, a union beside it."""
    inner = compose.ColumnTransformer(
        [("fill", SimpleImputer(), [0]), ("keep", "passthrough", [1]), ("nothing", preprocessing.StandardScaler(), [])]
    )
    union = pipeline.FeatureUnion([("same", "passthrough"), ("log", preprocessing.FunctionTransformer(parts.log_of))])
    prepare = compose.ColumnTransformer(
        [
            ("numbers", pipeline.make_pipeline(inner, preprocessing.RobustScaler()), ["income", "age"]),
            ("twice", union, ["age"]),
            ("words", preprocessing.OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=20), ["region"]),
        ],
        remainder=preprocessing.OrdinalEncoder(),
    )
    return on_mixed(whole(linear_model.Ridge(), prepare), "amount")


@strange
def pandas_output() -> Made:
    """Frames between the steps."""
    prepare = compose.ColumnTransformer(
        [
            ("numbers", SimpleImputer(), ["age", "income"]),
            ("words", preprocessing.OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["region"]),
        ],
        remainder="passthrough",
        verbose_feature_names_out=False,
    )
    model = whole(ensemble.HistGradientBoostingClassifier(max_iter=10, random_state=0), prepare)
    return on_mixed(model.set_output(transform="pandas"), "grade")


@strange
def positions_and_masks() -> Made:
    """Columns chosen by place, from the end, by mask and by callable."""
    prepare = compose.ColumnTransformer(
        [
            ("first", SimpleImputer(), [0, -3]),
            ("mask", preprocessing.OneHotEncoder(handle_unknown="ignore"), [False, False, True, False]),
            ("flags", "passthrough", compose.make_column_selector(dtype_include="bool")),
        ]
    )
    return on_mixed(whole(linear_model.LogisticRegression(max_iter=500), prepare), "bad")


# ---- own parts --------------------------------------------------------------------------------------


@strange
def own_transformer_first() -> Made:
    """A transformer that wants a DataFrame stands first and remembers nothing."""
    table, _ = some_people("amount", "age", "income")
    return fitted(pipeline.make_pipeline(parts.Ratios(), linear_model.Ridge()), table, "amount")


@strange
def frame_only_and_counted() -> Made:
    """A model that counts its columns, remembers no names and wants them."""
    table, _ = some_people("amount", "age", "income")
    return fitted(parts.TwoStage(), table, "amount")


@strange
def picker_counts_its_own() -> Made:
    """The first step counts the columns that it picks."""
    table, _ = some_people("amount", *MIXED)
    model = pipeline.make_pipeline(parts.Picker(("age", "owner")), linear_model.Ridge())
    return model.fit(table[list(MIXED)], table["amount"]), table, "amount"


@strange
def misleading_attributes() -> Made:
    """A step whose attributes mean something else than in scikit-learn."""
    table, _ = some_people("amount", "age", "owner")
    return fitted(pipeline.make_pipeline(parts.Misnamed(), linear_model.Ridge()), table, "amount")


@strange
def target_means_of_ones_own() -> Made:
    """A hand-written target encoder beside clipped numbers."""
    prepare = compose.ColumnTransformer(
        [("word", parts.GroupMean(), ["region"]), ("numbers", parts.Clip(), ["age", "owner"])]
    )
    table, _ = some_people("amount", "age", "owner", "region")
    return fitted(whole(linear_model.Ridge(), prepare), table, "amount")


@strange
def function_of_words() -> Made:
    """A function that takes and gives frames before an encoder."""
    letters = pipeline.make_pipeline(
        preprocessing.FunctionTransformer(parts.first_letters), preprocessing.OneHotEncoder(handle_unknown="ignore")
    )
    prepare = compose.ColumnTransformer([("letters", letters, ["region"]), ("age", "passthrough", ["age"])])
    table, _ = some_people("bad", "age", "region")
    return fitted(whole(linear_model.LogisticRegression(max_iter=500), prepare), table, "bad")


@strange
def series_of_answers() -> Made:
    """Answers come as a Series with the rows' index."""
    return fitted(parts.SingleSeries(), diabetes(), "target")


@strange
def plain_class() -> Made:
    """No base class, no tags, no marks of a fit."""
    return fitted(parts.PlainMean(), diabetes(), "target")


@strange
def wrapped_regression() -> Made:
    """A pipeline in ``self.model``."""
    model, table, target = fitted_mixed(linear_model.Ridge(), "amount")
    return parts.Wrapped(model, list(MIXED)), table, target


@strange
def wrapped_words() -> Made:
    """A wrapper that answers words as a list."""
    model, table, _ = fitted_mixed(linear_model.LogisticRegression(max_iter=500), "bad")
    table["bad"] = np.where(table["bad"], "bad", "good")
    return parts.Labels(model, list(MIXED)), table, "bad"


@strange
def wrapped_probabilities() -> Made:
    """A wrapper with probabilities that does not list its classes."""
    model, table, target = fitted_mixed(naive_bayes.BernoulliNB(), "grade")
    return parts.WrappedWithProbabilities(model, list(MIXED)), table, target


@strange
def classifier_without_classes() -> Made:
    """Tagged as a classifier, and keeps no ``classes_``."""
    table = people()[["age", "income", "region"]].copy()
    table["region"] = np.where(people()["age"] > 50, "old", "young")
    return fitted(parts.LooseClassifier(), table, "region")


# ---- ends of pipelines ------------------------------------------------------------------------------


@strange
def search_at_the_end() -> Made:
    """A pipeline that ends in a search, over its last step alone."""
    search = model_selection.GridSearchCV(linear_model.LogisticRegression(max_iter=500), {"C": [0.1, 1.0]}, cv=3)
    return on_mixed(whole(search), "grade")


@strange
def random_search_over_a_search() -> Made:
    """A search whose estimator is a pipeline that ends in another."""
    inner = whole(model_selection.GridSearchCV(linear_model.Ridge(), {"alpha": [0.1, 1.0]}, cv=3))
    search = model_selection.RandomizedSearchCV(
        inner, {"prepare__numbers__simpleimputer__strategy": ["mean", "median"]}, n_iter=2, cv=3, random_state=0
    )
    return on_mixed(search, "amount")


@strange
def calibrated_forest_isotonic() -> Made:
    """Isotonic calibration of a forest, many ties."""
    model = calibration.CalibratedClassifierCV(
        ensemble.RandomForestClassifier(6, max_depth=3, random_state=0), method="isotonic", cv=3
    )
    return on_mixed(whole(model), "grade")


@strange
def threshold_around_calibration() -> Made:
    """A fixed threshold around calibrated probabilities around a pipeline."""
    inner = calibration.CalibratedClassifierCV(whole(linear_model.LogisticRegression(max_iter=500)), cv=3)
    return on_mixed(model_selection.FixedThresholdClassifier(inner, threshold=0.3), "bad")


@strange
def stack_with_passthrough() -> Made:
    """Stacked regressors that see the inputs again."""
    members = [("bayes", linear_model.BayesianRidge()), ("near", neighbors.KNeighborsRegressor(5))]
    model = ensemble.StackingRegressor(members, linear_model.Ridge(), cv=3, passthrough=True)
    return fitted(model, diabetes(), "target")


@strange
def vote_of_pipelines() -> Made:
    """A vote of numbers by pipelines of their own preparation."""
    members = [("line", whole(linear_model.Ridge())), ("tree", whole(tree.DecisionTreeRegressor(max_depth=3)))]
    return on_mixed(ensemble.VotingRegressor(members), "amount")


@strange
def bagging_and_boosting() -> Made:
    """AdaBoost over bagged trees."""
    inner = ensemble.BaggingClassifier(tree.DecisionTreeClassifier(max_depth=2), 3, random_state=0)
    return fitted(ensemble.AdaBoostClassifier(inner, n_estimators=4, random_state=0), iris(), "species")


@strange
def target_by_quantiles() -> Made:
    """The target mapped to a normal distribution, inside a pipeline's search."""
    transformer = preprocessing.QuantileTransformer(n_quantiles=50, output_distribution="normal")
    return on_mixed(compose.TransformedTargetRegressor(whole(linear_model.Ridge()), transformer=transformer), "amount")


@strange
def chain_of_selections() -> Made:
    """Selection by variance, by score and by a model."""
    model = pipeline.make_pipeline(
        feature_selection.VarianceThreshold(),
        feature_selection.SelectKBest(k=6),
        feature_selection.SelectFromModel(linear_model.LogisticRegression(max_iter=5000)),
        ensemble.ExtraTreesClassifier(10, random_state=0),
    )
    return fitted(model, cancer(), "target")


# ---- classes with odd names -------------------------------------------------------------------------


def _renamed(names: list[Any], dtype: Any = None) -> pd.DataFrame:
    table = iris().copy()
    codes = pd.factorize(table["species"])[0]
    table["species"] = pd.Series([names[code % len(names)] for code in codes], dtype=dtype)
    return table


@strange
def odd_float_classes() -> Made:
    """Classes 0.5, 1.0 and 1.5."""
    model = pipeline.make_pipeline(preprocessing.StandardScaler(), linear_model.LogisticRegression())
    table = _renamed([0.5, 1.0, 1.5])
    inputs, target = split(table, "species")
    return model.fit(inputs, target.astype(str).astype(object)), table.assign(species=target.astype(str)), "species"


@strange
def booleans_on_numbers() -> Made:
    """True and False from a tree."""
    return fitted(tree.DecisionTreeClassifier(max_depth=2), _renamed([True, False, True]), "species")


@strange
def negative_integers() -> Made:
    """Classes −1, 0 and 10."""
    return fitted(discriminant_analysis.LinearDiscriminantAnalysis(), _renamed([10, -1, 0], "int64"), "species")


@strange
def blank_and_quoted_classes() -> Made:
    """Classes with blanks, quotes, a slash and letters of other scripts."""
    return fitted(naive_bayes.GaussianNB(), _renamed(['a "b"', "c / d", "Größe, ≥ 2"]), "species")


@strange
def one_against_one() -> Made:
    """Decision values a pair of classes."""
    return fitted(multiclass.OneVsOneClassifier(svm.LinearSVC()), iris(), "species")


# ---- other losses and kinds -------------------------------------------------------------------------


@strange
def tweedie() -> Made:
    """A generalised linear model of amounts with many near nothing."""
    table = diabetes().assign(target=np.maximum(diabetes()["target"] - 100, 0))
    return fitted(linear_model.TweedieRegressor(power=1.5, alpha=0.01, max_iter=500), table, "target")


@strange
def gamma() -> Made:
    """A gamma regression of mixed columns."""
    table, values = some_people("amount", *MIXED)
    table["amount"] = values - values.min() + 10
    return whole(linear_model.GammaRegressor()).fit(table[list(MIXED)], table["amount"]), table, "amount"


@strange
def quantile_line() -> Made:
    """The lower decile by linear programming."""
    return fitted(linear_model.QuantileRegressor(quantile=0.1, alpha=0.01), diabetes(), "target")


@strange
def quantile_histogram() -> Made:
    """The upper decile by histogram boosting."""
    model = ensemble.HistGradientBoostingRegressor(loss="quantile", quantile=0.9, max_iter=10, random_state=0)
    return fitted(model, diabetes(), "target")


@strange
def huber_in_bins() -> Made:
    """A robust line over one-hot bins."""
    bins = preprocessing.KBinsDiscretizer(4, quantile_method="averaged_inverted_cdf")
    return fitted(pipeline.make_pipeline(bins, linear_model.HuberRegressor()), diabetes(), "target")


@strange
def least_squares_of_parts() -> Made:
    """Partial least squares, whose answers are a column."""
    return fitted(cross_decomposition.PLSRegression(3), diabetes(), "target")


@strange
def gaussian_processes() -> Made:
    """A Gaussian process."""
    table = diabetes()[["bmi", "bp", "target"]].head(60).reset_index(drop=True)
    return fitted(gaussian_process.GaussianProcessRegressor(alpha=1.0, normalize_y=True), table, "target")


@strange
def isotonic_of_one() -> Made:
    """An isotonic regression reads one column, as an array."""
    table = diabetes()[["bmi", "target"]]
    model = isotonic.IsotonicRegression(out_of_bounds="clip").fit(table[["bmi"]].to_numpy(), table["target"])
    return model, table, "target"


@strange
def nystroem_and_spline() -> Made:
    """Kernel features beside splines."""
    union = pipeline.make_union(
        kernel_approximation.Nystroem(n_components=10, random_state=0), preprocessing.SplineTransformer(n_knots=4)
    )
    return fitted(
        pipeline.make_pipeline(preprocessing.StandardScaler(), union, linear_model.Ridge()), diabetes(), "target"
    )


@strange
def svd_of_words() -> Made:
    """Sparse one-hot columns, then components of them, then a network."""
    table, _ = some_people("bad", "region", "owner")
    table["region"] = table["region"].fillna("unknown")
    model = pipeline.make_pipeline(
        preprocessing.OneHotEncoder(handle_unknown="ignore"),
        decomposition.TruncatedSVD(3, random_state=0),
        neural_network.MLPClassifier((4,), max_iter=40, random_state=0),
    )
    return fitted(model, table, "bad")


@strange
def nearest_fill() -> Made:
    """Gaps filled from neighbours with indicators."""
    table = people()[["age", "income", "owner", "amount"]].copy()
    model = pipeline.make_pipeline(KNNImputer(n_neighbors=3, add_indicator=True), linear_model.Lasso(alpha=0.5))
    return fitted(model, table, "amount")


@strange
def dummy_prior() -> Made:
    """A baseline that reads nothing."""
    return fitted(dummy.DummyClassifier(strategy="prior"), iris(), "species")


# ---- precision and form of the rows ------------------------------------------------------------------


def _single(table: pd.DataFrame, target: str) -> pd.DataFrame:
    return table.astype({name: "float32" for name in table.columns if name != target})


@strange
def float32_line() -> Made:
    """A line on float32 columns, far from nought."""
    table = _single(
        cancer().drop(columns="target").assign(answer=lambda frame: frame["mean area"] * 3 + 5_000), "answer"
    )
    table["answer"] = table["answer"].astype("float32")
    inputs, target = split(table, "answer")
    inputs = inputs.assign(**{f"copy {n}": inputs["mean area"] * np.float32(n) + np.float32(1e4) for n in range(40)})
    return linear_model.Ridge().fit(inputs, target), inputs.assign(answer=target), "answer"


@strange
def float32_logistic() -> Made:
    """Probabilities in single precision."""
    table = _single(iris(), "species")
    return fitted(
        pipeline.make_pipeline(preprocessing.StandardScaler(), linear_model.LogisticRegression()), table, "species"
    )


@strange
def float32_inside() -> Made:
    """A step that makes single precision of doubles."""
    model = pipeline.make_pipeline(
        preprocessing.FunctionTransformer(parts.single_precision), preprocessing.StandardScaler(), linear_model.Ridge()
    )
    return fitted(model, diabetes(), "target")


@strange
def array_of_mixed_values() -> Made:
    """Fitted on a bare array of objects."""
    table, values = some_people("bad", "age", "region")
    table["region"] = table["region"].fillna("unknown")
    prepare = compose.ColumnTransformer(
        [("words", preprocessing.OneHotEncoder(handle_unknown="ignore"), [1])], remainder="passthrough"
    )
    model = whole(tree.DecisionTreeClassifier(max_depth=3, random_state=0), prepare)
    return model.fit(table[["age", "region"]].to_numpy(dtype=object), values), table, "bad"


# ---- outliers ----------------------------------------------------------------------------------------


@strange
def elliptic_envelope() -> Made:
    """Distances to a robust covariance."""
    table = iris().drop(columns="species")
    return EllipticEnvelope(random_state=0).fit(table), table, None


@strange
def one_class() -> Made:
    """A one-class machine behind a preparation."""
    table = people()[list(MIXED)].copy()
    return whole(svm.OneClassSVM(nu=0.1)).fit(table), table, None
