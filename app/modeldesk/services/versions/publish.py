"""Publishing a trained artifact into a running site."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from modeldesk.core.errors import ModeldeskError, ModelUnavailable, NotFound
from modeldesk.core.identity import Caller, Permission
from modeldesk.model_service.package.manifest import PlanProof
from modeldesk.model_service.publishing.checks import model_name
from modeldesk.model_service.publishing.publish import Published, publish
from modeldesk.model_service.publishing.selftest_runner import selftest_in_fresh_process
from modeldesk.ports.decisions import ServedChange
from modeldesk.services.app_context import AppContext


def publish_model(
    context: AppContext,
    caller: Caller,
    artifact: Path | object,
    data: Any,
    *,
    target: str | None,
    name: str | None = None,
    holdout: Any = None,
    expect: str | None = None,
    categories: Sequence[str] = (),
    title: str | None = None,
    task: str | None = None,
    promote: bool = False,
    prove: Callable[[Path], PlanProof | None] = selftest_in_fresh_process,
    report: Callable[[str], None] = lambda step: None,
) -> Published:
    """Make an artifact the next version of a model; the arguments are those of ``publishing.publish``.

    The first version is served at once. A later one waits for a promotion unless
    ``promote``, whether the one served until now can be served or not. The decision is recorded as
    the last step: where that fails, nothing is published. Raises NotAllowed, PublishRefused,
    ModelSettingsError, StoreUnavailable, and ModelUnavailable where the version is published and
    cannot be promoted.
    """
    caller.require(Permission.PUBLISH)
    name = model_name(name, artifact)
    decided = context.store.served.current().get(name)
    previous = _chosen_version(context, name) if decided is None else decided.version
    unfit: list[ModelUnavailable] = []

    def decide(version: int) -> None:
        # Without a decision on record the highest version is served, so one is recorded with every
        # publication: for the version that stays as well as for the one that takes over.
        if previous is not None and promote:
            unfit.extend(_faults_of_promotion(context, name, version))
        if previous is None or (promote and not unfit):
            _record(context, caller, name, version, previous, "Promoted at publication.")
        elif decided is None:
            _record(context, caller, name, previous, None, "Served before the next version was published.")

    published = publish(
        artifact,
        data,
        target=target,
        models=context.registry.folder,
        name=name,
        holdout=holdout,
        expect=expect,
        categories=categories,
        title=title,
        task=task,
        by=caller.name,
        prove=prove,
        report=report,
        confirm=decide,
    )
    context.registry.refresh()
    for error in unfit:
        raise error
    return published


def _faults_of_promotion(context: AppContext, name: str, version: int) -> list[ModelUnavailable]:
    """Why a version that takes over could not be loaded; empty where it could. Its artifact has proven
    itself at publication; the settings of the version before may not fit it."""
    context.registry.refresh()
    try:
        context.registry.examine(name, version, proven=True)
    except ModeldeskError as error:
        unfit = ModelUnavailable(
            f"Version {version} of {name} is published and not promoted. {error.detail}",
            hint=f"{error.hint or ''} Then: modeldesk promote {name} {version} --reason ...".strip(),
        )
        unfit.__cause__ = error
        return [unfit]
    return []


def _chosen_version(context: AppContext, name: str) -> int | None:
    """The version decided on, whether it can be served or not; without a decision the one served."""
    context.registry.refresh()
    try:
        return context.registry.entry(name).chosen
    except NotFound:
        return None


def _record(context: AppContext, caller: Caller, name: str, version: int, previous: int | None, why: str) -> None:
    context.store.served.record(
        ServedChange(
            model=name,
            version=version,
            previous=previous,
            action="promote",
            who=caller.name,
            why=why,
            at=context.clock(),
        )
    )
