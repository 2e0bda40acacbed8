"""The dialog that saves inputs and lists presets, and what the page says of one that it opened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from modeldesk.core.identity import Caller
from modeldesk.ports.presets import Preset, PresetSummary
from modeldesk.services.predictions.presets import MAX_NAME, Misfit, OpenedPreset, may_change
from modeldesk.web.ui.common import text as shared
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.components import Children, alert, button, icon, icon_button, labelled, when
from modeldesk.web.ui.common.sentences import sentence
from modeldesk.web.ui.pages.predict.presets import ids
from modeldesk.web.ui.pages.predict.presets import text as words


def presets_button() -> html.Button:
    """Opens the dialog for the form's inputs; stands in the form's head."""
    return button(words.TITLE, kind="quiet", icon_name="card-text", small=True, **_opening(ids.INPUTS))


def save_scenarios_button() -> html.Button:
    """Opens the dialog for the scenarios; stands beside them."""
    return button(words.SAVE_OR_SHARE, kind="quiet", icon_name="share", **_opening(ids.SCENARIOS))


def _opening(what: str) -> dict[str, str]:
    return {"data-md-action": "open-dialog", "data-md-target": ids.DIALOG, "data-preset-what": what}


def preset_parts(wanted: str | None) -> list[Children]:
    """What stands once on the page: the dialog, and the stores; ``wanted`` is the id that the address names."""
    return [
        dcc.Store(id=ids.WANTED, data=wanted),
        dcc.Store(id=ids.VALUES),
        html.Dialog(
            html.Div(
                [
                    html.Div(
                        [
                            html.H2(words.TITLE, id=ids.TITLE, className="md-name"),
                            icon_button("x-lg", shared.CLOSE, **{"data-md-action": "close-dialog"}),
                        ],
                        className="d-flex align-items-start justify-content-between gap-12 mb-2",
                    ),
                    *_saving(),
                    *(html.Div(id=place) for place in (ids.LIST_ERRORS, ids.CHANGE_ERRORS, ids.DELETE_ERRORS)),
                    html.Div(id=ids.LIST, className="md-presets mt-3", role="status"),
                    *(dcc.Store(id=store) for store in (ids.DIALOG_OPENED, ids.TAKEN, ids.CHANGED)),
                ],
                className="py-3 px-4",
            ),
            id=ids.DIALOG,
            className="md-dialog",
            **{"aria-labelledby": ids.TITLE, "data-md-opened": ids.DIALOG_OPENED},
        ),
    ]


def _saving() -> list[Children]:
    """The form that saves."""
    name = html.Div(dcc.Input(id=ids.NAME, type="text", maxLength=MAX_NAME), className="md-control")
    options = [
        {"label": words.THE_INPUTS, "value": ids.INPUTS},
        {"label": words.THE_SCENARIOS, "value": ids.SCENARIOS},
    ]
    return [
        html.P(words.KEPT, className="md-small md-quiet"),
        html.Div(
            [
                labelled(words.NAME_OF_PRESET, name, for_id=ids.NAME),
                labelled(words.WHAT, dbc.Select(id=ids.WHAT, options=options, value=ids.INPUTS), for_id=ids.WHAT),
                dbc.Checkbox(id=ids.SHARED, label=words.SHARE, value=False),
                button(words.SAVE, id=ids.SAVE, kind="primary", className="me-auto"),
            ],
            className="mt-3 d-grid gap-12",
        ),
        html.Div(id=ids.SAVE_ERRORS),
        html.Div(id=ids.SAVED, className="mt-12"),
    ]


def saved_notice(preset: Preset, places: Places) -> Children:
    """What is said once a preset is saved, with its link."""
    link = html.A(words.LINK, href=places.preset(preset.model, preset.id))
    for_whom = sentence(words.SAVED_SHARED if preset.shared else words.SAVED_ALONE, link=link)
    return alert("good", html.P([html.Strong(words.SAVED.format(name=preset.name)), " ", *for_whom]))


def preset_list(presets: Sequence[PresetSummary], caller: Caller, places: Places) -> Children:
    """The presets that somebody may open: their own first."""
    if not presets:
        return html.P(words.NOTHING_SAVED, className="md-note")
    own = [item for item in presets if item.owner == caller.name]
    others = [item for item in presets if item.owner != caller.name]
    parts: list[Children] = []
    for title, items in ((words.YOURS, own), (words.OTHERS, others)):
        if items:
            parts += [
                html.H3(title, className="mt-12 mb-1 md-small"),
                html.Ul([_item(item, caller, places) for item in items], className="list-unstyled"),
            ]
    return parts


def _item(item: PresetSummary, caller: Caller, places: Places) -> html.Li:
    parts = {"what": words.holds(item), "owner": item.owner, "when": when(item.created_at)}
    note = sentence(words.note(item, caller), **parts)
    return html.Li(
        [
            html.A(item.name, href=places.preset(item.model, item.id), **{"data-md-action": "close-dialog"}),
            html.Span(note, className="md-note"),
            _changing(item) if may_change(caller, item) else None,
        ],
        className="d-grid py-2 border-top md-small text-break",
    )


def _changing(item: PresetSummary) -> html.Details:
    name = html.Div(
        dcc.Input(id=ids.new_name(item.id), type="text", value=item.name, maxLength=MAX_NAME), className="md-control"
    )
    return html.Details(
        [
            html.Summary(
                [icon("pencil"), words.CHANGE],
                className="hstack gap-1 text-primary-emphasis",
                **{"aria-label": words.CHANGE_PRESET.format(name=item.name)},
            ),
            labelled(words.NAME, name, for_id=ids.new_name(item.id)),
            dbc.Checkbox(id=ids.new_shared(item.id), label=words.SHARE, value=item.shared),
            html.Div(
                [
                    button(
                        words.SAVE_CHANGES,
                        id=ids.apply(item.id),
                        small=True,
                        label=words.SAVE_CHANGES_OF.format(name=item.name),
                    ),
                    button(
                        words.DELETE,
                        id=ids.delete(item.id),
                        kind="outline-danger",
                        small=True,
                        icon_name="trash",
                        label=words.DELETE_PRESET.format(name=item.name),
                    ),
                ],
                className="d-flex flex-wrap gap-2",
            ),
        ]
    )


def opened_notice(opened: OpenedPreset, caller: Caller) -> Children:
    """What the page says of a preset that it opened, each input among it that was left at its default."""
    preset = opened.preset
    parts = {"name": html.Strong(preset.name), "owner": preset.owner, "n": f"{preset.size:,}"}
    lead: list[Children] = sentence(words.opened(preset, caller), **parts)
    if preset.version != opened.version:
        lead += [" ", words.OTHER_VERSION.format(preset=preset.version, now=opened.version)]
    found = [(record.name, misfit) for record in opened.records for misfit in record.misfits]
    if not found:
        return alert("info", html.P(lead))
    told = html.Ul([html.Li(_misfit(name, misfit)) for name, misfit in found], className="mt-1 ps-3")
    return alert("warn", html.P(lead), html.P(html.Strong(words.LEFT_AT_DEFAULTS)), told)


def _misfit(name: str, misfit: Misfit) -> list[Any]:
    return [html.Strong(f"{name}: ") if name else None, misfit.message]
