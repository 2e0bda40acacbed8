"""Which input features each column after a pipeline's steps comes from.

Every column carries the set of input features it may depend on. Steps known to work column by
column keep the sets apart; any other step gives each of its columns the union of what it read.
So a PCA over three features leaves three-element sets, and the same PCA over one feature
leaves that one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from modeldesk.model_service.engine.steps import attribute, passes, steps_of

_DEPTH = 20

Sources = list[frozenset[int]]
"""For each column the places of the input features it may depend on."""

_SAME_WIDTH = frozenset(
    {
        *("StandardScaler", "MinMaxScaler", "MaxAbsScaler", "RobustScaler", "Binarizer"),
        *("QuantileTransformer", "PowerTransformer", "OrdinalEncoder"),
    }
)
_EVEN_WIDTH = frozenset({"TargetEncoder", "SplineTransformer"})
"""As many columns for each input, next to each other."""


def unwrap(estimator: Any) -> tuple[list[Any], Any]:
    """An artifact's preprocessing steps in order, and the estimator at its end.

    Goes through pipelines, searches saved whole, decision thresholds, and target
    transformers that do nothing; other composites are an end of their own.
    """
    steps: list[Any] = []
    for _ in range(_DEPTH):
        kind = type(estimator).__name__
        if inner := steps_of(estimator):
            steps += [step for step in inner[:-1] if not passes(step)]
            estimator = inner[-1]
        elif attribute(estimator, "best_estimator_") is not None:
            estimator = estimator.best_estimator_
        elif kind in ("FixedThresholdClassifier", "TunedThresholdClassifierCV"):
            estimator = estimator.estimator_
        elif kind == "TransformedTargetRegressor" and estimator.func is None and estimator.transformer is None:
            estimator = estimator.regressor_
        else:
            break
    return steps, estimator


def transform(steps: Sequence[Any], rows: Any) -> Any:
    """The rows after the steps."""
    for step in steps:
        rows = step.transform(rows)
    return rows


def trace(steps: Sequence[Any], rows: Any, features: int) -> Sources:
    """The sources of every column after the steps, found with some rows to learn widths from."""
    sources: Sources = [frozenset({index}) for index in range(features)]
    for step in steps:
        sources, rows = _through(step, sources, rows)
    return sources


def single_sources(
    steps: Sequence[Any], rows: Any, shuffled: Iterable[tuple[np.ndarray, Any]], features: int
) -> tuple[list[int], str]:
    """The one source of each column after the steps; or an empty list and the reason why not.

    ``shuffled`` holds the same rows with the values of some features moved about, and which (m,):
    a column that then changes has its source among them, whatever the step's type promises.
    """
    if not steps:
        return list(range(features)), ""
    sources = trace(steps, rows, features)
    if any(len(result) != 1 for result in sources):
        return [], "a column inside the model is made from several inputs"
    single = [next(iter(result)) for result in sources]
    before = _cells(transform(steps, rows))
    for moved, table in shuffled:
        changed = _changed_columns(before, _cells(transform(steps, table)))
        if not all(moved[single[column]] for column in changed):
            return [], "a preprocessing step mixes inputs"
    return single, ""


def _through(step: Any, sources: Sources, rows: Any) -> tuple[Sources, Any]:
    """The sources and rows after one step."""
    if passes(step):
        return sources, rows
    if (inner := steps_of(step)) is not None:
        for part in inner:
            sources, rows = _through(part, sources, rows)
        return sources, rows
    kind = type(step).__name__
    after = step.transform(rows)
    width = int(after.shape[1]) if getattr(after, "ndim", 1) > 1 else 1
    if kind == "ColumnTransformer":
        return _through_columns(step, sources, rows, width), after
    if kind == "FeatureUnion":
        joined: Sources = []
        for _, part in step.transformer_list:
            if not (isinstance(part, str) and part == "drop"):
                joined += _through(part, sources, rows)[0]
        return (joined if len(joined) == width else _union(sources, width)), after
    return _by_column(step, kind, sources, width), after


def _through_columns(step: Any, sources: Sources, rows: Any, width: int) -> Sources:
    result = _union(sources, width)
    for name, part, columns in step.transformers_:
        block = step.output_indices_.get(name)
        if block is None or (isinstance(part, str) and part == "drop"):
            continue
        indices = _places(columns, rows)
        one = isinstance(columns, str | int)
        if isinstance(rows, pd.DataFrame):
            subset = rows.iloc[:, indices[0]] if one else rows.iloc[:, indices]
        else:
            subset = rows[:, indices[0]] if one else rows[:, indices]
        inner = _through(part, [sources[index] for index in indices], subset)[0] if indices else []
        if len(inner) == block.stop - block.start:
            result[block] = inner
    return result


def _places(columns: Any, rows: Any) -> list[int]:
    """Columns as a ColumnTransformer names them, as places."""
    every: list[Any] = list(rows.columns) if isinstance(rows, pd.DataFrame) else list(range(rows.shape[1]))
    if isinstance(columns, slice):
        if isinstance(columns.start, str) or isinstance(columns.stop, str):
            start = every.index(columns.start) if columns.start is not None else 0
            stop = every.index(columns.stop) + 1 if columns.stop is not None else len(every)
            return list(range(start, stop))
        return list(range(len(every)))[columns]
    named = [columns] if isinstance(columns, str | int) else list(columns)
    if named and all(isinstance(item, bool | np.bool_) for item in named):
        return [index for index, taken in enumerate(named) if taken]
    place_of = {item: index for index, item in reversed(list(enumerate(every)))}
    return [place_of[item] if isinstance(item, str) else int(item) % len(every) for item in named]


def _union(sources: Sources, width: int) -> Sources:
    return [frozenset[int]().union(*sources)] * width


def _by_column(step: Any, kind: str, sources: Sources, width: int) -> Sources:
    """The sources after a step with nothing inside."""
    result: Sources | None = None
    if kind in _SAME_WIDTH or (kind == "FunctionTransformer" and _elementwise(step)):
        result = sources
    elif kind in _EVEN_WIDTH and sources and width % len(sources) == 0:
        result = [source for source in sources for _ in range(width // len(sources))]
    elif kind == "OneHotEncoder":
        result = _repeat(sources, _one_hot_widths(step))
    elif kind == "KBinsDiscretizer":
        result = sources if step.encode == "ordinal" else _repeat(sources, [int(bins) for bins in step.n_bins_])
    elif kind == "SimpleImputer":
        remains = (
            [True] * len(sources) if step.keep_empty_features else [not pd.isna(fill) for fill in step.statistics_]
        )
        result = [source for source, stays in zip(sources, remains, strict=True) if stays]
        if step.add_indicator:
            result = result + [sources[index] for index in step.indicator_.features_]
    elif kind == "MissingIndicator":
        result = [sources[index] for index in step.features_]
    elif callable(getattr(step, "get_support", None)):
        result = [source for source, stays in zip(sources, step.get_support(), strict=True) if stays]
    return result if result is not None and len(result) == width else _union(sources, width)


def _elementwise(step: Any) -> bool:
    return step.func is None or isinstance(step.func, np.ufunc)


def _repeat(sources: Sources, widths: Sequence[int]) -> Sources:
    return [source for source, width in zip(sources, widths, strict=True) for _ in range(width)]


def _one_hot_widths(step: Any) -> list[int]:
    widths = [len(categories) for categories in step.categories_]
    try:
        rare = step.infrequent_categories_
    except AttributeError:  # the encoder does not group rare categories
        rare = [None] * len(widths)
    widths = [width - (len(group) - 1 if group is not None else 0) for width, group in zip(widths, rare, strict=True)]
    if step.drop_idx_ is None:
        return widths
    return [width - (drop is not None) for width, drop in zip(widths, step.drop_idx_, strict=True)]


def _cells(rows: Any) -> Any:
    return rows.tocsc() if hasattr(rows, "tocsc") else np.asarray(rows)


def _changed_columns(before: Any, after: Any) -> list[int]:
    if hasattr(before, "tocsc"):
        return sorted(set((before != after).tocoo().col.tolist()))
    if before.dtype == object or after.dtype == object:
        differs = ~((before == after) | (pd.isna(before) & pd.isna(after)))
    else:
        differs = ~np.isclose(before, after, rtol=1e-12, atol=0.0, equal_nan=True)
    return [int(column) for column in np.flatnonzero(differs.any(axis=0))]
