"""Why a model says what it says, in terms of the inputs that a person entered."""

from modeldesk.model_service.explain.choose import choose_method
from modeldesk.model_service.explain.explainer import Explainer
from modeldesk.model_service.explain.results import Attribution, Contribution, Explanation
from modeldesk.model_service.package.insights import ExplainerSpec, ExplanationScale, Method

__all__ = [
    "Attribution",
    "Contribution",
    "Explainer",
    "ExplainerSpec",
    "Explanation",
    "Method",
    "ExplanationScale",
    "choose_method",
]
