"""Where a chunk lies in its file."""

from __future__ import annotations

from modeldesk.model_service.schema.schema import Frozen


class Part(Frozen):
    """Rows that are read together.

    ``first_row`` is the number of the first as a person sees it, ``rows`` how many there are.
    For text, ``start`` and ``stop`` are byte offsets; for Parquet, positions among the rows of the
    row group ``group``.
    """

    index: int
    first_row: int
    rows: int
    start: int
    stop: int
    group: int = 0
