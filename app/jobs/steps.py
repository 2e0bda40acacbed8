"""How steps are taken: again while the database does not answer, and never without an end that is told."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from app.errors import ModeldeskError, StoreUnavailable

log = logging.getLogger("modeldesk.jobs")

PATIENCE: dict[str, Any] = {
    "retries_allowed": True,
    "interval_seconds": 1.0,
    "backoff_rate": 1.0,
    "max_attempts": 1_000,
}
"""A database that does not answer is asked again for a quarter of an hour."""

Given = TypeVar("Given")


def or_failed(what: str, step: Callable[[], Given], fail: Callable[[str], None]) -> Given | None:
    """Take a step; one that cannot be taken ends what it belongs to, with the reason given to ``fail``.
    Only what may pass is raised. ``what`` is the name in the log."""
    try:
        return step()
    except StoreUnavailable:
        raise
    except ModeldeskError as error:
        fail(str(error))
    except Exception as error:
        log.exception("%s failed.", what)
        fail(f"A worker failed on it ({type(error).__name__}); its log says more.")
    return None
