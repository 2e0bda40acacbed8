"""Columns that are one choice, encoded before the model sees them: of several 0/1 columns one is set.

``model.toml`` names them (``[[one_hot]]``), and the contract holds every record to them: what no row
of the data can be is refused by form, API, file and notebook alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from modeldesk.core import formats
from modeldesk.model_service.schema.fields import Field, shown_options
from modeldesk.model_service.schema.schema import Feature, Scalar
from modeldesk.model_service.settings.tables import ModelSettings

NONE = "None"
"""What a record is called of whose columns none is set."""
IMPOSSIBLE = "impossible_combination"
"""The code of a problem with such columns."""

FaultRows = tuple[np.ndarray, str]
"""The positions of rows that cannot be, and why, in words."""


@dataclass(frozen=True, slots=True)
class OneHot:
    """One choice: its columns, what each is called as an option, and whether ``none`` may be set."""

    label: str
    columns: tuple[str, ...]
    options: tuple[str, ...]
    none: bool

    def text(self, record: Mapping[str, Any]) -> str:
        """What a checked record chose, as people read it."""
        values = [record.get(name) for name in self.columns]
        for value, option in zip(values, self.options, strict=True):
            if value == 1:
                return option
        return formats.value(None, "") if any(value is None for value in values) else NONE

    def values(self, option: str) -> tuple[bool, ...]:
        """Whether each of its columns is set where an option is chosen; NONE sets none."""
        return tuple(name == option for name in self.options)

    def texts(self, frame: pd.DataFrame) -> pd.Series:
        """What each row of a frame with its columns chose, as people read it; None where a column is missing."""
        numbers = np.column_stack([numbers_of_series(frame[name]) for name in self.columns])
        chosen = np.where((numbers == 1).any(axis=1), (numbers == 1).argmax(axis=1), len(self.options))
        texts = np.array([*self.options, NONE], dtype=object)[chosen]
        texts[np.isnan(numbers).any(axis=1) & ~(numbers == 1).any(axis=1)] = None
        return pd.Series(texts, index=frame.index)

    @property
    def rule(self) -> str:
        """What is asked of its columns, in words."""
        return f"{'At most' if self.none else 'Exactly'} one of {self._names()} is set."

    def faults(self, values: np.ndarray) -> Iterator[FaultRows]:
        """What is wrong with rows (n, columns) of 0, 1 and NaN for missing, each fault with its rows."""
        set_, missing = values == 1, np.isnan(values)
        count = set_.sum(axis=1)
        for index, name in enumerate(self.columns):
            outlier = np.flatnonzero(~missing[:, index] & ~set_[:, index] & (values[:, index] != 0))
            if len(outlier):
                yield outlier, f"{self.label}: {name} takes 0 and 1 only, as one of {self._names()}."
        several = np.flatnonzero(count > 1)
        if len(several):
            patterns, of = np.unique(set_[several], axis=0, return_inverse=True)
            for number, pattern in enumerate(patterns):
                chosen = _joined([name for name, there in zip(self.columns, pattern, strict=True) if there])
                message = f"{self.label}: only one of {self._names()} can be set, not {chosen} together."
                yield several[of.reshape(-1) == number], message
        if not self.none:
            empty = np.flatnonzero((count == 0) & ~missing.any(axis=1) & (values == 0).all(axis=1))
            if len(empty):
                yield empty, f"{self.label}: one of {self._names()} has to be set."

    def _names(self) -> str:
        return shown_options(self.columns)


def one_hots(fields: Sequence[Field], settings: ModelSettings | None) -> tuple[OneHot, ...]:
    """The choices that a model's settings name, their options by the labels of their columns."""
    if settings is None or not settings.one_hot:
        return ()
    labels = {field.name: field.label for field in fields}
    return tuple(
        OneHot(
            wanted.label,
            wanted.columns,
            tuple(option_name(labels[name], wanted.label) for name in wanted.columns),
            wanted.none,
        )
        for wanted in settings.one_hot
    )


def describe_choices(fields: Sequence[Field], settings: ModelSettings | None) -> tuple[OneHot, ...]:
    """The choices that may be shown whole: none of their columns is masked."""
    masked = set(settings.privacy.masked) if settings is not None else set()
    return tuple(choice for choice in one_hots(fields, settings) if not masked & set(choice.columns))


def choice_field(field: Field, choice: OneHot) -> Field:
    """The first column of a choice as the one input of words that stands for all of it."""
    feature = field.feature.model_copy(update={"type": "category", "options": ()})
    return replace(field, label=choice.label, unit=None, feature=feature)


def option_name(label: str, group: str) -> str:
    """A column's label as an option: ``North`` of ``Region north`` in the choice ``Region``."""
    rest = label[len(group) :].strip() if label.casefold().startswith(f"{group.casefold()} ") else label
    return rest[:1].upper() + rest[1:]


def impossible_rows(choices: Sequence[OneHot], frame: pd.DataFrame) -> Iterator[FaultRows]:
    """The rows of a frame that was built by the contract whose columns cannot be set together."""
    for choice in choices:
        columns = [numbers_of_series(frame[name]) for name in choice.columns]
        yield from choice.faults(np.column_stack(columns))


def numbers_of(values: Sequence[Scalar]) -> np.ndarray:
    """Checked values as numbers, NaN for missing."""
    return np.array([np.nan if value is None else float(value) for value in values], dtype=float)


def numbers_of_series(column: pd.Series) -> np.ndarray:
    """A published column as numbers, NaN for missing."""
    return column.to_numpy(dtype=float, na_value=np.nan)


def possible_defaults(
    choices: Sequence[OneHot], features: Mapping[str, Feature], record: Mapping[str, Scalar]
) -> dict[str, Scalar]:
    """A record of each feature's own default, where it breaks a choice with the commonest option set."""
    result = dict(record)
    for choice in choices:
        values = numbers_of([result[name] for name in choice.columns])
        if next(choice.faults(values.reshape(1, -1)), None) is None:
            continue
        commonest = max(choice.columns, key=lambda name: _share_set(features[name]))
        for name in choice.columns:
            result[name] = value_of(features[name], name == commonest)
    return result


def value_of(feature: Feature, chosen: bool) -> Scalar:
    """What stands in a column whose option is chosen, or is not."""
    return chosen if feature.type == "boolean" else int(chosen)


def _share_set(feature: Feature) -> float:
    """About which share of the published rows have the column set."""
    shares = [option.share for option in feature.options if option.value == 1]
    if shares or not feature.quantiles:
        return sum(shares)
    return sum(level == 1 for level in feature.quantiles) / len(feature.quantiles)


def _joined(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
