"""Publishing a trained artifact into a running site."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from app.errors import ModeldeskError, ModelUnavailable, NotFound
from app.identity import Caller, Permission
from app.model_service.prover import prove_in_fresh_process
from app.model_service.publishing import Published, publish
from app.ports import ServedChange
from app.services.desk import Desk


def publish_model(
    desk: Desk,
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
    promote: bool = False,
    prove: Callable[[Path], None] = prove_in_fresh_process,
    report: Callable[[str], None] = lambda step: None,
) -> Published:
    """Make an artifact the next version of a model; the arguments are those of ``publishing.publish``.

    The first version is served at once. A later one waits for a promotion unless
    ``promote``, whether the one served until now can be served or not. Raises NotAllowed,
    PublishRefused, ModelSettingsError, StoreUnavailable, and ModelUnavailable where the version
    is published and cannot be promoted.
    """
    caller.require(Permission.PUBLISH)
    before = _chosen_versions(desk)
    published = publish(
        artifact,
        data,
        target=target,
        models=desk.registry.folder,
        name=name,
        holdout=holdout,
        expect=expect,
        categories=categories,
        title=title,
        by=caller.name,
        prove=prove,
        report=report,
    )
    decided = desk.store.served.current().get(published.name)
    previous = before.get(published.name) if decided is None else decided
    # Without a decision on record the highest version is served, so one is recorded with every
    # publication: for the version that stays as well as for the one that takes over.
    if previous is None:
        _record(desk, caller, published.name, published.version, None, "Promoted at publication.")
    elif promote:
        _check_promotion(desk, published)
        _record(desk, caller, published.name, published.version, previous, "Promoted at publication.")
    elif decided is None:
        _record(desk, caller, published.name, previous, None, "Served before the next version was published.")
    desk.registry.refresh()
    return published


def _check_promotion(desk: Desk, published: Published) -> None:
    """Raise ModelUnavailable unless a version that takes over could be loaded. Its artifact has proven
    itself at publication; the settings of the version before may not fit it."""
    desk.registry.refresh()
    try:
        desk.registry.examine(published.name, published.version, proven=True)
    except ModeldeskError as error:
        raise ModelUnavailable(
            f"Version {published.version} of {published.name} is published and not promoted. {error.detail}",
            hint=f"{error.hint or ''} Then: modeldesk promote {published.name} {published.version} "
            "--reason ...".strip(),
        ) from error


def _chosen_versions(desk: Desk) -> dict[str, int]:
    """By model the version decided on, whether it can be served or not; without a decision the one served."""
    desk.registry.refresh()
    chosen = {}
    for name in desk.registry.names():
        try:
            version = desk.registry.entry(name).chosen
        except NotFound:
            continue
        if version is not None:
            chosen[name] = version
    return chosen


def _record(desk: Desk, caller: Caller, name: str, version: int, previous: int | None, why: str) -> None:
    desk.store.served.record(
        ServedChange(
            model=name,
            version=version,
            previous=previous,
            action="promote",
            who=caller.name,
            why=why,
            at=desk.clock(),
        )
    )
