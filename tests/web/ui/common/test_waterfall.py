"""The ladder from the usual answer to this one."""

from __future__ import annotations

import math

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st
from modeldesk.model_service.explain.results import Contribution, Explanation
from modeldesk.model_service.package.insights import ExplanationScale
from modeldesk.web.ui.common.charts.axes import AnswerAxis, Quantity
from modeldesk.web.ui.common.charts.waterfall import (
    BAR_WIDTH,
    TOP,
    image_figure,
    ladder,
    level_text,
    waterfall_figure,
    waterfall_rows,
)

CHANCE = AnswerAxis("Probability of default", "probability")
VALUE = AnswerAxis("Demand", "value", "rides")
amounts = st.lists(st.floats(-0.05, 0.05), min_size=1, max_size=30)


def explained(contributions: list[float], scale: ExplanationScale = "probability", base: float = 0.3) -> Explanation:
    items = tuple(Contribution(f"f{place}", place, amount) for place, amount in enumerate(contributions))
    return Explanation("tree", scale, "yes", base, base + sum(contributions), items)


def named(explanation: Explanation) -> dict[str, Quantity]:
    return {item.feature: Quantity(f"Input {item.feature}") for item in explanation.contributions}


@given(amounts)
def test_the_steps_lead_from_the_base_to_the_output(contributions: list[float]) -> None:
    explanation = explained(contributions)
    found = ladder(explanation, named(explanation))
    assert len(found.steps) <= TOP + 1
    at = found.base
    for step in found.steps:
        assert step.start == pytest.approx(at, abs=1e-9)
        at += step.amount
    assert at == pytest.approx(found.output, abs=1e-9)


def test_the_strongest_come_first_and_the_rest_is_folded() -> None:
    explanation = explained([0.001 * place for place in range(1, 13)])
    found = ladder(explanation, named(explanation))
    assert [step.label for step in found.steps[:2]] == ["Input f11", "Input f10"]
    assert found.steps[-1].label == "5 other inputs"
    assert found.steps[-1].amount == pytest.approx(0.001 + 0.002 + 0.003 + 0.004 + 0.005)


def test_a_single_input_is_never_called_other() -> None:
    explanation = explained([0.01] * (TOP + 1))
    assert len(ladder(explanation, named(explanation)).steps) == TOP + 1
    assert all("other" not in step.label for step in ladder(explanation, named(explanation)).steps)


def test_chances_are_told_in_points_and_the_threshold_is_marked() -> None:
    explanation = explained([0.124, -0.041])
    figure = waterfall_figure(ladder(explanation, named(explanation)), CHANCE, 0.25)
    texts = [note.text for note in figure.layout.annotations]
    assert "+12.4" in texts and "−4.1" in texts and "Threshold 25%" in texts
    assert "<b>30%</b>" in texts and "<b>38.3%</b>" in texts


def marks(figure: go.Figure) -> list[float]:
    """Where a tick of the threshold's own width stands."""
    return [shape.x0 for shape in figure.layout.shapes if shape.line.width == 2]


def test_the_threshold_is_seen_wherever_it_lies() -> None:
    near = explained([-0.9, 0.1], "log_odds", -2.0)
    figure = waterfall_figure(ladder(near, named(near)), CHANCE, 0.25)
    low, high = figure.layout.xaxis.range
    assert marks(figure) == [pytest.approx(-math.log(3))] and low < -math.log(3) < high
    far = explained([-0.05, 0.01], "log_odds", -6.0)
    figure = waterfall_figure(ladder(far, named(far)), CHANCE, 0.25)
    assert marks(figure) == [] and "Threshold 25% →" in [note.text for note in figure.layout.annotations]
    figure = waterfall_figure(ladder(far, named(far)), CHANCE, 0.0001)
    assert "← Threshold <0.1%" in [note.text for note in figure.layout.annotations]


def test_log_odds_are_told_as_odds_and_their_ends_as_chances() -> None:
    explanation = explained([math.log(2)], "log_odds", 0.0)
    found = ladder(explanation, named(explanation))
    heads, rows = waterfall_rows(found, CHANCE)
    assert heads == ["Input", "Value", "Adds"]
    assert rows[0][2] == "50%" and rows[1][2] == "odds × 2" and rows[-1][2] == "66.7%"
    assert level_text(1e6, CHANCE, "log_odds") == "100%"
    texts = [note.text for note in waterfall_figure(found, CHANCE, 0.5).layout.annotations]
    assert "× 2" in texts and "Threshold 50%" in texts


def test_values_are_told_in_their_unit_and_sampled_ones_with_their_error() -> None:
    items = (Contribution("f0", 1.5, 12.0, 0.4), Contribution("f1", None, -3.0, 0.3))
    explanation = Explanation("permutation", "value", None, 100.0, 109.0, items)
    found = ladder(explanation, named(explanation))
    heads, rows = waterfall_rows(found, VALUE, "rides")
    assert heads[-1] == "Standard error"
    assert rows[1] == ["Input f0", "1.5", "+12 rides", "0.4 rides"]
    assert rows[2][1] == "Not known"


def test_an_image_is_coloured_evenly_around_nothing() -> None:
    pixels = np.array([[0.0, 0.2], [-0.5, 0.0]])
    heat = image_figure(pixels, np.array([[0.0, 16.0], [16.0, 0.0]])).data[0]
    assert (heat.zmin, heat.zmax) == (-0.5, 0.5)


def test_an_end_far_to_the_right_is_told_on_its_left() -> None:
    explanation = explained([-68.0, 55.8, -8.6], scale="value", base=1_061.0)
    notes = waterfall_figure(ladder(explanation, named(explanation)), VALUE).layout.annotations
    sides = {note.text: note.xanchor for note in notes}
    assert (sides["<b>1,061 rides</b>"], sides["<b>1,040 rides</b>"]) == ("right", "right")
    explanation = explained([68.0, -8.6], scale="value", base=1_000.0)
    notes = waterfall_figure(ladder(explanation, named(explanation)), VALUE).layout.annotations
    assert {note.text: note.xanchor for note in notes}["<b>1,000 rides</b>"] == "left"


@pytest.mark.parametrize(("limit", "anchor"), [(0.3, "left"), (0.5, "left"), (0.6, "right"), (0.75, "right")])
def test_the_answer_is_told_on_the_side_away_from_the_thresholds_mark(limit: float, anchor: str) -> None:
    explanation = explained([1.1, 1.1, -0.2], "log_odds", -1.8)
    found = ladder(explanation, named(explanation))
    figure = waterfall_figure(found, CHANCE, limit)
    assert marks(figure)
    told = f"<b>{level_text(found.output, CHANCE, 'log_odds')}</b>"
    assert {note.text: note.xanchor for note in figure.layout.annotations}[told] == anchor


def test_all_bars_are_of_one_width_in_a_row_of_their_own() -> None:
    # Left to itself, plotly makes the two bars of the ends as wide as the distance between them.
    explanation = explained([0.1, 0.05, -0.02, 0.01])
    bars = list(waterfall_figure(ladder(explanation, named(explanation)), CHANCE).data)
    assert {trace.width for trace in bars} == {BAR_WIDTH} and BAR_WIDTH < 1
