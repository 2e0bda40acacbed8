"""The page of all models."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from modeldesk.core import formats
from modeldesk.services.versions.catalogue import CARD_DAYS, ModelCard
from modeldesk.services.versions.examples import Arriving
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.components import (
    Children,
    alert,
    empty,
    given,
    icon,
    labelled,
    loading,
    pressed_chip,
    when,
)
from modeldesk.web.ui.common.model_state import hint_parts
from modeldesk.web.ui.common.sentences import sentence
from modeldesk.web.ui.common.shell import state_badge, title_of
from modeldesk.web.ui.common.tasks import VIEWS
from modeldesk.web.ui.pages.catalogue import text as words
from modeldesk.web.ui.pages.catalogue.figures import sparkline

FIGURES = "catalogue-figures"
CHIPS = "catalogue-chips"
GRID = "catalogue-grid"
GRID_ERRORS = "catalogue-errors"
ARRIVING = "catalogue-arriving"
SHOW = "catalogue-show"
TEXT = "catalogue-text"
SORT = "catalogue-sort"
STATE = "catalogue-state"
LATEST = "catalogue-latest"
LATEST_ERRORS = "catalogue-latest-errors"
FOLLOW = "catalogue-follow"
ATTENTION = "attention"
FOLLOW_MILLISECONDS, ARRIVING_MILLISECONDS = 5_000, 1_000


def chip_id(name: Any) -> dict[str, Any]:
    """The chip that shows one kind of model."""
    return {"part": "catalogue-chip", "name": name}


def layout(
    places: Places, /, show: str | None = None, text: str | None = None, sort: str | None = None, **_: Any
) -> html.Div:
    """The page before its data; the address may already say what to show."""
    show = show if show in VIEWS or show == ATTENTION else None
    sort = sort if sort in words.SORTS else "used"
    return html.Div(
        [
            dcc.Store(id=SHOW, data=show),
            dcc.Store(id=STATE),
            dcc.Interval(id=FOLLOW, interval=FOLLOW_MILLISECONDS),
            html.Div(
                [html.H1(words.TITLE), html.P(id=FIGURES, className="md-small md-quiet")],
                className="md-page-head d-flex align-items-baseline flex-wrap row-gap-1 column-gap-12",
            ),
            html.Div(
                [
                    html.Div(
                        id=CHIPS,
                        className="d-flex flex-wrap gap-2",
                        role="group",
                        **{"aria-label": words.SHOW_MODELS},
                    ),
                    _toolbar_end(text if isinstance(text, str) else "", sort),
                ],
                className="hstack flex-wrap justify-content-between row-gap-2 column-gap-3 mt-3 md-no-print",
            ),
            html.Div(id=GRID_ERRORS),
            html.Div(id=ARRIVING),
            html.Div(loading(words.READING_MODELS, bars=5), id=GRID, className="md-catalogue d-grid gap-3 mt-3"),
            html.Section(
                [
                    html.Div(
                        [html.H2(words.LATEST), html.A(words.ALL_HISTORY, href=places.history())],
                        className="md-small d-flex align-items-baseline justify-content-between mb-2",
                    ),
                    html.Div(id=LATEST_ERRORS),
                    html.Div(loading(words.READING_PREDICTIONS), id=LATEST, className="md-card pt-1 pb-1"),
                ],
                className="mt-4",
            ),
        ],
        className="md-page",
    )


def _toolbar_end(text: str, sort: str) -> html.Div:
    return html.Div(
        [
            labelled(
                words.FILTER_MODELS,
                html.Div(
                    [
                        icon("funnel"),
                        dcc.Input(
                            id=TEXT,
                            type="text",
                            value=text,
                            placeholder=words.FILTER_MODELS,
                            debounce=0.15,
                        ),
                    ],
                    className="md-control md-filter",
                ),
                for_id=TEXT,
                unseen=True,
                className="md-pick",
            ),
            labelled(
                words.ORDER,
                dbc.Select(
                    id=SORT,
                    options=[{"label": label, "value": key} for key, label in words.SORTS.items()],
                    value=sort,
                    size="sm",
                ),
                for_id=SORT,
                unseen=True,
                className="md-pick",
            ),
        ],
        className="md-toolbar-end hstack gap-2",
    )


def figures(cards: Sequence[ModelCard]) -> str:
    """How many serve, and how much they are used."""
    serving = sum(card.entry.state == "serving" for card in cards)
    totals = [card.total for card in cards]
    total = None if None in totals else sum(total or 0 for total in totals)
    return words.figures(serving, len(cards), total, CARD_DAYS)


def chips(cards: Sequence[ModelCard], show: str | None) -> list[Children]:
    """What kinds of models there are, with counts; the chosen one is pressed."""
    tasks: Counter[str] = Counter(card.manifest.task.key for card in cards if card.manifest is not None)
    unwell = sum(_needs_attention(card) for card in cards)
    shown = [("", words.ALL.format(count=f"{len(cards):,}"))]
    if unwell or show == ATTENTION:
        shown.append((ATTENTION, words.NEEDS_ATTENTION.format(count=f"{unwell:,}")))
    shown += [
        (key, words.OF_A_TASK.format(task=view.label, count=f"{tasks[key]:,}"))
        for key, view in VIEWS.items()
        if tasks[key] or show == key
    ]
    return [pressed_chip(label, id=chip_id(key), pressed=key == (show or "")) for key, label in shown]


def select(cards: Sequence[ModelCard], show: str | None, text: str, sort: str) -> list[ModelCard]:
    """The cards to show, in order. Text is looked for in title, name, purpose and owner."""
    wanted = text.casefold().split()
    found = [card for card in cards if _matches(card, show) and all(word in _words(card) for word in wanted)]
    if sort == "used":
        return sorted(found, key=lambda card: -(card.total or 0))
    if sort == "new":
        return sorted(found, key=lambda card: -(card.manifest.created_at.timestamp() if card.manifest else 0))
    if sort == "attention":
        return sorted(found, key=lambda card: not _needs_attention(card))
    return sorted(found, key=lambda card: title_of(card.entry).casefold())


def grid(cards: Sequence[ModelCard], places: Places, *, any_models: bool) -> Children:
    """The cards, or why there are none."""
    if cards:
        return [model_card(card, places) for card in cards]
    if any_models:
        return html.Div(empty(words.NO_MATCH, words.NO_MATCH_HINT), className="md-card")
    command = html.Code("modeldesk publish MODEL --data FILE --target COLUMN")
    return html.Div(empty(words.NO_MODELS, sentence(words.NO_MODELS_HINT, command=command)), className="md-card")


def arriving(coming: Arriving | None) -> Children:
    """How far the examples of a first start are."""
    if coming is None:
        return None
    here, whole = len(coming.there), len(coming.there) + len(coming.to_come)
    names = ", ".join(formats.sentence(name.replace("-", " ")) for name in coming.to_come)
    return html.Div(
        [
            html.P([html.Strong(words.ARRIVING.format(here=here, whole=whole))], role="status"),
            html.Progress(max=str(whole), value=str(here), className="md-progress", **{"aria-label": words.ARRIVED}),
            html.P(words.TO_COME.format(names=names), className="md-note"),
        ],
        className="md-card md-card-body d-grid gap-2 mb-3 p-3",
    )


def model_card(card: ModelCard, places: Places) -> html.Article:
    """One model at a glance."""
    entry, manifest = card.entry, card.manifest
    href = places.model(entry.name)
    foot: list[Any] = []
    if manifest is not None:
        foot = [
            html.Span(words.VERSION.format(version=manifest.version)),
            html.Span(sentence(words.PUBLISHED, day=when(manifest.created_at, style="day"))),
        ]
    return html.Article(
        [
            html.Div(
                [
                    html.H2(
                        html.A(title_of(entry), href=href, className="stretched-link text-body"), className="md-name"
                    ),
                    state_badge(entry),
                ],
                className="hstack justify-content-between gap-12",
            ),
            html.P(entry.settings.description, className="md-model-purpose md-small mt-1 text-body-secondary"),
            _trouble(card, href) if entry.state == "degraded" else _usage(card),
            html.Footer(
                [html.Div(foot, className="d-flex flex-wrap column-gap-12"), html.Span(entry.settings.owner)],
                className="md-card-edge py-2 mb-0 md-note hstack justify-content-between text-body-secondary",
            ),
        ],
        className="md-card md-model d-flex flex-column pb-0",
        **given(**{"data-state": entry.state}),
    )


def _usage(card: ModelCard) -> html.Div:
    if card.daily is None:
        return html.Div(
            html.P(words.LOG_UNREADABLE, className="md-note"),
            className="md-usage d-flex align-items-end gap-4 mt-12 mb-3",
        )
    total = sum(card.daily)
    line = sparkline(card.daily)
    least, most, today = (f"{count:,}" for count in (min(card.daily), max(card.daily), card.daily[-1]))
    told = words.USAGE_LINE.format(days=CARD_DAYS, least=least, most=most, today=today)
    return html.Div(
        [
            html.Div(
                [
                    html.P(f"{total:,}", className="md-kpi"),
                    html.P(words.USAGE.of(total, days=CARD_DAYS), className="md-note"),
                ]
            ),
            html.Div(
                [
                    html.Span(className="md-spark-area", style=_mask(line.area)),
                    html.Span(className="md-spark-line", style=_mask(line.line)),
                    html.Span(className="md-spark-dot", style={"top": f"{line.last * 100:.1f}%"}),
                ],
                className="md-spark",
                role="img",
                **{"aria-label": told},
            ),
        ],
        className="md-usage d-flex align-items-end gap-4 mt-12 mb-3",
    )


def _mask(picture: str) -> dict[str, str]:
    return {"maskImage": f'url("{picture}")', "WebkitMaskImage": f'url("{picture}")'}


def _trouble(card: ModelCard, href: str) -> html.Div:
    reason = card.entry.reason or words.NO_VERSION
    return alert(
        "bad",
        html.P([reason, " ", html.A(words.WHAT_TO_DO, href=href, title=hint_parts(card.entry.hint)[0] or None)]),
        live=False,
    )


def _needs_attention(card: ModelCard) -> bool:
    return card.entry.state == "degraded" or bool(card.entry.reason)


def _matches(card: ModelCard, show: str | None) -> bool:
    if not show:
        return True
    if show == ATTENTION:
        return _needs_attention(card)
    return card.manifest is not None and card.manifest.task.key == show


def _words(card: ModelCard) -> str:
    settings = card.entry.settings
    return " ".join([title_of(card.entry), card.entry.name, settings.description, settings.owner]).casefold()
