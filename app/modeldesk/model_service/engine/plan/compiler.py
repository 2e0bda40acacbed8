"""Reading a fitted estimator into a plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from modeldesk.model_service.engine.plan import heads, nodes
from modeldesk.model_service.engine.plan.kernels import flatten, flatten_boosted
from modeldesk.model_service.engine.plan.nodes import Node
from modeldesk.model_service.engine.plan.rows import is_numeric
from modeldesk.model_service.engine.plan.steps import Chain, Step, nameless
from modeldesk.model_service.engine.plan.transformers import (
    Declined,
    Kind,
    Matrix,
    Table,
    as_matrix,
    chained,
    from_sklearn,
    name_of,
    read_transformer,
)
from modeldesk.model_service.schema.schema import ModelSchema

_NARROW = frozenset({"float32", "Float32", "float16"})


def compile_plan(estimator: Any, schema: ModelSchema) -> Node:
    """The plan of a fitted estimator over rows of the contract.

    Raises Declined with the reason where no plan is made. That a plan answers what the artifact
    answers is not known until it has been proven on rows.
    """
    if schema.fitted_on == "series":
        raise Declined("it reads one column of text by itself")
    kind = Table(
        schema.names,
        tuple(is_numeric(feature) for feature in schema.features),
        any(feature.dtype in _NARROW for feature in schema.features),
    )
    if schema.fitted_on == "array" and not all(kind.numeric):
        raise Declined("it was fitted on an array of objects")
    try:
        return read_estimator(estimator, kind)
    except Declined:
        raise
    except Exception as error:  # a fitted object may lack anything that its class promises
        raise Declined(f"{name_of(estimator)} cannot be read: {type(error).__name__}") from error


def read_estimator(estimator: Any, kind: Kind) -> Node:
    """The node that answers what the estimator answers on data of this kind. Raises Declined."""
    reader = _READERS.get(name_of(estimator)) if from_sklearn(estimator) else None
    if reader is None:
        return _own(estimator, kind)
    return reader(estimator, kind)


def _pipeline(pipeline: Any, kind: Kind) -> Node:
    parts: list[Step] = []
    for _, part in pipeline.steps[:-1]:
        step, kind = read_transformer("passthrough" if part is None else part, kind)
        parts.append(step)
    node = read_estimator(pipeline.steps[-1][1], kind)
    step = chained(*parts)
    return node if isinstance(step, Chain) and not step.steps else nodes.After(step, node)


def _search(search: Any, kind: Kind) -> Node:
    return read_estimator(search.best_estimator_, kind)


def _own(estimator: Any, kind: Kind) -> Node:
    """An estimator's own methods on a matrix of numbers."""
    if not from_sklearn(estimator) and isinstance(kind, Table):
        raise Declined(f"{name_of(estimator)} reads the frame itself")
    read, matrix = as_matrix(kind)
    return nodes.Leaf(read, heads.OwnEstimator(nameless(estimator), matrix.sparse))


def _product(estimator: Any, matrix: Matrix) -> heads.Product:
    coefficients = estimator.coef_
    weights = coefficients.T if coefficients.ndim == 2 else coefficients
    return heads.Product(weights, estimator.intercept_, matrix.sparse)


def _linear(estimator: Any, kind: Kind) -> Node:
    read, matrix = as_matrix(kind)
    return nodes.Leaf(read, heads.LinearValue(_product(estimator, matrix), None))


def _glm(estimator: Any, kind: Kind) -> Node:
    read, matrix = as_matrix(kind)
    return nodes.Leaf(read, heads.LinearValue(_product(estimator, matrix), estimator._base_loss.link.inverse))


def _linear_classes(probability: bool) -> Callable[[Any, Kind], Node]:
    def read(estimator: Any, kind: Kind) -> Node:
        step, matrix = as_matrix(kind)
        how = None
        if probability:
            how = "sigmoid" if len(estimator.classes_) <= 2 else "softmax"
        return nodes.Leaf(step, heads.LinearClasses(_product(estimator, matrix), estimator.classes_, how))

    return read


def _trees(estimator: Any, kind: Kind) -> Node:
    single = not hasattr(estimator, "estimators_")
    members = [estimator] if single else list(estimator.estimators_)
    if estimator.n_outputs_ != 1 or any(getattr(member, "monotonic_cst", None) is not None for member in members):
        raise Declined(f"{name_of(estimator)} has several outputs or monotonic constraints")
    classes = getattr(estimator, "classes_", None)
    width = 1 if classes is None else len(classes)
    read, matrix = as_matrix(kind)
    parts = [member.tree_ for member in members]
    trees = flatten(parts, [part.value[:, 0, :width] for part in parts])
    missing = not matrix.sparse and _takes_missing(estimator)
    return nodes.Leaf(read, heads.Forest(trees, classes, parts, missing=missing, single=single))


def _takes_missing(estimator: Any) -> bool:
    from sklearn.utils import get_tags

    return bool(get_tags(estimator).input_tags.allow_nan)


def _boosted(estimator: Any, kind: Kind) -> Node:
    if estimator.estimators_.shape[1] != 1:
        raise Declined("gradient boosting of several classes is not planned for")
    initial = estimator.init_
    if not (isinstance(initial, str) and initial == "zero") and name_of(initial) not in (
        "DummyClassifier",
        "DummyRegressor",
    ):
        raise Declined("its gradient boosting starts from another model")
    read, _ = as_matrix(kind)
    start = float(estimator._raw_predict_init(np.zeros((1, estimator.n_features_in_), dtype=np.float32))[0, 0])
    members = [member.tree_ for member in estimator.estimators_[:, 0]]
    trees = flatten(members, [member.value[:, 0, :1] for member in members])
    classes = getattr(estimator, "classes_", None)
    return nodes.Leaf(read, heads.Boosted(trees, start, estimator.learning_rate, classes, estimator._loss, members))


def _histogram_boosted(estimator: Any, kind: Kind) -> Node:
    steps: list[Step] = []
    if estimator._preprocessor is not None:
        step, kind = read_transformer(estimator._preprocessor, kind)
        steps.append(step)
    read, _ = as_matrix(kind)
    if estimator._preprocessor is not None or estimator.is_categorical_ is not None:
        known, places = estimator._bin_mapper.make_known_categories_bitsets()
    else:
        known, places = np.zeros((1, 8), dtype=np.uint32), np.zeros(estimator._n_features, dtype=np.uint32)
    if not len(known):
        known = np.zeros((1, 8), dtype=np.uint32)
    trees = flatten_boosted(estimator._predictors, known, places)
    baseline = np.asarray(estimator._baseline_prediction, dtype=float).reshape(1, -1)
    classes = getattr(estimator, "classes_", None)
    members = [(predictor, known, places) for stage in estimator._predictors for predictor in stage]
    head = heads.HistogramBoosted(trees, baseline, classes, estimator._loss, members)
    return nodes.Leaf(chained(*steps, read), head)


def _calibrated(estimator: Any, kind: Kind) -> Node:
    members = []
    for member in estimator.calibrated_classifiers_:
        if member.method not in ("sigmoid", "isotonic"):
            raise Declined(f"its probabilities are calibrated by {member.method}")
        classes = list(member.classes)
        members.append(
            nodes.Calibration(
                read_estimator(member.estimator, kind),
                hasattr(member.estimator, "decision_function"),
                tuple(_calibration(calibrator) for calibrator in member.calibrators),
                tuple(classes.index(value) for value in member.estimator.classes_),
                len(classes),
            )
        )
    return nodes.Calibrated(members, estimator.classes_)


def _calibration(calibrator: Any) -> Callable[[np.ndarray], np.ndarray]:
    if name_of(calibrator) != "_SigmoidCalibration":
        return calibrator.predict  # type: ignore[no-any-return]
    slope, shift = calibrator.a_, calibrator.b_
    from scipy.special import expit

    return lambda told: expit(-(slope * told + shift))


def _target_transformed(estimator: Any, kind: Kind) -> Node:
    squeeze = estimator._training_dim == 1
    return nodes.TargetTransformed(read_estimator(estimator.regressor_, kind), estimator.transformer_, squeeze)


def _voting(estimator: Any, kind: Kind) -> Node:
    classes = getattr(estimator, "classes_", None)
    if classes is not None and estimator.voting != "soft":
        raise Declined("its members vote by majority")
    members = [read_estimator(member, kind) for member in estimator.estimators_]
    return nodes.Averaged(members, estimator._weights_not_none, classes)


def _stacking(estimator: Any, kind: Kind) -> Node:
    if estimator.passthrough:
        raise Declined("its stacking passes the inputs on")
    classes = getattr(estimator, "classes_", None)
    members = [
        nodes.StackMember(read_estimator(member, kind), method, classes is not None and len(classes) == 2)
        for member, method in zip(estimator.estimators_, estimator.stack_method_, strict=True)
    ]
    final = read_estimator(estimator.final_estimator_, Matrix(0))
    return nodes.Stacked(members, final, classes)


def _thresholded(estimator: Any, kind: Kind) -> Node:
    inner = getattr(estimator, "estimator_", getattr(estimator, "estimator", None))
    threshold = getattr(estimator, "best_threshold_", getattr(estimator, "threshold", "auto"))
    if estimator.response_method == "decision_function" or not hasattr(inner, "predict_proba"):
        raise Declined("its threshold is one of a decision function")
    cut = 0.5 if threshold == "auto" else float(threshold)
    classes = estimator.classes_
    positive = 1
    if name_of(estimator) == "TunedThresholdClassifierCV":
        label = estimator._curve_scorer._get_pos_label()
    else:
        label = estimator.pos_label
    if label is not None:
        positive = list(classes).index(label)
    return nodes.Thresholded(read_estimator(inner, kind), classes, positive, cut)


_LINEAR = (
    "LinearRegression",
    "Ridge",
    "RidgeCV",
    "Lasso",
    "LassoCV",
    "ElasticNet",
    "ElasticNetCV",
    "BayesianRidge",
    "HuberRegressor",
    "Lars",
    "LassoLars",
    "LassoLarsCV",
    "LarsCV",
    "OrthogonalMatchingPursuit",
    "ARDRegression",
    "QuantileRegressor",
    "TheilSenRegressor",
    "LinearSVR",
)
_GLMS = ("PoissonRegressor", "GammaRegressor", "TweedieRegressor")
_FORESTS = ("RandomForestClassifier", "RandomForestRegressor", "ExtraTreesClassifier", "ExtraTreesRegressor")
_SINGLE = ("DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreeClassifier", "ExtraTreeRegressor")
_SEARCHES = ("GridSearchCV", "RandomizedSearchCV", "HalvingGridSearchCV", "HalvingRandomSearchCV")

_READERS: dict[str, Callable[[Any, Kind], Node]] = {
    "Pipeline": _pipeline,
    **dict.fromkeys(_SEARCHES, _search),
    **dict.fromkeys(_LINEAR, _linear),
    **dict.fromkeys(_GLMS, _glm),
    **dict.fromkeys(_FORESTS + _SINGLE, _trees),
    "LogisticRegression": _linear_classes(True),
    "LogisticRegressionCV": _linear_classes(True),
    "RidgeClassifier": _linear_classes(False),
    "RidgeClassifierCV": _linear_classes(False),
    "LinearSVC": _linear_classes(False),
    "GradientBoostingClassifier": _boosted,
    "GradientBoostingRegressor": _boosted,
    "HistGradientBoostingClassifier": _histogram_boosted,
    "HistGradientBoostingRegressor": _histogram_boosted,
    "CalibratedClassifierCV": _calibrated,
    "TransformedTargetRegressor": _target_transformed,
    "VotingClassifier": _voting,
    "VotingRegressor": _voting,
    "StackingClassifier": _stacking,
    "StackingRegressor": _stacking,
    "FixedThresholdClassifier": _thresholded,
    "TunedThresholdClassifierCV": _thresholded,
}
