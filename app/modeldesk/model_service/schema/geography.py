"""What a map of a pair of coordinates shows: where the reference rows lie, and an outline."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from modeldesk.model_service.registry.loaded import LoadedModel

log = logging.getLogger(__name__)

OUTLINE = "outline.geojson"
"""A GeoJSON file (RFC 7946) that people may put beside ``model.toml``."""
MAX_OUTLINE_BYTES = 2_000_000
MAX_POINTS = 400

Ring = tuple[tuple[float, float], ...]
"""A line's points as (longitude, latitude), in degrees."""


@dataclass(frozen=True, slots=True)
class Geography:
    """``points`` are (latitude, longitude) in degrees."""

    points: Sequence[tuple[float, float]]
    outline: Sequence[Ring]


def geography(model: LoadedModel, latitude: str, longitude: str) -> Geography:
    """The surroundings of one pair of coordinates.

    The points of single records are left out where ``[privacy]`` keeps records or one of the two
    columns from being shown.
    """
    return Geography(_points(model, latitude, longitude), outline(model.folder.parent.parent / OUTLINE))


def outline(path: Path) -> Sequence[Ring]:
    """The lines and borders of a GeoJSON file; none where there is no file, or none of use."""
    try:
        changed = path.stat()
    except OSError:
        return ()
    return _read(path, changed.st_mtime_ns, changed.st_size)


@lru_cache(maxsize=16)
def _read(path: Path, _changed: int, size: int) -> Sequence[Ring]:
    if size > MAX_OUTLINE_BYTES:
        log.warning("%s is left out of maps: it has %d bytes, at most %d are read.", path, size, MAX_OUTLINE_BYTES)
        return ()
    try:
        return tuple(_rings(json.loads(path.read_text("utf-8"))))
    except (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        log.warning("%s is left out of maps: it is not GeoJSON (%s).", path, error)
        return ()


def _rings(shape: dict[str, Any]) -> Iterator[Ring]:
    kind = shape["type"]
    if kind == "FeatureCollection":
        for feature in shape["features"]:
            yield from _rings(feature)
    elif kind == "Feature":
        if shape["geometry"]:
            yield from _rings(shape["geometry"])
    elif kind == "GeometryCollection":
        for part in shape["geometries"]:
            yield from _rings(part)
    elif kind == "LineString":
        yield _line(shape["coordinates"])
    elif kind in ("Polygon", "MultiLineString"):
        yield from map(_line, shape["coordinates"])
    elif kind == "MultiPolygon":
        for polygon in shape["coordinates"]:
            yield from map(_line, polygon)


def _line(coordinates: Sequence[Sequence[float]]) -> Ring:
    return tuple((float(point[0]), float(point[1])) for point in coordinates)


def _points(model: LoadedModel, latitude: str, longitude: str) -> Sequence[tuple[float, float]]:
    privacy = model.settings.privacy
    if not privacy.show_records or {latitude, longitude} & set(privacy.masked):
        return ()
    rows = model.reference[[latitude, longitude]].dropna().drop_duplicates()
    if len(rows) > MAX_POINTS:
        rows = rows.sample(MAX_POINTS, random_state=0)
    return [(float(lat), float(lon)) for lat, lon in rows.itertuples(index=False)]
