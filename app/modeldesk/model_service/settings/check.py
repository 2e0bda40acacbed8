"""Holding a ``model.toml`` against its model: every fault, in words, with what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ValidationError

from modeldesk.model_service.package.manifest import Manifest
from modeldesk.model_service.schema.frames import category_key
from modeldesk.model_service.schema.schema import Feature
from modeldesk.model_service.settings.decision_threshold import threshold_fault
from modeldesk.model_service.settings.rules import Expression, RuleError, parse_expression
from modeldesk.model_service.settings.source import Fault, Path, Source
from modeldesk.model_service.settings.tables import (
    WIDGETS,
    Access,
    FeatureSettings,
    ImageSettings,
    ModelSettings,
    OneHotSettings,
    Privacy,
    Rule,
)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`` Did you mean 'label'?``, or nothing where no name is near."""
    names = list(known)
    close = difflib.get_close_matches(word, names, n=1) or [name for name in names if name.lower() == word.lower()]
    return f" Did you mean {close[0]!r}?" if close else ""


def shape_faults(error: ValidationError) -> list[Fault]:
    """What pydantic found, in words, one fault a key."""
    faults: dict[Path, Fault] = {}
    for item in error.errors(include_url=False, include_input=False):
        path = _existing(item["loc"])
        if path in faults:
            continue
        if item["type"] == "extra_forbidden":
            known = _keys_at(path[:-1])
            message = f"There is no key {path[-1]!r} here.{did_you_mean(str(path[-1]), known)}"
            if len(known) <= 12:
                message += f" Known are: {', '.join(known)}."
            faults[path] = Fault(path, message, "unknown_key")
        else:
            several = _SEVERAL_KINDS.get(str(path[-1]))
            text = f"This must be {several}." if several else None
            faults[path] = Fault(path, text or _message(item["type"], item["msg"], item.get("ctx", {})))
    return list(faults.values())


_LIMIT = "a finite number, or a date such as 2024-01-31"
_CLASS = "one of the model's classes"
_SEVERAL_KINDS = {"min": _LIMIT, "max": _LIMIT, "positive": _CLASS, "favourable": _CLASS}
"""Keys that take values of several kinds, of which pydantic would name only one."""
_EXPECTED = {
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "text in quotes",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "tuple_type": "a list in brackets",
    "dict_type": "a table",
    "model_type": "a table",
    "missing": "a value for this key; it cannot be left out",
}


def _message(kind: str, text: str, context: dict[str, Any]) -> str:
    if kind in _EXPECTED:
        return f"This must be {_EXPECTED[kind]}."
    if kind == "literal_error":
        return f"This must be one of: {context['expected']}."
    return f"{text}."


def _existing(location: tuple[int | str, ...]) -> Path:
    """pydantic's location without the branch of a union that it tried: those are no keys."""
    path: list[int | str] = []
    model: type[BaseModel] | None = ModelSettings
    for part in location:
        if isinstance(part, int):
            path.append(part)
            continue
        if model is None:
            break
        path.append(part)
        if model is ModelSettings:
            model = _TABLES.get(part)
            if part == "features":
                path.extend(str(name) for name in location[1:2])
                path.extend(location[2:3])
                break
        else:
            model = None
    return tuple(path)


_TABLES: dict[str | int, type[BaseModel]] = {
    "image": ImageSettings,
    "one_hot": OneHotSettings,
    "rules": Rule,
    "access": Access,
    "privacy": Privacy,
}


def _keys_at(table: Path) -> list[str]:
    if not table:
        return list(ModelSettings.model_fields)
    if table[0] == "features":
        return list(FeatureSettings.model_fields)
    return list(_TABLES[table[0]].model_fields)


def against_manifest(settings: ModelSettings, manifest: Manifest, source: Source) -> ModelSettings:
    """The settings with their rules compiled. Raises ModelSettingsError with every contradiction."""
    faults = [
        *_decision_faults(settings, manifest),
        *_feature_faults(settings, manifest),
        *_image_faults(settings, manifest),
        *_one_hot_faults(settings, manifest),
        *_privacy_faults(settings, manifest),
    ]
    expressions: list[Expression] = []
    for index, rule in enumerate(settings.rules):
        try:
            expressions.append(parse_expression(rule.when, manifest.model_schema.names))
        except RuleError as error:
            faults.append(Fault(("rules", index, "when"), str(error)))
    if faults:
        raise source.refused(faults)
    return settings.with_expressions(tuple(expressions))


def _decision_faults(settings: ModelSettings, manifest: Manifest) -> Iterator[Fault]:
    if settings.positive is not None:
        known = [category_key(value) for value in manifest.classes]
        if not manifest.task.has_positive:
            yield Fault(("positive",), f"A {manifest.task} model has no positive class; take this key out.")
        elif category_key(settings.positive) not in known:
            classes = ", ".join(_toml(value) for value in manifest.classes)
            given = _toml(settings.positive)
            yield Fault(("positive",), f"{given} is not a class of this model. Use one of: {classes}.")
    yield from _favourable_faults(settings, manifest)
    if settings.threshold is not None:
        fault = threshold_fault(manifest)
        if fault is not None:
            yield Fault(("threshold",), f"{fault}; take this key out.")


def _favourable_faults(settings: ModelSettings, manifest: Manifest) -> Iterator[Fault]:
    if settings.favourable is None:
        return
    if not manifest.classes:
        yield Fault(("favourable",), f"A {manifest.task} model has no classes to be favourable; take this key out.")
    elif category_key(settings.favourable) not in [category_key(value) for value in manifest.classes]:
        classes = ", ".join(_toml(value) for value in manifest.classes)
        given = _toml(settings.favourable)
        yield Fault(("favourable",), f"{given} is not a class of this model. Use one of: {classes}.")


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def _feature_faults(settings: ModelSettings, manifest: Manifest) -> Iterator[Fault]:
    schema = manifest.model_schema
    for name, wanted in settings.features.items():
        path: Path = ("features", name)
        if name in schema.unread:
            yield Fault(path, f"The model does not read {name!r}; take this table out.", "unknown_feature")
        elif name not in schema.names:
            yield Fault(path, f"The model has no input {name!r}.{did_you_mean(name, schema.names)}", "unknown_feature")
        else:
            yield from _one_feature(path, wanted, schema.feature(name))


def _one_feature(path: Path, wanted: FeatureSettings, feature: Feature) -> Iterator[Fault]:
    if wanted.widget is not None and wanted.widget not in WIDGETS[feature.type]:
        fitting = ", ".join(WIDGETS[feature.type])
        yield Fault((*path, "widget"), f"{_a(feature)} input cannot be a {wanted.widget}. Use one of: {fitting}.")
    if wanted.step is not None and not feature.numeric:
        yield Fault((*path, "step"), f"{_a(feature)} input has no step.")
    if wanted.monotone and not (feature.numeric or feature.ordered or feature.type in ("boolean", "date", "datetime")):
        yield Fault((*path, "monotone"), f"{_a(feature)} input has no order to rise or fall with.")
    limits: list[Any] = []
    for key, value in (("min", wanted.min), ("max", wanted.max)):
        if value is None:
            continue
        message = _limit_fault(feature, value)
        if message:
            yield Fault((*path, key), message)
        else:
            limits.append(limit_value(feature, value))
    if len(limits) == 2 and limits[0] > limits[1]:
        yield Fault((*path, "min"), f"The least allowed, {wanted.min}, is above the most allowed, {wanted.max}.")


def _a(feature: Feature) -> str:
    return f"An {feature.type}" if feature.type == "integer" else f"A {feature.type}"


def _limit_fault(feature: Feature, value: Any) -> str | None:
    if feature.numeric:
        return None if isinstance(value, int | float) else f"A limit of {_a(feature).lower()} input is a number."
    if feature.type not in ("date", "datetime"):
        return f"{_a(feature)} input has no limits; limits are for numbers and dates."
    if isinstance(value, int | float):
        return f"A limit of {_a(feature).lower()} input is a date, such as 2024-01-31."
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return f"{value!r} is not a date; write it like 2024-01-31."
    if moment.tzinfo is not None and not feature.aware:
        return "This input has no time zone, so its limit must not name one."
    return None


def limit_value(feature: Feature, value: Any) -> float | int | str | None:
    """A limit as the contract carries it: a number, or an ISO 8601 string for dates."""
    if value is None or feature.numeric:
        return value  # type: ignore[no-any-return]
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    if feature.type == "date":
        return moment.date().isoformat()
    if feature.aware and moment.tzinfo is None:
        return moment.isoformat() + "+00:00"
    return moment.isoformat()


def _image_faults(settings: ModelSettings, manifest: Manifest) -> Iterator[Fault]:
    schema = manifest.model_schema
    taken: dict[str, int] = {}
    for index, image in enumerate(settings.image):
        path: Path = ("image", index, "columns")
        yield from _image_size_faults(image, index)
        for name in image.columns:
            if name not in schema.names:
                yield Fault(path, f"The model has no input {name!r}.{did_you_mean(name, schema.names)}")
                break
            if not schema.feature(name).numeric:
                yield Fault(path, f"{name!r} is a {schema.feature(name).type}; a pixel is a number.")
                break
            if name in taken:
                yield Fault(path, f"{name!r} stands twice; a column is one pixel of one image.")
                break
            taken[name] = index


def _image_size_faults(image: ImageSettings, index: int) -> Iterator[Fault]:
    if image.width * image.height != len(image.columns):
        yield Fault(
            ("image", index, "width"),
            f"{image.width} by {image.height} are {image.width * image.height} pixels, "
            f"but {len(image.columns)} columns are named.",
        )


_SWITCHES = ("number", "integer", "boolean")


def _one_hot_faults(settings: ModelSettings, manifest: Manifest) -> Iterator[Fault]:
    schema = manifest.model_schema
    pixels = {name for image in settings.image for name in image.columns}
    taken: set[str] = set()
    for index, choice in enumerate(settings.one_hot):
        path: Path = ("one_hot", index, "columns")
        for name in choice.columns:
            if name not in schema.names:
                yield Fault(path, f"The model has no input {name!r}.{did_you_mean(name, schema.names)}")
                break
            if schema.feature(name).type not in _SWITCHES:
                yield Fault(path, f"{name!r} is a {schema.feature(name).type}; a column of a choice holds 0 and 1.")
                break
            if name in taken or name in pixels:
                other = "is a pixel of an image" if name in pixels else "stands twice"
                yield Fault(path, f"{name!r} {other}; a column is one option of one choice.")
                break
            taken.add(name)


def _privacy_faults(settings: ModelSettings, manifest: Manifest) -> Iterator[Fault]:
    schema = manifest.model_schema
    known = [*schema.names, *schema.unread, *([manifest.target] if manifest.target else [])]
    for name in settings.privacy.masked:
        if name not in known:
            yield Fault(("privacy", "masked"), f"The data has no column {name!r}.{did_you_mean(name, known)}")
