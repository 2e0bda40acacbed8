"""Why: the card of reasons, its sentence, and which words of a text count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from modeldesk.model_service.engine.results import Output
from modeldesk.model_service.explain.image import ImageExplanation
from modeldesk.model_service.explain.results import Explanation
from modeldesk.model_service.explain.sentence import effect_text, sentence
from modeldesk.model_service.explain.text import TextExplanation
from modeldesk.model_service.package.insights import ExplanationScale
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.schema.fields import Field
from modeldesk.web.ui.common.charts.axes import Quantity
from modeldesk.web.ui.common.charts.card import chart_card
from modeldesk.web.ui.common.charts.template import WATERFALL_ROW
from modeldesk.web.ui.common.charts.waterfall import TOP, scale_words
from modeldesk.web.ui.common.components import Children
from modeldesk.web.ui.common.explanation import text as words
from modeldesk.web.ui.common.explanation.choices import inputs_of
from modeldesk.web.ui.common.naming import quantity

ROOM = WATERFALL_ROW * (TOP + 3) + 34
"""The height of a waterfall with all its bars."""

LEAST_WORD = 0.1
"""Words with less than this share of the strongest word's effect are left unmarked."""


def why_card(name: str) -> Any:
    """The card of reasons, empty until its callback fills it."""
    return chart_card(name, words.WHY, height=ROOM, waiting=words.FINDING_REASONS, className="md-why")


def quantities(fields: Sequence[Field]) -> dict[str, Quantity]:
    """What each input is called and how its values are written."""
    return {field.name: quantity(field) for field in fields}


def why_words(model: LoadedModel, explanation: Explanation) -> list[Children]:
    """The plain sentence, then what the bars are measured in."""
    unit = model.settings.unit if explanation.scale == "value" else None
    told = sentence(explanation, inputs_of(model), unit)
    return [
        html.Span(told),
        html.Span(scale_words(explanation.scale, explanation.sampled), className="md-note d-block"),
    ]


def text_words(found: TextExplanation, text: str) -> html.P:
    """The text itself, its telling words marked: orange raises the answer, blue lowers it."""
    top = max((abs(word.contribution) for word in found.words), default=0.0)
    spans = sorted(
        (start, end, word.contribution)
        for word in found.words
        for start, end in word.spans
        if abs(word.contribution) > LEAST_WORD * top
    )
    parts: list[Any] = []
    at = 0
    for start, end, contribution in spans:
        told = effect_text(contribution, found.scale)
        kind = "md-word-up" if contribution > 0 else "md-word-down"
        parts += [text[at:start], html.Mark(text[start:end], className=kind, title=told)]
        at = end
    return html.P([*parts, text[at:]], className="md-why-text mt-2 text-break")


def is_picture(model: LoadedModel) -> bool:
    """Whether all that a person enters is one image."""
    return len(model.settings.image) == 1 and all(field.widget == "pixel" for field in model.fields if not field.hidden)


def nothing_to_explain(output: Output) -> str:
    """Why there are no reasons."""
    if output.refused:
        return words.NO_REASONS_FOR_A_REFUSAL
    return words.NO_REASONS


def image_rows(found: ImageExplanation, scale: ExplanationScale, unit: str) -> tuple[list[str], list[list[str]]]:
    """The image's areas, strongest first: heads and rows."""
    rows = []
    for area in found.areas:
        where = words.IMAGE_AREA.format(
            top=area.top + 1, bottom=area.top + area.height, left=area.left + 1, right=area.left + area.width
        )
        rows.append([where, effect_text(area.contribution, scale, unit or None)])
    return list(words.IMAGE_HEADS), rows


def image_words(said: str) -> list[Children]:
    """What the colours of an image's pixels say. ``said`` is the answer they speak for."""
    return [words.IMAGE_COLOURS.format(answer=said)]
