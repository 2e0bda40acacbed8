"""Rows that reach every node of a tree at its threshold, and the artifact's own answers to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from modeldesk.model_service.engine.plan import heads
from modeldesk.model_service.engine.plan.kernels import add_boosted, sum_leaves

TREE_NODES = 4_096
"""Nodes of one tree that are tried, breadth first."""
ALL_NODES = 1_000_000
"""Nodes of one ensemble that are tried; of more, those of evenly spaced trees."""


class Shape(NamedTuple):
    """A tree as it was fitted: ``feature`` is below 0 at leaves, ``codes`` (n,) the categories that a
    node of categories is tried with, for each node that has some, and ``left_code`` and ``right_code``
    one that goes either way."""

    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    categories: dict[int, tuple[float, float]]
    codes: np.ndarray


def differing_trees(head: Any) -> int:
    """How many of an ensemble's trees answer otherwise than the artifact's own at their thresholds and
    at the next numbers on either side."""
    trees = head.trees
    every = max(1, -(-len(trees.feature) // ALL_NODES))
    return sum(not _same(head, place) for place in range(0, len(trees.roots), every))


def _same(head: Any, place: int) -> bool:
    trees, member = head.trees, head.members[place]
    one = trees._replace(roots=trees.roots[place : place + 1])
    if isinstance(head, heads.HistogramBoosted):
        predictor, known, places = member
        rows = node_rows(_histogram_shape(predictor, known, places), len(places), np.float64, missing=True)
        answers = np.zeros((len(rows), 1))
        add_boosted(one._replace(output=np.zeros(1, dtype=np.int32)), rows, answers)
        return bool((predictor.predict(rows, known, places, 1) == answers[:, 0]).all())
    shape = Shape(member.feature, member.threshold, member.children_left, member.children_right, {}, np.empty(0))
    rows = node_rows(shape, member.n_features, np.float32, missing=head.missing)
    outputs = trees.value.shape[1]
    answers = sum_leaves(one, rows, np.zeros(outputs), 1.0)
    return bool((member.value[member.apply(rows), 0, :outputs] == answers).all())


def _histogram_shape(predictor: Any, known: np.ndarray, places: np.ndarray) -> Shape:
    nodes = predictor.nodes
    leaf = nodes["is_leaf"].astype(bool)
    feature = np.where(leaf, -2, nodes["feature_idx"].astype(np.int64))
    highest, categories = 0, {}
    for node in np.flatnonzero(nodes["is_categorical"].astype(bool) & ~leaf).tolist():
        goes_left = _members(predictor.raw_left_cat_bitsets[nodes["bitset_idx"][node]])
        seen = _members(known[places[feature[node]]])
        others = sorted(seen - goes_left)
        categories[node] = (float(min(goes_left, default=0)), float(others[0]) if others else np.nan)
        highest = max(highest, *goes_left, *seen)
    codes = np.arange(-1.0, min(highest + 3, 258))
    left, right = nodes["left"].astype(np.int64), nodes["right"].astype(np.int64)
    return Shape(feature, nodes["num_threshold"], left, right, categories, codes)


def _members(bits: np.ndarray) -> set[int]:
    return {code for code in range(256) if bits[code // 32] >> np.uint32(code % 32) & np.uint32(1)}


def node_rows(shape: Shape, width: int, number: Any, *, missing: bool) -> np.ndarray:
    """Rows (n, width) of the floating-point type ``number``: for each node some that come to it with the
    node's own input on its threshold, at the next number on either side and, with ``missing``, without
    a value; at a node of categories with each category."""
    rows: list[np.ndarray] = [np.zeros((1, width), dtype=number)]
    level = np.zeros(1, dtype=np.int64)
    low, high = np.full((1, width), -np.inf), np.full((1, width), np.inf)
    tried = 0
    while tried < TREE_NODES and (inner := shape.feature[level] >= 0).any():
        level, low, high = level[inner], low[inner], high[inner]
        tried += len(level)
        feature, threshold = shape.feature[level], shape.threshold[level]
        at = np.arange(len(level))
        base = _inside(low, high)
        for values in _around(threshold, number, missing):
            block = base.astype(number)
            block[at, feature] = values
            rows.append(block)
        left_high, right_low, left_low, right_high = high.copy(), low.copy(), low.copy(), high.copy()
        left_high[at, feature] = np.minimum(high[at, feature], threshold)
        right_low[at, feature] = np.maximum(low[at, feature], threshold)
        for place, node in enumerate(level.tolist()):
            if node in shape.categories:
                rows.append(_swept(base[place], int(feature[place]), shape.codes, number))
                goes_left, goes_right = shape.categories[node]
                left_low[place, feature[place]] = left_high[place, feature[place]] = goes_left
                right_low[place, feature[place]] = right_high[place, feature[place]] = goes_right
        low, high = np.concatenate([left_low, right_low]), np.concatenate([left_high, right_high])
        level = np.concatenate([shape.left[level], shape.right[level]]).astype(np.int64)
    return np.ascontiguousarray(np.concatenate(rows))


def _around(threshold: np.ndarray, number: Any, missing: bool) -> Iterator[np.ndarray]:
    with np.errstate(over="ignore"):
        exact = threshold.astype(number)
    yield exact
    for end in (-np.inf, np.inf):
        yield np.nextafter(exact, number(end))
    if missing:
        yield np.full(len(exact), np.nan, dtype=number)


def _swept(base: np.ndarray, feature: int, codes: np.ndarray, number: Any) -> np.ndarray:
    block = np.tile(base.astype(number), (len(codes), 1))
    block[:, feature] = codes
    return block


def _inside(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Numbers above ``low`` and at most ``high``."""
    with np.errstate(invalid="ignore", over="ignore"):
        below = high - np.maximum(1.0, np.abs(high))
        above = low + np.maximum(1.0, np.abs(low))
        middle = np.where(low == high, low, low + (high - low) / 2)
    return np.where(np.isinf(low), np.where(np.isinf(high), 0.0, below), np.where(np.isinf(high), above, middle))
