"""An artifact's parts, read without trusting that it is what its names say."""

from __future__ import annotations

from typing import Any

from modeldesk.model_service.engine.foreign import Adapter

_DEPTH = 20


def attribute(estimator: Any, name: str) -> Any:
    """An attribute, or None; a property of an estimator may raise anything where it does not apply."""
    try:
        return getattr(estimator, name, None)
    except Exception:
        return None


def kind_of(estimator: Any) -> str:
    """The name of the class of what a person saved, for sentences."""
    return type(estimator.artifact if isinstance(estimator, Adapter) else estimator).__name__


def steps_of(estimator: Any) -> list[Any] | None:
    """The steps of a pipeline that act on rows to be predicted, in order; None for anything else.

    A sampler of imbalanced-learn changes the rows of a fit only, so it is left out.
    """
    from sklearn.pipeline import Pipeline

    if not isinstance(estimator, Pipeline):
        return None
    return [step for _, step in estimator.steps if not callable(attribute(step, "fit_resample"))]


def passes(step: Any) -> bool:
    """Whether a step hands its rows on as they are."""
    if step is None or (isinstance(step, str) and step == "passthrough"):
        return True
    # scikit-learn stores a fitted ``passthrough`` as a FunctionTransformer without a function.
    return type(step).__name__ == "FunctionTransformer" and attribute(step, "func") is None


def final_of(estimator: Any) -> Any:
    """What answers at the end of pipelines and of searches that were saved whole."""
    for _ in range(_DEPTH):
        steps = steps_of(estimator)
        if steps:
            estimator = steps[-1]
        elif attribute(estimator, "best_estimator_") is not None:
            estimator = attribute(estimator, "best_estimator_")
        else:
            break
    return estimator
