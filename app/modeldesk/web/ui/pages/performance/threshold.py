"""The threshold in use, and the dialog that sets another."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from modeldesk.core import formats
from modeldesk.model_service.performance.binary import Costs, Decision
from modeldesk.model_service.settings.decision_threshold import ThresholdStanding
from modeldesk.ports.decisions import ThresholdChange
from modeldesk.web.ui.common.answers import class_name
from modeldesk.web.ui.common.components import Children, Column, alert, button, icon, table
from modeldesk.web.ui.common.metric_text import share
from modeldesk.web.ui.common.reason_dialog import ReasonIds, reason_dialog
from modeldesk.web.ui.pages.performance import ids
from modeldesk.web.ui.pages.performance import text as words

DIALOG = ReasonIds("performance-save")
FOLLOW_MILLISECONDS = 2_000


def stores() -> list[Any]:
    """Return what the page remembers of the threshold in use, and how it follows one that others set."""
    return [
        *(dcc.Store(id=store) for store in (ids.STANDING, ids.DECISION, ids.SAVED)),
        dcc.Interval(id=ids.FOLLOW, interval=FOLLOW_MILLISECONDS, disabled=True),
    ]


def dialog() -> html.Dialog:
    """Return the dialog before it is opened."""
    return reason_dialog(DIALOG, words.SAVE, words.SAVE_THRESHOLD, hint=words.REASON_HINT)


def in_use_line() -> html.Div:
    """Return the place under the slider for the threshold in use, with what may be done about it."""
    actions = [
        button(words.SAVE, id=ids.SAVE, small=True, disabled=True),
        button(words.RETURN_TO_FILE, id=ids.BACK, kind="quiet", small=True),
    ]
    return html.Div(
        [
            html.Div(id=ids.IN_USE, className="md-threshold-in-use md-small mt-2 text-body-secondary"),
            html.Div(actions, id=ids.SAVE_BOX, className="d-flex flex-wrap gap-2 mt-2", hidden=True),
            html.Div(id=ids.SAVE_OUTCOME),
        ]
    )


def in_use_view(standing: ThresholdStanding, shown: int, served: int | None) -> Children:
    """Return which threshold decides, who set it and over what; and where the page's version is served no more."""
    told = words.in_use(standing, shown)
    if standing.saved is not None and standing.unused:
        told = [icon("exclamation-triangle-fill"), " ", *told]
    parts: list[Any] = [html.P(told)]
    if served is not None and served != shown:
        other = words.OTHER_SERVED.format(served=served, shown=shown)
        parts.append(alert("warn", html.P(other), live=False))
    return parts


def what_changes(before: Decision, after: Decision, costs: Costs | None, positive: str, rows: Children) -> Children:
    """Return what another threshold would do on known rows, beside the one in use."""
    heads = [
        words.CLASS_FOUND.format(class_name=class_name(positive)),
        words.MISSED,
        words.FALSE_ALARMS,
        words.RAISING_ALARM,
        *([words.COST_PER_1000] if costs is not None else []),
    ]
    columns = [Column(html.Span(words.FIGURE, className="visually-hidden"))]
    columns += [Column(head, number=True) for head in words.now_and_then(before, after)]
    body = [list(line) for line in zip(heads, _line(before, costs), _line(after, costs), strict=True)]
    drawn = table(columns, body, caption=words.CHANGES_CAPTION, rows_head=True)
    return [html.P(words.FROM_NOW_ON), drawn, html.P(rows, className="md-note")]


def _line(decision: Decision, costs: Costs | None) -> list[str]:
    figures = decision.figures()
    return [
        f"{decision.found:,} ({share(figures['recall'].value)})",
        f"{decision.missed:,}",
        f"{decision.alarms:,}",
        share(figures["alarms"].value),
        *([formats.compact(decision.cost(costs) * 1_000 / max(1, decision.rows))] if costs is not None else []),
    ]


def saved_view(change: ThresholdChange) -> html.Div:
    """Return that a decision is in force."""
    return alert("good", html.P(words.saved(change)))
