"""Where the rows of a page about many predictions come from, and who may see them.

Rows of the log are asked for as they are. Those of a version's hold-out and reference, and of a finished
batch, are made into a file of typed columns when they are first asked for; the file is kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

import pandas as pd
import pyarrow as pa
from filelock import FileLock

from modeldesk.core.errors import BadRequest, Conflict, NotFound
from modeldesk.core.identity import Caller, Permission
from modeldesk.model_service.answering import outputs_of
from modeldesk.model_service.batch.row_tables import (
    actual_table,
    answer_columns,
    answers_table,
    completed,
    id_column,
    input_columns,
    inputs_table,
    outcome_columns,
    positive_class,
)
from modeldesk.model_service.engine.results import Outputs
from modeldesk.model_service.package.folder import HOLDOUT
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.ports.analytics import (
    ID,
    KEY,
    PREDICTION,
    SOURCE,
    TIME,
    VERSION,
    WARNINGS,
    Column,
    FileRows,
    LogRows,
    RowSource,
)
from modeldesk.services.app_context import AppContext
from modeldesk.services.batches.manage import batch
from modeldesk.services.batches.table import batch_columns, batch_tables
from modeldesk.services.privacy import shown_features, shown_target

RowKind = Literal["log", "holdout", "reference", "batch"]

SCORED_AT_ONCE = 10_000
"""Rows in one call of the artifact."""

_LAYOUT = 2
"""Grows when the columns of kept files change, so that those made before are not taken for theirs."""


def row_source(
    context: AppContext,
    caller: Caller,
    name: str,
    kind: RowKind,
    version: int | None = None,
    batch_id: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> RowSource:
    """The rows to ask about: of the log (of all versions unless one is named; others' predictions for those
    only who may see all), of a version's hold-out or reference (of the served one unless one is named), or
    of a batch of the caller's own. Features and outcomes that are masked are not among the columns.

    Raises NotAllowed, NotFound, ModelUnavailable, Conflict for a batch that has not succeeded, and
    BadRequest for a batch without an id.
    """
    if kind == "log":
        return _log(context, caller, name, version, since, until)
    if kind == "batch":
        return _batch(context, caller, name, batch_id)
    caller.require(Permission.SEE_PERFORMANCE)
    model = context.model(caller, name, version)
    return _published(context, model, kind)


def _log(
    context: AppContext, caller: Caller, name: str, version: int | None, since: datetime | None, until: datetime | None
) -> LogRows:
    model = context.model(caller, name, version)
    plain = (
        id_column(),
        Column(TIME, "time"),
        Column(VERSION, "number"),
        Column(SOURCE, "category"),
        Column(KEY, "category"),
        Column(WARNINGS, "number"),
    )
    return LogRows(
        model=name,
        columns=(*plain, *_answers(model, outcomes=True), *_inputs(model)),
        positive=positive_class(model.manifest, model.settings),
        version=version,
        since=since,
        until=until,
        owner=None if caller.may(Permission.SEE_ALL_PREDICTIONS) else caller.name,
    )


def _batch(context: AppContext, caller: Caller, name: str, batch_id: str | None) -> FileRows:
    if batch_id is None:
        raise BadRequest("A batch is told by its id.")
    result = batch(context, caller, batch_id)
    if result.model != name:
        raise NotFound(f"There is no batch {batch_id!r} of {name}.")
    if result.state != "succeeded":
        raise Conflict(f"There are no rows: the batch is {result.state}.", hint="They are there once it has succeeded.")
    model = context.model(caller, name, result.version)
    batch_own, file = (
        batch_columns(model.manifest),
        context.batch_storage.files(result.id).made(f"rows-{_LAYOUT}.parquet"),
    )
    _made_once(context, file, batch_tables(context, result, batch_own))
    shown = {column.name for column in (*_answers(model, outcomes=False), *_inputs(model))}
    columns = [column for column in batch_own if column.name in shown | {ID, KEY, WARNINGS}]
    outcomes = outcome_columns(model.manifest) if _shows_outcomes(model) else ()
    return FileRows((file,), (*columns, *outcomes), outcomes_of=name)


def _published(context: AppContext, model: LoadedModel, kind: Literal["holdout", "reference"]) -> FileRows:
    path = model.folder / HOLDOUT
    if kind == "holdout" and not path.is_file():
        raise NotFound(f"Version {model.version} of {model.name} was published without a hold-out.")
    known = kind == "reference" or model.manifest.target is not None
    columns = (id_column(), *_answers(model, outcomes=known), *_inputs(model))
    stamp = hashlib.sha256(repr((model.digest, model.settings_digest, columns)).encode()).hexdigest()[:16]
    file = context.store.analyst.kept(f"{kind}-{model.name}-{model.version}-{_LAYOUT}-{stamp}.parquet")
    _made_once(context, file, _published_tables(model, kind, path, columns))
    return FileRows((file,), columns)


def _published_tables(
    model: LoadedModel, kind: Literal["holdout", "reference"], path: Path, columns: Sequence[Column]
) -> Iterator[pa.Table]:
    rows = model.reference if kind == "reference" else pd.read_parquet(path)
    prefix = "row:" if kind == "reference" else "holdout:"
    positive, target = positive_class(model.manifest, model.settings), shown_target(model)
    for start in range(0, max(1, len(rows)), SCORED_AT_ONCE):
        part = rows.iloc[start : start + SCORED_AT_ONCE]
        frame = part[list(model.schema.names)].reset_index(drop=True)
        made = {ID: pa.array([f"{prefix}{start + index}" for index in range(len(part))], pa.string())}
        made |= answers_table(columns, _outputs(model, kind, frame, start), positive)
        made |= inputs_table(model.schema, shown_features(model), frame)
        if target is not None and target in part:
            made |= actual_table(columns, part[target], made[PREDICTION])
        yield completed(columns, made, len(part))


def _outputs(model: LoadedModel, kind: str, frame: pd.DataFrame, start: int) -> Outputs:
    if kind == "reference":
        return model.reference_outputs.slice(start, start + len(frame))
    return outputs_of(model, frame)


def _answers(model: LoadedModel, *, outcomes: bool) -> tuple[Column, ...]:
    told = outcome_columns(model.manifest) if outcomes and _shows_outcomes(model) else ()
    return (*answer_columns(model.manifest), *told)


def _shows_outcomes(model: LoadedModel) -> bool:
    return model.manifest.target is None or shown_target(model) is not None


def _inputs(model: LoadedModel) -> tuple[Column, ...]:
    return input_columns(model.schema, shown_features(model))


def _made_once(context: AppContext, file: Path, tables: Iterator[pa.Table]) -> None:
    """Make a file unless it is there; others that want it wait. Raises NotFound where its batch was deleted."""
    if file.is_file():
        return
    try:
        with FileLock(file.with_name(f".{file.name}.lock")):
            if not file.is_file():
                context.store.analyst.write(file, tables)
    except FileNotFoundError as error:
        raise NotFound("The batch was deleted.", hint="Upload the file again.") from error
