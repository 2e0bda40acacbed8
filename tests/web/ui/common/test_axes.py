"""How values and ticks are written on axes."""

from __future__ import annotations

import numpy as np
import pytest
from modeldesk.web.ui.common.charts.axes import (
    MAX_LABEL,
    AnswerAxis,
    Quantity,
    carried,
    labels,
    padded,
    shortened,
    tick_text,
    ticks,
)
from modeldesk.web.ui.pages.performance.figures import confusion_figure


@pytest.mark.parametrize(
    ("low", "high", "unit", "texts"),
    [
        (0, 100_000, "€", ["€0", "€25 k", "€50 k", "€75 k", "€100 k"]),
        (45.49, 45.61, "°", ["45.5°", "45.55°", "45.6°"]),
        (18, 78, "years", ["20", "40", "60"]),
        (0, 23, "", ["0", "10", "20"]),
        (0.001, 0.0042, "", ["0.001", "0.002", "0.003", "0.004"]),
    ],
)
def test_ticks_are_round_and_as_fine_as_their_step(low: float, high: float, unit: str, texts: list[str]) -> None:
    assert ticks(low, high, tick_text(unit))["ticktext"] == texts


def test_one_value_has_one_tick() -> None:
    assert ticks(5.0, 5.0, tick_text("%")) == {"tickvals": [5.0], "ticktext": ["5%"]}


def test_the_unit_is_on_the_ticks_or_in_the_title() -> None:
    assert carried("€") and carried("%") and not carried("years") and not carried("")
    assert Quantity("Age", "years").title == "Age, years"
    assert Quantity("Debt", "€").title == "Debt"


@pytest.mark.parametrize(
    ("quantity", "value", "text"),
    [
        (Quantity("Debt", "€"), 88_000, "€88,000"),
        (Quantity("Debt", "€"), 97_678.27, "€97,678"),
        (Quantity("Radius"), 6.98123, "6.981"),
        (Quantity("Day", kind="time"), "2026-11-18", "18 Nov 2026"),
        (Quantity("Work", kind="category"), "self_employed", "Self employed"),
        (Quantity("Work", kind="category"), None, "Not known"),
        (Quantity("Owner", kind="category"), True, "Yes"),
    ],
)
def test_an_input_in_words(quantity: Quantity, value: object, text: str) -> None:
    assert quantity.text(value) == text


def test_an_answer_in_words() -> None:
    assert AnswerAxis("Chance", "probability").text(0.408) == "40.8%"
    assert AnswerAxis("Demand", "value", "car-hours").text(253.4) == "253 car-hours"
    assert AnswerAxis("Class", "class", classes=("no_way", "yes")).text(0.0) == "No way"


def test_shares_start_at_zero_and_classes_by_name() -> None:
    low, high = AnswerAxis("Chance", "probability").axis([0.2, 0.33])["range"]
    assert low == 0
    assert 0.4 <= high <= 0.45
    axis = AnswerAxis("Class", "class", classes=("a", "b", "c")).axis([0, 2])
    assert axis["ticktext"] == ["A", "B", "C"]


def test_air_never_suggests_values_under_zero() -> None:
    assert padded(1, 100)[0] == 0.0
    assert padded(50, 100)[0] < 50
    assert padded(-5, 5)[0] < -5
    assert padded(3, 3) == pytest.approx((2.7, 3.3))


def test_long_labels_are_cut() -> None:
    assert shortened("x" * 40, 10) == "x" * 9 + "…"


def test_labels_fit_and_stay_apart() -> None:
    names = [f"Municipal services and waste, district {n}" for n in range(25)] + ["Parks", "Parks"]
    short = labels(names)
    assert len(set(short)) == len(names) and max(map(len, short)) <= MAX_LABEL + 5
    assert short[3].endswith("3") and short[25:] == ["Parks", "Parks (2)"]
    matrix = np.eye(25, dtype=int) + 1
    figure = confusion_figure(matrix, names[:25])
    heat = figure.data[0]
    assert len(set(heat.x)) == len(set(heat.y)) == len(figure.layout.xaxis.tickvals) == 25
    assert figure.layout.height >= 25 * 18
