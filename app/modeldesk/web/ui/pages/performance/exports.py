"""The menu of the Performance page that hands out its tables as files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from dash import html

from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.components import icon, menu

_LABELS: Mapping[str, str] = {
    "metrics": "All metrics",
    "confusion": "Confusion matrix",
    "classes": "Class by class",
    "calibration": "Calibration",
    "thresholds": "Every threshold",
    "segments": "Segments where it fails",
    "groups": "Groups",
    "class_groups": "Groups, every class",
    "rows": "Rows, the worst first",
}


def exports_menu(places: Places, name: str, tables: Sequence[str], query: Mapping[str, Any]) -> html.Details:
    """The tables, each as CSV and as XLSX; ``query`` says what they are of, None where the page says nothing."""
    given = {key: value for key, value in query.items() if value not in (None, "")}

    def link(table: str, kind: str) -> html.A:
        path = f"v1/models/{quote(name, safe='')}/performance/{table}"
        return html.A(
            f"{_LABELS[table]} ({kind.upper()})",
            href=f"{places.api(path)}?{urlencode({**given, 'format': kind})}",
            download="",
        )

    items = [link(table, kind) for table in tables for kind in ("csv", "xlsx")]
    return menu([icon("download"), html.Span("Export tables")], items, name="Export tables", className="md-exports")
