"""What was said about predictions afterwards, in a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson
from sqlalchemy import RowMapping

from modeldesk.ports.outcomes import Outcome
from modeldesk.store.analytics.sampling import sample_order
from modeldesk.store.sql.engine import Engines
from modeldesk.store.sql.rows import document, from_micros, plain_text, to_micros
from modeldesk.store.sql.statements import Statements
from modeldesk.store.sql.tables import outcomes


class SqlOutcomes:
    """``Outcomes`` on SQLite or PostgreSQL. What is said of one kind about one prediction is numbered."""

    def __init__(self, engines: Engines) -> None:
        order = (outcomes.c.at, outcomes.c.kind, outcomes.c.sequence)
        self._statements = Statements(engines, outcomes, order, _outcome_of)

    def record(self, outcome: Outcome) -> Outcome | None:
        """Append, unless the last one of its kind about the same prediction has the same value."""
        return self._statements.append(
            _row_of(outcome),
            ("prediction_id", "kind"),
            lambda before, _number: before is None or before.value != outcome.value,
            "Too many outcomes of this prediction are being recorded at once.",
        )

    def of(self, prediction_ids: Sequence[str]) -> Mapping[str, Sequence[Outcome]]:
        """All that was said about some predictions, oldest first, by prediction."""
        return self._statements.of(prediction_ids)

    def of_batch(self, batch_id: str) -> Sequence[str]:
        """The ids of a batch's rows that anything was said about."""
        return self._statements.of_batch(batch_id)


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
