"""Between what stands in a form, which is text, and the JSON record that the model's contract checks.

Numbers travel as the text that was typed, or as the default's exact digits, and become numbers
here: nothing is rounded on the way, and whole numbers beyond 2**53 survive the browser. What
cannot be read is handed on as it is, so that the contract's own words say what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from modeldesk.model_service.schema.fields import Field
from modeldesk.model_service.schema.schema import Scalar

MAX_DIGITS = 400
MOST_EXACT = 2.0**53
"""Whole numbers below are exact as they are; beyond, a number is written as Python writes it."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", re.ASCII)


def form_text(value: Scalar) -> str | None:
    """A JSON value as the text that stands for it in a form: exact, None for not known."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < MOST_EXACT else repr(value)
    return str(value)


def read_values(fields: Iterable[Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """The record that a form's texts stand for. Columns that are no question keep their default;
    a question that is absent from ``values`` is left out, as in a call of the API, and a name
    that no field has is handed on, for the contract to refuse."""
    record: dict[str, Any] = dict(values)
    for field in fields:
        if field.hidden:
            record[field.name] = field.feature.default
        elif field.name in values:
            record[field.name] = read_value(field, values[field.name])
    return record


def read_value(field: Field, value: Any) -> Any:
    """One field's text as the JSON value it stands for; what is no text, or cannot be read, unchanged."""
    if not isinstance(value, str):
        return value
    if field.feature.type == "text":
        return value
    if field.feature.type == "category":
        return _category(field, value)
    text = value.strip()
    if not text:
        return None
    if field.feature.numeric:
        return read_number(text)
    if field.feature.type == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    if field.feature.aware and re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+", text):
        return f"{text}+00:00"
    return text


def read_number(text: str) -> int | float | str:
    """A typed number, exactly: ``31,400`` and ``−3.5`` are read, ``3,5`` (which could mean two
    things) and words are given back as they are."""
    plain = text.replace("−", "-").replace("\u00a0", "").replace("\u202f", "")
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    if len(plain) > MAX_DIGITS or not _NUMBER.fullmatch(plain):
        return text
    return int(plain) if _WHOLE.fullmatch(plain) else float(plain)


def _category(field: Field, text: str) -> Scalar:
    options = [option.value for option in field.feature.options]
    for value in options:
        if form_text(value) == text:
            return value
    if options and all(isinstance(value, int | float) and not isinstance(value, bool) for value in options):
        return read_number(text.strip())
    return text
