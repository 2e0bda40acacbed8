"""Saying what happened after a prediction, or that a person decided otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from modeldesk.core import formats
from modeldesk.ports.outcomes import Outcome
from modeldesk.services.predictions.outcomes import MAX_REASON, OutcomesOf, Recorded
from modeldesk.web.ui.common.answers import class_name
from modeldesk.web.ui.common.components import Children, Column, button, card, icon_button, labelled, table, when
from modeldesk.web.ui.common.explanation import ids as names

ACTUAL, DECISION = "actual", "decision"
UNCHOSEN = ""
"""The choice of nothing yet, which a list shows as its placeholder: an outcome that was not chosen must
not be recorded."""
KINDS = {ACTUAL: "What happened", DECISION: "I decided otherwise"}


def open_id(prediction_id: Any) -> dict[str, Any]:
    """The button that opens the dialog for this prediction."""
    return {"part": "outcome-open", "name": prediction_id}


def record_button(prediction_id: str) -> html.Button:
    """Opens the dialog."""
    target = {"data-md-action": "open-dialog", "data-md-target": names.OUTCOME}
    return button("Record outcome", id=open_id(prediction_id), small=True, icon_name="pencil", **target)


def outcome_dialog() -> html.Dialog:
    """The one dialog of the site; it is told which prediction it is for when it opens."""
    return html.Dialog(
        html.Div(
            [
                dcc.Store(id=names.OUTCOME_WANTED),
                dcc.Store(id=names.OUTCOME_DONE),
                html.Div(
                    [
                        html.H2("Record outcome", id="outcome-title", className="md-name"),
                        icon_button("x-lg", "Close", **{"data-md-action": "close-dialog"}),
                    ],
                    className="md-dialog-head",
                ),
                html.P("What the model said and what is recorded here are both kept.", className="md-small md-quiet"),
                *_questions(),
                html.Div(id=names.OUTCOME_ERRORS),
                html.Div(
                    [
                        button("Cancel", kind="quiet", **{"data-md-action": "close-dialog"}),
                        button("Save outcome", id=names.OUTCOME_SAVE, kind="primary"),
                    ],
                    className="md-dialog-foot",
                ),
            ],
            className="md-dialog-body",
        ),
        id=names.OUTCOME,
        className="md-dialog",
        **{"aria-labelledby": "outcome-title"},
    )


def _questions() -> list[html.Div]:
    kind = dbc.Select(id=names.OUTCOME_KIND, options=[{"label": v, "value": k} for k, v in KINDS.items()], value=ACTUAL)
    choice = dbc.Select(id=names.OUTCOME_CHOICE, options=[], placeholder="Choose …")
    number = html.Div(dcc.Input(id=names.OUTCOME_VALUE, type="text", inputMode="decimal"), className="md-control")
    reason = html.Div(dcc.Textarea(id=names.OUTCOME_REASON, rows=3, maxLength=MAX_REASON), className="md-control")
    return [
        html.Div(labelled("What do you record?", kind, for_id=names.OUTCOME_KIND), className="md-dialog-field"),
        html.Div(
            labelled("Outcome", choice, for_id=names.OUTCOME_CHOICE),
            id=names.OUTCOME_CHOICE_BOX,
            className="md-dialog-field",
        ),
        html.Div(
            labelled("Outcome as a number", number, for_id=names.OUTCOME_VALUE),
            id=names.OUTCOME_VALUE_BOX,
            className="md-dialog-field",
            hidden=True,
        ),
        html.Div(
            labelled(
                "Reason for the outcome",
                reason,
                for_id=names.OUTCOME_REASON,
                hint="Needed where you decide otherwise than the model says.",
            ),
            className="md-dialog-field",
        ),
    ]


def told(recorded: Recorded) -> str:
    """What became of an outcome that was sent."""
    if recorded.state == "duplicate":
        return "That was recorded already; nothing was changed."
    return (
        "The outcome is recorded."
        if recorded.state == "recorded"
        else "The outcome is corrected; the first one is kept."
    )


def outcome_text(value: Any, unit: str = "") -> str:
    """An outcome in words."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return formats.value(value, unit) if number else class_name(value)


def in_short(found: OutcomesOf | None, unit: str = "") -> str:
    """What is known afterwards, for a table's cell; empty where nothing is."""
    if found is None:
        return ""
    parts = [] if found.actual is None else [outcome_text(found.actual.value, unit)]
    if found.decision is not None:
        parts.append(f"decided: {outcome_text(found.decision.value, unit)}")
    return ", ".join(parts)


def outcomes_card(prediction_id: str, found: OutcomesOf, unit: str, may_record: bool) -> html.Section:
    """What has been recorded about a prediction, newest first, and the button to record more."""
    tools = [record_button(prediction_id)] if may_record else []
    if not found.entries:
        nothing = html.P("Nobody has recorded what happened.", className="md-card-summary")
        return card(nothing, title="Outcome", tools=tools)
    columns = [Column("What"), Column("Outcome"), Column("Reason"), Column("By"), Column("When")]
    rows = [_row(entry, unit) for entry in reversed(found.entries)]
    return card(
        table(columns, rows, caption="What was recorded afterwards, newest first"), title="Outcome", tools=tools
    )


def _row(entry: Outcome, unit: str) -> list[Children]:
    return [
        KINDS[entry.kind],
        html.Strong(outcome_text(entry.value, unit)),
        entry.reason or "",
        entry.who,
        when(entry.at),
    ]


def choice_options(classes: Sequence[Any]) -> list[dict[str, str]]:
    """The classes to choose from; no options where there are no classes."""
    return [{"label": class_name(value), "value": str(value)} for value in classes]
