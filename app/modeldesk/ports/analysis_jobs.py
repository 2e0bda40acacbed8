"""Analyses of a model that run as jobs: how they are submitted to the workers, and how these run them.
Nothing is recorded in a database: an answer is a file, and only its file decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class AnalysisQueue(Protocol):
    """Submit analyses to the workers. One submitted twice runs once; the workers find one whose submission
    failed."""

    def submit_analysis(self, analysis_id: str) -> None:
        """Submit an analysis job."""


class AnalysisWork(Protocol):
    """Run an analysis job in a worker. Every step may be repeated with the same result."""

    def steps(self, analysis_id: str) -> int:
        """Return the number of steps, 0 if there is nothing to do."""

    def take(self, analysis_id: str, index: int) -> bool:
        """Take one step and store its result; return False if the analysis is over."""

    def finish(self, analysis_id: str) -> None:
        """Store the answer."""

    def fail(self, analysis_id: str, reason: str) -> None:
        """End the analysis as failed."""

    def again(self, analysis_id: str) -> None:
        """Restart an unfinished job whose stored result was lost."""

    def unfinished(self) -> Sequence[str]:
        """Return the ids of all unfinished analyses."""

    def sweep(self) -> None:
        """Remove the files of deleted versions."""
