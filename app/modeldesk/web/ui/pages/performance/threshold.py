"""The threshold in use, and the dialog that sets another: words, tables and places."""

from __future__ import annotations

import math
from typing import Any

from dash import dcc, html

from modeldesk.core import formats
from modeldesk.model_service.performance.binary import Costs, Decision
from modeldesk.model_service.settings.decision_threshold import ThresholdStanding
from modeldesk.ports.decisions import ThresholdChange
from modeldesk.web.ui.common.answers import class_inside, class_name
from modeldesk.web.ui.common.components import Children, Column, alert, button, icon, table, when
from modeldesk.web.ui.common.metric_text import share
from modeldesk.web.ui.common.reason_dialog import ReasonIds, reason_dialog
from modeldesk.web.ui.pages.performance import ids

DIALOG = ReasonIds("performance-save")
FOLLOW_MILLISECONDS = 2_000
_KEPT = "Kept with the threshold, for those who look at this model's history later."


def stores() -> list[Any]:
    """What the page remembers of the threshold in use, and how it follows one that others set."""
    return [
        *(dcc.Store(id=store) for store in (ids.STANDING, ids.ASKED, ids.SAVED)),
        dcc.Interval(id=ids.FOLLOW, interval=FOLLOW_MILLISECONDS, disabled=True),
    ]


def dialog() -> html.Dialog:
    """The dialog before it is opened."""
    return reason_dialog(DIALOG, "Save as the model's threshold", "Save threshold", hint=_KEPT)


def in_use_line() -> html.Div:
    """The place under the slider that tells the threshold in use, with what may be done about it."""
    actions = [
        button("Save as the model's threshold", id=ids.SAVE, small=True, disabled=True),
        button("Return to model.toml's", id=ids.BACK, kind="quiet", small=True),
    ]
    return html.Div(
        [
            html.Div(id=ids.IN_USE, className="md-threshold-in-use"),
            html.Div(actions, id=ids.SAVE_BOX, className="md-threshold-save", hidden=True),
            html.Div(id=ids.SAVE_OUTCOME),
        ]
    )


def in_use_words(standing: ThresholdStanding, shown: int, served: int | None) -> Children:
    """Which threshold decides, who set it and over what; and where the page's version is served no more."""
    parts: list[Any] = [html.P(_in_use(standing, shown))]
    if served is not None and served != shown:
        parts.append(
            alert(
                "warn",
                html.P(
                    f"Version {served} is served; these figures are of version {shown}, and the threshold in use "
                    "is saved on those of the served one."
                ),
                live=False,
            )
        )
    return parts


def _in_use(standing: ThresholdStanding, shown: int) -> Children:
    saved, own = standing.saved, standing.own
    if saved is None:
        if own is None:
            return "No threshold is set: answers name the model's own choice."
        return ["In use: ", html.Strong(formats.percent(own)), ", from model.toml."]
    assert saved.threshold is not None
    file = "model.toml, which sets none" if own is None else f"model.toml's {formats.percent(own)}"
    by: list[Any] = [f"set by {saved.who} (", when(saved.at, style="day"), f") over {file}"]
    if standing.unused:
        decides = "the model's own choice decides" if own is None else f"model.toml's {formats.percent(own)} decides"
        kept = html.Strong(formats.percent(saved.threshold))
        return [
            icon("exclamation-triangle-fill"),
            " ",
            kept,
            ", ",
            *by,
            f", is not in force; {decides}. {standing.unused}",
        ]
    chosen = f" Chosen on version {saved.version}." if saved.version != shown else ""
    return ["In use: ", html.Strong(formats.percent(saved.threshold)), ", ", *by, f". “{saved.why}”{chosen}"]


def back_words(own: float | None) -> str:
    """What the button says that takes a threshold back."""
    return "Return to the model's own choice" if own is None else f"Return to model.toml's {formats.percent(own)}"


def what_changes(before: Decision, after: Decision, costs: Costs | None, positive: str, rows: Children) -> Children:
    """What another threshold would do on known rows, beside the one in use."""
    told = [
        html.P(
            "From the next one on, answers by form, API and file are decided by it. Answers that were given stay, and "
            "batches that were begun keep theirs."
        )
    ]
    lines = [_line(before, costs), _line(after, costs)]
    heads = [
        f"{class_name(positive)} found",
        "Missed",
        "False alarms",
        "Rows that raise an alarm",
        *(["Cost per 1,000 rows"] if costs is not None else []),
    ]
    columns = [Column(""), Column(f"Now, {_named(before)}", number=True), Column(f"Then, {_named(after)}", number=True)]
    columns[0] = Column(html.Span("Figure", className="visually-hidden"))
    body = [[head, *values] for head, *values in zip(heads, *lines, strict=True)]
    caption = "What changes on known rows"
    return [*told, table(columns, body, caption=caption, rows_head=True), html.P(rows, className="md-note")]


def _line(decision: Decision, costs: Costs | None) -> list[str]:
    figures = decision.figures()
    return [
        f"{decision.found:,} ({share(figures['recall'].value)})",
        f"{decision.missed:,}",
        f"{decision.alarms:,}",
        share(figures["alarms"].value),
        *([formats.compact(decision.cost(costs) * 1_000 / max(1, decision.rows))] if costs is not None else []),
    ]


def _named(decision: Decision) -> str:
    return "the model's own choice" if math.isnan(decision.threshold) else formats.percent(decision.threshold)


def saved_words(change: ThresholdChange) -> html.Div:
    """That a decision is in force."""
    if change.threshold is None:
        text = "What model.toml says decides again, in every worker within a second or two."
    else:
        name, at = class_inside(change.positive), formats.percent(change.threshold)
        text = f"The model predicts “{name}” from {at} on, in every worker within a second or two."
    return alert("good", html.P(text))
