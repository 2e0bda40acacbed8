"""The versions of a model, and which one is served."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.errors import Conflict, InvalidInput, NotFound
from app.identity import Caller, Permission
from app.model_service.manifest import Manifest
from app.model_service.registry import ModelEntry
from app.ports import ServedChange
from app.services.desk import Desk
from app.thresholds import ThresholdChange

MAX_REASON = 1_000


@dataclass(frozen=True, slots=True)
class Versions:
    """A model's versions, newest first, and the decisions on them and on its threshold, newest first."""

    entry: ModelEntry
    manifests: Sequence[Manifest]
    history: Sequence[ServedChange]
    thresholds: Sequence[ThresholdChange] = ()

    @property
    def previous(self) -> int | None:
        """The version that a rollback would return to, or None where there is none."""
        return _before(self.entry.served, self.history)


def versions(desk: Desk, caller: Caller, name: str) -> Versions:
    """All versions of a model that the caller may see. Raises NotFound."""
    entry = desk.entry(caller, name)
    manifests = [entry.manifests(number) for number in sorted(entry.versions, reverse=True)]
    return Versions(entry, manifests, desk.store.served.history(name), desk.store.thresholds.history(name))


def promote(desk: Desk, caller: Caller, name: str, version: int, reason: str) -> ServedChange:
    """Serve a version from now on, in every worker.

    The version must load and answer its golden rows here first. Raises NotAllowed, NotFound,
    ModelUnavailable, InvalidInput without a reason, and Conflict where it is served already
    or another decision came in between.
    """
    caller.require(Permission.PROMOTE)
    desk.entry(caller, name)
    desk.registry.refresh()
    entry = desk.registry.entry(name)
    if version not in entry.versions:
        known = ", ".join(str(number) for number in sorted(entry.versions))
        raise NotFound(f"{name} has no version {version}.", hint=f"It has: {known}.")
    if entry.served == version:
        raise Conflict(f"Version {version} of {name} is served already.")
    return _serve(desk, caller, entry, version, "promote", reason)


def rollback(desk: Desk, caller: Caller, name: str, reason: str) -> ServedChange:
    """Serve the version that was served before the current one. Raises like ``promote``."""
    caller.require(Permission.PROMOTE)
    desk.entry(caller, name)
    desk.registry.refresh()
    entry = desk.registry.entry(name)
    target = _before(entry.served, desk.store.served.history(name))
    if target is None:
        raise Conflict(
            f"No version of {name} was served before version {entry.served}.",
            hint="Promote the version you want by its number.",
        )
    return _serve(desk, caller, entry, target, "rollback", reason)


def checked_reason(reason: str) -> str:
    """The reason for a decision, without blanks around it. Raises InvalidInput without one."""
    reason = reason.strip()
    if not 1 <= len(reason) <= MAX_REASON:
        raise InvalidInput(
            f"A reason of 1 to {MAX_REASON:,} characters is needed.",
            hint="Say why, for those who look at this model's history later.",
        )
    return reason


def _before(served: int | None, history: Sequence[ServedChange]) -> int | None:
    # Only promotions are looked at: undoing a rollback is a promotion, not another rollback.
    promoted = (change for change in history if change.action == "promote" and change.version == served)
    return next((change.previous for change in promoted), None)


def _serve(
    desk: Desk,
    caller: Caller,
    entry: ModelEntry,
    version: int,
    action: Literal["promote", "rollback"],
    reason: str,
) -> ServedChange:
    reason = checked_reason(reason)
    desk.registry.get(entry.name, version)
    change = ServedChange(
        model=entry.name,
        version=version,
        previous=entry.served,
        action=action,
        who=caller.name,
        why=reason,
        at=desk.clock(),
    )
    desk.store.served.record(change)
    desk.registry.refresh()
    return change
