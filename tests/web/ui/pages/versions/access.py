"""Who may have an answer of each of the page's callbacks."""

from __future__ import annotations

from tests.access.people import Needs

RULES: dict[str, Needs] = {
    "callbacks.show_versions": "analysis",
    "callbacks.decide": "manage",
    "callbacks.label": "manage",
    "callbacks.show_verdict": "analysis",
    "comparison_callbacks.offer": "analysis",
    "comparison_callbacks.ask": "open",
    "comparison_callbacks.show_pair": "analysis",
    "comparison_callbacks.together": "analysis",
    "comparison_callbacks.moves": "analysis",
    "comparison_callbacks.show_segments": "analysis",
}
