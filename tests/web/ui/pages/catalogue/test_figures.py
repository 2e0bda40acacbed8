"""The line on a model's card."""

from __future__ import annotations

import re
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modeldesk.web.ui.pages.catalogue.figures import HEIGHT, WIDTH, sparkline

counts = st.lists(st.integers(0, 10**12), min_size=1, max_size=60)


def points(picture: str) -> list[tuple[float, float]]:
    root = ElementTree.fromstring(unquote(picture.removeprefix("data:image/svg+xml,")))
    path = root[0].get("d") or ""
    return [(float(x), float(y)) for x, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", path)]


@given(counts)
def test_every_count_is_in_the_picture_and_higher_counts_are_higher(values: list[int]) -> None:
    line = sparkline(values)
    drawn = points(line.line)
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in drawn)
    assert len(drawn) == max(2, len(values))
    top = min(y for _, y in drawn)
    assert drawn[values.index(max(values))][1] == top
    assert line.last == pytest.approx(drawn[-1][1] / HEIGHT, abs=0.01)


def test_nothing_happening_is_a_line_at_the_bottom() -> None:
    assert {y for _, y in points(sparkline([0, 0, 0]).line)} == {36.0}


def test_no_counts_are_no_line() -> None:
    with pytest.raises(ValueError, match="at least one"):
        sparkline([])
