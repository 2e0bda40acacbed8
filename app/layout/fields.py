"""The shell of one input of a model: label, control with its unit, rail, message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from dash import html

from app.layout.components import Children, Id, classes, given, icon
from app.layout.ids import dom_id

FieldState = Literal["plain", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Rail:
    """Where a value lies in what was seen: the whole range, its middle half, and a tick.

    All on the feature's own scale; ``value`` None draws no tick. A value outside the range
    puts the tick at that end, in amber.
    """

    low: float
    high: float
    quarter: float
    three_quarters: float
    value: float | None


def field(
    control: Children,
    *,
    label: str,
    for_id: Id,
    unit: str = "",
    help_text: str = "",
    rail_view: Children = None,
    message: Children = None,
    message_id: Id | None = None,
    state: FieldState = "plain",
    note: Children = None,
    id: Id | None = None,
    className: str = "",
    group: bool = False,
) -> html.Div:
    """A labelled control. ``note`` stands beside the label ("was 72%"); ``message`` under the rail.

    ``message_id`` gets an element of its own that callbacks may fill; the browser ties it to the
    control by ``aria-describedby`` and says that the control is invalid where ``state`` is bad.
    ``group`` names a set of buttons rather than one input.
    """
    name = [html.Span(label), html.Span(note, className="md-field-note") if note is not None else None]
    label_id = f"label-{dom_id(for_id)}"
    heading = (
        html.Span(name, id=label_id, className="md-label")
        if group
        else html.Label(name, htmlFor=dom_id(for_id), className="md-label")
    )
    info = None
    if help_text:
        info = html.Details(
            [
                html.Summary(icon("info-circle"), className="md-info", **{"aria-label": f"About {label}"}),
                html.P(help_text, className="md-info-text"),
            ],
            className="md-info-box",
            **{"data-md-menu": ""},
        )
    tied = {"role": "group", "aria-labelledby": label_id} if group else {}
    return html.Div(
        [
            html.Div([heading, info], className="md-field-head"),
            html.Div(
                [control, html.Span(unit, className="md-unit", **{"aria-hidden": "true"}) if unit else None],
                className=classes("md-control", bool(unit) and "md-control-unit"),
                **tied,
            ),
            rail_view,
            html.Div(message, className="md-field-message", **given(id=message_id)),
        ],
        className=classes("md-field", className),
        **{"data-state": state},
        **given(id=id),
    )


def rail(of: Rail) -> html.Div:
    """The rail itself; the words for it are the field's hint, so screen readers pass over it."""
    width = of.high - of.low

    def place(value: float) -> float:
        return 50.0 if width <= 0 else round(100 * min(1.0, max(0.0, (value - of.low) / width)), 2)

    start, end = place(of.quarter), place(of.three_quarters)
    parts: list[Any] = [html.Span(className="md-rail-middle", style={"left": f"{start}%", "width": f"{end - start}%"})]
    if of.value is not None:
        outside = of.value < of.low or of.value > of.high
        parts.append(
            html.Span(
                className=classes("md-rail-tick", outside and "md-rail-out"), style={"left": f"{place(of.value)}%"}
            )
        )
    return html.Div(parts, className="md-rail", **{"aria-hidden": "true"})


def hint(text: str) -> html.P:
    """Help that shows while the field has the focus."""
    return html.P(text, className="md-hint md-hint-focus")


def warning(text: Children) -> html.P:
    """A doubt about the value; it can still be predicted with."""
    return html.P(
        [icon("exclamation-triangle-fill"), html.Span(text)], className="md-message md-message-warn", role="alert"
    )
