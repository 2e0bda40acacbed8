"""The bar of the Explore page: where rows come from, and the form that a filter is added by."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from dash import html

from modeldesk.core import formats
from modeldesk.core.errors import Problem
from modeldesk.model_service.package.model_folder import ModelEntry
from modeldesk.ports.batches import Batch
from modeldesk.ports.saved_views import SavedView
from modeldesk.services.explore.subject import Subject
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.components import Children, alert, icon, icon_button, menu
from modeldesk.web.ui.common.errors_view import problem_list
from modeldesk.web.ui.common.sentences import sentence
from modeldesk.web.ui.pages.explore import ids
from modeldesk.web.ui.pages.explore import text as words

NOTHING = "."
"""Stands for the prediction where a second input may be chosen."""
_MOST_BATCHES = 12


def problems_alert(problems: Sequence[Problem]) -> Children:
    """What of an address could not be had."""
    if not problems:
        return None
    plain = [Problem(None, problem.code, problem.message) for problem in problems]
    return alert("warn", html.P(words.UNREADABLE), problem_list(plain))


def place_menus(seen: Subject, batches: Sequence[Batch], holdout: bool, entry: ModelEntry) -> list[Children]:
    """The choice of the source, and of the version."""
    view = seen.view
    kinds = [kind for kind in words.SOURCES if kind != "holdout" or holdout]
    items = [
        choice(words.SOURCES[kind], f"{ids.SOURCE}:{kind}", chosen=view.kind == kind, note=words.SOURCE_NOTES[kind])
        for kind in kinds
    ]
    files = {batch.id: batch for batch in batches[:_MOST_BATCHES]}
    items += [
        choice(batch.file_name, f"{ids.SOURCE}:batch:{key}", chosen=view.batch == key, note=words.YOUR_FILE)
        for key, batch in files.items()
    ]
    name = words.SOURCES.get(view.kind) or (files[view.batch].file_name if view.batch in files else words.SCORED_FILE)
    found = [chooser(words.SOURCE, name, items)]
    if view.kind != "batch":
        found.append(_versions(seen, entry))
    return found


def _versions(seen: Subject, entry: ModelEntry) -> Children:
    view, every = seen.view, seen.view.kind == "log"
    said = words.ALL if every and view.version is None else str(view.version or seen.model.version)
    items = [choice(words.ALL_VERSIONS, f"{ids.VERSION}:", chosen=view.version is None)] if every else []
    for number in sorted(entry.versions, reverse=True):
        note = words.SERVING if number == entry.served else ""
        items.append(
            choice(
                words.ONE_VERSION.format(version=number),
                f"{ids.VERSION}:{number}",
                chosen=said == str(number),
                note=note,
            )
        )
    return chooser(words.VERSION, said, items)


def chooser(label: str, chosen: str, items: Sequence[Children]) -> html.Details:
    """A menu that says what is chosen of what."""
    shown = [html.Span(label, className="text-body-secondary fw-normal"), html.Span(chosen), icon("chevron-down")]
    return menu(shown, items, name=words.CHOSEN.format(label=label, chosen=chosen), look="md-chip")


def choice(text: Children, name: str, *, chosen: bool = False, note: str = "") -> html.Button:
    """One thing to choose in a menu; ``name`` is what ``explore_ids.do`` takes."""
    label = [html.Span(text), html.Small(note) if note else None]
    return html.Button(label, id=ids.do(name), type="button", **({"aria-current": "true"} if chosen else {}))


def span_words(seen: Subject) -> str:
    """The days that are shown: those asked for, else from the first row to the last."""
    since = seen.view.since or (seen.extent.first and seen.extent.first.date())
    until = seen.view.until or (seen.extent.last and seen.extent.last.date())
    if since is None or until is None:
        return words.ALL_DAYS
    first, last = formats.day(since), formats.day(until)
    return first if since == until else words.SPAN.format(first=first, last=last)


# ---- saved views ---------------------------------------------------------------------------------


def view_list(views: Sequence[SavedView], places: Places) -> Children:
    """The caller's saved views, each to be opened or deleted."""
    if not views:
        return html.P(words.NO_VIEWS, className="md-hint md-explore-none")
    return html.Ul(
        [
            html.Li(
                [
                    html.A(view.name, href=_address(places, view)),
                    icon_button("trash", words.DELETE_VIEW.format(name=view.name), id=ids.delete(view.id)),
                ]
            )
            for view in views
        ],
        className="md-explore-views list-unstyled m-0",
    )


def saved_notice(view: SavedView, places: Places) -> Children:
    """What is said once a view is saved, with its link."""
    link = html.A(words.LINK_TO_VIEW, href=_address(places, view))
    return alert("good", html.P(sentence(words.VIEW_SAVED, name=view.name, link=link)))


def _address(places: Places, view: SavedView) -> str:
    """Where a saved view is opened."""
    return f"{places.model(view.model, 'explore')}?{urlencode({'view': view.id})}"
