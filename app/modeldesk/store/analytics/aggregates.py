"""How many rows there are, and from when to when: from what is known of files, wherever that tells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from modeldesk.core.cache import LruCache
from modeldesk.core.errors import NotFound
from modeldesk.ports.analytics import TIME, Extent, FileRows, LogRows
from modeldesk.store.analytics.duck import Duck
from modeldesk.store.analytics.log_parts import LogFile, within
from modeldesk.store.analytics.log_rows import OWNER
from modeldesk.store.analytics.query_sql import quoted
from modeldesk.store.analytics.relation import naive
from modeldesk.store.analytics.row_files import path_list
from modeldesk.store.sql.rows import from_micros

_KEPT = 256


class Counts:
    """Counts of the part of files that a source leaves over. Files never change, so each is made once."""

    def __init__(self, duck: Duck) -> None:
        self._duck = duck
        self._known: LruCache[Extent] = LruCache(_KEPT)

    def extent(self, source: LogRows, files: Sequence[LogFile]) -> Extent:
        """The extent of the source's rows in these files."""
        parts = [self._of_file(source, file) for file in files]
        first = min((part.first for part in parts if part.first is not None), default=None)
        last = max((part.last for part in parts if part.last is not None), default=None)
        return Extent(sum(part.rows for part in parts), first, last)

    def _of_file(self, source: LogRows, file: LogFile) -> Extent:
        if source.owner is None and within(file, source.since, source.until):
            return Extent(file.rows, from_micros(file.first_at), from_micros(file.last_at))
        key = (file.path, source.since, source.until, source.owner)
        return self._known.get(key, lambda: self._counted(source, file))

    def _counted(self, source: LogRows, file: LogFile) -> Extent:
        conditions: list[str] = []
        values: list[object] = []
        for condition, value in (
            (f"{quoted(TIME)} >= ?", None if source.since is None else naive(source.since)),
            (f"{quoted(TIME)} < ?", None if source.until is None else naive(source.until)),
            (f"{quoted(OWNER)} = ?", source.owner),
        ):
            if value is not None:
                conditions.append(condition)
                values.append(value)
        time, paths = quoted(TIME), path_list([file.path])
        text = f"SELECT count(*), min({time}), max({time}) FROM read_parquet({paths}) WHERE {' AND '.join(conditions)}"
        # Asked within a transaction of the database, which must not wait for other questions to end.
        with self._duck.cursor(bounded=False) as cursor:
            rows, first, last = cursor.execute(text, values).fetchall()[0]
        return Extent(rows, _aware(first), _aware(last))


def file_rows(source: FileRows) -> int:
    """The rows of files. Raises NotFound where one is gone."""
    return file_extent(source).rows


def file_extent(source: FileRows) -> Extent:
    """The extent of the rows of files, from what they say at their ends. Raises NotFound where one is gone."""
    import pyarrow.parquet as pq

    rows, times = 0, []
    for file in source.files:
        try:
            read = pq.read_metadata(file)
        except FileNotFoundError as error:
            raise NotFound("The rows are not there any more.", hint="Reload the page.") from error
        rows += read.num_rows
        index = next((i for i in range(read.num_columns) if read.schema.column(i).path == TIME), None)
        if index is not None:
            groups = (read.row_group(group).column(index).statistics for group in range(read.num_row_groups))
            times += [
                end
                for statistics in groups
                if statistics is not None and statistics.has_min_max
                for end in (statistics.min, statistics.max)
            ]
    return Extent(rows, _aware(min(times, default=None)), _aware(max(times, default=None)))


def _aware(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)
