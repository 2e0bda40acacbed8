"""What the Explore page is asked to show, and how it stands in an address.

``source=log&version=4&since=2026-10-12&where=hour:15..19;home=Rents,Owns&by=age`` is a view: a source, and
rows of it. In ``where`` an input is called by its name, and what is known of a prediction by a dot and
its name (``.prediction:80..160``). ``a..b`` holds both ends, ``a...b`` not the upper one; either may be left
out. ``@hour=15,16`` and ``@weekday=mon`` behind a time are parts of it. ``~-`` is a missing value, and ``~`` with
two hexadecimal digits a character that means something here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, cast, get_args
from urllib.parse import parse_qsl, urlencode

from modeldesk.core.errors import BadRequest, Problem
from modeldesk.ports.analytics import INPUT, Column, Filter, OneOf, PartOfTime, Range

SourceKind = Literal["log", "holdout", "reference", "batch"]
"""Where rows come from: the live log, a version's hold-out, the reference rows it was published with, or
a scored file."""

MAX_FILTERS, MAX_VALUES, MAX_TEXT = 20, 50, 4_000

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MEANT = re.compile(r"[~:;=,@]|^\.")
_MISSING = "~-"
_NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?"
_TIME = r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?"
_PLAIN = ";:=,@~."
"""Left as they are in an address, where they may stand (RFC 3986), so that people can read it."""


@dataclass(frozen=True, slots=True)
class View:
    """A source, the rows of it that are looked at, and what charts show them by: columns of the source.

    ``since`` and ``until`` are days in UTC, both within; ``version`` is None for every version of the log, and
    for the served one's files.
    """

    kind: SourceKind = "log"
    batch: str | None = None
    version: int | None = None
    since: date | None = None
    until: date | None = None
    where: tuple[Filter, ...] = ()
    by: str | None = None
    x: str | None = None
    y: str | None = None

    @property
    def begins(self) -> datetime | None:
        """The moment that ``since`` begins with."""
        return None if self.since is None else datetime.combine(self.since, datetime.min.time(), UTC)

    @property
    def ends(self) -> datetime | None:
        """The moment that ``until`` ends with."""
        if self.until is None or self.until == date.max:
            return None
        return datetime.combine(self.until + timedelta(days=1), datetime.min.time(), UTC)

    def elsewhere(self, **index: Any) -> View:
        """The same filters on another source."""
        return replace(self, **{"kind": "log", "batch": None, "version": None, "since": None, "until": None, **index})

    def without(self, columns: Iterable[str]) -> tuple[Filter, ...]:
        """The filters on other columns than these."""
        left_out = set(columns)
        return tuple(item for item in self.where if item.column not in left_out)


def picked(view: View, chosen: Sequence[Filter]) -> View:
    """The view once somebody chose parts of a chart: they take the place of what was chosen of their
    columns before. The same choice again takes it back."""
    result = merged(chosen)
    if result and all(item in view.where for item in result):
        return replace(view, where=tuple(item for item in view.where if item not in result))
    return replace(view, where=(*view.without(item.column for item in chosen), *result))


def with_filter(where: Sequence[Filter], item: Filter) -> tuple[Filter, ...]:
    """The filters with one more, in the place of one of its kind on the same column."""
    others = [old for old in where if old.column != item.column or type(old) is not type(item)]
    return (*others, item)


def merged(filters: Sequence[Filter]) -> tuple[Filter, ...]:
    """One filter for each column, and part of a time: values put together, and ranges as one from the
    first to the last; what limits nothing is left out."""
    result: dict[tuple[Any, ...], Filter] = {}
    for item in filters:
        key = (type(item), item.column, item.part if isinstance(item, PartOfTime) else None)
        result[key] = _both(result[key], item) if key in result else item
    return tuple(item for item in result.values() if not _unlimited(item))


def _unlimited(item: Filter) -> bool:
    return isinstance(item, Range) and item.low is None and item.high is None


def _both(one: Filter, other: Filter) -> Filter:
    if isinstance(one, Range) and isinstance(other, Range):
        low = None if None in (one.low, other.low) else min(one.low, other.low)  # type: ignore[type-var]
        if one.high is None or other.high is None:
            return Range(one.column, low)
        last = max((one, other), key=lambda item: (cast(Any, item.high), item.closed))
        return Range(one.column, low, last.high, last.closed)
    both: Any = one
    return cast(Filter, replace(both, values=tuple(dict.fromkeys([*both.values, *cast(Any, other).values]))))


# ---- into an address ----------------------------------------------------------------------------


def written(view: View) -> str:
    """The view as the query of an address, without its question mark."""
    source = f"batch:{view.batch}" if view.kind == "batch" else view.kind
    given: dict[str, Any] = {
        "source": source,
        "version": view.version,
        "since": view.since,
        "until": view.until,
        "where": ";".join(map(filter_text, view.where)),
        "by": view.by and column_text(view.by),
        "x": view.x and column_text(view.x),
        "y": view.y and column_text(view.y),
    }
    return urlencode({name: value for name, value in given.items() if value not in (None, "")}, safe=_PLAIN)


def column_text(column: str) -> str:
    """A column as addresses name it."""
    return _escaped(column.removeprefix(INPUT)) if column.startswith(INPUT) else f".{column}"


def filter_text(item: Filter) -> str:
    """A filter as addresses write it."""
    name = column_text(item.column)
    if isinstance(item, Range):
        return f"{name}:{_end(item.low)}{'..' if item.closed or item.high is None else '...'}{_end(item.high)}"
    if isinstance(item, PartOfTime):
        parts = [_DAYS[value] if item.part == "weekday" else str(value) for value in item.values]
        return f"{name}@{item.part}={','.join(parts)}"
    return f"{name}={','.join(map(_value, item.values))}"


def _end(value: float | datetime | None) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        midnight = value.time() == datetime.min.time()
        return value.date().isoformat() if midnight else value.isoformat().removesuffix(":00")
    return _number(value)


def _value(value: str | float | bool | None) -> str:
    if value is None:
        return _MISSING
    if isinstance(value, bool):
        return "true" if value else "false"
    return _escaped(value) if isinstance(value, str) else _number(value)


def _number(value: float) -> str:
    whole = float(value).is_integer() and abs(value) < 1e15
    return str(int(value)) if whole else repr(float(value))


def _escaped(text: str) -> str:
    return _MEANT.sub(lambda result: f"~{ord(result.group()):02x}", text)


# ---- out of an address --------------------------------------------------------------------------


def parted(query: str) -> dict[str, str]:
    """The query of an address by name; of a name that comes twice the last."""
    return dict(parse_qsl(query.removeprefix("?"), keep_blank_values=True))


def read_source(query: Mapping[str, Any]) -> tuple[View, tuple[Problem, ...]]:
    """Which rows an address asks for, without its filters, and what of it cannot be read."""
    problems: list[Problem] = []

    def part(name: str, read: Callable[[str], Any], wanted: str) -> Any:
        text = query.get(name)
        if text in (None, ""):
            return None
        try:
            return read(str(text))
        except ValueError:
            problems.append(_problem(name, f"“{_short(text)}” is not understood: {wanted}."))
            return None

    index: tuple[SourceKind, str | None] | None = part("source", _source, "it is log, holdout, reference or batch:ID")
    kind, batch = index or ("log", None)
    version = part("version", _version, "it is a version's number")
    days = "it is a day, such as 2026-10-12"
    since, until = part("since", date.fromisoformat, days), part("until", date.fromisoformat, days)
    if since and until and since > until:
        problems.append(_problem("since", "The span begins after its end."))
        since = until = None
    return View(kind, batch, version, since, until), tuple(problems)


def read_parts(view: View, query: Mapping[str, Any], columns: Sequence[Column]) -> tuple[View, tuple[Problem, ...]]:
    """The view with the filters and the charts of an address, and what of these cannot be read; the
    rest is kept."""
    known = {column_text(column.name): column for column in columns}
    problems: list[Problem] = []
    texts = [text for text in str(query.get("where") or "")[: MAX_TEXT + 1].split(";") if text]
    result: list[Filter] = []
    for text in texts[: MAX_FILTERS + 1]:
        try:
            result.append(read_filter(text, known))
        except BadRequest as error:
            problems.append(_problem("where", error.detail))
    if len(result) > MAX_FILTERS or len(str(query.get("where") or "")) > MAX_TEXT:
        problems.append(_problem("where", f"Only the first {MAX_FILTERS} filters are kept."))
    charts: dict[str, str | None] = {}
    for name in ("by", "x", "y"):
        text = str(query.get(name) or "")
        if text and text not in known:
            problems.append(_problem(name, f"There is no input “{_short(text)}” to draw by."))
        charts[name] = known[text].name if text in known else None
    return replace(view, where=merged(result[:MAX_FILTERS]), **charts), tuple(problems)  # type: ignore[arg-type]


def read_filter(text: str, known: Mapping[str, Column]) -> Filter:
    """The filter that ``filter_text`` wrote, of a column known by its ``column_text``. Raises BadRequest."""
    result = re.match(r"([^:=@]+)(:|=|@(?:hour|weekday)=)(.*)", text, re.DOTALL)
    column = known.get(result[1]) if result else None
    if result is None:
        raise BadRequest(f"The filter “{_short(text)}” is not understood: write name:low..high or name=value.")
    if column is None:
        raise BadRequest(f"The filter “{_short(text)}” is of an input that is not there, or not shown.")
    try:
        if result[2] == ":":
            return _range(column, result[3])
        if result[2] == "=":
            return OneOf(column.name, tuple(_read_value(column, item) for item in _listed(result[3])))
        return _part(column, result[2].strip("@="), result[3])
    except ValueError:
        raise BadRequest(f"The filter “{_short(text)}” has values that “{_short(result[1])}” cannot have.") from None


def _source(text: str) -> tuple[SourceKind, str | None]:
    kind, _, batch = text.partition(":")
    if kind not in get_args(SourceKind) or (kind == "batch") != bool(batch) or len(batch) > 64:
        raise ValueError
    return cast(SourceKind, kind), batch or None


def _version(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < int(text[:10]) < 2**31):
        raise ValueError
    return int(text)


def _range(column: Column, text: str) -> Range:
    form = _TIME if column.kind == "time" else _NUMBER
    result = re.fullmatch(rf"({form})?(\.\.\.?)({form})?", text)
    if result is None or column.kind not in ("number", "time") or not (result[1] or result[3]):
        raise ValueError
    low, high = (None if end is None else _read_end(column, end) for end in (result[1], result[3]))
    if low is not None and high is not None and low > high:
        raise ValueError
    return Range(column.name, low, high, closed=high is None or result[2] == "..")


def _read_end(column: Column, text: str) -> Any:
    if column.kind == "time":
        return datetime.fromisoformat(text)
    return _finite(text)


def _part(column: Column, part: str, text: str) -> PartOfTime:
    if column.kind != "time":
        raise ValueError
    if part == "weekday":
        return PartOfTime(column.name, "weekday", tuple(_DAYS.index(item) for item in _listed(text)))
    hours = tuple(int(item) if item.isdecimal() and item.isascii() else -1 for item in _listed(text))
    if not all(0 <= hour < 24 for hour in hours):
        raise ValueError
    return PartOfTime(column.name, "hour", hours)


def _listed(text: str) -> list[str]:
    values = list(dict.fromkeys(text.split(",")))
    if len(values) > MAX_VALUES:
        raise ValueError
    return values


def _read_value(column: Column, text: str) -> str | float | bool | None:
    if text == _MISSING:
        return None
    if column.kind == "boolean":
        return {"true": True, "false": False}.get(text) if text in ("true", "false") else _refuse()
    if column.kind == "number":
        return _finite(text)
    return _unescaped(text) if column.kind == "category" else _refuse()


def _finite(text: str) -> float:
    value = float(text) if re.fullmatch(_NUMBER, text) else math.inf
    if not math.isfinite(value):
        raise ValueError
    return value


def _unescaped(text: str) -> str:
    plain = re.sub(r"~([0-9a-f]{2})", lambda result: chr(int(result[1], 16)), text)
    if re.search(r"~(?![0-9a-f]{2})", text) or "\0" in plain:
        raise ValueError
    return plain


def _refuse() -> Any:
    raise ValueError


def _problem(name: str, message: str) -> Problem:
    return Problem(name, "address", message)


def _short(text: object) -> str:
    plain = str(text)
    return plain if len(plain) <= 40 else f"{plain[:39]}…"
