"""An explanation as a chart card shows it."""

from __future__ import annotations

from typing import Any

import numpy as np

from modeldesk.core.identity import Caller
from modeldesk.model_service.explain import Explanation
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions import explain
from modeldesk.web.ui.common.answers import class_name
from modeldesk.web.ui.common.charts.registration import Drawing
from modeldesk.web.ui.common.charts.template import new_figure
from modeldesk.web.ui.common.charts.waterfall import image_figure, ladder, waterfall_figure, waterfall_rows
from modeldesk.web.ui.common.components import Column, table
from modeldesk.web.ui.common.explanation import layout as view
from modeldesk.web.ui.common.explanation import text
from modeldesk.web.ui.common.explanation.certainty import asked_class
from modeldesk.web.ui.common.explanation.choices import inputs_of, with_choices
from modeldesk.web.ui.common.naming import answer_axis, threshold_for


def positive_of(model: LoadedModel) -> str | None:
    """The positive one of two classes where a threshold decides for it: answers and explanations are
    then about it, else about the class predicted."""
    positive = model.settings.positive
    decides = positive is not None and model.settings.threshold is not None
    return str(positive) if decides and model.manifest.task.has_positive else None


def drawn(context: AppContext, caller: Caller, found: explain.Explained) -> Drawing:
    """An explanation as a chart card shows it."""
    model, explanation = found.model, found.explanation
    if explanation is None:
        blank = new_figure(height=40, xaxis={"visible": False}, yaxis={"visible": False})
        return Drawing(view.nothing_to_explain(found.prediction.output), lambda: blank, lambda: None)
    if view.is_picture(model):
        return _picture(found, explanation)
    explanation = with_choices(model, explanation, found.prediction.inputs)
    axis = answer_axis(model, explanation.scale, explanation.of_class, ())  # type: ignore[arg-type]
    unit = model.settings.unit if explanation.scale == "value" else ""
    rungs = ladder(explanation, view.quantities(inputs_of(model)))
    words = [*view.why_words(model, explanation), *_texts(context, caller, found)]
    limit = threshold_for(model, explanation.of_class)
    return Drawing(
        words,
        lambda: waterfall_figure(rungs, axis, limit, unit),
        lambda: _table(*waterfall_rows(rungs, axis, unit)),
    )


def _picture(found: explain.Explained, explanation: Explanation) -> Drawing:
    model, [image] = found.model, found.model.settings.image
    inputs = found.prediction.inputs
    ink = np.array([float(inputs.get(name) or 0) for name in image.columns]).reshape(image.height, image.width)
    said = asked_class(model, found.prediction.output)
    words = view.image_words(text.HIGHER_ANSWER if said is None else class_name(explanation.of_class))
    return Drawing(
        words,
        lambda: image_figure(found.images[0].pixels, ink),
        lambda: _table(*view.image_rows(found.images[0], explanation.scale, model.settings.unit)),
    )


def _texts(context: AppContext, caller: Caller, found: explain.Explained) -> list[Any]:
    """The texts among the inputs, their telling words marked."""
    model, inputs = found.model, found.prediction.inputs
    of_class = found.explanation.of_class if found.explanation is not None else None
    shown = []
    for field in model.fields:
        if field.feature.type == "text" and not field.hidden and inputs.get(field.name):
            words = explain.explain_text(
                context, caller, model.name, inputs, field.name, version=model.version, of_class=of_class
            )
            shown.append(view.text_words(words, str(inputs[field.name])))
    return shown


def _table(heads: list[str], rows: list[list[str]]) -> Any:
    columns = [Column(head, number=place == len(heads) - 1) for place, head in enumerate(heads)]
    return table(columns, rows, caption=text.INPUTS_CAPTION, rows_head=True)
