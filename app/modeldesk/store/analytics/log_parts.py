"""The log as it stood at one moment: its files, what is in none of them yet, and outcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, RowMapping, Table, func, select

from modeldesk.ports.analytics import LogRows
from modeldesk.store.sql.rows import plain_text, to_micros
from modeldesk.store.sql.tables import log_files, outcomes, predictions, unsettled_predictions

FOLDER = "log"
"""Where the files lie, in the folder of run-time data."""


@dataclass(frozen=True, slots=True)
class LogFile:
    """A registered file of rows of one model and version; ``columns`` are the kinds by name."""

    path: Path
    model: str
    version: int
    rows: int
    first_at: int
    last_at: int
    columns: Mapping[str, str]


RecordedOutcome = tuple[str, int, int, str]
"""An outcome: the prediction's id, the number among those of the same prediction, the prediction's place,
and the value as JSON."""


def live_files(connection: Connection, folder: Path, source: LogRows | None = None) -> list[LogFile]:
    """The registered files, or those of them that may hold rows of a source."""
    columns = log_files.c
    conditions: list[ColumnElement[bool]] = [columns.retired_at.is_(None)]
    if source is not None:
        conditions += _of_source(log_files, source)
        if source.since is not None:
            conditions.append(columns.last_at >= to_micros(source.since))
        if source.until is not None:
            conditions.append(columns.first_at < to_micros(source.until))
    statement = select(log_files).where(*conditions).order_by(columns.name)
    return [
        LogFile(
            folder / FOLDER / row["name"],
            row["model"],
            row["version"],
            row["rows"],
            row["first_at"],
            row["last_at"],
            orjson.loads(row["columns"]),
        )
        for row in connection.execute(statement).mappings()
    ]


def tail_rows(connection: Connection, source: LogRows) -> Sequence[RowMapping]:
    """The source's rows that are in no file."""
    statement = select(predictions).select_from(_tail()).where(*_tail_conditions(source))
    return connection.execute(statement).mappings().all()


def tail_extent(connection: Connection, source: LogRows) -> tuple[int, int | None, int | None]:
    """How many rows of the source are in no file, and when the first and the last of them were made."""
    at = unsettled_predictions.c.created_at
    statement = select(func.count(), func.min(at), func.max(at))
    statement = statement.select_from(unsettled_predictions if source.owner is None else _tail())
    count, first, last = connection.execute(statement.where(*_tail_conditions(source))).one()
    return count, first, last


def recorded_outcomes(connection: Connection, model: str, before: int) -> Sequence[RecordedOutcome]:
    """Return the recorded outcomes of a model's predictions before this place in the sample order."""
    columns = outcomes.c
    statement = select(columns.prediction_id, columns.sequence, columns.sample_order, columns.value).where(
        columns.model == model, columns.kind == "actual", columns.sample_order < before
    )
    return [(row[0], row[1], row[2], row[3]) for row in connection.execute(statement)]


def _tail() -> Any:
    return unsettled_predictions.join(predictions, predictions.c.id == unsettled_predictions.c.prediction_id)


def _tail_conditions(source: LogRows) -> list[ColumnElement[bool]]:
    at, conditions = unsettled_predictions.c.created_at, _of_source(unsettled_predictions, source)
    if source.since is not None:
        conditions.append(at >= to_micros(source.since))
    if source.until is not None:
        conditions.append(at < to_micros(source.until))
    if source.owner is not None:
        conditions.append(predictions.c.owner == plain_text("owner", source.owner))
    return conditions


def _of_source(table: Table, source: LogRows) -> list[ColumnElement[bool]]:
    conditions = [table.c.model == plain_text("model", source.model)]
    if source.version is not None:
        conditions.append(table.c.version == source.version)
    return conditions


def within(file: LogFile, since: datetime | None, until: datetime | None) -> bool:
    """Whether all rows of a file were made in a span of time."""
    after = since is None or file.first_at >= to_micros(since)
    return after and (until is None or file.last_at < to_micros(until))
