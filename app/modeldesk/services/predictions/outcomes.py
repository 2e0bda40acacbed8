"""What happened after a prediction, and what a person decided instead of it.

What the model said is kept beside each, and nothing is ever overwritten: a second, other value
is a correction, and the first one stays.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from modeldesk.core.errors import InvalidInput, Problem
from modeldesk.core.identity import Caller, Permission
from modeldesk.model_service.engine.results import native
from modeldesk.model_service.package.manifest import Manifest
from modeldesk.ports.outcomes import Outcome, OutcomeKind
from modeldesk.ports.predictions import PredictionRecord
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions.history import recorded

MAX_REASON = 1_000

State = Literal["recorded", "corrected", "duplicate"]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of an outcome that was sent: ``outcome`` is the one now in force. A duplicate
    says what was already recorded and changes nothing."""

    state: State
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class OutcomesOf:
    """Everything recorded about one prediction, oldest first.

    ``actual`` is what happened and ``decision`` what a person decided instead, as last said;
    None where nobody has.
    """

    entries: tuple[Outcome, ...] = ()

    @property
    def actual(self) -> Outcome | None:
        """What actually happened."""
        return self._last("actual")

    @property
    def decision(self) -> Outcome | None:
        """What a person decided."""
        return self._last("decision")

    def _last(self, kind: OutcomeKind) -> Outcome | None:
        return next((entry for entry in reversed(self.entries) if entry.kind == kind), None)


def record_outcome(
    context: AppContext,
    caller: Caller,
    prediction_id: str,
    value: Any,
    *,
    reason: str | None = None,
    kind: OutcomeKind = "actual",
) -> Recorded:
    """Record what actually happened (``actual``), or that a person decides otherwise (``decision``,
    which takes a reason and any value but the model's own).

    The value is a class of the version that made the prediction, by itself or by its name; a
    number for a regression; "anomaly" or "normal". Raises InvalidInput, NotFound, NotAllowed,
    StoreUnavailable.
    """
    caller.require(Permission.RECORD_OUTCOMES)
    prediction = recorded(context, caller, prediction_id)
    predicted = prediction.output.get("prediction")
    checked = _valid_value(_manifest(context, caller, prediction), value)
    if kind == "decision" and is_own(checked, predicted):
        raise _refused("outcome", "own_answer", "That is what the model says. Decide for something else than it does.")
    outcome = Outcome(
        prediction_id=prediction.id,
        kind=kind,
        value=checked,
        predicted=predicted,
        model=prediction.model,
        version=prediction.version,
        reason=_valid_reason(reason, kind),
        who=caller.name,
        at=context.clock(),
    )
    before = context.store.outcomes.record(outcome)
    if before is None:
        return Recorded("recorded", outcome)
    return Recorded("duplicate", before) if before.value == outcome.value else Recorded("corrected", outcome)


def outcomes_of(context: AppContext, caller: Caller, prediction_id: str) -> OutcomesOf:
    """What is recorded about one prediction. Raises NotFound where there is no such prediction for
    this caller."""
    prediction = recorded(context, caller, prediction_id)
    return OutcomesOf(tuple(context.store.outcomes.of([prediction.id]).get(prediction.id, ())))


def outcomes_of_all(context: AppContext, records: Sequence[PredictionRecord]) -> Mapping[str, OutcomesOf]:
    """The same for predictions that this caller was given, by id; those without any are left out."""
    result = context.store.outcomes.of([record.id for record in records])
    return {prediction_id: OutcomesOf(tuple(entries)) for prediction_id, entries in result.items()}


def choices(
    context: AppContext, caller: Caller, record: PredictionRecord, kind: OutcomeKind = "actual"
) -> tuple[Any, ...] | None:
    """The outcomes of a kind that a prediction may have, for a form to offer: of decisions all but the
    model's own answer. None where it is a number."""
    manifest = _manifest(context, caller, record)
    if manifest.task.numeric:
        return None
    classes = _classes(manifest)
    if kind == "actual":
        return classes
    return tuple(known for known in classes if not is_own(known, record.output.get("prediction")))


def is_own(value: Any, predicted: Any) -> bool:
    """Whether a valid outcome is what the model says itself."""
    return isinstance(value, bool) == isinstance(predicted, bool) and bool(value == predicted)


def _manifest(context: AppContext, caller: Caller, record: PredictionRecord) -> Manifest:
    return context.entry(caller, record.model).manifests(record.version)


def _classes(manifest: Manifest) -> tuple[Any, ...]:
    return tuple(native(item) for item in manifest.task.answer_classes(manifest.classes))


def _valid_value(manifest: Manifest, value: Any) -> Any:
    if manifest.task.numeric:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(value):
            raise _refused("outcome", "wrong_type", "The outcome has to be a number.")
        return float(value)
    classes = _classes(manifest)
    for known in classes:
        same_kind = isinstance(value, bool) == isinstance(known, bool)
        if (same_kind and value == known) or (isinstance(value, str) and value == str(known)):
            return known
    listed = ", ".join(str(item) for item in classes[:20])
    raise _refused("outcome", "unknown_class", f"The outcome has to be one of: {listed}.")


def _valid_reason(reason: str | None, kind: OutcomeKind) -> str | None:
    reason = (reason or "").strip()
    if len(reason) > MAX_REASON:
        raise _refused("reason", "too_long", f"A reason has at most {MAX_REASON:,} characters.")
    if not reason and kind == "decision":
        raise _refused("reason", "missing", "Say why you decide otherwise.")
    return reason or None


def _refused(field: str, code: str, message: str) -> InvalidInput:
    return InvalidInput(message, problems=[Problem(field, code, message)])
