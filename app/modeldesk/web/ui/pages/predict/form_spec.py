"""What the browser must know to look after a form: its inputs, images and maps, as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.schema.fields import Field
from modeldesk.model_service.schema.one_hot import NONE, value_of
from modeldesk.model_service.schema.schema import Scalar
from modeldesk.web.ui.common.explanation.typed_values import form_text
from modeldesk.web.ui.common.fragment import NEVER_SHARED
from modeldesk.web.ui.pages.predict import text as words
from modeldesk.web.ui.pages.predict.form import ChoiceInput, FormPlan, ImageInput, MapInput
from modeldesk.web.ui.pages.predict.widgets import COMBOBOX_FROM, control

SEGMENTS, SEGMENT_LETTERS = 4, 26
"""A choice with so few and short options has them side by side."""


def form_spec(model: LoadedModel, plan: FormPlan) -> dict[str, Any]:
    """The description that ``predictStart`` takes. Fields are numbered in the plan's order and open
    with the model's default record; an image's pixels come without a control of their own."""
    shown, record = plan.fields, model.default_record
    choices = {field.name: n for n, item in enumerate(plan.choices) for field in item.fields}
    return {
        "model": model.name,
        "version": model.version,
        "fields": [
            *(_field(field, n, record[field.name], choices.get(field.name)) for n, field in enumerate(shown)),
            *(_choice(item, n, len(shown), record) for n, item in enumerate(plan.choices)),
        ],
        "images": [_image(item, n) for n, item in enumerate(_items(plan, ImageInput))],
        "maps": [{"latitude": m.latitude.name, "longitude": m.longitude.name} for m in _items(plan, MapInput)],
    }


def _items(plan: FormPlan, kind: type) -> list[Any]:
    return [item for group in plan.groups for item in group.items if isinstance(item, kind)]


def _field(field: Field, n: int, value: Scalar, choice: int | None) -> dict[str, Any]:
    """A field's description; a pixel, and a column of choice number ``choice``, have no control of their own."""
    if field.widget not in ("pixel", "option"):
        return control(field, n, value)
    return {
        "n": n,
        "name": field.name,
        "label": field.label,
        "kind": field.widget,
        "type": field.feature.type,
        "value": form_text(value),
        "share": field.widget not in NEVER_SHARED,
        **({} if choice is None else {"choice": choice_name(choice)}),
    }


def choice_name(number: int) -> str:
    """What the browser calls a choice among its fields; no column has a null character in its name."""
    return f"\0choice {number}"


def _choice(item: ChoiceInput, number: int, first: int, record: Mapping[str, Scalar]) -> dict[str, Any]:
    """A choice of several columns: its options by their columns, and what stands in each column where it
    is chosen or not. Its value is the chosen column, "" for none, and is the browser's own."""
    choice = item.choice
    options = [[column, option] for column, option in zip(choice.columns, choice.options, strict=True)]
    options += [["", NONE]] if choice.none else []
    chosen = next((name for name in choice.columns if record[name] == 1), "" if choice.none else None)
    short = len(options) <= SEGMENTS and sum(len(option) for _, option in options) <= SEGMENT_LETTERS
    return {
        "n": first + number,
        "name": choice_name(number),
        "label": choice.label,
        "unit": "",
        "kind": "segmented" if short else "combobox" if len(options) >= COMBOBOX_FROM else "select",
        "type": "category",
        "value": chosen,
        "shown": choice.text(record),
        "missing": all(field.feature.missing_allowed for field in item.fields),
        "share": False,
        "help": "",
        "hint": "",
        "options": options,
        "free": False,
        "accepted": "",
        "columns": {
            field.name: [form_text(value_of(field.feature, chosen)) for chosen in (False, True)]
            for field in item.fields
        },
    }


def _image(item: ImageInput, n: int) -> dict[str, Any]:
    paper, ink = image_range(item.fields, item.width, item.height)
    return {
        "n": n,
        "label": words.IMAGE,
        "columns": [field.name for field in item.fields],
        "width": item.width,
        "height": item.height,
        "paper": paper,
        "ink": ink,
        "whole": [field.feature.type == "integer" for field in item.fields],
    }


def image_range(pixels: Sequence[Field], width: int, height: int) -> tuple[float, float]:
    """The values that stand for paper and for ink: the ends of what was seen over all pixels,
    paper being the end that the border's usual values are nearer to."""
    lows = [float(f.feature.minimum) for f in pixels if isinstance(f.feature.minimum, int | float)]
    highs = [float(f.feature.maximum) for f in pixels if isinstance(f.feature.maximum, int | float)]
    low, high = min(lows, default=0.0), max(highs, default=1.0)
    border = [
        float(field.feature.default)
        for place, field in enumerate(pixels)
        if isinstance(field.feature.default, int | float)
        and (place // width in (0, height - 1) or place % width in (0, width - 1))
    ]
    usual = sum(border) / len(border) if border else low
    return (low, high) if usual - low <= high - usual else (high, low)
