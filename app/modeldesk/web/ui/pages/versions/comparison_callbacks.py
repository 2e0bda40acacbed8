"""Two versions side by side on the Versions page: choosing, comparing, drawing."""

from __future__ import annotations

from typing import Any, final

import numpy as np
from dash import Input, Output, State
from dash.exceptions import PreventUpdate
from typing_extensions import TypedDict

from modeldesk.core.errors import BadRequest, NotFound
from modeldesk.core.identity import Permission, current_caller
from modeldesk.services.app_context import Desk
from modeldesk.services.performance.comparison import (
    DifferingRow,
    VersionPair,
    changed_segments,
    compare_versions,
    differing_rows,
)
from modeldesk.services.performance.report import labels
from modeldesk.services.privacy import NOT_SHOWN
from modeldesk.web.ui.common import ids
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.answers import class_name
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


def register(callbacks: Callbacks, desk: Desk, places: Places) -> None:
    """Put these callbacks onto the app."""
    _register_choice(callbacks, desk)
    _register_results(callbacks, desk, places)
    _register_segments(callbacks, desk)
    callbacks.in_browser(
        "versionsAddress", Output(names.GO, "title"), Input(names.ASKED, "data"), prevent_initial_call=True
    )


def _register_choice(callbacks: Callbacks, desk: Desk) -> None:
    @callbacks.on(
        Output(names.CARD, "hidden"),
        Output(names.FIRST, "options"),
        Output(names.FIRST, "value"),
        Output(names.SECOND, "options"),
        Output(names.SECOND, "value"),
        Output(names.ROWS, "options"),
        Output(names.ROWS, "value"),
        Output(names.ASKED, "data"),
        Input(versions_page.MODEL, "data"),
        State(names.WANTED, "data"),
    )
    def offer(name: str | None, wanted: Wanted) -> tuple[Any, ...]:
        caller = current_caller()
        try:
            entry = desk.entry(caller, name or "")
        except NotFound:
            raise PreventUpdate from None  # the shell says so
        if not caller.may(Permission.SEE_PERFORMANCE) or len(entry.versions) < 2:
            raise PreventUpdate
        try:
            asked: Any = page.asked_for(wanted["pair"], wanted["rows"])
        except ValueError:
            asked = {"unreadable": str(wanted["pair"])[:40]}
        newest = max(entry.versions)
        before = entry.served if entry.served not in (None, newest) else max(set(entry.versions) - {newest})
        pair = asked if asked and "first" in asked else {"first": before, "second": newest, "rows": None}
        choices = [{"label": f"Version {number}", "value": str(number)} for number in sorted(entry.versions)]
        newer = [{"label": "The newer version", "value": page.NEWER}]
        rows = page.NEWER if pair["rows"] is None else str(pair["rows"])
        return False, choices, str(pair["first"]), choices, str(pair["second"]), [*newer, *choices], rows, asked

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


def _register_results(callbacks: Callbacks, desk: Desk, places: Places) -> None:
    @callbacks.on(
        Output(names.RESULTS, "hidden"),
        Output(names.NOTICES, "children"),
        Output(names.FIGURES, "children"),
        *(Output(ids.chart_figure(name), "data") for name in names.CHARTS),
        *(Output(ids.chart_summary(name), "children") for name in names.CHARTS),
        *(Output(ids.chart_table(name), "children") for name in names.CHARTS),
        Output(names.FLIPS, "children"),
        Output(names.FLIPS_PART, "hidden"),
        Output(names.SEGMENTS_PART, "hidden"),
        Output(names.DIFFERING, "children"),
        Output(names.READY, "data"),
        Input(names.ASKED, "data"),
        State(versions_page.MODEL, "data"),
        errors=names.ERRORS,
        prevent_initial_call=True,
        running=[(Output(names.GO, "disabled"), True, False), (Output(names.WORKING, "hidden"), False, True)],
    )
    def show_pair(asked: Pair | Unreadable | None, name: str) -> tuple[Any, ...]:
        if not asked:
            raise PreventUpdate
        pair = _pair_of(desk, asked, name)
        comparison = pair.rows.comparison
        return (
            False,
            words.notices(pair),
            words.figures_view(pair),
            *_figures(pair),
            words.together_finding(pair),
            words.moves_finding(pair),
            words.together_table(pair),
            words.moves_table(pair),
            tables.flips_view(pair),
            comparison.flips is None,
            comparison.losses is None,
            _differing(pair, places),
            asked,
        )


def _pair_of(desk: Desk, asked: Pair | Unreadable, name: str) -> VersionPair:
    if "unreadable" in asked:
        raise BadRequest(
            f"“{asked['unreadable']}” in the address names no two versions.", hint="Two versions are written as 1,2."
        )
    return compare_versions(desk, current_caller(), name, asked["first"], asked["second"], rows_of=asked["rows"])


def _figures(pair: VersionPair) -> list[Any]:
    comparison, axes, unit = pair.rows.comparison, words.axis_words(pair), pair.second.settings.unit
    kind = words.scale_of(comparison)
    if words.by_class(comparison):
        size = len(comparison.classes)
        assert comparison.first.codes is not None and comparison.second.codes is not None
        cells = np.bincount(comparison.first.codes * size + comparison.second.codes, minlength=size * size)
        called = [class_name(item) for item in comparison.classes]
        together = figures.classes_figure(cells.reshape(size, size), called, axes)
    else:
        together = figures.together_figure(*comparison.scales, axes, kind, unit)
    return [together, figures.moves_figure(comparison.moves, kind, unit, words.moves_title(pair))]


def _differing(pair: VersionPair, places: Places) -> Any:
    if not pair.second.settings.privacy.show_records:
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


def _register_segments(callbacks: Callbacks, desk: Desk) -> None:
    @callbacks.on(
        Output(names.SEGMENTS, "children"),
        Input(names.READY, "data"),
        State(versions_page.MODEL, "data"),
        errors=names.SEGMENTS_ERRORS,
        view=chart_alert,
        prevent_initial_call=True,
    )
    def show_segments(ready: Pair | None, name: str) -> Any:
        if not ready:
            raise PreventUpdate
        pair = _pair_of(desk, ready, name)
        return tables.segments_view(changed_segments(pair), pair, labels(pair.second))
