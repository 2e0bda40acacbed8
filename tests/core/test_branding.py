"""An installation's own name, logo and colours: what is shown is safe and can be read."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modeldesk.core import branding
from modeldesk.core.branding import Brand, checked_color, contrast, read_logo, shades
from modeldesk.core.bundled import bundled
from modeldesk.core.errors import ConfigurationError
from modeldesk.core.settings import read_settings

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 120, 40) + b"\x08\x06\x00\x00\x00"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 10">{}</svg>'
colors = st.tuples(*[st.integers(0, 255)] * 3).filter(lambda rgb: contrast(rgb, (255, 255, 255)) >= 4.5)


def rgb(text: str) -> branding.Rgb:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:], 16)


@given(colors)
def test_every_shade_of_an_accepted_colour_can_be_read(chosen: branding.Rgb) -> None:
    color = checked_color("#{:02x}{:02x}{:02x}".format(*chosen))
    for theme, surface in (("light", (255, 255, 255)), ("dark", (21, 24, 30))):
        found = {name: rgb(value) for name, value in shades(color, theme).items()}
        assert contrast(found["accent"], (255, 255, 255)) >= 4.5
        assert contrast(found["accent-hover"], (255, 255, 255)) >= 4.5
        assert contrast(found["accent"], surface) >= 3
        assert min(contrast(found["accent-text"], back) for back in (surface, found["accent-soft"])) >= 4.5


def test_a_colour_that_cannot_be_read_is_refused_with_one_that_can(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELDESK_BRAND_COLOR", "#ffcc00")
    with pytest.raises(ConfigurationError) as caught:
        read_settings()
    said = caught.value.explained
    assert "white text on #ffcc00 has a contrast of 1.5" in said and "would do" in said
    better = next(word for word in said.replace(";", " ").split() if word.startswith("#") and word != "#ffcc00")
    assert checked_color(better) == better
    for wrong in ("red", "#12345", "#12345g", "url(x)", "#123456;}"):
        with pytest.raises(ValueError, match="#rrggbb"):
            checked_color(wrong)


def test_a_logo_is_a_small_png_or_a_plain_svg(tmp_path: Path) -> None:
    def at(content: bytes | str) -> Path:
        path = tmp_path / "logo"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    assert (read_logo(at(PNG)).media_type, read_logo(at(PNG)).width) == ("image/png", 66)
    plain = read_logo(at(SVG.format('<path d="M0 0h9"/>')))
    assert (plain.media_type, plain.width) == ("image/svg+xml", 66)
    for refused in (
        SVG.format("<script>1</script>"),
        SVG.format('<path onclick="x()"/>'),
        SVG.format('<a href="https://example.org"/>'),
        SVG.format("<foreignObject/>"),
        '<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG.format("&a;"),
        "<html/>",
        "GIF89a",
        "",
        PNG + b"0" * branding.MAX_LOGO_BYTES,
    ):
        with pytest.raises(ConfigurationError, match="MODELDESK_BRAND_LOGO"):
            read_logo(at(refused))
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_logo(tmp_path / "none.png")


def test_a_brand_lies_over_the_tokens() -> None:
    logo = branding.Logo(PNG, "image/png", 66)
    sheet = Brand("Bank", logo, "#0a5f38").stylesheet("/static/brand-logo")
    assert "--md-accent: #0a5f38;" in sheet and 'url("/static/brand-logo")' in sheet
    assert '[data-bs-theme="dark"][data-bs-theme="dark"]' in sheet and Brand().plain


def test_what_is_selected_takes_the_colour_of_the_brand() -> None:
    """Marks of data keep the colour that figures have; lines and edges of controls are the brand's."""
    wrong = [
        f"{path.name}: {line.strip()}"
        for path in bundled("assets").rglob("*.css")
        for line in path.read_text("utf-8").splitlines()
        if "border" in line and "var(--md-series)" in line
    ]
    assert wrong == []
    assert "selected" in shades("#0a5f38", "dark")
