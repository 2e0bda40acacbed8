"""The records of what people decided about a model: which version is served, and by which threshold it decides.

Each is a log that is only ever added to; the last decision on a model is the one in force. A model's threshold is
that of its ``model.toml`` until somebody who may sets another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, Self, TypeVar

from modeldesk.core.errors import Conflict


class Decision(Protocol):
    """What a decision log takes: a frozen dataclass of plain values. ``at`` is aware and in UTC."""

    @property
    def model(self) -> str:
        """The model that it is about."""

    @property
    def at(self) -> datetime:
        """When it was made."""

    def follows(self, last: Self | None) -> bool:
        """Whether it was made in knowledge of ``last``, the decision in force (None: there is none yet)."""

    def overtaken(self) -> Conflict:
        """The error where it does not follow."""


Change = TypeVar("Change", bound=Decision)


class DecisionLog(Protocol[Change]):
    """The append-only record of one kind of decisions."""

    def current(self) -> Mapping[str, Change]:
        """The last decision on each model; models never decided on are absent."""

    def record(self, change: Change) -> None:
        """Append a decision, atomically. Raises Conflict unless it follows the last one, and BadRequest for
        text that cannot be stored."""

    def history(self, model: str) -> Sequence[Change]:
        """All decisions on one model, newest first."""


@dataclass(frozen=True, slots=True)
class ServedChange:
    """One decision on which version of a model is served."""

    model: str
    version: int
    previous: int | None
    action: Literal["promote", "rollback"]
    who: str
    why: str
    at: datetime

    def follows(self, last: ServedChange | None) -> bool:
        """Whether ``previous`` is the version last decided on. Before the first decision any is right: then it is
        the version served by default."""
        return last is None or last.version == self.previous

    def overtaken(self) -> Conflict:
        """The error where it does not follow."""
        return Conflict(
            f"The served version of {self.model} was changed by someone else in the meantime.",
            hint="Look at its versions and decide again.",
        )


@dataclass(frozen=True, slots=True)
class ThresholdChange:
    """One decision on a model's threshold.

    ``threshold`` decides for the class named ``positive`` where its probability is at least that;
    None stands for what model.toml says. ``revision`` counts the decisions on one model from 1;
    ``version`` is the one whose figures were looked at, ``previous`` what was in force before (None:
    the artifact's own choice).
    """

    model: str
    revision: int
    threshold: float | None
    positive: str
    version: int
    previous: float | None
    who: str
    why: str
    at: datetime

    def follows(self, last: ThresholdChange | None) -> bool:
        """Whether the revision is the next one."""
        return self.revision == (1 if last is None else last.revision + 1)

    def overtaken(self) -> Conflict:
        """The error where it does not follow."""
        return Conflict(
            f"The threshold of {self.model} was changed by someone else in the meantime.",
            hint="Look at the threshold in use now and decide again.",
        )
