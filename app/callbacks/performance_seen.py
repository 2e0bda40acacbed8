"""What the callbacks of the Performance page are asked about, from what the page holds."""

from __future__ import annotations

from typing import Any

from dash.exceptions import PreventUpdate

from app.identity import current_caller
from app.services.desk import Desk
from app.services.performance import Performance, performance


def seen_of(desk: Desk, ready: Any) -> Performance:
    """The figures that the page shows; nothing happens while it shows none."""
    if not ready:
        raise PreventUpdate
    return performance(
        desk,
        current_caller(),
        ready["name"],
        version=ready["version"],
        segment=ready["segment"],
        source=ready["source"],
        asked=ready["asked"],
    )
