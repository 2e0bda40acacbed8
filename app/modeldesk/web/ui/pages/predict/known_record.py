"""Starting from a record that is known: looked for by key or words, and filled into the form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from modeldesk.core.errors import InvalidInput
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.schema.fields import Field
from modeldesk.services.predictions.known_records import Filter, KnownRecord, RecordSearch
from modeldesk.web.ui.common import text as shared
from modeldesk.web.ui.common.answers import answer
from modeldesk.web.ui.common.components import Children, button, icon_button, labelled, when
from modeldesk.web.ui.common.explanation import ids as names
from modeldesk.web.ui.common.explanation.choices import inputs_of, texts_of
from modeldesk.web.ui.common.explanation.similar_cases import outcome_text
from modeldesk.web.ui.common.explanation.typed_values import read_number
from modeldesk.web.ui.common.fragment import encode_record
from modeldesk.web.ui.common.naming import quantity
from modeldesk.web.ui.pages.predict import text as words

SHOWN = 4
ANY = ""


def start_button(text: str = words.START) -> html.Button:
    """Opens the dialog; stands in the form's head, and where records are compared."""
    target = {"data-md-action": "open-dialog", "data-md-target": names.KNOWN}
    return button(text, kind="quiet", icon_name="search", small=True, **target)


def known_dialog() -> html.Dialog:
    """The dialog that looks for records, from when it is first opened."""
    text = dcc.Input(id=names.KNOWN_TEXT, type="text", placeholder=words.FIND_HINT, debounce=0.3)
    return html.Dialog(
        html.Div(
            [
                html.Div(
                    [
                        html.H2(words.FIND_RECORD, id=names.KNOWN_TITLE, className="md-name"),
                        icon_button("x-lg", shared.CLOSE, **{"data-md-action": "close-dialog"}),
                    ],
                    className="d-flex align-items-start justify-content-between gap-12 mb-2",
                ),
                html.Div(
                    labelled(words.FIND, html.Div(text, className="md-control"), for_id=names.KNOWN_TEXT),
                    className="mt-3",
                ),
                _filter_fields(),
                dcc.Store(id=names.KNOWN_OPENED),
                html.Div(id=names.KNOWN_FILTER_ERRORS),
                html.Div(id=names.KNOWN_ERRORS),
                html.Div(id=names.KNOWN_FOUND, className="md-known overflow-y-auto", role="status"),
            ],
            className="py-3 px-4",
        ),
        id=names.KNOWN,
        className="md-dialog",
        **{"aria-labelledby": names.KNOWN_TITLE, "data-md-opened": names.KNOWN_OPENED},
    )


def _filter_fields() -> html.Div:
    """A condition on one input: from and to for what has an order, values for the others."""
    low, high = (
        labelled(
            label,
            html.Div(dcc.Input(id=of, type="text", debounce=0.3), className="md-control"),
            for_id=of,
        )
        for label, of in ((words.FROM, names.KNOWN_LOW), (words.TO, names.KNOWN_HIGH))
    )
    return html.Div(
        [
            labelled(
                words.WHERE,
                dbc.Select(id=names.KNOWN_FEATURE, options=[], value=ANY, placeholder=words.ANY_INPUT),
                for_id=names.KNOWN_FEATURE,
            ),
            html.Div([low, high], id=names.KNOWN_RANGE, className="row row-cols-2 gx-2", hidden=True),
            html.Div(
                labelled(
                    words.IS_ONE_OF,
                    dcc.Dropdown(id=names.KNOWN_VALUES, options=[], multi=True, placeholder=words.ANY_VALUE),
                    for_id=names.KNOWN_VALUES,
                ),
                id=names.KNOWN_VALUES_BOX,
                hidden=True,
            ),
        ],
        className="mt-3 d-grid gap-12",
    )


def filter_options(model: LoadedModel, features: Sequence[str]) -> list[dict[str, str]]:
    """The inputs that records may be filtered by."""
    shown = [field for field in model.fields if field.name in features and field.feature.type != "text"]
    shown = [field for field in shown if field.widget != "pixel"]
    return [{"label": words.ANY_INPUT, "value": ANY}, *({"label": f.label, "value": f"={f.name}"} for f in shown)]


def value_options(field: Field) -> list[dict[str, str]]:
    """The values of an input without an order, by their place."""
    values = _values(field)
    return [{"label": field.text(value), "value": str(place)} for place, value in enumerate(values)]


def read_filter(field: Field, low: str | None, high: str | None, chosen: Sequence[str] | None) -> Filter | None:
    """The condition that the fields of the dialog say; None while they say none. Raises InvalidInput."""
    if has_order(field):
        ends = [_end(field, text) for text in (low, high)]
        return None if ends == [None, None] else Filter(field.name, at_least=ends[0], at_most=ends[1])
    values = _values(field)
    places = [int(place) for place in chosen or () if place.isdecimal() and int(place) < len(values)]
    return Filter(field.name, tuple(values[place] for place in places)) if places else None


def has_order(field: Field) -> bool:
    """Whether an input is filtered from one value to another."""
    return field.feature.numeric or field.feature.type in ("date", "datetime")


def _values(field: Field) -> list[Any]:
    if field.feature.type == "boolean":
        return [True, False]
    return [option.value for option in field.feature.options]


def _end(field: Field, text: str | None) -> float | str | None:
    plain = (text or "").strip().strip("€$£¥%").strip()
    if not plain or not field.feature.numeric:
        return plain or None
    number = read_number(plain)
    if isinstance(number, str):
        raise InvalidInput(
            words.FILTER_NO_NUMBER.format(input=field.label, text=plain), hint=words.FILTER_NO_NUMBER_HINT
        )
    return float(number)


def found_list(found: RecordSearch) -> list[Children]:
    """Predictions first, then published records, each with what the model said of it."""
    parts: list[Any] = []
    if found.predictions:
        parts += [
            html.H3(words.PAST_PREDICTIONS, className="mt-12 mb-1 md-small"),
            _list(found.model, found.predictions),
        ]
    if found.published:
        parts += [
            html.H3(words.PUBLISHED_RECORDS.of(found.rows), className="mt-12 mb-1 md-small"),
            _list(found.model, found.published),
        ]
    if not parts:
        parts = [html.P(found.reason or words.NO_RECORD, className="md-note")]
    elif found.reason:
        parts.append(html.P(found.reason, className="md-note"))
    return parts


def _list(model: LoadedModel, items: Sequence[KnownRecord]) -> html.Ul:
    return html.Ul([_line(model, item) for item in items], className="list-unstyled")


def _line(model: LoadedModel, item: KnownRecord) -> html.Li:
    shown = [field for field in inputs_of(model) if not field.hidden and field.widget != "pixel"][:SHOWN]
    record = texts_of(model, item.record)
    inputs = ", ".join(f"{field.label} {quantity(field).text(record.get(field.name))}" for field in shown)
    said = answer(item.output, model.settings).short
    template = words.FOUND if item.outcome is None else words.FOUND_WITH_OUTCOME
    found = template.format(inputs=inputs, answer=said, outcome=outcome_text(model, item.outcome))
    return html.Li(
        [
            html.Div(
                [
                    html.Strong(item.title),
                    html.Span([" ", when(item.at)], className="md-note") if item.at else None,
                    html.P(found, className="md-note"),
                ],
                className="flex-fill min-w-0",
            ),
            button(
                words.COMPARE,
                id=names.compare_add(item.ref),
                kind="quiet",
                small=True,
                label=words.COMPARE_WITH.format(record=item.title),
                **{"data-md-action": "close-dialog"},
            ),
            html.A(
                words.USE,
                href=f"#{encode_record(model.fields, item.record, model.version)}",
                className="btn btn-secondary btn-sm",
                **{"data-md-action": "close-dialog", "aria-label": words.USE_RECORD.format(record=item.title)},
            ),
        ],
        className="hstack gap-12 py-2 border-top md-small",
    )
