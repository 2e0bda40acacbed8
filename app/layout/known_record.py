"""Starting from a record that is known: looked for by key or words, and filled into the form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from app import formats
from app.layout import understand_ids as names
from app.layout.answers import answer
from app.layout.components import Children, button, icon_button, labelled, when
from app.layout.fragment import encode_record
from app.layout.similar_cases import outcome_text
from app.layout.wording import quantity
from app.model_service.loaded import LoadedModel
from app.services.known_records import Found, KnownRecord

SHOWN = 4


def start_button(text: str = "Start from a record") -> html.Button:
    """Opens the dialog; stands in the form's head, and where records are compared."""
    target = {"data-md-action": "open-dialog", "data-md-target": names.KNOWN}
    return button(text, kind="quiet", icon_name="search", small=True, **target)


def known_dialog() -> html.Dialog:
    """The dialog that looks for records, from when it is first opened."""
    text = dcc.Input(id=names.KNOWN_TEXT, type="text", placeholder="A key, an id, or words of the record", debounce=0.3)
    return html.Dialog(
        html.Div(
            [
                html.Div(
                    [
                        html.H2("Find a record", id=names.KNOWN_TITLE, className="md-name"),
                        icon_button("x-lg", "Close", **{"data-md-action": "close-dialog"}),
                    ],
                    className="md-dialog-head",
                ),
                html.Div(
                    labelled("Find", html.Div(text, className="md-control"), for_id=names.KNOWN_TEXT),
                    className="md-dialog-field",
                ),
                dcc.Store(id=names.KNOWN_OPENED),
                html.Div(id=names.KNOWN_ERRORS),
                html.Div(id=names.KNOWN_FOUND, className="md-known", role="status"),
            ],
            className="md-dialog-body",
        ),
        id=names.KNOWN,
        className="md-dialog",
        **{"aria-labelledby": names.KNOWN_TITLE, "data-md-opened": names.KNOWN_OPENED},
    )


def found_list(found: Found) -> list[Children]:
    """Predictions first, then published records, each with what the model said of it."""
    parts: list[Any] = []
    if found.predictions:
        parts += [html.H3("Past predictions"), _list(found.model, found.predictions)]
    if found.published:
        matching = formats.count(found.rows, "record")
        parts += [html.H3(f"Published records, {matching} match"), _list(found.model, found.published)]
    if not parts:
        parts = [html.P(found.reason or "No record matches.", className="md-note")]
    elif found.reason:
        parts.append(html.P(found.reason, className="md-note"))
    return parts


def _list(model: LoadedModel, items: Sequence[KnownRecord]) -> html.Ul:
    return html.Ul([_line(model, item) for item in items])


def _line(model: LoadedModel, item: KnownRecord) -> html.Li:
    shown = [field for field in model.fields if not field.hidden and field.widget != "pixel"][:SHOWN]
    inputs = ", ".join(f"{field.label} {quantity(field).text(item.record.get(field.name))}" for field in shown)
    said = answer(item.output, model.settings).short
    after = f", was {outcome_text(model, item.outcome)}" if item.outcome is not None else ""
    return html.Li(
        [
            html.Div(
                [
                    html.Strong(item.title),
                    html.Span([" ", when(item.at)], className="md-note") if item.at else None,
                    html.P(f"{inputs}. Predicted {said}{after}.", className="md-note"),
                ]
            ),
            button(
                "Compare",
                id=names.compare_add(item.ref),
                kind="quiet",
                small=True,
                label=f"Compare with {item.title}",
                **{"data-md-action": "close-dialog"},
            ),
            html.A(
                "Use",
                href=f"#{encode_record(model.fields, item.record, model.version)}",
                className="md-button md-button-secondary md-button-small",
                **{"data-md-action": "close-dialog", "aria-label": f"Use {item.title}"},
            ),
        ]
    )
