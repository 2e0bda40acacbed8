"""A small line of daily counts as SVG shapes, to be used as masks so that they take the theme's colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

WIDTH, HEIGHT = 100.0, 40.0
_TOP, _BOTTOM = 4.0, 36.0


@dataclass(frozen=True, slots=True)
class Sparkline:
    """``line`` and ``area`` are ``data:`` addresses of SVG pictures that stretch to their box;
    ``last`` is how far down the last point lies, from 0 (top) to 1."""

    line: str
    area: str
    last: float


def sparkline(counts: Sequence[int]) -> Sparkline:
    """Draw the counts, oldest first, from zero to their largest. Raises ValueError for none."""
    if not counts:
        raise ValueError("a sparkline needs at least one count")
    top = max(max(counts), 1)
    step = WIDTH / max(len(counts) - 1, 1)
    heights = [_BOTTOM - (_BOTTOM - _TOP) * count / top for count in counts]
    points = [(index * step, height) for index, height in enumerate(heights)]
    if len(points) == 1:
        points.append((WIDTH, heights[0]))
    path = " ".join(f"{'L' if index else 'M'}{x:.2f} {y:.2f}" for index, (x, y) in enumerate(points))
    line = f'<path d="{path}" fill="none" stroke="#000" stroke-width="1.75" vector-effect="non-scaling-stroke"/>'
    area = f'<path d="{path} L{WIDTH:g} {HEIGHT:g} L0 {HEIGHT:g} Z" fill="#000"/>'
    return Sparkline(_picture(line), _picture(area), heights[-1] / HEIGHT)


def _picture(shape: str) -> str:
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" preserveAspectRatio="none">'
        f"{shape}</svg>"
    )
    return f"data:image/svg+xml,{quote(svg)}"
