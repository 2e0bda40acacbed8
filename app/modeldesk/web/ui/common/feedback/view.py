"""The control that rates an answer, and what was said of it."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from modeldesk.ports.feedback import Feedback
from modeldesk.services.predictions.feedback import MAX_COMMENT, FeedbackOf
from modeldesk.web.ui.common.components import Children, Column, badge, button, classes, icon, labelled, table, when
from modeldesk.web.ui.common.feedback import ids
from modeldesk.web.ui.common.feedback import text as words
from modeldesk.web.ui.common.icons import IconName


def feedback_box(prediction_id: str, found: FeedbackOf, who: str, view: ids.View) -> html.Div:
    """The control for one prediction, with what the person has said of it before."""
    return html.Div(
        [
            html.Div(feedback_parts(prediction_id, found, who, view), id=ids.body(prediction_id, view)),
            html.Div(id=ids.errors(prediction_id, view)),
        ],
        className="md-feedback md-no-print" if view == "short" else "md-feedback",
    )


def feedback_parts(prediction_id: str, found: FeedbackOf, who: str, view: ids.View) -> list[Children]:
    """What stands in the control. All of it is always there: what is of no use now is hidden."""
    own = found.says(who)
    verdict = own.verdict if own else None

    def choice(part: str, text: str, icons: tuple[IconName, IconName], pressed: bool) -> html.Button:
        return html.Button(
            [icon(icons[pressed]), html.Span(text)],
            id=ids.action(part, prediction_id, view),
            type="button",
            className=classes("md-chip", pressed and "md-chip-on"),
            **{"aria-pressed": "true" if pressed else "false"},
        )

    field = html.Div(
        dcc.Input(
            id=ids.comment(prediction_id, view),
            type="text",
            value=(own.comment if own else None) or "",
            maxLength=MAX_COMMENT,
            placeholder=words.WHY,
        ),
        className="md-control",
    )
    return [
        html.Div(
            [
                html.Span(words.QUESTION, className="md-small md-quiet"),
                choice(
                    ids.RIGHT, words.VERDICTS["right"], ("hand-thumbs-up", "hand-thumbs-up-fill"), verdict == "right"
                ),
                choice(ids.WRONG, words.VERDICTS["wrong"], ("flag", "flag-fill"), verdict == "wrong"),
                html.Span(_told(own), className="md-note", role="status"),
            ],
            className="md-feedback-line hstack flex-wrap gap-2 md-no-print",
            role="group",
            **{"aria-label": words.QUESTION},
        ),
        html.Div(
            [
                labelled(words.COMMENT_LABEL, field, for_id=ids.comment(prediction_id, view)),
                button(words.SAVE, id=ids.action(ids.SAVE, prediction_id, view), small=True),
                button(words.UNDO, id=ids.action(ids.UNDO, prediction_id, view), kind="quiet", small=True),
            ],
            className="md-feedback-comment md-no-print",
            hidden=own is None,
        ),
        _said(found) if view == "full" else None,
    ]


def in_short(found: FeedbackOf | None) -> Children:
    """What is said of a prediction, for a table's cell; empty where nothing is."""
    if found is None:
        return ""
    wrong, right = found.count("wrong"), found.count("right")
    shown = [
        badge(words.FLAGGED.of(wrong), "warn", icon_name="flag-fill") if wrong else None,
        badge(words.RIGHT.of(right), "good") if right else None,
    ]
    return html.Span([part for part in shown if part is not None], className="hstack flex-wrap gap-2")


def _told(own: Feedback | None) -> str:
    if own is None:
        return ""
    return words.RECORDED if own.comment is None else words.RECORDED_WITH_COMMENT


def _said(found: FeedbackOf) -> Children:
    """All statements, newest first."""
    if not found.entries:
        return None
    columns = [Column(label) for label in words.COLUMNS]
    rows: list[list[Any]] = [
        [words.VERDICTS[entry.verdict], entry.comment or "", entry.who, when(entry.at)]
        for entry in reversed(found.entries)
    ]
    return table(columns, rows, caption=words.CAPTION)
