"""Rating an answer, commenting on it, and taking that back."""

from __future__ import annotations

from typing import Any

from dash import MATCH, Input, Output, State, ctx
from dash.exceptions import PreventUpdate

from modeldesk.core.errors import BadRequest, NotFound
from modeldesk.core.identity import current_caller
from modeldesk.ports.feedback import Verdict
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions.feedback import FeedbackOf, feedback_of, give_feedback
from modeldesk.web.ui.common import text as shared
from modeldesk.web.ui.common.components import card
from modeldesk.web.ui.common.explanation.ids import PREDICTION_WANTED
from modeldesk.web.ui.common.feedback import ids, view
from modeldesk.web.ui.common.feedback import text as words
from modeldesk.web.ui.common.registration import Callbacks

_VERDICTS: dict[str, Verdict] = {ids.RIGHT: "right", ids.WRONG: "wrong"}


def register(callbacks: Callbacks, context: AppContext) -> None:
    """Put the callbacks of feedback onto the app."""

    @callbacks.on(
        Output(ids.body(MATCH, MATCH), "children"),
        Input(ids.action(ids.RIGHT, MATCH, MATCH), "n_clicks"),
        Input(ids.action(ids.WRONG, MATCH, MATCH), "n_clicks"),
        Input(ids.action(ids.SAVE, MATCH, MATCH), "n_clicks"),
        Input(ids.action(ids.UNDO, MATCH, MATCH), "n_clicks"),
        State(ids.comment(MATCH, MATCH), "value"),
        errors=ids.errors(MATCH, MATCH),
        prevent_initial_call=True,
    )
    def rate(_right: Any, _wrong: Any, _save: Any, _undo: Any, comment: str | None) -> Any:
        trigger = ctx.triggered_id
        if not isinstance(trigger, dict) or not ctx.triggered[0]["value"]:
            raise PreventUpdate
        caller, prediction_id, shown = current_caller(), str(trigger["name"]), trigger["view"]
        if shown not in ("short", "full"):
            raise BadRequest(words.NO_CONTROL, hint=shared.RELOAD)
        verdict = _verdict(str(trigger["part"]), feedback_of(context, caller, prediction_id), caller.name)
        give_feedback(context, caller, prediction_id, verdict, comment if verdict else None)
        found = feedback_of(context, caller, prediction_id)
        return view.feedback_parts(prediction_id, found, caller.name, shown)

    @callbacks.on(Output(ids.PAST, "children"), Input(PREDICTION_WANTED, "data"), errors=ids.PAST_ERRORS)
    def show_feedback(prediction_id: str | None) -> Any:
        caller = current_caller()
        try:
            found = feedback_of(context, caller, prediction_id or "")
        except NotFound:
            # The page itself says that there is no such prediction.
            return None
        box = view.feedback_box(prediction_id or "", found, caller.name, "full")
        return card(box, title=words.TITLE, className="" if found.entries else "md-no-print")


def _verdict(part: str, found: FeedbackOf, who: str) -> Verdict | None:
    """What a button says: a pressed one takes back, as Undo does; a comment leaves the verdict as it is."""
    own = found.says(who)
    before = own.verdict if own else None
    if part == ids.UNDO:
        return None
    if part == ids.SAVE:
        return before
    return None if _VERDICTS[part] == before else _VERDICTS[part]
