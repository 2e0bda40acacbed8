"""The icons' style sheet."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import get_args
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from modeldesk.web.ui.common import icons


@pytest.fixture(scope="module")
def sheet() -> str:
    spec = importlib.util.find_spec("flask_bootstrap")
    assert spec is not None and spec.submodule_search_locations
    sprite = Path(spec.submodule_search_locations[0]) / "static/bootstrap5/icons/bootstrap-icons.svg"
    return icons.stylesheet(sprite.read_text("utf-8"))


def test_every_icon_is_a_picture(sheet: str) -> None:
    pictures = dict(re.findall(r'\.md-icon-([a-z0-9-]+)\{--md-icon:url\("data:image/svg\+xml,([^"]+)"\)\}', sheet))
    assert set(pictures) == set(get_args(icons.IconName))
    for picture in pictures.values():
        root = ElementTree.fromstring(unquote(picture))
        assert root.get("viewBox") == "0 0 16 16" and len(root)


def test_the_sheet_is_small(sheet: str) -> None:
    assert len(sheet) < 40_000


def test_a_sprite_without_an_icon_is_refused() -> None:
    with pytest.raises(KeyError):
        icons.stylesheet("<svg></svg>")
