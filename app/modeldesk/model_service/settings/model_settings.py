"""``model.toml``: what people set about a model, read strictly and held against the manifest."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from modeldesk.core.errors import ModelSettingsError
from modeldesk.model_service.package.manifest import Manifest
from modeldesk.model_service.schema.schema import Scalar
from modeldesk.model_service.settings.check import against_manifest, shape_faults
from modeldesk.model_service.settings.source import Source
from modeldesk.model_service.settings.tables import (
    Access,
    FeatureSettings,
    ImageSettings,
    ModelSettings,
    OneHotSettings,
    Privacy,
    Rule,
)

__all__ = [
    "Access",
    "FeatureSettings",
    "ImageSettings",
    "ModelSettings",
    "OneHotSettings",
    "Privacy",
    "Rule",
    "named_positive",
    "parse_settings",
    "read_settings",
    "settings_digest",
    "settings_of_no_version",
]

MAX_BYTES = 1_000_000


def read_settings(path: Path, manifest: Manifest) -> ModelSettings:
    """Read ``model.toml`` and hold it against the model it describes.

    A file that is not there stands for no settings. Raises ModelSettingsError with a problem for
    each fault, naming table, key and line.
    """
    return parse_settings(_raw(path), manifest, name=path.name)


def settings_of_no_version(path: Path) -> ModelSettings:
    """What ``model.toml`` says of a model none of whose versions can be read: its names, and who may
    see it. Raises ModelSettingsError."""
    settings, _ = _shaped(_raw(path), path.name)
    return ModelSettings.model_validate(settings.model_dump(include={"title", "description", "owner", "access"}))


def parse_settings(raw: bytes, manifest: Manifest, *, name: str = "model.toml") -> ModelSettings:
    """The same from the file's bytes. Raises ModelSettingsError."""
    settings, source = _shaped(raw, name)
    return against_manifest(settings, manifest, source)


def _raw(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise ModelSettingsError(
            f"{path.name} cannot be read: {error.strerror}.", hint="Let the server's user read it."
        ) from error


def _shaped(raw: bytes, name: str) -> tuple[ModelSettings, Source]:
    """The settings by themselves, not yet held against a manifest."""
    source = Source.read(raw, name, limit=MAX_BYTES)
    try:
        return ModelSettings.model_validate(source.values), source
    except ValidationError as error:
        raise source.refused(shape_faults(error)) from None


def named_positive(path: Path) -> Scalar:
    """The positive class that a ``model.toml`` names, for a model that is only being published; None
    where it names none. Whatever else is wrong with the file is told when it is read as a whole."""
    try:
        value = tomllib.loads(path.read_text("utf-8")).get("positive")
    except (OSError, ValueError):
        return None
    return value if isinstance(value, bool | int | float | str) else None


def settings_digest(settings: ModelSettings) -> str:
    """SHA-256 of the settings in a canonical form: equal where they mean the same."""
    values: dict[str, Any] = settings.model_dump(mode="json", exclude_defaults=True)
    canonical = json.dumps(values, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
