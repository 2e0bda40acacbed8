"""Why a file's rows are answered as they are, in few words a row."""

from __future__ import annotations

import logging

import numpy as np
import pandas as pd
import pyarrow as pa

from modeldesk.model_service.answering import Answers
from modeldesk.model_service.batch.chunking import Checkpoint, part_of, steps, unwatched
from modeldesk.model_service.engine.results import positive_place
from modeldesk.model_service.explain.results import Attribution
from modeldesk.model_service.package.insights import ExplanationScale
from modeldesk.model_service.registry.loaded import LoadedModel

CONTRIBUTIONS = "contributions"
"""What the names of these columns begin with."""
TOP = 5
_STEP_ROWS: dict[str, int] = {"linear": 1_000, "tree": 200, "permutation": 20}
"""Rows of a step by the method that publication proved, a fraction of a second of work as a rule: sampling asks
the model hundreds of times a row."""
_SCALES: dict[ExplanationScale, str] = {
    "value": "value",
    "probability": "probability",
    "log_odds": "log-odds",
    "score": "score",
}

log = logging.getLogger(__name__)


def contribution_columns(
    model: LoadedModel, answers: Answers, of_class: str | None = None, checkpoint: Checkpoint = unwatched
) -> dict[str, pa.Array]:
    """For each row the inputs that moved its answer most, by their labels, such as
    ``Income +0.42; Age -0.1``. A column is of one class and one scale, which its name tells, so that
    its figures can be compared from row to row: the positive one of two classes, ``of_class`` where
    one is asked for, else a column for each class.

    Null where a rule refuses an answer, and where the artifact cannot be asked about the row
    further or can only be explained on another scale.
    """
    indices = np.flatnonzero(answers.outputs.answered)
    frame = answers.frame.iloc[indices].reset_index(drop=True)
    columns, classes = {}, _classes(model, of_class)
    for number, name in enumerate(classes):
        of_this = part_of(checkpoint, number / len(classes), (number + 1) / len(classes))
        texts: list[str | None] = [None] * len(answers.frame)
        for rows in steps(len(frame), _STEP_ROWS[model.explainer.spec.method], of_this):
            part = frame.iloc[rows].reset_index(drop=True)
            inside = part_of(of_this, rows.start / len(frame), rows.stop / len(frame))
            for index, text in zip(indices[rows].tolist(), _explained(model, part, name, inside), strict=True):
                texts[index] = text
        columns[column_name(model, name)] = pa.array(texts, pa.string())
    return columns


def column_name(model: LoadedModel, of_class: str | None) -> str:
    """``contributions to yes (log-odds)``; without classes ``contributions (value)``."""
    to = "" if of_class is None else f" to {of_class}"
    return f"{CONTRIBUTIONS}{to} ({_SCALES[model.explainer.spec.scale]})"


def _classes(model: LoadedModel, of_class: str | None) -> tuple[str | None, ...]:
    classes = model.explainer.answers.classes
    if of_class is not None:
        return (of_class,)
    if not classes:
        return (None,)
    if not model.manifest.task.has_positive:
        return tuple(classes)
    return (classes[positive_place(classes, model.settings.positive)],)


def _explained(
    model: LoadedModel, frame: pd.DataFrame, of_class: str | None, checkpoint: Checkpoint
) -> list[str | None]:
    """The texts of some rows. What cannot be explained together is explained row by row, so that
    an odd row changes nothing for those beside it."""
    spec = model.explainer.spec
    try:
        result = model.explainer.attribute(frame, None if of_class is None else [of_class] * len(frame))
        if result.method == spec.method or len(frame) == 1:
            return _top(result, model) if result.scale == spec.scale else [None]
    except Exception:  # an artifact may refuse the mixtures of values that an explanation asks about
        if len(frame) == 1:
            log.exception("A row could not be explained by %s version %d.", model.name, model.version)
            return [None]
    texts: list[str | None] = []
    for rows in steps(len(frame), 1, checkpoint):
        texts += _explained(model, frame.iloc[rows].reset_index(drop=True), of_class, checkpoint)
    return texts


def _top(result: Attribution, model: LoadedModel) -> list[str | None]:
    by_name = {field.name: field.label for field in model.fields}
    labels = [by_name[name] for name in model.schema.names]
    order = np.argsort(-np.abs(result.contributions), axis=1, kind="stable")[:, :TOP]
    values = np.take_along_axis(result.contributions, order, axis=1)
    return [
        "; ".join(f"{labels[index]} {_signed(value)}" for index, value in zip(indices, row, strict=True) if value)
        for indices, row in zip(order.tolist(), values.tolist(), strict=True)
    ]


def _signed(value: float) -> str:
    """A contribution to four digits, never with an exponent: people read these, and programs too."""
    return np.format_float_positional(value, precision=4, unique=False, fractional=False, trim="-", sign=True)
