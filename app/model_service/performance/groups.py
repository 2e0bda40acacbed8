"""Decisions group by group: the usual measures of fairness between groups, by their definitions.

Selection rate: P(alarm | group), whose ratio to the most selected group is the disparate impact.
True positive rate: P(alarm | positive, group), equal under equal opportunity (Hardt et al. 2016).
False positive rate: P(alarm | negative, group); with the former equal under equalised odds.
Precision: P(positive | alarm, group), equal under predictive parity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from app.model_service.performance.binary import Figure, Scores
from app.model_service.performance.conditions import Condition, frequent_values, missing_values, quantile_cuts
from app.model_service.schema import Feature, ModelSchema
from app.model_service.space import as_numbers, is_scale

MAX_GROUPS = 8
LEAST_ROWS = 20
_QUARTERS = 3


@dataclass(frozen=True, slots=True)
class Group:
    """A group's rows and what the decision does in it. ``ratio`` is its selection rate over that of
    the most selected group; NaN where nobody is selected."""

    condition: Condition
    rows: int
    selection: Figure
    recall: Figure
    false_alarms: Figure
    precision: Figure
    ratio: float


def group_conditions(feature: Feature, column: pd.Series) -> tuple[Condition, ...]:
    """The groups that a feature makes: quarters of numbers and dates, the most frequent values of
    others, and missing."""
    if is_scale(feature):
        cuts: list[float | None] = list(quantile_cuts(as_numbers(feature, column), _QUARTERS))
        ends = [None, *cuts, None]
        found = [Condition(feature.name, low, high) for low, high in pairwise(ends) if low != high]
    else:
        found = frequent_values(feature, column, MAX_GROUPS)
    return (*found, *missing_values(feature, column))


def compare_groups(
    schema: ModelSchema, frame: pd.DataFrame, scores: Scores, threshold: float, conditions: Sequence[Condition]
) -> tuple[Group, ...]:
    """The decision at ``threshold`` in each group; groups of fewer than LEAST_ROWS rows are left out."""
    found = []
    for condition in conditions:
        mask = condition.holds(schema, frame)
        if mask.sum() < LEAST_ROWS:
            continue
        figures = Scores(scores.probability[mask], scores.positive[mask]).at(threshold).figures()
        found.append((condition, int(mask.sum()), figures))
    top = max((figures["alarms"].value for _, _, figures in found), default=0.0)
    return tuple(
        Group(
            condition,
            rows,
            figures["alarms"],
            figures["recall"],
            figures["false_alarms"],
            figures["precision"],
            figures["alarms"].value / top if top else float("nan"),
        )
        for condition, rows, figures in found
    )
