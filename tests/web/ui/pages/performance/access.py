"""Who may have an answer of each of the page's callbacks."""

from __future__ import annotations

from tests.access.people import Needs

RULES: dict[str, Needs] = {
    "callbacks.open_page": "analysis",
    "callbacks.follow": "analysis",
    "callbacks.read": "open",
    "charts.draw_classes": "analysis",
    "charts.draw_predicted": "analysis",
    "charts.draw_quantiles": "analysis",
    "charts.draw_coverage": "analysis",
    "charts.draw_residuals": "analysis",
    "charts.draw_unusual": "analysis",
    "charts.show_fails": "analysis",
    "charts.show_groups": "analysis",
    "charts.tabulate": "analysis",
    "charts.offer_tables": "analysis",
    "cohort_callbacks.offer_columns": "analysis",
    "cohort_callbacks.show_form": "analysis",
    "cohort_callbacks.add": "analysis",
    "cohort_callbacks.remove": "analysis",
    "cohort_callbacks.compare": "analysis",
    "cohort_callbacks.list_rows": "analysis",
    "threshold_callbacks.look_again": "model",
    "threshold_callbacks.show_standing": "model",
    "threshold_callbacks.show_change": "analysis",
    "threshold_callbacks.save": "manage",
}
