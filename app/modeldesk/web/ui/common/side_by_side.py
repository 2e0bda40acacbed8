"""Records as the columns of one table, their rows in titled parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html

from modeldesk.web.ui.common.components import Children, exportable


@dataclass(frozen=True, slots=True)
class Part:
    """Rows under a title (None: no title); each row's first cell is its head."""

    title: str | None
    rows: Sequence[Sequence[Children]]


def side_by_side(corner: str, heads: Sequence[Children], parts: Sequence[Part], *, caption: str) -> html.Div:
    """The table; it scrolls sideways by itself, its first column stays. Parts without rows are left out."""
    first = html.Th(html.Span(corner, className="md-note"), scope="col")
    head = html.Tr([first, *(html.Th(cell, scope="col") for cell in heads)])
    drawn = html.Table(
        [
            html.Caption(caption, className="visually-hidden"),
            html.Thead(head),
            *(_part(part, len(heads)) for part in parts if part.rows),
        ],
        className="md-table md-side-by-side",
    )
    return exportable(drawn, caption)


def _part(part: Part, width: int) -> html.Tbody:
    title = html.Th(part.title, colSpan=width + 1, scope="rowgroup", className="md-part")
    lead = [html.Tr(title)] if part.title else []
    lines = [html.Tr([html.Th(row[0], scope="row"), *(html.Td(cell) for cell in row[1:])]) for row in part.rows]
    return html.Tbody([*lead, *lines])
