"""Explanations of every kind of artifact: they add up, speak of inputs, and are what they claim."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from modeldesk.model_service.explain import Explainer, ExplainerSpec, Explanation, choose_method
from modeldesk.model_service.explain.explainer import background_of
from modeldesk.model_service.explain.permutation import sample_shapley
from modeldesk.model_service.schema.infer import infer_schema
from modeldesk.model_service.schema.schema import ModelSchema
from scipy.special import expit, softmax
from sklearn import compose, datasets, ensemble, linear_model, pipeline, preprocessing

from tests.zoo import ZOO, Specimen, people

FLOAT32 = ("xgboost", "lightgbm", "catboost")


def prepared(estimator: Any, data: pd.DataFrame, target: str | None) -> tuple[ModelSchema, pd.DataFrame, ExplainerSpec]:
    schema = infer_schema(estimator, data, target=target)
    reference = data[list(schema.names)]
    return schema, reference, choose_method(estimator, schema, reference.head(6), reference)


def explainer_of(specimen: Specimen) -> tuple[Explainer, pd.DataFrame]:
    schema, reference, spec = prepared(specimen.estimator, specimen.data, specimen.target)
    # As after a restart: from what was stored.
    stored = ExplainerSpec.model_validate_json(spec.model_dump_json())
    return Explainer(stored, specimen.estimator, schema, reference), reference


def adds_up(explanation: Explanation, tolerance: float = 1e-9) -> bool:
    total = explanation.base_value + sum(item.contribution for item in explanation.contributions)
    return bool(np.isclose(total, explanation.output, rtol=tolerance, atol=1e-12))


def asked_of(estimator: Any, explainer: Explainer, row: pd.DataFrame, explanation: Explanation) -> tuple[float, float]:
    """What the explanation says the output is, and what the artifact answers, on one scale."""
    answers = explainer.answers.ask(row)[0]
    column = explainer.answers.classes.index(explanation.of_class) if explanation.of_class is not None else 0
    if explanation.scale == "log_odds":
        return float(expit(explanation.output)), float(answers[column])
    if explanation.scale == "score" and explainer.answers.kind == "probability":
        outputs = [explainer.explain(row, name).output for name in explainer.answers.classes]
        return float(softmax(outputs)[column]), float(answers[column])
    return explanation.output, float(answers[column])


@pytest.mark.parametrize("kind", sorted(ZOO))
def test_contributions_are_by_input_and_add_up_to_the_answer(kind: str) -> None:
    specimen = ZOO[kind]()
    explainer, reference = explainer_of(specimen)
    tolerance = 1e-4 if any(library in kind for library in FLOAT32) else 1e-6
    for place in (0, 1, len(reference) // 2):
        row = reference.iloc[[place]]
        explanation = explainer.explain(row)
        assert explanation.method == explainer.spec.method
        assert explanation.scale == explainer.spec.scale
        assert tuple(item.feature for item in explanation.contributions) == explainer.schema.names
        assert adds_up(explanation)
        told, answered = asked_of(specimen.estimator, explainer, row, explanation)
        assert told == pytest.approx(answered, rel=tolerance, abs=1e-9)
        assert explanation.sampled == all(item.error is not None for item in explanation.contributions)


def test_which_artifacts_are_explained_exactly() -> None:
    def method_of(kind: str) -> tuple[str, str]:
        spec = explainer_of(ZOO[kind]())[0].spec
        return spec.method, spec.scale

    assert method_of("ridge") == ("linear", "value")
    assert method_of("mixed-logistic") == ("linear", "log_odds")
    assert method_of("support-vectors-binary") == ("linear", "score")
    assert method_of("mixed-forest") == ("tree", "probability")
    assert method_of("boosted-regression") == ("tree", "value")
    assert method_of("xgboost-binary") == ("tree", "log_odds")
    assert method_of("lightgbm-categories") == ("tree", "log_odds")
    assert method_of("catboost-regression") == ("tree", "value")
    for kind in ("components", "polynomial", "native-categories", "poisson", "transformed-target"):
        assert method_of(kind)[0] == "permutation", kind
    assert method_of("isolation") == ("permutation", "score")


def test_tree_values_are_shaps_own() -> None:
    import shap

    inputs, target = datasets.load_breast_cancer(return_X_y=True, as_frame=True)
    model = ensemble.GradientBoostingClassifier(n_estimators=20, random_state=0).fit(inputs, target)
    data = inputs.assign(target=target)
    schema, reference, spec = prepared(model, data, "target")
    assert (spec.method, spec.scale) == ("tree", "log_odds")
    found = Explainer(spec, model, schema, reference).attribute(reference.head(20), [1] * 20)
    own = shap.TreeExplainer(model)
    np.testing.assert_allclose(found.contributions, own.shap_values(inputs.head(20)), atol=1e-12)
    np.testing.assert_allclose(found.base, own.expected_value[0])


def test_native_boosted_values_are_shaps_own_summed_to_their_inputs() -> None:
    import shap
    from lightgbm import LGBMRegressor

    table = people().dropna(ignore_index=True)
    encode = compose.ColumnTransformer(
        [("words", preprocessing.OneHotEncoder(sparse_output=False), ["region"])], remainder="passthrough"
    )
    inputs = table[["age", "income", "region"]]
    model = pipeline.make_pipeline(encode, LGBMRegressor(n_estimators=20, verbose=-1, n_jobs=1))
    model.fit(inputs, table["amount"])
    schema, reference, spec = prepared(model, inputs.assign(amount=table["amount"]), "amount")
    assert spec.method == "tree"
    found = Explainer(spec, model, schema, reference).attribute(reference.head(10)).contributions
    columns = shap.TreeExplainer(model[-1]).shap_values(model[0].transform(inputs.head(10)))
    words = model[0].named_transformers_["words"].get_feature_names_out().size
    np.testing.assert_allclose(found[:, 2], columns[:, :words].sum(axis=1), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(found[:, 0], columns[:, words], rtol=1e-4, atol=1e-6)


def test_tree_values_that_do_not_add_up_are_not_used() -> None:
    """SHAP takes the codes of native categories for numbers, without a word."""
    table = people().dropna(ignore_index=True)
    encode = compose.ColumnTransformer([("words", preprocessing.OrdinalEncoder(), ["region"])], remainder="passthrough")
    inputs = table[["age", "region", "owner"]]
    for categorical, method in (([0], "permutation"), (None, "tree")):
        final = ensemble.HistGradientBoostingRegressor(max_iter=20, categorical_features=categorical)
        model = pipeline.make_pipeline(encode, final).fit(inputs, table["amount"])
        spec = prepared(model, inputs.assign(amount=table["amount"]), "amount")[2]
        assert spec.method == method, spec.reason


def test_an_exact_method_that_parts_from_the_model_is_not_shown() -> None:
    table = people().dropna(ignore_index=True)[["age", "income", "amount"]]
    model, other = (
        ensemble.GradientBoostingRegressor(n_estimators=count, random_state=0).fit(
            table[["age", "income"]], table["amount"]
        )
        for count in (10, 30)
    )
    schema, reference, spec = prepared(model, table, "amount")
    assert spec.method == "tree"
    explainer = Explainer(spec, other, schema, reference)
    explainer._final = model  # a decomposition that is not of the model that answers
    explanation = explainer.explain(reference.head(1))
    assert explanation.method == "permutation"
    assert adds_up(explanation)
    assert explanation.output == pytest.approx(other.predict(reference.head(1))[0])


def test_a_class_can_be_asked_for_by_name_or_value() -> None:
    explainer, reference = explainer_of(ZOO["mixed-logistic"]())
    row = reference.head(1)
    yes, no = explainer.explain(row, True), explainer.explain(row, "False")
    assert (yes.of_class, no.of_class) == ("True", "False")
    assert yes.output == pytest.approx(-no.output)
    assert [item.contribution for item in yes.contributions] == pytest.approx(
        [-item.contribution for item in no.contributions]
    )
    assert explainer.explain(row).output == max(yes.output, no.output)
    with pytest.raises(KeyError):
        explainer.explain(row, "perhaps")


def test_values_are_plain_and_missing_is_none() -> None:
    explainer, reference = explainer_of(ZOO["mixed-logistic"]())
    gap = int(np.flatnonzero(reference["region"].isna())[0])
    values = {item.feature: item.value for item in explainer.explain(reference.iloc[[gap]]).contributions}
    assert values["region"] is None
    assert isinstance(values["age"], int) and isinstance(values["owner"], bool)


def test_sampling_estimates_shapley_values_within_its_error() -> None:
    """Held against the definition, all coalitions and the same background, on four features."""
    generator = np.random.default_rng(5)
    inputs = pd.DataFrame(generator.normal(size=(64, 4)), columns=list("abcd"))
    truth = inputs["a"] * inputs["b"] + np.exp(inputs["c"] / 2) + inputs["d"]
    basis = pipeline.make_pipeline(preprocessing.PolynomialFeatures(3), linear_model.Ridge(1e-3)).fit(inputs, truth)
    schema, reference, spec = prepared(basis, inputs.assign(y=truth), "y")
    spec = spec.model_copy(update={"background": 64, "pairs": 256})
    explainer = Explainer(spec, basis, schema, reference)
    exact = _shapley_by_definition(basis, reference.iloc[0], background_of(spec, schema, reference))
    explanation = explainer.explain(reference.head(1))
    for item, value in zip(explanation.contributions, exact, strict=True):
        assert item.error is not None
        assert abs(item.contribution - value) <= 4 * item.error + 1e-9
    again = explainer.explain(reference.head(1))
    assert again == explanation


def _shapley_by_definition(model: Any, row: pd.Series, background: pd.DataFrame) -> np.ndarray:
    worth = {}
    for size in range(5):
        for players in itertools.combinations(range(4), size):
            mixed = background.copy()
            for place in players:
                mixed.iloc[:, place] = row.iloc[place]
            worth[players] = model.predict(mixed).mean()
    weight = [1 / 4, 1 / 12, 1 / 12, 1 / 4]
    found = np.zeros(4)
    for players, value in worth.items():
        for place in set(range(4)) - set(players):
            joined = tuple(sorted((*players, place)))
            found[place] += weight[len(players)] * (worth[joined] - value)
    return found


def test_sampling_is_exact_for_an_additive_game() -> None:
    worths = np.array([3.0, -1.0, 0.5])
    active = np.array([[True, True, True], [True, False, True]])

    def evaluate(masks: np.ndarray, start: np.ndarray) -> np.ndarray:
        return (masks * active[start]) @ worths

    absent = np.zeros(2)
    # The second background row shares the second value: its worth is there already.
    absent[1] = worths[1]
    terms, errors = sample_shapley(
        lambda masks, start: evaluate(masks, start) + absent[start], active, worths.sum(), absent, pairs=8, seed=0
    )
    np.testing.assert_allclose(terms, [3.0, -0.5, 0.5])
    np.testing.assert_allclose(errors[[0, 2]], 0.0, atol=1e-12)
    assert terms.sum() == pytest.approx(worths.sum() - absent.mean())


def test_a_record_like_the_whole_background_has_no_contributions() -> None:
    terms, errors = sample_shapley(lambda masks, _: np.zeros(len(masks)), np.zeros((3, 2), bool), 1.0, np.ones(3), 6, 0)
    assert terms.tolist() == errors.tolist() == [0.0, 0.0]
