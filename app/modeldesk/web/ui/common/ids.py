"""Ids that more than one page shares; a page's own are in its layout module.

An id that repeats on a page is a dict with ``part`` (what it is) and ``name`` (which one).
"""

from __future__ import annotations

import json
from typing import Any

ADDRESS = "address"
NOTICES = "notices"
THEME = "theme"


def dom_id(component_id: str | dict[str, Any]) -> str:
    """The ``id`` attribute that Dash gives an element, for labels and links to it."""
    if isinstance(component_id, str):
        return component_id
    return json.dumps(component_id, sort_keys=True, separators=(",", ":"))


def chart_graph(name: Any) -> dict[str, Any]:
    """The drawn graph of a chart card."""
    return {"part": "chart-graph", "name": name}


def chart_figure(name: Any) -> dict[str, Any]:
    """The store that holds a chart card's figure with colours by token: what callbacks fill."""
    return {"part": "chart-figure", "name": name}


def chart_summary(name: Any) -> dict[str, Any]:
    """The finding, in a line."""
    return {"part": "chart-summary", "name": name}


def chart_table(name: Any) -> dict[str, Any]:
    """The chart's data as a table."""
    return {"part": "chart-table", "name": name}


def chart_errors(name: Any) -> dict[str, Any]:
    """Where a chart says that it could not be drawn."""
    return {"part": "chart-errors", "name": name}


def chart_toggle(name: Any) -> dict[str, Any]:
    """The button that swaps the chart and its table: pressed an odd number of times, the table
    is open."""
    return {"part": "chart-toggle", "name": name}
