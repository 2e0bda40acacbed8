"""How a model's inputs and answers are named on the axes of charts."""

from __future__ import annotations

from modeldesk.core import formats
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.schema.fields import Field
from modeldesk.model_service.whatif.response import AnswerScale
from modeldesk.web.ui.common import text as words
from modeldesk.web.ui.common.answers import class_inside
from modeldesk.web.ui.common.charts.axes import AnswerAxis, Quantity


def subject(model: LoadedModel) -> str:
    """What the model predicts, in words."""
    return formats.sentence(model.manifest.target) if model.manifest.target else words.PREDICTION


def answer_axis(model: LoadedModel, scale: AnswerScale, of_class: str | None, classes: tuple[str, ...]) -> AnswerAxis:
    """A chart's axis of answers."""
    if scale == "probability":
        return AnswerAxis(words.PROBABILITY_OF.format(of_class=class_inside(of_class)), scale)
    if scale == "score":
        return AnswerAxis(words.SCORE_AXIS, scale)
    return AnswerAxis(subject(model), scale, model.settings.unit if scale == "value" else "", classes)


def quantity(field: Field) -> Quantity:
    """An input as a chart's axis."""
    feature = field.feature
    if feature.type in ("date", "datetime"):
        return Quantity(field.label, kind="time")
    return Quantity(field.label, field.unit or "", "number" if feature.numeric else "category", field.year)


def threshold_for(model: LoadedModel, of_class: str | None) -> float | None:
    """The decision threshold where the chart is of the class that it decides."""
    return model.settings.threshold if of_class is not None and of_class == str(model.settings.positive) else None
