"""What the browser keeps of named scenarios, read with suspicion, and changed.

The store holds a list for all models together, each item ``{number, model, name, version,
values}``: the form's texts by field name, as ``FormState`` has them. It lives in the browser's
session storage, so that a reload keeps it and closing the tab forgets it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from modeldesk.core.errors import BadRequest
from modeldesk.model_service.batch.writers import inert
from modeldesk.model_service.schema.fields import Field
from modeldesk.services.predictions.explain import Explained
from modeldesk.services.predictions.what_if import MAX_SCENARIOS, Compared
from modeldesk.web.ui.pages.predict import text as words
from modeldesk.web.ui.pages.predict.request import FormState, named_values

MAX_NAME = 60


@dataclass(frozen=True, slots=True)
class Kept:
    """One scenario: ``number`` is its own among all, ``values`` are the form's texts."""

    number: str
    model: str
    name: str
    values: Mapping[str, Any]

    def as_data(self) -> dict[str, Any]:
        """As the browser keeps it."""
        return {
            "number": self.number,
            "model": self.model,
            "name": self.name,
            "values": [[key, text] for key, text in self.values.items()],
        }


def kept_scenarios(data: Any) -> list[Kept]:
    """The scenarios in the browser's store; what no page of ours wrote there is passed over."""
    found = []
    for item in data if isinstance(data, list) else []:
        if not isinstance(item, Mapping):
            continue
        number, model, name, values = (item.get(key) for key in ("number", "model", "name", "values"))
        values = named_values(values)
        texts = all(isinstance(text, str) for text in (number, model, name))
        if texts and values is not None:
            found.append(Kept(str(number), str(model), str(name), values))
    return found


def of_model(data: Any, model: str) -> list[Kept]:
    """Those of one model, in the order they were kept."""
    return [item for item in kept_scenarios(data) if item.model == model]


def keep(data: Any, form: FormState, name: str) -> list[dict[str, Any]]:
    """The store with the form kept under a name; an empty name takes the next free number.

    Raises BadRequest for a name that is taken, and where there are as many as can be compared.
    """
    kept = kept_scenarios(data)
    taken = {item.name for item in kept if item.model == form.model}
    if len(taken) >= MAX_SCENARIOS:
        raise BadRequest(words.NO_MORE.format(most=MAX_SCENARIOS), hint=words.REMOVE_ONE)
    called = " ".join(name.split())[:MAX_NAME]
    if called in taken:
        raise BadRequest(words.NAME_TAKEN.format(name=called), hint=words.NAME_TAKEN_HINT)
    called = called or next(
        free
        for number in range(1, MAX_SCENARIOS + 1)
        if (free := words.NUMBERED_SCENARIO.format(number=number)) not in taken
    )
    return [item.as_data() for item in (*kept, Kept(str(form.number), form.model, called, form.values))]


def joined(data: Any, scenarios: Sequence[Kept]) -> list[dict[str, Any]]:
    """The store with the scenarios of a saved set, without those that are in it already; one whose name is
    taken gets a number. Raises BadRequest where there would be more than can be compared."""
    kept = kept_scenarios(data)
    new = [item for item in scenarios if not any(_is_same(item, other) for other in kept)]
    for model in {item.model for item in new}:
        before = len(of_model(data, model))
        if before + sum(item.model == model for item in new) > MAX_SCENARIOS:
            raise BadRequest(
                words.TOO_MANY.format(most=MAX_SCENARIOS, before=before),
                hint=words.TOO_MANY_HINT,
            )
    for item in new:
        taken = {other.name for other in kept if other.model == item.model}
        names = (item.name if number == 1 else f"{item.name} ({number})" for number in range(1, MAX_SCENARIOS + 2))
        kept.append(replace(item, name=next(name for name in names if name not in taken)))
    return [item.as_data() for item in kept]


def _is_same(item: Kept, other: Kept) -> bool:
    alike = (item.model, item.name) == (other.model, other.name) and dict(item.values) == dict(other.values)
    return alike or item.number == other.number


def without(data: Any, *, number: str | None = None, model: str | None = None) -> list[dict[str, Any]]:
    """The store without the scenario of that number, or without all of a model's."""
    return [item.as_data() for item in kept_scenarios(data) if item.number != number and item.model != model]


def as_csv(found: Compared) -> str:
    """The scenarios as a file, a row each: all inputs, what the model says, and what each input adds.

    Texts that a spreadsheet would run as a formula are made harmless by a leading apostrophe.
    """
    model = found.answers[0].model
    fields = [field for field in model.fields if not field.hidden]
    classes = [str(name) for name in found.answers[0].prediction.output.probability or {}]
    heads = ["scenario", *(field.name for field in fields), "prediction"]
    heads += [words.FILE_PROBABILITY.format(of_class=name) for name in classes]
    heads += ["low", "high", "level", "warnings", words.FILE_SCALE, words.FILE_BASE]
    heads += [words.FILE_CONTRIBUTION.format(input=field.name) for field in fields]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([inert(head) for head in heads])
    for name, item in zip(found.names, found.answers, strict=True):
        writer.writerow([inert(v) if isinstance(v, str) else v for v in [name, *_cells(item, fields, classes)]])
    return text.getvalue()


def _cells(item: Explained, fields: Sequence[Field], classes: Sequence[str]) -> list[Any]:
    output, explanation = item.prediction.output, item.explanation
    chances = output.probability or {}
    low, high = item.confidence.interval or (None, None)
    added = {part.feature: part.contribution for part in explanation.contributions} if explanation else {}
    scale = None
    if explanation is not None:
        scale = (
            explanation.scale
            if explanation.of_class is None
            else words.FILE_SCALE_OF.format(scale=explanation.scale, of_class=explanation.of_class)
        )
    return [
        *(item.prediction.inputs[field.name] for field in fields),
        output.prediction,
        *(chances.get(name) for name in classes),
        low,
        high,
        item.confidence.level if low is not None else None,
        "; ".join(str(warning["message"]) for warning in item.prediction.warnings),
        scale,
        None if explanation is None else explanation.base_value,
        *(added.get(field.name) for field in fields),
    ]
