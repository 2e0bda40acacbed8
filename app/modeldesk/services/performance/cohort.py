"""Cohorts of measured rows: those that meet a person's own filters on inputs, answers and outcomes.

A cohort is written as the filters of the Explore page are (``age:30..40;.actual=default``), and means the same rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from modeldesk.core.errors import BadRequest
from modeldesk.model_service.batch.row_tables import (
    actual_table,
    answer_columns,
    answers_table,
    input_columns,
    inputs_table,
    outcome_columns,
    positive_class,
)
from modeldesk.model_service.engine.engine import apply_threshold
from modeldesk.model_service.performance.rows import EvaluatedRows
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.ports.analytics import ACTUAL, ERROR, HIGH, INPUT, LOW, PREDICTION, Column, Filter, OneOf, Range
from modeldesk.services.explore.parts import Dimension, ValueRange
from modeldesk.services.explore.plan import MOST_OFFERED
from modeldesk.services.explore.subject import dimensions_of
from modeldesk.services.explore.view import MAX_FILTERS, MAX_TEXT, column_text, filter_text, merged, read_filter
from modeldesk.services.privacy import shown_features, shown_target


def cohort_columns(model: LoadedModel) -> tuple[Column, ...]:
    """The columns that a cohort may be of: the inputs and the outcome that may be shown, and the answer."""
    answers = tuple(column for column in answer_columns(model.manifest) if column.name not in (LOW, HIGH))
    outcomes = outcome_columns(model.manifest) if shown_target(model) is not None else ()
    return (*input_columns(model.schema, shown_features(model)), *answers, *outcomes)


def cohort_dimensions(model: LoadedModel) -> Mapping[str, Dimension]:
    """The same as people call them, by column, in the order of the form."""
    return dimensions_of(model, {column.name for column in cohort_columns(model)})


def read_cohort(model: LoadedModel, text: str | None) -> tuple[Filter, ...]:
    """Return the filters that ``cohort_text`` wrote. Raises BadRequest for what cannot be read, and for a column that
    is not there or may not be shown."""
    if not text:
        return ()
    dimensions = cohort_dimensions(model)
    known = {column_text(column.name): column for column in cohort_columns(model) if column.name in dimensions}
    parts = [part for part in text.split(";") if part]
    if len(text) > MAX_TEXT or len(parts) > MAX_FILTERS:
        raise BadRequest(f"These are too many filters: at most {MAX_FILTERS} make a cohort.", hint="Take some off.")
    return merged([read_filter(part, known) for part in parts])


def cohort_text(where: Sequence[Filter]) -> str:
    """Filters as a short text that fits an address; empty for none."""
    return ";".join(map(filter_text, where))


def cohort_mask(model: LoadedModel, rows: EvaluatedRows, where: Sequence[Filter]) -> np.ndarray:
    """Return which rows (n,) meet every filter. Answers are those of the threshold in force."""
    mask = np.ones(len(rows), dtype=bool)
    for item in where:
        mask &= _mask(_values(model, rows, item.column), item)
    return mask


def cohort_scale(model: LoadedModel, rows: EvaluatedRows, item: Dimension) -> ValueRange:
    """Return the range or the most frequent values of a column, for a form that asks for some of them."""
    values = _values(model, rows, item.column)
    if item.kind != "category":
        ends = pc.min_max(values).as_py()
        return ValueRange(ends["min"], ends["max"])
    counts = pc.value_counts(values.drop_null()).to_pylist()
    frequent = sorted(counts, key=lambda count: (-count["counts"], str(count["values"])))[:MOST_OFFERED]
    missing = (None,) if values.null_count else ()
    return ValueRange(values=(*(count["values"] for count in frequent), *missing))


def _values(model: LoadedModel, rows: EvaluatedRows, name: str) -> pa.Array:
    """One column of the rows, typed as the Explore page has it."""
    if name.startswith(INPUT):
        return inputs_table(model.schema, [name.removeprefix(INPUT)], rows.frame)[name]
    answers, outcomes = answer_columns(model.manifest), outcome_columns(model.manifest)
    outputs = apply_threshold(rows.outputs, model.settings.positive, model.settings.threshold)
    wanted = PREDICTION if name in (ACTUAL, ERROR) else name
    columns = [column for column in answers if column.name == wanted]
    values = answers_table(columns, outputs, positive_class(model.manifest, model.settings))
    if name in (ACTUAL, ERROR) and rows.actual is not None:
        values = actual_table(outcomes, rows.actual, values[PREDICTION])
    if name not in values:
        raise BadRequest(f"These rows have no {name} to filter by.")
    return values[name]


def _mask(values: pa.Array, item: Filter) -> np.ndarray:
    if isinstance(item, Range):
        result = pa.array(np.ones(len(values), dtype=bool))
        if item.low is not None:
            result = pc.and_kleene(result, pc.greater_equal(values, pa.scalar(item.low, values.type)))
        if item.high is not None:
            below = pc.less_equal if item.closed else pc.less
            result = pc.and_kleene(result, below(values, pa.scalar(item.high, values.type)))
        result = pc.and_kleene(result, pc.is_valid(values))
    elif isinstance(item, OneOf):
        wanted: list[Any] = [value for value in item.values if value is not None]
        result = pc.is_in(values, value_set=pa.array(wanted, values.type), skip_nulls=True)
        if None in item.values:
            result = pc.or_(result, pc.is_null(values))
    else:
        part = pc.hour(values) if item.part == "hour" else pc.day_of_week(values)
        result = pc.is_in(part, value_set=pa.array(item.values, part.type), skip_nulls=True)
    return np.asarray(pc.fill_null(result, False).to_numpy(zero_copy_only=False), dtype=bool)
