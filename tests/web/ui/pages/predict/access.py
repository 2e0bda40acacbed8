"""Who may have an answer of each of the page's callbacks."""

from __future__ import annotations

from tests.access.people import Needs

RULES: dict[str, Needs] = {
    "forms.draw_form": "model",
    "predictions.preview": "model",
    "predictions.predict": "model",
    "charts.draw_curve": "model",
    "charts.draw_surface": "model",
    "reasons.show_why": "model",
    "reasons.show_similar": "model",
    "what_if.offer_goals": "model",
    "what_if.find_changes": "model",
    "what_if.find_records": "model",
    "what_if.show_filter": "model",
    "scenario_callbacks.change": "model",
    "scenario_callbacks.show": "model",
    "scenario_callbacks.export": "model",
    "presets.callbacks.list_presets": "model",
    "presets.callbacks.save": "model",
    "presets.callbacks.change": "own",
    "presets.callbacks.delete": "own",
    "presets.callbacks.open_preset": "own",
    "compare_callbacks.choose": "open",
    "compare_callbacks.offer": "model",
    "compare_callbacks.show": "model",
}
