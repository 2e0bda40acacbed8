"""On what scale an artifact answers, where that is not its target's."""

from __future__ import annotations

from typing import Any

from modeldesk.core.errors import PublishRefused
from modeldesk.model_service.engine.steps import attribute, final_of

_RANKERS = frozenset({"XGBRanker", "LGBMRanker", "CatBoostRanker"})


def check_scale(estimator: Any) -> None:
    """Raise PublishRefused where the answers are on a scale of their own, on which no figure against the
    target would mean anything."""
    final = final_of(estimator)
    scale = meaningless_scale(final)
    if scale is not None:
        raise PublishRefused(
            "unsupported",
            f"{type(final).__name__} answers {scale}, which cannot be compared with the target.",
            hint="Say --task regression, without --target, to serve its answers as plain numbers without figures.",
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
    ranks = objective.startswith("rank") or objective in ("lambdarank", "YetiRank", "PairLogit", "QueryRMSE")
    if ranks or type(final).__name__ in _RANKERS:
        return "a score that only puts rows of one group in order"
    return None
