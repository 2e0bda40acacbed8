"""Saying what happened after a prediction, or that a person decided otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from modeldesk.core import formats
from modeldesk.ports.outcomes import Outcome
from modeldesk.services.predictions.outcomes import MAX_REASON, OutcomesOf, Recorded
from modeldesk.web.ui.common import text as shared
from modeldesk.web.ui.common.answers import class_name
from modeldesk.web.ui.common.components import Children, Column, button, card, icon_button, labelled, table, when
from modeldesk.web.ui.common.explanation import ids as names
from modeldesk.web.ui.common.explanation import text as words

ACTUAL, DECISION = "actual", "decision"
UNCHOSEN = ""
"""The choice of nothing yet, which a list shows as its placeholder: an outcome that was not chosen must
not be recorded."""


def open_id(prediction_id: Any) -> dict[str, Any]:
    """The button that opens the dialog for this prediction."""
    return {"part": "outcome-open", "name": prediction_id}


def record_button(prediction_id: str) -> html.Button:
    """Opens the dialog."""
    target = {"data-md-action": "open-dialog", "data-md-target": names.OUTCOME}
    return button(words.RECORD_OUTCOME, id=open_id(prediction_id), small=True, icon_name="pencil", **target)


def outcome_dialog() -> html.Dialog:
    """The one dialog of the site; it is told which prediction it is for when it opens."""
    return html.Dialog(
        html.Div(
            [
                dcc.Store(id=names.OUTCOME_WANTED),
                dcc.Store(id=names.OUTCOME_DONE),
                html.Div(
                    [
                        html.H2(words.RECORD_OUTCOME, id="outcome-title", className="md-name"),
                        icon_button("x-lg", shared.CLOSE, **{"data-md-action": "close-dialog"}),
                    ],
                    className="d-flex align-items-start justify-content-between gap-12 mb-2",
                ),
                html.P(words.BOTH_ARE_KEPT, className="md-small md-quiet"),
                *_questions(),
                html.Div(id=names.OUTCOME_ERRORS),
                html.Div(
                    [
                        button(shared.CANCEL, kind="quiet", **{"data-md-action": "close-dialog"}),
                        button(words.SAVE_OUTCOME, id=names.OUTCOME_SAVE, kind="primary"),
                    ],
                    className="d-flex flex-wrap justify-content-end gap-2 mt-3",
                ),
            ],
            className="py-3 px-4",
        ),
        id=names.OUTCOME,
        className="md-dialog",
        **{"aria-labelledby": "outcome-title"},
    )


def _questions() -> list[html.Div]:
    kind = dbc.Select(
        id=names.OUTCOME_KIND, options=[{"label": v, "value": k} for k, v in words.KINDS.items()], value=ACTUAL
    )
    choice = dbc.Select(id=names.OUTCOME_CHOICE, options=[], placeholder=words.CHOOSE)
    number = html.Div(dcc.Input(id=names.OUTCOME_VALUE, type="text", inputMode="decimal"), className="md-control")
    reason = html.Div(dcc.Textarea(id=names.OUTCOME_REASON, rows=3, maxLength=MAX_REASON), className="md-control")
    return [
        html.Div(labelled(words.WHAT_DO_YOU_RECORD, kind, for_id=names.OUTCOME_KIND), className="mt-3"),
        html.Div(
            labelled(words.OUTCOME, choice, for_id=names.OUTCOME_CHOICE),
            id=names.OUTCOME_CHOICE_BOX,
            className="mt-3",
        ),
        html.Div(
            labelled(words.OUTCOME_NUMBER, number, for_id=names.OUTCOME_VALUE),
            id=names.OUTCOME_VALUE_BOX,
            className="mt-3",
            hidden=True,
        ),
        html.Div(
            labelled(
                words.OUTCOME_REASON,
                reason,
                for_id=names.OUTCOME_REASON,
                hint=words.OUTCOME_REASON_HINT,
            ),
            className="mt-3",
        ),
    ]


def told(recorded: Recorded) -> str:
    """What became of an outcome that was sent."""
    return words.OUTCOME_STATES[recorded.state]


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
        parts.append(words.DECIDED.format(outcome=outcome_text(found.decision.value, unit)))
    return ", ".join(parts)


def outcomes_card(prediction_id: str, found: OutcomesOf, unit: str, may_record: bool) -> html.Section:
    """What has been recorded about a prediction, newest first, and the button to record more."""
    tools = [record_button(prediction_id)] if may_record else []
    if not found.entries:
        nothing = html.P(words.NO_OUTCOME, className="md-card-summary")
        return card(nothing, title=words.OUTCOME, tools=tools)
    columns = [Column(label) for label in words.OUTCOMES_COLUMNS]
    rows = [_row(entry, unit) for entry in reversed(found.entries)]
    return card(table(columns, rows, caption=words.OUTCOMES_CAPTION), title=words.OUTCOME, tools=tools)


def _row(entry: Outcome, unit: str) -> list[Children]:
    return [
        words.KINDS[entry.kind],
        html.Strong(outcome_text(entry.value, unit)),
        entry.reason or "",
        entry.who,
        when(entry.at),
    ]


def choice_options(classes: Sequence[Any]) -> list[dict[str, str]]:
    """The classes to choose from; no options where there are no classes."""
    return [{"label": class_name(value), "value": str(value)} for value in classes]
