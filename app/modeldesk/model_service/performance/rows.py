"""The rows that a version is measured on: its hold-out, else the published rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from modeldesk.model_service.engine.results import Outputs, joined, native
from modeldesk.model_service.package.folder import HOLDOUT
from modeldesk.model_service.registry.loaded import LoadedModel

MAX_ROWS = 20_000
"""Rows that figures are made from; of more, a seeded sample is taken, and the figures say so."""
SCORED_AT_ONCE = 2_000
"""Rows in one call of the artifact, so that predictions come in between."""

Source = Literal["holdout", "training", "log", "batch"]
"""The version's own rows, or predictions whose outcome became known: the live log's, or a batch's."""

_SEED = 20_260_411


@dataclass(frozen=True, slots=True)
class EvaluatedRows:
    """m rows of one source, what the artifact says of each, and what was actually so.

    ``total`` counts the source's rows, ``unknown`` those among the m rows that had no known
    outcome and were left out, ``excluded`` those that the version does not take: predictions of another
    version, with a category that this one has not seen, say. ``outputs`` are the artifact's own, before
    any decision threshold. ``actual`` (m,) is None for a model without a target. ``ids`` (m,) are those of
    recorded predictions, None for the version's own rows.
    """

    source: Source
    total: int
    unknown: int
    frame: pd.DataFrame
    outputs: Outputs
    actual: pd.Series | None
    excluded: int = 0
    ids: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def sampled(self) -> bool:
        """Whether these are fewer rows than the source has, because it has too many."""
        return self.total > MAX_ROWS

    def where(self, mask: np.ndarray) -> EvaluatedRows:
        """Only the rows that the mask (m,) holds."""
        indices = np.flatnonzero(mask)
        actual = None if self.actual is None else self.actual.iloc[indices].reset_index(drop=True)
        frame = self.frame.iloc[indices].reset_index(drop=True)
        ids = None if self.ids is None else self.ids[indices]
        return replace(self, frame=frame, outputs=self.outputs.take(indices), actual=actual, ids=ids)


@dataclass(frozen=True, slots=True)
class KnownRows:
    """The same m rows before they are scored."""

    source: Source
    total: int
    unknown: int
    frame: pd.DataFrame
    actual: pd.Series | None

    def where(self, mask: np.ndarray) -> KnownRows:
        """Only the rows that the mask (m,) holds."""
        indices = np.flatnonzero(mask)
        actual = None if self.actual is None else self.actual.iloc[indices].reset_index(drop=True)
        return replace(self, frame=self.frame.iloc[indices].reset_index(drop=True), actual=actual)


def own_source(model: LoadedModel) -> Literal["holdout", "training"]:
    """What a version brought along to be measured on."""
    return "holdout" if (model.folder / HOLDOUT).is_file() else "training"


def version_rows(model: LoadedModel, most: int) -> tuple[pd.DataFrame, Literal["holdout", "training"], int]:
    """The hold-out of a version, else the reference rows it was published with, with all their columns; of
    more than ``most`` a seeded sample. Where they are from, and how many there are in all."""
    source = own_source(model)
    table = pd.read_parquet(model.folder / HOLDOUT) if source == "holdout" else model.reference
    total = len(table) if source == "holdout" else model.manifest.rows
    if len(table) > most:
        chosen = np.sort(np.random.default_rng(_SEED).permutation(len(table))[:most])
        table = table.take(chosen).reset_index(drop=True)
    return table, source, total


def known_rows(model: LoadedModel, most: int = MAX_ROWS) -> KnownRows:
    """The hold-out of a version, else the reference rows it was published with; of more than ``most`` a
    seeded sample, and without those whose outcome is not known."""
    table, source, total = version_rows(model, most)
    target = model.manifest.target
    unknown = 0
    if target is not None:
        known = table[target].notna().to_numpy()
        unknown = int((~known).sum())
        table = table[known].reset_index(drop=True)
    return KnownRows(
        source=source,
        total=total,
        unknown=unknown,
        frame=table[list(model.schema.names)],
        actual=None if target is None else table[target],
    )


def evaluated_rows(model: LoadedModel) -> EvaluatedRows:
    """The hold-out of a version, else the reference rows it was published with; at most MAX_ROWS.

    Raises InvalidInput where the artifact does not answer a row.
    """
    rows = known_rows(model)
    answers = own_answers(model, rows.frame)
    return EvaluatedRows(rows.source, rows.total, rows.unknown, rows.frame, answers, rows.actual)


def class_codes(values: np.ndarray | pd.Series, classes: tuple[object, ...]) -> np.ndarray:
    """The place of each value among the classes (m,), -1 for what is none of them. Classes are told
    apart by name, since some libraries answer a boolean class by its name."""
    indices = {str(native(value)): index for index, value in enumerate(classes)}
    return np.array([indices.get(str(native(value)), -1) for value in np.asarray(values)], dtype=np.intp)


def own_answers(model: LoadedModel, frame: pd.DataFrame) -> Outputs:
    """The artifact's own answers to many rows, before any decision threshold. Raises InvalidInput where it
    does not answer a row."""
    return answers(model.with_settings(model.settings.model_copy(update={"threshold": None})), frame)


def answers(model: LoadedModel, frame: pd.DataFrame) -> Outputs:
    """A version's answers to many rows, as they are given. Raises InvalidInput where the artifact does not
    answer a row."""
    starts = range(0, max(1, len(frame)), SCORED_AT_ONCE)
    return joined([model.score(frame.iloc[at : at + SCORED_AT_ONCE]) for at in starts])
