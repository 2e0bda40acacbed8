"""A person's own cohort on the Performance page: its filters, its metrics beside everyone's, its rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
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

MOST_ROWS = 500
"""Rows that the table on the page holds; files hold more."""


def chips(seen: Performance) -> list[Children]:
    """The filters of the cohort, each to be taken off."""
    return filter_chips(cohort_dimensions(seen.model).values(), seen.where, ids.without)


# ---- beside everyone ------------------------------------------------------------------------------


def beside_everyone(seen: Performance, threshold: float | None) -> list[Children]:
    """The metrics of the part that is shown beside those of all rows, each with its interval."""
    own, every, unit = seen.report.metrics(threshold), seen.everyone.metrics(threshold), seen.model.settings.unit
    known = [key for key in own if key in every and key in METRICS]
    if not known:
        return [html.P("No row of these has a known outcome to measure by.", className="md-small md-quiet")]
    apart = [key for key in known if is_apart(own[key], every[key])]
    finding = "No metric lies apart from everyone's beyond chance."
    if apart:
        verb = "lies" if len(apart) == 1 else "lie"
        finding = f"{_listed([METRICS[key].label for key in apart])} {verb} apart from everyone's beyond chance."
    columns = [
        Column("Metric"),
        Column(f"This cohort, {len(seen.report.rows):,} rows", number=True),
        Column(f"Everyone, {seen.rows_in_all:,} rows", number=True),
    ]
    rows = [
        [
            [METRICS[key].label, *([" ", badge("Apart", "warn")] if key in apart else [])],
            _cell(key, own[key], unit),
            _cell(key, every[key], unit),
        ]
        for key in known
    ]
    at = "" if threshold is None else f", at {formats.percent(threshold)}"
    note = f"With 95% intervals{at}. A metric is apart where the cohort's interval leaves out everyone's value."
    return [
        html.P(finding, className="md-card-summary"),
        table(columns, rows, caption="This cohort beside everyone", rows_head=True),
        html.P(note, className="md-note"),
    ]


def is_apart(own: Figure, every: Figure) -> bool:
    """Whether the interval of one leaves out the value of the other."""
    if any(map(math.isnan, (own.low, own.high, every.value))):
        return False
    return not own.low <= every.value <= own.high


def _cell(key: str, figure: Figure, unit: str) -> list[Children]:
    name = METRICS[key]
    span = name.span(figure, unit)
    return [name.text(figure.value, unit), *([html.Span(f" {span}", className="md-quiet")] if span else [])]


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


# ---- rows ------------------------------------------------------------------------------------------


def rows_card() -> Any:
    """The card of single rows, before there are any."""
    return card(
        html.Div(id=ids.ROWS_ERRORS),
        html.P(id=ids.ROWS_NOTE, className="md-note", role="status"),
        data_grid(ids.ROWS_GRID, height=360, columns=LARGEST_FIRST, rowData=[]),
        title="Rows behind these figures",
    )


def rows_table(
    seen: Performance, places: Places, threshold: float | None
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], str]:
    """The columns and rows of the table, the largest errors first, and what stands over it. Raises NotAllowed where
    single records are not shown."""
    found = worst_records(seen, MOST_ROWS, threshold=threshold)
    columns = _columns(seen)
    recorded = seen.report.rows.ids is not None
    leads = "Each leads to its prediction." if recorded else "Each opens in the form, to be predicted."
    part = f"The {len(found):,} worst of {len(seen.report.rows):,} rows" if len(found) == MOST_ROWS else (
        f"{formats.count(len(found), 'row')}, the worst first"
    )  # fmt: skip
    return columns, [_row(seen, places, item, number) for number, item in enumerate(found, 1)], f"{part}. {leads}"


def _columns(seen: Performance) -> list[dict[str, Any]]:
    task, unit = seen.model.manifest.task, seen.model.settings.unit
    recorded = seen.report.rows.ids is not None
    first = {
        "field": "place",
        "headerName": "Prediction" if recorded else "Row",
        "cellRenderer": "MdPlace",
        "width": 130,
        "pinned": "left",
        "sortable": False,
    }
    number = task.numeric
    names = ["Predicted", "Actual", "Error" if number else "Answer is"] if task.has_errors else ["Answer", "Score"]
    made = [
        _column(f".{place}", f"{name}, {unit}" if number and trailing(unit) else name, number)
        for place, name in enumerate(names)
    ]
    fields = labels(seen.model)
    for name in shown_features(seen.model):
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


def _row(seen: Performance, places: Places, item: MeasuredRecord, number: int) -> dict[str, Any]:
    """A row by field: what it is sorted by, and in ``texts`` what it reads."""
    model, fields = seen.model, labels(seen.model)
    task, unit = model.manifest.task, model.settings.unit
    if item.id is not None:
        row: dict[str, Any] = {"place": formats.short_id(item.id), "href": places.prediction(item.id)}
    else:
        fragment = encode_record(model.fields, item.inputs, model.version)
        row = {"place": f"Row {number}", "href": places.model(model.name, fragment=fragment)}
    if not task.has_errors:
        told: Mapping[str, tuple[Any, str]] = {
            ".0": (str(item.answer), answer_word(item.answer)),
            ".1": (item.error, f"{item.error:.3f}".replace("-", formats.MINUS)),
        }
    elif task.numeric:
        plain = "" if trailing(unit) else unit
        off = float(item.answer) - float(item.actual)
        told = {
            ".0": (item.answer, formats.measure(float(item.answer), plain, 4)),
            ".1": (item.actual, formats.measure(float(item.actual), plain, 4)),
            ".2": (off, formats.signed(off, plain)),
        }
    else:
        told = {
            ".0": (str(item.answer), class_name(item.answer)),
            ".1": (str(item.actual), class_name(item.actual)),
            ".2": (item.error, "Wrong" if item.error else "Right"),
        }
    texts = {key: text for key, (_, text) in told.items()}
    row |= {key: value for key, (value, _) in told.items()}
    for name, value in item.inputs.items():
        row[f":{name}"] = value
        texts[f":{name}"] = fields[name].text(value)
    return {**row, "texts": texts}
