"""Listing predictions newest first, page after page.

A page begins behind the last prediction of the one before (its time and id), so that rows
arriving in between neither repeat nor hide any, and the thousandth page costs what the
first one does.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode

from sqlalchemy import ColumnElement, Select, exists, literal, select, tuple_

from modeldesk.core.errors import BadRequest
from modeldesk.ports.predictions import LogQuery
from modeldesk.store.sql.feedback import in_force
from modeldesk.store.sql.rows import plain_text, to_micros
from modeldesk.store.sql.tables import feedback, outcomes, predictions

MOST_ON_A_PAGE = 10_000
_LONGEST_CURSOR = 500
_LAST_MICROS = 2**63 - 1


def page_statement(query: LogQuery) -> Select[tuple[object, ...]]:
    """The query's rows and one more, which tells whether a next page exists.

    ``since`` is inclusive and ``until`` exclusive. Raises BadRequest for a limit outside
    1 to 10,000, a bad cursor, or text that cannot be stored.
    """
    if not 1 <= query.limit <= MOST_ON_A_PAGE:
        raise BadRequest(f"The limit is {query.limit}; it must be from 1 to {MOST_ON_A_PAGE:,}.")
    newest_first = (predictions.c.created_at.desc(), predictions.c.id.desc())
    return select(predictions).where(*_conditions(query)).order_by(*newest_first).limit(query.limit + 1)


def cursor_after(created_at: int, prediction_id: str) -> str:
    """The cursor of the page that begins behind this prediction."""
    return urlsafe_b64encode(f"{created_at}.{prediction_id}".encode()).rstrip(b"=").decode()


def read_cursor(cursor: str) -> tuple[int, str]:
    """Time (microseconds) and id that the cursor stands for. Raises BadRequest on nonsense."""
    bad = BadRequest("The cursor is not one that a listing gave.", hint="Start again without a cursor.")
    if len(cursor) > _LONGEST_CURSOR:
        raise bad
    try:
        raw = cursor.encode("ascii")
        micros, dot, prediction_id = urlsafe_b64decode(raw + b"=" * (-len(raw) % 4)).decode().partition(".")
    except (UnicodeError, binascii.Error):
        raise bad from None
    # The way back must give the same text: the decoder passes over characters that it does not know.
    if not (dot and micros.isdecimal() and prediction_id and "\0" not in prediction_id):
        raise bad
    if int(micros) > _LAST_MICROS or cursor_after(int(micros), prediction_id) != cursor:
        raise bad
    return int(micros), prediction_id


def _conditions(query: LogQuery) -> list[ColumnElement[bool]]:
    columns = predictions.c
    conditions: list[ColumnElement[bool]] = []
    for column, text in ((columns.owner, query.owner), (columns.source, query.source), (columns.key, query.key)):
        if text is not None:
            conditions.append(column == plain_text(column.name, text))
    if query.models is not None:
        conditions.append(_of_models(query.models))
    if query.hidden_models:
        conditions.append(columns.model.not_in([plain_text("model", model) for model in query.hidden_models]))
    if query.version is not None:
        conditions.append(columns.version == query.version)
    if query.since is not None:
        conditions.append(columns.created_at >= to_micros(query.since))
    if query.until is not None:
        conditions.append(columns.created_at < to_micros(query.until))
    if query.outcome is not None:
        has_outcome = exists().where(outcomes.c.prediction_id == columns.id)
        conditions.append(has_outcome if query.outcome else ~has_outcome)
    if query.feedback is not None:
        conditions.append(exists().where(feedback.c.prediction_id == columns.id, in_force(query.feedback)))
    if query.cursor is not None:
        created_at, prediction_id = read_cursor(query.cursor)
        position = tuple_(literal(created_at), literal(prediction_id))
        conditions.append(tuple_(columns.created_at, columns.id) < position)
    return conditions


def _of_models(models: tuple[str, ...]) -> ColumnElement[bool]:
    if len(models) == 1:
        return predictions.c.model == plain_text("model", models[0])
    # The concatenation keeps the index by model out of it: with several models that index
    # would have to collect and sort all their rows, where one in the page's order stops early.
    return (predictions.c.model + "").in_([plain_text("model", model) for model in models])
