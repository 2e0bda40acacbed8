"""Stored times that Python's own date and time types cannot hold: a file may store any."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_DAY_SECONDS = 86_400
_FIRST, _LAST = -719_162 * _DAY_SECONDS, 2_932_897 * _DAY_SECONDS - 1
"""From 0001-01-01 to the end of 9999-12-31, in seconds from 1970 on."""
_ZONES = 14 * 3600
"""No zone is further from UTC."""
_LONGEST = 999_999_999 * _DAY_SECONDS
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_MOST = 2**63 - 1


def strange_times(table: pa.Table) -> Iterator[tuple[str, np.ndarray]]:
    """The columns that hold a time beyond what Python can say, with a mask (n,) of the rows."""
    for name, column in zip(table.column_names, table.columns, strict=True):
        bounds = _bounds(column.type)
        if bounds is None or not len(column):
            continue
        stored = column.cast(pa.int32() if column.type.bit_width == 32 else pa.int64())
        lowest, highest = pc.min_max(stored).as_py().values()
        if lowest is None or (bounds[0] <= lowest and highest <= bounds[1]):
            continue
        within = pc.and_(pc.greater_equal(stored, bounds[0]), pc.less_equal(stored, bounds[1]))
        yield name, ~np.asarray(within.fill_null(True))


def _bounds(kind: pa.DataType) -> tuple[int, int] | None:
    """The lowest and the highest stored number of a type that Python can hold; None for other types."""
    if pa.types.is_date32(kind):
        return _FIRST // _DAY_SECONDS, _LAST // _DAY_SECONDS
    if pa.types.is_date64(kind):
        return _scaled(_FIRST, _LAST, "ms")
    if pa.types.is_timestamp(kind):
        margin = 0 if kind.tz is None else _ZONES
        return _scaled(_FIRST + margin, _LAST - margin, kind.unit)
    if pa.types.is_duration(kind):
        return _scaled(-_LONGEST, _LONGEST - 1, kind.unit)
    return None


def _scaled(first: int, last: int, unit: str) -> tuple[int, int]:
    """Seconds as so many units of a type, all of the last second included."""
    each = _PER_SECOND[unit]
    return max(first * each, -_MOST), min((last + 1) * each - 1, _MOST)
