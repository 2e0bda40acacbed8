"""Who may have an answer of each of the page's callbacks."""

from __future__ import annotations

from tests.access.people import Needs

RULES: dict[str, Needs] = {
    "callbacks.open_page": "analysis",
    "callbacks.follow.look": "analysis",
    "callbacks.gather": "analysis",
    "callbacks.again": "analysis",
    "callbacks.choose": "analysis",
    "charts.importance": "analysis",
    "charts.picture": "analysis",
    "charts.values_add": "analysis",
    "charts.follows": "analysis",
}
