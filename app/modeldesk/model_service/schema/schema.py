"""The input contract of a model: one for form, API, file, notebook and executable."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict

FeatureType = Literal["number", "integer", "category", "boolean", "date", "datetime", "text"]
FittedOn = Literal["frame", "array", "series"]
Scalar = bool | int | float | str | None
"""A value as JSON carries it; dates and datetimes are ISO 8601 strings."""


class Frozen(BaseModel):
    """Base of the value objects that are stored as JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


class Option(Frozen):
    """One category, with the share of the published rows that hold it (0 to 1)."""

    value: Scalar
    share: float


class Feature(Frozen):
    """One column that the artifact reads, as it stood in the published data.

    ``dtype`` is the pandas dtype's name; ``categories`` are those of a pandas ``category``
    column in their order (None elsewhere). ``options`` are what a person may choose from,
    in the order they should be shown. ``minimum``, ``maximum`` and ``quantiles``
    (at the levels of QUANTILE_LEVELS) are what was observed: numbers, or ISO strings for
    dates. ``missing_allowed`` and ``unseen_allowed`` say what the artifact was seen to take.
    ``hidden`` columns are read by the artifact but are no question: ``hidden_reason`` is
    ``constant``, ``identifier`` or ``unread`` (the artifact demands the column and ignores it),
    and their default is sent. ``categories_dtype`` is the
    dtype of ``categories``; ``null`` is what stands for a missing value in an ``object`` column.
    A number with few different values has ``options`` too: common choices, not limits.
    """

    name: str
    type: FeatureType
    dtype: str
    categories: tuple[Scalar, ...] | None = None
    categories_dtype: str | None = None
    ordered: bool = False
    null: Literal["nan", "none", "na"] = "nan"
    options: tuple[Option, ...] = ()
    default: Scalar = None
    missing_allowed: bool = False
    missing_share: float = 0.0
    unseen_allowed: bool = True
    minimum: float | str | None = None
    maximum: float | str | None = None
    quantiles: tuple[float | str, ...] = ()
    distinct: int = 0
    aware: bool = False
    """Whether a datetime column carries a zone."""
    hidden: bool = False
    hidden_reason: Literal["constant", "identifier", "unread"] | None = None

    @property
    def numeric(self) -> bool:
        """Whether values are numbers."""
        return self.type in ("number", "integer")


QUANTILE_LEVELS: tuple[float, ...] = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)


class ModelSchema(Frozen):
    """The columns an artifact reads, in its order, and those of the published data it does not.

    ``fitted_on`` tells what the artifact must be given: a DataFrame with these columns, a bare
    array in this order, or (``series``) the one column by itself, as text vectorizers want it.
    """

    features: tuple[Feature, ...]
    unread: tuple[str, ...] = ()
    fitted_on: FittedOn = "frame"

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The features' names in the artifact's order."""
        return tuple(feature.name for feature in self.features)

    @property
    def width(self) -> int:
        """How many columns the published data had beside the target."""
        return len(self.features) + len(self.unread)

    def feature(self, name: str) -> Feature:
        """One feature by name. Raises KeyError."""
        return self.by_name[name]

    @cached_property
    def by_name(self) -> Mapping[str, Feature]:
        """The features by their names."""
        return {feature.name: feature for feature in self.features}

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As pydantic's, which would give the copy the names of these features too."""
        copy = super().model_copy(update=update, deep=deep)
        for attribute in ("names", "by_name"):
            copy.__dict__.pop(attribute, None)
        return copy

    def defaults(self) -> dict[str, Any]:
        """The record that a fresh form shows: each feature's default at full precision."""
        return {feature.name: feature.default for feature in self.features}
