"""One input of a model as the form shows it: its place in the page, and what the browser must know.

The page holds a place for each input. Label, control, rail and messages are made in the browser
(``assets/pages/predict/predict-controls.js``) from ``control``'s description, and a value never leaves for the
server one key at a time.
"""

from __future__ import annotations

from typing import Any

from dash import html

from modeldesk.core import formats
from modeldesk.model_service.schema.fields import Field, accepted
from modeldesk.model_service.schema.schema import Scalar
from modeldesk.web.ui.common.explanation.typed_values import form_text
from modeldesk.web.ui.common.fragment import NEVER_SHARED
from modeldesk.web.ui.pages.predict import text as words

COMBOBOX_FROM = 13
"""Options from which on a list is searched by typing."""
MAX_CHOICES = 2_000


def control(field: Field, n: int, value: Scalar) -> dict[str, Any]:
    """What the browser needs to draw input ``n``, which opens with ``value``, and to look after it, as JSON.

    In it ``value`` is the exact text and ``shown`` how it is written; ``low`` and ``high``
    are what was seen; ``min``, ``max`` and ``step`` guide a control, and the server's check of
    them is what counts. ``missing`` and ``free`` tell whether "Not known" and values that were
    never seen may be chosen.
    """
    feature, kind = field.feature, kind_of(field)
    seen_low, seen_high = _number(feature.minimum), _number(feature.maximum)
    described: dict[str, Any] = {
        "n": n,
        "name": field.name,
        "label": field.label,
        "unit": field.unit or "",
        "kind": kind,
        "type": feature.type,
        "value": form_text(value),
        "shown": shown_default(value, year=field.year),
        "grouped": feature.numeric and not field.year,
        "missing": feature.missing_allowed,
        "share": field.widget not in NEVER_SHARED,
        "low": seen_low if feature.numeric else feature.minimum,
        "high": seen_high if feature.numeric else feature.maximum,
        "min": _number(field.minimum),
        "max": _number(field.maximum),
        "step": field.step or (1 if feature.type == "integer" else None),
        "help": field.help or "",
        "hint": words.hint(field),
        "middle": middle_half(field) if kind == "number" else None,
    }
    if kind == "slider":
        described["from"] = _first(_number(field.minimum), seen_low)
        described["to"] = _first(_number(field.maximum), seen_high)
    if kind in ("segmented", "select", "combobox"):
        described["options"] = [[form_text(value), option_label(value)] for value in _choices(field)]
        described["free"] = feature.numeric or (feature.type == "category" and feature.unseen_allowed)
    return described | words.warnings(field) | {"accepted": accepted(field)}


def kind_of(field: Field) -> str:
    """The control that draws a field: its widget, as far as there is what it needs. (A widget that
    does not fit the feature's type is refused with ``model.toml``.)"""
    feature, widget = field.feature, field.widget
    if widget in ("latitude", "longitude"):
        return "number"
    if widget == "switch":
        return "segmented" if feature.missing_allowed else "switch"
    if widget == "slider":
        return "slider" if _spans(field) else "number"
    if widget in ("segmented", "select"):
        count = len(_choices(field))
        if count == 0:
            return "number" if feature.numeric else "text"
        return "combobox" if widget == "select" and count >= COMBOBOX_FROM else widget
    return widget


def block(field: Field, n: int) -> html.Div:
    """The place of input ``n`` in the page. Everything in it is made in the browser: a form of
    many inputs would otherwise be a thousand components that each callback has to look at."""
    kind = kind_of(field)
    return html.Div(
        id=f"field-{n}",
        className=f"md-question md-question-{kind}{' md-wide' if is_wide(field) else ''}",
        **{"data-label": field.label, "data-n": str(n)},
    )


def choice_block(label: str, n: int) -> html.Div:
    """The place of a choice of several columns, input ``n``."""
    return html.Div(
        id=f"field-{n}",
        className="md-question md-question-choice md-wide",
        **{"data-label": label, "data-n": str(n)},
    )


def middle_half(field: Field) -> tuple[float, float] | None:
    """Where the middle half of what was seen begins and ends, as shares of its whole range."""
    feature = field.feature
    low, high = _number(feature.minimum), _number(feature.maximum)
    if low is None or high is None or high <= low or len(feature.quantiles) < 6:
        return None
    start, end = (float(feature.quantiles[place]) for place in (3, 5))
    return (start - low) / (high - low), (end - low) / (high - low)


def is_wide(field: Field) -> bool:
    """Whether the field takes the form's whole width."""
    kind = kind_of(field)
    if kind == "segmented":
        labels = [option_label(value) for value in _choices(field)]
        return len(labels) > 3 or sum(len(label) + 3 for label in labels) > 20
    return kind in ("slider", "text")


def option_label(value: Scalar) -> str:
    """A category as people read it."""
    return formats.sentence(value) if isinstance(value, str) else formats.exact(value)


def shown_default(value: Scalar, *, year: bool = False) -> str:
    """A default as its input shows it until somebody enters the field."""
    return "" if value is None else formats.exact(value, year=year)


def _choices(field: Field) -> tuple[Scalar, ...]:
    if field.feature.type == "boolean":
        return (False, True)
    return tuple(option.value for option in field.feature.options[:MAX_CHOICES])


def _spans(field: Field) -> bool:
    low = _first(_number(field.minimum), _number(field.feature.minimum))
    high = _first(_number(field.maximum), _number(field.feature.maximum))
    return low is not None and high is not None and low < high


def _number(value: Any) -> float | int | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _first(*values: float | int | None) -> float | int | None:
    return next((value for value in values if value is not None), None)
