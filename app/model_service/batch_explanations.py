"""Why a file's rows are answered as they are, in few words a row."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from app.model_service.explain.results import Attribution
from app.model_service.loaded import LoadedModel
from app.model_service.pacing import Checkpoint, steps, unwatched
from app.model_service.results import Outputs, native

TOP = 5
_EXACT_ROWS, _SAMPLED_ROWS = 1_000, 20
"""Rows of a step by the method that publication proved: sampling asks the model hundreds of times a row."""

log = logging.getLogger(__name__)


def top_contributions(
    model: LoadedModel, frame: pd.DataFrame, outputs: Outputs, checkpoint: Checkpoint = unwatched
) -> pa.Array:
    """For each row the inputs that moved its answer most, such as ``income +0.42; age -0.1``: of the
    predicted class, on the scale of the model's explanations. Null where the artifact cannot be
    asked about the row further."""
    texts: list[str | None] = []
    classes = [str(native(value)) for value in outputs.prediction] if model.manifest.classes else None
    size = _SAMPLED_ROWS if model.explainer.spec.method == "permutation" else _EXACT_ROWS
    for rows in steps(len(frame), size, checkpoint):
        part = frame.iloc[rows].reset_index(drop=True)
        texts += _explained(model, part, None if classes is None else classes[rows], checkpoint)
    return pa.array(texts, pa.string())


def _explained(
    model: LoadedModel, frame: pd.DataFrame, classes: Sequence[str] | None, checkpoint: Checkpoint
) -> list[str | None]:
    """The texts of some rows. What cannot be explained together is explained row by row, so that
    an odd row changes nothing for those beside it."""
    try:
        found = model.explainer.attribute(frame, classes)
        if found.method == model.explainer.spec.method or len(frame) == 1:
            return _told(found, model.schema.names)
    except Exception:  # an artifact may refuse the mixtures of values that an explanation asks about
        if len(frame) == 1:
            log.exception("A row could not be explained by %s version %d.", model.name, model.version)
            return [None]
    texts: list[str | None] = []
    for rows in steps(len(frame), 1, checkpoint):
        one = frame.iloc[rows].reset_index(drop=True)
        texts += _explained(model, one, None if classes is None else classes[rows], checkpoint)
    return texts


def _told(found: Attribution, names: tuple[str, ...]) -> list[str | None]:
    order = np.argsort(-np.abs(found.contributions), axis=1, kind="stable")[:, :TOP]
    values = np.take_along_axis(found.contributions, order, axis=1)
    return [
        "; ".join(f"{names[place]} {value:+.4g}" for place, value in zip(places, row, strict=True) if value)
        for places, row in zip(order.tolist(), values.tolist(), strict=True)
    ]
