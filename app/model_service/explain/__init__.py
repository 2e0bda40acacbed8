"""Why a model says what it says, in terms of the inputs that a person entered."""

from app.model_service.explain.choose import choose_method
from app.model_service.explain.explainer import Explainer
from app.model_service.explain.results import Attribution, Contribution, Explanation
from app.model_service.insights import ExplainerSpec, Method, Scale

__all__ = [
    "Attribution",
    "Contribution",
    "Explainer",
    "ExplainerSpec",
    "Explanation",
    "Method",
    "Scale",
    "choose_method",
]
