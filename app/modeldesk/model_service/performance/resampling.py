"""Percentile bootstrap intervals (Efron 1979), vectorised over resamples: of what is no proportion.

A resample of n rows is n draws with replacement. Statistics of counts need only the counts of
each cell, which are multinomial; others are computed from the weights of the rows, which are
how often each was drawn. Equal to ``scipy.stats.bootstrap(method="percentile")`` within its
sampling error.

Where all resamples give the same value, they say nothing of how far it may move: the interval is NaN,
which pages tell as "too few".
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

LEVEL = 0.95
RESAMPLES, LEAST_RESAMPLES = 1_000, 300
MAX_DRAWS = 6_000_000
"""Rows times resamples: of many rows fewer resamples are drawn, for seconds not to become minutes."""
SEED = 20_260_412


def count_interval(
    counts: np.ndarray, statistic: Callable[[np.ndarray], np.ndarray], resamples: int = RESAMPLES
) -> np.ndarray:
    """Intervals (k, 2) of k statistics of cell counts (c,): ``statistic`` takes counts (B, c) and gives
    (B, k), with NaN where it is undefined. An interval is NaN where hardly any resample defines it."""
    rows = int(counts.sum())
    if rows == 0:
        return np.full((statistic(counts[None, :].astype(float)).shape[1], 2), np.nan)
    generator = np.random.default_rng(SEED)
    drawn = generator.multinomial(rows, counts / rows, size=resamples)
    return percentiles(statistic(drawn.astype(float)))


def weight_interval(
    rows: int, statistic: Callable[[np.ndarray], np.ndarray], *, work: int = 0, level: float = LEVEL
) -> np.ndarray:
    """Intervals (k, 2) of k statistics of weighted rows: ``statistic`` takes how often each row was
    drawn (n,) and gives (k,), with NaN where it is undefined. ``work`` is what one call costs, as a
    number of rows, where that is more than ``rows``."""
    generator = np.random.default_rng(SEED)
    resamples = max(LEAST_RESAMPLES, min(RESAMPLES, MAX_DRAWS // max(1, rows, work)))
    result = [
        statistic(np.bincount(generator.integers(0, rows, rows), minlength=rows).astype(float))
        for _ in range(resamples)
    ]
    return percentiles(np.array(result), level)


def percentiles(samples: np.ndarray, level: float = LEVEL) -> np.ndarray:
    """The middle ``level`` of samples (B, k), as (k, 2). Undefined samples (NaN) do not count; where
    they are more than half, or all that are defined are equal, nothing can be said."""
    ordered = np.sort(samples, axis=0)  # NaN goes last
    defined = (~np.isnan(samples)).sum(axis=0)
    ends = []
    for share in ((1 - level) / 2, (1 + level) / 2):
        index = np.maximum(defined - 1, 0) * share
        low = np.floor(index).astype(int)
        high = np.minimum(low + 1, np.maximum(defined - 1, 0))
        columns = np.arange(samples.shape[1])
        ends.append(ordered[low, columns] + (ordered[high, columns] - ordered[low, columns]) * (index - low))
    result = np.stack(ends, axis=1)
    result[(defined < len(samples) / 2) | (result[:, 0] == result[:, 1])] = np.nan
    return result
