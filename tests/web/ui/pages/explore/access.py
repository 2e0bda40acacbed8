"""Who may have an answer of each of the page's callbacks."""

from __future__ import annotations

from tests.access.people import Needs

RULES: dict[str, Needs] = {
    "callbacks.open_page": "analysis",
    "callbacks.change": "analysis",
    "callbacks.show_bar": "analysis",
    "callbacks.show_form": "analysis",
    "charts.paint": "analysis",
    "charts.make_exact": "analysis",
    "charts.tabulate": "open",
    "rows_callbacks.show_columns": "analysis",
    "rows_callbacks.fetch": "analysis",
    "views_callbacks.list_views": "analysis",
    "views_callbacks.save": "analysis",
    "views_callbacks.delete": "analysis",
}
