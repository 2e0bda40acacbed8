"""A zoo of artifacts: every kind of model that Modeldesk promises to serve, small and quick to fit.

Each function returns a fitted estimator with the data that it was fitted on, and is entered in
``ZOO`` under its name with hyphens.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn import (
    calibration,
    compose,
    decomposition,
    ensemble,
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
from sklearn.impute import SimpleImputer

import tests.zoo_special  # noqa: F401 — enters its specimens
from tests.zoo_data import (
    MIXED,
    ZOO,
    Specimen,
    cancer,
    diabetes,
    fitted,
    fitted_mixed,
    iris,
    mixed,
    people,
    some_people,
    specimen,
    split,
)

__all__ = ["ZOO", "Specimen", "cancer", "diabetes", "iris"]

# ---- numbers alone, bare estimators ---------------------------------------------------------


@specimen
def logistic_on_array() -> tuple[Any, pd.DataFrame, str]:
    """Fitted on a bare array: no column names in the artifact."""
    inputs, target = split(cancer(), "target")
    model = linear_model.LogisticRegression(max_iter=5000).fit(inputs.to_numpy(), target.to_numpy())
    return model, cancer(), "target"


@specimen
def forest_on_array() -> tuple[Any, pd.DataFrame, str]:
    """A regression forest on a bare array."""
    inputs, target = split(diabetes(), "target")
    model = ensemble.RandomForestRegressor(20, random_state=0).fit(inputs.to_numpy(), target.to_numpy())
    return model, diabetes(), "target"


@specimen
def tree_on_words() -> tuple[Any, pd.DataFrame, str]:
    """Word classes, column names with blanks and brackets."""
    return fitted(tree.DecisionTreeClassifier(max_depth=2, random_state=0), iris(), "species")


@specimen
def ridge() -> tuple[Any, pd.DataFrame, str]:
    """A plain linear regression."""
    return fitted(linear_model.Ridge(), diabetes(), "target")


@specimen
def naive_bayes_plain() -> tuple[Any, pd.DataFrame, str]:
    """Three classes from densities."""
    return fitted(naive_bayes.GaussianNB(), iris(), "species")


@specimen
def support_vectors() -> tuple[Any, pd.DataFrame, str]:
    """A classifier without predict_proba."""
    return fitted(pipeline.make_pipeline(preprocessing.StandardScaler(), svm.SVC()), iris(), "species")


@specimen
def support_vectors_binary() -> tuple[Any, pd.DataFrame, str]:
    """Two classes without predict_proba."""
    return fitted(pipeline.make_pipeline(preprocessing.StandardScaler(), svm.LinearSVC()), cancer(), "target")


@specimen
def ridge_classifier() -> tuple[Any, pd.DataFrame, str]:
    """Another classifier without predict_proba, boolean classes."""
    return fitted_mixed(linear_model.RidgeClassifier(), "bad")


@specimen
def neighbours() -> tuple[Any, pd.DataFrame, str]:
    """An even number of neighbours: probabilities of exactly 0.5 are common."""
    model = pipeline.make_pipeline(preprocessing.StandardScaler(), neighbors.KNeighborsClassifier(4))
    return fitted(model, cancer(), "target")


@specimen
def perceptron() -> tuple[Any, pd.DataFrame, str]:
    """A small neural network."""
    model = neural_network.MLPClassifier((8,), max_iter=60, random_state=0)
    return fitted(pipeline.make_pipeline(preprocessing.StandardScaler(), model), iris(), "species")


@specimen
def one_vs_rest() -> tuple[Any, pd.DataFrame, str]:
    """Three classes, each against the rest."""
    return fitted(multiclass.OneVsRestClassifier(linear_model.LogisticRegression(max_iter=500)), iris(), "species")


@specimen
def components() -> tuple[Any, pd.DataFrame, str]:
    """Principal components inside."""
    model = pipeline.make_pipeline(
        preprocessing.StandardScaler(), decomposition.PCA(4), linear_model.LogisticRegression(max_iter=500)
    )
    return fitted(model, cancer(), "target")


@specimen
def polynomial() -> tuple[Any, pd.DataFrame, str]:
    """Products of columns."""
    model = pipeline.make_pipeline(preprocessing.PolynomialFeatures(2, include_bias=False), linear_model.Ridge(0.1))
    return fitted(model, diabetes()[["age", "bmi", "bp", "s5", "target"]], "target")


@specimen
def quantile() -> tuple[Any, pd.DataFrame, str]:
    """The upper decile rather than the mean."""
    model = ensemble.GradientBoostingRegressor(loss="quantile", alpha=0.9, n_estimators=20, random_state=0)
    return fitted(model, diabetes(), "target")


@specimen
def poisson() -> tuple[Any, pd.DataFrame, str]:
    """Counts."""
    table = diabetes().assign(visits=(diabetes()["target"] // 40).astype(int)).drop(columns="target")
    return fitted(linear_model.PoissonRegressor(max_iter=300), table, "visits")


# ---- mixed columns ---------------------------------------------------------------------------


@specimen
def mixed_logistic() -> tuple[Any, pd.DataFrame, str]:
    """The most common kind: a pipeline with a ColumnTransformer, boolean classes."""
    return fitted_mixed(linear_model.LogisticRegression(max_iter=500), "bad")


@specimen
def mixed_forest() -> tuple[Any, pd.DataFrame, str]:
    """Trees in an even number, grown to the end: they tie."""
    return fitted_mixed(ensemble.RandomForestClassifier(4, random_state=0), "bad")


@specimen
def mixed_boosting_words() -> tuple[Any, pd.DataFrame, str]:
    """Three word classes from mixed columns."""
    return fitted_mixed(ensemble.GradientBoostingClassifier(n_estimators=8, random_state=0), "grade")


@specimen
def search_saved_whole() -> tuple[Any, pd.DataFrame, str]:
    """A GridSearchCV object, not its best estimator."""
    table, values = some_people("bad", *MIXED)
    whole = pipeline.Pipeline([("prepare", mixed()), ("model", linear_model.LogisticRegression(max_iter=500))])
    search = model_selection.GridSearchCV(whole, {"model__C": [0.1, 1.0]}, cv=3)
    return search.fit(table[list(MIXED)], values), table, "bad"


@specimen
def transformed_target() -> tuple[Any, pd.DataFrame, str]:
    """A regression on the logarithm of the target."""
    table, values = some_people("amount", *MIXED)
    table["amount"] = values = values - values.min() + 1
    inner = pipeline.Pipeline([("prepare", mixed()), ("model", linear_model.Ridge())])
    model = compose.TransformedTargetRegressor(inner, func=np.log1p, inverse_func=np.expm1)
    return model.fit(table[list(MIXED)], values), table, "amount"


@specimen
def calibrated() -> tuple[Any, pd.DataFrame, str]:
    """Calibrated probabilities around a pipeline."""
    table, values = some_people("bad", *MIXED)
    inner = pipeline.Pipeline([("prepare", mixed()), ("model", naive_bayes.BernoulliNB())])
    return calibration.CalibratedClassifierCV(inner, cv=3).fit(table[list(MIXED)], values), table, "bad"


@specimen
def fixed_threshold() -> tuple[Any, pd.DataFrame, str]:
    """A decision threshold of its own: the class is not that of the highest probability."""
    table, values = some_people("bad", *MIXED)
    inner = pipeline.Pipeline([("prepare", mixed()), ("model", linear_model.LogisticRegression(max_iter=500))])
    model = model_selection.FixedThresholdClassifier(inner, threshold=0.8, response_method="predict_proba")
    return model.fit(table[list(MIXED)], values), table, "bad"


@specimen
def tuned_threshold() -> tuple[Any, pd.DataFrame, str]:
    """A threshold found by cross-validation."""
    table, values = some_people("bad", *MIXED)
    inner = pipeline.Pipeline([("prepare", mixed()), ("model", linear_model.LogisticRegression(max_iter=500))])
    model = model_selection.TunedThresholdClassifierCV(inner, cv=3, thresholds=20, random_state=0)
    return model.fit(table[list(MIXED)], values), table, "bad"


@specimen
def voting() -> tuple[Any, pd.DataFrame, str]:
    """A soft vote of three."""
    members = [
        ("tree", tree.DecisionTreeClassifier(max_depth=3, random_state=0)),
        ("bayes", naive_bayes.GaussianNB()),
        ("line", linear_model.LogisticRegression(max_iter=500)),
    ]
    return fitted(ensemble.VotingClassifier(members, voting="soft"), iris(), "species")


@specimen
def hard_voting() -> tuple[Any, pd.DataFrame, str]:
    """A vote that gives no probabilities."""
    members = [
        ("tree", tree.DecisionTreeClassifier(max_depth=3, random_state=0)),
        ("bayes", naive_bayes.GaussianNB()),
        ("line", linear_model.LogisticRegression(max_iter=500)),
    ]
    return fitted(ensemble.VotingClassifier(members, voting="hard"), iris(), "species")


@specimen
def stacking() -> tuple[Any, pd.DataFrame, str]:
    """Regressors stacked."""
    members = [("tree", tree.DecisionTreeRegressor(max_depth=3, random_state=0)), ("line", linear_model.Ridge())]
    return fitted(ensemble.StackingRegressor(members, linear_model.Ridge(), cv=3), diabetes(), "target")


@specimen
def stacking_mixed() -> tuple[Any, pd.DataFrame, str]:
    """Pipelines stacked, whole-number classes."""
    table, values = some_people("bad", *MIXED)
    table["bad"] = values = values.astype(int)
    members = [
        ("line", pipeline.make_pipeline(mixed(), linear_model.LogisticRegression(max_iter=500))),
        ("tree", pipeline.make_pipeline(mixed(), tree.DecisionTreeClassifier(max_depth=3, random_state=0))),
    ]
    model = ensemble.StackingClassifier(members, linear_model.LogisticRegression(), cv=3)
    return model.fit(table[list(MIXED)], values), table, "bad"


@specimen
def ordinal_categories() -> tuple[Any, pd.DataFrame, str]:
    """Words in a given order; an unseen one is refused."""
    table = people()[["age", "grade", "amount"]].copy()
    encoder = preprocessing.OrdinalEncoder(categories=[["low", "middle", "high"]])
    prepare = compose.ColumnTransformer([("grade", encoder, ["grade"])], remainder="passthrough")
    return fitted(pipeline.make_pipeline(prepare, linear_model.LinearRegression()), table, "amount")


@specimen
def odd_names() -> tuple[Any, pd.DataFrame, str]:
    """Names with blanks, dots, brackets, braces, quotes and letters of other scripts."""
    table, _ = some_people("bad", *MIXED)
    table.columns = pd.Index(["mean age (years)", "income.net[eur]", "région{2024}", 'owner "yes"', "bad?"])
    prepare = compose.ColumnTransformer(
        [
            ("numbers", SimpleImputer(), ["mean age (years)", "income.net[eur]"]),
            ("words", preprocessing.OneHotEncoder(handle_unknown="ignore"), ["région{2024}"]),
        ],
        remainder="passthrough",
    )
    return fitted(pipeline.make_pipeline(prepare, linear_model.LogisticRegression(max_iter=2000)), table, "bad?")
