"""The icons that pages use, cut out of bootstrap-icons and served as one small style sheet.

The whole sprite is over a megabyte. As masks the icons take the colour of the text beside them.
"""

from __future__ import annotations

import re
from typing import Literal, get_args
from urllib.parse import quote

IconName = Literal[
    "activity",
    "arrow-clockwise",
    "arrow-counterclockwise",
    "arrow-down",
    "arrow-left",
    "arrow-right",
    "arrow-repeat",
    "bar-chart-line",
    "box-arrow-up-right",
    "calendar3",
    "card-text",
    "caret-down-fill",
    "caret-up-fill",
    "check-circle-fill",
    "check-lg",
    "chevron-down",
    "chevron-expand",
    "chevron-up",
    "clock-history",
    "cloud-arrow-up",
    "copy",
    "dash-circle",
    "download",
    "exclamation-circle-fill",
    "exclamation-octagon-fill",
    "exclamation-triangle-fill",
    "eye",
    "flag",
    "flag-fill",
    "funnel",
    "funnel-fill",
    "geo-alt-fill",
    "hand-thumbs-up",
    "hand-thumbs-up-fill",
    "image",
    "info-circle",
    "info-circle-fill",
    "link-45deg",
    "list",
    "moon",
    "pencil",
    "person-fill",
    "printer",
    "search",
    "share",
    "shield-check",
    "sliders",
    "sun",
    "table",
    "trash",
    "x",
    "x-circle-fill",
    "x-lg",
    "x-octagon-fill",
]

_SYMBOL = re.compile(
    r'<symbol[^>]*viewBox="(?P<box>[^"]+)"[^>]*id="(?P<name>[^"]+)"[^>]*>(?P<shape>.*?)</symbol>', re.S
)


def stylesheet(sprite: str) -> str:
    """One rule an icon, from the text of ``bootstrap-icons.svg``. Raises KeyError for an icon that
    the sprite does not hold."""
    wanted = set(get_args(IconName))
    shapes = {m["name"]: (m["box"], m["shape"]) for m in _SYMBOL.finditer(sprite) if m["name"] in wanted}
    rules = [
        ".md-icon{display:inline-block;width:1em;height:1em;flex:none;background:currentColor;"
        "-webkit-mask:var(--md-icon) center/contain no-repeat;mask:var(--md-icon) center/contain no-repeat;"
        "print-color-adjust:exact;-webkit-print-color-adjust:exact}"
    ]
    for name in get_args(IconName):
        box, shape = shapes[name]
        picture = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{shape}</svg>'
        rules.append(f'.md-icon-{name}{{--md-icon:url("data:image/svg+xml,{quote(picture, safe="/ =:,;()")}")}}')
    return "\n".join(rules)
