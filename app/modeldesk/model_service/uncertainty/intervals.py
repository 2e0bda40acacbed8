"""How sure an answer is, measured on hold-out rows: split-conformal intervals and class sets.

Intervals: Lei et al. 2018, the ⌈(n + 1) · level⌉-th smallest absolute residual to either side.
Sets: Sadinle et al. 2019, the classes whose probability is at least what all but few actual
classes had. Both cover with the stated probability on average over records like the hold-out's,
whatever the model. Training rows say nothing about either and are never used.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from modeldesk.model_service.engine.results import Outputs, native
from modeldesk.model_service.schema.schema import Frozen

LEVELS: tuple[float, ...] = (*(round(percent / 100, 2) for percent in range(50, 100)), 0.995, 0.999)


class ConformalSummary(Frozen):
    """What a hold-out says of each level: ``margins[i]`` for ``LEVELS[i]``, None where it has too
    few rows. A margin is an interval's half width, or how far below 1 a class's probability may
    be to stay in the set. ``rows`` is how many rows were measured."""

    rows: int
    margins: tuple[float | None, ...]


def measure_intervals(outputs: Outputs, actual: pd.Series) -> ConformalSummary | None:
    """The summary for a regression from the answers to hold-out rows and what was actually so.

    Rows without a known outcome do not count; None where there is no other.
    """
    known = actual.notna().to_numpy()
    truth = actual[known].to_numpy(dtype=float)
    return _summary(np.abs(truth - outputs.prediction[known].astype(float)))


def measure_sets(outputs: Outputs, actual: pd.Series) -> ConformalSummary | None:
    """The summary for a classifier with probabilities. Rows whose outcome is missing or no class of
    the model do not count; None where there is no other, or there are no probabilities."""
    if outputs.probability is None:
        return None
    indices = {str(native(value)): index for index, value in enumerate(outputs.classes)}
    column = np.array([indices.get(str(native(value)), -1) for value in actual])
    known = np.flatnonzero(column >= 0)
    return _summary(1.0 - outputs.probability[known, column[known]])


def intervals(summary: ConformalSummary | None, level: float, values: np.ndarray) -> np.ndarray | None:
    """The intervals around n predicted values, (n, 2), or None where nothing can be said at this level."""
    margin = margin_at(summary, level)
    return None if margin is None else np.column_stack([values - margin, values + margin])


def class_set(summary: ConformalSummary | None, level: float, probability: Sequence[float]) -> tuple[int, ...] | None:
    """The places of the classes that may be the actual one, likeliest first; the likeliest is
    always among them. None where nothing can be said at this level."""
    margin = margin_at(summary, level)
    if margin is None:
        return None
    order = np.argsort(-np.asarray(probability), kind="stable")
    return tuple(int(index) for rank, index in enumerate(order) if rank == 0 or probability[index] >= 1.0 - margin)


def margin_at(summary: ConformalSummary | None, level: float) -> float | None:
    """The margin at a level: that of the next higher one measured, which covers at least as much."""
    if summary is None:
        return None
    for known, margin in zip(LEVELS, summary.margins, strict=True):
        if known >= level - 1e-9:
            return margin
    return None


def why_not(summary: ConformalSummary | None, level: float) -> str | None:
    """Why nothing can be said at this level, in a sentence; None where something can."""
    if margin_at(summary, level) is not None:
        return None
    if summary is None:
        return "How sure this is cannot be said: the model was published without hold-out rows to measure it on."
    if level > LEVELS[-1]:
        return f"How sure this is cannot be said at {level:.2%}: at most {LEVELS[-1]:.1%} is measured."
    needed = math.ceil(level / (1 - level) - 1e-9)
    there = f"that takes {needed} hold-out rows, and there are {summary.rows}"
    return f"How sure this is cannot be said at {level:.0%}: {there}."


def _summary(scores: np.ndarray) -> ConformalSummary | None:
    """Order statistics of nonconformity scores (n,) for every level."""
    scores = np.sort(scores[np.isfinite(scores)])
    rows = len(scores)
    if not rows:
        return None
    margins = []
    for level in LEVELS:
        rank = math.ceil((rows + 1) * level - 1e-9)
        margins.append(float(scores[rank - 1]) if rank <= rows else None)
    return ConformalSummary(rows=rows, margins=tuple(margins))
