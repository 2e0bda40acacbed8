"""An installation's own name, logo and colour, checked before anybody sees them.

The colour is for what can be pressed and what is selected; colours of data and of states stay. Each shade is
derived from it so that text on it and of it can be read in light and dark.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from modeldesk.core.errors import ConfigurationError

if TYPE_CHECKING:
    from modeldesk.core.settings import Settings

NAME = "Modeldesk"
MAX_LOGO_BYTES = 200_000
TEXT_CONTRAST = 4.5
"""What text needs (WCAG 2.2, 1.4.3)."""
_MARK_CONTRAST = 3.0
_HEIGHT, _WIDEST = 22, 160
_PNG = b"\x89PNG\r\n\x1a\n"
_SURFACE = {"light": (255, 255, 255), "dark": (21, 24, 30)}
_COLOR = re.compile(r"#[0-9a-f]{6}", re.ASCII | re.IGNORECASE)
_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)
_FORBIDDEN = {"script", "foreignObject", "iframe", "object", "embed", "handler", "set", "animate"}

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Logo:
    """A logo's bytes, its media type, and how wide it is in the bar, in pixels."""

    content: bytes
    media_type: str
    width: int


@dataclass(frozen=True, slots=True)
class Brand:
    """What an installation is called and looks like."""

    name: str = NAME
    logo: Logo | None = None
    color: str | None = None

    @property
    def plain(self) -> bool:
        """Whether nothing but the name may differ."""
        return self.logo is None and self.color is None

    def stylesheet(self, logo_address: str) -> str:
        """What goes over the tokens; more specific than they are, wherever it stands."""
        parts = []
        if self.color is not None:
            for selector, theme in ((":root:root", "light"), ('[data-bs-theme="dark"][data-bs-theme="dark"]', "dark")):
                lines = "".join(f"  --md-{name}: {value};\n" for name, value in shades(self.color, theme).items())
                parts.append(f"{selector} {{\n{lines}}}\n")
        if self.logo is not None:
            size = f"width: {self.logo.width}px; height: {_HEIGHT}px;"
            parts.append(f'.md-brand .md-mark {{ background-image: url("{logo_address}"); {size} }}\n')
        return "".join(parts)


def read_brand(settings: Settings) -> Brand:
    """The brand that settings ask for. Raises ConfigurationError for a logo that cannot be shown safely."""
    logo = None if settings.brand_logo is None else read_logo(settings.brand_logo)
    return Brand(settings.brand_name, logo, settings.brand_color)


def read_logo(path: Path) -> Logo:
    """A PNG or SVG file of at most MAX_LOGO_BYTES. Raises ConfigurationError."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_LOGO_BYTES + 1)
    except OSError as error:
        raise _refused(path, f"cannot be read ({error.strerror})", "Name a PNG or SVG file on this machine.") from error
    if len(content) > MAX_LOGO_BYTES:
        raise _refused(path, f"is larger than {MAX_LOGO_BYTES:,} bytes", "Save it smaller; it is shown 22 pixels high.")
    if content.startswith(_PNG) and len(content) > 24:
        width, height = struct.unpack(">II", content[16:24])
        return Logo(content, "image/png", _width(width, height))
    return Logo(content, "image/svg+xml", _svg_width(path, content))


def _svg_width(path: Path, content: bytes) -> int:
    """How wide an SVG is in the bar. Refuses one that could run something or load something."""
    advice = "Save it as a PNG, or as a plain SVG without scripts, links and entities."
    if b"<!ENTITY" in content or b"<!DOCTYPE" in content:
        raise _refused(path, "declares a document type", advice)
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise _refused(path, "is neither a PNG nor an SVG", advice) from error
    if _local(root.tag) != "svg":
        raise _refused(path, "is neither a PNG nor an SVG", advice)
    for element in root.iter():
        if _local(str(element.tag)) in _FORBIDDEN:
            raise _refused(path, f"holds a <{_local(str(element.tag))}>", advice)
        for name, value in element.attrib.items():
            loads = _local(name) == "href" and not value.startswith(("#", "data:image/png"))
            if _local(name).lower().startswith("on") or loads:
                raise _refused(path, f"has the attribute {_local(name)}", advice)
    box = (root.get("viewBox") or "").replace(",", " ").split()
    try:
        return _width(float(box[2]), float(box[3]))
    except (IndexError, ValueError):
        return _HEIGHT


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _width(width: float, height: float) -> int:
    return min(_WIDEST, max(_HEIGHT, round(_HEIGHT * width / height))) if width > 0 and height > 0 else _HEIGHT


def _refused(path: Path, what: str, advice: str) -> ConfigurationError:
    return ConfigurationError(f"MODELDESK_BRAND_LOGO: {path} {what}.", hint=advice)


# ---- colours -------------------------------------------------------------------------------------


def checked_color(text: str) -> str:
    """A colour that white text can be read on, as #rrggbb. Raises ValueError with one that would do."""
    rgb = _parsed(text)
    if rgb is None:
        raise ValueError("write a colour as #rrggbb, such as #3f52c9")
    ratio = contrast(rgb, _WHITE)
    if ratio < TEXT_CONTRAST:
        better = _until(rgb, _BLACK, lambda one: contrast(one, _WHITE) >= TEXT_CONTRAST)
        raise ValueError(
            f"white text on {text} has a contrast of {ratio:.1f}, and {TEXT_CONTRAST} is needed to read it; "
            f"{_text(better)} would do"
        )
    return text.lower()


def contrast(one: Rgb, other: Rgb) -> float:
    """The contrast of two colours, from 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def shades(color: str, theme: str) -> dict[str, str]:
    """The tokens of the accent in a theme, by name."""
    accent, surface = _parsed(color), _SURFACE[theme]
    assert accent is not None
    # A dark fill has to stand out from a dark surface too.
    fill = _until(accent, _WHITE, lambda one: contrast(one, surface) >= _MARK_CONTRAST)
    soft = _mixed(surface, accent, 0.1 if theme == "light" else 0.22)
    away = _BLACK if theme == "light" else _WHITE
    words = _until(fill, away, lambda one: min(contrast(one, soft), contrast(one, surface)) >= TEXT_CONTRAST + 0.1)
    hover = _mixed(fill, _BLACK, 0.12)
    line = _mixed(surface, accent, 0.35 if theme == "light" else 0.5)
    result = {"accent": fill, "accent-hover": hover, "accent-text": words, "accent-soft": soft, "accent-line": line}
    return {name: _text(rgb) for name, rgb in {**result, "focus": words, "selected": words}.items()}


def _until(start: Rgb, towards: Rgb, enough: Callable[[Rgb], bool]) -> Rgb:
    """The first colour on the way that is enough."""
    steps = (_mixed(start, towards, step / 50) for step in range(51))
    return next((one for one in steps if enough(one)), towards)


def _mixed(one: Rgb, other: Rgb, share: float) -> Rgb:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _parsed(text: str) -> Rgb | None:
    if not _COLOR.fullmatch(text):
        return None
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:], 16)


def _text(rgb: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgb)


def _luminance(rgb: Rgb) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in rgb)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
