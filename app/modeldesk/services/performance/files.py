"""The tables behind the Performance page as files, in full precision."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from modeldesk.core.errors import NotFound
from modeldesk.core.identity import Caller
from modeldesk.model_service.batch.writers import result_file
from modeldesk.model_service.performance.binary import Figure
from modeldesk.model_service.performance.conditions import Condition, written
from modeldesk.model_service.performance.groups import Group
from modeldesk.services.app_context import AppContext
from modeldesk.services.batches.results import ResultFile
from modeldesk.services.performance.measured_records import shows_rows, worst_records
from modeldesk.services.performance.report import (
    Performance,
    class_groups,
    groups,
    performance,
    searched_features,
    weakness,
)

TableName = Literal[
    "metrics", "confusion", "classes", "calibration", "thresholds", "segments", "groups", "class_groups", "rows"
]
TableKind = Literal["csv", "xlsx"]
THRESHOLDS = tuple(round(index / 100, 2) for index in range(101))
MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class TableQuery:
    """What a table is of, besides the rows: the ``threshold`` that decides between two classes (None: the one in
    force), the class that is looked at, the input that makes groups, and which outcome is
    favourable."""

    threshold: float | None = None
    of_class: str | None = None
    feature: str | None = None
    favourable: str | None = None


def performance_file(
    context: AppContext,
    caller: Caller,
    name: str,
    table: TableName,
    kind: TableKind,
    query: TableQuery,
    *,
    version: int | None = None,
    source: str = "",
    segment: str | None = None,
    where: str | None = None,
) -> ResultFile:
    """One table of a version's performance as a file in a folder of its own, which is the caller's to remove.

    Raises what ``performance`` raises, NotFound for a table that this kind of model has not, and NotAllowed for
    single rows where they are not shown.
    """
    measured = performance(context, caller, name, version=version, segment=segment, where=where, source=source)
    if query.threshold is None:
        query = replace(query, threshold=measured.model.settings.threshold)
    columns = _MAKERS[table](measured, query)
    if not columns:
        raise NotFound(f"There is no table of {table} of {name} on these rows.")
    context.batch_storage.folder.mkdir(parents=True, exist_ok=True)
    # Beside the batches, where what a crash leaves behind is swept up.
    path = Path(tempfile.mkdtemp(prefix="rows-", dir=context.batch_storage.folder)) / f"table.{kind}"
    with result_file(path, kind) as writer:
        writer.write(pa.table(dict(columns)))
    return ResultFile(path, f"{name}-{table}.{kind}")


def offered_tables(seen: Performance) -> tuple[TableName, ...]:
    """The tables that there are of these rows, and that may be shown."""
    report = seen.report
    measured = seen.model.manifest.task.has_errors
    result: list[TableName] = ["metrics"] if measured else []
    if report.decided is not None:
        result += ["confusion", "classes"]
        if report.scores_of(None) is not None:
            result += ["calibration", "thresholds"]
        result += ["groups", "class_groups"] if len(report.classes) > 2 else ["groups"]
    if measured:
        result.append("segments")
    if shows_rows(seen.model):
        result.append("rows")
    return tuple(result)


Columns = Mapping[str, Sequence[Any]]


def _metrics(measured: Performance, query: TableQuery) -> Columns:
    result = measured.report.metrics(query.threshold)
    if not result:
        return {}
    columns: dict[str, Sequence[Any]] = {"metric": list(result), **_ends(list(result.values()))}
    if measured.limited:
        every = measured.everyone.metrics(query.threshold)
        columns |= _ends([every[key] for key in result], "everyone_")
    return columns


def _ends(figures: Sequence[Figure], before: str = "") -> dict[str, list[float]]:
    names = {f"{before}value" if not before else before.rstrip("_"): "value"}
    names |= {f"{before}low": "low", f"{before}high": "high"}
    return {column: [getattr(figure, name) for figure in figures] for column, name in names.items()}


def _confusion(measured: Performance, query: TableQuery) -> Columns:
    report = measured.report
    if report.decided is None:
        return {}
    size, answers = len(report.classes), report.answers_at(query.threshold)
    indices = [(actual, called) for actual in range(size) for called in range(size)]
    truth = report.decided.truth
    return {
        "actual": [report.classes[actual] for actual, _ in indices],
        "predicted": [report.classes[called] for _, called in indices],
        "rows": [int(((truth == actual) & (answers == called)).sum()) for actual, called in indices],
    }


def _classes(measured: Performance, _query: TableQuery) -> Columns:
    report = measured.report
    if report.decided is None:
        return {}
    columns: dict[str, Sequence[Any]] = {"class": list(report.classes), "rows": report.decided.matrix.sum(axis=1)}
    for name, figures in report.each.items():
        columns |= _ends(figures, f"{name}_")
    return columns


def _calibration(measured: Performance, query: TableQuery) -> Columns:
    bins = measured.report.calibration(query.of_class)
    fields = ("low", "high", "rows", "positive", "mean", "share", "share_low", "share_high", "miscalibrated")
    return {field: [getattr(bin_, field) for bin_ in bins] for field in fields} if bins else {}


def _thresholds(measured: Performance, query: TableQuery) -> Columns:
    scores = measured.report.scores_of(query.of_class)
    if scores is None:
        return {}
    decisions = [scores.at(threshold) for threshold in THRESHOLDS]
    columns: dict[str, Sequence[Any]] = {"threshold": THRESHOLDS}
    columns |= {name: [getattr(item, name) for item in decisions] for name in ("found", "missed", "alarms", "passed")}
    figures = [item.figures() for item in decisions]
    for name in ("recall", "precision", "accuracy", "f1", "false_alarms"):
        columns |= _ends([item[name] for item in figures], f"{name}_")
    return columns


def _segments(measured: Performance, query: TableQuery) -> Columns:
    result = weakness(measured, "wrong", query.threshold)
    if result is None:
        return {}
    fields = ("rows", "judged", "error", "low", "high", "significant")
    columns: dict[str, Sequence[Any]] = {
        "segment": pa.array([written(s.conditions) for s in result.segments], pa.string())
    }
    return columns | {field: [getattr(segment, field) for segment in result.segments] for field in fields}


def _groups(measured: Performance, query: TableQuery) -> Columns:
    feature = query.feature or next(iter(searched_features(measured.model)), "")
    result = groups(measured, feature, query.threshold, of_class=query.of_class, favourable=query.favourable)
    if not result:
        return {}
    columns = _group_columns(result)
    if all(group.favoured is not None for group in result):
        columns |= _ends([group.favoured for group in result if group.favoured is not None], "favourable_")
        columns["impact_ratio"] = [group.ratio for group in result]
    return columns


def _class_groups(measured: Performance, query: TableQuery) -> Columns:
    """What is decided in each group for every class against the rest, one under another."""
    feature = query.feature or next(iter(searched_features(measured.model)), "")
    pairs = [(name, group) for name, result in class_groups(measured, feature).items() for group in result]
    if not pairs:
        return {}
    return {"class": [name for name, _ in pairs], **_group_columns([group for _, group in pairs])}


def _group_columns(result: Sequence[Group]) -> dict[str, Sequence[Any]]:
    columns: dict[str, Sequence[Any]] = {
        "group": [_group_name(group.condition) for group in result],
        "rows": [group.rows for group in result],
    }
    for column, field in (("alarm_rate", "selection"), ("recall", "recall"), ("false_positive_rate", "false_alarms"),
                          ("precision", "precision")):  # fmt: skip
        columns |= _ends([getattr(group, field) for group in result], f"{column}_")
    return columns


def _group_name(condition: Condition) -> str:
    return written([condition])


def _rows(measured: Performance, query: TableQuery) -> Columns:
    result = worst_records(measured, MOST_ROWS, threshold=query.threshold, of_class=query.of_class)
    if not result:
        return {}
    ids: dict[str, list[Any]] = {} if result[0].id is None else {"id": [item.id for item in result]}
    columns: dict[str, list[Any]] = ids | {
        "predicted": [item.answer for item in result],
        "actual": [item.actual for item in result],
        "error": [item.error for item in result],
    }
    # An input may be called as what is known of a row is.
    columns |= {
        f"{name}_" if name in columns else name: [item.inputs[name] for item in result] for name in result[0].inputs
    }
    return columns


_MAKERS: Mapping[TableName, Callable[[Performance, TableQuery], Columns]] = {
    "metrics": _metrics,
    "confusion": _confusion,
    "classes": _classes,
    "calibration": _calibration,
    "thresholds": _thresholds,
    "segments": _segments,
    "groups": _groups,
    "class_groups": _class_groups,
    "rows": _rows,
}
