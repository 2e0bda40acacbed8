"""The rows that a version can be measured on besides its own: predictions whose outcome became known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from modeldesk.core.errors import BadRequest, Conflict, ModeldeskError, NotFound
from modeldesk.core.identity import Caller, Permission
from modeldesk.model_service.batch.row_tables import frame_of_table, id_column, logged_columns, outcome_columns
from modeldesk.model_service.engine.results import native
from modeldesk.model_service.package.manifest import Manifest
from modeldesk.model_service.performance.compare_rows import taken_rows
from modeldesk.model_service.performance.rows import MAX_ROWS, EvaluatedRows, own_answers
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.registry.registry import ModelEntry
from modeldesk.ports.analytics import (
    ACTUAL,
    ID,
    INPUT,
    AnalyticsQuery,
    Filter,
    LogRows,
    Measure,
    OneOf,
    Points,
    Range,
    RowSource,
)
from modeldesk.ports.batches import Batch
from modeldesk.services.app_context import AppContext
from modeldesk.services.batches import manage as batches
from modeldesk.services.batches.table import batch_columns
from modeldesk.services.explore.row_sources import row_source

LOG = "log"
BATCH = "batch:"
"""Before a batch's id, among the names of sources."""

FRESH_SECONDS = 60
"""How old figures may be where outcomes come in."""

_LISTED = 20
_LOWEST = -1.7e308


@dataclass(frozen=True, slots=True)
class Offered:
    """A source that may be chosen: its name, the kind of its rows, and the batch where it is one."""

    name: str
    batch: Batch | None = None


def offered(context: AppContext, caller: Caller, model: LoadedModel) -> tuple[Offered, ...]:
    """What the version may be measured on besides its own rows: the log, and the caller's batches, whichever
    version scored them. Nothing for a model without a target."""
    if model.manifest.target is None:
        return ()
    scored = batches.own(context, caller, model=model.name, limit=_LISTED).batches
    mine = [result for result in scored if result.state == "succeeded"]
    return (Offered(LOG), *(Offered(f"{BATCH}{result.id}", result) for result in mine))


def moment(context: AppContext) -> int:
    """A number that stays the same for as long as figures of known outcomes are kept."""
    return int(context.clock().timestamp() // FRESH_SECONDS)


def measured_rows(context: AppContext, caller: Caller, model: LoadedModel, source: str) -> EvaluatedRows:
    """The rows of a source whose outcome is known, with the version's own answers to them, whichever version
    predicted them then: so a candidate can be judged by what happened before it is served. Of more than MAX_ROWS
    a uniform sample. Others' predictions are among them for those only who may see all.

    Raises BadRequest for a source that there is not, NotFound for a batch that is not the caller's, and
    Conflict where no outcome is known or the version takes none of the rows.
    """
    manifest = model.manifest
    if manifest.target is None:
        raise BadRequest(f"{model.name} predicts nothing that could be compared with an outcome.")
    rows = _log(caller, model) if source == LOG else _batch(context, caller, model, source)
    inputs = [f"{INPUT}{name}" for name in model.schema.names]
    known = (_known(manifest),)
    counted = AnalyticsQuery((Measure("rows", "count"),), where=known)
    result = context.store.analyst.ask(rows, [counted, Points((ID, ACTUAL, *inputs), known, MAX_ROWS)])
    (total,), table = result.tables[0]["rows"], result.tables[1]
    if not total:
        raise Conflict(
            "No outcome is known yet of what was predicted there.",
            hint="Record outcomes on the pages of predictions, or by POST /api/v1/predictions/{id}/outcome.",
        )
    frame = frame_of_table(model.schema, {name: table[f"{INPUT}{name}"] for name in model.schema.names})
    actual, ids, excluded = pd.Series(list(table[ACTUAL])), np.array(table[ID], dtype=object), 0
    if _of_others(context, model):
        parted, taken = taken_rows(model, frame)
        frame, excluded = parted.checked.frame, int((~taken).sum())
        actual, ids = actual[taken].reset_index(drop=True), ids[taken]
        if not len(frame):
            raise Conflict(f"Version {model.version} takes none of the rows that were predicted there.")
    return EvaluatedRows(
        source="log" if source == LOG else "batch",
        total=int(total),
        unknown=result.rows - int(total),
        frame=frame,
        outputs=own_answers(model, frame),
        actual=actual,
        excluded=excluded,
        ids=ids,
    )


def _of_others(context: AppContext, model: LoadedModel) -> bool:
    """Whether rows may have been predicted by a version with another contract."""
    entry = context.registry.entry(model.name)
    others = [number for number in entry.versions if number != model.version]
    return any(_features(entry, number) != model.schema.features for number in others)


def _features(entry: ModelEntry, version: int) -> Any:
    """The inputs of a version; None where it cannot be read."""
    try:
        return entry.manifests(version).model_schema.features
    except ModeldeskError:
        return None


def _log(caller: Caller, model: LoadedModel) -> RowSource:
    manifest = model.manifest
    return LogRows(
        model=model.name,
        columns=(id_column(), *logged_columns(manifest), *outcome_columns(manifest)),
        owner=None if caller.may(Permission.SEE_ALL_PREDICTIONS) else caller.name,
    )


def _batch(context: AppContext, caller: Caller, model: LoadedModel, source: str) -> RowSource:
    if not source.startswith(BATCH):
        raise BadRequest(f"There are no rows named {source!r}.", hint=f"Write {LOG}, or {BATCH} and a batch's id.")
    batch_id = source.removeprefix(BATCH)
    result = batches.batch(context, caller, batch_id)
    if result.model != model.name:
        raise NotFound(f"There is no batch {batch_id!r} of {model.name}.")
    rows = row_source(context, caller, model.name, "batch", batch_id=batch_id)
    # To ask the artifact again takes all inputs, those too that are shown to nobody.
    scored = context.registry.entry(model.name).manifests(result.version)
    absent = [name for name in model.schema.names if name not in scored.model_schema.names]
    if absent:
        listed = ", ".join(absent[:5])
        raise Conflict(
            f"Version {model.version} reads {listed}, which the batch does not hold: "
            f"version {result.version} scored it."
        )
    return replace(rows, columns=(*batch_columns(scored), *outcome_columns(scored)))


def _known(manifest: Manifest) -> Filter:
    if manifest.task.numeric:
        return Range(ACTUAL, low=_LOWEST)
    return OneOf(ACTUAL, tuple(str(native(value)) for value in manifest.classes))
