"""Single rows behind the figures of performance, as far as the model's privacy settings let them be seen.

What the Performance page and its files show of single rows comes from here and from nowhere else, so that
``[privacy]`` holds for whatever a request asks for, not only for what a page offers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from modeldesk.core.errors import NotAllowed, NotFound
from modeldesk.model_service.engine.results import native
from modeldesk.model_service.performance.binary import MAX_POINTS
from modeldesk.model_service.performance.conditions import Condition
from modeldesk.model_service.performance.report import Report
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.schema.fields import Field
from modeldesk.model_service.schema.frames import json_values, records_of
from modeldesk.services.privacy import NOT_SHOWN, require_records, shown_features, shown_target, shows_records

if TYPE_CHECKING:
    from modeldesk.services.performance.report import Performance

LEAST_ROWS = 20
"""Rows that a limited view holds at least where single records are not shown: of fewer, figures would tell
of single ones."""
LEAST_STEP = 5
"""Rows that a step of a curve holds at least there."""
_QUANTILES = 101


@dataclass(frozen=True, slots=True)
class ValuePairs:
    """Predicted and actual values of some rows (m,), out of ``rows`` in all; ``values`` are those of an input,
    where one was asked for."""

    predicted: np.ndarray
    actual: np.ndarray
    rows: int
    field: Field | None = None
    values: Sequence[Any] = ()

    @property
    def errors(self) -> np.ndarray:
        """Predicted minus actual."""
        return np.asarray(self.predicted - self.actual)


@dataclass(frozen=True, slots=True)
class MeasuredRecord:
    """One row: its inputs that may be shown, the answer, what was actually so, and the size of the error, or 1
    for a wrong answer and 0 for a right one; of an anomaly model ``error`` is the score. ``id`` is that of a
    recorded prediction, None for a row of the version's own."""

    inputs: Mapping[str, Any]
    answer: Any
    actual: Any
    error: float
    id: str | None = None


def shows_pairs(model: LoadedModel) -> bool:
    """Whether single predictions may be shown beside what was actually so."""
    return shows_records(model) and shown_target(model) is not None


def shows_rows(model: LoadedModel) -> bool:
    """Whether single rows may be shown; where a row may be wrong, its actual value is a part of it."""
    return shows_pairs(model) if model.manifest.task.has_errors else shows_records(model)


def require_shown(model: LoadedModel, conditions: Sequence[Condition]) -> None:
    """Raise NotFound where a condition is on an input that is not shown."""
    shown = shown_features(model)
    for condition in conditions:
        if condition.feature not in shown:
            raise NotFound(f"There is no input {condition.feature!r} to limit rows by.")


def require_many(model: LoadedModel, rows: int) -> None:
    """Raise NotAllowed where limits leave so few of rows that may not be told apart."""
    if 0 < rows < LEAST_ROWS and not shows_records(model):
        raise NotAllowed(NOT_SHOWN, hint=f"Choose a part of at least {LEAST_ROWS} rows.")


def value_pairs(measured: Performance, feature: str | None = None, *, worst: int | None = None) -> ValuePairs:
    """The predicted and actual numbers of a sample of rows, or of the ``worst`` with the largest errors, those
    first; with the values of ``feature``.

    Raises NotAllowed where single records are not shown, NotFound for an input that is not.
    """
    model, numbers = measured.model, measured.report.numbers
    if numbers is None:
        raise NotFound("These rows hold no known numbers.")
    require_records(shows_pairs(model))
    indices = numbers.sample if worst is None else np.argsort(-np.abs(numbers.errors), kind="stable")[:worst]
    field, values = None, []
    if feature is not None:
        if feature not in shown_features(model):
            raise NotFound(f"There is no input {feature!r} to show errors by.")
        field = next(item for item in model.fields if item.name == feature)
        values = json_values(field.feature, measured.report.rows.frame[feature].iloc[indices])
    return ValuePairs(numbers.predicted[indices], numbers.actual[indices], len(numbers.errors), field, values)


def error_sizes(measured: Performance) -> np.ndarray:
    """The sizes of errors, ascending; where single records are not shown only their quantiles."""
    numbers = measured.report.numbers
    if numbers is None:
        raise NotFound("These rows hold no known numbers.")
    sizes = np.sort(np.abs(numbers.errors))
    return sizes if shows_pairs(measured.model) else np.quantile(sizes, np.linspace(0, 1, _QUANTILES))


def curve_points(measured: Performance) -> int:
    """How many points a curve over the rows may have: not one for each where single records are not shown."""
    if shows_pairs(measured.model):
        return MAX_POINTS
    return max(2, min(MAX_POINTS, len(measured.report.rows) // LEAST_STEP))


def worst_records(
    measured: Performance, most: int, *, threshold: float | None = None, of_class: str | None = None
) -> tuple[MeasuredRecord, ...]:
    """The rows with the largest errors, those first: of numbers the furthest off, of classes the wrong answers
    with the least probability of what was so (at ``threshold``, for two classes), of anomalies the most
    unusual. ``of_class`` limits them to rows that were of that class.

    Raises NotAllowed where single records are not shown.
    """
    model, report = measured.model, measured.report
    require_records(shows_rows(model))
    indices, errors, answers = _ordered(report, threshold, of_class)
    indices = indices[:most]
    records = records_of(model.schema, report.rows.frame.iloc[indices])
    names = shown_features(model)
    actual = report.rows.actual
    return tuple(
        MeasuredRecord(
            {name: record[name] for name in names},
            native(answers[index]),
            None if actual is None else native(actual.iloc[int(index)]),
            float(errors[index]),
            None if report.rows.ids is None else str(report.rows.ids[index]),
        )
        for index, record in zip(indices, records, strict=True)
    )


def _ordered(
    report: Report, threshold: float | None, of_class: str | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The places of rows by error, the largest first; the errors and the answers of all rows."""
    outputs = report.rows.outputs
    if report.numbers is not None:
        errors = np.abs(report.numbers.errors)
        return np.argsort(-errors, kind="stable"), errors, report.numbers.predicted
    if report.decided is None:
        scores = np.zeros(len(report.rows)) if outputs.score is None else outputs.score
        return np.argsort(scores, kind="stable"), scores, outputs.prediction
    decided = report.decided
    codes = report.answers_at(threshold)
    wrong = (codes != decided.truth).astype(float)
    own = wrong if decided.probability is None else 1 - decided.probability[np.arange(len(wrong)), decided.truth]
    order = np.lexsort((-own, -wrong))
    if of_class is not None and of_class in report.classes:
        order = order[decided.truth[order] == report.classes.index(of_class)]
    return order, wrong, np.array(report.classes, dtype=object)[codes]
