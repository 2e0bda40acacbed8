"""One input of a model as the form shows it: its place in the page, and what the browser must know.

The page holds the label, the unit, the rail of what was seen and a place for messages; the
control itself is made in the browser (``assets/predict-controls.js``) from ``control``'s
description, and its value never leaves for the server one key at a time.
"""

from __future__ import annotations

from typing import Any

from dash import html

from app.layout import fields as parts
from app.layout import formats
from app.layout.components import icon
from app.layout.fragment import NEVER_SHARED
from app.layout.predict_values import form_text
from app.model_service.fields import Field, accepted, number_text
from app.model_service.schema import Scalar

COMBOBOX_FROM = 13
"""Options from which on a list is searched by typing."""
MAX_CHOICES = 2_000
_UNGROUPED = 10_000
"""Whole numbers under this are shown plain, for years to look like years."""


def control(field: Field, n: int) -> dict[str, Any]:
    """What the browser needs to draw input ``n`` and to look after its value, as JSON.

    ``value`` is the default's exact text and ``shown`` how it is written; ``low`` and ``high``
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
        "value": form_text(feature.default),
        "shown": shown_default(feature.default),
        "missing": feature.missing_allowed,
        "share": field.widget not in NEVER_SHARED,
        "low": seen_low if feature.numeric else feature.minimum,
        "high": seen_high if feature.numeric else feature.maximum,
        "min": _number(field.minimum),
        "max": _number(field.maximum),
        "step": field.step or (1 if feature.type == "integer" else None),
    }
    if kind == "slider":
        described["from"] = _first(_number(field.minimum), seen_low)
        described["to"] = _first(_number(field.maximum), seen_high)
    if kind in ("segmented", "select", "combobox"):
        described["options"] = [[form_text(value), option_label(value)] for value in _choices(field)]
        described["free"] = feature.numeric or (feature.type == "category" and feature.unseen_allowed)
    return described | _warnings(field)


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
    """The field's place in the page: the control goes into the element ``slot-N``."""
    kind = kind_of(field)
    state = html.Span(
        [
            html.Span(id=f"was-{n}", className="md-was"),
            html.Button(
                icon("arrow-counterclockwise"),
                id=f"undo-{n}",
                type="button",
                className="md-undo",
                title=f"Undo the change of {field.label}",
                **{"aria-label": f"Undo the change of {field.label}"},
            ),
        ],
        className="md-changed",
    )
    hint = hint_text(field)
    about = [
        html.P(hint, className="md-hint md-hint-focus") if hint else None,
        html.P("May be left empty", className="md-hint") if feature_takes_missing(field) else None,
        html.Div(id=f"note-{n}"),
    ]
    return html.Div(
        [
            parts.field(
                html.Div(id=f"slot-{n}", className="md-slot"),
                label=field.label,
                for_id=f"input-{n}",
                unit=(field.unit or "") if kind == "number" else "",
                help_text=field.help or "",
                rail_view=rail(field) if kind == "number" else None,
                message=about,
                message_id=f"about-{n}",
                group=kind == "segmented",
            ),
            state,
        ],
        id=f"field-{n}",
        className=f"md-question md-question-{kind}{' md-wide' if is_wide(field) else ''}",
        **{"data-label": field.label, "data-n": str(n)},
    )


def rail(field: Field) -> html.Div | None:
    """The range that was seen under a number; the browser moves its tick."""
    feature = field.feature
    low, high = _number(feature.minimum), _number(feature.maximum)
    if low is None or high is None or len(feature.quantiles) < 6:
        return None
    quarter, three_quarters = _number(feature.quantiles[3]), _number(feature.quantiles[5])
    if quarter is None or three_quarters is None:
        return None
    return parts.rail(parts.Rail(low, high, quarter, three_quarters, _number(feature.default) or low))


def hint_text(field: Field) -> str:
    """What most values are and what was seen, for while the field has the focus."""
    feature = field.feature
    if feature.minimum is None or feature.maximum is None:
        return ""
    if not feature.numeric:
        return f"Seen {formats.span(feature.minimum, feature.maximum)}"
    if len(feature.quantiles) < 6 or feature.quantiles[3] == feature.quantiles[5]:
        return f"Seen {number_text(feature.minimum)} to {number_text(feature.maximum)}"
    low, high = feature.quantiles[3], feature.quantiles[5]
    return (
        f"Most are {number_text(low)} to {number_text(high)}; "
        f"seen {number_text(feature.minimum)} to {number_text(feature.maximum)}"
    )


def feature_takes_missing(field: Field) -> bool:
    """Whether the field is a text box that may be left empty (lists offer "Not known" themselves)."""
    return field.feature.missing_allowed and kind_of(field) in ("number", "slider", "date", "datetime", "text")


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


def shown_default(value: Scalar) -> str:
    """A default as its input shows it until somebody enters the field."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _UNGROUPED:
        return str(value).replace("-", formats.MINUS)
    if isinstance(value, float) and value.is_integer() and abs(value) < _UNGROUPED:
        return str(int(value)).replace("-", formats.MINUS)
    return "" if value is None else formats.exact(value)


def _choices(field: Field) -> tuple[Scalar, ...]:
    if field.feature.type == "boolean":
        return (False, True)
    return tuple(option.value for option in field.feature.options[:MAX_CHOICES])


def _warnings(field: Field) -> dict[str, str]:
    """What the browser says at once of a value that the model has not seen."""
    feature = field.feature
    words = {}
    if feature.minimum is not None and feature.maximum is not None and feature.type not in ("category", "text"):
        seen = formats.span(feature.minimum, feature.maximum, field.unit or "")
        for side in ("below", "above"):
            words[side] = f"{field.label} is {side} anything seen in training ({seen}). You can still predict."
    if feature.type == "category":
        words["unseen"] = f"{field.label}: the model has not seen this value in training. You can still predict."
    return words | {"accepted": accepted(field)}


def _spans(field: Field) -> bool:
    low = _first(_number(field.minimum), _number(field.feature.minimum))
    high = _first(_number(field.maximum), _number(field.feature.maximum))
    return low is not None and high is not None and low < high


def _number(value: Any) -> float | int | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _first(*values: float | int | None) -> float | int | None:
    return next((value for value in values if value is not None), None)
