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
from modeldesk.web.ui.pages.performance import ids
from modeldesk.web.ui.pages.performance import text as words
from modeldesk.web.ui.pages.performance import threshold as page
from modeldesk.web.ui.pages.performance.fields import costs_of
from modeldesk.web.ui.pages.performance.state import Change, Ready, Typed, shown_of


def register(callbacks: Callbacks, context: AppContext) -> None:
    """Put these callbacks onto the app."""
    _register_standing(callbacks, context)
    _register_saving(callbacks, context)
    callbacks.in_browser(
        "performanceSavable",
        Output(ids.SAVE, "disabled"),
        Input(ids.THRESHOLD, "data"),
        Input(ids.STANDING, "data"),
        prevent_initial_call=True,
    )
    callbacks.in_browser(
        "performanceAskWhy",
        Output(ids.DECISION, "data"),
        Output(page.DIALOG.title, "children"),
        Output(page.DIALOG.confirm_text, "children"),
        Output(page.DIALOG.reason, "value"),
        Output(page.DIALOG.errors, "children", allow_duplicate=True),
        Output(page.DIALOG.text, "children", allow_duplicate=True),
        Input(ids.SAVE, "n_clicks"),
        Input(ids.BACK, "n_clicks"),
        State(ids.THRESHOLD, "data"),
        State(ids.STANDING, "data"),
        prevent_initial_call=True,
    )
    callbacks.in_browser(
        "closeDialog", Output(page.DIALOG.dialog, "title"), Input(ids.SAVED, "data"), prevent_initial_call=True
    )


def standing_of(context: AppContext, ready: Ready) -> dict[str, Any] | None:
    """Return what the page shows of the threshold in use, as its store holds it; None for a model that takes none."""
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
        Output(ids.STANDING, "data", allow_duplicate=True),
        Input(ids.FOLLOW, "n_intervals"),
        Input(ids.SAVED, "data"),
        State(ids.READY, "data"),
        State(ids.STANDING, "data"),
        prevent_initial_call=True,
    )
    def look_again(_ticks: int, _saved: Any, ready: Ready | None, shown: Any) -> Any:
        now = standing_of(context, ready) if ready else shown
        if now == shown:
            raise PreventUpdate
        return now

    @callbacks.on(
        Output(ids.IN_USE, "children"),
        Output(ids.SAVE_BOX, "hidden"),
        Output(ids.BACK, "hidden"),
        Output(ids.BACK, "children"),
        Output(ids.FOLLOW, "disabled"),
        Input(ids.STANDING, "data"),
        State(ids.READY, "data"),
        prevent_initial_call=True,
    )
    def show_standing(standing: Any, ready: Ready | None) -> tuple[Any, ...]:
        if not standing or not ready:
            return None, True, True, None, True
        caller = current_caller()
        entry = context.entry(caller, ready["name"])
        told = page.in_use_view(entry.threshold, ready["version"], entry.served)
        may = caller.may(Permission.SET_THRESHOLD)
        may = may and entry.served == ready["version"]
        return told, not may, entry.threshold.saved is None, words.take_back(entry.threshold.own), False


def _register_saving(callbacks: Callbacks, context: AppContext) -> None:
    @callbacks.on(
        Output(page.DIALOG.text, "children"),
        Input(ids.DECISION, "data"),
        State(ids.READY, "data"),
        State(ids.TYPED, "data"),
        errors=page.DIALOG.errors,
        view=beside_the_field,
        prevent_initial_call=True,
    )
    def show_change(decision: Change | None, ready: Ready | None, typed: Typed | None) -> Any:
        if not decision or not ready:
            raise PreventUpdate
        # It decides everywhere, whatever the page is limited to.
        shown = shown_of(context, {**ready, "segment": "", "where": ""})
        before = _decision(shown.report, decision["basis"]["threshold"])
        after = _decision(shown.report, decision["then"])
        return page.what_changes(before, after, costs_of(typed), shown.report.positive, words.source(shown))

    @callbacks.on(
        Output(ids.SAVED, "data"),
        Output(ids.SAVE_OUTCOME, "children"),
        Input(page.DIALOG.confirm, "n_clicks"),
        State(ids.DECISION, "data"),
        State(page.DIALOG.reason, "value"),
        State(ids.READY, "data"),
        errors=page.DIALOG.errors,
        view=beside_the_field,
        prevent_initial_call=True,
        running=[(Output(page.DIALOG.confirm, "disabled"), True, False)],
    )
    def save(clicks: int | None, decision: Change | None, reason: str | None, ready: Ready | None) -> tuple[Any, Any]:
        if not clicks or not decision or not ready:
            raise PreventUpdate
        basis = Basis(**{key: decision["basis"][key] for key in ("version", "threshold", "revision")})
        change = set_threshold(
            context, current_caller(), ready["name"], decision["threshold"], reason or "", basis=basis
        )
        return f"{change.revision} {change.at.isoformat()}", page.saved_view(change)


def _decision(report: Report, threshold: float | None) -> Decision:
    """Return what a threshold, or without one the artifact's own choice, does on the rows of a report."""
    if report.scores is None or report.own_choice is None:
        raise InvalidInput(words.NO_CHANGES_KNOWN)
    return report.own_choice if threshold is None else report.scores.at(threshold)
