"""The rows behind a view: some of them in an order, and all of them as a file."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from modeldesk.core.errors import InvalidInput, TooLarge
from modeldesk.core.identity import Caller
from modeldesk.model_service.batch.writers import result_file
from modeldesk.ports.analytics import (
    ACTUAL,
    ERROR,
    HIGH,
    ID,
    INPUT,
    KEY,
    LOW,
    PREDICTION,
    PROBABILITY,
    SCORE,
    SOURCE,
    TIME,
    VERSION,
    WARNINGS,
    Analyst,
    AnalyticsQuery,
    Measure,
    RowsPage,
)
from modeldesk.services.app_context import AppContext
from modeldesk.services.batches.manage import Format
from modeldesk.services.batches.results import ResultFile
from modeldesk.services.explore.parts import Dimension
from modeldesk.services.explore.subject import Subject, subject
from modeldesk.services.privacy import require_records

MOST_ROWS = 1_000_000
"""Rows that a file takes; a sheet of XLSX takes hardly more."""
MOST_INPUTS = 40
"""Inputs that the table shows; a file has all of them."""
_BEFORE = (TIME, PREDICTION, PROBABILITY, SCORE, LOW, HIGH, ACTUAL, ERROR)
_AFTER = (WARNINGS, VERSION, SOURCE, KEY)


def row_columns(selection: Subject) -> tuple[Dimension, ...]:
    """What the table of rows shows of each: the result, its inputs, and how it came about."""
    inputs = [item for item in selection.dimensions.values() if item.column.startswith(INPUT)][:MOST_INPUTS]
    known = [
        [selection.dimensions[name] for name in names if name in selection.dimensions] for names in (_BEFORE, _AFTER)
    ]
    return (*known[0], *inputs, *known[1])


def rows_page(
    analyst: Analyst, selection: Subject, *, order: str | None, descending: bool, start: int, count: int
) -> RowsPage:
    """Some of the rows that pass, in order. Raises NotAllowed where single rows are not shown."""
    require_records(selection.shows_rows)
    columns = [ID, *(item.column for item in row_columns(selection))]
    known = order if order in selection.dimensions else None
    return analyst.page(
        selection.source, columns, selection.view.where, order=known, descending=descending, start=start, count=count
    )


def rows_file(context: AppContext, caller: Caller, name: str, query: Mapping[str, Any], kind: Format) -> ResultFile:
    """All rows that pass the filters of an address, as a file in a folder of its own, which is the
    caller's to remove.

    Raises InvalidInput for an address that cannot be read, NotAllowed where single rows are not shown,
    TooLarge beyond MOST_ROWS, and what ``subject`` raises.
    """
    selection, problems = subject(context, caller, name, query)
    if problems:
        raise InvalidInput("Some of what the address asks for cannot be had.", problems=problems)
    require_records(selection.shows_rows)
    analyst = context.store.analyst
    counted = analyst.ask(selection.source, [AnalyticsQuery((Measure("rows", "count"),), where=selection.view.where)])
    rows = int(counted.tables[0]["rows"][0])
    if rows > MOST_ROWS:
        raise TooLarge(f"These are {rows:,} rows; a file takes {MOST_ROWS:,}.", hint="Filter them first.")
    columns = [ID, *selection.dimensions]
    # An input may be called as what is known of a prediction is.
    taken = {column.removeprefix(INPUT) for column in columns if column.startswith(INPUT)}
    titles = [
        column.removeprefix(INPUT) if column.startswith(INPUT) else f"{column}_" if column in taken else column
        for column in columns
    ]
    context.batch_storage.folder.mkdir(parents=True, exist_ok=True)
    # Beside the batches, where what a crash leaves behind is swept up.
    path = Path(tempfile.mkdtemp(prefix="rows-", dir=context.batch_storage.folder)) / f"rows.{kind}"
    schema = None
    with result_file(path, kind) as writer:
        for block in analyst.stream(selection.source, columns, selection.view.where):
            schema = block.schema
            writer.write(pa.Table.from_batches([block]).rename_columns(titles))
        if schema is None:
            writer.write(pa.table({title: pa.array([], pa.string()) for title in titles}))
    return ResultFile(path, f"{name}-{selection.view.kind}.{kind}")
