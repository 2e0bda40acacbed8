"""The bar of the Explore page: where rows come from, and the form that a filter is added by."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dash import html

from modeldesk.core import formats
from modeldesk.core.errors import InvalidInput, Problem
from modeldesk.model_service.package.model_folder import ModelEntry
from modeldesk.ports.analytics import Filter, OneOf, Range
from modeldesk.ports.batches import Batch
from modeldesk.ports.saved_views import SavedView
from modeldesk.services.explore.parts import Dimension, Scale
from modeldesk.services.explore.subject import Subject
from modeldesk.services.explore.view import column_text, filter_text, read_filter
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.components import Children, alert, icon, icon_button, menu
from modeldesk.web.ui.common.errors_view import problem_list
from modeldesk.web.ui.pages.explore import ids
from modeldesk.web.ui.pages.explore.names import value_text

NOTHING = "."
"""Stands for the prediction where a second input may be chosen."""
_KINDS = {"log": "Live log", "holdout": "Hold-out", "reference": "Reference data"}
_MOST_BATCHES = 12


def problems_alert(problems: Sequence[Problem]) -> Children:
    """What of an address could not be had."""
    if not problems:
        return None
    plain = [Problem(None, problem.code, problem.message) for problem in problems]
    return alert("warn", html.P("Part of the address could not be read. The rest is shown."), problem_list(plain))


def place_menus(seen: Subject, batches: Sequence[Batch], holdout: bool, entry: ModelEntry) -> list[Children]:
    """The choice of the source, and of the version."""
    view = seen.view
    items = [
        choice("Live log", f"{ids.SOURCE}:log", chosen=view.kind == "log", note="Recorded predictions, with outcomes"),
        *(
            [choice("Hold-out", f"{ids.SOURCE}:holdout", chosen=view.kind == "holdout", note="Rows kept for measuring")]
            if holdout
            else []
        ),
        choice(
            "Reference data",
            f"{ids.SOURCE}:reference",
            chosen=view.kind == "reference",
            note="A sample of what it was published with",
        ),
    ]
    files = {batch.id: batch for batch in batches[:_MOST_BATCHES]}
    items += [
        choice(batch.file_name, f"{ids.SOURCE}:batch:{key}", chosen=view.batch == key, note="A scored file of yours")
        for key, batch in files.items()
    ]
    name = _KINDS.get(view.kind) or (files[view.batch].file_name if view.batch in files else "A scored file")
    found = [chooser("Source", name, items)]
    if view.kind != "batch":
        found.append(_versions(seen, entry))
    return found


def _versions(seen: Subject, entry: ModelEntry) -> Children:
    view, every = seen.view, seen.view.kind == "log"
    said = "All" if every and view.version is None else str(view.version or seen.model.version)
    items = [choice("All versions", f"{ids.VERSION}:", chosen=view.version is None)] if every else []
    for number in sorted(entry.versions, reverse=True):
        note = "Serving" if number == entry.served else ""
        items.append(choice(f"Version {number}", f"{ids.VERSION}:{number}", chosen=said == str(number), note=note))
    return chooser("Version", said, items)


def chooser(label: str, chosen: str, items: Sequence[Children]) -> html.Details:
    """A menu that says what is chosen of what."""
    shown = [html.Span(label, className="md-chip-name"), html.Span(chosen), icon("chevron-down")]
    return menu(shown, items, name=f"{label}: {chosen}", className="md-explore-menu")


def choice(text: Children, name: str, *, chosen: bool = False, note: str = "") -> html.Button:
    """One thing to choose in a menu; ``name`` is what ``explore_ids.do`` takes."""
    words = [html.Span(text), html.Small(note) if note else None]
    return html.Button(words, id=ids.do(name), type="button", **({"aria-current": "true"} if chosen else {}))


def span_words(seen: Subject) -> str:
    """The days that are shown: those asked for, else from the first row to the last."""
    since = seen.view.since or (seen.extent.first and seen.extent.first.date())
    until = seen.view.until or (seen.extent.last and seen.extent.last.date())
    if since is None or until is None:
        return "All days"
    return formats.day(since) if since == until else f"{formats.day(since)} to {formats.day(until)}"


# ---- saved views ---------------------------------------------------------------------------------


def view_list(views: Sequence[SavedView], places: Places) -> Children:
    """The caller's saved views, each to be opened or deleted."""
    if not views:
        return html.P(
            "Nothing is saved yet. A saved view opens with the same filters, for everybody who may see it.",
            className="md-hint md-explore-none",
        )
    return html.Ul(
        [
            html.Li(
                [
                    html.A(view.name, href=places.explore(view.model, view.id)),
                    icon_button("trash", f"Delete the view {view.name}", id=ids.delete(view.id)),
                ]
            )
            for view in views
        ],
        className="md-explore-views",
    )


def saved_notice(view: SavedView, places: Places) -> Children:
    """What is said once a view is saved, with its link."""
    return alert(
        "good",
        html.P(
            [
                html.Strong(f"Saved as {view.name}. "),
                "Whoever may see this model can open it: ",
                html.A("link to the view", href=places.explore(view.model, view.id)),
                ".",
            ]
        ),
    )


# ---- the form of a filter ------------------------------------------------------------------------


def column_options(columns: Sequence[Dimension]) -> list[dict[str, str]]:
    """Columns to choose from, by what addresses call them."""
    return [{"label": item.label, "value": column_text(item.column)} for item in columns if item.charted]


def value_options(item: Dimension, scale: Scale) -> list[dict[str, str]]:
    """The values of a category to tick, each by its filter."""
    if item.kind != "category":
        return []
    return [
        {"label": value_text(item, value), "value": filter_text(OneOf(item.column, (value,)))} for value in scale.values
    ]


def hint(item: Dimension, scale: Scale) -> str:
    """What may be entered."""
    if item.kind == "category":
        return "The most frequent values. Tick one or more." if scale.values else "No value is known."
    if scale.low is None:
        return "No value is known."
    seen = f"Rows have {value_text(item, scale.low)} to {value_text(item, scale.high)}."
    return f"{seen} Write a day as 2026-10-12." if item.kind == "time" else f"{seen} Leave an end empty for no limit."


def range_texts(on: Sequence[Filter]) -> tuple[str, str]:
    """The ends of a range that is on, as they are typed."""
    found = next((item for item in on if isinstance(item, Range)), None)
    if found is None:
        return "", ""
    return _typed(found.low), _typed(found.high)


def _typed(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat()
    return f"{value:.12g}"


def read_form(
    seen: Subject, column: str | None, low: str | None, high: str | None, ticked: Sequence[str] | None
) -> Filter:
    """The filter that the form asks for. Raises InvalidInput that says what is accepted."""
    item = next((item for item in seen.dimensions.values() if column_text(item.column) == column), None)
    if item is None:
        raise _refused("Choose what to filter by.")
    if item.kind == "category":
        known = {column_text(found.name): found for found in seen.columns()}
        values = [value for text in ticked or () for value in _values(read_filter(text, known))]
        if not values:
            raise _refused(f"Tick at least one value of {item.label}.")
        return OneOf(item.column, tuple(dict.fromkeys(values)))
    ends = [_end(item, label, text) for label, text in (("From", low), ("To", high))]
    if ends == [None, None]:
        raise _refused(f"Say from what, or up to what, {item.label} may be.")
    if None not in ends and ends[0] > ends[1]:
        raise _refused(f"{item.label} cannot be from {low} up to {high}: the first is larger.")
    return Range(item.column, ends[0], ends[1])


def _values(item: Filter) -> tuple[Any, ...]:
    return item.values if isinstance(item, OneOf) else ()


def _end(item: Dimension, label: str, text: str | None) -> Any:
    plain = (text or "").strip()
    if not plain:
        return None
    try:
        if item.kind == "time":
            moment = datetime.fromisoformat(plain)
            if moment.tzinfo is not None:
                raise ValueError
            return moment
        value = float(plain.replace(",", "").replace(" ", ""))
        if not math.isfinite(value):
            raise ValueError
    except ValueError:
        wanted = "a day, such as 2026-10-12" if item.kind == "time" else "a number, such as 12.5"
        raise _refused(f"{label}: “{plain[:40]}” is not understood. Write {wanted}.") from None
    return value


def _refused(message: str) -> InvalidInput:
    return InvalidInput(message)
