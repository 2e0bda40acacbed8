"""How sure one answer is, in terms that a person can check."""

from __future__ import annotations

from dataclasses import dataclass

from modeldesk.model_service.engine.results import Output
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.uncertainty.calibration import CalibrationNote, note
from modeldesk.model_service.uncertainty.intervals import class_set, why_not


@dataclass(frozen=True, slots=True)
class Confidence:
    """What the hold-out says of one answer, at ``level``.

    ``interval`` is a regression's. ``classes`` are, for a classifier of more than two, those that
    may be the actual one, likeliest first. ``note`` tells what became of hold-out cases scored
    like this one; it must be seen where ``note.bin.miscalibrated``. ``reason`` says why nothing
    can be said, where neither an interval, a set of classes nor a note can be given.
    """

    level: float
    interval: tuple[float, float] | None = None
    classes: tuple[str, ...] | None = None
    note: CalibrationNote | None = None
    reason: str | None = None


def confidence(model: LoadedModel, output: Output, of_class: str | None = None) -> Confidence:
    """How sure an answer of this model is; ``of_class`` is the class that the note is about, the
    predicted one unless named."""
    insights, level = model.manifest.insights, model.level
    if output.refused is not None:
        return Confidence(level, reason="There is no answer: a rule refuses one.")
    if not model.manifest.task.has_errors:
        return Confidence(level, reason="How sure this is cannot be said: anomaly models have no outcome to measure.")
    if insights is None:
        return Confidence(
            level, reason="How sure this is cannot be said: this version was published before it was measured."
        )
    if model.manifest.task.numeric:
        return Confidence(level, interval=output.interval, reason=why_not(insights.conformal, level))
    if output.probability is None:
        return Confidence(level, reason="How sure this is cannot be said: the model gives no probabilities.")
    class_name = of_class if of_class in output.probability else str(output.prediction)
    calibration_note = note(insights.calibration, class_name, output.probability.get(class_name, 0.0))
    names = list(output.probability)
    indices = class_set(insights.conformal, level, list(output.probability.values())) if len(names) > 2 else None
    return Confidence(
        level,
        classes=None if indices is None else tuple(names[index] for index in indices),
        note=calibration_note,
        reason=_why_no_class(calibration_note is not None or indices is not None, insights.calibration is not None),
    )


def _why_no_class(calibration_note: bool, measured: bool) -> str | None:
    if calibration_note:
        return None
    if measured:
        return "How sure this is cannot be said: no hold-out case was scored like this one."
    return why_not(None, 0.0)
