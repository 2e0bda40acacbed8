"""The parts that every page is put together from; ``assets/common/30-components.css`` says how each looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from dash import html

from modeldesk.core import formats
from modeldesk.web.ui.common import text as words
from modeldesk.web.ui.common.icons import IconName
from modeldesk.web.ui.common.ids import dom_id
from modeldesk.web.ui.common.sentences import sentence

Kind = Literal["primary", "secondary", "quiet", "danger", "outline-danger"]
State = Literal["good", "warn", "bad", "neutral", "accent", "outline", "up", "down"]
Children = Any
Id = str | dict[str, Any]

_STATE_ICONS: dict[str, IconName] = {
    "good": "check-circle-fill",
    "warn": "exclamation-triangle-fill",
    "bad": "x-octagon-fill",
    "neutral": "dash-circle",
    "accent": "info-circle-fill",
    "up": "caret-up-fill",
    "down": "caret-down-fill",
}


_BADGES: dict[State, str] = {
    "good": "bg-success-subtle text-success-emphasis",
    "warn": "bg-warning-subtle text-warning-emphasis",
    "bad": "bg-danger-subtle text-danger-emphasis",
    "neutral": "bg-body-tertiary text-body-secondary",
    "accent": "bg-primary-subtle text-primary-emphasis",
    "outline": "border text-body-secondary",
    "up": "fw-semibold",
    "down": "bg-primary-subtle fw-semibold",
}

_ALERTS = {"info": "primary", "warn": "warning", "bad": "danger", "good": "success"}


def classes(*names: str | bool | None) -> str:
    """Class names put together; what is empty or False is left out."""
    return " ".join(name for name in names if isinstance(name, str) and name)


def given(**attributes: Any) -> dict[str, Any]:
    """The attributes that are not None: Dash takes None for a value of most."""
    return {name: value for name, value in attributes.items() if value is not None}


def icon(name: IconName, *, className: str = "") -> html.I:
    """A picture beside words; screen readers pass over it."""
    return html.I(className=classes("md-icon", f"md-icon-{name}", className), **{"aria-hidden": "true"})


def button(
    text: str,
    *,
    id: Id | None = None,
    kind: Kind = "secondary",
    icon_name: IconName | None = None,
    small: bool = False,
    disabled: bool | None = None,
    label: str | None = None,
    className: str = "",
    **attributes: Any,
) -> html.Button:
    """A button named by its action. ``label`` names one for screen readers where the text alone
    would not tell it from others like it."""
    return html.Button(
        [icon(icon_name) if icon_name else None, html.Span(text)],
        type="button",
        className=classes("btn", f"btn-{kind}", small and "btn-sm", className),
        **given(id=id, disabled=disabled),
        **given(**{"aria-label": label}),
        **attributes,
    )


def share_link(id: str, text: str, label: str) -> html.Div:
    """A button that copies the link which a callback keeps in the element of that id."""
    return html.Div(
        [
            html.Span(id=id, className="visually-hidden", **{"aria-hidden": "true"}),
            button(text, icon_name="share", small=True, label=label, **{"data-md-copy": id}),
        ],
        className="md-share",
    )


def icon_button(
    name: IconName, label: str, *, id: Id | None = None, className: str = "", **attributes: Any
) -> html.Button:
    """A button with a picture only; ``label`` is its name and its hint."""
    return html.Button(
        icon(name),
        type="button",
        title=label,
        className=classes("md-icon-button", className),
        **{"aria-label": label},
        **given(id=id),
        **attributes,
    )


def link_button(
    text: str,
    href: str,
    *,
    kind: Kind = "secondary",
    icon_name: IconName | None = None,
    small: bool = False,
    **attributes: Any,
) -> html.A:
    """A link that looks like a button, for what leads to another page."""
    return html.A(
        [icon(icon_name) if icon_name else None, html.Span(text)],
        href=href,
        className=classes("btn", f"btn-{kind}", small and "btn-sm"),
        **attributes,
    )


def badge(text: str, state: State = "neutral", *, icon_name: IconName | None = None, plain: bool = False) -> html.Span:
    """A state in a word, with its icon (``plain``: none)."""
    shown = icon_name or _STATE_ICONS.get(state)
    return html.Span(
        [icon(shown) if shown and not plain else None, html.Span(text)],
        className=f"badge md-badge-{state} {_BADGES[state]}",
    )


def card(
    *children: Children,
    title: Children = None,
    summary: Children = None,
    tools: Sequence[Children] = (),
    id: Id | None = None,
    level: Literal[2, 3] = 2,
    className: str = "",
    **attributes: Any,
) -> html.Section:
    """A card: title, a finding in a line, content; tools at the top right."""
    heading = html.H2 if level == 2 else html.H3
    head = None
    if title is not None or tools:
        head = html.Div(
            [
                heading(title, className="md-card-title"),
                html.Div(list(tools), className="md-card-tools hstack gap-1") if tools else None,
            ],
            className="md-card-head hstack flex-wrap justify-content-between row-gap-2 column-gap-12",
        )
    lead = None if summary is None else html.P(summary, className="md-card-summary")
    return html.Section([head, lead, *children], className=classes("md-card", className), **given(id=id), **attributes)


def alert(
    kind: Literal["info", "warn", "bad", "good"], *children: Children, id: Id | None = None, live: bool = True
) -> html.Div:
    """A message with its icon. Warnings and errors interrupt a screen reader, the rest wait;
    ``live=False`` where the message stood on the page from the start."""
    names: dict[str, IconName] = {
        "info": "info-circle-fill",
        "warn": "exclamation-triangle-fill",
        "bad": "exclamation-octagon-fill",
        "good": "check-circle-fill",
    }
    role = {"role": "alert" if kind in ("warn", "bad") else "status"} if live else {}
    return html.Div(
        [icon(names[kind]), html.Div(list(children), className="min-w-0")],
        className=f"alert alert-{_ALERTS[kind]}",
        **given(id=id),
        **role,
    )


def empty(title: str, text: Children, *actions: Children, level: Literal[2, 3] = 2, art: bool = True) -> html.Div:
    """What will be here, and the first step towards it."""
    heading = html.H2 if level == 2 else html.H3
    bars = (
        html.Div(
            [html.Span() for _ in range(4)],
            className="md-empty-art d-flex align-items-end justify-content-center gap-2 mb-3",
            **{"aria-hidden": "true"},
        )
        if art
        else None
    )
    return html.Div(
        [
            bars,
            heading(title, className="md-name text-body"),
            html.P(text),
            html.Div(list(actions), className="d-flex flex-wrap justify-content-center gap-2 mt-12")
            if actions
            else None,
        ],
        className="md-empty md-small d-flex flex-column align-items-center gap-1 text-body-secondary text-center",
    )


def loading(text: str, *, bars: int = 3, height: int | None = None) -> html.Div:
    """A skeleton that holds the layout, and words that say what is going on."""
    return html.Div(
        [
            html.P(
                [html.Span(className="spinner-border"), text], className="md-small hstack gap-2 text-body-secondary"
            ),
            *(html.Div(className="md-skeleton", **{"aria-hidden": "true"}) for _ in range(bars)),
        ],
        className="md-loading",
        role="status",
        style=given(minHeight=height),
    )


def when(moment: datetime, *, style: Literal["minute", "day"] = "minute") -> html.Time:
    """A moment, shown in the browser's zone: Today, 14:32; Yesterday; 18 Nov 2026. What stands
    here is UTC, for where no script runs."""
    text = f"{formats.minute(moment)} UTC" if style == "minute" else formats.day(moment)
    return html.Time(text, dateTime=formats.iso(moment), **{"data-md-time": style})


@dataclass(frozen=True, slots=True)
class Column:
    """A table's column; numbers stand right, text left. ``hide`` leaves it out on phones."""

    label: Children
    number: bool = False
    hide: bool = False


def table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[Children]],
    *,
    caption: str,
    id: Id | None = None,
    className: str = "",
    rows_head: bool = False,
) -> html.Div:
    """A real table with a caption for screen readers; it scrolls sideways by itself, and can be saved as a file.

    With ``rows_head`` the first cell of each row is its header.
    """
    styles = [classes(column.number and "md-number", column.hide and "md-wide-only") for column in columns]
    head = html.Tr([html.Th(c.label, scope="col", className=style) for c, style in zip(columns, styles, strict=True)])
    body = []
    for row in rows:
        cells: list[Any] = []
        for place, (cell, style) in enumerate(zip(row, styles, strict=True)):
            first = rows_head and place == 0
            cells.append(html.Th(cell, scope="row", className=style) if first else html.Td(cell, className=style))
        body.append(html.Tr(cells))
    drawn = html.Table(
        [html.Caption(caption, className="visually-hidden"), html.Thead(head), html.Tbody(body)],
        className=classes("md-table", className),
    )
    return exportable(drawn, caption, id=id)


def exportable(drawn: html.Table, caption: str, *, id: Id | None = None) -> html.Div:
    """A table that scrolls sideways by itself, and under it what it can be saved as; ``table_export`` does that."""
    scrolling = html.Div(
        drawn, className="md-table-scroll", tabIndex=0, role="region", **{"aria-label": caption}, **given(id=id)
    )

    def offer(kind: str) -> html.Button:
        label = words.SAVE_TABLE_AS.format(caption=caption, kind=kind.upper())
        action = {"aria-label": label, "data-md-action": "table-export", "data-md-kind": kind}
        return html.Button(kind.upper(), type="button", title=label, className="md-link-button", **action)

    offered = html.Div(sentence(words.SAVE_AS, csv=offer("csv"), xlsx=offer("xlsx")), className="md-table-export")
    return html.Div([scrolling, offered], className="md-table-whole")


def pairs(items: Sequence[tuple[Children, Children]], *, className: str = "") -> html.Dl:
    """Names and their values, side by side."""
    return html.Dl(
        [html.Div([html.Dt(name), html.Dd(value)]) for name, value in items], className=classes("md-pairs", className)
    )


def code(text: str, *, id: str, label: str) -> html.Div:
    """Something to copy: the text as it is, and a button that takes it to the clipboard."""
    return html.Div(
        [
            html.Pre(text, id=id, tabIndex=0, role="region", **{"aria-label": label}),
            icon_button("copy", words.COPY.format(what=label), className="md-code-copy", **{"data-md-copy": id}),
        ],
        className="md-code",
    )


def menu(label: Children, items: Sequence[Children], *, name: str, className: str = "", look: str = "") -> html.Details:
    """A pop-up list that a button opens; closed by Escape, a click elsewhere, or a choice. ``look`` are the
    classes of the button."""
    return html.Details(
        [
            html.Summary(label, className=classes("md-menu-button", look), title=name, **{"aria-label": name}),
            html.Div(list(items), className="md-menu-list"),
        ],
        className=classes("md-menu", className),
        **{"data-md-menu": ""},
    )


def pressed_chip(text: Children, *, id: Id, pressed: bool, **attributes: Any) -> html.Button:
    """One of a row of choices; the chosen one is said to be pressed."""
    return html.Button(
        text,
        id=id,
        type="button",
        className=classes("md-chip", pressed and "md-chip-on"),
        **{"aria-pressed": "true" if pressed else "false"},
        **attributes,
    )


def removable_chip(name: str, value: str, *, id: Id) -> html.Button:
    """A filter that is on: a click takes it off."""
    return html.Button(
        [html.Span(name, className="text-body-secondary fw-normal"), html.Span(value), icon("x")],
        id=id,
        type="button",
        className="md-chip md-chip-on",
        **{"aria-label": words.REMOVE_FILTER.format(name=name, value=value)},
    )


def field_error(text: str, *, id: Id | None = None) -> html.P:
    """What is wrong with a field, and what is accepted."""
    return html.P(
        [icon("exclamation-circle-fill"), text],
        className="md-message md-message-bad text-danger-emphasis",
        role="alert",
        **given(id=id),
    )


def labelled(
    label: Children,
    control: Children,
    *,
    for_id: Id,
    className: str = "",
    hint: Children = None,
    unseen: bool = False,
) -> html.Div:
    """A control with its label above and, perhaps, a hint under it. An ``unseen`` label is for
    screen readers only, where the control says itself what it is."""
    return html.Div(
        [
            html.Label(label, htmlFor=dom_id(for_id), className="visually-hidden" if unseen else "md-label"),
            control,
            None if hint is None else html.P(hint, className="md-hint"),
        ],
        className=classes("md-field", className),
    )
