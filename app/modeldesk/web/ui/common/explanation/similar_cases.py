"""The reference records most like the one at hand, with what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from modeldesk.core import formats
from modeldesk.model_service.neighbours.similar import SimilarRecord
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.schema.fields import Field
from modeldesk.services.predictions.similar import Similar
from modeldesk.web.ui.common.answers import answer, class_inside, class_name
from modeldesk.web.ui.common.components import Children, Column, card, loading, table
from modeldesk.web.ui.common.explanation import ids as names
from modeldesk.web.ui.common.explanation import text as words
from modeldesk.web.ui.common.explanation.choices import inputs_of, texts_of
from modeldesk.web.ui.common.picture import picture
from modeldesk.web.ui.common.sentences import sentence

INPUTS = 2
"""Inputs that the table has room for."""


def similar_card() -> html.Section:
    """The card, empty until its callback fills it."""
    return card(
        html.Div(id=names.SIMILAR_ERRORS),
        html.Div(loading(words.LOOKING_FOR_SIMILAR), id=names.SIMILAR),
        title=words.SIMILAR,
        id="similar-card",
        **{"data-md-follows": "similar"},
    )


def similar_body(around: Similar, first: Sequence[str]) -> list[Children]:
    """What became of the records in a line, then the records, or why they are not shown. ``first``
    names inputs, the most telling first; the table has room for a few."""
    if around.reason is not None:
        return [html.P(around.reason, className="md-card-summary")]
    model, found = around.model, around.records
    columns_of = _columns(around, first)
    pixels = [field for field in model.fields if field.widget == "pixel" and field.name in around.shown]
    columns = [Column(words.IMAGE)] if pixels else []
    columns += [Column(field.label, number=field.feature.numeric) for field in columns_of]
    columns += [Column(words.PREDICTED, number=True), Column(words.OUTCOME)]
    rows = [
        [
            *([picture(pixels, item.record, small=True)] if pixels else []),
            *_inputs(texts_of(model, item.record), columns_of),
            _said(model, item),
            outcome_text(model, item.outcome),
        ]
        for item in found
    ]
    return [
        html.P(summary(model, found), className="md-card-summary"),
        table(
            columns,
            rows,
            caption=words.SIMILAR_CAPTION,
            className="md-similar",
        ),
    ]


def summary(model: LoadedModel, found: Sequence[SimilarRecord]) -> list[Children]:
    """How it went with them: a count by class, or the range of values."""
    known = [item.outcome for item in found if item.outcome is not None]
    if not known:
        return [words.OUTCOMES_UNKNOWN.of(len(found))]
    if model.manifest.task.numeric:
        values = [float(value) for value in known if isinstance(value, int | float)]
        ends = formats.span(min(values), max(values), model.settings.unit)
        return sentence(words.OUTCOMES_WERE, ends=html.Strong(ends))
    [(most, times)] = Counter(str(value) for value in known).most_common(1)
    share = html.Strong(words.TIMES_OF.format(times=times, known=len(known)))
    return sentence(words.OUTCOME_WAS, share=share, outcome=class_inside(most))


def outcome_text(model: LoadedModel, outcome: Any) -> str:
    """An outcome in words."""
    if outcome is None:
        return formats.NOT_KNOWN
    if model.manifest.task.numeric:
        return formats.value(outcome, model.settings.unit)
    return class_name(outcome)


def _columns(around: Similar, first: Sequence[str]) -> list[Field]:
    by_name = {field.name: field for field in inputs_of(around.model) if field.widget != "pixel"}
    may = [name for name in around.shown if name in by_name]
    order = [name for name in first if name in may] + [name for name in may if name not in first]
    return [by_name[name] for name in order[:INPUTS]]


def _inputs(record: Mapping[str, Any], shown: Sequence[Field]) -> list[str]:
    return [field.text(record[field.name]) for field in shown]


def _said(model: LoadedModel, item: SimilarRecord) -> str:
    return answer(item.output, model.settings).short
