"""The versions of a model, and which one is served."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from modeldesk.core.errors import Conflict, InvalidInput, ModeldeskError, NotFound
from modeldesk.core.identity import Caller, Permission
from modeldesk.model_service.package.manifest import Manifest
from modeldesk.model_service.registry.registry import ModelEntry
from modeldesk.ports.decisions import ServedChange, ThresholdChange
from modeldesk.ports.version_labels import Labels
from modeldesk.services.app_context import AppContext

MAX_REASON = 1_000


@dataclass(frozen=True, slots=True)
class UnreadableVersion:
    """A version whose manifest cannot be read, or is not its own; and why."""

    version: int
    error: ModeldeskError


@dataclass(frozen=True, slots=True)
class Versions:
    """A model's versions, newest first, the decisions on them and on its threshold, newest first, and their
    aliases and tags. What cannot be read of one hides no other."""

    entry: ModelEntry
    manifests: Sequence[Manifest]
    history: Sequence[ServedChange]
    thresholds: Sequence[ThresholdChange] = ()
    unreadable: Sequence[UnreadableVersion] = ()
    labels: Labels = field(default_factory=Labels)

    @property
    def previous(self) -> int | None:
        """The version that a rollback would return to, or None where there is none."""
        return _before(self.entry.chosen, self.history)


def versions(context: AppContext, caller: Caller, name: str) -> Versions:
    """All versions of a model, with their figures and the decisions on them. Raises NotFound, NotAllowed."""
    entry = context.entry(caller, name)
    caller.require(Permission.SEE_PERFORMANCE)
    manifests, unreadable = [], []
    for number in sorted(entry.versions, reverse=True):
        try:
            manifests.append(entry.manifests(number))
        except ModeldeskError as error:
            unreadable.append(UnreadableVersion(number, error))
    history, thresholds = context.store.served.history(name), context.store.thresholds.history(name)
    labels = Labels(context.store.version_labels.history(name))
    return Versions(entry, manifests, history, thresholds, unreadable, labels)


def promote(context: AppContext, caller: Caller, name: str, version: int, reason: str) -> ServedChange:
    """Serve a version from now on, in every worker.

    The version must pass every check of loading here first: identity, digests, settings, libraries,
    golden rows. Whether the one served until now can be served does not matter. Raises NotAllowed,
    NotFound, ModelUnavailable, InvalidInput without a reason, and Conflict where it is served
    already or another decision came in between.
    """
    caller.require(Permission.PROMOTE)
    context.entry(caller, name)
    context.registry.refresh()
    entry = context.registry.entry(name)
    if version not in entry.versions:
        known = ", ".join(str(number) for number in sorted(entry.versions))
        raise NotFound(f"{name} has no version {version}.", hint=f"It has: {known}.")
    if entry.served == version:
        raise Conflict(f"Version {version} of {name} is served already.")
    return _serve(context, caller, entry, version, "promote", reason)


def rollback(context: AppContext, caller: Caller, name: str, reason: str) -> ServedChange:
    """Serve the version that was served before the current one, which may be broken or gone. Raises
    like ``promote``."""
    caller.require(Permission.PROMOTE)
    context.entry(caller, name)
    context.registry.refresh()
    entry = context.registry.entry(name)
    target = _before(entry.chosen, context.store.served.history(name))
    if target is None:
        now = "" if entry.chosen is None else f" before version {entry.chosen}"
        raise Conflict(f"No version of {name} was served{now}.", hint="Promote the version you want by its number.")
    return _serve(context, caller, entry, target, "rollback", reason)


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


def _with_way_out(error: ModeldeskError, entry: ModelEntry, version: int) -> ModeldeskError:
    """The error of a version that cannot be served, with the others that may be."""
    others = [str(number) for number in sorted(entry.versions) if number not in (version, entry.chosen)]
    if not others:
        return error
    hint = f"{error.hint or ''} Or promote another version: there is {', '.join(others)}.".strip()
    return type(error)(error.detail, hint=hint, problems=error.problems, reason=error.reason)


def _serve(
    context: AppContext,
    caller: Caller,
    entry: ModelEntry,
    version: int,
    action: Literal["promote", "rollback"],
    reason: str,
) -> ServedChange:
    reason = checked_reason(reason)
    try:
        context.registry.examine(entry.name, version)
    except ModeldeskError as error:
        raise _with_way_out(error, entry, version) from error
    change = ServedChange(
        model=entry.name,
        version=version,
        previous=entry.chosen,
        action=action,
        who=caller.name,
        why=reason,
        at=context.clock(),
    )
    context.store.served.record(change)
    context.registry.refresh()
    return change
