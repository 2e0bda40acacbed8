"""The decision threshold that people set over ``model.toml``'s."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from modeldesk.core.errors import Conflict, InvalidInput, Problem
from modeldesk.core.identity import Caller, Permission
from modeldesk.model_service.performance.binary import Costs
from modeldesk.model_service.performance.thresholds import Suggestion, suggestions
from modeldesk.model_service.registry.registry import ModelEntry
from modeldesk.model_service.settings.decision_threshold import positive_name, threshold_fault
from modeldesk.ports.decisions import ThresholdChange
from modeldesk.services.app_context import AppContext
from modeldesk.services.performance.report import Performance
from modeldesk.services.versions.manage import checked_reason


@dataclass(frozen=True, slots=True)
class Basis:
    """What somebody saw who decides: the version, its threshold in force, and the revision of the
    last decision on it."""

    version: int | None
    threshold: float | None
    revision: int


def basis_of(entry: ModelEntry) -> Basis:
    """The model as it stands now."""
    return Basis(entry.served, entry.threshold.in_force, entry.threshold.revision)


def decisions(context: AppContext, caller: Caller, name: str) -> Sequence[ThresholdChange]:
    """Every decision on a model's threshold, newest first. Raises NotFound, NotAllowed."""
    context.entry(caller, name)
    caller.require(Permission.SEE_PERFORMANCE)
    return context.store.thresholds.history(name)


def suggested(
    measured: Performance,
    *,
    of_class: str | None = None,
    costs: Costs | None = None,
    recall: float | None = None,
    precision: float | None = None,
) -> tuple[Suggestion, ...]:
    """The thresholds worth looking at on the rows of ``seen``: the one in use, those of the lowest cost and the best
    F1, and those that reach a wanted recall or precision. ``of_class`` is the class of several to decide for against
    the rest; no threshold in use decides that.

    Raises InvalidInput where no row tells, for a class that the model has not, and for a share or a cost that is none.
    """
    report = measured.report
    shares = (("recall", recall), ("precision", precision))
    problems = [
        Problem(name, "out_of_range", f"A wanted {name} is above 0 and at most 1.")
        for name, share in shares
        if share is not None and not 0 < share <= 1
    ]
    if of_class is not None and of_class not in report.classes:
        listed = ", ".join(report.classes) or "none"
        problems.append(
            Problem("class", "unknown_class", f"{measured.model.name} has no class {of_class!r}; it has {listed}.")
        )
    if problems:
        raise InvalidInput("No threshold can be suggested for this.", problems=problems)
    scores = report.scores_of(of_class)
    if scores is None or not scores.rows:
        raise InvalidInput(
            "These rows give no probabilities with known outcomes, so no threshold can be suggested.",
            hint="Only classes with probabilities are decided by a threshold.",
        )
    in_use = measured.model.settings.threshold if report.scores is not None else None
    return suggestions(scores, in_use=in_use, costs=costs, recall=recall, precision=precision)


def set_threshold(
    context: AppContext,
    caller: Caller,
    name: str,
    threshold: float | None,
    reason: str,
    *,
    basis: Basis | None = None,
    revision: int | None = None,
) -> ThresholdChange:
    """Decide by another threshold from now on, in every worker; None returns to model.toml's own.

    ``basis`` is what the decision is based on, or ``revision`` of it, where that is known. Raises NotAllowed, NotFound,
    ModelUnavailable; InvalidInput for a model that takes none, a value that is none, or without a
    reason; Conflict where nothing would change, or something has since ``basis`` was looked at.
    """
    caller.require(Permission.SET_THRESHOLD)
    context.entry(caller, name)
    context.registry.refresh()
    entry = context.registry.entry(name)
    manifest = context.registry.get(name).manifest if entry.manifest is None else entry.manifest
    fault = threshold_fault(manifest)
    if fault is not None:
        raise InvalidInput(f"{fault}.", hint="Only two classes with probabilities are decided by a threshold.")
    if threshold is not None and not (math.isfinite(threshold) and 0 <= threshold <= 1):
        problem = Problem("threshold", "out_of_range", "A threshold is a number from 0 to 1.")
        raise InvalidInput("This threshold cannot be used.", problems=[problem])
    if basis is None and revision is not None:
        basis = replace(basis_of(entry), revision=revision)
    _refuse_stale(entry, basis)
    _refuse_same(entry, threshold)
    change = ThresholdChange(
        model=name,
        revision=entry.threshold.revision + 1,
        threshold=threshold,
        positive=positive_name(manifest, entry.settings),
        version=manifest.version,
        previous=entry.threshold.in_force,
        who=caller.name,
        why=checked_reason(reason),
        at=context.clock(),
    )
    context.store.thresholds.record(change)
    context.registry.refresh()
    return change


def _refuse_stale(entry: ModelEntry, basis: Basis | None) -> None:
    now = basis_of(entry)
    if basis is None or basis == now:
        return
    saved = entry.threshold.saved
    if basis.version != now.version:
        what = f"Version {now.version} of {entry.name} is served now; this was decided on version {basis.version}."
    elif basis.revision != now.revision and saved is not None:
        what = f"{saved.who} set the threshold of {entry.name} to {saved.threshold:.6g} in the meantime."
    else:
        what = f"The threshold of {entry.name} was changed in the meantime."
    raise Conflict(what, hint="Nothing was saved. Look at the figures as they are now and decide again.")


def _refuse_same(entry: ModelEntry, threshold: float | None) -> None:
    if threshold is None and entry.threshold.saved is None:
        raise Conflict(f"Nothing was set over the model.toml of {entry.name}; what it says is in force.")
    if threshold is not None and threshold == entry.threshold.in_force:
        raise Conflict(f"{entry.name} decides by a threshold of {threshold:.6g} already.")
