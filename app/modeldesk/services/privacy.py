"""What ``[privacy]`` of model.toml leaves of single records, for every way in which they are handed out.

A page or a route never decides this: a service hands out what it may, and nothing else.
"""

from __future__ import annotations

from dataclasses import replace

from modeldesk.core.errors import ModeldeskError, NotAllowed
from modeldesk.core.identity import Caller
from modeldesk.model_service.explain import Explanation
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.settings.model_settings import ModelSettings
from modeldesk.ports.predictions import PredictionRecord
from modeldesk.ports.presets import Preset
from modeldesk.services.app_context import AppContext

NOT_SHOWN = "Single records of this model's data are not shown: its settings say so."


def shown_features(model: LoadedModel) -> tuple[str, ...]:
    """The features of single records that may be shown: not hidden and not masked, in form order."""
    masked = frozenset(model.settings.privacy.masked)
    return tuple(field.name for field in model.fields if not field.hidden and field.name not in masked)


def shown_target(model: LoadedModel) -> str | None:
    """The column of outcomes, unless it is masked."""
    target = model.manifest.target
    return None if target in model.settings.privacy.masked else target


def shows_records(model: LoadedModel) -> bool:
    """Whether single records of the model's data may be shown."""
    return model.settings.privacy.show_records


def require_records(shown: bool) -> None:
    """Raise NotAllowed unless single records may be shown."""
    if not shown:
        raise NotAllowed(NOT_SHOWN, hint="Charts of many rows are.")


def shown_record(context: AppContext, caller: Caller, record: PredictionRecord) -> PredictionRecord:
    """A prediction as the caller may see it: masked inputs are for its owner only, who gave them."""
    if record.owner == caller.name:
        return record
    masked = _masked(context, record.model)
    return replace(record, inputs={name: value for name, value in record.inputs.items() if name not in masked})


def shown_preset(context: AppContext, caller: Caller, preset: Preset) -> Preset:
    """A preset as the caller may see it: masked inputs are for its owner only, whoever it is shared with."""
    if preset.owner == caller.name:
        return preset
    masked = _masked(context, preset.model)
    records = [
        replace(record, inputs={name: value for name, value in record.inputs.items() if name not in masked})
        for record in preset.records
    ]
    return replace(preset, records=records)


def shown_explanation(settings: ModelSettings, explanation: Explanation) -> Explanation:
    """An explanation without the values of masked inputs. What these add stays: the sum has to come out."""
    masked = frozenset(settings.privacy.masked)
    parts = tuple(replace(item, value=None) if item.feature in masked else item for item in explanation.contributions)
    return replace(explanation, contributions=parts)


def _masked(context: AppContext, model: str) -> frozenset[str]:
    try:
        return frozenset(context.registry.entry(model).settings.privacy.masked)
    except ModeldeskError:
        return frozenset()
