"""A model's answer in words: one headline, what it is, and what to know beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modeldesk.core import formats
from modeldesk.model_service.engine.results import Output
from modeldesk.model_service.settings.model_settings import ModelSettings
from modeldesk.web.ui.common import text as words
from modeldesk.web.ui.common.tasks.anomaly import ANSWERS


@dataclass(frozen=True, slots=True)
class Answer:
    """``label`` says what the ``headline`` is ("Probability of default"), ``note`` what to know beside
    it, ``unit`` stands after a number. ``predicted`` is the class in words where the headline is
    its chance."""

    headline: str
    label: str
    unit: str = ""
    note: str = ""
    predicted: str | None = None
    refused: bool = False

    @property
    def short(self) -> str:
        """The headline with its unit, for tables."""
        return formats.with_unit(self.headline, self.unit)


def answer(output: Output, settings: ModelSettings | None) -> Answer:
    """What a recorded or fresh output says. ``settings`` are None for a model that is gone."""
    settings = settings or ModelSettings()
    if output.refused:
        return Answer(words.NO_ANSWER, words.REFUSED_BY_A_RULE, note=str(output.refused.get("text", "")), refused=True)
    prediction, probability = output.prediction, output.probability
    if output.score is not None:
        return Answer(
            answer_word(prediction), words.THIS_CASE_IS, note=words.SCORE.format(score=formats.number(output.score))
        )
    if probability:
        return _with_chances(prediction, probability, settings)
    if isinstance(prediction, int | float) and not isinstance(prediction, bool):
        return Answer(
            formats.number(float(prediction)), words.PREDICTED, settings.unit, note=_interval(output, settings.unit)
        )
    return Answer(class_name(prediction), words.PREDICTED)


def answer_word(value: Any) -> str:
    """A class, or what a model says that looks for unusual cases, in words."""
    return ANSWERS.get(str(value), class_name(value))


def predicted_label(predicted: str | None) -> str:
    """What a badge says of the predicted class, on every page alike."""
    return words.PREDICTED_CLASS.format(predicted=class_inside(predicted or ""))


def class_name(value: Any) -> str:
    """A class in words: numbers as they are, names as a sentence begins. A class True is called by its
    name, as in files and in the API: yes and no are other classes."""
    if value is None:
        return formats.NOT_KNOWN
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return formats.sentence(str(value))


def _with_chances(prediction: Any, probability: Mapping[str, float], settings: ModelSettings) -> Answer:
    positive = None if settings.positive is None else str(settings.positive)
    if positive is not None and positive in probability and len(probability) == 2:
        chance = probability[positive]
        return Answer(
            formats.percent(chance),
            words.PROBABILITY_OF.format(of_class=class_inside(settings.positive)),
            note=_against_threshold(chance, settings.threshold),
            predicted=class_name(prediction),
        )
    chance = probability.get(str(prediction), max(probability.values()))
    return Answer(class_name(prediction), words.PREDICTED, note=words.SURE.format(share=formats.percent(chance)))


def _against_threshold(chance: float, threshold: float | None) -> str:
    if threshold is None:
        return ""
    if chance == threshold:
        return words.AT_THRESHOLD.format(threshold=formats.percent(threshold))
    distance = formats.points(abs(chance - threshold)).lstrip("+")
    template = words.ABOVE_THRESHOLD if chance > threshold else words.BELOW_THRESHOLD
    return template.format(points=distance, threshold=formats.percent(threshold))


def _interval(output: Output, unit: str) -> str:
    if output.interval is None:
        return ""
    low, high = (formats.number(float(end)) for end in output.interval)
    text = formats.with_unit(words.ENDS.format(low=low, high=high), unit)
    return words.INTERVAL.format(level=formats.percent(output.level or 0.9), ends=text)


def class_inside(value: Any) -> str:
    """A class within a sentence: without its first capital, unless it is a name or a shortening."""
    word = class_name(value)
    return word[:1].lower() + word[1:] if word[1:].islower() else word
