"""What people say of answers, in a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, exists, select
from sqlalchemy.exc import IntegrityError

from modeldesk.core.errors import Conflict
from modeldesk.ports.feedback import MOST_STATEMENTS, Feedback, Verdict
from modeldesk.store.sql.engine import Engines, store_errors
from modeldesk.store.sql.outcomes import ATTEMPTS, IDS_AT_ONCE
from modeldesk.store.sql.rows import from_micros, plain_text, to_micros
from modeldesk.store.sql.tables import feedback

_PLAIN = ("prediction_id", "verdict", "comment", "model", "version", "who")


class SqlFeedback:
    """``FeedbackLog`` on SQLite or PostgreSQL.

    A person's statements about a prediction are numbered without a gap and the number is part of the key:
    of two that come at once, the second sees the first and is compared with it.
    """

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    def record(self, feedback: Feedback) -> Feedback | None:
        """Append, unless the person's last statement about the prediction says the same."""
        row = {name: getattr(feedback, name) for name in _PLAIN}
        row |= {name: plain_text(name, row[name]) for name in ("prediction_id", "model", "who", "comment")}
        row["at"] = to_micros(feedback.at)
        with store_errors("written"):
            for _ in range(ATTEMPTS):
                with suppress(IntegrityError), self._engines.write.begin() as connection:
                    return _append(connection, feedback, row)
        raise Conflict("Too much feedback on this prediction is being recorded at once.", hint="Try again.")

    def of(self, prediction_ids: Sequence[str]) -> Mapping[str, Sequence[Feedback]]:
        """All statements about some predictions, oldest first, by prediction; those without are absent."""
        # An id with a character that no database takes is nobody's.
        wanted = [item for item in prediction_ids if "\0" not in item and item.isprintable()]
        found: dict[str, list[Feedback]] = {}
        with store_errors("read"), self._engines.read.begin() as connection:
            for start in range(0, len(wanted), IDS_AT_ONCE):
                statement = (
                    select(feedback)
                    .where(feedback.c.prediction_id.in_(wanted[start : start + IDS_AT_ONCE]))
                    .order_by(feedback.c.at, feedback.c.who, feedback.c.sequence)
                )
                for row in connection.execute(statement).mappings():
                    found.setdefault(row["prediction_id"], []).append(_feedback_of(row))
        return found

    def of_batch(self, batch_id: str, verdict: Verdict) -> Sequence[str]:
        """The ids of a batch's rows of which anybody's statement in force has this verdict."""
        plain_text("id", batch_id)
        # Ids of rows begin with the batch's and a dash; a dot is the character after that.
        column = feedback.c.prediction_id
        statement = select(column).distinct().where(column > f"{batch_id}-", column < f"{batch_id}.", in_force(verdict))
        with store_errors("read"), self._engines.read.begin() as connection:
            return list(connection.execute(statement).scalars())


def in_force(verdict: Verdict) -> ColumnElement[bool]:
    """Whether a row of ``feedback`` has this verdict and its author has said nothing since."""
    later = feedback.alias()
    since = and_(
        later.c.prediction_id == feedback.c.prediction_id,
        later.c.who == feedback.c.who,
        later.c.sequence > feedback.c.sequence,
    )
    return and_(feedback.c.verdict == verdict, ~exists().where(since))


def _append(connection: Connection, statement: Feedback, row: dict[str, object]) -> Feedback | None:
    columns = feedback.c
    own = (columns.prediction_id == row["prediction_id"], columns.who == row["who"])
    last_first = select(feedback).where(*own).order_by(columns.sequence.desc()).limit(1)
    last = connection.execute(last_first).mappings().one_or_none()
    before = None if last is None else _feedback_of(last)
    said = (None, None) if before is None else (before.verdict, before.comment)
    if said == (statement.verdict, statement.comment) or (before is None and statement.verdict is None):
        return before
    sequence = 1 if last is None else int(last["sequence"]) + 1
    if sequence > MOST_STATEMENTS:
        raise Conflict(f"You have changed your mind about this prediction {MOST_STATEMENTS} times already.")
    connection.execute(feedback.insert(), {**row, "sequence": sequence})
    return before


def _feedback_of(row: RowMapping) -> Feedback:
    return Feedback(at=from_micros(row["at"]), **{name: row[name] for name in _PLAIN})
