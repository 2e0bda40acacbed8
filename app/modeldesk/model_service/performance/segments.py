"""Where a model fails: the segments of rows with the worst errors, and whether they are chance.

A search over thousands of segments finds bad ones in pure noise. So the rows are dealt into two
halves: segments are found on one and judged on the other, where their errors are not flattered by
having been chosen. The verdict is read off the interval that is shown: a segment is worse beyond
chance where its interval lies above the error of all rows. The intervals hold together at 95 %,
corrected for the number of segments named (Bonferroni).

Found are the best rules of a shallow error tree: up to three conditions, the first two of them
chosen together out of all pairs, so that a segment which shows in neither of two inputs alone is
found as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from modeldesk.model_service.neighbours.distance import as_numbers
from modeldesk.model_service.performance.conditions import Condition, basic_conditions, quantile_cuts, segment_mask
from modeldesk.model_service.performance.proportions import wilson_interval
from modeldesk.model_service.performance.resampling import weight_interval
from modeldesk.model_service.schema.schema import ModelSchema

LEAST_ROWS = 100
"""Rows below which nothing is looked for."""
SIGNIFICANT = 0.05
MAX_NAMED = 5
MAX_LITERALS = 600
MAX_CUTS = 8
MAX_SEARCHED = 8_000
"""Rows of the half that is searched; more would name the same segments more slowly."""
LEAST_SHARE, LEAST_IN_SEGMENT = 0.02, 10
DEEPER = 1.0
"""How many standard errors another condition must add to be worth its words."""
OVERLAP = 0.5
FINE_CUTS = 24
_SEED = 20_260_414
_TRIED = 300


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment, judged on rows that did not name it.

    ``judged`` of the judged rows are in it and have a mean error of ``error``; ``low`` to ``high`` is its
    interval, at 95 % for all segments that are named together, NaN where the rows are too few for one.
    ``significant`` where the interval lies above what the segment is held against. ``rows`` counts the
    segment in both halves, as a filter by its conditions does.
    """

    conditions: tuple[Condition, ...]
    rows: int
    judged: int
    error: float
    low: float
    high: float
    significant: bool


@dataclass(frozen=True, slots=True)
class Weakness:
    """The segments, those beyond chance first, and the mean error over all rows; ``judged`` counts the rows
    of the half that judges. ``reason`` says why nothing was looked for."""

    segments: tuple[Segment, ...]
    error: float
    judged: int
    reason: str | None = None


def find_segments(
    schema: ModelSchema, frame: pd.DataFrame, errors: np.ndarray, names: Sequence[str], *, changes: bool = False
) -> Weakness:
    """The worst segments by the named features; ``errors`` (n,) are 0 or 1, or sizes of errors.

    ``changes`` says that they are differences of errors, and that a segment counts as bad where its
    mean is above 0, and not above the rest's.
    """
    rows = len(errors)
    mean = float(errors.mean()) if rows else float("nan")
    if rows < LEAST_ROWS:
        return Weakness((), mean, 0, f"There are {rows:,} such rows; fewer than {LEAST_ROWS} say nothing of segments.")
    if np.ptp(errors) == 0:
        return Weakness((), mean, 0, "No row is worse than another.")
    errors = np.asarray(errors, dtype=float)
    order = np.random.default_rng(_SEED).permutation(rows)
    searched, judged = order[: rows // 2][:MAX_SEARCHED], order[rows // 2 :]
    result = _search(schema, frame.iloc[searched], errors[searched], names)
    bar = 0.0 if changes else mean
    level = 1 - SIGNIFICANT / max(1, len(result))
    segments = []
    for conditions in result:
        mask = segment_mask(schema, frame, conditions)
        inside = errors[judged[mask[judged]]]
        if len(inside) and inside.mean() > bar:
            low, high = _interval(inside, errors, level, changes=changes)
            error = float(inside.mean())
            segments.append(Segment(conditions, int(mask.sum()), len(inside), error, low, high, low > bar))
    segments.sort(key=lambda segment: (not segment.significant, -np.nan_to_num(segment.low)))
    return Weakness(tuple(segments), mean, len(judged))


# ---- searching on one half ----------------------------------------------------------------------


class _Half:
    """The half that is searched: its errors, and how surprising a set of its rows is."""

    def __init__(self, errors: np.ndarray) -> None:
        self.rows = len(errors)
        self.centred = (errors - errors.mean()).astype(np.float32)
        self.spread = float(errors.std()) or 1.0
        self.least = max(LEAST_IN_SEGMENT, round(self.rows * LEAST_SHARE))

    def surprise(self, counts: np.ndarray, excess: np.ndarray) -> np.ndarray:
        """How many standard errors the mean of ``counts`` rows lies above the mean of all, had they
        been drawn without regard to errors; −inf for too few rows, or all."""
        inside = (counts >= self.least) & (counts < self.rows)
        counts = np.where(inside, counts, 1.0)
        spread = self.spread * np.sqrt(counts * (1 - counts / self.rows))
        return np.where(inside, excess / np.maximum(spread, 1e-12), -np.inf)

    def of(self, mask: np.ndarray) -> float:
        """The same of one set of rows."""
        return float(self.surprise(np.array([mask.sum()], dtype=float), np.array([self.centred[mask].sum()]))[0])


def _search(
    schema: ModelSchema, frame: pd.DataFrame, errors: np.ndarray, names: Sequence[str]
) -> list[tuple[Condition, ...]]:
    half = _Half(errors)
    if np.ptp(errors) == 0:
        return []
    literals, masks = _literals(schema, frame, names, half)
    if not literals:
        return []
    table = np.stack(masks, axis=1).astype(np.float32)
    counts = (table.T @ table).astype(float)
    scores = half.surprise(counts, (table.T @ (table * half.centred[:, None])).astype(float))
    single = np.diag(scores).copy()
    # A pair must say more than either of its conditions alone.
    pairs = np.where(scores >= np.maximum(single[:, None], single[None, :]) + DEEPER, scores - DEEPER, -np.inf)
    upper = np.triu(pairs, 1)
    upper[np.tril_indices_from(upper)] = -np.inf
    np.fill_diagonal(upper, single)
    result: list[tuple[Condition, ...]] = []
    taken: list[np.ndarray] = []
    for index in np.argsort(-upper, axis=None)[:_TRIED]:
        first, second = divmod(int(index), len(literals))
        if upper[first, second] <= 0 or len(result) == MAX_NAMED:
            break
        mask = masks[first] & masks[second]
        if any(_alike(mask, other) for other in taken):
            continue
        begun = _merged([literals[first]] if first == second else [literals[first], literals[second]])
        deeper, mask = _deepened(begun, mask, literals, table, half)
        conditions, mask = _refined(schema, frame, deeper, mask, half)
        if not any(_alike(mask, other) for other in taken):
            result.append(conditions)
            taken.append(mask)
    return result


def _literals(
    schema: ModelSchema, frame: pd.DataFrame, names: Sequence[str], half: _Half
) -> tuple[list[Condition], list[np.ndarray]]:
    """The conditions to put together, and their rows; those with too few rows are left out."""
    room = MAX_LITERALS / max(1, len(names))
    # c cuts make 2 c sides and c (c − 1) / 2 spans.
    cuts = max([c for c in range(1, MAX_CUTS + 1) if c * (c + 3) / 2 <= room], default=1)
    result, masks = [], []
    for name in names:
        for condition in basic_conditions(schema.feature(name), frame[name], cuts):
            mask = condition.holds(schema, frame)
            if half.least <= mask.sum() < half.rows:
                result.append(condition)
                masks.append(mask)
    if len(result) > MAX_LITERALS:
        # Very wide tables: those that show most by themselves.
        order = np.argsort([-abs(half.of(mask)) for mask in masks], kind="stable")[:MAX_LITERALS]
        result, masks = [result[index] for index in order], [masks[index] for index in order]
    return result, masks


def _deepened(
    conditions: list[Condition], mask: np.ndarray, literals: Sequence[Condition], table: np.ndarray, half: _Half
) -> tuple[list[Condition], np.ndarray]:
    """With a third condition where that says more."""
    if len(conditions) != 2:
        return conditions, mask
    inside = table[mask]
    scores = half.surprise(inside.sum(axis=0).astype(float), (half.centred[mask] @ inside).astype(float))
    best = int(np.argmax(scores))
    if scores[best] < half.of(mask) + DEEPER:
        return conditions, mask
    return _merged([*conditions, literals[best]]), mask & (table[:, best] > 0)


def _refined(
    schema: ModelSchema, frame: pd.DataFrame, conditions: list[Condition], mask: np.ndarray, half: _Half
) -> tuple[tuple[Condition, ...], np.ndarray]:
    """With each bound moved to where the segment is worst."""
    best = half.of(mask)
    for index in [*range(len(conditions))] * 2:
        condition = conditions[index]
        if condition.above is None and condition.upto is None:
            continue
        numbers = as_numbers(schema.feature(condition.feature), frame[condition.feature])
        cuts = quantile_cuts(numbers, FINE_CUTS)
        rest = segment_mask(schema, frame, conditions[:index] + conditions[index + 1 :])
        for side in ("above", "upto"):
            if getattr(condition, side) is None:
                continue
            for cut in cuts:
                ends = {"above": condition.above, "upto": condition.upto, side: cut}
                moved = Condition(condition.feature, **ends)
                tried = rest & moved.holds_for(numbers)
                if (score := half.of(tried)) > best + 1e-9:
                    best, mask, conditions = score, tried, [*conditions[:index], moved, *conditions[index + 1 :]]
            condition = conditions[index]
    return tuple(conditions), mask


def _merged(conditions: Sequence[Condition]) -> list[Condition]:
    """Two bounds of the same feature as one condition."""
    result: list[Condition] = []
    for condition in conditions:
        for index, other in enumerate(result):
            joint = other.merged(condition)
            if joint is not None:
                result[index] = joint
                break
        else:
            result.append(condition)
    return result


def _alike(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether the smaller of two segments lies largely in the other."""
    return bool((one & other).sum() > OVERLAP * min(one.sum(), other.sum()))


# ---- judging on the other -----------------------------------------------------------------------


def _interval(inside: np.ndarray, errors: np.ndarray, level: float, *, changes: bool) -> tuple[float, float]:
    """The interval at ``level`` of the mean of a segment's judged errors; NaN where they are too few for
    one. All ``errors`` tell their kind: Wilson's for right and wrong, of changes between them the exact one
    of McNemar's test, and the bootstrap's for sizes."""
    if not changes and np.isin(errors, (0.0, 1.0)).all():
        low, high = wilson_interval(inside.sum(), len(inside), level)
    elif changes and np.isin(errors, (-1.0, 0.0, 1.0)).all():
        low, high = _change_interval(inside, level)
    else:
        low, high = weight_interval(
            len(inside), lambda weights: np.array([weights @ inside / weights.sum()]), level=level
        )[0]
    return float(low), float(high)


def _change_interval(inside: np.ndarray, level: float) -> tuple[float, float]:
    """The interval of the mean of changes that are −1, 0 and 1, given how many rows changed: the exact one
    (Clopper and Pearson 1934) of the share that rose, which leaves out no change just where McNemar's exact
    test rejects it."""
    from scipy import stats

    changed = int(np.count_nonzero(inside))
    if not changed:
        return float("nan"), float("nan")
    share = stats.binomtest(int((inside > 0).sum()), changed).proportion_ci(level, method="exact")
    part = changed / len(inside)
    return (2 * float(share.low) - 1) * part, (2 * float(share.high) - 1) * part
