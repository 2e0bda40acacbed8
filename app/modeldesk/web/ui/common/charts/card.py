"""A card with a chart: its finding in words, its data as a table, and a download."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from modeldesk.web.ui.common import ids
from modeldesk.web.ui.common.charts import text as words
from modeldesk.web.ui.common.components import Children, card, classes, given, icon, icon_button, menu

_CONFIG = {"displayModeBar": False, "responsive": True, "showTips": False, "doubleClick": "reset"}


def chart_card(
    name: str,
    title: str,
    *,
    height: int = 248,
    tools: Sequence[Children] = (),
    waiting: Children = words.DRAWING,
    heading: Children = None,
    data: bool = False,
    className: str = "",
) -> Any:
    """The card of the chart called ``name``, empty until callbacks fill it.

    Callbacks write a figure (colours by token, see ``modeldesk.web.ui.common.charts.template``) to
    ``ids.chart_figure(name)`` ``.data``, the finding to ``ids.chart_summary(name)``
    ``.children`` and a table to ``ids.chart_table(name)`` ``.children``, with
    ``errors=ids.chart_errors(name)``. The browser paints the figure in the colours of the
    theme, again when the theme changes, and names it by title and finding. ``heading`` stands in
    the place of the title, where it changes. With ``data`` the download offers the figure's data too,
    which is in its ``layout.meta``.
    """
    return card(
        html.Div(waiting, id=ids.chart_summary(name), className="md-card-summary md-chart-summary"),
        html.Div(id=ids.chart_errors(name), className="md-chart-errors"),
        html.Div(
            [
                html.Div(graph(name, title, height=height), className="md-chart-picture"),
                html.Div(id=ids.chart_table(name), className="md-chart-table"),
            ],
            className="md-chart-body",
        ),
        title=title if heading is None else heading,
        tools=[
            *tools,
            icon_button(
                "table",
                words.AS_A_TABLE.format(title=title),
                id=ids.chart_toggle(name),
                **{"aria-pressed": "false", "data-md-action": "chart-table"},
            ),
            _downloads(title, data),
        ],
        className=classes("md-chart-card", className),
        **given(**{"data-md-chart": name}),
    )


def _downloads(title: str, data: bool) -> html.Details:
    """What can be saved of a chart."""
    offered = [(words.PICTURE, "chart-download"), (words.VECTOR, "chart-download-svg")]
    offered += [(words.DATA, "chart-data")] if data else []
    items = [html.Button(text, type="button", **{"data-md-action": action}) for text, action in offered]
    return menu(
        html.Span(icon("download"), className="md-icon-button"),
        items,
        name=words.DOWNLOAD.format(title=title),
        className="md-menu-right md-download",
    )


def is_open(clicks: int | None) -> bool:
    """Whether a button that opens and closes was last pressed to open. What it opens is made for those
    who look at it, hundreds of cells or more."""
    return (clicks or 0) % 2 == 1


def graph(name: str, title: str, *, height: int = 248, figure: Any = None) -> html.Div:
    """The graph alone, with the store its figure goes to; for charts inside other cards.
    ``figure`` is drawn from the start."""
    return html.Div(
        [
            dcc.Store(id=ids.chart_figure(name), data=figure),
            dcc.Graph(id=ids.chart_graph(name), figure=_blank(height), config=_CONFIG, style={"height": f"{height}px"}),
        ],
        className="md-chart",
        role="img",
        **{"aria-label": title, "data-md-title": title},
    )


def _blank(height: int) -> dict[str, Any]:
    hidden = {"visible": False}
    return {
        "data": [],
        "layout": {
            "height": height,
            "xaxis": hidden,
            "yaxis": hidden,
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
        },
    }
