"""The curve along one input: what it shows, and what it says."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import plotly.graph_objects as go
import pytest
from modeldesk.model_service.whatif.response import Curve
from modeldesk.web.ui.common.charts.axes import AnswerAxis, Quantity
from modeldesk.web.ui.pages.predict.response import response_figure, response_rows
from modeldesk.web.ui.pages.predict.what_if_text import response_finding

DEBT = Quantity("Existing debt", "€")
CHANCE = AnswerAxis("Probability of default", "probability")
RISING = Curve(
    feature="debt",
    values=(0, 20_000, 40_000, 60_000, 80_000, 100_000),
    answers=(0.1, 0.2, 0.3, 0.35, 0.4, 0.45),
    seen=(True, True, True, True, True, False),
    scale="probability",
    of_class="default",
    classes=("default", "paid back"),
    present=40_000,
    answer=0.3,
    edges=(0, 40_000, 80_000),
    counts=(9, 2),
)
WORK = Quantity("Employment", kind="category")
WORDS = replace(
    RISING,
    values=("permanent", "none", "self_employed"),
    answers=(0.1, 0.5, 0.3),
    seen=(True, True, False),
    present="none",
    answer=0.5,
    edges=(),
    counts=(7, 2, 0),
)


def drawn(figure: go.Figure) -> dict[str, Any]:
    """The figure as the browser gets it: valid, and JSON."""
    return json.loads(figure.to_json())


def texts(figure: go.Figure) -> list[str]:
    return [annotation.text for annotation in figure.layout.annotations]


def test_the_present_point_the_threshold_and_what_was_never_seen_are_drawn() -> None:
    figure = response_figure(RISING, DEBT, CHANCE, 0.25)
    told = drawn(figure)
    assert "<b>Now €40,000 → 30%</b>" in texts(figure)
    assert "Threshold 25%" in texts(figure)
    assert told["layout"]["shapes"][0]["y0"] == 0.25
    hatch, dotted, line, point, spread = figure.data
    assert hatch.fillpattern.shape == "/"
    assert (min(hatch.x), max(hatch.x)) == (80_000, 100_000)
    assert dotted.line.dash == "2px,3px"
    assert line.y[-1] is None
    assert list(point.x) == [40_000]
    assert list(spread.y) == [9, 2]


def test_colours_are_named_by_token() -> None:
    told = json.dumps(drawn(response_figure(RISING, DEBT, CHANCE, 0.25)))
    assert "var(--md-series)" in told
    assert "#" not in told.replace("#fff", "")


def test_the_threshold_stands_away_from_the_present_point() -> None:
    def side(present: float) -> str:
        figure = response_figure(replace(RISING, present=present, answer=0.3), DEBT, CHANCE, 0.25)
        return next(a.xanchor for a in figure.layout.annotations if a.text == "Threshold 25%")

    assert side(0) == "right"
    assert side(100_000) == "left"


def test_categories_are_bars_with_the_present_one_in_the_accent() -> None:
    figure = response_figure(WORDS, WORK, CHANCE)
    bars, spread = figure.data
    assert list(bars.x) == ["Permanent", "None", "Self employed"]
    assert [color == "var(--md-series)" for color in bars.marker.color] == [False, True, False]
    assert list(bars.marker.pattern.shape) == ["", "", "/"]
    assert list(spread.x) == list(bars.x)


def test_dates_and_classes_are_drawn() -> None:
    days = ("2024-01-01", "2024-02-01", "2024-03-01")
    times = replace(
        RISING,
        values=days,
        answers=(0.0, 1.0, 1.0),
        seen=(True,) * 3,
        scale="class",
        present="2024-02-01",
        answer=1.0,
        edges=("2024-01-01T00:00:00", "2024-02-01T00:00:00", "2024-03-01T00:00:00"),
        counts=(3, 4),
    )
    axis = AnswerAxis("Outcome", "class", classes=("no", "yes"))
    told = drawn(response_figure(times, Quantity("Day", kind="time"), axis))
    assert told["layout"]["xaxis"]["type"] == "date"
    assert told["layout"]["yaxis"]["ticktext"] == ["No", "Yes"]
    assert told["data"][0]["line"]["shape"] == "hv"


def test_a_value_that_is_not_known_has_no_point() -> None:
    figure = response_figure(replace(RISING, present=None), DEBT, CHANCE)
    assert [trace.mode for trace in figure.data if isinstance(trace, go.Scatter)].count("markers") == 0
    assert "<b>Now Not known → 30%</b>" in texts(figure)


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ((0.1, 0.2, 0.3, 0.35, 0.4, 0.45), "it is under 25% only below €40,000."),
        ((0.5, 0.4, 0.3, 0.2, 0.1, 0.1), "it is under 25% only above €40,000."),
        ((0.1,) * 6, "it stays under 25%."),
        ((0.9,) * 6, "it stays at or above 25%."),
        ((0.1, 0.4, 0.1, 0.4, 0.1, 0.1), "it crosses 25% 4 times and is under it over 60% of the range."),
    ],
)
def test_the_finding_against_a_threshold(answers: tuple[float, ...], words: str) -> None:
    found = response_finding(replace(RISING, answers=answers), DEBT, CHANCE, 0.25)
    assert words in found
    assert found.endswith(" Above €80,000 the model has seen nothing like it.")


def test_the_finding_without_a_threshold() -> None:
    assert "from 10% at €0 to 40% at €80,000." in response_finding(RISING, DEBT, CHANCE)
    flat = replace(RISING, answers=(0.2,) * 6)
    assert "makes no difference: 20% throughout." in response_finding(flat, DEBT, CHANCE)


def test_the_finding_over_categories_and_classes() -> None:
    assert "under 25% only with Permanent." in response_finding(WORDS, WORK, CHANCE, 0.25)
    axis = AnswerAxis("Outcome", "class", classes=("no", "yes"))
    met = replace(WORDS, scale="class", answers=(0.0, 1.0, 0.0), answer=1.0)
    assert "Employment makes it No or Yes." in response_finding(met, WORK, axis)


def test_the_data_as_rows() -> None:
    rows = response_rows(RISING, DEBT, CHANCE)
    assert rows[0] == ("€0", "10%", "Yes")
    assert rows[-1] == ("€100,000", "45%", "No")
