"""The tables and keys that ``model.toml`` may hold, and what each may be."""

from __future__ import annotations

from datetime import date, datetime
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, StringConstraints

from modeldesk.model_service.schema.schema import Scalar
from modeldesk.model_service.settings.rules import Expression

Widget = Literal[
    "number",
    "slider",
    "segmented",
    "select",
    "switch",
    "date",
    "datetime",
    "text",
    "latitude",
    "longitude",
]
WIDGETS: dict[str, tuple[Widget, ...]] = {
    "number": ("number", "slider", "segmented", "select", "latitude", "longitude"),
    "integer": ("number", "slider", "segmented", "select"),
    "category": ("select", "segmented", "text"),
    "boolean": ("switch", "segmented", "select"),
    "date": ("date",),
    "datetime": ("datetime",),
    "text": ("text",),
}
"""The controls that fit each type of feature."""
LABEL_LENGTH = 120
Label = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LABEL_LENGTH)]
Text = Annotated[str, StringConstraints(max_length=4_000)]
Finite = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Whole = Annotated[int, Field(strict=True)]
Positive = Annotated[int, Field(strict=True, gt=0)]
YesNo = Annotated[bool, Field(strict=True)]
Limit = Whole | Finite | datetime | date | str


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FeatureSettings(_Table):
    """``[features."NAME"]``: how one input is shown, and what is accepted of it.

    ``min`` and ``max`` are limits: a number, or for dates an ISO 8601 date. ``immutable``
    and ``monotone`` are for suggested changes: they leave the input alone, only raise it (1), or
    only lower it (-1).
    """

    label: Label | None = None
    unit: Label | None = None
    help: Text | None = None
    group: Label | None = None
    order: Whole | None = None
    widget: Widget | None = None
    min: Limit | None = None
    max: Limit | None = None
    step: Annotated[Finite, Field(gt=0)] | None = None
    hidden: YesNo | None = None
    immutable: YesNo = False
    monotone: Literal[-1, 0, 1] = 0


class ImageSettings(_Table):
    """``[[image]]``: numeric columns that are the pixels of one picture, row by row from the top left."""

    columns: tuple[str, ...] = Field(min_length=1)
    width: Positive
    height: Positive


class OneHotSettings(_Table):
    """``[[one_hot]]``: columns of 0 and 1 that are one choice, of which exactly one is set, or with
    ``none`` at most one."""

    label: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LABEL_LENGTH)]
    columns: tuple[str, ...] = Field(min_length=2)
    none: YesNo = False


class Rule(_Table):
    """``[[rules]]``: where ``when`` holds, the text warns, or refuses an answer."""

    when: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    action: Literal["warn", "refuse"] = "warn"
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1_000)]


class Access(_Table):
    """``[access]``: the groups that may see the model; everybody where none is named."""

    groups: tuple[str, ...] = ()


class Privacy(_Table):
    """``[privacy]``: whether single records of the data are shown, which columns never are, and
    for how many days predictions are kept (always, where not set)."""

    show_records: YesNo = True
    masked: tuple[str, ...] = ()
    retention_days: Positive | None = None


class ModelSettings(_Table):
    """Everything that ``model.toml`` may hold; each key may be left out."""

    title: Label = ""
    description: Text = ""
    owner: Label = ""
    unit: Label = ""
    positive: Scalar = None
    favourable: Scalar = None
    threshold: Annotated[Finite, Field(ge=0, le=1)] | None = None
    level: Annotated[Finite, Field(ge=0.5, le=0.999)] = 0.9
    features: dict[str, FeatureSettings] = {}
    image: tuple[ImageSettings, ...] = ()
    one_hot: tuple[OneHotSettings, ...] = ()
    rules: tuple[Rule, ...] = ()
    access: Access = Access()
    privacy: Privacy = Privacy()

    _expressions: tuple[Expression, ...] = PrivateAttr(default=())

    @cached_property
    def compiled_rules(self) -> tuple[tuple[Rule, Expression], ...]:
        """The rules with their conditions, compiled when the file was held against its manifest."""
        return tuple(zip(self.rules, self._expressions, strict=True))

    def with_expressions(self, expressions: tuple[Expression, ...]) -> ModelSettings:
        """The same settings with their rules compiled, one expression a rule."""
        copy = self.model_copy()
        copy._expressions = expressions
        return copy
