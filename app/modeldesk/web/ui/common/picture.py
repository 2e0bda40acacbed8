"""An image among a record's inputs, as the model sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from modeldesk.model_service.schema.fields import Field
from modeldesk.web.ui.common import text as words
from modeldesk.web.ui.common.components import classes


def picture(pixels: Sequence[Field], record: Mapping[str, Any], *, small: bool = False) -> html.Div:
    """A table of cells, darker for larger values; ``small`` for a table's row."""
    values = [float(record[field.name] or 0) for field in pixels]
    top = max((float(field.feature.maximum or 0) for field in pixels), default=1.0) or 1.0
    width = round(len(values) ** 0.5) or 1
    cells = [html.Span(style={"opacity": f"{min(1.0, max(0.0, value / top)):.2f}"}) for value in values]
    return html.Div(
        cells,
        className=classes("md-pixels d-grid rounded overflow-hidden", "md-pixels-small my-1" if small else "mt-12"),
        style={"gridTemplateColumns": f"repeat({width}, 1fr)"},
        role="img",
        **{"aria-label": words.IMAGE_PIXELS.format(pixels=f"{len(values):,}")},
    )
