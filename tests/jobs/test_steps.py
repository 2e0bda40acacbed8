"""How a step of a job is taken where it cannot be."""

from __future__ import annotations

import errno

import pytest
from modeldesk.core.errors import Conflict, StoreUnavailable
from modeldesk.jobs import steps


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause between two tries."""
    monkeypatch.setattr(steps, "_FIRST_PAUSE", 0.0)


class Step:
    """Raises the errors one after the other, and then answers."""

    def __init__(self, *errors: BaseException) -> None:
        self.errors = list(errors)
        self.failed: list[str] = []

    def __call__(self) -> int:
        if self.errors:
            raise self.errors.pop(0)
        return 7


def test_what_people_can_mend_meanwhile_ends_nothing() -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    step = Step(full, StoreUnavailable("The database is away."), OSError(errno.EDQUOT, "Disk quota exceeded"))
    assert steps.or_failed("Batch 1", step, step.failed.append) == 7
    assert step.failed == []


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Conflict("It is another."), "It is another."),
        (SystemExit(3), "EndedProcess"),
        (KeyError("x"), "KeyError"),
        (OSError(errno.EACCES, "Permission denied"), "PermissionError"),
    ],
)
def test_what_cannot_be_done_ends_what_it_belongs_to(error: BaseException, told: str) -> None:
    step = Step(error)
    assert steps.or_failed("Batch 1", step, step.failed.append) is None
    assert told in step.failed[0]
