"""The page that scores a file: upload at the left with one's files, the chosen file at the right."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

import dash_bootstrap_components as dbc
from dash import dcc, html

from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.charts.card import chart_card
from modeldesk.web.ui.common.components import button, card, icon, icon_button, labelled, loading
from modeldesk.web.ui.common.data_grid import data_grid
from modeldesk.web.ui.pages.batch import ids

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
            html.Div([_upload(places, model), _files()], className="md-batch-side"),
            html.Div(
                [
                    html.Div(id=ids.JOB_ERRORS),
                    html.Div(id=ids.ACTION_ERRORS),
                    html.Div(card(loading("Reading the file's state", bars=3)), id=ids.JOB),
                    _check(),
                    _results(),
                ],
                className="md-stack md-batch-main",
            ),
            _delete_dialog(),
        ],
        className="md-page md-batch",
    )


def _upload(places: Places, model: str) -> html.Section:
    address = places.api(f"v1/models/{quote(model, safe='')}/batches")
    return card(
        html.Div(
            [
                icon("cloud-arrow-up"),
                html.P(
                    [
                        html.Strong("Drop a file here", className="md-wide-only"),
                        html.Span(" or ", className="md-wide-only"),
                        html.Button("choose one", type="button", className="md-link", **{"data-md-batch": "choose"}),
                    ]
                ),
                html.P("CSV, TSV, XLSX or Parquet", className="md-note"),
            ],
            id=ids.DROP,
            className="md-drop",
            **{"data-md-upload": address, "data-md-accept": ACCEPTED},
        ),
        html.Div(
            [
                html.P(
                    [
                        html.Strong(className="md-upload-name"),
                        button(
                            "Cancel", kind="quiet", small=True, label="Cancel the upload", **{"data-md-batch": "abort"}
                        ),
                    ],
                    className="md-upload-head",
                ),
                html.Progress(max="100", value="0", className="md-progress", **{"aria-label": "Uploaded"}),
                html.P(className="md-note md-upload-line"),
            ],
            id=ids.UPLOAD,
            className="md-upload",
            hidden=True,
        ),
        html.P(className="visually-hidden md-upload-status", role="status"),
        html.Div(className="md-upload-error", role="alert"),
        html.P(
            [
                icon("download"),
                html.Span("Template with the columns"),
                *(
                    html.A(kind.upper(), href=f"{address}/template?format={kind}", download="", **{"aria-label": said})
                    for kind, said in (("xlsx", "Template as XLSX"), ("csv", "Template as CSV"))
                ),
            ],
            className="md-template",
        ),
        title="Score a file",
    )


def _files() -> html.Section:
    return card(
        html.Div(id=ids.FILES_ERRORS),
        html.Div(loading("Reading your files", bars=3), id=ids.FILES, className="md-files"),
        title="Your files",
        className="md-files-card",
    )


def _check() -> html.Div:
    return html.Div(
        [
            html.Div(id=ids.CHECK_ERRORS),
            card(
                html.Div(loading("Looking at the file", bars=1), id=ids.READING, className="md-card-summary"),
                html.Details(
                    [
                        html.Summary("Change how it is read", className="md-fold"),
                        html.Div(id=ids.READING_OPTIONS, className="md-batch-options"),
                    ],
                    className="md-batch-fold",
                ),
                title="How the file is read",
            ),
            html.Div(card(loading("Matching the columns", bars=3), title="Columns"), id=ids.COLUMNS),
            # Apart from what each check draws anew: whoever ticks it and starts at once gets it.
            card(
                dbc.Checkbox(
                    id=ids.EXPLAIN,
                    label="Name the inputs that moved each answer most (top contributions); takes longer",
                    value=False,
                ),
                title="Results",
                className="md-batch-explain",
            ),
            html.Div(card(loading("Checking the first rows", bars=4), title="Rows"), id=ids.ROWS),
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
                    chart_card(ids.PREDICTIONS, "Predictions"),
                    chart_card(ids.WARNINGS, "Warnings"),
                    chart_card(ids.SHIFT, "Unlike the training data"),
                ],
                className="md-batch-charts",
            ),
            _rows_card(),
        ],
        id=ids.RESULTS,
        className="md-stack",
        hidden=True,
    )


def _rows_card() -> html.Section:
    every = {"label": "Every prediction", "value": EVERY_CLASS}
    return card(
        html.Div(
            [
                html.Div(id=ids.VIEWS, className="md-chips", role="group", **{"aria-label": "Rows to show"}),
                html.Div(
                    [
                        html.Div(
                            labelled(
                                "Prediction",
                                dbc.Select(id=ids.CLASS, options=[every], value=EVERY_CLASS),
                                for_id=ids.CLASS,
                                unseen=True,
                            ),
                            id=ids.CLASS_BOX,
                            hidden=True,
                        ),
                        labelled(
                            "Find in rows",
                            html.Div(
                                [
                                    icon("search"),
                                    dcc.Input(
                                        id=ids.FIND,
                                        type="text",
                                        placeholder="Find in rows",
                                        debounce=0.2,
                                        autoComplete="off",
                                    ),
                                ],
                                className="md-control md-filter",
                            ),
                            for_id=ids.FIND,
                            unseen=True,
                        ),
                    ],
                    className="md-toolbar-end",
                ),
            ],
            className="md-batch-toolbar",
        ),
        html.Div(id=ids.RESULTS_ERRORS),
        html.P(id=ids.GRID_NOTE, className="md-note md-batch-note", role="status"),
        data_grid(ids.GRID, height=480, columns={"filter": True, "floatingFilter": True}, rowData=[]),
        title="Rows",
        className="md-grid-card",
    )


def _delete_dialog() -> html.Dialog:
    title = f"{ids.DELETE_DIALOG}-title"
    return html.Dialog(
        html.Div(
            [
                html.Div(
                    [
                        html.H2("Delete this file?", id=title, className="md-name"),
                        icon_button("x-lg", "Close", **{"data-md-action": "close-dialog"}),
                    ],
                    className="md-dialog-head",
                ),
                html.P(
                    "The file, its results and its list of rejected rows are removed for good. "
                    "Downloads that you made stay yours.",
                    className="md-small md-quiet",
                ),
                html.Div(id=ids.DELETE_ERRORS),
                html.Div(
                    [
                        button("Keep it", kind="quiet", **{"data-md-action": "close-dialog"}),
                        button("Delete", id=ids.DELETE, kind="danger"),
                    ],
                    className="md-dialog-foot",
                ),
            ],
            className="md-dialog-body",
        ),
        id=ids.DELETE_DIALOG,
        className="md-dialog",
        **{"aria-labelledby": title},
    )
