"""Settling the log: from rows of the database to files, without a row in both or in neither.

The database keeps every prediction; ``unsettled_predictions`` names those that are in no file. A file is
written from some of these, whole and lasting, and then one transaction registers it and takes exactly
the predictions in it off the list. Which those are is told by their ids and not by a time or a number
up to which all should be there, so it does not matter in which order predictions were committed. Where
another process settled any of them first, the transaction finds fewer than it should, and is undone.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import Connection, RowMapping, delete, exists, func, insert, select, text, update

from modeldesk.ports.analytics import ID, TIME, Column, Unsettled
from modeldesk.store.analytics.duck import CACHED, SCRATCH, Duck
from modeldesk.store.analytics.log_parts import FOLDER, LogFile, live_files
from modeldesk.store.analytics.log_rows import OWNER, typed_rows
from modeldesk.store.analytics.row_files import merge_files, with_places, write_table
from modeldesk.store.sql.engine import Engines, store_errors
from modeldesk.store.sql.rows import from_micros
from modeldesk.store.sql.tables import log_files, predictions, unsettled_predictions

if TYPE_CHECKING:
    import pyarrow as pa

log = logging.getLogger("modeldesk.log")

SETTLED_AT_ONCE = 20_000
"""Rows that become a file together: the database takes no other writes while they are taken off the list,
which is a tenth of a second."""
MERGED_FILES = 8
"""So many files of about one size become one: a row is written anew once for each eightfold of all."""
READERS_SECONDS = 60 * 60
"""How long a file stays after others took its place: no reader takes so long."""
LEFTOVER_SECONDS = 24 * 60 * 60
"""How old a file is that nobody has registered, because its writer was killed."""
KEPT_SECONDS = 30 * LEFTOVER_SECONDS
"""How old files of rows become that can be made again when somebody asks for them."""

_IDS_IN_A_STATEMENT = 1_000


class _NotAlone(Exception):
    """Another process was first: what was begun is undone."""


class SqlLogFiles:
    """``LogFiles`` on SQLite or PostgreSQL and a folder."""

    def __init__(self, engines: Engines, duck: Duck) -> None:
        self._engines = engines
        self._duck = duck

    @property
    def _folder(self) -> Path:
        return self._duck.folder / FOLDER

    def unsettled(self) -> Sequence[Unsettled]:
        """What is in no file yet, by model and version."""
        columns = unsettled_predictions.c
        statement = select(columns.model, columns.version, func.count(), func.min(columns.created_at)).group_by(
            columns.model, columns.version
        )
        with store_errors("read"), self._engines.read.begin() as connection:
            return [
                Unsettled(model, version, rows, from_micros(first))
                for model, version, rows, first in connection.execute(statement.order_by(columns.model))
            ]

    def settle(self, model: str, version: int, columns: Sequence[Column]) -> int:
        """Write unsettled rows of one version to a file and register it: the number of rows, 0 where there
        were none or another process was first."""
        with store_errors("read"), self._engines.read.begin() as connection:
            rows = _oldest(connection, model, version)
        if not rows:
            return 0
        wanted = [Column(ID, "category"), Column(OWNER, "category"), *columns]
        taken = [row["id"] for row in rows]
        return self.register(model, version, wanted, typed_rows(rows, wanted), taken)

    def register(
        self, model: str, version: int, columns: Sequence[Column], rows: pa.Table, taken: Sequence[str] = ()
    ) -> int:
        """Write rows to a file, and in one transaction register it and take these predictions off the list:
        the number of rows, 0 where another process took one of them first."""
        file = self._new_file(model, version)
        write_table(file, with_places(rows))
        times = rows.column(TIME).cast("int64").to_pylist()
        registered = {
            **_registered(file, model, version, rows.num_rows),
            "first_at": min(times),
            "last_at": max(times),
            "columns": orjson.dumps({column.name: column.kind for column in columns}).decode(),
        }
        return rows.num_rows if self._replace(file, registered, lambda connection: _take_off(connection, taken)) else 0

    def merge(self) -> int:
        """Make one file of several small ones, wherever there are too many: the number of files made."""
        with store_errors("read"), self._engines.read.begin() as connection:
            files = live_files(connection, self._duck.folder)
        return sum(self._merged(group) for group in _too_many(files))

    def mend(self) -> None:
        """Have rows settled again whose files are gone: of each version that misses one, all files are
        given up, and all its predictions go back to the list."""
        with store_errors("read"), self._engines.read.begin() as connection:
            files = live_files(connection, self._duck.folder)
        for model, version in sorted({(file.model, file.version) for file in files if not file.path.is_file()}):
            log.warning("Files of version %d of %s are gone; they are made again from the log.", version, model)
            with _changing(self._engines) as connection:
                _give_back(connection, model, version)

    def sweep(self) -> None:
        """Remove files that no reader can hold any more, and what killed processes left."""
        before = _now() - READERS_SECONDS * 1_000_000
        with store_errors("read"), self._engines.read.begin() as connection:
            known = {row.name: row.retired_at for row in connection.execute(select(log_files))}
        retired = [name for name, at in known.items() if at is not None and at < before]
        for name in retired:
            (self._folder / name).unlink(missing_ok=True)
        if retired:
            with _changing(self._engines) as connection:
                connection.execute(delete(log_files).where(log_files.c.name.in_(retired)))
        _remove_leftovers(self._folder, frozenset(known), LEFTOVER_SECONDS)
        _remove_leftovers(self._duck.folder / SCRATCH, frozenset({str(os.getpid())}), LEFTOVER_SECONDS)
        _remove_leftovers(self._duck.folder / CACHED, frozenset(), KEPT_SECONDS)

    def _merged(self, files: Sequence[LogFile]) -> bool:
        first = files[0]
        file = self._new_file(first.model, first.version)
        merge_files(self._duck, [source.path for source in files], file)
        registered = {
            **_registered(file, first.model, first.version, sum(source.rows for source in files)),
            "first_at": min(source.first_at for source in files),
            "last_at": max(source.last_at for source in files),
            "columns": orjson.dumps(first.columns).decode(),
        }
        names = [source.path.name for source in files]
        return self._replace(file, registered, lambda connection: _retire(connection, names))

    def _replace(self, file: Path, registered: dict[str, Any], others: Callable[[Connection], None]) -> bool:
        """In one transaction take the place of others and register the file; False where another process was
        first: then it is removed. Where the answer of the database is lost the file stays, since it may be
        registered, and is swept if it is not."""
        try:
            with _changing(self._engines) as connection:
                others(connection)
                connection.execute(insert(log_files), registered)
        except _NotAlone:
            file.unlink()
            return False
        return True

    def _new_file(self, model: str, version: int) -> Path:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._folder / f"{model}-{version}-{uuid.uuid4()}.parquet"


def _oldest(connection: Connection, model: str, version: int) -> Sequence[RowMapping]:
    columns = unsettled_predictions.c
    ids = (
        select(columns.prediction_id)
        .where(columns.model == model, columns.version == version)
        .order_by(columns.created_at)
        .limit(SETTLED_AT_ONCE)
    )
    return connection.execute(select(predictions).where(predictions.c.id.in_(ids))).mappings().all()


def _take_off(connection: Connection, ids: Sequence[str]) -> None:
    """Take predictions off the list. Raises _NotAlone unless all are on it."""
    taken = 0
    for start in range(0, len(ids), _IDS_IN_A_STATEMENT):
        part = ids[start : start + _IDS_IN_A_STATEMENT]
        statement = delete(unsettled_predictions).where(unsettled_predictions.c.prediction_id.in_(part))
        taken += connection.execute(statement).rowcount
    if taken != len(ids):
        raise _NotAlone


def _retire(connection: Connection, names: Sequence[str]) -> None:
    """Take files off the surface. Raises _NotAlone unless all are on it."""
    live = (log_files.c.name.in_(names), log_files.c.retired_at.is_(None))
    if connection.execute(update(log_files).where(*live).values(retired_at=_now())).rowcount != len(names):
        raise _NotAlone


def _give_back(connection: Connection, model: str, version: int) -> None:
    of_files = (log_files.c.model == model, log_files.c.version == version, log_files.c.retired_at.is_(None))
    connection.execute(update(log_files).where(*of_files).values(retired_at=_now()))
    result, listed = predictions.c, unsettled_predictions.c
    rows = select(result.id, result.model, result.version, result.created_at).where(
        result.model == model,
        result.version == version,
        ~exists().where(listed.prediction_id == result.id),
    )
    names = ["prediction_id", "model", "version", "created_at"]
    connection.execute(insert(unsettled_predictions).from_select(names, rows))


@contextmanager
def _changing(engines: Engines) -> Iterator[Connection]:
    """A transaction that changes the list of files, one at a time; reading goes on beside it."""
    with store_errors("written"), engines.write.begin() as connection:
        if connection.dialect.name == "postgresql":  # on SQLite every transaction that writes is alone
            connection.execute(text("LOCK TABLE log_files IN SHARE ROW EXCLUSIVE MODE"))
        yield connection


def _registered(file: Path, model: str, version: int, rows: int) -> dict[str, Any]:
    size = file.stat().st_size
    return {"name": file.name, "model": model, "version": version, "rows": rows, "bytes": size, "created_at": _now()}


def _too_many(files: Sequence[LogFile]) -> Iterator[list[LogFile]]:
    """Files of one version and about one size of which there are enough to be merged, oldest first."""

    def kind(file: LogFile) -> tuple[str, int, int, tuple[tuple[str, str], ...]]:
        size = 0
        while MERGED_FILES ** (size + 1) <= file.rows:
            size += 1
        return file.model, file.version, size, tuple(file.columns.items())

    for _, group in groupby(sorted(files, key=lambda file: (kind(file), file.first_at)), key=kind):
        alike = list(group)
        for start in range(0, len(alike) - MERGED_FILES + 1, MERGED_FILES):
            yield alike[start : start + MERGED_FILES]


def _remove_leftovers(folder: Path, live: frozenset[str], seconds: int) -> None:
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        try:
            old = time.time() - path.stat().st_mtime > seconds
        except FileNotFoundError:
            continue
        if old and path.name not in live:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def _now() -> int:
    return time.time_ns() // 1_000
