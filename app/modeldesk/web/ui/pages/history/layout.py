"""The page of a person's own predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from modeldesk.model_service.package.model_folder import ModelEntry
from modeldesk.ports.predictions import LogPage
from modeldesk.services.predictions.feedback import FeedbackOf
from modeldesk.services.predictions.outcomes import OutcomesOf
from modeldesk.web.ui.common import text as common_words
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.components import Children, alert, button, empty, labelled, link_button, loading
from modeldesk.web.ui.common.records import Entries, predictions_table
from modeldesk.web.ui.common.sentences import sentence
from modeldesk.web.ui.common.shell import title_of
from modeldesk.web.ui.pages.history import text as words

MODEL = "history-model"
SOURCE = "history-source"
SINCE = "history-since"
UNTIL = "history-until"
KEY = "history-key"
OUTCOME = "history-outcome"
FEEDBACK = "history-feedback"
CLEAR = "history-clear"
FILTERS = "history-filters"
"""A store: the filters as they stand in the address."""
DAYS = "history-days"
"""A store: the instants at which the chosen days begin and end in the browser's zone."""
START = "history-start"
"""A store: the cursor that the address came with, and the filters that it belongs to."""
ROWS = "history-rows"
ERRORS = "history-errors"
ANY = "any"
"""Stands for no filter: a drop-down needs a value for it."""
ALL_MODELS = {"label": words.ALL_MODELS, "value": ANY}
CONTROLS = {
    "model": MODEL,
    "source": SOURCE,
    "since": SINCE,
    "until": UNTIL,
    "key": KEY,
    "outcome": OUTCOME,
    "feedback": FEEDBACK,
}
"""The filters by their names in the address, each with its control."""


def layout(places: Places, /, **query: Any) -> html.Div:
    """Return the page before its data, with the filters that the address names."""
    filters = read_filters(query)
    return html.Div(
        [
            dcc.Store(id=FILTERS, data=filters),
            dcc.Store(id=DAYS),
            dcc.Store(id=START, data={"filters": filters, "cursor": text_of(query.get("cursor"))}),
            html.Div(
                [html.H1(words.TITLE), html.P(words.SUBTITLE, className="md-small md-quiet")],
                className="md-page-head d-flex align-items-baseline flex-wrap row-gap-1 column-gap-12",
            ),
            _filters(filters),
            html.Div(id=ERRORS),
            html.Div(loading(words.READING, bars=6), id=ROWS, className="md-card pt-1 pb-1"),
        ],
        className="md-page",
    )


def _filters(filters: Mapping[str, str | None]) -> html.Div:
    model = dbc.Select(id=MODEL, options=[ALL_MODELS], value=filters["model"] or ANY)
    source = _select(SOURCE, words.ANY_SOURCE, common_words.SOURCES, filters["source"])
    outcome = _select(OUTCOME, words.ANY_OUTCOME, words.OUTCOMES, filters["outcome"])
    feedback = _select(FEEDBACK, words.ANY_FEEDBACK, words.RATINGS, filters["feedback"])
    key = dcc.Input(id=KEY, type="text", value=filters["key"] or "", placeholder=words.WHOLE_KEY, debounce=0.3)
    return html.Div(
        [
            labelled(common_words.MODEL, model, for_id=MODEL),
            labelled(common_words.SOURCE, source, for_id=SOURCE),
            labelled(words.FROM, _date(SINCE, filters["since"]), for_id=SINCE, className="md-filter-day"),
            labelled(words.TO, _date(UNTIL, filters["until"]), for_id=UNTIL, className="md-filter-day"),
            labelled(common_words.OUTCOME, outcome, for_id=OUTCOME),
            labelled(common_words.FEEDBACK, feedback, for_id=FEEDBACK),
            labelled(common_words.YOUR_KEY, html.Div(key, className="md-control"), for_id=KEY),
            button(words.CLEAR, id=CLEAR, kind="quiet"),
        ],
        className="md-filters d-flex flex-wrap align-items-end row-gap-12 column-gap-3 my-3 md-no-print",
        role="search",
        **{"aria-label": words.FILTER_PREDICTIONS},
    )


def _select(component_id: str, any_text: str, options: Mapping[str, str], value: str | None) -> dbc.Select:
    listed = [{"label": any_text, "value": ANY}, *({"label": text, "value": key} for key, text in options.items())]
    return dbc.Select(id=component_id, options=listed, value=value or ANY)


def _date(component_id: str, value: str | None) -> html.Div:
    """Return a day, typed or chosen: the browser makes its own date input of it, which reads and writes
    ``YYYY-MM-DD`` whatever it shows."""
    control = dcc.Input(id=component_id, type="text", value=value or "", placeholder=words.DAY_FORM, debounce=0.3)
    return html.Div(control, className="md-control", **{"data-md-type": "date"})


def model_options(entries: Sequence[ModelEntry]) -> list[dict[str, str]]:
    """Return the models to filter by, by title."""
    named = ({"label": title_of(entry), "value": entry.name} for entry in entries)
    return [ALL_MODELS, *sorted(named, key=lambda option: option["label"].casefold())]


def rows(
    page: LogPage,
    outcomes: Mapping[str, OutcomesOf],
    feedback: Mapping[str, FeedbackOf],
    entries: Entries,
    places: Places,
    filters: Mapping[str, str | None],
    *,
    first: bool,
) -> list[Children]:
    """Return one page of the history with what is known of its ``outcomes`` and said in ``feedback``, and the ways to
    the pages beside it."""
    if not page.records:
        return [_nothing(places, filtered=any(filters.values()) or not first)]
    ways: list[Any] = []
    if not first:
        ways.append(link_button(words.NEWEST, places.history(**filters), small=True, icon_name="arrow-left"))
    if page.next_cursor:
        ways.append(
            link_button(
                words.OLDER, places.history(**filters, cursor=page.next_cursor), small=True, icon_name="arrow-right"
            )
        )
    return [
        predictions_table(
            page.records,
            entries,
            places,
            caption=words.CAPTION,
            full=True,
            outcomes=outcomes,
            feedback=feedback,
        ),
        html.Nav(
            ways,
            className="md-pager d-flex justify-content-end gap-2 py-12 border-top md-no-print",
            **{"aria-label": words.PAGES},
        )
        if ways
        else None,
    ]


def _nothing(places: Places, *, filtered: bool) -> html.Div:
    if filtered:
        return empty(words.NO_MATCH, words.NO_MATCH_HINT)
    return empty(
        words.NO_PREDICTIONS,
        words.NO_PREDICTIONS_HINT,
        link_button(words.CHOOSE_MODEL, places.catalogue(), kind="primary"),
    )


def bad_cursor(places: Places, filters: Mapping[str, str | None]) -> html.Div:
    """Return that an address names no place in the list."""
    newest = html.A(words.SHOW_NEWEST, href=places.history(**filters))
    return alert("warn", html.P(sentence(words.NO_PLACE, show_newest=newest)))


def read_filters(given: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the filters by name from an address or the controls; None where there is none that makes sense."""
    filters = {name: text_of(given.get(name)) for name in CONTROLS}
    for name, known in (("source", common_words.SOURCES), ("outcome", words.OUTCOMES), ("feedback", words.RATINGS)):
        if filters[name] not in known:
            filters[name] = None
    return {**filters, "since": day_of(filters["since"]), "until": day_of(filters["until"])}


def text_of(value: Any) -> str | None:
    """Return a filter's value, or None where it filters nothing."""
    return value if isinstance(value, str) and value and value != ANY else None


def day_of(text: str | None) -> str | None:
    """Return a day as YYYY-MM-DD, or None where there is none."""
    try:
        return None if not text else date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        return None
