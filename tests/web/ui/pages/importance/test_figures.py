"""Charts of drivers draw what was found, ranked, and hide what may not be shown."""

from __future__ import annotations

import numpy as np
import pytest
from modeldesk.model_service.importance.dependence import Dependence
from modeldesk.model_service.importance.interactions import Bin
from modeldesk.web.ui.common.charts.axes import AnswerAxis, Quantity
from modeldesk.web.ui.common.charts.effects import Effect
from modeldesk.web.ui.pages.importance.by_value import Colours, binned_figure, by_value_figure
from modeldesk.web.ui.pages.importance.dependence import dependence_figure, dependence_finding, dependence_rows
from modeldesk.web.ui.pages.importance.figures import (
    MOST_BARS,
    Panel,
    importance_figure,
    importance_height,
    picture_figure,
)

AGE, JOB = Quantity("Age", "years"), Quantity("Job", kind="category")
ODDS = Effect("log_odds")
CHANCE = AnswerAxis("Probability of default", "probability")


def _panel(sizes: list[float]) -> Panel:
    found = np.array(sizes)
    return Panel("Size", found, np.column_stack([found - 0.1, found + 0.2]), str, str)


def _dependence(**given: object) -> Dependence:
    curves = np.array([[0.1, 0.2, 0.3, 0.3], [0.5, 0.4, 0.1, 0.1], [0.2, 0.3, 0.5, 0.5]])
    known = {
        "feature": "age", "of_class": "default", "answered": "probability", "values": (20, 30, 40, 50),
        "seen": (True, True, True, False), "places": np.arange(3), "curves": curves,
        "edges": (20.0, 30.0, 40.0), "counts": (4, 6),
    }  # fmt: skip
    return Dependence(**{**known, **given})  # type: ignore[arg-type]


def test_inputs_are_ranked_by_either_measure() -> None:
    keys, labels = ["a", "b", "c"], ["Age", "Bank", "Card"]
    panels = [_panel([1, 3, 2]), _panel([0.9, -0.05, 0.4])]
    figure = importance_figure(keys, labels, panels, 0, "c")
    assert list(figure.data[0].customdata) == ["b", "c", "a"] == list(figure.data[1].customdata)
    assert list(figure.data[0].x) == [3, 2, 1] and list(figure.data[1].x) == [-0.05, 0.4, 0.9]
    assert list(figure.data[0].error_x.array) == pytest.approx([0.2] * 3)
    assert [name.strip() for name in figure.layout.yaxis.ticktext] == ["Bank", "<b>Card  </b>", "Age"]
    other = importance_figure(keys, labels, panels, 1, None)
    assert list(other.data[0].customdata) == ["a", "c", "b"]
    assert other.layout.xaxis2.range[0] < 0
    many = [str(number) for number in range(40)]
    assert len(importance_figure(many, many, [_panel(list(range(40)))], 0, None).data[0].x) == MOST_BARS
    assert importance_height(40) == importance_height(MOST_BARS) > importance_height(3)


def test_a_picture_is_drawn_row_by_row() -> None:
    heat = picture_figure([0, 1, 2, 3, 4, 5], 3, 2, str).data[0]
    assert [list(row) for row in heat.z] == [[0, 1, 2], [3, 4, 5]]


def test_points_lie_at_their_value_and_take_the_colour_of_another() -> None:
    amounts = np.array([0.1, -0.2, 0.3, 0.4])
    plain = by_value_figure([30, None, 50, 60], amounts, AGE, ODDS, None)
    assert list(plain.data[0].x) == [30, 50, 60] and list(plain.data[0].y) == [0.1, 0.3, 0.4]
    shaded = by_value_figure([30, 40, 50, 60], amounts, AGE, ODDS, Colours(Quantity("Income", "€"), [1, None, 3, 4]))
    assert [len(trace.x) for trace in shaded.data] == [1, 3]
    assert list(shaded.data[1].marker.color) == [1, 3, 4]
    grouped = by_value_figure([30, 40, 50, 60], amounts, AGE, ODDS, Colours(JOB, ["a", "b", "a", None]))
    assert [trace.name for trace in grouped.data] == ["A", "B", "Not known"]
    assert len({trace.marker.symbol for trace in grouped.data}) == 3
    words = by_value_figure(["a", "b", "a", None], amounts, JOB, ODDS, None)
    assert [round(x) for x in words.data[0].x] == [0, 1, 0, 2]
    assert list(words.layout.xaxis.ticktext) == ["A", "B", "Not known"]


def test_means_stand_for_rows_that_are_not_shown() -> None:
    bins = [Bin(30.0, 12, 0.1, 0.0, 0.3), Bin(50.0, 15, 0.4, 0.2, 0.5)]
    trace = binned_figure(bins, AGE, ODDS).data[0]
    assert (list(trace.x), list(trace.y)) == ([30, 50], [0.1, 0.4])
    assert list(binned_figure([Bin("a", 12, 0.1, 0.0, 0.3)], JOB, ODDS).layout.xaxis.ticktext) == ["A"]


def test_dependence_has_its_mean_its_band_and_single_rows() -> None:
    found = _dependence()
    with_rows = dependence_figure(found, AGE, CHANCE, lines=True)
    mean = next(trace for trace in with_rows.data if trace.hovertext)
    assert list(mean.y[:3]) == pytest.approx(found.curves.mean(axis=0)[:3])
    assert mean.y[3] is None and len(mean.y) == 4, "the missing value stands apart from the line"
    single = [trace for trace in with_rows.data if trace.x is not None and len(trace.x) == 15]
    assert len(single) == 1 and list(single[0].y[:4]) == [0.1, 0.2, 0.3, 0.3]
    without = dependence_figure(found, AGE, CHANCE, lines=False)
    assert len(without.data) == len(with_rows.data) - 1
    told = dependence_finding(found, AGE, CHANCE)
    assert told.startswith("Averaged over 3 rows, it goes from 26.7% at 20 years to 30%")
    assert told.endswith("it rises for 2 and falls for 1 of them.")
    assert dependence_rows(found, AGE, CHANCE)[0][0] == "20 years"
    assert dependence_rows(found, AGE, CHANCE)[3][4] == "No"


def test_dependence_on_a_category_is_bars() -> None:
    found = _dependence(values=("a", "b"), seen=(True, True), curves=np.array([[0.1, 0.2], [0.3, 0.2]]), edges=())
    bars = dependence_figure(found, JOB, CHANCE, lines=False).data[0]
    assert list(bars.x) == ["A", "B"] and list(bars.y) == pytest.approx([0.2, 0.2])
    assert "makes no difference" in dependence_finding(found, JOB, CHANCE)


@pytest.mark.parametrize(
    ("effect", "size", "signed"),
    [
        (ODDS, "0.12 log-odds", "−0.12 log-odds"),
        (Effect("probability"), "12 points", "−12 points"),
        (Effect("value", "€"), "€0.12", "−€0.12"),
        (Effect("score"), "0.12", "−0.12"),
    ],
)
def test_effects_in_words(effect: Effect, size: str, signed: str) -> None:
    assert (effect.size(-0.12), effect.signed(-0.12)) == (size, signed)
