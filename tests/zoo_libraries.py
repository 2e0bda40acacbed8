"""Strange artifacts of libraries that follow scikit-learn half or not at all."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sklearn import compose, ensemble, linear_model, pipeline, preprocessing

from tests.zoo_data import MIXED, cancer, diabetes, fitted, iris, mixed, people, some_people, split, strange

Made = tuple[Any, pd.DataFrame, str | None]


@strange
def lightgbm_booster() -> Made:
    """LightGBM's own interface, names with blanks, two classes."""
    import lightgbm

    table = cancer()
    inputs, target = split(table, "target")
    options = {"objective": "binary", "verbose": -1, "num_threads": 1}
    return lightgbm.train(options, lightgbm.Dataset(inputs, target), 8), table, "target"


@strange
def lightgbm_booster_classes() -> Made:
    """Three classes by number, pandas categories."""
    import lightgbm

    table = people()[["age", "income", "region"]].astype({"region": "category"})
    table["grade"] = pd.factorize(people()["grade"], sort=True)[0]
    inputs, target = split(table, "grade")
    options = {"objective": "multiclass", "num_class": 3, "verbose": -1, "num_threads": 1}
    return lightgbm.train(options, lightgbm.Dataset(inputs, target), 6), table, "grade"


@strange
def lightgbm_booster_array() -> Made:
    """A booster trained on a bare array."""
    import lightgbm

    inputs, target = split(diabetes(), "target")
    options = {"objective": "huber", "verbose": -1, "num_threads": 1}
    data = lightgbm.Dataset(inputs.to_numpy(), target.to_numpy())
    return lightgbm.train(options, data, 8), diabetes(), "target"


@strange
def xgboost_booster() -> Made:
    """XGBoost's own interface, a number."""
    import xgboost

    inputs, target = split(diabetes(), "target")
    return xgboost.train({"max_depth": 3, "nthread": 1}, xgboost.DMatrix(inputs, target), 8), diabetes(), "target"


@strange
def xgboost_booster_classes() -> Made:
    """Three classes by number with probabilities."""
    import xgboost

    table = iris().assign(species=pd.factorize(iris()["species"])[0])
    inputs, target = split(table, "species")
    options = {"objective": "multi:softprob", "num_class": 3, "max_depth": 2, "nthread": 1}
    return xgboost.train(options, xgboost.DMatrix(inputs, target), 6), table, "species"


@strange
def xgboost_booster_labels() -> Made:
    """Three classes by number without probabilities."""
    import xgboost

    table = iris().assign(species=pd.factorize(iris()["species"])[0])
    inputs, target = split(table, "species")
    options = {"objective": "multi:softmax", "num_class": 3, "max_depth": 2, "nthread": 1}
    return xgboost.train(options, xgboost.DMatrix(inputs, target), 6), table, "species"


@strange
def catboost_general() -> Made:
    """CatBoost's general class, words as they are."""
    import catboost

    table = people()[["age", "income", "region", "grade"]].copy()
    table["region"] = table["region"].fillna("unknown")
    options = {"iterations": 10, "depth": 3, "loss_function": "MultiClass", "verbose": 0, "thread_count": 1}
    model = catboost.CatBoost({**options, "cat_features": ["region"], "allow_writing_files": False})
    return fitted(model, table, "grade")


# ---- statsmodels: what its ``fit`` gives back --------------------------------------------------------


@strange
def formula_of_amounts() -> Made:
    """Ordinary least squares by a formula with a function, a product and a word."""
    import statsmodels.formula.api as formulas

    table = people()[["age", "income", "region", "amount"]].dropna().reset_index(drop=True)
    return formulas.ols("amount ~ np.log(income) * age + C(region)", table).fit(), table, "amount"


@strange
def formula_of_classes() -> Made:
    """A logit by formula: probabilities of 0 and 1."""
    import statsmodels.formula.api as formulas

    table = people()[["age", "region", "bad"]].dropna().reset_index(drop=True)
    table["bad"] = table["bad"].astype(int)
    return formulas.logit("bad ~ age + region", table).fit(disp=0), table, "bad"


@strange
def constant_added_to_a_frame() -> Made:
    """A frame that got a constant before the fit."""
    import statsmodels.api as statsmodels

    inputs, target = split(diabetes(), "target")
    return statsmodels.OLS(target, statsmodels.add_constant(inputs)).fit(), diabetes(), "target"


@strange
def constant_added_to_an_array() -> Made:
    """An array that got a constant before the fit."""
    import statsmodels.api as statsmodels

    table = diabetes()[["bmi", "bp", "s5", "target"]].assign(target=lambda frame: (frame["target"] > 140).astype(int))
    inputs, target = split(table, "target")
    results = statsmodels.Logit(target.to_numpy(), statsmodels.add_constant(inputs.to_numpy())).fit(disp=0)
    return results, table, "target"


@strange
def generalised_counts() -> Made:
    """A Poisson model by formula."""
    import statsmodels.api as statsmodels
    import statsmodels.formula.api as formulas

    table = diabetes()[["bmi", "bp", "target"]]
    family = statsmodels.families.Poisson()
    return formulas.glm("target ~ bmi + bp", table, family=family).fit(), table, "target"


@strange
def penalised_formula() -> Made:
    """Regularised least squares, whose results know less than others."""
    import statsmodels.formula.api as formulas

    table = diabetes()[["bmi", "bp", "target"]]
    return formulas.ols("target ~ bmi + bp", table).fit_regularized(alpha=0.1), table, "target"


# ---- imbalanced-learn --------------------------------------------------------------------------------


@strange
def sampler_among_the_steps() -> Made:
    """A sampler between an encoder and a line: a step of the fit, and none of a prediction."""
    from imblearn.over_sampling import RandomOverSampler
    from imblearn.pipeline import make_pipeline

    table, values = some_people("grade", *MIXED)
    model = make_pipeline(mixed(), RandomOverSampler(random_state=0), linear_model.LogisticRegression(max_iter=500))
    return model.fit(table[list(MIXED)], values), table, "grade"


@strange
def sampler_first() -> Made:
    """A sampler before everything else, a forest at the end."""
    from imblearn.pipeline import make_pipeline
    from imblearn.under_sampling import RandomUnderSampler

    table, values = some_people("bad", *MIXED)
    forest = ensemble.RandomForestClassifier(8, max_depth=4, random_state=0)
    model = make_pipeline(RandomUnderSampler(random_state=0), mixed(), forest)
    return model.fit(table[list(MIXED)], values), table, "bad"


# ---- frames of polars --------------------------------------------------------------------------------


@strange
def fitted_on_polars() -> Made:
    """Fitted on a frame of polars, with frames of polars between the steps."""
    import polars

    table, values = some_people("amount", "age", "income", "region")
    table["region"], table["income"] = table["region"].fillna("unknown"), table["income"].fillna(0.0)
    prepare = compose.make_column_transformer(
        (preprocessing.StandardScaler(), ["age", "income"]),
        (preprocessing.OneHotEncoder(sparse_output=False, handle_unknown="ignore"), ["region"]),
    ).set_output(transform="polars")
    model = pipeline.make_pipeline(prepare, linear_model.Ridge())
    return model.fit(polars.from_pandas(table[["age", "income", "region"]]), values), table, "amount"
