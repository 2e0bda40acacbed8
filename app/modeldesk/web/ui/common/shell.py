"""What stands around every page: the bar, a model's head with its tabs, notices."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import dash
from dash import dcc, html

from modeldesk.core import formats
from modeldesk.core.branding import NAME
from modeldesk.model_service.package.model_folder import ModelEntry
from modeldesk.web.ui.common import ids
from modeldesk.web.ui.common import text as words
from modeldesk.web.ui.common.addresses import Places, Tab
from modeldesk.web.ui.common.components import (
    Children,
    State,
    alert,
    badge,
    button,
    given,
    icon,
    icon_button,
    menu,
    pairs,
    when,
)
from modeldesk.web.ui.common.explanation.outcome import outcome_dialog
from modeldesk.web.ui.common.icons import IconName
from modeldesk.web.ui.common.sentences import sentence
from modeldesk.web.ui.common.table_export import table_export_parts
from modeldesk.web.ui.common.tasks import view_of

HEAD = "model-head"
STATE = "model-state"
PERSON = "person"
SEARCH = "search"
SEARCH_RESULTS = "search-results"
HEAD_TICK = "model-head-tick"
"""A store: a page that changed what the head shows writes anything new to it."""

_STATES: dict[str, State] = {
    "serving": "good",
    "degraded": "bad",
    "loading": "neutral",
}


def document(places: Places, name: str = NAME) -> html.Div:
    """The layout of every page; Dash puts the page itself into its container."""
    return html.Div(
        [
            dcc.Location(id=ids.ADDRESS, refresh=False),
            dcc.Store(id=ids.THEME),
            dcc.Store(id=HEAD_TICK),
            *table_export_parts(),
            html.A(words.SKIP, href="#main", className="md-skip"),
            _bar(places, name),
            html.Main(
                [
                    html.Div(id=HEAD),
                    html.Div(id=STATE, className="md-page md-state pb-0"),
                    dash.page_container,
                ],
                id="main",
                tabIndex=-1,
                **{"data-md-words": json.dumps(words.IN_BROWSER)},
            ),
            html.Div(id=ids.NOTICES, className="md-notices"),
            outcome_dialog(),
        ]
    )


def _links(places: Places) -> list[Any]:
    return [
        html.A(words.MODELS, href=places.catalogue(), **{"data-md-nav": "models"}),
        html.A(words.HISTORY, href=places.history(), **{"data-md-nav": "history"}),
        html.A(words.API, href=places.api()),
    ]


def _bar(places: Places, name: str) -> html.Header:
    return html.Header(
        html.Div(
            [
                html.A(
                    [html.Span(className="md-mark", **{"aria-hidden": "true"}), html.Span(name)],
                    href=places.catalogue(),
                    className="md-brand me-auto me-md-2 d-inline-flex align-items-center gap-2 text-body fw-semibold",
                ),
                html.Nav(
                    _links(places), className="md-nav d-none d-md-flex flex-fill gap-4", **{"aria-label": words.MAIN}
                ),
                html.Div(
                    [
                        _search(),
                        _tool("search", words.SEARCH, "search", "d-md-none"),
                        html.Button(
                            [icon("moon"), icon("sun")],
                            type="button",
                            title=words.THEME,
                            className="md-icon-button md-theme-button",
                            **{"aria-label": words.SWITCH_THEME, "data-md-action": "theme"},
                        ),
                        html.Span(
                            id=PERSON,
                            className="md-person d-none d-md-block rounded-circle bg-primary-subtle text-center",
                        ),
                        menu(icon("list"), _links(places), name=words.MENU, className="md-phone-menu d-md-none"),
                    ],
                    className="hstack column-gap-0 column-gap-md-2",
                ),
            ],
            className="md-bar-inner",
        ),
        className="md-bar border-bottom bg-body-secondary",
    )


def _tool(name: IconName, label: str, action: str, className: str) -> html.Button:
    return icon_button(name, label, className=className, **given(**{"data-md-action": action}))


def _search() -> html.Div:
    return html.Div(
        [
            icon("search"),
            dcc.Input(
                id=SEARCH,
                type="text",
                placeholder=words.SEARCH,
                debounce=0.15,
                autoComplete="off",
            ),
            html.Kbd("/", **{"aria-hidden": "true"}),
            html.Div(id=SEARCH_RESULTS, className="md-menu-list md-search-results", role="status"),
        ],
        className="md-search",
        role="search",
        **{"data-open": "false", "data-md-label": words.SEARCH},
    )


def search_results(found: Sequence[tuple[str, str, str]], query: str) -> Children:
    """Links to what was found (title, line under it, address), or that nothing was."""
    if not query:
        return None
    if not found:
        return html.P(words.NOTHING_FOUND.format(query=query), className="p-2 md-small text-body-secondary")
    return [html.A([title, html.Small(line)], href=href) for title, line, href in found]


def initials(name: str) -> html.Span:
    """The person in two letters, with the name for screen readers and on hover."""
    parts = [part for part in name.replace(".", " ").replace("_", " ").replace("-", " ").split() if part]
    letters = "".join(part[0] for part in parts[:2]) if len(parts) > 1 else name[:2]
    return html.Span(
        letters.upper(),
        title=words.SIGNED_IN.format(name=name),
        role="img",
        **{"aria-label": words.SIGNED_IN.format(name=name)},
    )


def state_badge(entry: ModelEntry) -> html.Span:
    """How a model stands, in a word."""
    if entry.state == "serving" and entry.reason:
        return badge(words.SERVING_WITH_A_FAULT, "warn")
    return badge(words.STATES[entry.state], _STATES[entry.state])


def title_of(entry: ModelEntry) -> str:
    """What people call the model."""
    return entry.settings.title or formats.sentence(entry.name.replace("-", " "))


def model_head(
    entry: ModelEntry, others: Sequence[ModelEntry], tab: str, places: Places, tabs: Sequence[Tab]
) -> html.Div:
    """Title with the switch to other models, version, state, purpose, and the tabs that the person may open."""
    links = [
        html.A(
            page.label,
            href=places.model(entry.name, page.key),
            **({"aria-current": "page"} if page.key == tab else {}),
        )
        for page in tabs
    ]
    fault = None
    if entry.state == "serving" and entry.reason:
        fault = html.Div(
            alert("warn", html.P(entry.reason), html.P(entry.hint) if entry.hint else None), className="mt-2 mb-12"
        )
    return html.Div(
        html.Div(
            [
                html.Div(
                    [
                        html.H1(title_of(entry)),
                        _switch(entry, others, tab if any(page.key == tab for page in tabs) else "predict", places),
                        badge(words.VERSION.format(version=entry.served), "outline") if entry.served else None,
                        html.Span(state_badge(entry), role="status"),
                        button(
                            words.ABOUT_THIS_MODEL,
                            kind="quiet",
                            small=True,
                            icon_name="card-text",
                            className="md-about ms-md-auto",
                            label=words.ABOUT_THIS_MODEL,
                            **given(**{"data-md-action": "open-dialog", "data-md-target": "about"}),
                        ),
                    ],
                    className="md-head-line hstack flex-wrap row-gap-1 column-gap-2 pt-12",
                ),
                html.P(entry.settings.description, className="md-purpose md-small text-body-secondary"),
                fault,
                html.Nav(links, className="md-tabs d-flex overflow-x-auto", **{"aria-label": title_of(entry)}),
                _about(entry),
            ],
            className="md-head-inner",
        ),
        className="md-head border-bottom bg-body-secondary",
    )


def _switch(entry: ModelEntry, others: Sequence[ModelEntry], tab: str, places: Places) -> html.Details:
    """The menu that leads to the same page of another model."""
    switch = menu(
        icon("chevron-expand"),
        [
            html.A(
                [title_of(other), html.Small(other.settings.description or other.name)],
                href=places.model(other.name, tab),
                **({"aria-current": "true"} if other.name == entry.name else {}),
            )
            for other in others
        ],
        name=words.SWITCH_MODEL,
        className="md-model-switch",
    )
    centred = "d-inline-flex align-items-center justify-content-center me-1 rounded text-body-secondary"
    switch.children[0].className = f"md-menu-button md-switch {centred}"
    return switch


def _about(entry: ModelEntry) -> html.Dialog:
    facts: list[tuple[Children, Children]] = [(words.NAME, html.Code(entry.name))]
    if entry.settings.owner:
        facts.append((words.OWNER, entry.settings.owner))
    manifest = entry.manifest
    if manifest is not None:
        read = len(manifest.model_schema.features)
        facts += [
            (words.ANSWERS, view_of(manifest.task).label),
            (words.PREDICTS, manifest.target or words.PREDICTS_NOTHING),
            (words.SERVED_VERSION, str(manifest.version)),
            (
                words.PUBLISHED,
                html.Span(sentence(words.PUBLISHED_BY, when=when(manifest.created_at), who=manifest.created_by)),
            ),
            (words.ESTIMATOR, html.Code(manifest.estimator)),
            (words.INPUTS, words.INPUT_COLUMNS.of(read)),
            (words.PUBLISHED_WITH, words.ROWS.of(manifest.rows)),
            (words.LIBRARIES, ", ".join(f"{name} {version}" for name, version in sorted(manifest.libraries.items()))),
        ]
    return html.Dialog(
        html.Div(
            [
                html.Div(
                    [
                        html.H2(words.ABOUT.format(title=title_of(entry)), id="about-title", className="md-name"),
                        icon_button("x-lg", words.CLOSE, **given(**{"data-md-action": "close-dialog"})),
                    ],
                    className="d-flex align-items-start justify-content-between gap-12 mb-2",
                ),
                html.P(entry.settings.description, className="md-small md-quiet"),
                pairs(facts),
            ],
            className="py-3 px-4",
        ),
        id="about",
        className="md-dialog",
        **{"aria-labelledby": "about-title"},
    )
