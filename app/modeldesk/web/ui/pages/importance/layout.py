"""The page of what drives a model's answers: each input's part, and one input in detail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

import dash_bootstrap_components as dbc
from dash import dcc, html

from modeldesk.services.importance.importance import JobStatus
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.charts.card import chart_card
from modeldesk.web.ui.common.components import Children, alert, button, labelled
from modeldesk.web.ui.common.sentences import sentence
from modeldesk.web.ui.pages.importance import ids
from modeldesk.web.ui.pages.importance import text as words

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
    """Return the page before its data; the rest is the address's query."""
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
                    html.Div(id=ids.SOURCE, className="md-drivers-source md-small text-body-secondary"),
                    html.Div(_select(words.CLASS, ids.CLASS), id=ids.CLASS_BOX, hidden=True),
                ],
                className="md-drivers-bar d-flex flex-wrap align-items-end row-gap-2 column-gap-4",
            ),
            *(html.Div(id=place) for place in (ids.FOLLOW_ERRORS, ids.AGAIN_ERRORS, *map(ids.errors, ids.STATES))),
            html.Div(id=ids.NOTICE),
            _all_inputs(),
            *_one_input(),
        ],
        className="md-page md-stack",
    )


def _all_inputs() -> html.Div:
    return html.Div(
        [
            chart_card(ids.IMPORTANCE, words.TITLE, waiting=words.WORKING, height=320, tools=[_rank()]),
            html.Div(
                chart_card(ids.PICTURE, words.PICTURE_TITLE, waiting=words.WORKING, height=320),
                id=ids.PICTURE_BOX,
                className="md-drivers-picture",
                hidden=True,
            ),
        ],
        id=ids.TOP,
        className="md-drivers-top d-flex flex-wrap gap-3",
        hidden=True,
    )


def _one_input() -> tuple[html.Div, html.Div]:
    controls = html.Div(
        [
            html.H2(words.ONE_INPUT, className="md-drivers-title md-name"),
            _select(words.INPUT, ids.INPUT, placeholder=words.CHOOSE_INPUT),
            html.Div(_select(words.COLOUR_BY, ids.COLOUR), id=ids.COLOUR_BOX),
        ],
        id=ids.CONTROLS,
        className="md-drivers-controls d-flex flex-wrap align-items-end row-gap-2 column-gap-4",
        hidden=True,
    )
    cards = html.Div(
        [
            chart_card(ids.BY_VALUE, words.BY_VALUE_TITLE, waiting=words.WORKING, height=340),
            chart_card(ids.FOLLOWS, words.FOLLOWS_TITLE, waiting=words.WORKING, height=340),
        ],
        id=ids.CARDS,
        className="md-two",
        hidden=True,
    )
    return controls, cards


def _rank() -> html.Div:
    ways = [{"label": label, "value": rank} for rank, label in words.RANKS.items()]
    control = dbc.Select(id=ids.RANK, options=ways, value=ids.BY_CONTRIBUTION, size="sm")
    box = labelled(words.RANK_BY, control, for_id=ids.RANK, className="md-card-select", unseen=True)
    return html.Div(box, id=ids.RANK_BOX)


def _select(label: str, id: str, **options: Any) -> Children:
    return labelled(label, dbc.Select(id=id, options=[], **options), for_id=id, className="md-pick")


def progress(name: str, status: JobStatus[Any]) -> Children:
    """Return how far an answer is that is waited for."""
    if status.idle:
        return html.P(words.NO_WORKER, role="status")
    text = [html.Span(className="spinner-border"), words.progress(name, status.done, status.steps)]
    if not status.steps:
        return html.P(text, className="md-small hstack gap-2 text-body-secondary", role="status")
    bar = html.Progress(
        value=str(status.done), max=str(max(1, status.steps)), className="md-progress", **{"aria-label": name}
    )
    return html.Div(
        [html.P(text, className="md-small hstack gap-2 text-body-secondary"), bar],
        className="md-drivers-progress",
        role="status",
    )


def failures(reasons: Sequence[str | None]) -> Children:
    """Return which analyses failed (``reasons`` in the order of ``ids.STATES``), and the button that repeats them."""
    failed = [(form, reason) for form, reason in zip(words.FAILED.values(), reasons, strict=True) if reason is not None]
    if not failed:
        return None
    return alert(
        "bad",
        *(html.P(sentence(form, reason=reason)) for form, reason in failed),
        button(words.ASK_AGAIN, id=ids.again("all"), small=True),
    )
