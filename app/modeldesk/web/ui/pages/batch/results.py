"""A finished file: its figures as tables, and its rows as a grid."""

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
from modeldesk.web.ui.pages.batch import text as words

MOST_LINES = 1_000
"""Rows that the grid holds at a time, to be filtered and put in order in the browser."""
_SAFE_INTEGER = 2**53


# ---- figures as tables ---------------------------------------------------------------------------


def predictions_table(summary: BatchSummary, unit: str) -> html.Div:
    """Return the distribution of predictions in figures, and that of probabilities where they are counted."""
    name, *numbers = words.PREDICTIONS_COLUMNS
    columns = [Column(name), *(Column(head, number=True) for head in numbers)]
    named = [(words.bar_name(bar, unit), bar) for bar in summary.distribution]
    if summary.chances is not None:
        of = class_name(summary.chances.of)
        named += [(words.PROBABILITY_BAR.format(class_name=of, range=bar.label), bar) for bar in summary.chances.bars]
    rows = [[name, f"{bar.count:,}", formats.percent(bar.share), formats.percent(bar.reference)] for name, bar in named]
    return table(columns, rows, caption=words.PREDICTIONS_TABLE)


def warning_counts(summary: BatchSummary) -> list[tuple[str, int]]:
    """Return the number of warnings of each kind, the most frequent first."""
    counts: dict[str, int] = {}
    for codes in summary.warnings.values():
        for code, count in codes.items():
            word = words.warning_word(code)
            counts[word] = counts.get(word, 0) + count
    return sorted(counts.items(), key=lambda item: -item[1])


def warnings_table(summary: BatchSummary, labels: Mapping[str, str]) -> html.Div:
    """Return the number of warnings by input and kind."""
    lines = [
        (labels.get(field, field) or words.WHOLE_CASE, words.warning_word(code), count)
        for field, codes in summary.warnings.items()
        for code, count in codes.items()
    ]
    rows = [[field, word, f"{count:,}"] for field, word, count in sorted(lines, key=lambda line: -line[2])]
    field, warning, count = words.WARNINGS_COLUMNS
    return table([Column(field), Column(warning), Column(count, number=True)], rows, caption=words.WARNINGS_TABLE)


def shift_table(summary: BatchSummary) -> html.Div:
    """Return how far every input has moved."""
    name, index, level = words.SHIFT_COLUMNS
    rows = [[s.label, formats.number(s.psi, 2), words.LEVELS[s.level]] for s in summary.shift]
    return table([Column(name), Column(index, number=True), Column(level)], rows, caption=words.SHIFT_TABLE)


# ---- rows ----------------------------------------------------------------------------------------


def view_chips(batch: Batch, chosen: str) -> list[Children]:
    """Return the choices of which rows are shown, with how many there are where that is known."""
    return [
        pressed_chip(words.view_label(name, batch), id=ids.view(name), pressed=name == chosen) for name in words.VIEWS
    ]


def scored_columns(lines: Sequence[Mapping[str, Any]], positive: str | None) -> list[dict[str, Any]]:
    """Return the grid's columns for scored rows: the row's number, the results, then the file's own."""
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
        "headerName": words.ROW,
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
        return {
            "field": name,
            "headerName": words.probability_column(name.removeprefix(PROBABILITY)),
            "filter": "agNumberColumnFilter",
            "cellRenderer": "MdProbability",
            "width": 184,
        }
    if name.startswith(CONTRIBUTIONS):
        return {"field": name, "headerName": words.TOP.format(name=name), "width": 360, "tooltipField": name}
    if name == WARNINGS:
        return {"field": name, "headerName": words.WARNINGS, "width": 280, "tooltipField": name}
    return {"field": name, "headerName": name.capitalize(), "width": 150}


def _column(name: str, lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    values = [line[name] for line in lines if line[name] is not None]
    numbers = bool(values) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    kind = {"type": "rightAligned", "filter": "agNumberColumnFilter"} if numbers else {}
    return {"field": name, "headerName": name, "width": 132, **kind}


def scored_rows(lines: Sequence[Mapping[str, Any]], places: Places) -> list[dict[str, Any]]:
    """Return scored rows as the grid takes them, each with its number and its prediction's address."""
    return [
        {
            **{name: plain(value) for name, value in line.items() if name != ID},
            "row": int(str(line[ID]).rsplit("-", 1)[1]),
            "place": places.prediction(str(line[ID])),
        }
        for line in lines
    ]


def rejected_columns() -> list[dict[str, Any]]:
    """Return the grid's columns for rejected rows."""
    looks: dict[str, dict[str, Any]] = {
        "row": {"type": "rightAligned", "filter": "agNumberColumnFilter", "width": 104},
        "field": {"width": 200},
        "value": {"width": 200, "cellClass": "md-id"},
        "message": {"flex": 1, "minWidth": 280, "tooltipField": "message"},
    }
    return [{"field": name, "headerName": words.REJECTED_COLUMNS[name], **look} for name, look in looks.items()]


def rejected_rows(lines: Sequence[Mapping[str, Any]], labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return rejected rows as the grid takes them, a line for each fault."""
    return [
        {
            "row": line["row"],
            "field": labels.get(line["field"], line["field"]) if line["field"] else words.WHOLE_ROW,
            "value": line["value"],
            "message": line["message"],
        }
        for line in lines
    ]


def plain(value: Any) -> Any:
    """Return a cell's value as JSON can hold it and a browser shows it without loss."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return value if abs(value) < _SAFE_INTEGER else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return formats.exact(value.isoformat()) if hasattr(value, "isoformat") else str(value)
