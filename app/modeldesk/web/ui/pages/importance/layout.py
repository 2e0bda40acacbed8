"""The page of what drives a model's answers: each input's part, and one input in detail."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import dash_bootstrap_components as dbc
from dash import dcc, html

from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.charts.card import chart_card
from modeldesk.web.ui.common.components import Children, labelled
from modeldesk.web.ui.pages.importance import ids

WORKING = "Working it out"
_SECOND = 1_000


def layout(
    _places: Places,
    /,
    name: str | None = None,
    by: str | None = None,
    input: str | None = None,  # as the address calls it
    colour: str | None = None,
    of: str | None = None,
    **_: Any,
) -> html.Div:
    """The page before its data; the rest is what the address asks for."""
    ranks = (ids.BY_CONTRIBUTION, ids.BY_SHUFFLING)
    wanted = {
        "by": by if by in ranks else ids.BY_CONTRIBUTION,
        "input": input,
        "colour": colour or ids.AUTOMATIC,
        "class": of,
    }
    return html.Div(
        [
            dcc.Store(id=ids.MODEL, data=unquote(name or "")),
            dcc.Store(id=ids.WANTED, data=wanted),
            *(dcc.Store(id=store) for store in (ids.READY, ids.FIGURE, *ids.STATES)),
            dcc.Interval(id=ids.TICK, interval=_SECOND, disabled=True),
            html.Div(id=ids.ERRORS),
            html.Div(
                [
                    html.Div(id=ids.SOURCE, className="md-drivers-source"),
                    html.Div(_select("Class", ids.CLASS), id=ids.CLASS_BOX, hidden=True),
                ],
                className="md-drivers-bar",
            ),
            *(html.Div(id=place) for place in (ids.FOLLOW_ERRORS, ids.AGAIN_ERRORS, *map(ids.errors, ids.STATES))),
            html.Div(id=ids.NOTICE),
            _all_inputs(),
            *_one_input(),
        ],
        className="md-page md-stack md-drivers",
    )


def _all_inputs() -> html.Div:
    return html.Div(
        [
            chart_card(ids.IMPORTANCE, "Feature importance", waiting=WORKING, height=320, tools=[_rank()]),
            html.Div(
                chart_card(ids.PICTURE, "Where in the picture", waiting=WORKING, height=320),
                id=ids.PICTURE_BOX,
                className="md-drivers-picture",
                hidden=True,
            ),
        ],
        id=ids.TOP,
        className="md-drivers-top",
        hidden=True,
    )


def _one_input() -> tuple[html.Div, html.Div]:
    controls = html.Div(
        [
            html.H2("One input", className="md-drivers-title"),
            _select("Input", ids.INPUT, placeholder="Choose an input"),
            html.Div(_select("Colour by", ids.COLOUR), id=ids.COLOUR_BOX),
        ],
        id=ids.CONTROLS,
        className="md-drivers-controls",
        hidden=True,
    )
    cards = html.Div(
        [
            chart_card(ids.BY_VALUE, "SHAP dependence", waiting=WORKING, height=340),
            chart_card(ids.FOLLOWS, "Partial dependence and ICE", waiting=WORKING, height=340),
        ],
        id=ids.CARDS,
        className="md-drivers-cards",
        hidden=True,
    )
    return controls, cards


def _rank() -> html.Div:
    ways = [
        {"label": "Rank by contribution", "value": ids.BY_CONTRIBUTION},
        {"label": "Rank by permutation importance", "value": ids.BY_SHUFFLING},
    ]
    control = dbc.Select(id=ids.RANK, options=ways, value=ids.BY_CONTRIBUTION)
    box = labelled("Rank by", control, for_id=ids.RANK, className="md-card-select", unseen=True)
    return html.Div(box, id=ids.RANK_BOX)


def _select(label: str, id: str, **options: Any) -> Children:
    return labelled(label, dbc.Select(id=id, options=[], **options), for_id=id, className="md-drivers-select")
