"""What people say of an answer: it looks right, or wrong, and perhaps why.

Whoever may see a prediction may say so and sees what others say. Nothing is overwritten: of a person's
statements the last is in force, and one that withdraws is a statement too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from modeldesk.core.errors import InvalidInput, Problem
from modeldesk.core.identity import Caller
from modeldesk.ports.feedback import Feedback, Verdict
from modeldesk.ports.predictions import PredictionRecord
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions.history import recorded

MAX_COMMENT = 1_000

State = Literal["recorded", "changed", "withdrawn", "unchanged"]


@dataclass(frozen=True, slots=True)
class FeedbackOf:
    """All statements about one prediction, oldest first."""

    entries: tuple[Feedback, ...] = ()

    @property
    def in_force(self) -> Mapping[str, Feedback]:
        """The last statement of each person who has not withdrawn theirs, by name."""
        last = {entry.who: entry for entry in self.entries}
        return {who: entry for who, entry in last.items() if entry.verdict is not None}

    def count(self, verdict: Verdict) -> int:
        """How many people say so."""
        return sum(entry.verdict == verdict for entry in self.in_force.values())

    def says(self, who: str) -> Feedback | None:
        """What a person says of it; None where they say nothing, or no longer."""
        return self.in_force.get(who)


def give_feedback(
    context: AppContext, caller: Caller, prediction_id: str, verdict: Verdict | None, comment: str | None = None
) -> State:
    """Record that a prediction looks right or wrong to the caller, or (None) withdraw what they said.

    Saying the same again changes nothing. Raises NotFound alike where there is no such prediction and where it
    is not the caller's to see, InvalidInput for the comment, Conflict, StoreUnavailable.
    """
    prediction = recorded(context, caller, prediction_id)
    statement = Feedback(
        prediction_id=prediction.id,
        verdict=verdict,
        comment=_valid_comment(verdict, comment),
        model=prediction.model,
        version=prediction.version,
        who=caller.name,
        at=context.clock(),
    )
    before = context.store.feedback.record(statement)
    if statement.repeats(before):
        return "unchanged"
    if verdict is None:
        return "withdrawn"
    return "recorded" if before is None or before.verdict is None else "changed"


def feedback_of(context: AppContext, caller: Caller, prediction_id: str) -> FeedbackOf:
    """What is said of one prediction. Raises NotFound where there is no such prediction for this caller."""
    prediction = recorded(context, caller, prediction_id)
    return FeedbackOf(tuple(context.store.feedback.of([prediction.id]).get(prediction.id, ())))


def feedback_of_all(context: AppContext, records: Sequence[PredictionRecord]) -> Mapping[str, FeedbackOf]:
    """The same for predictions that this caller was given, by id; those without any are left out."""
    result = context.store.feedback.of([record.id for record in records])
    return {prediction_id: FeedbackOf(tuple(entries)) for prediction_id, entries in result.items()}


def _valid_comment(verdict: Verdict | None, comment: str | None) -> str | None:
    text = (comment or "").strip()
    if len(text) > MAX_COMMENT:
        raise _refused("too_long", f"A comment has at most {MAX_COMMENT:,} characters.")
    if text and verdict is None:
        raise _refused("unexpected", "What withdraws a statement takes no comment. Leave it out.")
    return text or None


def _refused(code: str, message: str) -> InvalidInput:
    return InvalidInput(message, problems=[Problem("comment", code, message)])
