"""Who may have an answer of each of the page's callbacks."""

from __future__ import annotations

from tests.access.people import Needs

RULES: dict[str, Needs] = {
    "callbacks.show_files": "open",
    "callbacks.show_job": "batch",
    "callbacks.act": "batch",
    "callbacks.delete": "batch",
    "callbacks.check_file": "batch",
    "callbacks.take_suggestion": "open",
    "callbacks.predictions": "batch",
    "callbacks.warnings": "batch",
    "callbacks.shift": "batch",
    "callbacks.show_rows": "batch",
    "callbacks.find": "open",
}
