"""What was predicted: one prediction, and lists of them."""

from __future__ import annotations

from dataclasses import replace

from modeldesk.core.errors import BadRequest, NotFound
from modeldesk.core.identity import Caller, Permission
from modeldesk.ports.predictions import LogPage, LogQuery, PredictionRecord
from modeldesk.services.app_context import AppContext
from modeldesk.services.batches.history import batch_records
from modeldesk.services.batches.rows import batch_row, row_of_id
from modeldesk.services.privacy import shown_record

MAX_PAGE = 500


def prediction(context: AppContext, caller: Caller, prediction_id: str) -> PredictionRecord:
    """One prediction, a batch's row included: the caller's own, or anybody's for those who may see all.

    Raises NotFound alike where there is none and where it is another's.
    """
    return shown_record(context, caller, recorded(context, caller, prediction_id))


def recorded(context: AppContext, caller: Caller, prediction_id: str) -> PredictionRecord:
    """The same with all of its inputs, for a service that works with them and does not hand them out."""
    record = context.store.log.get(prediction_id) or batch_row(context, prediction_id)
    if record is None or not _may_see(context, caller, record):
        raise NotFound(
            f"There is no prediction {prediction_id!r}.",
            hint="Check the id. Predictions of other people are shown to analysts only.",
        )
    return record


def own(context: AppContext, caller: Caller, query: LogQuery) -> LogPage:
    """The caller's own predictions, newest first; those of models that are no longer theirs to see are
    left out."""
    _check_limit(query)
    return _page(context, replace(query, owner=caller.name, hidden_models=context.hidden_from(caller)))


def by_key(context: AppContext, caller: Caller, key: str, limit: int) -> LogPage:
    """The latest predictions with a key, of any model: the caller's own, or all for those who may see all."""
    owner = None if caller.may(Permission.SEE_ALL_PREDICTIONS) else caller.name
    query = LogQuery(owner=owner, key=key, limit=limit, hidden_models=context.hidden_from(caller))
    _check_limit(query)
    page = _page(context, query)
    return replace(page, records=[shown_record(context, caller, record) for record in page.records])


def of_model(context: AppContext, caller: Caller, name: str, query: LogQuery) -> LogPage:
    """One model's predictions, newest first: all for those who may see all, else the caller's own."""
    _check_limit(query)
    context.entry(caller, name)
    owner = query.owner if caller.may(Permission.SEE_ALL_PREDICTIONS) else caller.name
    page = _page(context, replace(query, models=(name,), owner=owner))
    return replace(page, records=[shown_record(context, caller, record) for record in page.records])


def _page(context: AppContext, query: LogQuery) -> LogPage:
    """One page of the log and of the rows of batches, as if they were one."""
    log = context.store.log
    position = None if query.cursor is None else log.position(query.cursor)
    logged = LogPage([]) if query.source == "batch" else log.page(query)
    # What ended before the last prediction of a full page belongs to a later one.
    last = logged.records[-1].created_at if logged.next_cursor and logged.records else None
    rows = batch_records(context, query, position, not_before=last)
    if not rows:
        return logged
    merged = sorted([*logged.records, *rows], key=_newest_first)
    shown = merged[: query.limit]
    more = len(merged) > query.limit or logged.next_cursor is not None
    return LogPage(shown, log.cursor_after(shown[-1]) if more else None)


def _newest_first(record: PredictionRecord) -> tuple[float, str, int]:
    """The place of a prediction: the last made first, the rows of a file in its order."""
    row = row_of_id(record.id)
    # A batch's rows stay together, before a prediction of the very same moment.
    return (-record.created_at.timestamp(), "" if row is None else row[0], 0 if row is None else row[1])


def _may_see(context: AppContext, caller: Caller, record: PredictionRecord) -> bool:
    if record.model in context.hidden_from(caller):
        return False
    if record.owner == caller.name:
        return True
    return caller.may(Permission.SEE_ALL_PREDICTIONS) and record.model in context.registry.names()


def _check_limit(query: LogQuery) -> None:
    if not 1 <= query.limit <= MAX_PAGE:
        raise BadRequest(f"A page has 1 to {MAX_PAGE} predictions, not {query.limit}.")
