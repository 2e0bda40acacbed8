"""What the callbacks of the Performance page are asked about, from what the page holds."""

from __future__ import annotations

import math
from typing import Any

from dash.exceptions import PreventUpdate

from app.identity import current_caller
from app.model_service.performance.binary import Costs
from app.services.desk import Desk
from app.services.performance import Performance, performance


def seen_of(desk: Desk, ready: Any) -> Performance:
    """The figures that the page shows; nothing happens while it shows none."""
    if not ready:
        raise PreventUpdate
    return performance(desk, current_caller(), ready["name"], version=ready["version"], segment=ready["segment"])


def costs_of(missed: Any, alarm: Any) -> Costs:
    """What errors cost; what is no number counts as 1 each."""
    values = [number_of(text) for text in (missed, alarm)]
    return Costs(*(value if value is not None and value >= 0 else 1.0 for value in values))


def share_of(text: Any) -> float | None:
    """A share that was written in percent, or None."""
    value = number_of(text)
    return value / 100 if value is not None and 0 < value <= 100 else None


def number_of(text: Any) -> float | None:
    """A number as people type it, or None."""
    try:
        value = float(str(text).replace(",", "").replace(" ", ""))
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) < 1e12 else None
