"""Checked rows of a file to results: one table a chunk, the rejected rows, and a summary's part."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from modeldesk.core.errors import InvalidInput
from modeldesk.model_service.answering import Answers, RowWarnings, answer_rows
from modeldesk.model_service.batch.chunking import Checkpoint, part_of, unwatched
from modeldesk.model_service.batch.explanations import contribution_columns
from modeldesk.model_service.engine.results import InputWarning, Outputs
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.schema.frames import frame_of, records_of
from modeldesk.model_service.tables.checking import CheckedChunk
from modeldesk.model_service.tables.chunk import Reject

ROW = "row"
ID = "id"
PREDICTION = "prediction"
PROBABILITY = "probability "
SCORE = "score"
INTERVAL = ("interval low", "interval high")
REFUSED = "refused"
WARNINGS = "warnings"

_ANSWERED = 0.1
"""The share of a chunk's work that is done with its answers, where they are explained too."""

REJECTS_SCHEMA = pa.schema(
    [
        ("row", pa.int64()),
        ("field", pa.string()),
        ("value", pa.string()),
        ("code", pa.string()),
        ("message", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class ScoredChunk:
    """The results of a chunk.

    ``table`` holds, for each scored row in the file's order, the file's columns and then the
    results; ``rejects`` has REJECTS_SCHEMA, one line a fault. ``rows`` of the file are
    dealt with: ``scored`` and ``rejected``.
    """

    index: int
    table: pa.Table
    rejects: pa.Table
    scored: int
    rejected: int
    frame: pd.DataFrame
    outputs: Outputs
    warnings: Sequence[RowWarnings]

    @property
    def rows(self) -> int:
        """How many rows of the file this was."""
        return self.scored + self.rejected


@dataclass(frozen=True, slots=True)
class Extras:
    """What may take longer than the model does: ``unusual`` looks for unusual combinations of values,
    ``explain`` names the strongest contributions of each row, to the answer's class in view or to
    ``explain_class``."""

    unusual: bool = False
    explain: bool = False
    explain_class: str | None = None


NO_EXTRAS = Extras()


def score_chunk(
    model: LoadedModel,
    checked: CheckedChunk,
    batch: str | None = None,
    extras: Extras = NO_EXTRAS,
    checkpoint: Checkpoint = unwatched,
) -> ScoredChunk:
    """Ask the model for the good rows of a chunk, in few calls; ``checkpoint`` comes between them.

    A row that the model cannot answer joins the rejected ones. ``batch`` gives every row the id
    ``BATCH-ROW``; without it there are no ids.
    """
    answered = _ANSWERED if extras.explain else 1.0
    checked, answers = _answers(model, checked, extras, part_of(checkpoint, 0.0, answered))
    results = _output_columns(model, answers.outputs)
    if extras.explain:
        explaining = part_of(checkpoint, answered, 1.0)
        results |= contribution_columns(model, answers, extras.explain_class, explaining)
    results[WARNINGS] = warning_column(answers.warnings, len(checked.numbers))
    if batch is not None:
        numbers = pa.array(checked.numbers)
        results[ROW] = numbers
        results[ID] = pc.binary_join_element_wise(batch, numbers.cast(pa.string()), "-")
    return ScoredChunk(
        index=checked.index,
        table=pa.table(_input_columns(checked.table, tuple(results)) | results),
        rejects=rejects_table(checked.rejects),
        scored=len(checked.numbers),
        rejected=checked.rejected_rows,
        frame=checked.frame,
        outputs=answers.outputs,
        warnings=answers.warnings,
    )


def rejects_table(rejects: Sequence[Reject]) -> pa.Table:
    """Rejected rows as a table of REJECTS_SCHEMA."""
    lines = [(reject.row, reject.field, reject.value, reject.code, reject.message) for reject in rejects]
    columns = list(zip(*lines, strict=True)) if lines else [()] * len(REJECTS_SCHEMA)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, REJECTS_SCHEMA, strict=True)]
    return pa.table(arrays, schema=REJECTS_SCHEMA)


def _answers(
    model: LoadedModel, checked: CheckedChunk, extras: Extras, checkpoint: Checkpoint
) -> tuple[CheckedChunk, Answers]:
    """The answers, and the chunk without the rows that the model has none for."""
    while len(checked.frame):
        try:
            return checked, answer_rows(
                model, checked.frame, checked.warnings, unusual=extras.unusual, checkpoint=checkpoint
            )
        except InvalidInput as error:
            faults = {problem.row: problem.message for problem in error.problems if problem.row is not None}
            if not faults:
                raise
            checked = without(checked, faults)
    # Few artifacts take a frame without rows; what they answer to one row tells the columns.
    row = frame_of(model.schema, records_of(model.schema, model.reference.head(1)))
    return checked, Answers(checked.frame, model.score(row).slice(0, 0), checked.warnings)


def without(checked: CheckedChunk, faults: Mapping[int, str]) -> CheckedChunk:
    """The chunk with some of its rows rejected: positions among the good ones, and what is wrong with each."""
    keep = np.ones(len(checked.numbers), dtype=bool)
    keep[list(faults)] = False
    rejects = [
        Reject(int(checked.numbers[row]), None, None, "no_answer", f"The model could not answer. {message}")
        for row, message in faults.items()
    ]
    remaining = only(checked, keep)
    return replace(remaining, rejects=tuple(sorted([*checked.rejects, *rejects], key=lambda reject: reject.row)))


def only(checked: CheckedChunk, keep: np.ndarray) -> CheckedChunk:
    """The chunk with those of its good rows that a mask keeps."""
    indices = np.cumsum(keep) - 1
    return replace(
        checked,
        frame=checked.frame[keep].reset_index(drop=True),
        numbers=checked.numbers[keep],
        table=checked.table.filter(pa.array(keep)),
        warnings=tuple((indices[rows[keep[rows]]], warning) for rows, warning in checked.warnings),
    )


def _input_columns(table: pa.Table, taken: Sequence[str]) -> dict[str, pa.Array]:
    """The file's columns; one with the name of a result gets another."""
    columns: dict[str, pa.Array] = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        free = name
        while free in taken or free in columns:
            free += " (input)"
        columns[free] = column
    return columns


def _output_columns(model: LoadedModel, outputs: Outputs) -> dict[str, pa.Array]:
    """The answers by column; those that a rule refuses are null, beside a column that says why."""
    mask = None if outputs.refused is None else ~outputs.answered
    columns = {PREDICTION: _predictions(outputs, mask)}
    if outputs.probability is not None:
        for index, key in enumerate(outputs.keys):
            values = np.ascontiguousarray(outputs.probability[:, index])
            columns[f"{PROBABILITY}{key}"] = pa.array(values, mask=mask)
    if outputs.interval is not None:
        for name, values in zip(INTERVAL, outputs.interval.T, strict=True):
            columns[name] = pa.array(np.ascontiguousarray(values), mask=mask)
    if outputs.score is not None:
        columns[SCORE] = pa.array(outputs.score, mask=mask)
    if any(rule.action == "refuse" for rule in model.settings.rules):
        texts = pa.array([refusal["text"] for refusal in outputs.refusals], pa.string())
        positions = (
            np.zeros(len(outputs), dtype=np.int32) if outputs.refused is None else np.maximum(outputs.refused, 0)
        )
        indices = pa.array(positions.astype(np.int32), mask=outputs.answered)
        columns[REFUSED] = pa.DictionaryArray.from_arrays(indices, texts)
    return columns


def _predictions(outputs: Outputs, mask: np.ndarray | None) -> pa.Array:
    """Numbers as such; classes as a dictionary of the model's own, so that all chunks agree."""
    if not outputs.classes:
        return pa.array(np.asarray(outputs.prediction, dtype=float), mask=mask)
    kinds = {type(value) for value in outputs.classes}
    if kinds == {str}:
        positions = {value: index for index, value in enumerate(outputs.classes)}
        result, codes = np.unique(np.asarray(outputs.prediction, dtype=object).astype(str), return_inverse=True)
        lookup = np.array([positions.get(value, 0) for value in result.tolist()], dtype=np.int32)
        indices = lookup[codes] if len(result) else np.zeros(0, dtype=np.int32)
        return pa.DictionaryArray.from_arrays(pa.array(indices, mask=mask), pa.array(outputs.classes, pa.string()))
    values = [value.item() if isinstance(value, np.generic) else value for value in outputs.prediction.tolist()]
    if mask is not None:
        values = [None if gone else value for gone, value in zip(mask.tolist(), values, strict=True)]
    kind = pa.bool_() if kinds == {bool} else pa.int64() if kinds == {int} else None
    if kind is None and kinds <= {int, float}:
        kind = pa.float64()
    return pa.array([None if value is None else str(value) for value in values] if kind is None else values, kind)


def warning_column(warnings: Sequence[RowWarnings], rows: int) -> pa.DictionaryArray:
    """A row's warnings as JSON, null where there are none; each different set is written once."""
    dictionary: list[str] = []
    codes = np.full(rows, -1, dtype=np.int64)
    if warnings:
        # Rows with the same warnings so far share a code; each further warning parts them again.
        sets: list[tuple[InputWarning, ...]] = [()]
        codes[:] = 0
        for positions, warning in warnings:
            present, inverse = np.unique(codes[positions], return_inverse=True)
            start = len(sets)
            sets.extend((*sets[code], warning) for code in present.tolist())
            codes[positions] = start + inverse
        used, codes = np.unique(codes, return_inverse=True)
        dictionary = [json.dumps([note.as_dict() for note in sets[code]], ensure_ascii=False) for code in used.tolist()]
    absent = codes < 0 if not warnings else np.array([text == "[]" for text in dictionary], dtype=bool)[codes]
    indices = pa.array(np.where(absent, 0, codes).astype(np.int32), mask=absent)
    return pa.DictionaryArray.from_arrays(indices, pa.array(dictionary, pa.string()))
