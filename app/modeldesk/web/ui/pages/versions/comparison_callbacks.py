"""Two versions side by side on the Versions page: choosing, comparing, drawing."""

from __future__ import annotations

from typing import Any, final

import plotly.graph_objects as go
from dash import Input, Output, State
from dash.exceptions import PreventUpdate
from typing_extensions import TypedDict

from modeldesk.core.errors import BadRequest, NotFound
from modeldesk.core.identity import Permission, current_caller
from modeldesk.services.app_context import AppContext
from modeldesk.services.performance.comparison import (
    DifferingRow,
    VersionPair,
    changed_segments,
    compare_versions,
    differing_rows,
    usual_pair,
)
from modeldesk.services.performance.report import labels
from modeldesk.services.privacy import NOT_SHOWN, shows_records
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.answers import class_name
from modeldesk.web.ui.common.charts.registration import Drawing, chart
from modeldesk.web.ui.common.decoding_callbacks import Version, version_of
from modeldesk.web.ui.common.errors_view import chart_alert
from modeldesk.web.ui.common.fragment import encode_record, shareable
from modeldesk.web.ui.common.registration import Callbacks
from modeldesk.web.ui.pages.versions import comparison as page
from modeldesk.web.ui.pages.versions import comparison_text as words
from modeldesk.web.ui.pages.versions import figures, ids
from modeldesk.web.ui.pages.versions import layout as versions_page


class Wanted(TypedDict):
    """What the address asks for."""

    pair: str | None
    rows: str | None


@final
class Pair(TypedDict):
    """The two versions that are compared, and whose rows they are compared on (None: the newer one's)."""

    first: Version
    second: Version
    rows: Version | None


@final
class Unreadable(TypedDict):
    """What the address asks for, where that is no pair of versions."""

    unreadable: str


def register(callbacks: Callbacks, context: AppContext, places: Places) -> None:
    """Put these callbacks onto the app."""
    _register_choice(callbacks, context)
    _register_results(callbacks, context, places)
    _register_charts(callbacks, context)
    _register_segments(callbacks, context)
    callbacks.in_browser(
        "versionsAddress", Output(ids.GO, "title"), Input(ids.QUERY, "data"), prevent_initial_call=True
    )


def _register_choice(callbacks: Callbacks, context: AppContext) -> None:
    @callbacks.on(
        {
            "hidden": Output(ids.CARD, "hidden"),
            "firsts": Output(ids.FIRST, "options"),
            "first": Output(ids.FIRST, "value"),
            "seconds": Output(ids.SECOND, "options"),
            "second": Output(ids.SECOND, "value"),
            "rows_of": Output(ids.ROWS, "options"),
            "rows": Output(ids.ROWS, "value"),
            "query": Output(ids.QUERY, "data"),
        },
        Input(versions_page.MODEL, "data"),
        State(ids.WANTED, "data"),
    )
    def offer(name: str | None, wanted: Wanted) -> dict[str, Any]:
        caller = current_caller()
        try:
            entry = context.entry(caller, name or "")
        except NotFound:
            raise PreventUpdate from None  # the shell says so
        if not caller.may(Permission.SEE_PERFORMANCE) or len(entry.versions) < 2:
            raise PreventUpdate
        try:
            query: Any = page.query_of(wanted["pair"], wanted["rows"])
        except ValueError:
            query = {"unreadable": str(wanted["pair"])[:40]}
        first, second = usual_pair(entry)
        pair = query if query and "first" in query else {"first": first, "second": second, "rows": None}
        choices = [
            {"label": words.VERSION.format(version=number), "value": str(number)} for number in sorted(entry.versions)
        ]
        newer = [{"label": words.NEWER_VERSION, "value": page.NEWER}]
        return {
            "hidden": False,
            "firsts": choices,
            "first": str(pair["first"]),
            "seconds": choices,
            "second": str(pair["second"]),
            "rows_of": [*newer, *choices],
            "rows": page.NEWER if pair["rows"] is None else str(pair["rows"]),
            "query": query,
        }

    @callbacks.on(
        Output(ids.QUERY, "data", allow_duplicate=True),
        Input(ids.GO, "n_clicks"),
        State(ids.FIRST, "value"),
        State(ids.SECOND, "value"),
        State(ids.ROWS, "value"),
        prevent_initial_call=True,
    )
    def ask(clicks: int | None, first: str | None, second: str | None, rows: str | None) -> Any:
        if not clicks or not first or not second:
            raise PreventUpdate
        return {
            "first": version_of(first),
            "second": version_of(second),
            "rows": version_of(rows) if rows and rows != page.NEWER else None,
            "asked": clicks,
        }


def _register_results(callbacks: Callbacks, context: AppContext, places: Places) -> None:
    @callbacks.on(
        {
            "hidden": Output(ids.RESULTS, "hidden"),
            "notices": Output(ids.NOTICES, "children"),
            "figures": Output(ids.FIGURES, "children"),
            "flips": Output(ids.FLIPS, "children"),
            "hide_flips": Output(ids.FLIPS_PART, "hidden"),
            "hide_segments": Output(ids.SEGMENTS_PART, "hidden"),
            "differing": Output(ids.DIFFERING, "children"),
            "ready": Output(ids.READY, "data"),
        },
        Input(ids.QUERY, "data"),
        State(versions_page.MODEL, "data"),
        errors=ids.ERRORS,
        prevent_initial_call=True,
        running=[(Output(ids.GO, "disabled"), True, False), (Output(ids.WORKING, "hidden"), False, True)],
    )
    def show_pair(query: Pair | Unreadable | None, name: str) -> dict[str, Any]:
        if not query:
            raise PreventUpdate
        pair = _pair_of(context, query, name)
        comparison = pair.rows.comparison
        return {
            "hidden": False,
            "notices": page.notices(pair),
            "figures": page.figures_view(pair),
            "flips": page.flips_view(pair),
            "hide_flips": comparison.flips is None,
            "hide_segments": comparison.losses is None,
            "differing": _differing(pair, places),
            "ready": query,
        }


def _pair_of(context: AppContext, query: Pair | Unreadable, name: str) -> VersionPair:
    if "unreadable" in query:
        raise BadRequest(words.NO_PAIR.format(text=query["unreadable"]), hint=words.NO_PAIR_HINT)
    return compare_versions(context, current_caller(), name, query["first"], query["second"], rows_of=query["rows"])


def _register_charts(callbacks: Callbacks, context: AppContext) -> None:
    shown = (Input(ids.READY, "data"), State(versions_page.MODEL, "data"))

    @chart(callbacks, ids.TOGETHER, *shown)
    def together(ready: Pair | None, name: str) -> Drawing:
        pair = _shown_pair(context, ready, name)
        return Drawing(words.together_finding(pair), lambda: _together_figure(pair), lambda: page.together_table(pair))

    @chart(callbacks, ids.MOVES, *shown)
    def moves(ready: Pair | None, name: str) -> Drawing:
        pair = _shown_pair(context, ready, name)
        comparison, unit = pair.rows.comparison, pair.second.settings.unit
        return Drawing(
            words.moves_finding(pair),
            lambda: figures.moves_figure(comparison.moves, figures.scale_of(comparison), unit, words.moves_title(pair)),
            lambda: page.moves_table(pair),
        )


def _together_figure(pair: VersionPair) -> go.Figure:
    comparison, axes = pair.rows.comparison, words.axis_words(pair)
    if not words.by_class(comparison):
        kind, unit = figures.scale_of(comparison), pair.second.settings.unit
        return figures.together_figure(*comparison.scales, axes, kind, unit)
    return figures.classes_figure(comparison.cells, [class_name(item) for item in comparison.classes], axes)


def _shown_pair(context: AppContext, ready: Pair | None, name: str) -> VersionPair:
    if not ready:
        raise PreventUpdate
    return _pair_of(context, ready, name)


def _differing(pair: VersionPair, places: Places) -> Any:
    if not shows_records(pair.second):
        return NOT_SHOWN
    rows = differing_rows(pair)
    if not rows:
        return words.SAME_ANSWERS
    return page.differing_view(rows, pair, [_href(pair, row, places) for row in rows])


def _href(pair: VersionPair, row: DifferingRow, places: Places) -> str | None:
    """Return the address of the form with a row's inputs, None for inputs that an address may not hold."""
    fields = pair.second.fields
    if any(not field.hidden and field.name not in row.inputs for field in fields):
        return None
    if len(shareable(fields)) < sum(not field.hidden for field in fields):
        return None
    return places.model(pair.second.name, fragment=encode_record(fields, row.inputs, pair.second.version))


def _register_segments(callbacks: Callbacks, context: AppContext) -> None:
    @callbacks.on(
        Output(ids.SEGMENTS, "children"),
        Input(ids.READY, "data"),
        State(versions_page.MODEL, "data"),
        errors=ids.SEGMENTS_ERRORS,
        view=chart_alert,
        prevent_initial_call=True,
    )
    def show_segments(ready: Pair | None, name: str) -> Any:
        pair = _shown_pair(context, ready, name)
        return page.segments_view(changed_segments(pair), pair, labels(pair.second))
