"""Outlines from GeoJSON: what can be drawn is drawn, and nothing else gets in the way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from modeldesk.model_service.schema.geography import MAX_OUTLINE_BYTES, outline

LINE = [[0, 1], [2, 3]]


@pytest.mark.parametrize(
    ("shape", "rings"),
    [
        ({"type": "LineString", "coordinates": LINE}, 1),
        ({"type": "Polygon", "coordinates": [LINE, LINE]}, 2),
        ({"type": "MultiLineString", "coordinates": [LINE]}, 1),
        ({"type": "MultiPolygon", "coordinates": [[LINE], [LINE, LINE]]}, 3),
        ({"type": "GeometryCollection", "geometries": [{"type": "LineString", "coordinates": LINE}]}, 1),
        ({"type": "Feature", "geometry": None}, 0),
        ({"type": "Point", "coordinates": [1, 2]}, 0),
    ],
)
def test_each_shape_gives_its_lines(tmp_path: Path, shape: dict[str, object], rings: int) -> None:
    path = tmp_path / "outline.geojson"
    collection = {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": shape}]}
    path.write_text(json.dumps(collection if shape["type"] != "Feature" else shape))
    found = outline(path)
    assert len(found) == rings
    assert all(ring == ((0.0, 1.0), (2.0, 3.0)) for ring in found)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"type": "Polygon"}', '{"type": "LineString", "coordinates": [["a"]]}']
)
def test_what_is_no_outline_is_left_out(tmp_path: Path, text: str) -> None:
    path = tmp_path / "outline.geojson"
    path.write_text(text)
    assert outline(path) == ()


def test_no_file_no_outline(tmp_path: Path) -> None:
    assert outline(tmp_path / "none.geojson") == ()


def test_a_huge_file_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "outline.geojson"
    path.write_bytes(b" " * (MAX_OUTLINE_BYTES + 1))
    assert outline(path) == ()


def test_a_changed_file_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "outline.geojson"
    path.write_text(json.dumps({"type": "LineString", "coordinates": LINE}))
    assert len(outline(path)) == 1
    path.write_text(json.dumps({"type": "MultiLineString", "coordinates": [LINE, LINE, LINE]}))
    assert len(outline(path)) == 3
