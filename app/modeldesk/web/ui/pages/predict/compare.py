"""Where a record's inputs stand among the published records, beside other known records, and what moves each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from modeldesk.model_service.neighbours.similar import Percentile
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.schema.fields import Field
from modeldesk.services.predictions.known_records import ComparedRecord, Comparison
from modeldesk.web.ui.common.answers import answer
from modeldesk.web.ui.common.components import Children, alert, button, card, icon_button
from modeldesk.web.ui.common.explanation import ids as names
from modeldesk.web.ui.common.explanation.choices import inputs_of, texts_of
from modeldesk.web.ui.common.explanation.similar_cases import outcome_text
from modeldesk.web.ui.common.fragment import shareable
from modeldesk.web.ui.common.naming import quantity
from modeldesk.web.ui.common.side_by_side import Part, side_by_side
from modeldesk.web.ui.pages.predict import text as words
from modeldesk.web.ui.pages.predict.contributions import contributions_part
from modeldesk.web.ui.pages.predict.known_record import start_button

TOP = 8
"""Inputs that are seen at once; the others are folded."""


def compare_card(refs: Sequence[str] = ()) -> html.Section:
    """The card, with the records that an address names. Without any it is closed: its table has several elements
    an input, each of which makes every later change of the page slower, so it is drawn for those who ask for it."""
    return card(
        html.Div(id=names.COMPARE_ERRORS),
        html.Div(id=names.COMPARE),
        dcc.Store(id=names.COMPARED, data=list(refs)),
        title=words.STANDING,
        summary=words.STANDING_SUMMARY,
        tools=[
            button(words.SHOW, id=names.COMPARE_TOGGLE, label=words.SHOW_OR_HIDE, small=True),
            start_button(words.COMPARE_WITH_A_RECORD),
        ],
        id=names.COMPARE_CARD,
        className="md-compare",
        **{"data-md-follows": "compare", **({"data-md-compared": ""} if refs else {})},
    )


def can_be_compared(model: LoadedModel) -> bool:
    """Whether there are inputs that a table can tell: pixels and texts are looked at and read."""
    return len(shareable(model.fields)) > 0


def compared_table(found: Comparison) -> list[Children]:
    """The records as columns: what the model says of each, what was so, and each input's place, the
    most telling first and the rest folded."""
    fields = _in_order(found)
    heads = [_head(item) for item in found.records]
    alone = len(found.records) == 1
    top = [field for field in fields if alone or field.name in found.differing][:TOP]
    rest = [field for field in fields if field not in top]
    first = side_by_side(
        words.RECORD,
        heads,
        [
            Part(None, _answers(found)),
            Part(words.LEAST_USUAL if alone else words.DIFFERING, _rows(found, top)),
            # What moves the answer to one record stands in a card of its own.
            Part(None, [])
            if alone
            else contributions_part(found.model, [(item.explanation, item.record) for item in found.records]),
        ],
        caption=words.STANDING_CAPTION,
    )
    if not rest:
        return [first]
    titles = [html.Span(item.title) for item in found.records]
    more = side_by_side(words.RECORD, titles, [Part(None, _rows(found, rest))], caption=words.STANDING_OTHERS_CAPTION)
    return [
        first,
        html.Details(
            [
                html.Summary(words.OTHER_INPUTS.of(len(rest)), className="md-small text-primary-emphasis py-2"),
                more,
            ],
            className="mt-2",
        ),
    ]


def absent(count: int) -> list[Children]:
    """What is said of records that a shared address names and that are not there for this person."""
    if not count:
        return []
    return [alert("info", html.P(words.ABSENT.of(count)))]


def _in_order(found: Comparison) -> list[Field]:
    """The inputs that a table can tell, the most telling first."""
    fields = {field.name: field for field in inputs_of(found.model) if field.name in shareable(found.model.fields)}
    return [fields[name] for name in found.most_telling() if name in fields]


def _head(item: ComparedRecord) -> Children:
    if item.ref is None:
        return html.Span(item.title)
    remove = icon_button("x", words.REMOVE.format(name=item.title), id=names.compare_remove(item.ref))
    return html.Div([html.Span(item.title), remove], className="md-scenario-head hstack gap-1")


def _answers(found: Comparison) -> list[list[Children]]:
    settings = found.model.settings
    said = [answer(item.output, settings) for item in found.records]
    rows: list[list[Children]] = [[said[0].label, *(html.Strong(item.short) for item in said)]]
    if any(item.outcome is not None for item in found.records):
        rows.append([words.OUTCOME, *(outcome_text(found.model, item.outcome) for item in found.records)])
    return rows


def _rows(found: Comparison, fields: Sequence[Field]) -> list[list[Children]]:
    rows: list[list[Children]] = []
    records = [texts_of(found.model, item.record) for item in found.records]
    for field in fields:
        of = quantity(field)
        cells = [
            _place(of.text(record[field.name]), item.percentiles[field.name], at_hand=item.ref is None)
            for record, item in zip(records, found.records, strict=True)
        ]
        rows.append([field.label, *cells])
    return rows


def _place(value: str, standing: Percentile, *, at_hand: bool) -> html.Div:
    return html.Div(
        [
            html.Div(
                [html.Strong(value), html.Span(words.standing(standing), className="md-note")],
                className="d-flex flex-wrap justify-content-between column-gap-12",
            ),
            None if standing.below is None else _bar(standing.below, at_hand),
        ],
        className="md-place",
    )


def _bar(share: float, at_hand: bool) -> Any:
    fill = html.Span(
        className="progress-bar" if at_hand else "progress-bar md-place-other",
        style={"width": f"{max(100 * share, 1):.1f}%"},
    )
    return html.Span(fill, className="progress mt-1", **{"aria-hidden": "true"})
