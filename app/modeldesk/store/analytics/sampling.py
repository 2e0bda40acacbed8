"""The order that samples are taken in."""

from __future__ import annotations

from hashlib import blake2b

SPAN = 2**32
"""Places are whole numbers from 0 to below this."""


def sample_order(prediction_id: str) -> int:
    """A prediction's place among all: the same for ever, spread evenly, and without regard to what the
    row holds. The rows before any place are therefore a uniform sample, and a larger one holds it."""
    return int.from_bytes(blake2b(prediction_id.encode(), digest_size=4).digest())


def sample_order_for(sample: int, rows: int) -> int:
    """The place before which about ``sample`` of ``rows`` rows lie."""
    return SPAN if sample >= rows else min(SPAN, -(-sample * SPAN // rows))
