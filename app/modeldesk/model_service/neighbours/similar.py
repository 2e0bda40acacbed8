"""The reference records most like one, and where its values stand among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from modeldesk.model_service.engine.results import Output, Outputs, native
from modeldesk.model_service.neighbours.distance import ReferenceSpace, as_numbers, is_scale
from modeldesk.model_service.schema.frames import frame_of, records_of
from modeldesk.model_service.schema.schema import ModelSchema, Scalar


@dataclass(frozen=True, slots=True)
class SimilarRecord:
    """A reference row: ``place`` in the reference, ``distance`` 0 for a twin, its inputs, what was
    actually so (None where the data has no target or no value) and what the model says."""

    place: int
    distance: float
    record: Mapping[str, Scalar]
    outcome: Scalar
    output: Output


def find_similar(
    space: ReferenceSpace,
    schema: ModelSchema,
    reference: pd.DataFrame,
    outputs: Outputs,
    frame: pd.DataFrame,
    *,
    target: str | None,
    count: int = 5,
) -> tuple[SimilarRecord, ...]:
    """The reference rows nearest to the one row in ``frame``, nearest first.

    ``space`` must have been made from this reference, and ``outputs`` be the answers to it.
    """
    indices, distances = space.nearest(space.embed(frame.iloc[:1]), count)
    chosen = reference.iloc[indices[0]]
    outcomes = chosen[target].tolist() if target is not None and target in chosen else [None] * len(chosen)
    records = records_of(schema, chosen)
    return tuple(
        SimilarRecord(int(index), float(distance), record, _plain(outcome), outputs.row(int(index)))
        for index, distance, record, outcome in zip(indices[0], distances[0], records, outcomes, strict=True)
    )


@dataclass(frozen=True, slots=True)
class Percentile:
    """Where a value stands in the reference: ``below`` is the share of known values under it, ties
    counting half, None where values have no order; ``share`` is that of rows with this very value."""

    below: float | None
    share: float


def percentiles(schema: ModelSchema, reference: pd.DataFrame, record: Mapping[str, Any]) -> dict[str, Percentile]:
    """The standing of each value of a checked record, by feature."""
    frame = frame_of(schema, [record])
    return {
        feature.name: _percentile(
            as_numbers(feature, reference[feature.name]) if is_scale(feature) else None,
            as_numbers(feature, frame[feature.name])[0] if is_scale(feature) else 0.0,
            reference[feature.name],
            frame[feature.name].iloc[0],
        )
        for feature in schema.features
    }


def _percentile(numbers: np.ndarray | None, number: float, column: pd.Series, value: Any) -> Percentile:
    if pd.isna(value):
        return Percentile(None, float(column.isna().mean()))
    if numbers is None:
        return Percentile(None, float((column == value).to_numpy(dtype=bool, na_value=False).mean()))
    known = numbers[np.isfinite(numbers)]
    ties = float((known == number).sum())
    below = (float((known < number).sum()) + ties / 2) / len(known) if len(known) else None
    return Percentile(below, ties / max(len(numbers), 1))


def _plain(value: Any) -> Scalar:
    if pd.isna(value):
        return None
    result: Scalar = native(value)
    return result
