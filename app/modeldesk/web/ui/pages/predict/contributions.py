"""The contributions behind the answers to several records, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from modeldesk.model_service.explain import Explanation
from modeldesk.model_service.explain.sentence import effect_text
from modeldesk.model_service.package.insights import ExplanationScale
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.web.ui.common.answers import class_inside
from modeldesk.web.ui.common.charts.waterfall import scale_words
from modeldesk.web.ui.common.components import Children
from modeldesk.web.ui.common.explanation.choices import inputs_of, with_choices
from modeldesk.web.ui.common.side_by_side import Part
from modeldesk.web.ui.pages.predict import text as words

TOP_INPUTS = 5
"""Inputs whose contributions are shown: the strongest of any record."""

Explained = tuple[Explanation | None, Mapping[str, Any]]
"""The explanation of an answer, None where there is none, and the record that was answered."""


def contributions_part(model: LoadedModel, answers: Sequence[Explained]) -> Part:
    """The strongest contributions of any record, each as a bar from the middle and in words, titled by class and
    scale. Empty where no answer has an explanation."""
    known = [explanation for explanation, _ in answers if explanation is not None]
    if not known or any(field.widget == "pixel" for field in model.fields):
        return Part(None, [])
    bars = scale_words(known[0].scale, any(item.sampled for item in known))
    of_class = known[0].of_class
    title = words.MOVES.format(bars=bars)
    if of_class is not None:
        title = words.MOVES_CLASS.format(of_class=class_inside(of_class), bars=bars)
    added = [_amounts(model, explanation, record) for explanation, record in answers]
    by_name = {field.name: field for field in inputs_of(model)}
    strength = {name: max(abs(of.get(name, 0.0)) for of in added) for name in by_name}
    strongest = sorted((name for name in strength if strength[name] > 0), key=lambda name: -strength[name])
    top = strongest[:TOP_INPUTS]
    unit = model.settings.unit if known[0].scale == "value" else None
    rows: list[list[Children]] = [
        [by_name[name].label, *(_effect(of.get(name), known[0].scale, unit, strength[top[0]]) for of in added)]
        for name in top
    ]
    return Part(title, rows)


def _amounts(model: LoadedModel, explanation: Explanation | None, record: Mapping[str, Any]) -> dict[str, float]:
    if explanation is None:
        return {}
    return {part.feature: part.contribution for part in with_choices(model, explanation, record).contributions}


def _effect(amount: float | None, scale: ExplanationScale, unit: str | None, top: float) -> Children:
    if amount is None:
        return ""
    share = 50 * abs(amount) / top
    side = {"left": "50%"} if amount >= 0 else {"right": "50%"}
    return html.Div(
        [
            html.Span(
                html.Span(
                    className="md-effect-up" if amount >= 0 else "",
                    style={"width": f"{share:.1f}%", **side},
                ),
                className="md-effect-track",
                **{"aria-hidden": "true"},
            ),
            html.Span(effect_text(amount, scale, unit)),
        ],
        className="md-effect hstack gap-2",
    )
