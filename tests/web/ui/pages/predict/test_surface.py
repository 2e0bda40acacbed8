"""The heat map over two inputs."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
from modeldesk.model_service.whatif.response import Surface
from modeldesk.web.ui.common.charts.axes import AnswerAxis, Quantity
from modeldesk.web.ui.pages.predict.surface import surface_figure, surface_rows
from modeldesk.web.ui.pages.predict.what_if_text import surface_finding

X, Y = Quantity("Age", "years"), Quantity("Debt", "€")
CHANCE = AnswerAxis("Probability of default", "probability")
SURFACE = Surface(
    x="age",
    y="debt",
    x_values=(20, 40, 60),
    y_values=(0, 50_000),
    answers=np.array([[0.1, 0.2, 0.3], [0.3, 0.4, 0.5]]),
    scale="probability",
    of_class="default",
    classes=("default", "paid back"),
    present=(40, 50_000),
    answer=0.4,
)


def test_the_map_the_threshold_and_the_present_point() -> None:
    figure = surface_figure(SURFACE, X, Y, CHANCE, 0.25)
    json.loads(figure.to_json())
    heat, line, point = figure.data
    assert isinstance(heat, go.Heatmap)
    assert heat.hovertext[1][0] == "20 years, €50,000: <b>30%</b>"
    assert line.contours.start == line.contours.end == 0.25
    assert (point.x[0], point.y[0]) == (40, 50_000)
    assert figure.layout.xaxis.title.text == "Age, years"


def test_no_threshold_and_no_point_where_there_is_none() -> None:
    figure = surface_figure(replace(SURFACE, present=(None, 50_000)), X, Y, CHANCE)
    assert len(figure.data) == 1


def test_categories_stand_by_name() -> None:
    work = Quantity("Employment", kind="category")
    words = replace(SURFACE, x_values=("none", "permanent", "self"), present=("none", 0))
    figure = surface_figure(words, work, Y, CHANCE, 0.25)
    assert list(figure.data[0].x) == ["None", "Permanent", "Self"]
    assert figure.data[-1].x[0] == "None"


def test_classes_have_their_names_beside_the_scale() -> None:
    axis = AnswerAxis("Outcome", "class", classes=("no", "yes"))
    classes = replace(SURFACE, answers=np.array([[0.0, 1.0, 1.0], [0.0, 0.0, 1.0]]), scale="class")
    figure = surface_figure(classes, X, Y, axis)
    assert list(figure.data[0].colorbar.ticktext) == ["No", "Yes"]
    assert "make it No or Yes." in surface_finding(classes, X, Y, axis)


def test_the_finding() -> None:
    found = surface_finding(SURFACE, X, Y, CHANCE, 0.25)
    assert "from 10% at 20 years with €0 to 50% at 60 years with €50,000." in found
    assert "33% of it is under 25%." in found
    assert "All of it is under 90%." in surface_finding(SURFACE, X, Y, CHANCE, 0.9)
    flat = replace(SURFACE, answers=np.full((2, 3), 0.2))
    assert "neither makes a difference: 20% throughout." in surface_finding(flat, X, Y, CHANCE)


def test_the_data_as_a_table() -> None:
    heads, rows = surface_rows(SURFACE, X, Y, CHANCE)
    assert heads == ["Debt \\ Age", "20 years", "40 years", "60 years"]
    assert rows[1] == ["€50,000", "30%", "40%", "50%"]
