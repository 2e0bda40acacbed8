"""Publishing a trained artifact into a running site."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.errors import NotFound
from app.identity import Caller, Permission
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
) -> Published:
    """Make an artifact the next version of a model; the arguments are those of ``publishing.publish``.

    The first version is served at once. A later one waits for a promotion unless
    ``promote``. Raises NotAllowed, PublishRefused, ModelSettingsError and StoreUnavailable.
    """
    caller.require(Permission.PUBLISH)
    served_before = _served_versions(desk)
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
    )
    previous = served_before.get(published.name)
    decided = desk.store.served.current().get(published.name)
    # Without a decision on record the highest version is served, so one is recorded with every
    # publication: for the version that stays as well as for the one that takes over.
    if promote or previous is None:
        _record(desk, caller, published.name, published.version, previous, "Promoted at publication.")
    elif decided is None:
        _record(desk, caller, published.name, previous, None, "Served before the next version was published.")
    desk.registry.refresh()
    return published


def _served_versions(desk: Desk) -> dict[str, int]:
    desk.registry.refresh()
    served = {}
    for name in desk.registry.names():
        try:
            version = desk.registry.entry(name).served
        except NotFound:
            continue
        if version is not None:
            served[name] = version
    return served


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
