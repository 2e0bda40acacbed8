"""Questions about a model that take longer than a person waits: how they reach the workers, and what
these do. Nothing is recorded in a database: an answer is a file, and only its file decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class AnalysisQueue(Protocol):
    """Hands analyses to the workers. What is asked twice is worked on once, and what could not be put
    before them is found by them."""

    def submit_analysis(self, analysis_id: str) -> None:
        """Have the workers take an analysis job soon."""


class AnalysisWork(Protocol):
    """What workers do for an analysis job. Every step may be repeated and gives the same."""

    def steps(self, analysis_id: str) -> int:
        """How many steps there are; 0 where there is nothing to do."""

    def take(self, analysis_id: str, index: int) -> bool:
        """Take one step and keep what it gives; False where the analysis is over."""

    def finish(self, analysis_id: str) -> None:
        """Keep the answer."""

    def fail(self, analysis_id: str, reason: str) -> None:
        """End the analysis because it cannot go on."""

    def again(self, analysis_id: str) -> None:
        """Begin an analysis job anew that waits for an answer though its work was done: what was found is lost."""

    def unfinished(self) -> Sequence[str]:
        """The ids of all analyses that wait for an answer."""

    def sweep(self) -> None:
        """Remove what is kept of versions that are gone."""
