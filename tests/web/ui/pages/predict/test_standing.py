"""Where one answer stands among the reference rows."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from modeldesk.model_service.whatif.response import Standing
from modeldesk.web.ui.common.charts.axes import AnswerAxis
from modeldesk.web.ui.pages.predict.standing import LABEL_ROOM, standing_figure
from modeldesk.web.ui.pages.predict.what_if_text import standing_words

CHANCE = AnswerAxis("Probability of default", "probability")
STANDING = Standing(
    scale="probability",
    of_class="default",
    classes=("default", "paid back"),
    value=0.408,
    edges=tuple(n / 10 for n in range(11)),
    counts=(50, 20, 10, 8, 5, 3, 2, 1, 1, 0),
    below=0.95,
    rows=100,
)


def test_the_strip_with_threshold_and_answer() -> None:
    figure = standing_figure(STANDING, CHANCE, 0.25)
    json.loads(figure.to_json())
    limit, own = figure.layout.shapes
    assert (limit.x0, own.x0) == (0.25, 0.408)
    assert own.line.color == "var(--md-up)"
    assert [a.text for a in figure.layout.annotations] == ["Threshold 25%", "<b>This one 40.8%</b>"]
    assert list(figure.data[0].y) == list(STANDING.counts)


def test_under_the_threshold_nothing_is_raised() -> None:
    figure = standing_figure(replace(STANDING, value=0.05), CHANCE, 0.25)
    assert figure.layout.shapes[1].line.color == "var(--md-series)"


@pytest.mark.parametrize("limit", [0.05, 0.25, 0.5, 0.9])
@pytest.mark.parametrize("value", [0.0, 0.04, 0.2, 0.26, 0.5, 0.7, 0.95, 1.0])
def test_the_two_labels_never_overlap(value: float, limit: float) -> None:
    figure = standing_figure(replace(STANDING, value=value), CHANCE, limit)
    room = LABEL_ROOM

    def span(annotation: object) -> tuple[float, float]:
        x = float(annotation.x)  # type: ignore[attr-defined]
        return (x - room, x) if annotation.xanchor == "right" else (x, x + room)  # type: ignore[attr-defined]

    first, second = (span(a) for a in figure.layout.annotations)
    assert first[1] <= second[0] + 0.001 or second[1] <= first[0] + 0.001
    assert min(*first, *second) >= -0.01
    assert max(*first, *second) <= 1.01


def test_values_outside_the_reference_are_on_the_strip() -> None:
    axis = AnswerAxis("Demand", "value", "car-hours")
    values = replace(STANDING, scale="value", value=900.0, edges=(100.0, 200.0, 300.0), counts=(3, 4), below=1.0)
    low, high = standing_figure(values, axis).layout.xaxis.range
    assert low < 100 < 900 < high


def test_classes_are_counted() -> None:
    axis = AnswerAxis("Outcome", "class", classes=("no", "yes"))
    classes = replace(STANDING, scale="class", classes=("no", "yes"), value=1.0, edges=(), counts=(60, 40))
    figure = standing_figure(classes, axis)
    assert list(figure.data[0].x) == ["No", "Yes"]
    assert standing_words(classes) == "40% got this answer"


def test_in_words() -> None:
    assert standing_words(STANDING) == "Higher than 95%"
    assert standing_words(replace(STANDING, scale="score", below=0.02)) == "More unusual than 98%"
