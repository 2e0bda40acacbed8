"""The dialog that saves inputs and lists presets, and what the page says of one that it opened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from modeldesk.core import formats
from modeldesk.core.identity import Caller
from modeldesk.ports.presets import Preset, PresetSummary
from modeldesk.services.predictions.presets import MAX_NAME, Misfit, OpenedPreset, may_change
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.components import Children, alert, button, icon, icon_button, labelled, when
from modeldesk.web.ui.pages.predict.presets import ids

_SHARE = "Share with everybody who may see this model"


def presets_button() -> html.Button:
    """Opens the dialog for the form's inputs; stands in the form's head."""
    return button("Presets", kind="quiet", icon_name="card-text", small=True, **_opening(ids.INPUTS))


def save_scenarios_button() -> html.Button:
    """Opens the dialog for the scenarios; stands beside them."""
    return button("Save or share", kind="quiet", icon_name="share", **_opening(ids.SCENARIOS))


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
                            html.H2("Presets", id=ids.TITLE, className="md-name"),
                            icon_button("x-lg", "Close", **{"data-md-action": "close-dialog"}),
                        ],
                        className="md-dialog-head",
                    ),
                    *_saving(),
                    *(html.Div(id=place) for place in (ids.LIST_ERRORS, ids.CHANGE_ERRORS, ids.DELETE_ERRORS)),
                    html.Div(id=ids.LIST, className="md-presets", role="status"),
                    *(dcc.Store(id=store) for store in (ids.DIALOG_OPENED, ids.TAKEN, ids.CHANGED)),
                ],
                className="md-dialog-body",
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
        {"label": "The inputs as they are now", "value": ids.INPUTS},
        {"label": "The scenarios kept here", "value": ids.SCENARIOS},
    ]
    return [
        html.P("Kept on the server; nothing is predicted or recorded.", className="md-small md-quiet"),
        html.Div(
            [
                labelled("Name of the preset", name, for_id=ids.NAME),
                labelled("Save", dbc.Select(id=ids.WHAT, options=options, value=ids.INPUTS), for_id=ids.WHAT),
                dbc.Checkbox(id=ids.SHARED, label=_SHARE, value=False),
                button("Save preset", id=ids.SAVE, kind="primary"),
            ],
            className="md-dialog-field md-preset-saving",
        ),
        html.Div(id=ids.SAVE_ERRORS),
        html.Div(id=ids.SAVED),
    ]


def saved_notice(preset: Preset, places: Places) -> Children:
    """What is said once a preset is saved, with its link."""
    link = html.A("Link to it", href=places.preset(preset.model, preset.id))
    for_whom = "Whoever may see this model can open it. " if preset.shared else "It is yours alone. "
    return alert("good", html.P([html.Strong(f"Saved as {preset.name}. "), for_whom, link, "."]))


def preset_list(presets: Sequence[PresetSummary], caller: Caller, places: Places) -> Children:
    """The presets that somebody may open: their own first."""
    if not presets:
        return html.P("Nothing is saved yet.", className="md-note")
    own = [item for item in presets if item.owner == caller.name]
    others = [item for item in presets if item.owner != caller.name]
    parts: list[Children] = []
    for title, items in (("Yours", own), ("Shared by others", others)):
        if items:
            parts += [html.H3(title), html.Ul([_item(item, caller, places) for item in items])]
    return parts


def _item(item: PresetSummary, caller: Caller, places: Places) -> html.Li:
    said = [
        formats.count(item.size, "scenario") if item.kind == "scenarios" else None,
        f"version {item.version}",
        "shared" if item.shared and item.owner == caller.name else None,
        f"by {item.owner}" if item.owner != caller.name else None,
    ]
    note = [f"{', '.join(part for part in said if part)} · ".capitalize(), when(item.created_at)]
    return html.Li(
        [
            html.A(item.name, href=places.preset(item.model, item.id), **{"data-md-action": "close-dialog"}),
            html.Span(note, className="md-note"),
            _changing(item) if may_change(caller, item) else None,
        ]
    )


def _changing(item: PresetSummary) -> html.Details:
    name = html.Div(
        dcc.Input(id=ids.new_name(item.id), type="text", value=item.name, maxLength=MAX_NAME), className="md-control"
    )
    return html.Details(
        [
            html.Summary([icon("pencil"), "Change"], **{"aria-label": f"Change {item.name}"}),
            labelled("Name", name, for_id=ids.new_name(item.id)),
            dbc.Checkbox(id=ids.new_shared(item.id), label=_SHARE, value=item.shared),
            html.Div(
                [
                    button("Save changes", id=ids.apply(item.id), small=True, label=f"Save changes of {item.name}"),
                    button(
                        "Delete",
                        id=ids.delete(item.id),
                        kind="danger-outline",
                        small=True,
                        icon_name="trash",
                        label=f"Delete {item.name}",
                    ),
                ],
                className="md-preset-buttons",
            ),
        ]
    )


def opened_notice(opened: OpenedPreset, caller: Caller) -> Children:
    """What the page says of a preset that it opened, each input among it that was left at its default."""
    preset = opened.preset
    whose = "" if preset.owner == caller.name else f", shared by {preset.owner}"
    lead: list[Children] = [
        "Opened ",
        html.Strong(preset.name),
        f"{whose}: {_placed(preset)} Your edits do not change it.",
    ]
    if preset.version != opened.version:
        lead.append(f" It was made with version {preset.version}; version {opened.version} answers now.")
    found = [(record.name, misfit) for record in opened.records for misfit in record.misfits]
    if not found:
        return alert("info", html.P(lead))
    told = html.Ul([html.Li(_misfit(name, misfit)) for name, misfit in found])
    return alert("warn", html.P(lead), html.P(html.Strong("Left at their defaults:")), told)


def _placed(preset: Preset) -> str:
    if preset.kind == "preset":
        return "its inputs stand in the form."
    return f"{formats.count(preset.size, 'scenario')} under Scenarios."


def _misfit(name: str, misfit: Misfit) -> list[Any]:
    return [html.Strong(f"{name}: ") if name else None, misfit.message]
