"""What stands for jobs, for parsing in other processes, and for a database that is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from modeldesk.core.errors import StoreUnavailable
from modeldesk.model_service.tables import ParsingPool


class LostLog:
    """A ``PredictionLog`` whose database does not answer."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def fail(*_: Any, **__: Any) -> Any:
            raise StoreUnavailable("The database does not answer.")

        return fail


class RememberedJobs:
    """``Jobs`` that does nothing but remember what it was given."""

    def __init__(self) -> None:
        self.submitted: list[str] = []
        self.cancelled: list[str] = []

    def submit(self, batch_id: str) -> None:
        self.submitted.append(batch_id)

    def cancel(self, batch_id: str) -> None:
        self.cancelled.append(batch_id)

    def check(self) -> None:
        """It is always there."""

    def close(self) -> None:
        """There is nothing to let go of."""


class Here(ParsingPool):
    """Reads files in the calling process, so that no test waits for another to start."""

    def watched(self, checkpoint: Callable[..., None], function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """What the function returns."""
        checkpoint()
        return function(*args, **kwargs)
