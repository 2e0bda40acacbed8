"""The page of one prediction."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any
from urllib.parse import unquote

from dash import dcc, html

from modeldesk.core import formats
from modeldesk.model_service.engine.results import Output
from modeldesk.model_service.package.model_folder import ModelEntry
from modeldesk.model_service.schema.fields import Field
from modeldesk.model_service.schema.one_hot import describe_choices
from modeldesk.ports.predictions import PredictionRecord
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.answers import answer, class_name, predicted_label
from modeldesk.web.ui.common.components import (
    Children,
    badge,
    button,
    card,
    code,
    given,
    link_button,
    loading,
    pairs,
    when,
)
from modeldesk.web.ui.common.explanation import ids as understand_ids
from modeldesk.web.ui.common.explanation.choices import shown_inputs, shown_record
from modeldesk.web.ui.common.explanation.layout import why_card
from modeldesk.web.ui.common.feedback import ids as feedback_ids
from modeldesk.web.ui.common.fragment import encode_record
from modeldesk.web.ui.common.picture import picture
from modeldesk.web.ui.common.sentences import sentence
from modeldesk.web.ui.common.shell import title_of
from modeldesk.web.ui.common.text import SOURCES
from modeldesk.web.ui.pages.prediction import text as words
from modeldesk.web.ui.pages.prediction.snippets import as_curl, as_python

BODY = "prediction-body"
ERRORS = "prediction-errors"
AGAIN = "prediction-again"
_CHANCES = 10
_DIGEST = 12


def layout(places: Places, /, prediction_id: str | None = None, **_: Any) -> html.Div:
    """The page before its data."""
    return html.Div(
        [
            dcc.Store(id=understand_ids.PREDICTION_WANTED, data=unquote(prediction_id or "")),
            html.Div(id=ERRORS),
            html.Div(
                [html.H1(words.TITLE), loading(words.READING, bars=6)],
                id=BODY,
                className="md-stack",
            ),
            html.Div(
                [
                    html.Div(
                        [
                            html.Div(card(html.Div(id=understand_ids.SURE_PAST), className="md-sure-card")),
                            html.Div(id=understand_ids.OUTCOMES_PAST_ERRORS),
                            html.Div(id=understand_ids.OUTCOMES_PAST),
                            html.Div(id=feedback_ids.PAST_ERRORS),
                            html.Div(id=feedback_ids.PAST),
                        ],
                        className="md-stack",
                    ),
                    why_card(understand_ids.WHY_PAST),
                ],
                id=understand_ids.PAST,
                className="md-two align-items-start md-past",
            ),
            html.Div(id=AGAIN),
        ],
        className="md-page",
    )


def body(record: PredictionRecord, entry: ModelEntry | None, known: Sequence[Field], places: Places) -> list[Children]:
    """What was asked and answered. ``known`` are the fields of its version (none if the version is gone)."""
    title = title_of(entry) if entry else record.model
    return [
        _head(record, entry, known, places, title),
        html.Div(
            [
                html.Div([_result(record, entry), _provenance(record)], className="md-stack"),
                html.Div([_inputs(record, entry, known)], className="md-stack"),
            ],
            className="md-two align-items-start",
        ),
    ]


def _head(
    record: PredictionRecord, entry: ModelEntry | None, known: Sequence[Field], places: Places, title: str
) -> html.Div:
    actions = [
        button(words.PRINT, kind="quiet", icon_name="printer", small=True, **given(**{"data-md-action": "print"}))
    ]
    if entry is not None and known:
        fragment = encode_record(known, record.inputs, record.version)
        actions.append(
            link_button(words.OPEN_IN_FORM, places.model(entry.name, fragment=fragment), small=True, icon_name="pencil")
        )
    where = html.A(title, href=places.model(entry.name)) if entry else title
    identity = html.Span(record.id, className="md-id")
    return html.Div(
        [
            html.Div(
                [
                    html.H1(words.TITLE, className="text-body"),
                    html.P(sentence(words.LINE, model=where, when=when(record.created_at), id=identity)),
                ]
            ),
            html.Div(actions, className="d-flex flex-wrap align-items-start gap-2 md-no-print"),
        ],
        className="md-prediction-head md-small d-flex flex-wrap justify-content-between gap-2 text-body-secondary",
    )


def _result(record: PredictionRecord, entry: ModelEntry | None) -> html.Section:
    said = answer(Output.of(record.output), entry.settings if entry else None)
    badges: list[Any] = []
    if said.predicted:
        badges.append(badge(predicted_label(said.predicted), "accent", plain=True))
    number = [html.Span(said.headline, className="md-record-number md-large")]
    if said.unit:
        number = [html.Span(formats.with_unit(said.headline, said.unit), className="md-record-number md-large")]
        if formats.with_unit(said.headline, said.unit).endswith(f" {said.unit}"):
            number = [
                html.Span(said.headline, className="md-record-number md-large"),
                html.Span(f" {said.unit}", className="md-name text-body-secondary"),
            ]
    return card(
        html.P(said.label, className="md-small md-quiet"),
        html.P(number),
        html.Div(badges, className="my-1 d-flex flex-wrap gap-2") if badges else None,
        html.P(said.note[:1].upper() + said.note[1:], className="md-small md-quiet") if said.note else None,
        _chances(record.output.get("probability") or {}),
        _warnings(record),
        title=words.RESULT,
    )


def _chances(probability: dict[str, float]) -> Children:
    if not probability:
        return None
    ranked = sorted(probability.items(), key=lambda item: -item[1])
    bars = [
        html.Div(
            [
                html.Dt(class_name(name), className="fw-normal text-truncate"),
                html.Dd(
                    [
                        html.Span(
                            html.Span(style={"width": f"{share * 100:.2f}%"}, className="progress-bar"),
                            className="progress flex-fill",
                            **{"aria-hidden": "true"},
                        ),
                        html.Span(formats.percent(share), className="md-record-bar-value"),
                    ],
                    className="hstack gap-12",
                ),
            ],
            className="md-record-bar-row md-small d-grid align-items-center",
        )
        for name, share in ranked[:_CHANCES]
    ]
    rest = len(ranked) - _CHANCES
    more = html.P(words.SMALLER_PROBABILITIES.of(rest), className="md-note") if rest > 0 else None
    return html.Div([html.Dl(bars, className="md-record-bars d-grid column-gap-12 mt-12"), more])


def _warnings(record: PredictionRecord) -> Children:
    if not record.warnings:
        return None
    return html.Div(
        [
            html.H3([badge(words.CHECK, "warn")]),
            html.Ul([html.Li(str(warning["message"])) for warning in record.warnings], className="mt-1 ps-3"),
        ],
        className="md-record-check md-card-edge mt-3 md-small bg-warning-subtle",
    )


def _provenance(record: PredictionRecord) -> html.Section:
    facts: list[tuple[Children, Children]] = [
        (words.RECORDED, when(record.created_at)),
        (words.BY, record.owner),
        (words.FROM, SOURCES[record.source]),
        (words.VERSION, str(record.version)),
        (words.ANSWERED_IN, formats.duration(record.latency_ms)),
    ]
    if record.key:
        facts.append((words.YOUR_KEY, record.key))
    facts += [
        (words.ID, html.Span(record.id, className="md-id")),
        (
            words.ARTIFACT,
            html.Span(f"{record.version_digest[:_DIGEST]}…", className="md-id", title=record.version_digest),
        ),
        (
            words.SETTINGS,
            html.Span(f"{record.settings_digest[:_DIGEST]}…", className="md-id", title=record.settings_digest),
        ),
    ]
    return card(pairs(facts), title=words.PROVENANCE)


def _inputs(record: PredictionRecord, entry: ModelEntry | None, known: Sequence[Field]) -> html.Section:
    if not known:
        plain = [(name, formats.exact(value)) for name, value in record.inputs.items()]
        return card(
            pairs(plain),
            title=words.INPUTS,
            summary=words.LABELS_UNKNOWN,
        )
    choices = describe_choices(known, entry.settings if entry else None)
    values = shown_record(choices, record.inputs)
    shown = [field for field in shown_inputs(known, choices) if not field.hidden and field.name in values]
    pixels = [field for field in shown if field.widget == "pixel"]
    plain_fields = [field for field in shown if field.widget != "pixel"]
    parts: list[Any] = []
    for group, members in groupby(plain_fields, key=lambda field: field.group):
        rows = [(field.label, field.text(values[field.name])) for field in members]
        parts += [html.H3(group, className="md-group-title mt-3 mb-1") if group else None, pairs(rows)]
    if pixels:
        parts.append(picture(pixels, record.inputs))
    return card(*parts, title=words.INPUTS)


def again(record: PredictionRecord, origin: str, places: Places) -> html.Section:
    """The same call by the API, after all that concerns the answer itself. ``origin`` is the site's
    address as the browser knows it, for the code to copy."""
    address = f"{origin}{places.api(f'v1/models/{record.model}/predict')}"
    return card(
        html.Div(
            [
                html.Div([html.H3(words.CURL), code(as_curl(address, record), id="as-curl", label=words.AS_CURL)]),
                html.Div(
                    [html.H3(words.PYTHON), code(as_python(address, record), id="as-python", label=words.AS_PYTHON)]
                ),
            ],
            className="md-two align-items-start",
        ),
        title=words.AGAIN,
        summary=words.AGAIN_SUMMARY,
        className="md-no-print",
    )
