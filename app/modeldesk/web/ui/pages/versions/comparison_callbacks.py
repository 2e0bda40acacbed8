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
from modeldesk.web.ui.pages.versions import comparison_tables as tables
from modeldesk.web.ui.pages.versions import comparison_text as words
from modeldesk.web.ui.pages.versions import figures
from modeldesk.web.ui.pages.versions import ids as names
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
        "versionsAddress", Output(names.GO, "title"), Input(names.ASKED, "data"), prevent_initial_call=True
    )


def _register_choice(callbacks: Callbacks, context: AppContext) -> None:
    @callbacks.on(
        {
            "hidden": Output(names.CARD, "hidden"),
            "firsts": Output(names.FIRST, "options"),
            "first": Output(names.FIRST, "value"),
            "seconds": Output(names.SECOND, "options"),
            "second": Output(names.SECOND, "value"),
            "rows_of": Output(names.ROWS, "options"),
            "rows": Output(names.ROWS, "value"),
            "asked": Output(names.ASKED, "data"),
        },
        Input(versions_page.MODEL, "data"),
        State(names.WANTED, "data"),
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
            asked: Any = page.asked_for(wanted["pair"], wanted["rows"])
        except ValueError:
            asked = {"unreadable": str(wanted["pair"])[:40]}
        first, second = usual_pair(entry)
        pair = asked if asked and "first" in asked else {"first": first, "second": second, "rows": None}
        choices = [{"label": f"Version {number}", "value": str(number)} for number in sorted(entry.versions)]
        newer = [{"label": "The newer version", "value": page.NEWER}]
        return {
            "hidden": False,
            "firsts": choices,
            "first": str(pair["first"]),
            "seconds": choices,
            "second": str(pair["second"]),
            "rows_of": [*newer, *choices],
            "rows": page.NEWER if pair["rows"] is None else str(pair["rows"]),
            "asked": asked,
        }

    @callbacks.on(
        Output(names.ASKED, "data", allow_duplicate=True),
        Input(names.GO, "n_clicks"),
        State(names.FIRST, "value"),
        State(names.SECOND, "value"),
        State(names.ROWS, "value"),
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
            "hidden": Output(names.RESULTS, "hidden"),
            "notices": Output(names.NOTICES, "children"),
            "figures": Output(names.FIGURES, "children"),
            "flips": Output(names.FLIPS, "children"),
            "hide_flips": Output(names.FLIPS_PART, "hidden"),
            "hide_segments": Output(names.SEGMENTS_PART, "hidden"),
            "differing": Output(names.DIFFERING, "children"),
            "ready": Output(names.READY, "data"),
        },
        Input(names.ASKED, "data"),
        State(versions_page.MODEL, "data"),
        errors=names.ERRORS,
        prevent_initial_call=True,
        running=[(Output(names.GO, "disabled"), True, False), (Output(names.WORKING, "hidden"), False, True)],
    )
    def show_pair(asked: Pair | Unreadable | None, name: str) -> dict[str, Any]:
        if not asked:
            raise PreventUpdate
        pair = _pair_of(context, asked, name)
        comparison = pair.rows.comparison
        return {
            "hidden": False,
            "notices": words.notices(pair),
            "figures": words.figures_view(pair),
            "flips": tables.flips_view(pair),
            "hide_flips": comparison.flips is None,
            "hide_segments": comparison.losses is None,
            "differing": _differing(pair, places),
            "ready": asked,
        }


def _pair_of(context: AppContext, asked: Pair | Unreadable, name: str) -> VersionPair:
    if "unreadable" in asked:
        raise BadRequest(
            f"“{asked['unreadable']}” in the address names no two versions.", hint="Two versions are written as 1,2."
        )
    return compare_versions(context, current_caller(), name, asked["first"], asked["second"], rows_of=asked["rows"])


def _register_charts(callbacks: Callbacks, context: AppContext) -> None:
    shown = (Input(names.READY, "data"), State(versions_page.MODEL, "data"))

    @chart(callbacks, names.TOGETHER, *shown)
    def together(ready: Pair | None, name: str) -> Drawing:
        pair = _shown_pair(context, ready, name)
        return Drawing(words.together_finding(pair), lambda: _together_figure(pair), lambda: words.together_table(pair))

    @chart(callbacks, names.MOVES, *shown)
    def moves(ready: Pair | None, name: str) -> Drawing:
        pair = _shown_pair(context, ready, name)
        comparison, unit = pair.rows.comparison, pair.second.settings.unit
        return Drawing(
            words.moves_finding(pair),
            lambda: figures.moves_figure(comparison.moves, words.scale_of(comparison), unit, words.moves_title(pair)),
            lambda: words.moves_table(pair),
        )


def _together_figure(pair: VersionPair) -> go.Figure:
    comparison, axes = pair.rows.comparison, words.axis_words(pair)
    if not words.by_class(comparison):
        kind, unit = words.scale_of(comparison), pair.second.settings.unit
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
        return "Every row gets the same answer from both."
    return tables.differing_view(rows, pair, [_href(pair, row, places) for row in rows])


def _href(pair: VersionPair, row: DifferingRow, places: Places) -> str | None:
    """Where a row's inputs fill the form; nowhere for inputs that an address may not hold."""
    fields = pair.second.fields
    if any(not field.hidden and field.name not in row.inputs for field in fields):
        return None
    if len(shareable(fields)) < sum(not field.hidden for field in fields):
        return None
    return places.model(pair.second.name, fragment=encode_record(fields, row.inputs, pair.second.version))


def _register_segments(callbacks: Callbacks, context: AppContext) -> None:
    @callbacks.on(
        Output(names.SEGMENTS, "children"),
        Input(names.READY, "data"),
        State(versions_page.MODEL, "data"),
        errors=names.SEGMENTS_ERRORS,
        view=chart_alert,
        prevent_initial_call=True,
    )
    def show_segments(ready: Pair | None, name: str) -> Any:
        pair = _shown_pair(context, ready, name)
        return tables.segments_view(changed_segments(pair), pair, labels(pair.second))
