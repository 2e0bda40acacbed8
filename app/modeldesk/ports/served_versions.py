"""The decisions on which version of a model is served."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol


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


class ServedVersions(Protocol):
    """The append-only record of which version is served."""

    def current(self) -> Mapping[str, int]:
        """The version last decided on for each model; models never decided on are absent."""

    def record(self, change: ServedChange) -> None:
        """Append a decision, atomically. Raises Conflict if another came in after ``previous``
        was read."""

    def history(self, model: str) -> Sequence[ServedChange]:
        """All decisions on one model, newest first."""
