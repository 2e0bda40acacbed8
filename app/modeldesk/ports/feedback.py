"""What people say of an answer: that it looks right, or wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

Verdict = Literal["right", "wrong"]


@dataclass(frozen=True, slots=True)
class Feedback:
    """One statement of one person about one prediction.

    Of a person's statements the last is in force; one without a ``verdict`` withdraws what they said
    before. ``at`` is aware and in UTC.
    """

    prediction_id: str
    verdict: Verdict | None
    comment: str | None
    model: str
    version: int
    who: str
    at: datetime

    def repeats(self, before: Feedback | None) -> bool:
        """Whether it says what the person's last statement says, or withdraws where there is nothing to withdraw."""
        if before is None:
            return self.verdict is None
        return (self.verdict, self.comment) == (before.verdict, before.comment)


class FeedbackLog(Protocol):
    """The append-only record of feedback."""

    def record(self, feedback: Feedback) -> Feedback | None:
        """Append, unless the person's last statement about the prediction says the same.

        Returns that last statement, or None where this is the first: where it says the same (a withdrawal
        where there is nothing to withdraw too), nothing was written. Raises Conflict beyond MOST_STATEMENTS
        of one person.
        """

    def of(self, prediction_ids: Sequence[str]) -> Mapping[str, Sequence[Feedback]]:
        """All statements about some predictions, oldest first, by prediction; those without are absent."""

    def of_batch(self, batch_id: str, verdict: Verdict) -> Sequence[str]:
        """The ids of a batch's rows of which anybody's statement in force has this verdict."""


MOST_STATEMENTS = 100
"""How often one person may change their mind about one prediction."""
