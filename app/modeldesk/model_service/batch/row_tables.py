"""Rows with a version's answers as tables of typed columns, for questions about many of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from modeldesk.model_service.engine.results import Outputs, native, positive_place
from modeldesk.model_service.package.manifest import Manifest
from modeldesk.model_service.schema.frames import column_dtype, frame_of_columns, json_values
from modeldesk.model_service.schema.schema import Feature, ModelSchema
from modeldesk.model_service.settings.model_settings import ModelSettings
from modeldesk.ports.analytics import (
    ACTUAL,
    CHANCE,
    ERROR,
    HIGH,
    ID,
    INPUT,
    KEY,
    LOW,
    PREDICTION,
    PROBABILITY,
    SCORE,
    SOURCE,
    TIME,
    VERSION,
    WARNINGS,
    Column,
    ColumnKind,
    typed,
)

_KINDS: dict[str, ColumnKind] = {
    "number": "number",
    "integer": "number",
    "boolean": "boolean",
    "category": "category",
    "text": "category",
    "date": "time",
    "datetime": "time",
}


def input_columns(schema: ModelSchema, features: Iterable[str]) -> tuple[Column, ...]:
    """The columns of some features."""
    return tuple(Column(f"{INPUT}{name}", _KINDS[schema.feature(name).type]) for name in features)


def answer_columns(manifest: Manifest) -> tuple[Column, ...]:
    """The columns of what a version answers."""
    return manifest.task.result_columns(
        probabilities=manifest.engine.output in ("predict_proba", "both"), intervals=manifest.insights is not None
    )


def outcome_columns(manifest: Manifest) -> tuple[Column, ...]:
    """The columns of what really happened."""
    return manifest.task.outcome_columns()


def logged_columns(manifest: Manifest) -> tuple[Column, ...]:
    """All that is kept of a version's predictions: every input, and of two classes the probability of each,
    since which of them is the positive one may be decided anew."""
    plain = (Column(TIME, "time"), Column(VERSION, "number"), Column(SOURCE, "category"), Column(KEY, "category"))
    answers = answer_columns(manifest)
    chances: tuple[Column, ...] = ()
    if manifest.task.has_positive and Column(PROBABILITY, "number") in answers:
        chances = tuple(Column(f"{CHANCE}{native(value)}", "number") for value in manifest.classes)
    schema = manifest.model_schema
    return (*plain, Column(WARNINGS, "number"), *answers, *chances, *input_columns(schema, schema.names))


def positive_class(manifest: Manifest, settings: ModelSettings) -> str | None:
    """The name of the class whose probability is told; None where it is that of the predicted one."""
    if not manifest.task.has_positive:
        return None
    return str(native(manifest.classes[positive_place(manifest.classes, settings.positive)]))


def answers_table(columns: Sequence[Column], outputs: Outputs, positive: str | None) -> dict[str, pa.Array]:
    """A version's answers by column."""
    made: dict[str, pa.Array] = {}
    for column in columns:
        if column.name == PREDICTION:
            made[PREDICTION] = _values(column.kind, [native(value) for value in outputs.prediction])
        elif column.name == PROBABILITY and outputs.probability is not None:
            made[PROBABILITY] = _numbers(_told_probability(outputs, positive))
        elif column.name == SCORE and outputs.score is not None:
            made[SCORE] = _numbers(outputs.score)
        elif column.name in (LOW, HIGH) and outputs.interval is not None:
            made[column.name] = _numbers(outputs.interval[:, 0 if column.name == LOW else 1])
    return made


def inputs_table(schema: ModelSchema, features: Iterable[str], frame: pd.DataFrame) -> dict[str, pa.Array]:
    """The values of some features by column."""
    return {f"{INPUT}{name}": _feature(schema.feature(name), frame[name]) for name in features}


def frame_of_table(schema: ModelSchema, table: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """The inverse of ``inputs_table``: the frame that a model gets, from values by feature as their columns
    hold them. Raises KeyError for a feature that is not there."""
    columns = {feature.name: _json_column(feature, table[feature.name]) for feature in schema.features}
    rows = len(next(iter(columns.values()), ()))
    return frame_of_columns(schema, columns, rows)


def _json_column(feature: Feature, values: Sequence[Any]) -> list[Any]:
    """A typed column's values as JSON has them: a category as it was published, a time as text."""
    if feature.type in ("date", "datetime"):
        zone = UTC if isinstance(column_dtype(feature), pd.DatetimeTZDtype) else None
        moments = [None if value is None else value.replace(tzinfo=zone).isoformat() for value in values]
        return [text[:10] if text and feature.type == "date" else text for text in moments]
    if feature.categories is not None:
        known = {str(value): value for value in feature.categories}
        return [None if value is None else known.get(str(value), value) for value in values]
    if feature.type == "integer":
        return [None if value is None else int(value) for value in values]
    return list(values)


def actual_table(columns: Sequence[Column], actual: pd.Series, prediction: pa.Array) -> dict[str, pa.Array]:
    """What really happened by column, and the error: predicted minus actual, or whether the class is wrong."""
    kinds = {column.name: column.kind for column in columns}
    happened = _values(kinds[ACTUAL], [None if pd.isna(value) else native(value) for value in actual])
    pairs = zip(happened.to_pylist(), prediction.to_pylist(), strict=True)
    if kinds[ERROR] == "number":
        error = [None if one is None or two is None else two - one for one, two in pairs]
    else:
        error = [None if one is None or two is None else one != two for one, two in pairs]
    return {ACTUAL: happened, ERROR: pa.array(error, _arrow(kinds[ERROR]))}


def completed(columns: Sequence[Column], made: dict[str, pa.Array], rows: int) -> pa.Table:
    """A table of all columns, missing values where there are none."""
    arrays = {column.name: made.get(column.name, pa.nulls(rows, _arrow(column.kind))) for column in columns}
    return pa.table(arrays)


def id_column() -> Column:
    """The column that tells rows apart."""
    return Column(ID, "category")


def _feature(feature: Feature, values: pd.Series) -> pa.Array:
    kind = _KINDS[feature.type]
    if kind == "number" and isinstance(values.dtype, np.dtype) and values.dtype.kind in "iuf":
        return _numbers(values.to_numpy(dtype=float))
    return _values(kind, json_values(feature, values))


def _numbers(values: np.ndarray) -> pa.Array:
    return pa.array(np.ascontiguousarray(values, dtype=float), pa.float64(), from_pandas=True)


def _values(kind: ColumnKind, values: Sequence[object]) -> pa.Array:
    return pa.array([typed(kind, value) for value in values], _arrow(kind))


def _arrow(kind: ColumnKind) -> pa.DataType:
    kinds = {"number": pa.float64(), "category": pa.string(), "boolean": pa.bool_(), "time": pa.timestamp("us")}
    return kinds[kind]


def _told_probability(outputs: Outputs, positive: str | None) -> np.ndarray:
    assert outputs.probability is not None
    names = outputs.keys or tuple(str(native(value)) for value in outputs.classes)
    if positive is not None:
        return outputs.probability[:, names.index(positive)]
    indices = {name: index for index, name in enumerate(names)}
    chosen = [indices[str(native(value))] for value in outputs.prediction]
    return outputs.probability[np.arange(len(outputs)), chosen]
