"""How a model answers around one record; nothing of it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modeldesk.core.errors import NotAllowed, NotFound
from modeldesk.core.identity import Caller, Permission
from modeldesk.model_service.engine.results import Output
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.schema.geography import Geography
from modeldesk.model_service.schema.geography import geography as geography_of
from modeldesk.model_service.validation.records import check_records
from modeldesk.model_service.whatif import response
from modeldesk.services.app_context import AppContext


def curve(
    context: AppContext,
    caller: Caller,
    name: str,
    record: Mapping[str, Any],
    feature: str,
    *,
    version: int | None = None,
    of_class: str | None = None,
) -> response.Curve:
    """The response along one feature from this very record. Raises InvalidInput for a record
    that does not meet the contract, NotFound for an unknown feature."""
    model, checked = _open(context, caller, name, record, version)
    _check_features(model, feature)
    _refuse_masked(model, feature)
    return response.curve(model, checked, feature, of_class)


def surface(
    context: AppContext,
    caller: Caller,
    name: str,
    record: Mapping[str, Any],
    x: str,
    y: str,
    *,
    version: int | None = None,
    of_class: str | None = None,
) -> response.Surface:
    """The response over two features from this very record. Raises like ``curve``."""
    model, checked = _open(context, caller, name, record, version)
    _check_features(model, x, y)
    _refuse_masked(model, x, y)
    return response.surface(model, checked, x, y, of_class)


def standing(
    context: AppContext, caller: Caller, name: str, output: Output, *, version: int | None = None
) -> response.Standing | None:
    """Where an answer stands among the reference rows' answers; None for a refused one."""
    if output.refused is not None:
        return None
    return response.standing(context.model(caller, name, version), output)


def geography(
    context: AppContext, caller: Caller, name: str, latitude: str, longitude: str, *, version: int | None = None
) -> Geography:
    """What a map of two of the model's features shows. Raises NotFound for an unknown feature."""
    model = context.model(caller, name, version)
    _check_features(model, latitude, longitude)
    return geography_of(model, latitude, longitude)


def _open(
    context: AppContext, caller: Caller, name: str, record: Mapping[str, Any], version: int | None
) -> tuple[LoadedModel, Mapping[str, Any]]:
    caller.require(Permission.PREDICT)
    model = context.model(caller, name, version)
    return model, check_records(model.schema, model.settings, [record]).records[0]


def _check_features(model: LoadedModel, *names: str) -> None:
    for name in names:
        if name not in model.schema.names:
            raise NotFound(f"{model.name} reads no feature named {name!r}.")


def _refuse_masked(model: LoadedModel, *names: str) -> None:
    """Raise NotAllowed for a masked feature: a curve along it goes through the values of single rows."""
    masked = [name for name in names if name in model.settings.privacy.masked]
    if masked:
        raise NotAllowed(f"{masked[0]} of {model.name} is shown to nobody: its settings say so.")
