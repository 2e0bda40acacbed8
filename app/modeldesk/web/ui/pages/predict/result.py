"""The result of one prediction: words, number, chances, what to check, and what was recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from dash import html

from modeldesk.core import formats
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.services.predictions.predict import Prediction
from modeldesk.web.ui.common import text as shared
from modeldesk.web.ui.common.answers import Answer, answer, class_name, predicted_label
from modeldesk.web.ui.common.components import badge, icon, link_button, when
from modeldesk.web.ui.common.explanation.outcome import record_button
from modeldesk.web.ui.common.naming import subject
from modeldesk.web.ui.common.sentences import sentence
from modeldesk.web.ui.pages.predict import text as words

TOP_CLASSES = 3
LONG = 24
"""Letters of an answer from which it is set smaller."""


def result_words(model: LoadedModel, prediction: Prediction) -> html.Div:
    """What it is, the number or class, the decision and its distance to the threshold."""
    output = prediction.output
    said = answer(output, model.settings)
    if output.refused:
        return refusal(output.refused)
    decides = model.settings.threshold is not None and said.predicted is not None
    if said.predicted is not None and not decides:
        said = replace(said, headline=said.predicted, label=words.IS_PREDICTED.format(subject=subject(model)), note="")
    elif said.label == shared.PREDICTED:
        said = replace(said, label=subject(model), note="" if output.probability or output.interval else said.note)
    chances = output.probability
    return html.Div(
        [
            html.P(said.label, className="md-result-what md-small text-body-secondary"),
            html.P(_large(said), className="d-flex flex-wrap align-items-baseline column-gap-2"),
            html.Div(
                _badges(model, prediction, said.predicted),
                className="md-result-badges d-flex flex-wrap gap-2 mt-1 mb-2",
            )
            if decides
            else None,
            html.P(said.note[:1].upper() + said.note[1:], className="md-result-note md-small text-body-secondary")
            if said.note
            else None,
            probability_bars(chances) if chances and not decides else None,
        ],
        className="md-result-words",
    )


def headline_of(model: LoadedModel, prediction: Prediction) -> tuple[str, str]:
    """The result in one line, for where there is little room: the headline, and the class decided."""
    said = answer(prediction.output, model.settings)
    if said.refused:
        return said.headline, said.label
    if said.predicted is not None and model.settings.threshold is None:
        chance = max((prediction.output.probability or {}).values())
        return said.predicted, formats.percent(chance)
    return said.short, said.predicted or said.note


def _large(said: Answer) -> list[Any]:
    whole = formats.with_unit(said.headline, said.unit)
    if said.unit and whole == f"{said.headline} {said.unit}":
        return [
            html.Span(said.headline, className="md-result-large md-large"),
            html.Span(said.unit, className="md-name text-body-secondary"),
        ]
    return [html.Span(whole, className=f"md-result-large md-large{' md-result-long' if len(whole) > LONG else ''}")]


def _badges(model: LoadedModel, prediction: Prediction, predicted: str | None) -> list[Any]:
    raised = str(prediction.output.prediction) == str(model.settings.positive)
    rules = any(warning["code"] == "rule" for warning in prediction.warnings)
    return [
        badge(predicted_label(predicted), "up" if raised else "down"),
        badge(words.RULE_ASKS, "warn", icon_name="person-fill") if rules else None,
    ]


def refusal(refused: Mapping[str, str]) -> html.Div:
    """A rule kept the model from answering: which, and what it says."""
    return html.Div(
        [
            html.P(words.NO_PREDICTION, className="md-result-what md-small text-body-secondary"),
            html.P(
                html.Span(shared.REFUSED_BY_A_RULE, className="md-result-large md-large"),
                className="d-flex flex-wrap align-items-baseline column-gap-2",
            ),
            html.P(refused["text"], className="md-small text-body-secondary"),
            html.P(sentence(words.THE_RULE, rule=html.Code(refused["rule"])), className="md-note"),
        ],
        className="md-result-words",
    )


def probability_bars(probability: Mapping[str, float]) -> html.Div:
    """The likeliest classes as bars, the first in the accent; the rest folded away."""
    ranked = sorted(probability.items(), key=lambda item: -item[1])
    top, rest = ranked[:TOP_CLASSES], ranked[TOP_CLASSES:]
    return html.Div(
        [
            _bars(top, first=True, caption=words.LIKELIEST),
            html.Details(
                [
                    html.Summary(words.OTHER_CLASSES.of(len(rest)), className="md-small text-body-secondary"),
                    _bars(rest, first=False, caption=words.OTHERS),
                ],
            )
            if rest
            else None,
        ]
    )


def _bars(ranked: Sequence[tuple[str, float]], *, first: bool, caption: str) -> html.Table:
    rows = [
        html.Tr(
            [
                html.Th(class_name(name), scope="row", className="fw-normal text-break"),
                html.Td(
                    html.Div(
                        html.Div(className="progress-bar", style={"width": f"{100 * share:.2f}%"}),
                        className="progress",
                    ),
                    className="w-50",
                    **{"aria-hidden": "true"},
                ),
                html.Td(formats.percent(share), className="md-number text-end"),
            ],
            className="md-bar-first" if first and place == 0 else "",
        )
        for place, (name, share) in enumerate(ranked)
    ]
    return html.Table(
        [html.Caption(caption, className="visually-hidden"), html.Tbody(rows)], className="md-bars w-100 mt-2 md-small"
    )


def checks(model: LoadedModel, prediction: Prediction, inputs: Mapping[str, int]) -> html.Div | None:
    """What to look at before relying on the answer; ``inputs`` are the form's numbers of fields.
    None where there is nothing."""
    if not prediction.warnings:
        return None
    labels = {field.name: field.label for field in model.fields}
    lines = [html.Li(_warning(warning, labels, inputs)) for warning in prediction.warnings]
    return html.Div(
        [
            html.H3(
                [icon("exclamation-triangle-fill", className="text-warning-emphasis"), words.CHECK],
                className="hstack gap-2 md-small",
            ),
            html.Ul(lines, className="ps-3"),
        ],
        className="md-result-checks md-small py-12 px-3 border-top bg-warning-subtle",
    )


def _warning(warning: Mapping[str, Any], labels: Mapping[str, str], inputs: Mapping[str, int]) -> list[Any]:
    """The warning's words, the input's name in them leading to the input."""
    name, message = warning["field"], str(warning["message"])
    label = labels.get(name, "")
    if name not in inputs or not label or not message.startswith(label):
        return [message]
    return [html.A(label, href=f"#input-{inputs[name]}", **{"data-md-input": str(inputs[name])}), message[len(label) :]]


def recorded_foot(prediction_id: str, at: datetime, latency_ms: float, href: str) -> html.Div:
    """When it was recorded, under which id, how long it took, and where to see it again."""
    return html.Div(
        [
            html.Span(
                [
                    icon("check-lg", className="me-2 text-success-emphasis"),
                    html.Span(words.RECORDED, className="md-recorded-word"),
                    " ",
                    when(at),
                ],
                className="md-recorded",
            ),
            html.A(formats.short_id(prediction_id), href=href, className="md-id", title=prediction_id),
            html.Span(formats.duration(latency_ms)),
            html.Span(
                [link_button(words.OPEN_RECORD, href, kind="quiet", small=True), record_button(prediction_id)],
                className="md-foot-actions ms-auto",
            ),
        ],
        className="md-result-recorded md-note hstack flex-wrap row-gap-1 column-gap-3 text-body-secondary",
    )
