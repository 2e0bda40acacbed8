"""The interval of a proportion: Wilson's score interval (Wilson 1927).

It stays within 0 and 1 and keeps its width at the edges, where the bootstrap has none: of 51 successes
in 51 rows it says 93 to 100 %, and every resample of those rows 100 %.
"""

from __future__ import annotations

import numpy as np

LEVEL = 0.95


def wilson_interval(successes: np.ndarray | float, rows: np.ndarray | float, level: float = LEVEL) -> np.ndarray:
    """Return the intervals (..., 2) of ``successes`` in ``rows``, NaN where there are no rows."""
    from scipy.special import ndtri

    hits, n = np.asarray(successes, dtype=float), np.asarray(rows, dtype=float)
    z = float(ndtri((1 + level) / 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = hits / n
        centre = share + z**2 / (2 * n)
        half_width = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
        ends = np.stack([centre - half_width, centre + half_width], axis=-1) / (1 + z**2 / n)[..., None]
    # The ends are exact where the share is: rounding would leave 0.9999999999999999.
    ends[..., 0] = np.where(hits == 0, np.where(n > 0, 0.0, np.nan), np.clip(ends[..., 0], 0, 1))
    ends[..., 1] = np.where(hits == n, np.where(n > 0, 1.0, np.nan), np.clip(ends[..., 1], 0, 1))
    return np.asarray(ends)
