"""The one way to an answer: rows are checked, scored, held against the model's rules, and warned of.

Form, API, preview, scenarios, batches, ``modeldesk score`` and notebooks come through here, and so
do curves, surfaces, searches and the reference's own answers: what a rule refuses to answer is
nowhere to be read, since it is taken out of the outputs themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from modeldesk.core.errors import InvalidInput
from modeldesk.model_service.batch.chunking import Checkpoint, steps, unwatched
from modeldesk.model_service.engine.results import CheckedRows, InputWarning, Output, Outputs, joined
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.schema.one_hot import IMPOSSIBLE, impossible_rows
from modeldesk.model_service.settings.rule_rows import rule_on
from modeldesk.model_service.validation.records import check_records

STEP_ROWS = 10_000
"""Rows that the model is asked about in one call."""

FEW_RECORDS = 20
"""Up to so many records a look at each is faster than one at all."""

RowWarnings = tuple[np.ndarray, InputWarning]
"""A warning, and the places of the rows it is for."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers to n rows that meet the contract; ``outputs`` holds none that a rule refuses."""

    frame: pd.DataFrame
    outputs: Outputs
    warnings: tuple[RowWarnings, ...]

    def rows(self) -> Iterator[Output]:
        """The answer to each row."""
        return (self.outputs.row(row) for row in range(len(self.outputs)))

    def by_row(self) -> list[tuple[InputWarning, ...]]:
        """The warnings of each row, in the order they were found."""
        rows: list[list[InputWarning]] = [[] for _ in range(len(self.frame))]
        for indices, warning in self.warnings:
            for index in indices.tolist():
                rows[index].append(warning)
        return [tuple(row) for row in rows]


@dataclass(frozen=True, slots=True)
class AnsweredRecord:
    """A record as it was checked, with every feature, and the answer to it."""

    record: Mapping[str, Any]
    output: Output
    warnings: tuple[InputWarning, ...]


def answer_records(model: LoadedModel, records: Sequence[Mapping[str, Any]]) -> tuple[AnsweredRecord, ...]:
    """Check records against the model's contract and answer them. Raises InvalidInput with every
    bad field of every row."""
    checked = check_records(model.schema, model.settings, records)
    answers = answer_checked(model, checked)
    result = zip(checked.records, answers.rows(), answers.by_row(), strict=True)
    return tuple(AnsweredRecord(record, output, warnings) for record, output, warnings in result)


def answer_checked(model: LoadedModel, checked: CheckedRows) -> Answers:
    """Answer records that were checked."""
    return answer_rows(model, checked.frame, tuple(_gathered(checked.warnings)), records=checked.records)


def answer_rows(
    model: LoadedModel,
    frame: pd.DataFrame,
    warnings: Sequence[RowWarnings] = (),
    *,
    records: Sequence[Mapping[str, Any]] | None = None,
    unusual: bool = True,
    checkpoint: Checkpoint = unwatched,
) -> Answers:
    """Answer a frame that was built by the contract; ``warnings`` are those of its check, to which
    those of unusual combinations and of rules are added. ``records`` are the same rows, where they
    are at hand. ``unusual`` False does not look for unusual combinations.

    Raises InvalidInput, with problems by the frame's rows, where the artifact cannot answer.
    """
    outputs = _scored(model, frame, checkpoint)
    ruling = rule_on(model.settings, model.schema, frame)
    combinations = _combinations(model, frame, records) if unusual else ()
    return Answers(frame, ruling.over(outputs), (*warnings, *combinations, *ruling.notes))


def outputs_of(model: LoadedModel, frame: pd.DataFrame) -> Outputs:
    """The answers to a frame that was built by the contract, without those that a rule refuses and
    those to rows that the contract would: for curves and searches, which have no use for warnings."""
    outputs = rule_on(model.settings, model.schema, frame).over(model.score(frame))
    return _without_impossible(model, frame, outputs)


def _without_impossible(model: LoadedModel, frame: pd.DataFrame, outputs: Outputs) -> Outputs:
    """The answers without those to rows whose columns of one choice cannot be set together."""
    faults = list(impossible_rows(model.one_hots, frame))
    if not faults:
        return outputs
    refused = np.full(len(frame), -1, dtype=np.int32) if outputs.refused is None else outputs.refused.copy()
    refusals = list(outputs.refusals)
    for rows, message in faults:
        refused[rows] = len(refusals)
        refusals.append({"rule": IMPOSSIBLE, "text": message})
    return outputs.without(refused, tuple(refusals))


def _scored(model: LoadedModel, frame: pd.DataFrame, checkpoint: Checkpoint) -> Outputs:
    if len(frame) <= STEP_ROWS:
        checkpoint()
        return model.score(frame)
    parts = []
    for rows in steps(len(frame), STEP_ROWS, checkpoint):
        try:
            parts.append(model.score(frame.iloc[rows].reset_index(drop=True)))
        except InvalidInput as error:
            problems = [p if p.row is None else replace(p, row=p.row + rows.start) for p in error.problems]
            raise InvalidInput(error.detail, hint=error.hint, problems=problems) from error
    return joined(parts)


def _gathered(warnings: Sequence[Sequence[InputWarning]]) -> Iterator[RowWarnings]:
    """Warnings by row, each with its row."""
    for row, result in enumerate(warnings):
        for warning in result:
            yield np.array([row]), warning


def _combinations(
    model: LoadedModel, frame: pd.DataFrame, records: Sequence[Mapping[str, Any]] | None
) -> list[RowWarnings]:
    """Warnings of values that do not belong together, each with its rows; a few records are looked
    at one by one, many together."""
    if records is not None and len(records) <= FEW_RECORDS:
        warnings = [model.unusual_record(record) for record in records]
    else:
        warnings = model.unusual_combinations(frame)
    result: dict[InputWarning, list[int]] = {}
    for row, warning in enumerate(warnings):
        if warning is not None:
            result.setdefault(warning, []).append(row)
    return [(np.array(rows), warning) for warning, rows in result.items()]
