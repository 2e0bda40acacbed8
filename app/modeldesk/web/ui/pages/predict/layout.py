"""The Predict page: a form on the left, the result and what surrounds it on the right."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import dash_bootstrap_components as dbc
import plotly.graph_objects as go
from dash import dcc, html

from modeldesk.model_service.schema.fields import Field
from modeldesk.services.predictions.known_records import refs_in
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.charts.card import chart_card, graph
from modeldesk.web.ui.common.components import alert, button, icon, loading
from modeldesk.web.ui.common.explanation import ids as understand_ids
from modeldesk.web.ui.common.explanation.layout import why_card
from modeldesk.web.ui.common.explanation.similar_cases import similar_card
from modeldesk.web.ui.common.fragment import NEVER_SHARED
from modeldesk.web.ui.pages.predict import ids as names
from modeldesk.web.ui.pages.predict import text as words
from modeldesk.web.ui.pages.predict.changes import changes_card
from modeldesk.web.ui.pages.predict.compare import compare_card
from modeldesk.web.ui.pages.predict.form import ChoiceInput, FormPlan, Group, ImageInput, Item, MapInput, Matrix
from modeldesk.web.ui.pages.predict.known_record import known_dialog, start_button
from modeldesk.web.ui.pages.predict.presets import ids as preset_ids
from modeldesk.web.ui.pages.predict.presets.dialog import preset_parts, presets_button
from modeldesk.web.ui.pages.predict.scenarios import scenarios_card
from modeldesk.web.ui.pages.predict.widgets import block, choice_block

PAGE = "predict-page"
MODEL = "predict-model"
DRAW_ERRORS = "predict-draw-errors"
_STORES = (
    *(names.SPEC, names.LIVE, names.SETTLED, names.OPENED, names.SUBMIT, names.ANSWER, names.SUBMITTED),
    *(understand_ids.WHY_OF, understand_ids.SIMILAR_OF, understand_ids.CHANGES_OF, understand_ids.COMPARE_OF),
)


@dataclass(frozen=True, slots=True)
class Numbered:
    """The form's fields by name with their numbers, as ``form_spec`` gives them to the browser."""

    of: dict[str, int]

    def block(self, field: Field) -> html.Div:
        """The field's place in the page."""
        return block(field, self.of[field.name])


def layout(
    _places: Places, /, name: str | None = None, records: object = None, preset: object = None, **_: Any
) -> html.Div:
    """The page before its data: everything that callbacks write to stands here already. ``records`` of an address
    are those that are compared with the form's, ``preset`` is the id of the one that fills the form."""
    return html.Div(
        [
            dcc.Store(id=MODEL, data=name),
            *(dcc.Store(id=store) for store in _STORES),
            html.Div(id=DRAW_ERRORS),
            html.Div(id=names.VERSION_NOTICE),
            html.Div(
                button(words.USE_NEW_FORM, id=names.REDRAW, kind="primary", small=True),
                id=names.REDRAW_LINE,
                className="mt-2 mb-3",
                hidden=True,
            ),
            html.Div([_form(), _answers(refs_in(records))], className="md-predict-columns d-grid align-items-start"),
            _bar(),
            known_dialog(),
            *preset_parts(preset if isinstance(preset, str) else None),
        ],
        id=PAGE,
        className="md-page md-predict",
        **{"data-columns": "1", "data-md-words": json.dumps(words.IN_BROWSER)},
    )


def _form() -> html.Section:
    return html.Section(
        [
            html.Div(id="predict-head", className="md-form-head hstack flex-wrap row-gap-2 column-gap-12 pt-12 px-3"),
            html.Div(
                id="predict-origin",
                className="md-small mt-2 mx-3 py-2 px-2 border border-primary-subtle rounded bg-primary-subtle",
                role="status",
                hidden=True,
            ),
            html.Div(id=preset_ids.NOTICE),
            html.Div(id=preset_ids.NOTICE_ERRORS),
            html.Div(id="predict-summary"),
            html.Div(loading(words.DRAWING_FORM, bars=8), id=names.BODY, className="md-form-body"),
            _changes(),
            html.Footer(
                [
                    _predict_button(),
                    button(words.RESET, kind="quiet", id="predict-reset"),
                    html.Span(
                        "", id="predict-status", className="md-note ms-auto text-body-secondary text-end", role="status"
                    ),
                ],
                className="md-form-foot hstack gap-2 py-12 px-3 border-top bg-body-secondary",
            ),
        ],
        id=names.FORM,
        className="md-card md-form p-0",
        **{"aria-label": words.INPUTS},
    )


def _changes() -> html.Details:
    """What was changed since the last recorded prediction, each to be taken back; the browser fills it."""
    return html.Details(
        [
            html.Summary(html.Span(id="predict-changes-count")),
            html.Ul(id="predict-changes-list", className="md-change-list list-unstyled my-1 overflow-y-auto"),
            button(words.TAKE_ALL_BACK, id="predict-changes-all", kind="quiet", small=True),
        ],
        id="predict-changes",
        className="md-form-changes md-small py-2 px-3 border-top",
        hidden=True,
    )


def _predict_button() -> html.Button:
    return html.Button(
        [
            html.Span(className="spinner-border", **{"aria-hidden": "true"}),
            html.Span(words.TITLE, className="md-predict-word"),
            html.Kbd(words.PREDICT_KEYS, **{"aria-hidden": "true"}),
        ],
        type="button",
        className="btn btn-primary md-predict-submit",
        **{"aria-label": words.TITLE},
    )


def _answers(compared: Sequence[str]) -> html.Div:
    return html.Div(
        [
            html.Section(
                [
                    html.Div(
                        [
                            html.Div(
                                html.P(words.NOTHING_YET, className="md-result-what md-small text-body-secondary"),
                                id=names.RESULT_MAIN,
                                className="md-result-main",
                            ),
                            html.Div(
                                [
                                    html.Div(
                                        id=names.STANDING_WORDS,
                                        className="md-small hstack flex-wrap justify-content-between column-gap-12",
                                    ),
                                    graph(names.STANDING, words.STANDS, height=116),
                                ],
                                id=names.STANDING_BOX,
                                className="md-result-standing",
                            ),
                        ],
                        className="md-result-top d-grid row-gap-3 column-gap-4 p-3",
                        role="status",
                        **{"aria-atomic": "true"},
                    ),
                    html.P(
                        id="predict-stale",
                        className="md-small px-3 pb-12 text-danger-emphasis",
                        role="status",
                        hidden=True,
                    ),
                    html.P(id="predict-before", className="md-small px-3 pb-12 text-body-secondary", hidden=True),
                    html.Div(id=names.RESULT_ERRORS, className="md-result-errors"),
                    html.Div(id=names.RESULT_CHECKS),
                    html.Div(id=names.RESULT_FOOT, className="md-result-foot"),
                ],
                id=names.RESULT,
                className="md-card md-result-card p-0 overflow-hidden",
                **{"aria-label": words.RESULT, "data-state": "preview"},
            ),
            html.Div(
                [
                    html.Div(why_card(understand_ids.WHY), className="md-chart-box", **{"data-md-follows": "why"}),
                    html.Div(_curve_card(), id=names.CURVE_BOX, className="md-chart-box"),
                    html.Div(_surface_card(), id=names.SURFACE_BOX, className="md-chart-box"),
                ],
                className="md-predict-charts md-cards",
            ),
            html.Div(
                [changes_card(), similar_card(), compare_card(compared), scenarios_card()],
                className="md-understand",
            ),
        ],
        className="md-predict-answers d-grid gap-3 min-w-0",
    )


def _chooser(component_id: str, label: str) -> html.Div:
    return html.Div(
        [
            html.Label(label, htmlFor=component_id, className="visually-hidden"),
            dbc.Select(id=component_id, options=[], size="sm", class_name="md-chooser"),
        ]
    )


def _curve_card() -> Any:
    return chart_card(
        names.CURVE,
        words.ONE_INPUT,
        height=300,
        tools=[_chooser(names.CURVE_FEATURE, words.CHANGING_INPUT)],
    )


def _surface_card() -> Any:
    tools = [
        _chooser(names.SURFACE_X, words.ACROSS),
        html.Span(words.AND, className="md-note"),
        _chooser(names.SURFACE_Y, words.UPWARDS),
    ]
    return chart_card(names.SURFACE, words.TWO_INPUTS, height=300, tools=tools, className="md-surface-card")


def _bar() -> html.Div:
    """The phone's bottom bar: the last result, which leads to it, and Predict."""
    return html.Div(
        [
            html.Button(
                [html.Strong(id="predict-bar-headline", className="text-body"), html.Span(id="predict-bar-words")],
                id="predict-bar-result",
                type="button",
                className="d-grid flex-fill min-w-0 p-0 border-0 bg-transparent md-note text-body-secondary text-start",
                hidden=True,
                **{"aria-label": words.TO_RESULT},
            ),
            _predict_button(),
        ],
        className="md-predict-bar fixed-bottom hstack gap-12 border-top bg-body-secondary",
    )


def form_head(plan: FormPlan) -> Sequence[Any]:
    """The form's title; long forms also offer finding an input and showing some only."""
    only = plan.groups[0].items[0] if len(plan.groups) == 1 and len(plan.groups[0].items) == 1 else None
    title = words.IMAGE if isinstance(only, ImageInput) else words.INPUTS
    start = start_button() if any(field.widget not in NEVER_SHARED for field in plan.fields) else None
    tools = html.Div([start, presets_button()], className="d-flex flex-wrap gap-1 ms-auto")
    if not plan.searchable:
        return [html.H2(title), tools]
    return [
        html.H2(title),
        html.Span(f"{plan.inputs}", className="md-note"),
        html.Div(id="predict-find", className="md-find"),
        html.Div(
            [
                html.Button(
                    [label, html.Span(className="md-count")],
                    type="button",
                    className="md-segment text-truncate",
                    **{"data-show": key, "aria-pressed": "true" if key == "all" else "false"},
                )
                for key, label in words.SHOWN.items()
            ],
            className="md-segments md-form-filter",
            role="group",
            **{"aria-label": words.WHICH_SHOWN},
        ),
        tools,
    ]


def form_body(plan: FormPlan, maps: Sequence[go.Figure]) -> list[Any]:
    """The inputs in their groups; ``maps`` are the figures of the plan's maps, in order."""
    numbered = Numbered({field.name: n for n, field in enumerate(plan.fields)} | plan.numbers)
    waiting = iter(enumerate(maps))
    pictures = iter(range(len(plan.fields)))

    def draw(item: Item) -> Any:
        if isinstance(item, Field):
            return numbered.block(item)
        if isinstance(item, MapInput):
            return _map(item, numbered, *next(waiting))
        if isinstance(item, ImageInput):
            return html.Div(id=f"image-{next(pictures)}", className="md-image d-grid gap-12 md-wide")
        if isinstance(item, ChoiceInput):
            return choice_block(item.choice.label, numbered.of[item.fields[0].name])
        return _matrix(item, numbered)

    parts = [_group(group, _filled([draw(item) for item in group.items], plan.columns)) for group in plan.groups]
    if plan.searchable:
        parts.append(html.P(words.NO_INPUT, id="predict-none", className="md-note", hidden=True))
    return parts


def _filled(drawn: list[Any], columns: int) -> list[Any]:
    """Widen an input that would stand alone in a row of two before one that takes a whole row."""
    place = 0
    for part, following in pairwise(drawn):
        if _is_wide(part):
            place = 0
            continue
        place += 1
        if columns == 2 and place % 2 == 1 and _is_wide(following):
            part.className += " md-wide"
    return drawn


def _is_wide(part: Any) -> bool:
    return "md-wide" in part.className.split()


def _group(group: Group, drawn: list[Any]) -> Any:
    grid = html.Div(drawn, className="md-form-grid")
    if group.title is None:
        return html.Div(grid, className="md-group")
    summary = html.Summary(
        [
            html.H3(group.title),
            html.Span(className="md-group-line text-truncate md-note text-body-secondary"),
            html.Span(className="badge bg-warning-subtle text-warning-emphasis md-group-check", hidden=True),
            icon("chevron-down"),
        ]
    )
    return html.Details([summary, grid], open=not group.folded, className="md-group")


def _map(item: MapInput, numbered: Numbered, number: int, figure: go.Figure) -> html.Div:
    return html.Div(
        [
            html.P(words.CLICK_MAP, className="md-note"),
            html.Div(
                graph(names.place_map(number), words.MAP, height=260, figure=figure),
                id=f"map-{number}",
                className="md-map overflow-hidden rounded",
            ),
            html.Div([numbered.block(field) for field in item.fields], className="md-map-numbers d-grid gap-3 mt-12"),
        ],
        className="md-wide md-map-input",
    )


def _matrix(item: Matrix, numbered: Numbered) -> html.Div:
    columns = {"--columns": str(len(item.columns))}
    head = html.Div(
        [html.Span(), *(html.Span(column) for column in item.columns)],
        className="md-matrix-head d-grid gap-12 align-items-start md-note",
        **{"aria-hidden": "true"},
    )
    rows = [
        html.Div(
            [
                html.Span(
                    [row.label, html.Span(f" {row.unit}", className="md-note") if row.unit else None],
                    className="md-matrix-label md-small text-body-secondary",
                ),
                *(numbered.block(field) for field in row.fields),
            ],
            className="md-matrix-row d-grid gap-12 align-items-start",
        )
        for row in item.rows
    ]
    return html.Div([head, *rows], className="md-matrix md-wide", style=columns)


def version_notice(detail: str) -> html.Div:
    """The form is of a version that is no longer served."""
    return alert("warn", html.P([html.Strong(words.OTHER_VERSION), " ", detail]))


def standing_head(against: str, standing: str) -> list[Any]:
    """The words over the strip of reference answers."""
    return [html.Span(against), html.Strong(standing)]
