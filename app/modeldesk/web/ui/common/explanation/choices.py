"""Columns that are one choice, as one input of what pages show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from modeldesk.model_service.explain.results import Explanation, joined
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.schema.fields import Field
from modeldesk.model_service.schema.one_hot import OneHot, choice_field, describe_choices
from modeldesk.model_service.whatif.counterfactual import Change, Suggestion


def with_choices(model: LoadedModel, explanation: Explanation, record: Mapping[str, Any]) -> Explanation:
    """The explanation of an answer to ``record`` with the contributions of each choice's columns added
    up under its first column."""
    groups = {choice.columns[0]: (choice.columns, choice.text(record)) for choice in _shown(model)}
    return joined(explanation, groups) if groups else explanation


def inputs_of(model: LoadedModel) -> Sequence[Field]:
    """The model's inputs in form order, a choice as one input under its first column's name."""
    return shown_inputs(model.fields, _shown(model))


def texts_of(model: LoadedModel, record: Mapping[str, Any]) -> dict[str, Any]:
    """A checked record by the inputs that ``inputs_of`` names, what was chosen in words."""
    return shown_record(_shown(model), record)


def shown_inputs(fields: Sequence[Field], choices: Sequence[OneHot]) -> Sequence[Field]:
    """Fields in their order, each choice as one input of words under its first column's name."""
    first = {choice.columns[0]: choice for choice in choices}
    rest = {name for choice in choices for name in choice.columns[1:]}
    return [
        choice_field(field, first[field.name]) if field.name in first else field
        for field in fields
        if field.name not in rest
    ]


def shown_record(choices: Sequence[OneHot], record: Mapping[str, Any]) -> dict[str, Any]:
    """A checked record by those inputs, what was chosen in words."""
    whole = [choice for choice in choices if record.keys() >= set(choice.columns)]
    return dict(record) | {choice.columns[0]: choice.text(record) for choice in whole}


def shown_changes(model: LoadedModel, suggestion: Suggestion) -> Sequence[Change]:
    """What a suggestion changes, a choice as one change."""
    after = suggestion.record
    before = dict(after) | {change.feature: change.before for change in suggestion.changes}
    of = {name: choice.columns[0] for choice in _shown(model) for name in choice.columns}
    names = dict.fromkeys(of.get(change.feature, change.feature) for change in suggestion.changes)
    old, new = texts_of(model, before), texts_of(model, after)
    return [Change(name, old[name], new[name]) for name in names]


def _shown(model: LoadedModel) -> Sequence[OneHot]:
    return describe_choices(model.fields, model.settings)
