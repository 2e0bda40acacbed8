"""Inputs saved under a name: a preset of one record, or a set of scenarios; for their owner, or shared by a link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import orjson

from modeldesk.core.errors import Conflict, InvalidInput, ModeldeskError, NotFound, Problem, TooLarge
from modeldesk.core.identity import Caller, Permission
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.schema.schema import Scalar
from modeldesk.model_service.validation.records import partition_records
from modeldesk.ports.presets import NamedRecord, Preset, PresetSummary
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions.what_if import MAX_SCENARIOS
from modeldesk.services.privacy import shown_preset

MAX_NAME, MAX_PRESETS, MAX_LISTED = 80, 100, 300
MAX_BYTES = 256 * 1024
"""What the records of one preset may take, as JSON."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """An input that is left at its default, and why: the version does not ask for it (``gone``), does not take
    the value (``refused``), the preset does not have it (``absent``), or only its owner may see it (``masked``)."""

    field: str
    label: str
    code: Literal["gone", "refused", "absent", "masked"]
    message: str


@dataclass(frozen=True, slots=True)
class OpenedRecord:
    """A record as a version of the model takes it: a value for each of its inputs, and what did not fit."""

    name: str
    inputs: Mapping[str, Scalar]
    misfits: Sequence[Misfit]


@dataclass(frozen=True, slots=True)
class OpenedPreset:
    """A preset with its records as version ``version`` takes them."""

    preset: Preset
    version: int
    records: Sequence[OpenedRecord]


def save_preset(
    context: AppContext,
    caller: Caller,
    model: str,
    name: str,
    records: Sequence[NamedRecord],
    *,
    scenarios: bool = False,
    shared: bool = False,
    version: int | None = None,
) -> Preset:
    """Save one record as a preset or, with ``scenarios``, several named ones as a set.

    Records need not name every input; what they name is held to the contract of the version (the served one
    unless given). Raises InvalidInput for a name or values that are not acceptable, rows being records from 0,
    Conflict for a name that is taken and beyond MAX_PRESETS, TooLarge, NotFound, NotAllowed, ModelUnavailable.
    """
    caller.require(Permission.PREDICT)
    loaded = context.model(caller, model, version)
    title = _valid_name(name, "name")
    named = _valid_records(loaded, records, scenarios=scenarios)
    if context.store.presets.count_own(model, caller.name) >= MAX_PRESETS:
        raise Conflict(f"You have {MAX_PRESETS} presets of this model already.", hint="Delete one first.")
    preset = Preset(
        id=context.new_id(),
        model=model,
        version=loaded.version,
        kind="scenarios" if scenarios else "preset",
        name=title,
        size=len(named),
        shared=shared,
        owner=caller.name,
        created_at=context.clock(),
        records=named,
    )
    context.store.presets.add(preset)
    return preset


def list_presets(context: AppContext, caller: Caller, model: str) -> Sequence[PresetSummary]:
    """The caller's own presets of a model and those that others share, the newest MAX_LISTED of them."""
    caller.require(Permission.PREDICT)
    context.entry(caller, model)
    return context.store.presets.visible(model, caller.name, MAX_LISTED)


def get_preset(context: AppContext, caller: Caller, model: str, preset_id: str) -> Preset:
    """A preset by its id: the caller's own, or a shared one without its masked inputs. Raises NotFound alike
    where there is none, where it is of another model and where it is another's that is not shared."""
    caller.require(Permission.PREDICT)
    context.entry(caller, model)
    preset = context.store.presets.get(preset_id)
    if preset is None or preset.model != model or not (preset.shared or preset.owner == caller.name):
        raise NotFound(
            "There is no such preset.", hint="It may have been deleted, or is not shared. Ask for the link again."
        )
    return shown_preset(context, caller, preset)


def open_preset(
    context: AppContext, caller: Caller, model: str, preset_id: str, version: int | None = None
) -> OpenedPreset:
    """A preset as a version of the model takes it (the served one unless given): what no longer fits is left at
    its default and told. Raises like ``get_preset``, and ModelUnavailable."""
    preset = get_preset(context, caller, model, preset_id)
    loaded = context.model(caller, model, version)
    masked = frozenset() if preset.owner == caller.name else frozenset(loaded.settings.privacy.masked)
    new = _new_since(context, caller, preset, loaded)
    records = [_opened(loaded, record, masked, new) for record in preset.records]
    return OpenedPreset(preset, loaded.version, records)


def change_preset(
    context: AppContext,
    caller: Caller,
    model: str,
    preset_id: str,
    *,
    name: str | None = None,
    shared: bool | None = None,
) -> Preset:
    """Rename a preset, share it, or share it no longer: by its owner, or by those who may manage shared ones.

    Raises NotFound, NotAllowed, InvalidInput for the name, Conflict for one that its owner has already.
    """
    preset = _changeable(context, caller, model, preset_id)
    changed = replace(
        preset,
        name=preset.name if name is None else _valid_name(name, "name"),
        shared=preset.shared if shared is None else shared,
    )
    if not context.store.presets.change(preset.id, changed.name, changed.shared):
        raise NotFound("There is no such preset any more.", hint="It was deleted in the meantime.")
    return changed


def delete_preset(context: AppContext, caller: Caller, model: str, preset_id: str) -> None:
    """Delete a preset with its inputs; who deleted it stays on record. Raises like ``change_preset``."""
    preset = _changeable(context, caller, model, preset_id)
    if not context.store.presets.delete(preset.id, caller.name, context.clock()):
        raise NotFound("There is no such preset any more.", hint="It was deleted in the meantime.")


def may_change(caller: Caller, preset: PresetSummary) -> bool:
    """Whether somebody may rename, share and delete a preset that they may see."""
    return preset.owner == caller.name or caller.may(Permission.MANAGE_PRESETS)


def _changeable(context: AppContext, caller: Caller, model: str, preset_id: str) -> Preset:
    preset = get_preset(context, caller, model, preset_id)
    if preset.owner != caller.name:
        caller.require(Permission.MANAGE_PRESETS)
    return preset


def _valid_name(name: str, field: str, row: int | None = None) -> str:
    title = " ".join(name.split())
    if not 1 <= len(title) <= MAX_NAME or not title.isprintable():
        message = f"A name has 1 to {MAX_NAME} printable characters."
        raise InvalidInput(message, problems=[Problem(field, "bad_name", message, row)], hint="Say what it stands for.")
    return title


def _valid_records(model: LoadedModel, records: Sequence[NamedRecord], *, scenarios: bool) -> list[NamedRecord]:
    """The records with names in order and values as the contract has them, without hidden inputs, which are
    no questions."""
    if not records or (len(records) > 1 and not scenarios):
        needed = "at least one record" if scenarios else "one record"
        raise InvalidInput(f"It needs {needed}.", problems=[Problem("records", "wrong_count", f"Send {needed}.")])
    if len(records) > MAX_SCENARIOS:
        raise TooLarge(f"{len(records)} scenarios; at most {MAX_SCENARIOS} are saved together.", hint="Remove some.")
    names = _scenario_names(records) if scenarios else [""]
    whole = [{**model.default_record, **record.inputs} for record in records]
    parted = partition_records(model.schema, model.settings, whole)
    problems = [*parted.problems, *_unread(model, records)]
    if problems:
        message = problems[0].message if len(problems) == 1 else f"{len(problems):,} inputs need a change."
        raise InvalidInput(message, problems=problems)
    hidden = {field.name for field in model.fields if field.hidden}
    named = [
        NamedRecord(name, {key: checked[key] for key in record.inputs if key not in hidden})
        for name, record, checked in zip(names, records, parted.checked.records, strict=True)
    ]
    if len(orjson.dumps([record.inputs for record in named])) > MAX_BYTES:
        raise TooLarge(f"The inputs take more than {MAX_BYTES // 1024} KiB.", hint="Shorten texts, or save fewer.")
    return named


def _scenario_names(records: Sequence[NamedRecord]) -> list[str]:
    """The names in order; two of a set are never alike."""
    names: list[str] = []
    for row, record in enumerate(records):
        title = _valid_name(record.name, "name", row)
        if title in names:
            message = f"There are two scenarios named {title!r}."
            raise InvalidInput(message, problems=[Problem("name", "duplicate_name", message, row)])
        names.append(title)
    return names


def _unread(model: LoadedModel, records: Sequence[NamedRecord]) -> list[Problem]:
    """A problem for each column that predictions ignore: there is nothing that it could be filled into."""
    return [
        Problem(name, "unknown_field", f"The model does not read {name!r}; leave it out.", row)
        for row, record in enumerate(records)
        for name in record.inputs
        if name in model.schema.unread
    ]


def _new_since(context: AppContext, caller: Caller, preset: Preset, model: LoadedModel) -> frozenset[str]:
    """The inputs that the version of the preset did not have; none where that version cannot be read any more."""
    if preset.version == model.version:
        return frozenset()
    try:
        then = context.entry(caller, preset.model).manifests(preset.version)
    except ModeldeskError:
        return frozenset()
    return frozenset(model.schema.names) - frozenset(then.model_schema.names)


def _opened(model: LoadedModel, record: NamedRecord, masked: frozenset[str], new: frozenset[str]) -> OpenedRecord:
    questions = {field.name: field for field in model.fields if not field.hidden}
    misfits = [
        Misfit(name, name, "gone", f"{name} is no longer asked for.")
        for name in record.inputs
        if name not in questions and name not in masked
    ]
    given: dict[str, Any] = {name: value for name, value in record.inputs.items() if name in questions}
    refused = _refused(model, given)
    for name, field in questions.items():
        if name in refused:
            misfits.append(Misfit(name, field.label, "refused", refused[name]))
        elif name in masked:
            misfits.append(Misfit(name, field.label, "masked", f"{field.label} is shown to its owner only."))
        elif name not in given and name in new:
            misfits.append(Misfit(name, field.label, "absent", f"{field.label} was not asked for then."))
    fitting = {name: value for name, value in given.items() if name not in refused}
    defaults = {name: model.default_record[name] for name in questions}
    return OpenedRecord(record.name, {**defaults, **fitting}, misfits)


def _refused(model: LoadedModel, given: Mapping[str, Any]) -> dict[str, str]:
    """Why the contract does not take some of the values, by feature; of a choice all columns go together."""
    problems = partition_records(model.schema, model.settings, [{**model.default_record, **given}]).problems
    reasons = {problem.field: problem.message for problem in reversed(problems) if problem.field is not None}
    for choice in model.one_hots:
        reason = next((reasons[name] for name in choice.columns if name in reasons), None)
        if reason is not None:
            reasons |= dict.fromkeys(choice.columns, reason)
    return {name: reason for name, reason in reasons.items() if name in given}
