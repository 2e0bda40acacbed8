"""Tree ensembles as machine code: flat nodes, siblings side by side, the artifact's order of additions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from modeldesk.model_service.engine.machine_code import machine_code

_SUM_LEAVES = "void(int32[::1], int32[::1], float64[::1], int32[::1], uint8[::1], float64[:, ::1], float32[:, ::1], "
_SUM_LEAVES += "float64, float64[:, ::1])"
_ADD_BOOSTED = "void(int32[::1], int32[::1], int32[::1], float64[::1], int32[::1], int32[::1], uint8[::1], int32[::1], "
_ADD_BOOSTED += "float64[::1], uint32[:, ::1], uint32[:, ::1], int32[::1], float64[:, ::1], float64[:, :])"


class Trees(NamedTuple):
    """The nodes of all trees, one tree after the other.

    ``roots`` (trees,) are the first nodes; a node's ``feature`` is -1 at a leaf, ``left`` is its
    left child and the right child follows it; ``threshold`` is compared in float64;
    ``missing_left`` says where NaN goes; ``value`` (nodes, outputs) is what leaves add.
    """

    roots: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    missing_left: np.ndarray
    value: np.ndarray


def flatten(trees: Sequence[Any], values: Sequence[np.ndarray]) -> Trees:
    """scikit-learn's ``tree_`` objects with what each node answers, (nodes, outputs) a tree."""
    parts: dict[str, list[np.ndarray]] = {name: [] for name in Trees._fields}
    start = 0
    for tree, value in zip(trees, values, strict=True):
        order, child = _sibling_order(tree.children_left, tree.children_right)
        leaf = tree.children_left[order] < 0
        parts["roots"].append(np.array([start]))
        parts["feature"].append(np.where(leaf, -1, tree.feature[order]))
        parts["threshold"].append(tree.threshold[order])
        parts["left"].append(np.where(leaf, 0, child + start))
        parts["missing_left"].append(tree.missing_go_to_left[order])
        parts["value"].append(value[order])
        start += len(order)
    dtypes = {"roots": np.int32, "feature": np.int32, "threshold": float, "left": np.int32, "value": float}
    joined = {
        name: np.ascontiguousarray(np.concatenate(arrays), dtype=dtypes.get(name, np.uint8))
        for name, arrays in parts.items()
    }
    return Trees(**joined)


def _sibling_order(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nodes breadth first with siblings side by side, and each node's left child in that order."""
    levels = [np.zeros(1, dtype=np.int64)]
    while len(inner := levels[-1][left[levels[-1]] >= 0]):
        levels.append(np.column_stack([left[inner], right[inner]]).ravel())
    order = np.concatenate(levels)
    place = np.empty(len(left), dtype=np.int64)
    place[order] = np.arange(len(order))
    children = left[order]
    return order, np.where(children >= 0, place[np.maximum(children, 0)], 0)


def sum_leaves(trees: Trees, rows: np.ndarray, start: np.ndarray, scale: float) -> np.ndarray:
    """What the trees add to ``start`` (outputs,) for float32 rows (n, features): (n, outputs).

    Each leaf's value times ``scale`` is added tree by tree, so that rounding is the artifact's.
    """
    found = np.empty((len(rows), trees.value.shape[1]))
    found[:] = start
    machine_code(_sum_leaves, _SUM_LEAVES)(*trees, rows, float(scale), found)
    return found


def add_boosted(trees: BoostedTrees, rows: np.ndarray, found: np.ndarray) -> None:
    """Add the leaves of a histogram-boosted ensemble for float64 rows to ``found`` (n, outputs)."""
    machine_code(_add_boosted, _ADD_BOOSTED)(*trees, rows, found)


class BoostedTrees(NamedTuple):
    """Nodes of histogram boosting, tree after tree: ``output`` is the column that a tree adds to.

    ``bits`` (bitsets, 8) are the categories that go left; ``known`` (features, 8) those that were
    seen, by ``known_place`` of a feature; a node is categorical where ``bitset`` is not -1.
    """

    roots: np.ndarray
    output: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    missing_left: np.ndarray
    bitset: np.ndarray
    value: np.ndarray
    bits: np.ndarray
    known: np.ndarray
    known_place: np.ndarray


def flatten_boosted(predictors: Sequence[Sequence[Any]], known: np.ndarray, known_place: np.ndarray) -> BoostedTrees:
    """scikit-learn's ``_predictors`` of histogram boosting in one place."""
    columns: dict[str, list[np.ndarray]] = {name: [] for name in BoostedTrees._fields[:10]}
    start, bitsets = 0, 0
    for iteration in predictors:
        for output, predictor in enumerate(iteration):
            nodes = predictor.nodes
            leaf = nodes["is_leaf"].astype(bool)
            columns["roots"].append(np.array([start]))
            columns["output"].append(np.array([output]))
            columns["feature"].append(np.where(leaf, -1, nodes["feature_idx"].astype(np.int64)))
            columns["threshold"].append(nodes["num_threshold"])
            columns["left"].append(nodes["left"].astype(np.int64) + start)
            columns["right"].append(nodes["right"].astype(np.int64) + start)
            columns["missing_left"].append(nodes["missing_go_to_left"])
            categorical = nodes["is_categorical"].astype(bool) & ~leaf
            columns["bitset"].append(np.where(categorical, nodes["bitset_idx"].astype(np.int64) + bitsets, -1))
            columns["value"].append(nodes["value"])
            columns["bits"].append(predictor.raw_left_cat_bitsets.reshape(-1, 8))
            start += len(nodes)
            bitsets += len(predictor.raw_left_cat_bitsets)
    dtypes: dict[str, Any] = {"threshold": float, "value": float, "missing_left": np.uint8, "bits": np.uint32}
    joined = {
        name: np.ascontiguousarray(np.concatenate(arrays), dtype=dtypes.get(name, np.int32))
        for name, arrays in columns.items()
    }
    return BoostedTrees(
        **joined,
        known=np.ascontiguousarray(known.reshape(-1, 8), dtype=np.uint32),
        known_place=np.ascontiguousarray(known_place, dtype=np.int32),
    )


def _sum_leaves(
    roots: np.ndarray,
    feature: np.ndarray,
    threshold: np.ndarray,
    left: np.ndarray,
    missing_left: np.ndarray,
    value: np.ndarray,
    rows: np.ndarray,
    scale: float,
    found: np.ndarray,
) -> None:
    outputs = value.shape[1]
    # A tree for all rows, so that its nodes stay in the processor's cache; a row's sum is in the order of the trees.
    for tree in range(roots.shape[0]):
        for row in range(rows.shape[0]):
            node = roots[tree]
            split = feature[node]
            while split >= 0:
                here = rows[row, split]
                if np.isnan(here):
                    node = left[node] + (0 if missing_left[node] else 1)
                else:
                    node = left[node] + (0 if here <= threshold[node] else 1)
                split = feature[node]
            for output in range(outputs):
                found[row, output] += scale * value[node, output]


def _add_boosted(
    roots: np.ndarray,
    output: np.ndarray,
    feature: np.ndarray,
    threshold: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    missing_left: np.ndarray,
    bitset: np.ndarray,
    value: np.ndarray,
    bits: np.ndarray,
    known: np.ndarray,
    known_place: np.ndarray,
    rows: np.ndarray,
    found: np.ndarray,
) -> None:
    for tree in range(roots.shape[0]):
        for row in range(rows.shape[0]):
            node = roots[tree]
            while feature[node] >= 0:
                split = feature[node]
                here = rows[row, split]
                goes_left = missing_left[node] != 0
                if not np.isnan(here):
                    if bitset[node] < 0:
                        goes_left = here <= threshold[node]
                    elif here >= 0:
                        code = np.int64(here) & 255
                        if (bits[bitset[node], code // 32] >> np.uint32(code % 32)) & np.uint32(1):
                            goes_left = True
                        elif (known[known_place[split], code // 32] >> np.uint32(code % 32)) & np.uint32(1):
                            goes_left = False
                node = left[node] if goes_left else right[node]
            found[row, output[tree]] += value[node]
