"""The Performance page's threshold in use: telling it, following it, and setting another."""

from __future__ import annotations

from typing import Any

from dash import Input, Output, State
from dash.exceptions import PreventUpdate

from modeldesk.core.errors import InvalidInput
from modeldesk.core.identity import Permission, current_caller
from modeldesk.model_service.performance.binary import Decision
from modeldesk.model_service.performance.report import Report
from modeldesk.model_service.settings.decision_threshold import threshold_fault
from modeldesk.services.app_context import AppContext
from modeldesk.services.performance.thresholds import Basis, set_threshold
from modeldesk.web.ui.common.errors_view import beside_the_field
from modeldesk.web.ui.common.registration import Callbacks
from modeldesk.web.ui.pages.performance import ids as names
from modeldesk.web.ui.pages.performance import threshold as page
from modeldesk.web.ui.pages.performance.fields import costs_of
from modeldesk.web.ui.pages.performance.state import Change, Ready, Typed, seen_of
from modeldesk.web.ui.pages.performance.text import source_line


def register(callbacks: Callbacks, context: AppContext) -> None:
    """Put these callbacks onto the app."""
    _register_standing(callbacks, context)
    _register_saving(callbacks, context)
    callbacks.in_browser(
        "performanceSavable",
        Output(names.SAVE, "disabled"),
        Input(names.THRESHOLD, "data"),
        Input(names.STANDING, "data"),
        prevent_initial_call=True,
    )
    callbacks.in_browser(
        "performanceAskWhy",
        Output(names.ASKED, "data"),
        Output(page.DIALOG.title, "children"),
        Output(page.DIALOG.confirm_text, "children"),
        Output(page.DIALOG.reason, "value"),
        Output(page.DIALOG.errors, "children", allow_duplicate=True),
        Output(page.DIALOG.text, "children", allow_duplicate=True),
        Input(names.SAVE, "n_clicks"),
        Input(names.BACK, "n_clicks"),
        State(names.THRESHOLD, "data"),
        State(names.STANDING, "data"),
        prevent_initial_call=True,
    )
    callbacks.in_browser(
        "closeDialog", Output(page.DIALOG.dialog, "title"), Input(names.SAVED, "data"), prevent_initial_call=True
    )


def standing_of(context: AppContext, ready: Ready) -> dict[str, Any] | None:
    """What the page shows of the threshold in use, as its store holds it; None for a model that takes none."""
    entry = context.entry(current_caller(), ready["name"])
    if entry.manifest is None or threshold_fault(entry.manifest) is not None:
        return None
    held = entry.threshold
    return {
        "version": ready["version"],
        "served": entry.served,
        "threshold": held.in_force,
        "own": held.own,
        "revision": held.revision,
        "unused": held.unused,
    }


def _register_standing(callbacks: Callbacks, context: AppContext) -> None:
    @callbacks.on(
        Output(names.STANDING, "data", allow_duplicate=True),
        Input(names.FOLLOW, "n_intervals"),
        Input(names.SAVED, "data"),
        State(names.READY, "data"),
        State(names.STANDING, "data"),
        prevent_initial_call=True,
    )
    def look_again(_ticks: int, _saved: Any, ready: Ready | None, shown: Any) -> Any:
        now = standing_of(context, ready) if ready else shown
        if now == shown:
            raise PreventUpdate
        return now

    @callbacks.on(
        Output(names.IN_USE, "children"),
        Output(names.SAVE_BOX, "hidden"),
        Output(names.BACK, "hidden"),
        Output(names.BACK, "children"),
        Output(names.FOLLOW, "disabled"),
        Input(names.STANDING, "data"),
        State(names.READY, "data"),
        prevent_initial_call=True,
    )
    def tell(standing: Any, ready: Ready | None) -> tuple[Any, ...]:
        if not standing or not ready:
            return None, True, True, None, True
        caller = current_caller()
        entry = context.entry(caller, ready["name"])
        words = page.in_use_words(entry.threshold, ready["version"], entry.served)
        may = caller.may(Permission.SET_THRESHOLD)
        may = may and entry.served == ready["version"]
        return words, not may, entry.threshold.saved is None, page.back_words(entry.threshold.own), False


def _register_saving(callbacks: Callbacks, context: AppContext) -> None:
    @callbacks.on(
        Output(page.DIALOG.text, "children"),
        Input(names.ASKED, "data"),
        State(names.READY, "data"),
        State(names.TYPED, "data"),
        errors=page.DIALOG.errors,
        view=beside_the_field,
        prevent_initial_call=True,
    )
    def tell_change(asked: Change | None, ready: Ready | None, typed: Typed | None) -> Any:
        if not asked or not ready:
            raise PreventUpdate
        seen = seen_of(
            context, {**ready, "segment": "", "where": ""}
        )  # it decides everywhere, whatever the page is limited to
        before = _decision(seen.report, asked["basis"]["threshold"])
        after = _decision(seen.report, asked["then"])
        return page.what_changes(before, after, costs_of(typed), seen.report.positive, source_line(seen))

    @callbacks.on(
        Output(names.SAVED, "data"),
        Output(names.SAVE_OUTCOME, "children"),
        Input(page.DIALOG.confirm, "n_clicks"),
        State(names.ASKED, "data"),
        State(page.DIALOG.reason, "value"),
        State(names.READY, "data"),
        errors=page.DIALOG.errors,
        view=beside_the_field,
        prevent_initial_call=True,
        running=[(Output(page.DIALOG.confirm, "disabled"), True, False)],
    )
    def save(clicks: int | None, asked: Change | None, reason: str | None, ready: Ready | None) -> tuple[Any, Any]:
        if not clicks or not asked or not ready:
            raise PreventUpdate
        basis = Basis(**{key: asked["basis"][key] for key in ("version", "threshold", "revision")})
        change = set_threshold(context, current_caller(), ready["name"], asked["threshold"], reason or "", basis=basis)
        return f"{change.revision} {change.at.isoformat()}", page.saved_words(change)


def _decision(report: Report, threshold: float | None) -> Decision:
    """What a threshold, or without one the artifact's own choice, does on the rows of a report."""
    if report.scores is None or report.own_choice is None:
        raise InvalidInput("These rows hold no known outcome to tell what changes.")
    return report.own_choice if threshold is None else report.scores.at(threshold)
