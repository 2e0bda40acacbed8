"""The rows on which two versions of a model are compared, and what each of them says of these."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from modeldesk.core.errors import Conflict
from modeldesk.model_service.engine.results import Outputs, native
from modeldesk.model_service.package.folder import TRAINING
from modeldesk.model_service.performance.compare import Answers, Comparison
from modeldesk.model_service.performance.rows import Source, answers, class_codes, version_rows
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.schema.frames import json_values
from modeldesk.model_service.settings.decision_threshold import positive_name
from modeldesk.model_service.validation.records import Partition, partition_records

MAX_ROWS = 10_000
"""Rows that versions are compared on; of more a seeded sample is taken, and the page says so."""
MAX_TRAINED = 2_000_000
"""Rows of training data that are looked through for the compared ones."""
TRAINED_AT_ONCE = 50_000
MOST_REASONS = 3


@dataclass(frozen=True, slots=True)
class Excluded:
    """Rows that one version does not take: how many, and the most frequent reasons as (input, code)."""

    version: int
    rows: int
    reasons: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PairedRows:
    """m rows that both versions answer, and the comparison on them.

    ``version`` published them, as its ``source``; of its ``total`` rows some may have been left out:
    those without a known outcome (``unknown``) and those that one of the versions does not take.
    ``seen`` counts by version the rows that equal one it was trained on, None where there is too much
    to look through. ``only`` names by version the inputs that the other does not read.
    """

    version: int
    source: Source
    total: int
    unknown: int
    excluded: tuple[Excluded, ...]
    seen: dict[int, int | None]
    only: dict[int, tuple[str, ...]]
    frame: pd.DataFrame
    actual: pd.Series | None
    comparison: Comparison

    @property
    def sampled(self) -> bool:
        """Whether these are a sample because there were too many."""
        return self.total > MAX_ROWS


def paired_rows(first: LoadedModel, second: LoadedModel, of: LoadedModel) -> PairedRows:
    """The hold-out of the version ``of``, which is one of the two, else the rows it was published with,
    as far as both take them. Raises Conflict where the versions cannot be compared on them, and says why."""
    _require_alike(first, second)
    table, source, total = version_rows(of, MAX_ROWS)
    for model in (first, second):
        absent = [name for name in model.schema.names if name not in table.columns]
        if absent:
            raise Conflict(
                f"Version {model.version} reads {_listed(absent)}, which the rows of version {of.version} do not hold.",
                hint="Compare on the rows of the other version.",
            )
    table, unknown = _known(table, of.manifest.target, first.manifest.classes)
    frames, keep, excluded = [], np.ones(len(table), dtype=bool), []
    for model in (first, second):
        frame, taken, reasons = _taken(model, of, table)
        frames.append(frame)
        keep &= taken
        if not taken.all():
            excluded.append(Excluded(model.version, int((~taken).sum()), reasons))
    if not keep.any():
        raise Conflict(f"Of the rows of version {of.version} none is taken by both versions.")
    table = table[keep].reset_index(drop=True)
    one, other = (frame[keep[taken]].reset_index(drop=True) for frame, taken in frames)
    actual = None if of.manifest.target is None else table[of.manifest.target]
    return PairedRows(
        version=of.version,
        source=source,
        total=total,
        unknown=unknown,
        excluded=tuple(excluded),
        seen={model.version: _seen(model, table) for model in (first, second)},
        only={
            one_.version: tuple(name for name in one_.schema.names if name not in other_.schema.names)
            for one_, other_ in ((first, second), (second, first))
        },
        frame=other,
        actual=actual,
        comparison=comparison_of(first, second, one, other, actual),
    )


def _require_alike(first: LoadedModel, second: LoadedModel) -> None:
    one, other = first.manifest, second.manifest
    if one.task != other.task:
        raise Conflict(
            f"Version {first.version} is a {one.task} model and version {second.version} a {other.task} model; "
            "their answers cannot be held against each other."
        )
    if one.target != other.target:
        raise Conflict(
            f"Version {first.version} predicts {one.target!r} and version {second.version} {other.target!r}; "
            "their answers cannot be held against each other."
        )
    known = [sorted(str(native(value)) for value in manifest.classes) for manifest in (one, other)]
    if known[0] != known[1]:
        raise Conflict(
            f"The versions know different classes: {_listed(known[0])} in version {first.version}, "
            f"{_listed(known[1])} in version {second.version}."
        )


def _known(table: pd.DataFrame, target: str | None, classes: tuple[object, ...]) -> tuple[pd.DataFrame, int]:
    """The rows whose outcome is known, and how many are not."""
    if target is None:
        return table, 0
    known = table[target].notna().to_numpy()
    if classes:
        known = known & (class_codes(table[target], classes) >= 0)
    return table[known].reset_index(drop=True), int((~known).sum())


_Frame = tuple[pd.DataFrame, np.ndarray]


def _taken(
    model: LoadedModel, of: LoadedModel, table: pd.DataFrame
) -> tuple[_Frame, np.ndarray, tuple[tuple[str, str], ...]]:
    """What a version is given of the rows it takes, together with which rows (m,) these are; the same
    again; and why it does not take the others."""
    names = list(model.schema.names)
    if model.version == of.version or model.schema.features == of.schema.features:
        everything = np.ones(len(table), dtype=bool)
        return (table[names], everything), everything, ()
    parted, taken = taken_rows(model, table)
    reasons = Counter((problem.field or "", problem.code) for problem in parted.problems)
    return (parted.checked.frame, taken), taken, tuple(reason for reason, _ in reasons.most_common(MOST_REASONS))


def taken_rows(model: LoadedModel, table: pd.DataFrame) -> tuple[Partition, np.ndarray]:
    """Check the rows of another version's table by this one's contract: what passes and what is wrong with
    the rest, and which rows (m,) pass."""
    columns = {feature.name: json_values(feature, table[feature.name]) for feature in model.schema.features}
    records = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    parted = partition_records(model.schema, None, records)
    taken = np.zeros(len(table), dtype=bool)
    taken[list(parted.rows)] = True
    return parted, taken


def _seen(model: LoadedModel, table: pd.DataFrame) -> int | None:
    """How many rows equal one that the version was trained on, by all columns that both have and the
    version reads or predicts."""
    path: Path = model.folder / TRAINING
    if model.manifest.rows > MAX_TRAINED or not path.is_file():
        return None
    wanted = [*model.schema.names, *([model.manifest.target] if model.manifest.target else [])]
    with pq.ParquetFile(path) as file:
        names = [name for name in wanted if name in table.columns and name in file.schema_arrow.names]
        own, result = _row_hashes(table[names]), np.zeros(len(table), dtype=bool)
        for part in file.iter_batches(TRAINED_AT_ONCE, columns=names):
            result |= np.isin(own, _row_hashes(part.to_pandas()[names]))
    return int(result.sum())


def _row_hashes(table: pd.DataFrame) -> np.ndarray:
    """A number for each row, equal where rows are: columns by value, whatever their dtype is called."""
    plain = {
        name: column.astype("float64") if pd.api.types.is_numeric_dtype(column.dtype) else column.astype(str)
        for name, column in table.items()
    }
    return np.asarray(pd.util.hash_pandas_object(pd.DataFrame(plain), index=False).to_numpy())


def comparison_of(
    first: LoadedModel, second: LoadedModel, one: pd.DataFrame, other: pd.DataFrame, actual: pd.Series | None
) -> Comparison:
    """Compare what two versions answer to the same rows, each given as its own frame (m,), against what was
    actually so."""
    task, classes = second.manifest.task, second.manifest.classes
    names = tuple(str(native(value)) for value in classes)
    outputs = answers(first, one), answers(second, other)
    if task.numeric:
        before, after = (Answers(numbers=part.prediction.astype(float)) for part in outputs)
        return Comparison(task, (), before, after, actual=None if actual is None else actual.to_numpy(dtype=float))
    if task.has_scores:
        before, after = (_graded(part) for part in outputs)
        return Comparison(task, tuple(map(str, task.answer_classes(classes))), before, after)
    truth = None if actual is None else class_codes(actual, classes)
    positive = names.index(positive_name(second.manifest, second.settings)) if task.has_positive else 0
    before, after = (_classified(part, names) for part in outputs)
    return Comparison(task, names, before, after, truth=truth, positive=positive)


def _classified(outputs: Outputs, names: tuple[str, ...]) -> Answers:
    """Answers and chances in the order of ``names``, whatever that of the version is."""
    own = [str(native(value)) for value in outputs.classes]
    chances = None if outputs.probability is None else outputs.probability[:, [own.index(name) for name in names]]
    return Answers(class_codes(outputs.prediction, tuple(names)), chances)


def _graded(outputs: Outputs) -> Answers:
    """Scores as ranks among these rows, from 0 to 1: versions do not share a scale."""
    from scipy.stats import rankdata

    assert outputs.score is not None
    codes = class_codes(outputs.prediction, outputs.classes)
    return Answers(codes, numbers=(rankdata(outputs.score) - 0.5) / max(1, len(codes)))


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"‘{name}’" for name in names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"
