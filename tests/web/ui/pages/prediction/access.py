"""Who may have an answer of each of the page's callbacks."""

from __future__ import annotations

from tests.access.people import Needs

RULES: dict[str, Needs] = {
    "callbacks.show_prediction": "prediction",
    "callbacks.show_past": "prediction",
}
