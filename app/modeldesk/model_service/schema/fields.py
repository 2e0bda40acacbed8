"""A model's inputs as forms and charts show them: what was inferred, with what people set over it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from modeldesk.core import formats
from modeldesk.core.labels import distinct
from modeldesk.model_service.schema.schema import Feature, ModelSchema
from modeldesk.model_service.settings.check import limit_value
from modeldesk.model_service.settings.tables import LABEL_LENGTH, FeatureSettings, ModelSettings, Widget

FieldWidget = Widget | Literal["pixel", "option"]
Limit = int | float | str | None

_YEARS = (1000, 2999)
_YEAR_WORDS = frozenset({"year", "yr", "jahr", "vintage"})
_SEGMENTS = 6
_SLIDER_VALUES = 32
_PLAIN = FeatureSettings()


@dataclass(frozen=True, slots=True)
class Field:
    """One input. ``minimum`` and ``maximum`` are limits that people set (None without one), not
    what was observed; ``widget`` is ``pixel`` for a column that an image fills, ``option`` for one
    that is an option of a choice."""

    name: str
    feature: Feature
    label: str
    unit: str | None
    help: str | None
    group: str | None
    order: int | None
    widget: FieldWidget
    minimum: Limit
    maximum: Limit
    step: float | None
    hidden: bool
    immutable: bool
    monotone: int

    @property
    def year(self) -> bool:
        """Whether its whole numbers are calendar years, which are written without a comma."""
        low, high = self.feature.minimum, self.feature.maximum
        if self.unit or not isinstance(low, int | float) or not isinstance(high, int | float):
            return False
        named = _YEAR_WORDS & set(f"{humane(self.name)} {self.label}".lower().split())
        whole = float(low).is_integer() and float(high).is_integer()
        return bool(named) and whole and _YEARS[0] <= low and high <= _YEARS[1]

    def text(self, value: Any) -> str:
        """One value of it as people read it, wherever it stands: €18,500, 2005, 18 Nov 2026, Not known."""
        return formats.value(value, self.unit or "", year=self.year)

    def span(self, low: Any, high: Any) -> str:
        """Both ends in words: 19 to 23 years."""
        return formats.span(low, high, self.unit or "", year=self.year)


def fields(schema: ModelSchema, settings: ModelSettings | None) -> tuple[Field, ...]:
    """All inputs, hidden ones included, in form order.

    Within all, ``order`` goes first, then the artifact's order; the members of a group stand
    together where its first member stands.
    """
    parts: dict[str, Literal["pixel", "option"]] = {}
    if settings is not None:
        parts |= {name: "option" for choice in settings.one_hot for name in choice.columns}
        parts |= {name: "pixel" for image in settings.image for name in image.columns}
    called = labels_of(schema.names)
    result = [
        _field(feature, _of(settings, feature.name), called[feature.name], parts.get(feature.name))
        for feature in schema.features
    ]
    last = max((field.order for field in result if field.order is not None), default=0) + 1
    result.sort(key=lambda field: last if field.order is None else field.order)
    first: dict[str | None, int] = {}
    for position, field in enumerate(result):
        first.setdefault(field.group, position)
    return tuple(sorted(result, key=lambda field: first[field.group]))


def _of(settings: ModelSettings | None, name: str) -> FeatureSettings:
    return _PLAIN if settings is None else settings.features.get(name, _PLAIN)


def _field(feature: Feature, wanted: FeatureSettings, label: str, part: Literal["pixel", "option"] | None) -> Field:
    hidden = feature.hidden if wanted.hidden is None else wanted.hidden
    return Field(
        name=feature.name,
        feature=feature,
        label=wanted.label or label,
        unit=wanted.unit or None,
        help=wanted.help or None,
        group=wanted.group or None,
        order=wanted.order,
        widget=part or wanted.widget or default_widget(feature),
        minimum=limit_value(feature, wanted.min),
        maximum=limit_value(feature, wanted.max),
        step=wanted.step,
        # A pixel that never changed is part of its picture all the same, and so is an option of its choice.
        hidden=hidden and part is None,
        immutable=wanted.immutable,
        monotone=wanted.monotone,
    )


def default_widget(feature: Feature) -> Widget:
    """What suits the feature where nobody chose: few choices side by side, a small range of whole
    numbers as a slider."""
    if feature.type == "boolean":
        return "switch"
    if feature.type == "category":
        words = [str(option.value) for option in feature.options]
        short = 2 <= len(words) <= 3 and sum(map(len, words)) <= 24
        return "segmented" if short and not feature.unseen_allowed else "select"
    if feature.type == "integer":
        return _integer_widget(feature)
    return feature.type


def _integer_widget(feature: Feature) -> Widget:
    if not isinstance(feature.minimum, int | float) or not isinstance(feature.maximum, int | float):
        return "number"
    span = int(feature.maximum - feature.minimum) + 1
    if 2 <= len(feature.options) <= _SEGMENTS and (len(feature.options) == 2 or span > len(feature.options)):
        return "segmented"
    return "slider" if 5 <= feature.distinct == span <= _SLIDER_VALUES else "number"


def labels_of(names: Sequence[str]) -> dict[str, str]:
    """Columns' names as labels, each different: names that would read the same stay as they are, in
    quotation marks where only blanks tell them apart."""
    shared = Counter(humane(name) for name in names)
    bare = Counter(name.strip() for name in names)
    plain = {name: humane(name) if shared[humane(name)] == 1 else name for name in names}
    whole = [label if bare[name.strip()] == 1 else repr(name) for name, label in plain.items()]
    return dict(zip(plain, distinct(whole, LABEL_LENGTH), strict=True))


_OF = re.compile(
    r"\b(week|day|date|month|year|time|number|count|type|kind|name|place|length|rate|sum|share|cost|source)of\b", re.I
)


def humane(name: str) -> str:
    """A column's name as a label: ``mean_radius`` and ``meanRadius`` become ``Mean radius``,
    ``DateofBirth`` ``Date of birth``."""
    spaced = "".join(
        f" {letter}" if letter.isupper() and position and name[position - 1].islower() else letter
        for position, letter in enumerate(name)
    )
    words = _OF.sub(r"\1 of", spaced.replace("_", " ").replace(".", " ")).split()
    if not words:
        return name
    if len(words) > 1:
        words = [word if word.isupper() and len(word) > 1 else word.lower() for word in words]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])


def accepted(field: Field) -> str:
    """What may be entered, in words: ``18 to 100``, ``a whole number``, ``one of: a, b``."""
    feature = field.feature
    if feature.type == "boolean":
        return "yes or no (true or false)"
    if feature.type == "category":
        return f"one of: {shown_options([option.value for option in feature.options])}"
    if feature.type == "text":
        return "text"
    low, high = field.minimum, field.maximum
    if feature.type in ("date", "datetime"):
        kind = _DATE_FORMS[feature.type, feature.aware]
        return kind + between(low, high)
    kind = "a whole number" if feature.type == "integer" else "a number"
    if low is not None and high is not None:
        return f"{formats.exact(low, year=field.year)} to {formats.exact(high, year=field.year)}"
    return kind + between(low, high, field.year)


_DATE_FORMS = {
    ("date", False): "a date as YYYY-MM-DD",
    ("date", True): "a date as YYYY-MM-DD",
    ("datetime", False): "a date and time as YYYY-MM-DDTHH:MM:SS",
    ("datetime", True): "a date and time with its offset, as YYYY-MM-DDTHH:MM:SSZ",
}


def between(low: Limit, high: Limit, year: bool = False) -> str:
    """`` from 18``, `` up to 100``, `` from 18 to 100``, or nothing."""
    first, last = formats.exact(low, year=year), formats.exact(high, year=year)
    text = "" if low is None else f" from {first}"
    if high is None:
        return text
    return f"{text} to {last}" if text else f" up to {last}"


def shown_options(values: Sequence[Any], limit: int = 10) -> str:
    """The first options and how many more there are."""
    shown = ", ".join(option_text(value) for value in values[:limit])
    return shown if len(values) <= limit else f"{shown} and {len(values) - limit:,} more"


def option_text(value: Any) -> str:
    """An option as it may be sent, a whole number without decimals: ``2`` for 2.0."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
