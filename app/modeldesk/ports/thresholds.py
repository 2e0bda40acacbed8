"""The record of decisions on decision thresholds, said without naming what keeps it.

A model's threshold is that of its ``model.toml`` until somebody who may sets another: a row that
says who, when and why. Files are left alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ThresholdChange:
    """One decision on a model's threshold.

    ``threshold`` decides for the class named ``positive`` where its probability is at least that;
    None stands for what model.toml says. ``revision`` counts the decisions on one model from 1;
    ``version`` is the one whose figures were looked at, ``previous`` what was in force before (None:
    the artifact's own choice). ``at`` is aware and in UTC.
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


class Thresholds(Protocol):
    """The append-only record of decisions on thresholds."""

    def current(self) -> Mapping[str, ThresholdChange]:
        """The last decision on each model; models never decided on are absent."""

    def record(self, change: ThresholdChange) -> None:
        """Append a decision, atomically. Raises Conflict unless its revision is the next one."""

    def history(self, model: str) -> Sequence[ThresholdChange]:
        """All decisions on one model, newest first."""
