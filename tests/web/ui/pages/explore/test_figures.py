"""Figures of the Explore page: every part has its filter, and all rows stand behind those that pass."""

from __future__ import annotations

from datetime import datetime

from modeldesk.ports.analytics import OneOf, Range
from modeldesk.services.explore.parts import Dimension, ValueRange, hours, numbers, parts_of, weekdays
from modeldesk.services.explore.results import Bars, Boxes, Course, Grid, Map, Scatter
from modeldesk.web.ui.common.charts.axes import tick_text, ticks
from modeldesk.web.ui.common.charts.template import color
from modeldesk.web.ui.pages.explore.figures import by_figure, course_figure, distribution_figure
from modeldesk.web.ui.pages.explore.names import Told
from modeldesk.web.ui.pages.explore.pair_figures import map_figure, pair_figure

TOLD = Told("Predicted default", "Actual default", True)
AGE = Dimension(":age", "Age", "years", whole=True)
HOME = Dimension(":home", "Home", kind="category")
TIME = Dimension("time", "Time", kind="time", clock=True)


def bars(item: Dimension, scale: ValueRange, chosen: tuple[bool, ...] | None = None) -> Bars:
    parts = parts_of(item, scale)
    size = len(parts)
    return Bars(parts, [10.0] * size, [4.0] * size, [0.2] * size, [0.5] * size, 3.0, 2.0, chosen)


def test_each_bar_has_its_filter_and_all_rows_stand_behind() -> None:
    figure = distribution_figure(bars(AGE, ValueRange(18, 21)))
    assert figure.layout.meta["parts"] == ["age:18..18", "age:19..19", "age:20..20", "age:21..21"]
    behind, front = figure.data
    assert list(behind.x) == list(front.x) == [18, 19, 20, 21]
    assert (behind.y[0], front.y[0]) == (10, 4)
    assert figure.layout.meta["data"]["rows"][0] == ["18 years", 10.0, 4.0]


def test_what_is_not_chosen_is_dimmed() -> None:
    front = distribution_figure(bars(AGE, ValueRange(18, 20), (True, False, False))).data[1]
    first, second, _ = front.marker.color
    assert first != second and first in second.replace(",0.3", "")


def test_values_that_are_not_listed_are_told_together_and_are_no_filter() -> None:
    figure = by_figure(bars(HOME, ValueRange(values=("Rents", "Owns"))), TOLD)
    assert list(figure.layout.yaxis.ticktext) == ["Rents", "Owns", "Others"]
    assert figure.layout.meta["parts"] == ["home=Rents", "home=Owns"]
    assert figure.layout.meta["data"]["percent"] == [3, 4]


def test_answers_stand_over_the_rows_that_they_are_of() -> None:
    figure = by_figure(bars(AGE, ValueRange(18, 21)), TOLD)
    lines = [trace for trace in figure.data if trace.type == "scatter"]
    assert [list(line.y) for line in lines] == [[0.2] * 4, [0.5] * 4]
    assert all(trace.yaxis == "y2" for trace in figure.data if trace.type == "bar")


def test_a_course_names_its_lines_where_they_end() -> None:
    parts = parts_of(TIME, ValueRange(datetime(2026, 10, 1), datetime(2026, 10, 20)))
    size = len(parts)
    course = Course(parts, [0.2] * size, [0.4] * size, [None] * size, [9.0] * size, [0.0] * size, None)
    figure = course_figure(course, TOLD)
    assert [note.text for note in figure.layout.annotations] == ["All", "<b>Predicted</b>", "Rows"]
    assert [trace.name for trace in figure.data] == ["All", "Predicted", "Rows"]
    near = Course(parts, [0.4] * size, [0.41] * size, [0.4] * size, [9.0] * size, [9.0] * size, None)
    notes = course_figure(near, TOLD).layout.annotations
    assert [note.text for note in notes] == ["Actual", "All", "<b>Predicted</b>", "Rows"] and notes[1].yshift == 15
    assert figure.layout.meta["parts"][0] == ".time:2026-10-01...2026-10-02"
    rows = course_figure(course, None)
    assert list(rows.data[0].y) == [9.0] * size


def test_points_say_how_many_rows_they_stand_for_and_mark_what_is_chosen() -> None:
    income = Dimension(":income", "Income", "€")
    chance = Dimension("probability", "Chance")
    found = Scatter(AGE, income, chance, [30.0, 40.0], [1e4, 2e4], [0.1, 0.9], 500.0)
    where = (Range(":age", 30, 35), OneOf(":home", ("Rents",)))
    figure = pair_figure(found, TOLD, where)
    assert figure.layout.annotations[0].text == "2 of 500 rows, drawn at random"
    assert figure.layout.meta["axes"] == {"x": "age", "y": "income"}
    (frame,) = figure.layout.shapes
    assert (frame.x0, frame.x1, frame.xref, frame.yref) == (30, 35, "x", "paper")


def test_a_grid_has_a_filter_for_each_row_and_column_and_frames_the_chosen() -> None:
    x, y = hours(TIME), weekdays(TIME)
    cells = [[0.1] * 24 for _ in range(7)]
    chosen_x = tuple(15 <= hour < 19 for hour in range(24))
    figure = pair_figure(Grid(x, y, cells, cells, chosen_x, None), TOLD, ())
    assert figure.layout.meta["cells"]["y"][:2] == [".time@weekday=mon", ".time@weekday=tue"]
    (frame,) = figure.layout.shapes
    assert (frame.x0, frame.x1, frame.y0, frame.y1) == (14.5, 18.5, -0.5, 6.5)


def test_boxes_and_maps() -> None:
    parts = parts_of(HOME, ValueRange(values=("Rents", "Owns")))
    marks = [[level, None] for level in (1.0, 2.0, 3.0, 4.0, 5.0)]
    box = pair_figure(Boxes(parts, Dimension("prediction", "Prediction"), marks, [9.0, 0.0], None), None, ())
    assert box.layout.meta["data"]["rows"][0] == ["Rents", 9.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    latitude, longitude = Dimension(":lat", "Latitude"), Dimension(":lon", "Longitude")
    cells = (numbers(latitude, ValueRange(45.0, 46.0)), numbers(longitude, ValueRange(-74.0, -73.0)))
    found = Map(*cells, [45.5], [-73.5], [0.3], [12.0])
    figure = map_figure(found, TOLD, [((-73.9, 45.1), (-73.2, 45.8))], (Range(":lat", 45.2, 45.6),))
    assert figure.data[1].hovertext[0] == "30%, 12 rows"
    assert figure.layout.shapes[0].yref == "y" and figure.layout.shapes[0].xref == "paper"


def test_the_length_of_a_bar_is_what_its_label_says() -> None:
    found = bars(HOME, ValueRange(values=("Rents", "Owns")))
    figure = by_figure(found, TOLD)
    counts = [trace for trace in figure.data if trace.type == "bar"]
    assert [list(trace.x) for trace in counts] == [[10, 10, None], [4, 4, 3]]
    texts = [trace for trace in figure.data if trace.type == "scatter"]
    labels = next(trace for trace in texts if trace.mode == "text")
    assert list(labels.text) == [" 4", " 4", " 3"]
    answers = next(trace for trace in texts if trace.mode == "markers+text")
    assert figure.layout.yaxis.anchor == "x2" and figure.layout.xaxis2.domain[0] == 0, "names stand left of both"
    assert answers.xaxis == "x2" and list(answers.x) == [0.5, 0.5] and list(answers.text) == [" 50%", " 50%"]


def test_parts_of_few_rows_are_set_apart_from_those_that_are_compared() -> None:
    parts = parts_of(TIME, ValueRange(datetime(2026, 10, 1), datetime(2026, 10, 3)))
    size = len(parts)
    answers, rows = [0.2] * (size - 1) + [1.0], [400.0] * (size - 1) + [1.0]
    course = Course(parts, answers, answers, [None] * size, rows, [0.0] * size, None)
    figure = course_figure(course, TOLD)
    line, hollow, counts = figure.data
    assert line.y[-1] is None and hollow.y[-1] == 1.0 and hollow.marker.symbol == "circle-open"
    assert list(counts.y) == rows and counts.yaxis == "y2"
    assert "Hollow: fewer than" in figure.layout.annotations[-1].text

    ages, homes = parts_of(AGE, ValueRange(18, 19)), parts_of(HOME, ValueRange(values=("Rents", "Owns")))
    grid = Grid(ages, homes, [[0.2, 0.3], [0.4, 0.99]], [[400, 400], [400, 2]], (True, False), None)
    thin, solid, _ = (drawn := pair_figure(grid, TOLD, ())).data
    assert (solid.z[1][1], thin.z[1][1], solid.zmax) == (None, 0.99, 0.4)
    assert [row[0] for row in drawn.layout.meta["data"]["rows"]] == ["18 years", "18 years"]

    cells = (
        numbers(Dimension(":lat", "Lat"), ValueRange(45.0, 46.0)),
        numbers(Dimension(":lon", "Lon"), ValueRange(-74.0, -73.0)),
    )
    place = map_figure(Map(*cells, [45.5, 45.6], [-73.5, -73.4], [0.3, 1.0], [400.0, 1.0]), TOLD, [], ())
    assert place.data[1].marker.color == color("neutral") and list(place.data[2].marker.color) == [0.3]


def test_counts_have_whole_ticks() -> None:
    for most in (1, 2, 3, 4, 7, 9):
        found = ticks(0, most, tick_text(""), 5, whole=True)
        assert all(float(value).is_integer() for value in found["tickvals"]), most
