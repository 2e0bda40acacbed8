"""Explanations, what-ifs and outcomes, as the JSON that is promised."""

from __future__ import annotations

from typing import Any

from modeldesk.model_service.explain import Explanation
from modeldesk.model_service.whatif.counterfactual import Suggestion, Suggestions
from modeldesk.model_service.whatif.response import Curve, Surface
from modeldesk.services.predictions.explain import Explained
from modeldesk.services.predictions.outcomes import Recorded
from modeldesk.web.api.answers import outcome_entry


def explain_answer(items: tuple[Explained, ...]) -> dict[str, Any]:
    """The explanations of one call's records."""
    model = items[0].model
    return {
        "model": model.name,
        "version": model.version,
        "explanations": [_told(item.explanation, item.sentence) for item in items],
    }


def what_if_answer(
    item: Explained, response: Curve | Surface | None, suggestions: Suggestions | None
) -> dict[str, Any]:
    """One record's answer, and what was asked about it."""
    return {
        **item.prediction.output.as_dict(),
        "warnings": item.prediction.warnings,
        "explanation": _told(item.explanation, item.sentence),
        "response": None if response is None else _response(response),
        "suggestions": None if suggestions is None else _suggestions(suggestions),
    }


def outcome_answer(recorded: Recorded) -> dict[str, Any]:
    """What became of an outcome."""
    duplicate = recorded.state == "duplicate"
    return {
        "matched": 0 if duplicate else 1,
        "unmatched": 0,
        "duplicate": 1 if duplicate else 0,
        "invalid": 0,
        "state": recorded.state,
        "outcome": outcome_entry(recorded.outcome),
    }


def _told(explanation: Explanation | None, sentence: str | None) -> dict[str, Any] | None:
    return None if explanation is None else {**explanation.as_dict(), "sentence": sentence}


def _response(found: Curve | Surface) -> dict[str, Any]:
    shared = {"scale": found.scale, "of_class": found.of_class}
    if isinstance(found, Curve):
        return {"feature": found.feature, "values": found.values, "answers": found.answers, **shared}
    return {
        "features": [found.x, found.y],
        "x_values": found.x_values,
        "y_values": found.y_values,
        "answers": found.rows(),
        **shared,
    }


def _suggestions(found: Suggestions) -> dict[str, Any]:
    return {
        "already": found.already,
        "complete": found.complete,
        "items": [_suggestion(item) for item in found.items],
    }


def _suggestion(item: Suggestion) -> dict[str, Any]:
    return {
        "changes": [
            {"feature": change.feature, "before": change.before, "after": change.after} for change in item.changes
        ],
        "prediction": item.output.prediction,
        "probability": item.output.probability,
        "distance": item.distance,
        "unusual": item.unusual,
    }
