"""What several pages look up before they show anything."""

from __future__ import annotations

from collections.abc import Iterable

from app.errors import ModeldeskError
from app.identity import Caller
from app.model_service.fields import Field, fields
from app.model_service.model_home import ModelEntry
from app.ports import PredictionRecord
from app.services.desk import Desk


def visible_entries(desk: Desk, caller: Caller) -> list[ModelEntry]:
    """The models that the caller may see, by name."""
    return list(entries_of(desk, caller, desk.registry.names()).values())


def entries_of(desk: Desk, caller: Caller, names: Iterable[str]) -> dict[str, ModelEntry]:
    """Those of the named models that are there and the caller's to see."""
    found = {}
    for name in sorted(set(names)):
        try:
            found[name] = desk.entry(caller, name)
        except ModeldeskError:
            continue
    return found


def fields_of(entry: ModelEntry | None, record: PredictionRecord) -> tuple[Field, ...]:
    """The fields of the version that gave the prediction, or none where it is gone."""
    if entry is None:
        return ()
    try:
        manifest = entry.manifests(record.version)
    except ModeldeskError:
        return ()
    return fields(manifest.model_schema, entry.settings)
