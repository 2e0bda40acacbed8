"""The analyses of a version's feature importance, and the key on which a cached answer depends."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Literal

from modeldesk.model_service.engine.results import native, positive_place
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.schema.one_hot import OneHot, describe_choices
from modeldesk.model_service.schema.schema import Frozen

SHAPE = 1
"""Increased whenever the same analysis is computed in another way: cached answers are then computed anew."""

AnalysisKind = Literal["contributions", "shuffling", "dependence"]


class AnalysisRequest(Frozen):
    """``contributions``: of every input to the answers about ``of_class``. ``shuffling``: what is lost
    without each input. ``dependence``: how answers about ``of_class`` follow ``feature``.
    ``of_class`` is None for models without classes."""

    kind: AnalysisKind
    of_class: str | None = None
    feature: str | None = None


@dataclass(frozen=True, slots=True)
class Driver:
    """One input as people see it: a column, or all columns of a picture or of a ``choice``. ``key`` is its first
    column."""

    key: str
    columns: tuple[str, ...]
    choice: OneHot | None = None

    @property
    def picture(self) -> bool:
        """Whether this is a picture."""
        return self.choice is None and len(self.columns) > 1


def drivers_of(model: LoadedModel) -> tuple[Driver, ...]:
    """The inputs of a version in the artifact's order; a picture or a choice stands where the first of its columns
    does."""
    pictures = {name: image.columns for image in model.settings.image for name in image.columns}
    choices = {name: choice for choice in describe_choices(model.fields, model.settings) for name in choice.columns}
    result: list[Driver] = []
    seen: set[str] = set()
    for name in model.schema.names:
        if name in seen:
            continue
        choice = choices.get(name)
        columns = pictures.get(name, (name,)) if choice is None else choice.columns
        seen.update(columns)
        result.append(Driver(columns[0], tuple(columns), choice))
    return tuple(result)


def choice_of(model: LoadedModel, key: str) -> OneHot | None:
    """The choice that a driver stands for; None for a column or a picture."""
    return next((driver.choice for driver in drivers_of(model) if driver.key == key), None)


def class_names(model: LoadedModel) -> tuple[str, ...]:
    """The classes by name; none for models without."""
    return tuple(str(native(value)) for value in model.manifest.classes)


def usual_class(model: LoadedModel) -> str | None:
    """Return the class that is shown if none is chosen: a binary model's positive one, else the first."""
    classes = class_names(model)
    if not classes:
        return None
    if not model.manifest.task.has_positive:
        return classes[0]
    return classes[positive_place(model.manifest.classes, model.settings.positive)]


def request_key(model: LoadedModel, request: AnalysisRequest) -> str:
    """Return the cache key of an answer: of the version's files, of its grouped columns, and of the request."""
    limits = {item.name: (item.minimum, item.maximum) for item in model.fields if item.name == request.feature}
    known: dict[str, Any] = {
        "shape": SHAPE,
        "name": model.name,
        "version": model.version,
        "files": model.manifest.digests,
        "drivers": [driver.columns for driver in drivers_of(model)],
        "limits": limits,
        "question": request.model_dump(mode="json"),
    }
    choice = choice_of(model, request.feature or "")
    if choice is not None:
        known["options"] = [*choice.options, choice.none]
    text = json.dumps(known, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
