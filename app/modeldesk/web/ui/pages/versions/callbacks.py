"""A model's versions: looking, promoting, rolling back."""

from __future__ import annotations

from typing import Any

from dash import ALL, Input, Output, State, ctx, html
from dash.exceptions import PreventUpdate
from typing_extensions import TypedDict

from modeldesk.core.errors import BadRequest, Conflict, ModelUnavailable, NotFound
from modeldesk.core.identity import Permission, current_caller
from modeldesk.services.app_context import AppContext
from modeldesk.services.performance.comparison import compare_versions, logged_comparison
from modeldesk.services.versions import labels as version_labels
from modeldesk.services.versions import manage as versions
from modeldesk.web.ui.common import shell
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.decoding_callbacks import Version, version_of
from modeldesk.web.ui.common.errors_view import beside_the_field
from modeldesk.web.ui.common.registration import Callbacks
from modeldesk.web.ui.pages.versions import comparison_callbacks as version_pair
from modeldesk.web.ui.pages.versions import layout as page
from modeldesk.web.ui.pages.versions.comparison_text import verdicts


class Wanted(TypedDict):
    """The decision that the dialog is open for."""

    action: str
    version: Version


def register(callbacks: Callbacks, context: AppContext, places: Places) -> None:
    """Put the callbacks of the versions page onto the app."""

    @callbacks.on(
        {
            "table": Output(page.TABLE, "children"),
            "history": Output(page.HISTORY, "children"),
            "shown": Output(page.SHOWN, "data"),
            "stop": Output(page.FOLLOW, "disabled"),
            "head": Output(shell.HEAD_TICK, "data"),
            "hide_labels": Output(page.LABELS, "hidden"),
            "choices": Output(page.LABEL_VERSION, "options"),
            "choice": Output(page.LABEL_VERSION, "value"),
        },
        Input(page.MODEL, "data"),
        Input(page.FOLLOW, "n_intervals"),
        Input(page.DONE, "data"),
        Input(page.LABELLED, "data"),
        State(page.SHOWN, "data"),
        errors=page.ERRORS,
    )
    def show_versions(name: str | None, _ticks: int, _done: Any, _labelled: Any, before: str | None) -> dict[str, Any]:
        caller = current_caller()
        try:
            shown = versions.versions(context, caller, name or "")
        except NotFound:
            # The shell says that there is no such model; asking again would not find it.
            nothing: dict[str, Any] = dict.fromkeys(("table", "history", "shown", "choice"))
            return nothing | {"stop": True, "hide_labels": True, "choices": []}
        now = _signature(shown)
        if now == before:
            raise PreventUpdate
        may = caller.may(Permission.PROMOTE)
        decided = page.decisions(shown.history, shown.thresholds, shown.labels.changes)
        choices = [
            {"label": str(number), "value": str(number)} for number in sorted(shown.entry.versions, reverse=True)
        ]
        # The newest version is chosen when the page opens; the head looks again after a change.
        first: dict[str, Any] = {"choice": choices[0]["value"]} if choices else {}
        return {
            "table": page.versions_card(shown, may_decide=may),
            "history": decided,
            "shown": now,
            "stop": False,
            "hide_labels": not may,
            "choices": choices,
            **(first if before is None else {"head": now}),
        }

    _register_decisions(callbacks, context)
    _register_labels(callbacks, context)
    _register_dialog(callbacks)
    version_pair.register(callbacks, context, places)


def _register_decisions(callbacks: Callbacks, context: AppContext) -> None:
    @callbacks.on(
        Output(page.DONE, "data"),
        Output(page.OUTCOME, "children"),
        Input(page.DIALOG.confirm, "n_clicks"),
        State(page.WANTED, "data"),
        State(page.DIALOG.reason, "value"),
        State(page.MODEL, "data"),
        errors=page.DIALOG.errors,
        view=beside_the_field,
        prevent_initial_call=True,
        running=[(Output(page.DIALOG.confirm, "disabled"), True, False)],
    )
    def decide(clicks: int | None, wanted: Wanted | None, reason: str | None, name: str) -> tuple[Any, Any]:
        if not clicks or not wanted:
            raise PreventUpdate
        caller = current_caller()
        if wanted["action"] == "rollback":
            change = versions.rollback(context, caller, name, reason or "")
        else:
            change = versions.promote(context, caller, name, wanted["version"], reason or "")
        return f"{change.version} {change.at.isoformat()}", page.outcome(change)

    @callbacks.on(
        Output(page.DIALOG.findings, "children"),
        Input(page.WANTED, "data"),
        State(page.MODEL, "data"),
        prevent_initial_call=True,
        running=[
            (Output(page.DIALOG.findings, "hidden"), True, False),
            (Output(page.DIALOG.waiting, "hidden"), False, True),
        ],
    )
    def show_verdict(wanted: Wanted | None, name: str) -> Any:
        caller = current_caller()
        served = context.entry(caller, name).served
        if not wanted or served is None or not caller.may(Permission.SEE_PERFORMANCE):
            return None
        try:
            pair = compare_versions(context, caller, name, served, wanted["version"])
        except (BadRequest, Conflict, ModelUnavailable) as error:
            return page.no_verdict(error)
        return [html.P(told) for told in verdicts(pair, logged_comparison(context, caller, pair))]


def _register_labels(callbacks: Callbacks, context: AppContext) -> None:
    @callbacks.on(
        Output(page.LABELLED, "data"),
        Output(page.LABEL_NAME, "value"),
        Input(page.LABEL_SET, "n_clicks"),
        Input(page.LABEL_REMOVE, "n_clicks"),
        State(page.LABEL_KIND, "value"),
        State(page.LABEL_NAME, "value"),
        State(page.LABEL_VERSION, "value"),
        State(page.MODEL, "data"),
        errors=page.LABEL_ERRORS,
        prevent_initial_call=True,
    )
    def label(
        _set: int | None, _remove: int | None, kind: str, text: str | None, version: str | None, name: str
    ) -> tuple[str, str]:
        if not ctx.triggered_id or not version:
            raise PreventUpdate
        caller, given, number = current_caller(), text or "", version_of(version)
        removing = ctx.triggered_id == page.LABEL_REMOVE
        if kind == "alias":
            change = (
                version_labels.remove_alias(context, caller, name, given.strip())
                if removing
                else version_labels.set_alias(context, caller, name, given, number)
            )
        else:
            act = version_labels.remove_tag if removing else version_labels.add_tag
            change = act(context, caller, name, number, given)
        return f"{change.revision}", ""


def _register_dialog(callbacks: Callbacks) -> None:
    """What the dialog does in the browser."""
    callbacks.in_browser(
        "versionsDecision",
        Output(page.WANTED, "data"),
        Output(page.DIALOG.title, "children"),
        Output(page.DIALOG.text, "children"),
        Output(page.DIALOG.confirm_text, "children"),
        Output(page.DIALOG.confirm, "className"),
        Output(page.DIALOG.reason, "value"),
        Output(page.DIALOG.errors, "children", allow_duplicate=True),
        Input(page.promote_id(ALL), "n_clicks"),
        Input(page.rollback_id(ALL), "n_clicks"),
        prevent_initial_call=True,
    )
    callbacks.in_browser(
        "closeDialog", Output(page.DIALOG.dialog, "title"), Input(page.DONE, "data"), prevent_initial_call=True
    )


def _signature(shown: versions.Versions) -> str:
    entry = shown.entry
    parts = (
        entry.name,
        entry.served,
        entry.state,
        entry.versions,
        len(shown.history),
        len(shown.thresholds),
        len(shown.labels.changes),
        entry.reason,
    )
    return " ".join(str(part) for part in parts)
