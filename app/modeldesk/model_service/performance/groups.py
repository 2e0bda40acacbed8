"""Decisions group by group: the usual measures of fairness between groups, by their definitions.

Alarm rate: P(alarm | group), equal under demographic parity.
True positive rate: P(alarm | positive, group), equal under equal opportunity (Hardt et al. 2016).
False positive rate: P(alarm | negative, group); with the former equal under equalised odds.
Precision: P(positive | alarm, group), equal under predictive parity.
Impact ratio: the group's rate of the favourable outcome over that of the group with the highest one, which
the four-fifths rule holds against 0.8 (29 CFR 1607.4D). Only people know which outcome is favourable; an
alarm may be either, and the ratio of alarm rates would be the wrong way round for a risk.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd

from modeldesk.model_service.neighbours.distance import as_numbers, is_scale
from modeldesk.model_service.performance.binary import Decision, Figure
from modeldesk.model_service.performance.conditions import Condition, frequent_values, missing_values, quantile_cuts
from modeldesk.model_service.performance.proportions import wilson_interval
from modeldesk.model_service.schema.schema import Feature, ModelSchema

MAX_GROUPS = 8
LEAST_ROWS = 20
FOUR_FIFTHS = 0.8
_QUARTERS = 3


@dataclass(frozen=True, slots=True)
class Group:
    """A group's rows and what the decision does in it. ``favoured`` is its rate of the favourable outcome and
    ``ratio`` that rate over the highest of any group, NaN where no group has it; both None where nobody said
    which outcome is favourable."""

    condition: Condition
    rows: int
    selection: Figure
    recall: Figure
    false_alarms: Figure
    precision: Figure
    favoured: Figure | None = None
    ratio: float | None = None

    @property
    def below_four_fifths(self) -> bool:
        """Whether the rate of the favourable outcome is below four fifths of the highest."""
        return self.ratio is not None and self.ratio < FOUR_FIFTHS


@dataclass(frozen=True, slots=True)
class Gap:
    """The two groups that lie furthest apart in one rate, the lower first."""

    low: Group
    high: Group
    rate: Literal["selection", "recall", "false_alarms"]

    @property
    def size(self) -> float:
        """How far they lie apart."""
        return self.value(self.high) - self.value(self.low)

    def value(self, group: Group) -> float:
        """The rate of a group."""
        figure: Figure = getattr(group, self.rate)
        return figure.value


def largest_gap(groups: Sequence[Group], rate: Literal["selection", "recall", "false_alarms"]) -> Gap | None:
    """The largest gap in a rate between groups that have one; None for fewer than two of them."""
    known = [group for group in groups if not math.isnan(getattr(group, rate).value)]
    if len(known) < 2:
        return None
    ordered = sorted(known, key=lambda group: getattr(group, rate).value)
    return Gap(ordered[0], ordered[-1], rate)


def group_conditions(feature: Feature, column: pd.Series) -> tuple[Condition, ...]:
    """The groups that a feature makes: quarters of numbers and dates, the most frequent values of
    others, and missing."""
    if is_scale(feature):
        cuts: list[float | None] = list(quantile_cuts(as_numbers(feature, column), _QUARTERS))
        ends = [None, *cuts, None]
        result = [Condition(feature.name, low, high) for low, high in pairwise(ends) if low != high]
    else:
        result = frequent_values(feature, column, MAX_GROUPS)
    return (*result, *missing_values(feature, column))


def compare_groups(
    schema: ModelSchema,
    frame: pd.DataFrame,
    alarm: np.ndarray,
    positive: np.ndarray,
    conditions: Sequence[Condition],
    favoured: np.ndarray | None = None,
) -> tuple[Group, ...]:
    """What is decided in each group: which rows (n,) raise an ``alarm``, which are ``positive``, and which get
    the ``favoured`` outcome. Groups of fewer than LEAST_ROWS rows are left out."""
    result = []
    for condition in conditions:
        mask = condition.holds(schema, frame)
        if mask.sum() >= LEAST_ROWS:
            result.append(_group(condition, alarm[mask], positive[mask], None if favoured is None else favoured[mask]))
    top = max((group.favoured.value for group in result if group.favoured is not None), default=0.0)
    return tuple(
        group if group.favoured is None else replace(group, ratio=group.favoured.value / top if top else float("nan"))
        for group in result
    )


def _group(condition: Condition, alarm: np.ndarray, positive: np.ndarray, favoured: np.ndarray | None) -> Group:
    counts = (alarm & positive, ~alarm & positive, alarm & ~positive, ~alarm & ~positive)
    figures = Decision(float("nan"), *(int(rows.sum()) for rows in counts)).figures()
    rate = None
    if favoured is not None:
        low, high = wilson_interval(favoured.sum(), len(favoured))
        rate = Figure(float(favoured.mean()), float(low), float(high))
    return Group(
        condition,
        len(alarm),
        figures["alarms"],
        figures["recall"],
        figures["false_alarms"],
        figures["precision"],
        rate,
    )
