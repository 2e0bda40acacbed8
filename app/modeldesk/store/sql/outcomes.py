"""What was said about predictions afterwards, in a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

import orjson
from sqlalchemy import Connection, RowMapping, select
from sqlalchemy.exc import IntegrityError

from modeldesk.core.errors import Conflict
from modeldesk.ports.outcomes import Outcome
from modeldesk.store.analytics.sampling import sample_order
from modeldesk.store.sql.engine import Engines, store_errors
from modeldesk.store.sql.rows import document, from_micros, plain_text, to_micros
from modeldesk.store.sql.tables import outcomes

ATTEMPTS = 20
"""How often an outcome is recorded anew because others about the same prediction came first."""

IDS_AT_ONCE = 500


class SqlOutcomes:
    """``Outcomes`` on SQLite or PostgreSQL.

    What is said of one kind about one prediction is numbered without a gap and the number is
    part of the key: of two that come at once, the second sees the first and is compared with it.
    """

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    def record(self, outcome: Outcome) -> Outcome | None:
        """Append, unless the last one of its kind about the same prediction has the same value."""
        row = _row_of(outcome)
        with store_errors("written"):
            for _ in range(ATTEMPTS):
                with suppress(IntegrityError), self._engines.write.begin() as connection:
                    return _append(connection, outcome, row)
        raise Conflict("Too many outcomes of this prediction are being recorded at once.", hint="Try again.")

    def of(self, prediction_ids: Sequence[str]) -> Mapping[str, Sequence[Outcome]]:
        """All that was said about some predictions, oldest first, by prediction."""
        # An id with a character that no database takes is nobody's.
        wanted = [item for item in prediction_ids if "\0" not in item and item.isprintable()]
        found: dict[str, list[Outcome]] = {}
        with store_errors("read"), self._engines.read.begin() as connection:
            for start in range(0, len(wanted), IDS_AT_ONCE):
                statement = (
                    select(outcomes)
                    .where(outcomes.c.prediction_id.in_(wanted[start : start + IDS_AT_ONCE]))
                    .order_by(outcomes.c.at, outcomes.c.kind, outcomes.c.sequence)
                )
                for row in connection.execute(statement).mappings():
                    found.setdefault(row["prediction_id"], []).append(_outcome_of(row))
        return found

    def of_batch(self, batch_id: str) -> Sequence[str]:
        """The ids of a batch's rows that anything was said about."""
        plain_text("id", batch_id)
        # Ids of rows begin with the batch's and a dash; a dot is the character after that.
        columns = outcomes.c.prediction_id
        statement = select(columns).distinct().where(columns > f"{batch_id}-", columns < f"{batch_id}.")
        with store_errors("read"), self._engines.read.begin() as connection:
            return list(connection.execute(statement).scalars())


def _append(connection: Connection, outcome: Outcome, row: dict[str, object]) -> Outcome | None:
    statement = (
        select(outcomes)
        .where(outcomes.c.prediction_id == row["prediction_id"], outcomes.c.kind == outcome.kind)
        .order_by(outcomes.c.sequence.desc())
        .limit(1)
    )
    last = connection.execute(statement).mappings().one_or_none()
    before = None if last is None else _outcome_of(last)
    if before is None or before.value != outcome.value:
        sequence = 1 if last is None else int(last["sequence"]) + 1
        connection.execute(outcomes.insert(), {**row, "sequence": sequence})
    return before


def _row_of(outcome: Outcome) -> dict[str, object]:
    return {
        "prediction_id": plain_text("id", outcome.prediction_id),
        "kind": outcome.kind,
        "value": document("outcome", outcome.value),
        "predicted": document("prediction", outcome.predicted),
        "model": plain_text("model", outcome.model),
        "version": outcome.version,
        "reason": plain_text("reason", outcome.reason),
        "who": plain_text("name", outcome.who),
        "at": to_micros(outcome.at),
        "sample_order": sample_order(outcome.prediction_id),
    }


def _outcome_of(row: RowMapping) -> Outcome:
    names = ("prediction_id", "kind", "model", "version", "reason", "who")
    return Outcome(
        value=orjson.loads(row["value"]),
        predicted=orjson.loads(row["predicted"]),
        at=from_micros(row["at"]),
        **{name: row[name] for name in names},
    )
