"""Recorded predictions as rows that people can tell apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from modeldesk.core import formats
from modeldesk.model_service.engine.results import Output
from modeldesk.model_service.package.model_folder import ModelEntry
from modeldesk.model_service.schema.fields import Field, fields
from modeldesk.model_service.schema.one_hot import describe_choices
from modeldesk.ports.predictions import PredictionRecord
from modeldesk.services.predictions.feedback import FeedbackOf
from modeldesk.services.predictions.outcomes import OutcomesOf
from modeldesk.web.ui.common import text as words
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.answers import answer
from modeldesk.web.ui.common.components import Column, badge, table, when
from modeldesk.web.ui.common.explanation.choices import shown_inputs, shown_record
from modeldesk.web.ui.common.explanation.outcome import in_short
from modeldesk.web.ui.common.feedback.view import in_short as feedback_in_short
from modeldesk.web.ui.common.shell import title_of

_SHOWN = 3
_LONGEST = 24

Entries = Mapping[str, ModelEntry]
"""The models that the caller may see, by name; one that is gone is absent."""


def predictions_table(
    records: Sequence[PredictionRecord],
    entries: Entries,
    places: Places,
    *,
    caption: str,
    full: bool = False,
    outcomes: Mapping[str, OutcomesOf] | None = None,
    feedback: Mapping[str, FeedbackOf] | None = None,
) -> html.Div:
    """A row a prediction, each opening its page. ``full`` also tells source and own key, ``outcomes``
    (by prediction id) what happened afterwards, and ``feedback`` what people say of it."""
    columns = [
        Column(words.WHEN),
        Column(words.MODEL),
        Column(words.INPUT, hide=True),
        Column(words.RESULT, number=True),
        Column(words.NOTE),
        *([Column(words.OUTCOME, hide=True)] if outcomes is not None else []),
        *([Column(words.FEEDBACK, hide=not feedback)] if feedback is not None else []),
        *([Column(words.SOURCE, hide=True), Column(words.YOUR_KEY, hide=True)] if full else []),
        Column(words.VERSION_COLUMN, number=True, hide=True),
    ]
    rows = [_row(record, entries, places, full, outcomes, feedback) for record in records]
    return table(columns, rows, caption=caption, className="md-log")


def _row(
    record: PredictionRecord,
    entries: Entries,
    places: Places,
    full: bool,
    outcomes: Mapping[str, OutcomesOf] | None,
    feedback: Mapping[str, FeedbackOf] | None,
) -> list[Any]:
    entry = entries.get(record.model)
    said = answer(Output.of(record.output), entry.settings if entry else None)
    more = [words.SOURCES[record.source], record.key or ""] if full else []
    return [
        html.A(when(record.created_at), href=places.prediction(record.id)),
        title_of(entry) if entry else record.model,
        html.Span(inputs_line(record, entry), className="md-quiet"),
        html.Strong(said.short),
        _note(record, said.note, said.predicted),
        *([] if outcomes is None else [in_short(outcomes.get(record.id), entry.settings.unit if entry else "")]),
        *([] if feedback is None else [feedback_in_short(feedback.get(record.id))]),
        *more,
        str(record.version),
    ]


def _note(record: PredictionRecord, note: str, predicted: str | None) -> Any:
    if record.output.get("refused"):
        return badge(words.REFUSED_BY_A_RULE, "warn")
    if record.warnings:
        return badge(words.WARNINGS.of(len(record.warnings)), "warn")
    return html.Span(predicted or note, className="md-quiet")


def inputs_line(record: PredictionRecord, entry: ModelEntry | None) -> str:
    """A few inputs in a line, enough to recognise a case by: those that are not what a fresh form
    holds, else the first ones."""
    known = known_fields(record, entry)
    if not known:
        return ", ".join(formats.exact(value) for value in list(record.inputs.values())[:_SHOWN])
    if any(field.widget == "pixel" for field in known):
        return words.IMAGE
    choices = describe_choices(known, entry.settings if entry else None)
    values = shown_record(choices, record.inputs)
    usual = shown_record(choices, {field.name: field.feature.default for field in known})
    shown = [field for field in shown_inputs(known, choices) if not field.hidden]
    own = [field for field in shown if values.get(field.name) != usual[field.name]]
    parts = []
    for field in (own or shown)[:_SHOWN]:
        text = field.text(values.get(field.name))
        if len(text) > _LONGEST:
            text = f"{text[:_LONGEST]}…"
        parts.append(f"{field.label} {text}")
    return ", ".join(parts)


def known_fields(record: PredictionRecord, entry: ModelEntry | None) -> tuple[Field, ...]:
    """The fields of the served version if it reads all of the record's inputs, else none."""
    if entry is None or entry.manifest is None:
        return ()
    found = fields(entry.manifest.model_schema, entry.settings)
    return found if set(record.inputs) <= {field.name for field in found} else ()
