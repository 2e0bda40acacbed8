"""The Explore page: which rows it shows, chosen in the bar and in the charts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from dash import ALL, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate
from typing_extensions import TypedDict

from modeldesk.core.errors import BadRequest, InvalidInput, ModelUnavailable, NotFound, Problem
from modeldesk.core.identity import current_caller
from modeldesk.ports.analytics import Filter
from modeldesk.services.app_context import AppContext
from modeldesk.services.explore.plan import scale_of
from modeldesk.services.explore.subject import Subject, finished_batches, has_holdout, subject
from modeldesk.services.explore.view import (
    View,
    column_text,
    filter_text,
    parted,
    picked,
    read_filter,
    read_source,
    with_filter,
    written,
)
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.decoding_callbacks import version_of
from modeldesk.web.ui.common.filters.form import column_options, dimension_of, form_state, read_form
from modeldesk.web.ui.common.registration import Callbacks
from modeldesk.web.ui.pages.explore import bar, findings
from modeldesk.web.ui.pages.explore import charts as explore_charts
from modeldesk.web.ui.pages.explore import ids as names
from modeldesk.web.ui.pages.explore import layout as page
from modeldesk.web.ui.pages.explore import rows_callbacks as explore_rows
from modeldesk.web.ui.pages.explore import text as words
from modeldesk.web.ui.pages.explore import views_callbacks as explore_views


class Picked(TypedDict):
    """What was chosen in a chart, as filters are written."""

    texts: list[str]


def register(callbacks: Callbacks, context: AppContext, places: Places) -> None:
    """Put the page's callbacks onto the app."""
    _register_opening(callbacks, context)
    _register_changes(callbacks, context)
    _register_bar(callbacks, context, places)
    _register_filter_form(callbacks, context)
    explore_charts.register(callbacks, context, places)
    explore_rows.register(callbacks, context, places)
    explore_views.register(callbacks, context, places)
    _register_browser(callbacks)


def seen_of(context: AppContext, name: str | None, view: str | None) -> Subject:
    """What the page shows; nothing happens while it shows nothing."""
    if not name or view is None:
        raise PreventUpdate
    found, _ = subject(context, current_caller(), name, parted(view))
    return found


def _register_opening(callbacks: Callbacks, context: AppContext) -> None:
    @callbacks.on(
        {
            "start": Output(names.START, "data"),
            "problems": Output(names.PROBLEMS, "children"),
            "by_options": Output(names.BY_COLUMN, "options"),
            "by": Output(names.BY_COLUMN, "value"),
            "x_options": Output(names.X_COLUMN, "options"),
            "x": Output(names.X_COLUMN, "value"),
            "y_options": Output(names.Y_COLUMN, "options"),
            "y": Output(names.Y_COLUMN, "value"),
            "columns": Output(names.FILTER.column, "options"),
            "column": Output(names.FILTER.column, "value"),
        },
        Input(names.MODEL, "data"),
        State(names.ASKED, "data"),
        errors=names.ERRORS,
    )
    def open_page(name: str | None, asked: Mapping[str, str | None] | None) -> dict[str, Any]:
        try:
            query, gone = explore_views.asked_for(context, name or "", asked or {})
            seen, problems = subject(context, current_caller(), name or "", query)
        except (NotFound, ModelUnavailable):
            raise PreventUpdate from None  # the shell says so
        view = with_charts(seen)
        charted = column_options(seen.charted)
        filtered = column_options(tuple(seen.dimensions.values()))
        return {
            "start": written(view),
            "problems": bar.problems_alert((*gone, *problems)),
            "by_options": charted,
            "by": view.by and column_text(view.by),
            "x_options": charted,
            "x": view.x and column_text(view.x),
            "y_options": [{"label": words.THE_PREDICTION, "value": bar.NOTHING}, *charted],
            "y": column_text(view.y) if view.y else bar.NOTHING,
            "columns": filtered,
            "column": filtered[0]["value"] if filtered else None,
        }


def with_charts(seen: Subject) -> View:
    """The view, with inputs to draw by where the address names none."""
    view = seen.view
    coordinates = {item.column for item in seen.coordinates or ()}
    free = [item.column for item in seen.inputs if item.column not in coordinates]
    if not free:
        return view
    first = [*free, None, None]
    x, y = (view.x, view.y) if view.x else (first[1] or free[0], first[2])
    return replace(view, by=view.by or free[0], x=x, y=y)


def _register_changes(callbacks: Callbacks, context: AppContext) -> None:
    @callbacks.on(
        Output(names.VIEW, "data"),
        Input(names.START, "data"),
        Input(names.PICKED, "data"),
        Input(names.do(ALL), "n_clicks"),
        Input(names.CLEAR, "n_clicks"),
        Input(names.SPAN_APPLY, "n_clicks"),
        Input(names.FILTER.add, "n_clicks"),
        Input(names.BY_COLUMN, "value"),
        Input(names.X_COLUMN, "value"),
        Input(names.Y_COLUMN, "value"),
        State(names.VIEW, "data"),
        State(names.MODEL, "data"),
        State(names.SINCE, "value"),
        State(names.UNTIL, "value"),
        State(names.FILTER.column, "value"),
        State(names.FILTER.low, "value"),
        State(names.FILTER.high, "value"),
        State(names.FILTER.values, "value"),
        errors=names.CHANGE_ERRORS,
        prevent_initial_call=True,
    )
    def change(
        start: str | None,
        chosen: Picked | None,
        _does: Any,
        _clear: Any,
        _days: Any,
        _add: Any,
        by: str | None,
        x: str | None,
        y: str | None,
        shown: str | None,
        name: str | None,
        since: str | None,
        until: str | None,
        column: str | None,
        low: str | None,
        high: str | None,
        ticked: list[str] | None,
    ) -> Any:
        if not name or start is None:
            raise PreventUpdate
        if shown is None:
            return start
        seen = seen_of(context, name, shown)
        wanted, trigger = charts_by(seen, by, x, y), ctx.triggered_id
        if isinstance(trigger, dict):
            if not ctx.triggered[0]["value"]:
                raise PreventUpdate
            # Another source may lack what a filter is on.
            wanted = seen_of(context, name, written(done(context, seen, wanted, str(trigger["name"])))).view
        elif trigger == names.FILTER.add:
            entered = read_form(seen.dimensions.values(), seen.columns(), column, low, high, ticked)
            wanted = replace(wanted, where=with_filter(wanted.where, entered))
        else:
            wanted = _limited(seen, wanted, trigger, chosen, since, until)
        text = written(wanted)
        return no_update if text == shown else text


def _limited(
    seen: Subject, wanted: View, trigger: str | None, chosen: Picked | None, since: str | None, until: str | None
) -> View:
    """The view after a choice in a chart, a click that clears the filters, or other days."""
    if trigger == names.PICKED and chosen:
        return picked(wanted, [_filter(seen, text) for text in chosen["texts"]])
    if trigger == names.CLEAR:
        return replace(wanted, where=())
    if trigger == names.SPAN_APPLY:
        return replace(wanted, since=_day(words.FROM, since), until=_day(words.TO, until))
    return wanted


def charts_by(seen: Subject, by: str | None, x: str | None, y: str | None) -> View:
    """The view with the charts drawn by what the selects say."""
    known = {column_text(item.column): item.column for item in seen.charted}
    view = seen.view
    return replace(
        view, by=known.get(by or "", view.by), x=known.get(x or "", view.x), y=known.get(y or "") if y else view.y
    )


def done(context: AppContext, seen: Subject, view: View, name: str) -> View:
    """The view after a button of the bar or of a table, named by ``explore_ids.do``."""
    what, _, rest = name.partition(":")
    if what in (names.SOURCE, names.INSTEAD):
        place, _ = read_source({"source": rest})
        return view.elsewhere(kind=place.kind, batch=place.batch)
    if what == names.VERSION:
        return replace(view, version=version_of(rest) if rest else None)
    if what == names.DAYS:
        today = context.clock().date()
        return replace(view, since=_days_before(today, rest) if rest else None, until=None)
    if what == names.WITHOUT:
        return replace(view, where=tuple(item for item in view.where if filter_text(item) != rest))
    return picked(view, [_filter(seen, rest.partition(":")[2])])


def _days_before(today: date, text: str) -> date:
    """The first of so many days that end today. Raises BadRequest."""
    if not re.fullmatch(r"[1-9][0-9]{0,3}", text):
        raise BadRequest(words.NO_SPAN.format(text=text[:40]), hint=words.CHOOSE_AGAIN)
    return today - timedelta(days=int(text) - 1)


def _filter(seen: Subject, text: str) -> Filter:
    return read_filter(text, {column_text(column.name): column for column in seen.columns()})


def _day(label: str, text: str | None) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = words.NO_DAY.format(label=label, text=text)
        raise InvalidInput(message, problems=[Problem(label, "wrong_type", message)]) from None


def _register_bar(callbacks: Callbacks, context: AppContext, places: Places) -> None:
    @callbacks.on(
        {
            "sources": Output(names.PLACE, "children"),
            "chips": Output(names.CHIPS, "children"),
            "hide_clear": Output(names.CLEAR, "hidden"),
            "hide_span": Output(names.SPAN, "hidden"),
            "span": Output(names.SPAN_WORDS, "children"),
            "since": Output(names.SINCE, "value"),
            "until": Output(names.UNTIL, "value"),
            "downloads": Output(names.DOWNLOADS, "children"),
        },
        Input(names.VIEW, "data"),
        State(names.MODEL, "data"),
        errors=names.BAR_ERRORS,
        prevent_initial_call=True,
    )
    def show_bar(shown: str | None, name: str | None) -> dict[str, Any]:
        seen = seen_of(context, name, shown)
        caller, view = current_caller(), seen.view
        entry = context.entry(caller, seen.model.name)
        batches = finished_batches(context, caller, seen.model.name)
        address = places.api(f"v1/models/{quote(seen.model.name)}/rows")
        return {
            "sources": bar.place_menus(seen, batches, has_holdout(seen.model), entry),
            "chips": findings.chips(seen),
            "hide_clear": not view.where,
            "hide_span": view.kind != "log",
            "span": bar.span_words(seen),
            "since": view.since and view.since.isoformat(),
            "until": view.until and view.until.isoformat(),
            "downloads": page.downloads(shown or "", address) if seen.shows_rows else None,
        }


def _register_filter_form(callbacks: Callbacks, context: AppContext) -> None:
    @callbacks.on(
        names.FILTER.outputs(),
        Input(names.FILTER.column, "value"),
        Input(names.VIEW, "data"),
        State(names.MODEL, "data"),
        errors=names.FILTER.errors,
        prevent_initial_call=True,
    )
    def show_form(column: str | None, shown: str | None, name: str | None) -> dict[str, Any]:
        seen = seen_of(context, name, shown)
        item = dimension_of(seen.dimensions.values(), column)
        if item is None:
            raise PreventUpdate
        return form_state(item, scale_of(context.store.analyst, seen, item), seen.view.where)


def _register_browser(callbacks: Callbacks) -> None:
    """What happens without asking the server."""
    callbacks.in_browser(
        "explorePick",
        Output(names.PICKED, "data"),
        *(
            Input(chart_input, prop)
            for chart in names.CHARTS
            for chart_input, prop in explore_charts.graph_inputs(chart)
        ),
        *(State(explore_charts.figure_of(chart), "data") for chart in names.CHARTS),
        prevent_initial_call=True,
    )
    callbacks.in_browser(
        "exploreAddress", Output(names.LINK, "children"), Input(names.VIEW, "data"), prevent_initial_call=True
    )
    callbacks.in_browser(
        "exploreRows", Output(names.ROWS_NOTE, "title"), Input(names.PAINTED, "data"), prevent_initial_call=True
    )
