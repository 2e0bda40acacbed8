"""What a contribution follows beside its own input's value.

A contribution that were a function of its own value alone would lie on one line. What is left around
that line comes of other inputs: this finds the one that tells most of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from modeldesk.model_service.schema.schema import Feature

_CUTS = 10
_GROUPS = 4
_LEAST_CELL = 5
LEAST_LEFT = 0.01
"""Of the spread of the contributions, what must be left around the line for anything to be explained."""
LEAST_EXPLAINED = 0.1
"""Of what is left, what another input must tell to be worth a colour (adjusted for its groups)."""
LEAST_ROWS = 10
"""Rows under which no mean is told where single rows are not."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows that lie together: ``where`` is a category, or the mean of their values; ``mean`` is that of
    their contributions, and ``low`` to ``high`` hold the middle 80% of these."""

    where: object
    rows: int
    mean: float
    low: float
    high: float


def telling(contributions: np.ndarray, own: Feature, table: pd.DataFrame, others: Sequence[Feature]) -> str | None:
    """The input that tells most of what is left of ``contributions`` (n,) around their own input's line,
    if it tells enough; ``table`` (n rows) holds the values of all of them."""
    left, cut = _left_over(contributions, own, table[own.name])
    total = float(((contributions - contributions.mean()) ** 2).sum())
    if total <= 0 or float((left**2).sum()) < LEAST_LEFT * total:
        return None
    explained = {other.name: _told(left, cut, groups_of(other, table[other.name])) for other in others}
    best = max(explained, key=lambda name: explained[name], default=None)
    return best if best is not None and explained[best] >= LEAST_EXPLAINED else None


def groups_of(feature: Feature, column: pd.Series, groups: int = _GROUPS) -> np.ndarray:
    """The group of each value, (n,) whole numbers: of equal size for numbers and times, the categories
    themselves else; missing values are a group of their own (-1)."""
    values = as_numbers(feature, column)
    if values is None:
        codes, _ = pd.factorize(column.astype(object))
        return np.asarray(codes)
    known = np.isfinite(values)
    if not known.any():
        return np.full(len(values), -1)
    edges = np.unique(np.quantile(values[known], np.linspace(0, 1, groups + 1)[1:-1]))
    return np.where(known, np.searchsorted(edges, values, side="left"), -1)


def as_numbers(feature: Feature, column: pd.Series) -> np.ndarray | None:
    """A column as floats (n,), times as seconds, NaN for missing; None for categories."""
    if feature.numeric:
        return np.asarray(pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan))
    if feature.type in ("date", "datetime"):
        times = pd.to_datetime(column.astype(object), errors="coerce", utc=True)
        seconds = times.astype("datetime64[s, UTC]").astype("int64").to_numpy(dtype=float)
        return np.where(times.isna().to_numpy(), np.nan, seconds)
    return None


def binned(contributions: np.ndarray, feature: Feature, column: pd.Series, bins: int = 12) -> tuple[Bin, ...]:
    """Contributions (n,) by their own input's value, in groups of at least LEAST_ROWS rows each; smaller
    ones are left out. For where single rows are not shown."""
    values = as_numbers(feature, column)
    most = max(1, min(bins, len(contributions) // (2 * LEAST_ROWS)))
    groups = groups_of(feature, column, most)
    column = column.astype(object)
    result = []
    for group in np.unique(groups[groups >= 0]):
        mask = groups == group
        if mask.sum() < LEAST_ROWS:
            continue
        part = contributions[mask]
        where = column[mask].iloc[0] if values is None else float(values[mask].mean())
        low, high = np.quantile(part, (0.1, 0.9))
        result.append(Bin(where, int(mask.sum()), float(part.mean()), float(low), float(high)))
    return tuple(result)


def _left_over(contributions: np.ndarray, own: Feature, column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Contributions less what their own value tells, and the group of each row by that value. Within a
    group of numbers a straight line is taken away, for a slope would look like what another input tells."""
    groups, values = groups_of(own, column, _CUTS), as_numbers(own, column)
    left = contributions.astype(float).copy()
    for group in np.unique(groups):
        mask = groups == group
        part = left[mask]
        if values is not None and group >= 0 and mask.sum() > 2 and np.ptp(values[mask]) > 0:
            part = part - np.polyval(np.polyfit(values[mask], part, 1), values[mask])
        left[mask] = part - part.mean()
    return left, groups


def _told(left: np.ndarray, cut: np.ndarray, groups: np.ndarray) -> float:
    """The share of the squares of ``left`` that the mean of each cell (cut by group) tells, adjusted for
    how many cells there are; cells of few rows tell nothing."""
    cells = pd.factorize(cut * (groups.max() + 2) + groups)[0]
    counts = np.bincount(cells)
    sums = np.bincount(cells, weights=left)
    used = counts >= _LEAST_CELL
    rows, total = len(left), float((left**2).sum())
    freedom = rows - int(used.sum()) - 1
    if freedom <= 0 or total <= 0:
        return 0.0
    explained = float((sums[used] ** 2 / counts[used]).sum()) / total
    return 1 - (1 - explained) * (rows - 1) / freedom
