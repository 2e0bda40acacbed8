"""Why a file's rows are answered as they are, in few words a row."""

from __future__ import annotations

import logging

import numpy as np
import pandas as pd
import pyarrow as pa

from app.model_service.explain.results import Attribution
from app.model_service.loaded import LoadedModel
from app.model_service.results import Outputs, native

TOP = 5
_ROWS = 1_000

log = logging.getLogger(__name__)


def top_contributions(model: LoadedModel, frame: pd.DataFrame, outputs: Outputs) -> pa.Array:
    """For each row the inputs that moved its answer most, such as ``income +0.42; age -0.1``: of the
    predicted class, on the scale of the model's explanations. Null where the artifact cannot be
    asked about the row further."""
    texts: list[str | None] = []
    for start in range(0, len(frame), _ROWS):
        part = frame.iloc[start : start + _ROWS].reset_index(drop=True)
        asked = None
        if model.manifest.classes:
            asked = [str(native(value)) for value in outputs.prediction[start : start + _ROWS]]
        try:
            texts += _told(model.explainer.attribute(part, asked), model.schema.names)
        except Exception:  # an artifact may refuse the mixtures of values that an explanation asks about
            log.exception("%s version %d could not be explained.", model.name, model.version)
            texts += [None] * len(part)
    return pa.array(texts, pa.string())


def _told(found: Attribution, names: tuple[str, ...]) -> list[str]:
    order = np.argsort(-np.abs(found.contributions), axis=1, kind="stable")[:, :TOP]
    values = np.take_along_axis(found.contributions, order, axis=1)
    return [
        "; ".join(f"{names[place]} {value:+.4g}" for place, value in zip(places, row, strict=True) if value)
        for places, row in zip(order.tolist(), values.tolist(), strict=True)
    ]
