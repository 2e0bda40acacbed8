"""What happened after a prediction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

OutcomeKind = Literal["actual", "decision"]


"""What really happened, or what a person decided instead of what the model said."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was said about one prediction afterwards.

    ``value`` is a class of the model or a number; ``predicted`` is what the model had said (None
    where a rule refused), kept here because predictions may be removed earlier.
    """

    prediction_id: str
    kind: OutcomeKind
    value: Any
    predicted: Any
    model: str
    version: int
    reason: str | None
    who: str
    at: datetime


class Outcomes(Protocol):
    """The append-only record of what was said about predictions afterwards."""

    def record(self, outcome: Outcome) -> Outcome | None:
        """Append, unless the last one of its kind about the same prediction has the same value.

        Returns that last one, or None where this is the first: of an equal value nothing was
        written, of another this is a correction.
        """

    def of(self, prediction_ids: Sequence[str]) -> Mapping[str, Sequence[Outcome]]:
        """All that was said about some predictions, oldest first, by prediction; those that
        nothing was said about are absent."""

    def of_batch(self, batch_id: str) -> Sequence[str]:
        """The ids of a batch's rows that anything was said about."""
