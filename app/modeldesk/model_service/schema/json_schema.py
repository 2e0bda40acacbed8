"""The input contract of a model as JSON Schema, for the API and its documents."""

from __future__ import annotations

from typing import Any

from modeldesk.model_service.schema.fields import Field, fields
from modeldesk.model_service.schema.one_hot import OneHot, one_hots
from modeldesk.model_service.schema.schema import ModelSchema
from modeldesk.model_service.settings.tables import ModelSettings
from modeldesk.model_service.validation.values import MAX_CATEGORY, MAX_TEXT

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_TYPES: dict[str, dict[str, Any]] = {
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "text": {"type": "string", "maxLength": MAX_TEXT},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
}
_JSON_TYPES: dict[type, str] = {bool: "boolean", int: "number", float: "number", str: "string"}


def record_schema(schema: ModelSchema, settings: ModelSettings | None) -> dict[str, Any]:
    """JSON Schema (2020-12) of one record: each property with its default, limits and options.

    A property is required where the artifact takes no missing value and no default is sent for
    it. Columns of the data that the model does not read may be sent and are ignored.
    """
    members = fields(schema, settings)
    choices = {name: choice for choice in one_hots(members, settings) for name in choice.columns}
    properties: dict[str, Any] = {field.name: _property(field, choices.get(field.name)) for field in members}
    for name in schema.unread:
        properties.setdefault(name, {"description": "In the published data, but not read by the model: ignored."})
    answer: dict[str, Any] = {
        "$schema": DIALECT,
        "title": (settings.title if settings else "") or "Record",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }
    required = [
        field.name for field in members if not (field.feature.missing_allowed or field.feature.hidden or field.hidden)
    ]
    if required:
        answer["required"] = required
    return answer


def _property(field: Field, choice: OneHot | None) -> dict[str, Any]:
    feature = field.feature
    answer: dict[str, Any] = {"title": field.label}
    description = " ".join(filter(None, [_description(field), "" if choice is None else choice.rule]))
    if description:
        answer["description"] = description
    if feature.type == "category":
        answer.update(_category(field))
    else:
        answer.update(_TYPES[feature.type])
        if feature.type == "datetime" and not feature.aware:
            # RFC 3339's date-time demands an offset, which a naive column refuses.
            answer["format"] = "local-date-time"
        if feature.options:
            answer["examples"] = [option.value for option in feature.options]
    if feature.numeric:
        answer.update(
            {key: limit for key, limit in (("minimum", field.minimum), ("maximum", field.maximum)) if limit is not None}
        )
    if feature.missing_allowed:
        _allow_null(answer)
    if feature.default is not None or feature.missing_allowed:
        answer["default"] = feature.default
    return answer


def _category(field: Field) -> dict[str, Any]:
    feature = field.feature
    values = [option.value for option in feature.options]
    kinds = sorted({_JSON_TYPES[type(value)] for value in values}) or ["string"]
    answer: dict[str, Any] = {"type": kinds[0] if len(kinds) == 1 else kinds}
    if feature.unseen_allowed and feature.categories is not None:
        # The published column can hold no value beside its own categories.
        answer["enum"] = list(feature.categories)
    elif feature.unseen_allowed:
        answer["examples"] = values[:50]
        if "string" in kinds:
            answer["maxLength"] = MAX_CATEGORY
    else:
        answer["enum"] = values
    return answer


def _allow_null(answer: dict[str, Any]) -> None:
    kinds = answer["type"] if isinstance(answer["type"], list) else [answer["type"]]
    answer["type"] = [*kinds, "null"]
    if "enum" in answer:
        answer["enum"] = [*answer["enum"], None]


def _description(field: Field) -> str:
    feature = field.feature
    parts = [field.help] if field.help else []
    if field.unit:
        parts.append(f"In {field.unit}.")
    if feature.minimum is not None and feature.maximum is not None:
        parts.append(f"Observed {feature.minimum} to {feature.maximum}.")
    if feature.hidden:
        parts.append(f"May be left out ({feature.hidden_reason}): the default is sent.")
    return " ".join(parts)
