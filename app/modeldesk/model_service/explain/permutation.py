"""Shapley values by sampling, for any model: what exact methods do not cover.

Permutation sampling (Castro et al. 2009; Štrumbelj and Kononenko 2014) in antithetic pairs, an
order and its reverse (Mitchell et al. 2022), each pair starting from one background row. Along
an order the terms add up from the background's answer to the record's, so the estimate adds
up exactly however few orders are drawn; the spread between pairs gives its standard error.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

CHUNK_ROWS = 4096

Evaluate = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""From masks (n, p), True where a player has the record's value, and the background row (n,)
that gives the others, to the model's answers (n,)."""


def sample_shapley(
    evaluate: Evaluate, active: np.ndarray, present: float, absent: np.ndarray, pairs: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Contributions (p,) and their standard errors (p,).

    ``active`` (b, p) tells which players differ between the record and each background row:
    the others cannot matter and cost nothing. ``present`` is the record's answer, ``absent``
    (b,) the background rows'. Every background row starts equally many pairs, about ``pairs``
    in all, at least two. The contributions add up to ``present`` − mean of ``absent``.
    """
    rows, players = active.shape
    repeats = max(1, round(pairs / rows), 2 if rows == 1 else 1)
    start = np.tile(np.arange(rows), repeats)
    keys = np.random.default_rng(seed).random((len(start), players))
    keys[~active[start]] = 2.0  # inactive players come last in every order
    rank = keys.argsort(axis=1).argsort(axis=1)
    length = active[start].sum(axis=1)

    pair, step = np.nonzero(np.arange(1, max(players, 1)) < length[:, None])
    step = step + 1
    forward = np.empty((len(start), players + 1))
    backward = np.empty_like(forward)
    # Past its last active player an order has arrived: at the record, or back at the background.
    forward[:], backward[:] = present, absent[start][:, None]
    forward[:, 0], backward[:, 0] = absent[start], present
    nothing_differs = length == 0
    forward[nothing_differs] = backward[nothing_differs] = present
    for low in range(0, len(pair), CHUNK_ROWS):
        which, at = pair[low : low + CHUNK_ROWS], step[low : low + CHUNK_ROWS]
        first = rank[which] < at[:, None]
        answers = evaluate(np.vstack([first, ~first]), np.tile(start[which], 2))
        forward[which, at], backward[which, at] = answers[: len(which)], answers[len(which) :]
    by_rank = (np.diff(forward, axis=1) - np.diff(backward, axis=1)) / 2
    terms = np.take_along_axis(by_rank, rank, axis=1)
    error = terms.std(axis=0, ddof=1) / np.sqrt(len(terms)) if len(terms) > 1 else np.zeros(players)
    return terms.mean(axis=0), error
