"""What the browser must know to look after a form: its inputs, images and maps, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.schema.fields import Field
from modeldesk.model_service.schema.schema import Scalar
from modeldesk.web.ui.common.explanation.typed_values import form_text
from modeldesk.web.ui.common.fragment import NEVER_SHARED
from modeldesk.web.ui.pages.predict.form import FormPlan, ImageInput, MapInput
from modeldesk.web.ui.pages.predict.widgets import control


def form_spec(model: LoadedModel, plan: FormPlan) -> dict[str, Any]:
    """The description that ``predictStart`` takes. Fields are numbered in the plan's order and open
    with the model's default record; an image's pixels come without a control of their own."""
    shown, record = plan.fields, model.default_record
    return {
        "model": model.name,
        "version": model.version,
        "fields": [_field(field, n, record[field.name]) for n, field in enumerate(shown)],
        "images": [_image(item, n) for n, item in enumerate(_items(plan, ImageInput))],
        "maps": [{"latitude": m.latitude.name, "longitude": m.longitude.name} for m in _items(plan, MapInput)],
    }


def _items(plan: FormPlan, kind: type) -> list[Any]:
    return [item for group in plan.groups for item in group.items if isinstance(item, kind)]


def _field(field: Field, n: int, value: Scalar) -> dict[str, Any]:
    if field.widget != "pixel":
        return control(field, n, value)
    return {
        "n": n,
        "name": field.name,
        "label": field.label,
        "kind": "pixel",
        "type": field.feature.type,
        "value": form_text(value),
        "share": "pixel" not in NEVER_SHARED,
    }


def _image(item: ImageInput, n: int) -> dict[str, Any]:
    paper, ink = image_range(item.fields, item.width, item.height)
    return {
        "n": n,
        "label": "Image",
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
