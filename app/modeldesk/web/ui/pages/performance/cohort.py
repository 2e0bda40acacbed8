"""A person's own cohort on the Performance page: its filters, its metrics beside everyone's, its rows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from dash import html

from modeldesk.core import formats
from modeldesk.model_service.performance.binary import Figure
from modeldesk.services.performance.cohort import cohort_dimensions
from modeldesk.services.performance.measured_records import MeasuredRecord, worst_records
from modeldesk.services.performance.report import Performance, labels
from modeldesk.services.privacy import shown_features
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.answers import answer_word, class_name
from modeldesk.web.ui.common.components import Children, Column, badge, card, table
from modeldesk.web.ui.common.data_grid import LARGEST_FIRST, data_grid
from modeldesk.web.ui.common.filters.form import filter_chips
from modeldesk.web.ui.common.filters.text import trailing
from modeldesk.web.ui.common.fragment import encode_record
from modeldesk.web.ui.common.metric_names import METRICS
from modeldesk.web.ui.pages.performance import ids
from modeldesk.web.ui.pages.performance import text as words

MOST_ROWS = 500
"""Rows that the table on the page holds; files hold more."""


def chips(shown: Performance) -> list[Children]:
    """Return the filters of the cohort, each to be taken off."""
    return filter_chips(cohort_dimensions(shown.model).values(), shown.where, ids.without)


# ---- beside everyone ------------------------------------------------------------------------------


def beside_everyone(shown: Performance, threshold: float | None) -> list[Children]:
    """Return the metrics of the part that is shown beside those of all rows, each with its interval."""
    own, every, unit = shown.report.metrics(threshold), shown.everyone.metrics(threshold), shown.model.settings.unit
    known = [key for key in own if key in every and key in METRICS]
    if not known:
        return [html.P(words.NO_KNOWN_OUTCOME, className="md-small md-quiet")]
    apart = [key for key in known if is_apart(own[key], every[key])]
    columns = [
        Column(words.METRIC),
        Column(words.THIS_COHORT.format(rows=f"{len(shown.report.rows):,}"), number=True),
        Column(words.EVERYONE.format(rows=f"{shown.rows_in_all:,}"), number=True),
    ]
    rows = [
        [
            [METRICS[key].label, *([" ", badge(words.APART, "warn")] if key in apart else [])],
            _cell(key, own[key], unit),
            _cell(key, every[key], unit),
        ]
        for key in known
    ]
    return [
        html.P(words.apart([METRICS[key].label for key in apart]), className="md-card-summary"),
        table(columns, rows, caption=words.COHORT_TITLE, rows_head=True),
        html.P(words.cohort_note(threshold), className="md-note"),
    ]


def is_apart(own: Figure, every: Figure) -> bool:
    """Return whether the interval of one leaves out the value of the other."""
    if any(map(math.isnan, (own.low, own.high, every.value))):
        return False
    return not own.low <= every.value <= own.high


def _cell(key: str, figure: Figure, unit: str) -> list[Children]:
    name = METRICS[key]
    span = name.span(figure, unit)
    return [name.text(figure.value, unit), *([html.Span(f" {span}", className="md-quiet")] if span else [])]


# ---- rows ------------------------------------------------------------------------------------------


def rows_card() -> Any:
    """Return the card of single rows, before there are any."""
    return card(
        html.Div(id=ids.ROWS_ERRORS),
        html.P(id=ids.ROWS_NOTE, className="md-note", role="status"),
        data_grid(ids.ROWS_GRID, height=360, columns=LARGEST_FIRST, rowData=[]),
        title=words.ROWS_TITLE,
    )


def rows_table(
    shown: Performance, places: Places, threshold: float | None
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], str]:
    """Return the columns and rows of the table, the largest errors first, and the note over it. Raise NotAllowed where
    single records are not shown."""
    worst, measured = worst_records(shown, MOST_ROWS, threshold=threshold), shown.report.rows
    cut, recorded = len(worst) == MOST_ROWS, measured.ids is not None
    note = words.rows_note(len(worst), len(measured), cut=cut, recorded=recorded)
    return _columns(shown), [_row(shown, places, item, number) for number, item in enumerate(worst, 1)], note


def _columns(shown: Performance) -> list[dict[str, Any]]:
    task, unit = shown.model.manifest.task, shown.model.settings.unit
    recorded = shown.report.rows.ids is not None
    first = {
        "field": "place",
        "headerName": words.PREDICTION if recorded else words.ROW,
        "cellRenderer": "MdPlace",
        "width": 130,
        "pinned": "left",
        "sortable": False,
    }
    number = task.numeric
    names = (words.NUMBER_COLUMNS if number else words.CLASS_COLUMNS) if task.has_errors else words.ANSWER_COLUMNS
    made = [
        _column(f".{index}", f"{name}, {unit}" if number and trailing(unit) else name, number)
        for index, name in enumerate(names)
    ]
    fields = labels(shown.model)
    for name in shown_features(shown.model):
        field = fields[name]
        title = f"{field.label}, {field.unit}" if field.unit and trailing(field.unit) else field.label
        made.append(_column(f":{name}", title, field.feature.numeric))
    return [first, *made]


def _column(field: str, title: str, number: bool) -> dict[str, Any]:
    look = {"type": "rightAligned"} if number else {}
    return {
        "field": field,
        "headerName": title,
        "cellRenderer": "MdText",
        "width": max(110, 40 + 8 * len(title)),
        **look,
    }


def _row(shown: Performance, places: Places, item: MeasuredRecord, number: int) -> dict[str, Any]:
    """Return a row by field: what it is sorted by, and in ``texts`` what it reads."""
    model, fields = shown.model, labels(shown.model)
    task, unit = model.manifest.task, model.settings.unit
    if item.id is not None:
        row: dict[str, Any] = {"place": formats.short_id(item.id), "href": places.prediction(item.id)}
    else:
        fragment = encode_record(model.fields, item.inputs, model.version)
        row = {"place": words.ROW_NUMBER.format(number=number), "href": places.model(model.name, fragment=fragment)}
    if not task.has_errors:
        cells: Mapping[str, tuple[Any, str]] = {
            ".0": (str(item.answer), answer_word(item.answer)),
            ".1": (item.error, f"{item.error:.3f}".replace("-", formats.MINUS)),
        }
    elif task.numeric:
        plain = "" if trailing(unit) else unit
        off = float(item.answer) - float(item.actual)
        cells = {
            ".0": (item.answer, formats.measure(float(item.answer), plain, 4)),
            ".1": (item.actual, formats.measure(float(item.actual), plain, 4)),
            ".2": (off, formats.signed(off, plain)),
        }
    else:
        cells = {
            ".0": (str(item.answer), class_name(item.answer)),
            ".1": (str(item.actual), class_name(item.actual)),
            ".2": (item.error, words.WRONG if item.error else words.RIGHT),
        }
    texts = {key: text for key, (_, text) in cells.items()}
    row |= {key: value for key, (value, _) in cells.items()}
    for name, value in item.inputs.items():
        row[f":{name}"] = value
        texts[f":{name}"] = fields[name].text(value)
    return {**row, "texts": texts}
