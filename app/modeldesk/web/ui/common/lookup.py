"""What several pages look up before they show anything."""

from __future__ import annotations

from collections.abc import Iterable

from modeldesk.core.errors import ModeldeskError
from modeldesk.core.identity import Caller
from modeldesk.model_service.package.model_folder import ModelEntry
from modeldesk.model_service.schema.fields import Field, fields
from modeldesk.ports.predictions import PredictionRecord
from modeldesk.services.app_context import AppContext


def visible_entries(context: AppContext, caller: Caller) -> list[ModelEntry]:
    """The models that the caller may see, by name."""
    return list(entries_of(context, caller, context.registry.names()).values())


def entries_of(context: AppContext, caller: Caller, names: Iterable[str]) -> dict[str, ModelEntry]:
    """Those of the named models that are there and the caller's to see."""
    found = {}
    for name in sorted(set(names)):
        try:
            found[name] = context.entry(caller, name)
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
