"""The rows that a model is published with, made to fit its artifact: names, types, and gaps."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from modeldesk.core.errors import PublishRefused
from modeldesk.model_service.engine.introspect import column_uses, input_names
from modeldesk.model_service.engine.learnt_categories import learnt_categories
from modeldesk.model_service.engine.probe import Probe
from modeldesk.model_service.engine.steps import attribute
from modeldesk.model_service.package.data_files import DataTable, rows_of
from modeldesk.model_service.schema.infer import columns_read
from modeldesk.model_service.schema.schema import ModelSchema
from modeldesk.model_service.tables import Chunk, ChunkCheck, Matching, Reject, TableForm
from modeldesk.model_service.tables.matching import resolve
from modeldesk.model_service.tables.notation import MISSING_WORDS

_PATTERNS = 500
"""Kinds of gaps (which columns lack a value together) that the artifact is asked about."""
_NAMED = 3
_SEED = 20_240_229


def word_columns(estimator: Any, target: str | None) -> frozenset[str]:
    """The columns whose values the artifact knows as words, however they look in a file: those of
    which an encoder or a vectorizer learnt words, and the target where the classes are words."""
    names = input_names(estimator) or []
    result = {
        name for name, use in column_uses(estimator, names).items() if use.vectorized or _only_words(use.categories)
    }
    result |= {name for name, values in learnt_categories(estimator, names).items() if _only_words(values)}
    classes = attribute(estimator, "classes_")
    if target is not None and isinstance(classes, np.ndarray) and _only_words(classes.tolist()):
        result.add(target)
    return frozenset(result)


def meant_words(estimator: Any, target: str | None) -> dict[str, frozenset[str]]:
    """By column the words for a missing value that are values to the artifact: those among what its
    encoders learnt and among its classes, and any where CatBoost was given categories, since it takes
    none that is missing."""
    names = input_names(estimator) or []
    result = {
        name: frozenset({word for word in use.categories if isinstance(word, str)} & MISSING_WORDS)
        if use.categories or not use.encoded
        else MISSING_WORDS - {""}
        for name, use in column_uses(estimator, names).items()
    }
    classes = attribute(estimator, "classes_")
    if target is not None and isinstance(classes, np.ndarray):
        result[target] = frozenset({word for word in classes.tolist() if isinstance(word, str)} & MISSING_WORDS)
    return {name: words for name, words in result.items() if words}


def _only_words(values: Collection[Any]) -> bool:
    present = [value for value in values if isinstance(value, bool | int | float | str) and value == value]
    return bool(present) and all(isinstance(value, str) for value in present)


def named_as(frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """The frame with columns called as in ``names``, where only blanks round a name differ."""
    result = {column: name for name, column in resolve(names, frame.columns).items() if column != name}
    return frame.rename(columns=result) if result else frame


def with_categories(frame: pd.DataFrame, columns: Sequence[str], estimator: Any) -> pd.DataFrame:
    """The frame with some columns as pandas categories: those in ``columns`` of the values in them, in
    order, and those that the artifact remembers as categories of what it learnt.

    Raises PublishRefused ``columns`` for one that is not there.
    """
    lacking = [name for name in columns if name not in frame.columns]
    if lacking:
        raise PublishRefused(
            "columns",
            f"The data has no column {lacking[0]!r} to be made categories.",
            hint=f"Its columns are: {', '.join(map(repr, frame.columns[:20]))}.",
        )
    changed = {name: frame[name].astype("category") for name in columns}
    for name, values in learnt_categories(estimator, list(frame.columns)).items():
        if name not in changed and not isinstance(frame[name].dtype, pd.CategoricalDtype):
            others = frame[name][~frame[name].isin(values)].dropna().unique()
            changed[name] = pd.Series(pd.Categorical(frame[name], [*values, *others]), index=frame.index)
    return frame.assign(**changed) if changed else frame


def with_learnt_gaps(frame: pd.DataFrame, estimator: Any) -> pd.DataFrame:
    """The frame with None for what is missing where an encoder learnt None as a value; a file knows one
    kind of missing value only, and to an encoder NaN is another one."""
    changed = {}
    for name, use in column_uses(estimator, input_names(estimator) or []).items():
        if name not in frame.columns or None not in use.categories or any(value != value for value in use.categories):
            continue
        column = frame[name]
        if column.hasnans and not isinstance(column.dtype, pd.CategoricalDtype):
            values = column.astype(object)
            changed[name] = values.where(values.notna(), None)
    return frame.assign(**changed) if changed else frame


def answerable(estimator: Any, table: DataTable, target: str | None) -> DataTable:
    """The rows without those that the artifact refuses for a value that is missing or infinite,
    with a note that names them.

    One row of each kind of gap is asked about. Where the artifact answers no row at all, nothing is
    left out: that is for the inference of its inputs to say.
    """
    columns = columns_read(estimator, table.frame, target)
    frame = table.frame[list(columns.names)]
    states = {name: state for name in frame.columns if (state := _states(frame[name])) is not None}
    if not states:
        return table
    notes = [*table.notes, *_boundless(states, table.numbers)]
    marks = np.random.default_rng(_SEED)
    keys = np.zeros(len(frame), dtype=np.uint64)
    for state in states.values():
        keys += marks.integers(1, 2**63, 3, dtype=np.uint64)[state] * (state > 0)
    kinds, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    asked = np.argsort(-np.bincount(inverse), kind="stable")[:_PATTERNS]
    good = Probe(estimator, columns.fitted_on).answers(frame.take(first[asked]))
    if good.all() or not good.any():
        return replace(table, notes=tuple(notes))
    refused = np.zeros(len(kinds), dtype=bool)
    refused[asked] = ~good
    gone = refused[inverse]
    blamed = {name: (state > 0) & gone for name, state in states.items()}
    names = [
        f"{name!r} in {rows_of(int(rows.sum()))} (first in row {int(table.numbers[rows][0]):,})"
        for name, rows in blamed.items()
        if rows.any()
    ]
    notes.append(
        f"{rows_of(int(gone.sum()))} of {len(frame):,} are left out, as the model does not answer them. "
        f"There is no finite value of {_listed(names)}. If the model was trained on them, publish it with the step "
        "that fills gaps."
    )
    remaining = table.frame[~gone].reset_index(drop=True)
    return DataTable(remaining, table.numbers[~gone], tuple(notes))


def _states(column: pd.Series) -> np.ndarray | None:
    """For each row 1 where the value is missing, 2 where it is infinite; None for a column without."""
    state = column.isna().to_numpy(dtype=bool).astype(np.int8)
    if isinstance(column.dtype, np.dtype) and column.dtype.kind == "f":
        state[np.isinf(column.to_numpy())] = 2
    return state if state.any() else None


def _boundless(states: dict[str, np.ndarray], numbers: np.ndarray) -> list[str]:
    return [
        f"The column {name!r} holds infinite numbers in {rows_of(int((state == 2).sum()))} "
        f"(first in row {int(numbers[state == 2][0]):,}), which no form, request or file can send."
        for name, state in states.items()
        if (state == 2).any()
    ]


def held_to_contract(schema: ModelSchema, held: DataTable) -> DataTable:
    """The rows of a hold-out that meet the contract, with the published types, as a batch of them
    would be read; a note names those that do not.

    Raises PublishRefused ``predict`` where no row does.
    """
    names = schema.names
    table = pa.table({name: _arrow(held.frame[name]) for name in names})
    form = TableForm(kind="parquet", header=names, first_row=1)
    matching = Matching({name: name for name in names}, (), (), ())
    checked = ChunkCheck(schema, None, matching, form).check(Chunk(0, table, held.numbers))
    if not checked.rejects:
        note: tuple[str, ...] = ()
    elif not len(checked.numbers):
        raise PublishRefused(
            "predict",
            f"The model takes no row of the hold-out: {_faults(checked.rejects)}.",
            hint="Give rows with the columns and values that the model was trained on.",
        )
    else:
        left = rows_of(checked.rejected_rows)
        note = (f"{left} of {len(held.frame):,} of the hold-out are left out: {_faults(checked.rejects)}.",)
    remaining = np.isin(held.numbers, checked.numbers)
    others = held.frame.loc[remaining, [name for name in held.frame.columns if name not in set(names)]]
    frame = pd.concat([others.reset_index(drop=True), checked.frame], axis="columns")[list(held.frame.columns)]
    return DataTable(frame, checked.numbers, (*held.notes, *note))


def _arrow(column: pd.Series) -> pa.Array:
    try:
        result = pa.array(column, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        result = pa.array(column.map(str, na_action="ignore"), pa.string(), from_pandas=True)
    return result.combine_chunks() if isinstance(result, pa.ChunkedArray) else result


def _faults(rejects: Sequence[Reject]) -> str:
    return _listed(
        [f"row {r.row:,}, {r.field!r}: {r.message.rstrip('.')}" for r in rejects], between="; ", several="faults"
    )


def _listed(texts: Sequence[str], between: str = ", ", several: str = "columns") -> str:
    more = len(texts) - _NAMED
    return between.join(texts[:_NAMED]) + (f" and {more:,} more {several}" if more > 0 else "")
