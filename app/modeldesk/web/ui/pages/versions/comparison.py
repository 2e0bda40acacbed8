"""Two versions side by side: the part of the Versions page that asks for it and holds what comes of it."""

from __future__ import annotations

import re
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from modeldesk.web.ui.common.charts.card import chart_card
from modeldesk.web.ui.common.components import button, card, labelled, loading
from modeldesk.web.ui.pages.versions import ids

WORKING = "Comparing the versions"
NEWER = "newer"
"""Stands for the rows of whichever version is the newer one."""


def part(compare: str | None, rows: str | None) -> html.Div:
    """The part before its data; hidden until it is known that there is something to compare."""
    return html.Div(
        [
            dcc.Store(id=ids.WANTED, data={"pair": compare, "rows": rows}),
            dcc.Store(id=ids.ASKED),
            dcc.Store(id=ids.READY),
            _choice(),
            html.Div(html.Div(card(loading(WORKING, bars=3))), id=ids.WORKING, hidden=True),
            html.Div(id=ids.ERRORS, className="md-pair-errors"),
            html.Div(_results(), id=ids.RESULTS, className="md-stack md-pair-results", hidden=True),
        ],
        id=ids.CARD,
        className="md-stack md-pair",
        hidden=True,
    )


def _choice() -> html.Section:
    def select(label: str, id_: str) -> Any:
        return labelled(label, dbc.Select(id=id_, options=[]), for_id=id_, className="md-pair-select")

    controls = html.Div(
        [
            select("Before", ids.FIRST),
            select("After", ids.SECOND),
            select("On the rows of", ids.ROWS),
            button("Compare", id=ids.GO),
        ],
        className="md-pair-choice",
    )
    return card(
        controls,
        title="Compare versions",
        summary="Both answer the same rows: what is better, what is worse, and for whom.",
    )


def _results() -> list[Any]:
    return [
        html.Div(id=ids.NOTICES, className="md-stack"),
        card(html.Div(id=ids.FIGURES), title="Side by side"),
        html.Div(
            [
                chart_card(ids.TOGETHER, "Answers of both", waiting=WORKING, height=320),
                chart_card(ids.MOVES, "How far answers move", waiting=WORKING, height=320),
                html.Div(card(html.Div(id=ids.FLIPS), title="Changed decisions (McNemar)"), id=ids.FLIPS_PART),
                html.Div(
                    card(
                        html.Div(id=ids.SEGMENTS_ERRORS),
                        html.Div(loading("Looking for segments"), id=ids.SEGMENTS),
                        title="Where it got worse and better",
                    ),
                    id=ids.SEGMENTS_PART,
                ),
            ],
            className="md-pair-cards",
        ),
        card(html.Div(id=ids.DIFFERING), title="Answered most differently"),
    ]


def asked_for(pair: str | None, rows: str | None) -> dict[str, int | None] | None:
    """What an address asks for: versions 1 and 2 of ``1,2`` and perhaps whose rows. None where it asks
    for nothing. Raises ValueError where it cannot be read."""
    if not pair:
        return None
    found = re.fullmatch(r"(\d{1,6}),(\d{1,6})", pair)
    if found is None or not re.fullmatch(r"\d{0,6}", rows or ""):
        raise ValueError(pair)
    return {"first": int(found[1]), "second": int(found[2]), "rows": int(rows) if rows else None}
