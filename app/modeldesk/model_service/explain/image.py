"""Which areas of an image move the model's answer: pixels' contributions added up by area."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from modeldesk.model_service.explain.results import Explanation

AREAS_A_SIDE = 4


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of pixels, from the left and top, and what it adds. ``error`` None where exact."""

    left: int
    top: int
    width: int
    height: int
    contribution: float
    error: float | None


@dataclass(frozen=True, slots=True)
class ImageExplanation:
    """The contributions of one image's pixels, (height, width), and of its areas, strongest first.

    Both add up to what the image as a whole contributes.
    """

    pixels: np.ndarray
    areas: tuple[Area, ...]


def explain_image(explanation: Explanation, columns: Sequence[str], width: int, height: int) -> ImageExplanation:
    """An explanation by pixel and by area. ``columns`` names the image's features row by row from
    the top left. Raises KeyError for a column that is no feature, and ValueError where their
    number is not width × height."""
    if len(columns) != width * height:
        raise ValueError(f"{len(columns)} columns do not make an image of {width} × {height} pixels.")
    by_name = {item.feature: item for item in explanation.contributions}
    items = [by_name[name] for name in columns]
    pixels = np.array([item.contribution for item in items]).reshape(height, width)
    variances = np.array([(item.error or 0.0) ** 2 for item in items]).reshape(height, width)
    down, across = math.ceil(height / AREAS_A_SIDE), math.ceil(width / AREAS_A_SIDE)
    areas = []
    for top in range(0, height, down):
        for left in range(0, width, across):
            block = (slice(top, top + down), slice(left, left + across))
            error = float(np.sqrt(variances[block].sum())) if explanation.sampled else None
            tall, wide = pixels[block].shape
            areas.append(Area(left, top, wide, tall, float(pixels[block].sum()), error))
    return ImageExplanation(pixels, tuple(sorted(areas, key=lambda area: -abs(area.contribution))))
