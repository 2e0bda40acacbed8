"""A form's inputs in the part of an address after ``#``, which browsers never send anywhere.

    v7&age=34&yearly%20income=31400&dependants

The first part is the version the form was drawn for, then a pair for each input; a name without
``=`` stands for "Not known". Texts and images are left out. ``assets/pages/predict/predict.js`` holds the twin
of ``encode`` and ``decode``; a test holds both to the same text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

from modeldesk.model_service.schema.fields import Field
from modeldesk.model_service.schema.schema import Scalar

NEVER_SHARED = frozenset({"text", "pixel"})
_SAFE = "!'()*"
"""What JavaScript's encodeURIComponent leaves as it is, besides what ``quote`` does."""


@dataclass(frozen=True, slots=True)
class SharedForm:
    """What a fragment holds: the version it was made for, and texts by field name (None: not known)."""

    version: int | None
    values: Mapping[str, str | None]


def shareable(fields: Iterable[Field]) -> tuple[str, ...]:
    """The names of the inputs that an address may hold, in the form's order."""
    return tuple(field.name for field in fields if not field.hidden and field.widget not in NEVER_SHARED)


def encode(fields: Iterable[Field], values: Mapping[str, str | None], version: int) -> str:
    """The fragment, without ``#``, for a form's texts (see ``predict_values.form_text``)."""
    parts = [f"v{version}"]
    for name in shareable(fields):
        if name not in values:
            continue
        value = values[name]
        parts.append(_quoted(name) if value is None else f"{_quoted(name)}={_quoted(value)}")
    return "&".join(parts)


def encode_record(fields: Iterable[Field], record: Mapping[str, Scalar], version: int) -> str:
    """The fragment that restores a recorded prediction's inputs."""
    from modeldesk.web.ui.common.explanation.typed_values import form_text

    return encode(fields, {name: form_text(value) for name, value in record.items()}, version)


def decode(fields: Iterable[Field], fragment: str) -> SharedForm:
    """Read a fragment, with or without ``#``. What it should not hold, or names no field, is passed over."""
    known = set(shareable(fields))
    first, *pairs = fragment.removeprefix("#").split("&")
    version = re.fullmatch(r"v(\d{1,9})", first)
    values: dict[str, str | None] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        name = unquote(name, errors="replace")
        if name in known:
            values[name] = unquote(value, errors="replace") if equals else None
    return SharedForm(int(version.group(1)) if version else None, values)


def _quoted(text: str) -> str:
    return quote(text, safe=_SAFE, errors="replace")
