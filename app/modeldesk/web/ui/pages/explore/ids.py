"""Ids of the Explore page; ``assets/pages/explore/explore.js`` names the same."""

from __future__ import annotations

from typing import Any

from modeldesk.web.ui.common.filters.form import FilterFormIds

MODEL = "explore-model"
ASKED = "explore-asked"
"""A store: the query of the address that the page was opened by."""
START = "explore-start"
"""A store: the view that the page begins with, as ``explore_view.written`` writes it."""
VIEW = "explore-view"
"""A store: the view that is shown."""
PICKED = "explore-picked"
"""A store: the filters of the parts that were clicked or dragged over in a chart."""
PAINTED = "explore-painted"
"""A store: the view whose figures the page shows, and whether these are exact."""

ERRORS = "explore-errors"
PROBLEMS = "explore-problems"
CHANGE_ERRORS = "explore-change-errors"
PAINT_ERRORS = "explore-paint-errors"
EXACT_ERRORS = "explore-exact-errors"
BAR_ERRORS = "explore-bar-errors"

PLACE = "explore-place"
CHIPS = "explore-chips"
CLEAR = "explore-clear"
SPAN = "explore-span"
SPAN_WORDS = "explore-span-words"
SINCE = "explore-since"
UNTIL = "explore-until"
SPAN_APPLY = "explore-span-apply"

FILTER = FilterFormIds("explore")

VIEWS = "explore-views"
VIEW_NAME = "explore-view-name"
VIEW_SAVE = "explore-view-save"
VIEW_SAVED = "explore-view-saved"
VIEW_ERRORS = "explore-view-errors"
VIEW_DELETE_ERRORS = "explore-view-delete-errors"
VIEWS_CHANGED = "explore-views-changed"
"""A store: anything new is written to it when a view was saved or deleted."""
LINK = "explore-link"

STATUS = "explore-status"
KPIS = "explore-kpis"
CARDS = "explore-cards"
EMPTY = "explore-empty"

DISTRIBUTION = "explore-distribution"
BY = "explore-by"
COURSE = "explore-course"
PAIR = "explore-pair"
MAP = "explore-map"
"""Names of the page's charts."""
CHARTS = (MAP, DISTRIBUTION, BY, PAIR, COURSE)
"""In the order of the page."""

BY_COLUMN = "explore-by-column"
X_COLUMN = "explore-x-column"
Y_COLUMN = "explore-y-column"

ROWS = "explore-rows"
ROWS_NOTE = "explore-rows-note"
ROWS_ERRORS = "explore-rows-errors"
GRID = "explore-grid"
DOWNLOADS = "explore-downloads"

SOURCE, INSTEAD, VERSION, DAYS, WITHOUT, PICK = "source", "instead", "version", "days", "without", "pick"
"""What buttons do with the view; behind a colon stands with what. ``INSTEAD`` is ``SOURCE`` in another
place, no two having one id."""


def do(name: Any) -> dict[str, Any]:
    """A button that changes the view."""
    return {"part": "explore-do", "name": name}


def part(name: Any) -> dict[str, Any]:
    """The place of one chart, hidden where there is no use for it."""
    return {"part": "explore-part", "name": name}


def title(name: Any) -> dict[str, Any]:
    """What a chart's card is called, which follows the view."""
    return {"part": "explore-title", "name": name}


def funnel(name: Any) -> dict[str, Any]:
    """The sign in a chart's title that it filters the others."""
    return {"part": "explore-funnel", "name": name}


def delete(view_id: Any) -> dict[str, Any]:
    """The button that deletes a saved view."""
    return {"part": "explore-delete", "name": view_id}
