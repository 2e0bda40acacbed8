"""The page that scores a file: upload at the left with one's files, the chosen file at the right."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, unquote

import dash_bootstrap_components as dbc
from dash import dcc, html

from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.charts.card import chart_card
from modeldesk.web.ui.common.components import button, card, icon, icon_button, labelled, loading
from modeldesk.web.ui.common.data_grid import data_grid
from modeldesk.web.ui.common.sentences import sentence
from modeldesk.web.ui.pages.batch import check, ids
from modeldesk.web.ui.pages.batch import check_text as check_words
from modeldesk.web.ui.pages.batch import text as words

FOLLOW_MILLISECONDS = 1_000
ACCEPTED = ".csv,.tsv,.txt,.xlsx,.parquet"
EVERY_CLASS = "every"
"""Stands for no filter by prediction: a drop-down needs a value for it."""


def layout(places: Places, /, name: str | None = None, batch: str | None = None, **_: Any) -> html.Div:
    """The page before its data; ``batch`` in the address chooses the file that is shown."""
    model = unquote(name or "")
    return html.Div(
        [
            dcc.Store(id=ids.MODEL, data=model),
            dcc.Store(id=ids.SELECTED, data=batch or None),
            dcc.Store(id=ids.VIEW, data="scored"),
            *(
                dcc.Store(id=store)
                for store in (ids.CHANGED, ids.SHOWN, ids.UPLOADED, ids.OPTIONS, ids.FINISHED, ids.DELETED)
            ),
            dcc.Interval(id=ids.FOLLOW, interval=FOLLOW_MILLISECONDS, disabled=True),
            html.Div([_upload(places, model), _files()], className="d-grid gap-3 min-w-0"),
            html.Div(
                [
                    html.Div(id=ids.JOB_ERRORS),
                    html.Div(id=ids.ACTION_ERRORS),
                    html.Div(card(loading(words.READING_STATE, bars=3)), id=ids.JOB),
                    _check(),
                    _results(),
                ],
                className="md-stack min-w-0",
            ),
            _delete_dialog(),
        ],
        className="md-page md-batch d-grid align-items-start",
    )


def _upload(places: Places, model: str) -> html.Section:
    address = places.api(f"v1/models/{quote(model, safe='')}/batches")
    return card(
        html.Div(
            [
                icon("cloud-arrow-up", className="mb-1 fs-4 text-primary-emphasis"),
                html.P(
                    [
                        html.Span(sentence(words.DROP_WIDE), className="md-wide-only"),
                        html.Button(
                            words.CHOOSE_ONE,
                            type="button",
                            className="md-link-button",
                            **{"data-md-batch": "choose"},
                        ),
                    ]
                ),
                html.P(words.ACCEPTED, className="md-note"),
            ],
            id=ids.DROP,
            className="md-drop d-flex flex-column align-items-center gap-1 mt-2 rounded text-center",
            **{
                "data-md-upload": address,
                "data-md-accept": ACCEPTED,
                "data-md-words": json.dumps(words.IN_BROWSER),
            },
        ),
        html.Div(
            [
                html.P(
                    [
                        html.Strong(className="md-upload-name text-truncate"),
                        button(
                            words.CANCEL,
                            kind="quiet",
                            small=True,
                            label=words.CANCEL_UPLOAD,
                            **{"data-md-batch": "abort"},
                        ),
                    ],
                    className="hstack justify-content-between gap-2",
                ),
                html.Progress(max="100", value="0", className="md-progress", **{"aria-label": words.UPLOADED}),
                html.P(className="md-upload-line md-note mt-2"),
            ],
            id=ids.UPLOAD,
            className="mt-2",
            hidden=True,
        ),
        html.P(className="visually-hidden md-upload-status", role="status"),
        html.Div(className="md-upload-error", role="alert"),
        _template(address),
        title=words.UPLOAD_TITLE,
    )


def _template(address: str) -> html.P:
    return html.P(
        [
            icon("download", className="text-primary-emphasis"),
            html.Span(words.TEMPLATE),
            *(
                html.A(kind.upper(), href=f"{address}/template?format={kind}", download="", **{"aria-label": label})
                for kind, label in words.TEMPLATE_AS.items()
            ),
        ],
        className="md-small hstack flex-wrap row-gap-1 column-gap-2 mt-12",
    )


def _files() -> html.Section:
    return card(
        html.Div(id=ids.FILES_ERRORS),
        html.Div(loading(words.READING_FILES, bars=3), id=ids.FILES, className="md-files"),
        title=words.FILES_TITLE,
        className="md-files-card",
    )


def _check() -> html.Div:
    return html.Div(
        [
            html.Div(id=ids.CHECK_ERRORS),
            card(
                html.Div(check.looking(), id=ids.READING, className="md-card-summary"),
                html.Details(
                    [
                        html.Summary(check_words.CHANGE_READING, className="md-fold md-small text-primary-emphasis"),
                        html.Div(
                            id=ids.READING_OPTIONS,
                            className="md-batch-options d-grid row-gap-12 column-gap-3 pt-2 pb-1",
                        ),
                    ],
                    className="mt-2",
                ),
                title=check_words.READ_TITLE,
            ),
            html.Div(check.columns_waiting(), id=ids.COLUMNS),
            # Apart from what each check draws anew: whoever ticks it and starts at once gets it.
            card(
                dbc.Checkbox(id=ids.EXPLAIN, label=check_words.EXPLAIN, value=False),
                title=check_words.RESULTS_TITLE,
                className="md-batch-explain",
            ),
            html.Div(check.rows_waiting(), id=ids.ROWS),
        ],
        id=ids.CHECK,
        className="md-stack",
        hidden=True,
    )


def _results() -> html.Div:
    return html.Div(
        [
            html.Div(
                [
                    chart_card(ids.PREDICTIONS, words.PREDICTIONS),
                    chart_card(ids.WARNINGS, words.WARNINGS),
                    chart_card(ids.SHIFT, words.SHIFT),
                ],
                className="md-batch-charts md-three",
            ),
            _rows_card(),
        ],
        id=ids.RESULTS,
        className="md-stack",
        hidden=True,
    )


def _rows_card() -> html.Section:
    every = {"label": words.EVERY_PREDICTION, "value": EVERY_CLASS}
    return card(
        html.Div(
            [
                html.Div(
                    id=ids.VIEWS,
                    className="d-flex flex-wrap gap-2",
                    role="group",
                    **{"aria-label": words.ROWS_TO_SHOW},
                ),
                html.Div(
                    [
                        html.Div(
                            labelled(
                                words.PREDICTION,
                                dbc.Select(id=ids.CLASS, options=[every], value=EVERY_CLASS, size="sm"),
                                for_id=ids.CLASS,
                                unseen=True,
                            ),
                            id=ids.CLASS_BOX,
                            hidden=True,
                        ),
                        labelled(
                            words.FIND,
                            html.Div(
                                [
                                    icon("search"),
                                    dcc.Input(
                                        id=ids.FIND,
                                        type="text",
                                        placeholder=words.FIND,
                                        debounce=0.2,
                                        autoComplete="off",
                                    ),
                                ],
                                className="md-control md-filter",
                            ),
                            for_id=ids.FIND,
                            unseen=True,
                            className="md-pick",
                        ),
                    ],
                    className="md-toolbar-end hstack gap-2",
                ),
            ],
            className="hstack flex-wrap justify-content-between row-gap-2 column-gap-3 mt-2",
        ),
        html.Div(id=ids.RESULTS_ERRORS),
        html.P(id=ids.GRID_NOTE, className="md-note py-2", role="status"),
        data_grid(ids.GRID, height=480, columns={"filter": True, "floatingFilter": True}, rowData=[]),
        title=words.ROWS,
        className="pb-0 overflow-hidden",
    )


def _delete_dialog() -> html.Dialog:
    title = f"{ids.DELETE_DIALOG}-title"
    return html.Dialog(
        html.Div(
            [
                html.Div(
                    [
                        html.H2(words.DELETE_TITLE, id=title, className="md-name"),
                        icon_button("x-lg", words.CLOSE, **{"data-md-action": "close-dialog"}),
                    ],
                    className="d-flex align-items-start justify-content-between gap-12 mb-2",
                ),
                html.P(words.DELETE_TEXT, className="md-small md-quiet"),
                html.Div(id=ids.DELETE_ERRORS),
                html.Div(
                    [
                        button(words.KEEP, kind="quiet", **{"data-md-action": "close-dialog"}),
                        button(words.DELETE, id=ids.DELETE, kind="danger"),
                    ],
                    className="d-flex flex-wrap justify-content-end gap-2 mt-3",
                ),
            ],
            className="py-3 px-4",
        ),
        id=ids.DELETE_DIALOG,
        className="md-dialog",
        **{"aria-labelledby": title},
    )
