"""What analysts ask of many predictions at a time, said without naming what answers it.

Rows have typed columns; questions are filters, groupings and measures over them. An answer comes
from all rows, or from a uniform sample of them that says how large it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

ColumnKind = Literal["number", "category", "boolean", "time"]
"""Whole numbers are ``number``; free text is ``category``; times are naive, in UTC where they say when a
prediction was made, and as the data has them where they are an input."""

ID, TIME, VERSION, SOURCE, KEY, WARNINGS = "id", "time", "version", "source", "key", "warnings"
PREDICTION, PROBABILITY, SCORE, LOW, HIGH = "prediction", "probability", "score", "low", "high"
ACTUAL, ERROR = "actual", "error"
CHANCE = "probability:"
"""Before the name of a class, in the name of the column that holds its probability."""
INPUT = ":"
"""Before the name of an input, in the name of its column; all other columns are those above.

``prediction`` and ``actual`` are numbers in a regression and texts else; ``probability`` is that of the
positive class, or of the predicted one among several classes; ``low`` and ``high`` are the interval;
``warnings`` counts them; ``actual`` is the last that was recorded as the outcome, and ``error`` is
actual minus prediction of a regression, else whether the two differ."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column that every row of a source has, null where it does not apply."""

    name: str
    kind: ColumnKind


@dataclass(frozen=True, slots=True)
class LogRows:
    """The live log of a model: one version's or all, made at or after ``since`` and before ``until``
    (aware), of one owner or of everybody. ``positive`` names the class whose probability is told; without
    one it is that of the predicted class."""

    model: str
    columns: tuple[Column, ...]
    positive: str | None = None
    version: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class FileRows:
    """Parquet files that hold the columns as they are named here, each made by ``Analyst.write``. Where a
    model is named, ``actual`` and ``error`` come from what was recorded as the outcomes of its predictions."""

    files: tuple[Path, ...]
    columns: tuple[Column, ...]
    outcomes_of: str | None = None


RowSource = LogRows | FileRows


@dataclass(frozen=True, slots=True)
class Range:
    """Rows whose value is at least ``low`` and under ``high`` (``closed``: at most); None leaves an end
    open. Numbers, or naive times."""

    column: str
    low: float | datetime | None = None
    high: float | datetime | None = None
    closed: bool = True


@dataclass(frozen=True, slots=True)
class OneOf:
    """Rows whose value is one of these; None among them stands for a missing one."""

    column: str
    values: tuple[str | float | bool | None, ...]


@dataclass(frozen=True, slots=True)
class PartOfTime:
    """Rows whose time falls on one of these hours of the day (0 to 23) or weekdays (Monday is 0)."""

    column: str
    part: Literal["hour", "weekday"]
    values: tuple[int, ...]


Filter = Range | OneOf | PartOfTime
"""A row is kept where all its source's filters hold; a missing value meets none but OneOf with None."""


@dataclass(frozen=True, slots=True)
class Cut:
    """By the place among ascending ``edges``: 0 for the first bin. Each bin holds its lower edge, and the
    last one its upper edge too; what lies outside, and missing values, are in group None."""

    column: str
    edges: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Each:
    """By the value itself."""

    column: str


@dataclass(frozen=True, slots=True)
class When:
    """By a span of time, as its start (naive), or by the hour of the day or the weekday, as a number."""

    column: str
    span: Literal["hour", "day", "week", "month", "hour_of_day", "weekday"]


Grouping = Cut | Each | When


@dataclass(frozen=True, slots=True)
class Measure:
    """What is told of each group, under a name. ``share`` counts the rows whose value is ``value``, as a
    part of those that have one; ``quantile`` takes ``value`` from 0 to 1; ``count`` without a column
    counts rows and else the values that are not missing. Missing values are left out; of none the
    answer is None."""

    name: str
    how: Literal["count", "mean", "low", "high", "sum", "deviation", "quantile", "share"]
    column: str | None = None
    value: Any = None


@dataclass(frozen=True, slots=True)
class AnalyticsQuery:
    """Measures of the rows that pass ``where``, for each group, at most ``limit`` of them: those with
    most rows, in the order of what they are grouped by. No grouping: one group of all rows, also where
    no row passes."""

    measures: tuple[Measure, ...]
    by: tuple[Grouping, ...] = ()
    where: tuple[Filter, ...] = ()
    limit: int = 5_000


@dataclass(frozen=True, slots=True)
class Points:
    """Some of the rows that pass ``where``, as they are: at most ``limit``, a uniform sample of them, the
    same at each asking."""

    columns: tuple[str, ...]
    where: tuple[Filter, ...] = ()
    limit: int = 2_000


Table = Mapping[str, Sequence[Any]]
"""Columns of equal length by name. Groups are named ``by0``, ``by1`` and so on."""


@dataclass(frozen=True, slots=True)
class Answers:
    """A table for each question. ``read`` rows of ``rows`` were looked at; where these differ the tables
    are of a uniform sample, and counts in them are of that sample."""

    tables: tuple[Table, ...]
    read: int
    rows: int

    @property
    def exact(self) -> bool:
        """Whether every row was looked at."""
        return self.read == self.rows


@dataclass(frozen=True, slots=True)
class Extent:
    """How many rows a source has, and when the first and the last of them were made, where rows have times."""

    rows: int
    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class RowsPage:
    """Rows ``start`` and on of those that pass, in the order that was asked for, and how many pass."""

    table: Table
    rows: int


class Analyst(Protocol):
    """Answers questions about many rows. What one call tells is of one moment: no row is missing from it
    and none is in it twice. Raises NotFound where a file of the source is gone, BadRequest for a column
    that the source does not have, and StoreUnavailable."""

    def extent(self, source: RowSource) -> Extent:
        """How many rows there are, from when to when, without reading them."""

    def ask(
        self, source: RowSource, questions: Sequence[AnalyticsQuery | Points], *, sample: int | None = None
    ) -> Answers:
        """The answers in the order of the questions: exact, or from a uniform sample of about so many rows
        where the source has more; that takes a time that does not grow with the source."""

    def page(
        self,
        source: RowSource,
        columns: Sequence[str],
        where: Sequence[Filter] = (),
        *,
        order: str | None = None,
        descending: bool = True,
        start: int = 0,
        count: int = 100,
    ) -> RowsPage:
        """Some rows in an order (by their time and id without one), exactly."""

    def stream(
        self, source: RowSource, columns: Sequence[str], where: Sequence[Filter] = ()
    ) -> Iterator[pa.RecordBatch]:
        """All rows that pass, by their time and id, in blocks of constant memory."""

    def kept(self, name: str) -> Path:
        """Where a file of rows lies that is made once, under a name; its folder is there."""

    def write(self, file: Path, rows: Iterable[pa.Table]) -> None:
        """Make a file that ``FileRows`` may name, lasting and at once, of tables with equal columns (``id``
        is one of them). Its folder has to be there."""


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Rows of the log that are not in a file yet: how many, and when the first of them was made."""

    model: str
    version: int
    rows: int
    first: datetime


class LogFiles(Protocol):
    """The settled part of the log, in files that questions are answered from. A row of the log is either
    in one registered file or unsettled, at every moment; the log itself keeps it in any case."""

    def unsettled(self) -> Sequence[Unsettled]:
        """What is in no file yet, by model and version."""

    def settle(self, model: str, version: int, columns: Sequence[Column]) -> int:
        """Write unsettled rows of one version to a file and register it: the number of rows, 0 where there
        were none or another process was first."""

    def merge(self) -> int:
        """Make one file of several small ones, wherever there are too many: the number of files made."""

    def mend(self) -> None:
        """Have rows settled again whose files are gone."""

    def sweep(self) -> None:
        """Remove files that no reader can hold any more."""


class LogWork(Protocol):
    """What workers do for the log. Every step may be repeated, and be taken by several at once."""

    def settle(self) -> None:
        """Put into files what is due, and make few files of many."""

    def sweep(self) -> None:
        """Remove files that nobody needs any more."""


def typed(kind: ColumnKind, value: Any) -> str | float | bool | datetime | None:
    """A JSON value as a column of its kind holds it; None where it is none of that kind. A time with an
    offset becomes the one in UTC; a date is its midnight."""
    if value is None:
        return None
    if kind == "number":
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
    if kind == "boolean":
        return value if isinstance(value, bool) else None
    if kind == "category":
        return value if isinstance(value, str) else str(value)
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
