"""The map among the inputs."""

from __future__ import annotations

import json

from modeldesk.web.ui.common.charts.map import PRESENT, place_map

POINTS = [(45.5, -73.6), (45.6, -73.5), (45.55, -73.7)]
OUTLINE = [((-73.7, 45.5), (-73.6, 45.55)), ((-73.5, 45.6), (-73.4, 45.6))]


def test_drawn_without_any_server() -> None:
    figure = place_map(POINTS, (45.52, -73.58), OUTLINE)
    told = json.loads(figure.to_json())
    assert {trace["type"] for trace in told["data"]} == {"scatter"}
    assert (figure.data[PRESENT].y[0], figure.data[PRESENT].x[0]) == (45.52, -73.58)
    assert list(figure.data[1].x) == [-73.7, -73.6, None, -73.5, -73.4, None]
    assert len(figure.data[2].x) == 3


def test_distances_keep_their_proportion() -> None:
    assert 1.40 < place_map(POINTS, None).layout.yaxis.scaleratio < 1.45
    assert len(place_map(POINTS, None).data[PRESENT].x) == 0


def test_the_points_frame_the_map_and_not_a_whole_coast() -> None:
    coast = [((-180.0, -90.0), (180.0, 90.0))]
    low, high = place_map(POINTS, None, coast).layout.xaxis.range
    assert -74 < low < high < -73
    assert place_map([], None, coast).layout.xaxis.range[1] > 180


def test_without_anything_the_world_is_shown() -> None:
    low, high = place_map([], None).layout.xaxis.range
    assert low < -180 < 180 < high


def test_a_tile_server_where_the_site_has_one() -> None:
    figure = place_map(POINTS, (45.52, -73.58), OUTLINE, "https://tiles.example.org/style.json")
    assert figure.layout.map.style == "https://tiles.example.org/style.json"
    assert {trace.type for trace in figure.data} == {"scattermap"}
    assert (figure.data[PRESENT].lat[0], figure.data[PRESENT].lon[0]) == (45.52, -73.58)
