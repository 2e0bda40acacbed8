"""On what scale an artifact answers, where that is not its target's."""

from __future__ import annotations

from typing import Any

from modeldesk.core.errors import PublishRefused
from modeldesk.model_service.engine.steps import attribute, final_of, kind_of

_MARGIN = "binary:logitraw"
"""XGBoost's objective whose answers, those of its ``predict_proba`` too, are margins. Its start value is
no margin, so that their logistic function is not what ``binary:logistic`` answers."""
_RANKERS = frozenset({"XGBRanker", "LGBMRanker", "CatBoostRanker"})


def check_scale(estimator: Any) -> None:
    """Raise PublishRefused where the answers are on a scale of their own, on which no figure against the
    target would mean anything."""
    final = final_of(estimator)
    scale = meaningless_scale(final)
    if scale is not None:
        plain = "say --task regression, without --target, to serve its answers as plain numbers without figures"
        if attribute(final, "objective") == _MARGIN:
            classifier = "Train it with the objective binary:logistic, which answers probabilities"
            hint = f"{classifier}." if attribute(final, "classes_") is not None else f"{classifier}; or {plain}."
        else:
            hint = f"S{plain[1:]}."
        raise PublishRefused(
            "unsupported",
            f"{kind_of(final)} answers {scale}, which cannot be compared with the target.",
            hint=hint,
        )


def meaningless_scale(final: Any) -> str | None:
    """On what scale a model answers that is not the target's; None where it is."""
    objective = attribute(final, "objective")
    objective = objective if isinstance(objective, str) else ""
    survival = callable(attribute(final, "predict_survival_function")) or callable(
        attribute(final, "predict_cumulative_hazard")
    )
    if survival or objective.startswith("survival:") or objective == "Cox":
        return "a risk on a scale of its own"
    if objective == _MARGIN:
        return "a raw margin, the argument of a logistic function"
    ranks = objective.startswith("rank") or objective in ("lambdarank", "YetiRank", "PairLogit", "QueryRMSE")
    if ranks or kind_of(final) in _RANKERS:
        return "a score that only puts rows of one group in order"
    return None
