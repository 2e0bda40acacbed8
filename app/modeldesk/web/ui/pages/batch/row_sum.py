"""Rows in = scored + rejected, as a bar."""

from __future__ import annotations

from dash import html

from modeldesk.core import formats
from modeldesk.web.ui.common.components import Children


def sum_bar(scored: int, rejected: int) -> html.Div:
    """Both parts of a file's rows, side by side; a part that is not empty can always be seen."""
    said = f"{scored:,} scored, {formats.count(rejected, 'row')} rejected"
    parts = [
        html.Span(className=f"md-sum-{name}", style={"flexGrow": rows})
        for name, rows in (("scored", scored), ("rejected", rejected))
        if rows
    ]
    return html.Div(parts, className="md-sum", role="img", **{"aria-label": said})


def sum_line(rows: int, scored: int, rejected: int) -> html.P:
    """The same as a sum."""

    def term(amount: int, said: str, mark: str | None = None) -> list[Children]:
        swatch = html.Span(className=f"md-swatch md-sum-{mark}", **{"aria-hidden": "true"}) if mark else None
        return [swatch, html.Strong(f"{amount:,}"), f" {said}"]

    return html.P(
        [
            html.Span(term(rows, "row in" if rows == 1 else "rows in")),
            html.Span("=", className="md-quiet"),
            html.Span(term(scored, "scored", "scored")),
            html.Span("+", className="md-quiet"),
            html.Span(term(rejected, "rejected", "rejected")),
        ],
        className="md-sum-line",
    )
