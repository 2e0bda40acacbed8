"""What was predicted: one prediction, and lists of them."""

from __future__ import annotations

from dataclasses import replace

from app.errors import BadRequest, NotFound
from app.identity import Caller, Permission
from app.ports import LogPage, LogQuery, PredictionRecord
from app.services.batch_rows import batch_row
from app.services.desk import Desk

MAX_PAGE = 500


def prediction(desk: Desk, caller: Caller, prediction_id: str) -> PredictionRecord:
    """One prediction, a batch's row included: the caller's own, or anybody's for those who may see all.

    Raises NotFound alike where there is none and where it is another's.
    """
    record = desk.store.log.get(prediction_id) or batch_row(desk, prediction_id)
    if record is None or not _may_see(desk, caller, record):
        raise NotFound(
            f"There is no prediction {prediction_id!r}.",
            hint="Check the id. Predictions of other people are shown to analysts only.",
        )
    return record


def own(desk: Desk, caller: Caller, query: LogQuery) -> LogPage:
    """The caller's own predictions, newest first."""
    _check_limit(query)
    return desk.store.log.page(replace(query, owner=caller.name))


def of_model(desk: Desk, caller: Caller, name: str, query: LogQuery) -> LogPage:
    """One model's predictions, newest first: all for those who may see all, else the caller's own."""
    _check_limit(query)
    desk.entry(caller, name)
    owner = query.owner if caller.may(Permission.SEE_ALL_PREDICTIONS) else caller.name
    return desk.store.log.page(replace(query, models=(name,), owner=owner))


def _may_see(desk: Desk, caller: Caller, record: PredictionRecord) -> bool:
    if record.owner == caller.name:
        return True
    if not caller.may(Permission.SEE_ALL_PREDICTIONS):
        return False
    try:
        desk.entry(caller, record.model)
    except NotFound:
        return False
    return True


def _check_limit(query: LogQuery) -> None:
    if not 1 <= query.limit <= MAX_PAGE:
        raise BadRequest(f"A page has 1 to {MAX_PAGE} predictions, not {query.limit}.")
