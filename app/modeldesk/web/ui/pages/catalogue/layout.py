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
from modeldesk.web.ui.common.shell import state_badge, title_of
from modeldesk.web.ui.common.tasks import VIEWS
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

SORTS = {"used": "Most used first", "name": "By name", "new": "Newest first", "attention": "Needs attention first"}


def chip_id(name: Any) -> dict[str, Any]:
    """The chip that shows one kind of model."""
    return {"part": "catalogue-chip", "name": name}


def layout(
    places: Places, /, show: str | None = None, text: str | None = None, sort: str | None = None, **_: Any
) -> html.Div:
    """The page before its data; the address may already say what to show."""
    show = show if show in VIEWS or show == ATTENTION else None
    sort = sort if sort in SORTS else "used"
    return html.Div(
        [
            dcc.Store(id=SHOW, data=show),
            dcc.Store(id=STATE),
            dcc.Interval(id=FOLLOW, interval=FOLLOW_MILLISECONDS),
            html.Div([html.H1("Models"), html.P(id=FIGURES, className="md-small md-quiet")], className="md-page-head"),
            html.Div(
                [
                    html.Div(id=CHIPS, className="md-chips", role="group", **{"aria-label": "Show models that answer"}),
                    _toolbar_end(text if isinstance(text, str) else "", sort),
                ],
                className="md-toolbar md-no-print",
            ),
            html.Div(id=GRID_ERRORS),
            html.Div(id=ARRIVING),
            html.Div(loading("Reading the models", bars=5), id=GRID, className="md-catalogue"),
            html.Section(
                [
                    html.Div(
                        [html.H2("Your latest predictions"), html.A("All history", href=places.history())],
                        className="md-section-head",
                    ),
                    html.Div(id=LATEST_ERRORS),
                    html.Div(loading("Reading your predictions"), id=LATEST, className="md-card md-card-table"),
                ],
                className="md-latest",
            ),
        ],
        className="md-page",
    )


def _toolbar_end(text: str, sort: str) -> html.Div:
    return html.Div(
        [
            labelled(
                "Filter models",
                html.Div(
                    [
                        icon("funnel"),
                        dcc.Input(
                            id=TEXT,
                            type="text",
                            value=text,
                            placeholder="Filter models",
                            debounce=0.15,
                        ),
                    ],
                    className="md-control md-filter",
                ),
                for_id=TEXT,
                unseen=True,
            ),
            labelled(
                "Order of the models",
                dbc.Select(
                    id=SORT,
                    options=[{"label": label, "value": key} for key, label in SORTS.items()],
                    value=sort,
                ),
                for_id=SORT,
                unseen=True,
                className="md-sort",
            ),
        ],
        className="md-toolbar-end",
    )


def figures(cards: Sequence[ModelCard]) -> str:
    """How many serve, and how much they are used."""
    serving = sum(card.entry.state == "serving" for card in cards)
    text = f"{serving:,} of {len(cards):,} serving"
    totals = [card.total for card in cards]
    if None in totals:
        return f"{text} · the prediction log cannot be read now"
    total = sum(total or 0 for total in totals)
    return f"{text} · {formats.count(total, 'prediction')} in the last {CARD_DAYS} days"


def chips(cards: Sequence[ModelCard], show: str | None) -> list[Children]:
    """What kinds of models there are, with counts; the chosen one is pressed."""
    tasks: Counter[str] = Counter(card.manifest.task.key for card in cards if card.manifest is not None)
    unwell = sum(_needs_attention(card) for card in cards)
    shown = [("", f"All {len(cards):,}")]
    if unwell or show == ATTENTION:
        shown.append((ATTENTION, f"Needs attention {unwell:,}"))
    shown += [(key, f"{view.label} {tasks[key]:,}") for key, view in VIEWS.items() if tasks[key] or show == key]
    return [pressed_chip(label, id=chip_id(key), pressed=key == (show or "")) for key, label in shown]


def select(cards: Sequence[ModelCard], show: str | None, text: str, sort: str) -> list[ModelCard]:
    """The cards to show, in order. Text is looked for in title, name, purpose and owner."""
    words = text.casefold().split()
    found = [card for card in cards if _matches(card, show) and all(word in _words(card) for word in words)]
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
        return html.Div(empty("No model matches", "Take a filter off, or look for another word."), className="md-card")
    return html.Div(
        empty(
            "No models yet",
            [
                "Publish a trained model and its data: ",
                html.Code("modeldesk publish MODEL --data FILE --target COLUMN"),
            ],
        ),
        className="md-card",
    )


def arriving(coming: Arriving | None) -> Children:
    """How far the examples of a first start are."""
    if coming is None:
        return None
    here, whole = len(coming.there), len(coming.there) + len(coming.to_come)
    names = ", ".join(formats.sentence(name.replace("-", " ")) for name in coming.to_come)
    return html.Div(
        [
            html.P(
                [html.Strong(f"The example models are being trained and published: {here} of {whole} are here.")],
                role="status",
            ),
            html.Progress(max=str(whole), value=str(here), className="md-progress", **{"aria-label": "Examples here"}),
            html.P(f"Still to come: {names}. Each appears as soon as it serves.", className="md-note"),
        ],
        className="md-card md-card-body md-arriving",
    )


def model_card(card: ModelCard, places: Places) -> html.Article:
    """One model at a glance."""
    entry, manifest = card.entry, card.manifest
    href = places.model(entry.name)
    foot: list[Any] = []
    if manifest is not None:
        foot = [
            html.Span(f"Version {manifest.version}"),
            html.Span(["published ", when(manifest.created_at, style="day")]),
        ]
    return html.Article(
        [
            html.Div(
                [html.H2(html.A(title_of(entry), href=href), className="md-name"), state_badge(entry)],
                className="md-model-head",
            ),
            html.P(entry.settings.description, className="md-model-purpose"),
            _trouble(card, href) if entry.state == "degraded" else _usage(card),
            html.Footer(
                [html.Div(foot), html.Span(entry.settings.owner)],
                className="md-model-foot",
            ),
        ],
        className="md-card md-model",
        **given(**{"data-state": entry.state}),
    )


def _usage(card: ModelCard) -> html.Div:
    if card.daily is None:
        return html.Div(html.P("The prediction log cannot be read now.", className="md-note"), className="md-usage")
    total = sum(card.daily)
    line = sparkline(card.daily)
    busiest = max(card.daily)
    words = (
        f"Predictions a day over {CARD_DAYS} days: from {min(card.daily):,} to {busiest:,}, today {card.daily[-1]:,}"
    )
    return html.Div(
        [
            html.Div(
                [
                    html.P(f"{total:,}", className="md-kpi"),
                    html.P(f"{'prediction' if total == 1 else 'predictions'}, {CARD_DAYS} days", className="md-note"),
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
                **{"aria-label": words},
            ),
        ],
        className="md-usage",
    )


def _mask(picture: str) -> dict[str, str]:
    return {"maskImage": f'url("{picture}")', "WebkitMaskImage": f'url("{picture}")'}


def _trouble(card: ModelCard, href: str) -> html.Div:
    reason = card.entry.reason or "No version can be served."
    return alert(
        "bad",
        html.P([reason, " ", html.A("What to do", href=href, title=hint_parts(card.entry.hint)[0] or None)]),
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
