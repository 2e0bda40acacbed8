"""What people say of answers, in a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, RowMapping, and_, exists

from modeldesk.core.errors import Conflict
from modeldesk.ports.feedback import MOST_STATEMENTS, Feedback, Verdict
from modeldesk.store.sql.engine import Engines
from modeldesk.store.sql.rows import from_micros, plain_text, to_micros
from modeldesk.store.sql.statements import Statements
from modeldesk.store.sql.tables import feedback

_PLAIN = ("prediction_id", "verdict", "comment", "model", "version", "who")


class SqlFeedback:
    """``FeedbackLog`` on SQLite or PostgreSQL. A person's statements about a prediction are numbered."""

    def __init__(self, engines: Engines) -> None:
        order = (feedback.c.at, feedback.c.who, feedback.c.sequence)
        self._statements = Statements(engines, feedback, order, _feedback_of)

    def record(self, feedback: Feedback) -> Feedback | None:
        """Append, unless the person's last statement about the prediction says the same."""
        row = {name: getattr(feedback, name) for name in _PLAIN}
        row |= {name: plain_text(name, row[name]) for name in ("prediction_id", "model", "who", "comment")}
        row["at"] = to_micros(feedback.at)

        def adds(before: Feedback | None, number: int) -> bool:
            if feedback.repeats(before):
                return False
            if number > MOST_STATEMENTS:
                raise Conflict(f"You have changed your mind about this prediction {MOST_STATEMENTS} times already.")
            return True

        crowded = "Too much feedback on this prediction is being recorded at once."
        return self._statements.append(row, ("prediction_id", "who"), adds, crowded)

    def of(self, prediction_ids: Sequence[str]) -> Mapping[str, Sequence[Feedback]]:
        """All statements about some predictions, oldest first, by prediction; those without are absent."""
        return self._statements.of(prediction_ids)

    def of_batch(self, batch_id: str, verdict: Verdict) -> Sequence[str]:
        """The ids of a batch's rows of which anybody's statement in force has this verdict."""
        return self._statements.of_batch(batch_id, in_force(verdict))


def in_force(verdict: Verdict) -> ColumnElement[bool]:
    """Whether a row of ``feedback`` has this verdict and its author has said nothing since."""
    later = feedback.alias()
    since = and_(
        later.c.prediction_id == feedback.c.prediction_id,
        later.c.who == feedback.c.who,
        later.c.sequence > feedback.c.sequence,
    )
    return and_(feedback.c.verdict == verdict, ~exists().where(since))


def _feedback_of(row: RowMapping) -> Feedback:
    return Feedback(at=from_micros(row["at"]), **{name: row[name] for name in _PLAIN})
