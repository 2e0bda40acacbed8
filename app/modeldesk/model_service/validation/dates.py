"""Checkers of dates and times: ISO 8601 only, with an offset exactly where the column has a zone."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Any

import numpy as np

from modeldesk.model_service.schema.fields import Field
from modeldesk.model_service.schema.frames import column_dtype
from modeldesk.model_service.validation.values import ColumnCheck, Findings, Refused, shown

_DATETIME = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII)
_NANOSECOND_YEARS = (1678, 2261)
"""The whole years that 64 bits of nanoseconds reach."""


class DateCheck(ColumnCheck):
    """A day, as ``YYYY-MM-DD``; the time of its midnight stands for it, as files write it."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.years = _years(field)
        self.zone = getattr(column_dtype(field.feature), "tz", None)

    def accept(self, value: Any, row: int, findings: Findings) -> str:
        """The date as it was written. Raises Refused."""
        if not isinstance(value, str):
            raise self.wrong_type("a date", value)
        day = value if len(value) == 10 else self._midnight(value)
        if day[4] != "-" or day[7] != "-":
            raise self.bad(value)
        try:
            year = date.fromisoformat(day).year
        except ValueError:
            raise self.bad(value) from None
        _check_year(self, year, self.years)
        self.outside(day, self.feature.minimum, self.feature.maximum, row, findings)
        return day

    def _midnight(self, value: str) -> str:
        """The day whose beginning a time is. Raises Refused for every other time."""
        match = _DATETIME.fullmatch(value)
        if match is None or match.group(2) is None or bool(match.group(5)) != (self.zone is not None):
            raise self.bad(value)
        try:
            moment = datetime.fromisoformat(value)
            moment = moment if self.zone is None else moment.astimezone(self.zone)
        except (ValueError, OverflowError):
            raise self.bad(value) from None
        if moment.time() != time() or (match.group(4) or "").strip("0"):
            raise self.bad(value)
        return moment.date().isoformat()

    def bad(self, value: str) -> Refused:
        """The refusal of text that is no date."""
        return Refused("bad_date", f"{self.field.label}: {shown(value)} is not a date. {self.ask}")


class DatetimeCheck(ColumnCheck):
    """A date and time; a date alone stands for its midnight.

    A column without a zone refuses an offset, since shifting the time would be a guess; a column
    with one needs it.
    """

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.years = _years(field)
        dtype = column_dtype(field.feature)
        self.unit: str = np.datetime_data(dtype)[0] if isinstance(dtype, np.dtype) else dtype.unit
        self.zone = getattr(dtype, "tz", None)
        self.seen = (_moment(field.feature.minimum), _moment(field.feature.maximum))
        self.set_limits = (_moment(field.minimum), _moment(field.maximum))

    @property
    def limits(self) -> tuple[Any, Any]:
        """The limits as datetimes."""
        return self.set_limits

    def accept(self, value: Any, row: int, findings: Findings) -> str:
        """ISO 8601 in the column's zone and resolution. Raises Refused."""
        if not isinstance(value, str):
            raise self.wrong_type("a date and time", value)
        match = _DATETIME.fullmatch(value)
        if match is None:
            raise self._bad(value)
        day, minute, second, fraction, offset = match.groups()
        fraction = (fraction or "").ljust(9, "0")
        try:
            moment = datetime.fromisoformat(f"{day}T{minute or '00:00'}{second or ':00'}.{fraction[:6]}{offset or ''}")
            if fraction.strip("0") and second is None:
                raise self._bad(value)
            if self.zone is None and offset:
                raise Refused(
                    "offset_refused",
                    f"{self.field.label} has no time zone in this model's data, so leave out {offset!r}. {self.ask}",
                )
            if self.zone is not None:
                if not offset:
                    raise Refused("bad_date", f"{self.field.label} needs its offset from UTC, such as Z. {self.ask}")
                moment = moment.astimezone(self.zone)
        except (ValueError, OverflowError):
            raise self._bad(value) from None
        _check_year(self, moment.year, self.years)
        moment = moment.replace(microsecond=_TRUNCATE.get(self.unit, int)(moment.microsecond))
        self.outside(moment, *self.seen, row, findings)
        if self.unit == "ns" and self.zone is None and fraction[6:] != "000":
            return moment.isoformat(timespec="microseconds") + fraction[6:]
        return moment.isoformat()

    def _bad(self, value: str) -> Refused:
        return Refused("bad_date", f"{self.field.label}: {shown(value)} is not a date and time. {self.ask}")


_TRUNCATE: dict[str, Callable[[int], int]] = {"s": lambda micro: 0, "ms": lambda micro: micro // 1000 * 1000}


def _years(field: Field) -> tuple[int, int]:
    dtype = column_dtype(field.feature)
    unit = getattr(dtype, "unit", None)
    if isinstance(dtype, np.dtype) and dtype.kind == "M":
        unit = np.datetime_data(dtype)[0]
    return _NANOSECOND_YEARS if unit == "ns" else (2, 9998)


def _check_year(check: ColumnCheck, year: int, years: Sequence[int]) -> None:
    if not years[0] <= year <= years[1]:
        message = f"{check.field.label} must lie in the years {years[0]} to {years[1]}. {check.ask}"
        raise Refused("bad_date", message)


def _moment(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None
