"""A finished file: its figures in words and tables, and its rows as a grid."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from modeldesk.core import formats
from modeldesk.model_service.batch.explanations import CONTRIBUTIONS
from modeldesk.model_service.batch.score import ID, PREDICTION, PROBABILITY, WARNINGS
from modeldesk.model_service.batch.summary import BatchSummary
from modeldesk.ports.batches import Batch
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.answers import class_name
from modeldesk.web.ui.common.components import Children, Column, pressed_chip, table
from modeldesk.web.ui.pages.batch import ids
from modeldesk.web.ui.pages.batch.figures import bar_name, shift_word

MOST_LINES = 1_000
"""Rows that the grid holds at a time, to be filtered and put in order in the browser."""
_SAFE_INTEGER = 2**53

WARNING_WORDS = {
    "below_range": "Below range",
    "above_range": "Above range",
    "unseen_category": "Unknown value",
    "missing": "Not known",
    "unusual_combination": "Unusual mix",
    "rule": "Rule",
}
VIEWS = {"scored": "Scored", "warned": "With warnings", "rejected": "Rejected"}


# ---- figures in words ----------------------------------------------------------------------------


def predictions_finding(summary: BatchSummary, positive: str | None, unit: str) -> Children:
    """The finding over the distribution of predictions."""
    bars, chances = summary.distribution, summary.chances
    counted = [bar for bar in bars if bar.count]
    if not counted:
        return "No row was scored."
    if chances is not None and chances.threshold is not None:
        over = next(bar for bar in bars if bar.label == chances.of)
        return [
            html.Strong(formats.percent(over.share)),
            f" of the rows reach the threshold of {formats.percent(chances.threshold)} for {class_name(chances.of)}; ",
            f"in the training data it was {formats.percent(over.reference)}.",
        ]
    top = next((bar for bar in bars if bar.label == positive and bar.low is None and bar.high is None), None)
    top = top or max(counted, key=lambda bar: bar.count)
    verb = "is predicted for" if top.low is None and top.high is None else "are predicted for"
    name = bar_name(top, unit)
    return [
        html.Strong(name),
        f" {verb} {formats.percent(top.share)} of the rows; ",
        f"in the training data it was {formats.percent(top.reference)}.",
    ]


def predictions_table(summary: BatchSummary, unit: str) -> html.Div:
    """The distribution of predictions in figures, and that of chances where they are counted."""
    columns = [
        Column("Prediction"),
        Column("Rows", number=True),
        Column("This file", number=True),
        Column("Training data", number=True),
    ]
    named = [(bar_name(bar, unit), bar) for bar in summary.distribution]
    if summary.chances is not None:
        named += [(f"Probability of {class_name(summary.chances.of)} {bar.label}", bar) for bar in summary.chances.bars]
    rows = [[name, f"{bar.count:,}", formats.percent(bar.share), formats.percent(bar.reference)] for name, bar in named]
    return table(columns, rows, caption="Predictions of this file")


def warning_counts(summary: BatchSummary) -> list[tuple[str, int]]:
    """Warnings by kind, the most frequent first."""
    counts: dict[str, int] = {}
    for codes in summary.warnings.values():
        for code, count in codes.items():
            word = WARNING_WORDS.get(code, formats.sentence(code))
            counts[word] = counts.get(word, 0) + count
    return sorted(counts.items(), key=lambda item: -item[1])


def warnings_finding(summary: BatchSummary) -> Children:
    """The finding over the warnings."""
    total = sum(count for _, count in warning_counts(summary))
    if not total:
        return "No row carries a warning."
    return [html.Strong(formats.count(total, "warning")), " on the rows; a row may carry several."]


def warnings_table(summary: BatchSummary, labels: Mapping[str, str]) -> html.Div:
    """Warnings by input and kind."""
    lines = [
        (labels.get(field, field) or "The row as a whole", WARNING_WORDS.get(code, formats.sentence(code)), count)
        for field, codes in summary.warnings.items()
        for code, count in codes.items()
    ]
    rows = [[field, word, f"{count:,}"] for field, word, count in sorted(lines, key=lambda line: -line[2])]
    columns = [Column("Input"), Column("Warning"), Column("Rows", number=True)]
    return table(columns, rows, caption="Warnings by input")


def shift_finding(summary: BatchSummary) -> Children:
    """The finding over how far the inputs have moved."""
    moved = [shift for shift in summary.shift if shift.level != "none"]
    if not summary.shift or not summary.scored:
        return "There is nothing to compare."
    if not moved:
        return "No input of this file is spread otherwise than in the training data."
    others = f", {formats.count(len(moved) - 1, 'other')} too" if len(moved) > 1 else ""
    return [html.Strong(moved[0].label), f" has moved most{others}."]


def shift_table(summary: BatchSummary) -> html.Div:
    """How far every input has moved."""
    columns = [Column("Input"), Column("Stability index (PSI)", number=True), Column("Shift")]
    rows = [[s.label, formats.number(s.psi, 2), shift_word(s.level)] for s in summary.shift]
    return table(columns, rows, caption="Shift of the inputs against the training data")


# ---- rows ----------------------------------------------------------------------------------------


def view_chips(batch: Batch, chosen: str) -> list[Children]:
    """The choices of which rows are shown, with how many there are where that is known."""
    scored = (batch.rows_total or 0) - batch.rows_failed
    counts = {"scored": f" {scored:,}", "rejected": f" {batch.rows_failed:,}"}
    return [
        pressed_chip(f"{said}{counts.get(name, '')}", id=ids.view(name), pressed=name == chosen)
        for name, said in VIEWS.items()
    ]


def grid_note(shown: int, more: bool, view: str) -> str:
    """How many rows the grid holds, and of which."""
    kind = {"scored": "scored", "warned": "with warnings", "rejected": "rejected"}[view]
    if not shown:
        return {"rejected": "No row was rejected.", "warned": "No row carries a warning."}.get(view, "No rows.")
    if view == "rejected":
        return f"{'The first ' if more else ''}{formats.count(shown, 'fault')} in the rows that were rejected."
    if more:
        return f"The first {shown:,} rows {kind}; the download has all of them. Filters look through these."
    return f"{formats.count(shown, 'row')} {kind}."


def scored_columns(lines: Sequence[Mapping[str, Any]], positive: str | None) -> list[dict[str, Any]]:
    """The grid's columns for scored rows: the row's number, the results, then the file's own."""
    if not lines:
        return []
    names = list(lines[0])
    own, results = names[: names.index(PREDICTION)], names[names.index(PREDICTION) :]
    chances = [name for name in results if name.startswith(PROBABILITY)]
    if len(chances) == 2 and f"{PROBABILITY}{positive}" in chances:
        chances = [f"{PROBABILITY}{positive}"]
    others = [name for name in results if name not in (PREDICTION, ID) and not name.startswith(PROBABILITY)]
    shown = [PREDICTION, *chances, *others]
    row = {
        "field": "row",
        "headerName": "Row",
        "type": "rightAligned",
        "filter": "agNumberColumnFilter",
        "width": 104,
        "pinned": "left",
        "cellRenderer": "MdRow",
        "lockPosition": True,
    }
    return [row, *(_result_column(name) for name in shown), *(_column(name, lines) for name in own)]


def _result_column(name: str) -> dict[str, Any]:
    if name.startswith(PROBABILITY):
        said = class_name(name.removeprefix(PROBABILITY))
        return {
            "field": name,
            "headerName": f"Probability of {said[:1].lower() + said[1:] if said[1:].islower() else said}",
            "filter": "agNumberColumnFilter",
            "cellRenderer": "MdProbability",
            "width": 184,
        }
    if name.startswith(CONTRIBUTIONS):
        return {"field": name, "headerName": f"Top {name}", "width": 360, "tooltipField": name}
    if name == WARNINGS:
        return {"field": name, "headerName": "Warnings", "width": 280, "tooltipField": name}
    return {"field": name, "headerName": name.capitalize(), "width": 150}


def _column(name: str, lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    values = [line[name] for line in lines if line[name] is not None]
    numbers = bool(values) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    kind = {"type": "rightAligned", "filter": "agNumberColumnFilter"} if numbers else {}
    return {"field": name, "headerName": name, "width": 132, **kind}


def scored_rows(lines: Sequence[Mapping[str, Any]], places: Places) -> list[dict[str, Any]]:
    """Scored rows as the grid takes them, each with its number and its prediction's address."""
    return [
        {
            **{name: plain(value) for name, value in line.items() if name != ID},
            "row": int(str(line[ID]).rsplit("-", 1)[1]),
            "place": places.prediction(str(line[ID])),
        }
        for line in lines
    ]


def rejected_columns() -> list[dict[str, Any]]:
    """The grid's columns for rejected rows."""
    return [
        {"field": "row", "headerName": "Row", "type": "rightAligned", "filter": "agNumberColumnFilter", "width": 104},
        {"field": "field", "headerName": "Field", "width": 200},
        {"field": "value", "headerName": "Value", "width": 200, "cellClass": "md-id"},
        {"field": "message", "headerName": "Reason", "flex": 1, "minWidth": 280, "tooltipField": "message"},
    ]


def rejected_rows(lines: Sequence[Mapping[str, Any]], labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Rejected rows as the grid takes them, a line for each fault."""
    return [
        {
            "row": line["row"],
            "field": labels.get(line["field"], line["field"]) if line["field"] else "Whole row",
            "value": line["value"],
            "message": line["message"],
        }
        for line in lines
    ]


def plain(value: Any) -> Any:
    """A cell's value as JSON can hold it and a browser shows it without loss."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return value if abs(value) < _SAFE_INTEGER else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return formats.exact(value.isoformat()) if hasattr(value, "isoformat") else str(value)
