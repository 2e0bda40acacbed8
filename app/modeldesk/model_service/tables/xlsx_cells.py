"""Cells of a workbook as text, as a CSV file of the same table would hold them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

Row = tuple[Any, ...]

DATES_KEY = b"modeldesk.dates"
"""Marks a column of a converted sheet whose cells were all dates, which are text in the copy."""

ERRORS = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#GETTING_DATA", "#SPILL!", "#CALC!"})
"""What stands in a cell whose formula failed; #N/A is not among them: it says that a value is missing."""


def cell_text(value: Any, decimal: str) -> str | None:
    """A cell as text: numbers with the file's decimal mark, dates and times in ISO 8601."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value).replace(".", decimal)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, timedelta) else str(getattr(value, "text", value))


def cell_number(value: Any) -> float | None:
    """The number in a cell, or None where it holds something else."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
