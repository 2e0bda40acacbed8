"""Reading the data that a model is published with, and writing a version's tables."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from modeldesk.core.atomic_files import sync_to_disk
from modeldesk.core.errors import InvalidInput, PublishRefused, TooLarge
from modeldesk.model_service.engine.results import native
from modeldesk.model_service.tables import Limits
from modeldesk.model_service.tables.options import reason as reason_of
from modeldesk.model_service.tables.whole import read_whole

_LIMITS = Limits(bytes=2**62, unpacked_bytes=2**36, columns=100_000, line_bytes=64_000_000)
"""Who publishes chose the file; only what no table holds is refused."""


@dataclass(frozen=True, slots=True)
class DataTable:
    """Rows with text column names and a plain index. ``numbers`` (n,) are the rows' numbers as a
    person sees them; ``notes`` say which rows of the file could not be taken apart."""

    frame: pd.DataFrame
    numbers: np.ndarray
    notes: tuple[str, ...] = ()


def read_table(
    source: Any,
    what: str = "data",
    words: Collection[str] = (),
    meant: Mapping[str, Collection[str]] | None = None,
) -> DataTable:
    """A table from CSV, TSV, Parquet or XLSX, or from a DataFrame of pandas or of any library that
    hands its columns over as Arrow's, such as polars.

    Files are read by the reader of batches: their form is found out, columns named in ``words`` stay
    words, and so do the words for a missing value that ``meant`` names by column. Raises PublishRefused
    ``unreadable`` where the source cannot be read, and ``columns`` where a name stands twice or there
    are no rows.
    """
    table = _read(Path(source), what, words, meant) if isinstance(source, Path | str) else _of_frame(source, what)
    frame = table.frame.copy(deep=False)
    # A column without a name is called by its place, as in every other file.
    frame.columns = pd.Index([str(n) if str(n).strip() else f"Unnamed: {index}" for index, n in enumerate(frame)])
    twice = sorted(set(frame.columns[frame.columns.duplicated()]))
    if twice:
        raise PublishRefused(
            "columns",
            f"The {what} names a column twice: {', '.join(map(repr, twice))}.",
            hint="Give each column a name of its own.",
        )
    if frame.empty:
        raise PublishRefused("columns", f"The {what} holds no rows.", hint="Give the rows the model was trained on.")
    sparse = [str(name) for name, dtype in frame.dtypes.items() if isinstance(dtype, pd.SparseDtype)]
    if sparse:
        raise PublishRefused(
            "unsupported",
            f"Columns of the {what} are sparse: {', '.join(map(repr, sparse[:5]))}.",
            hint="Give the raw table, before it was encoded, with a pipeline that encodes it.",
        )
    return DataTable(frame.reset_index(drop=True), table.numbers, table.notes)


def _of_frame(source: Any, what: str) -> DataTable:
    if type(source).__name__ == "LazyFrame":  # of polars: rows that were not asked for yet
        source = source.collect()
    if hasattr(source, "__arrow_c_stream__") and not isinstance(source, pd.DataFrame):
        source = pa.table(source).to_pandas()
    if not isinstance(source, pd.DataFrame):
        raise PublishRefused(
            "unreadable",
            f"The {what} is a {type(source).__name__}, which is no table.",
            hint="Give a DataFrame of pandas or polars, an Arrow table, or a file's path.",
        )
    return DataTable(source, np.arange(1, len(source) + 1))


def _read(path: Path, what: str, words: Collection[str], meant: Mapping[str, Collection[str]] | None) -> DataTable:
    if not path.exists():
        raise PublishRefused("unreadable", f"There is no file {path}.", hint="Check the path of the data.")
    try:
        table = read_whole(path, _LIMITS, words, meant)
    except (InvalidInput, TooLarge) as error:
        reason = "columns" if "names a column twice" in error.detail else "unreadable"
        raise PublishRefused(
            reason, f"The {what} {path.name} cannot be read. {error.detail}", hint=error.hint or "Check the file."
        ) from error
    notes: tuple[str, ...] = ()
    if table.rejects:
        first = table.rejects[0]
        count = len({reject.row for reject in table.rejects})
        notes = (f"{rows_of(count)} of the {what} cannot be read and are left out; row {first.row:,}: {first.message}",)
    return DataTable(table.frame, table.numbers, notes)


def rows_of(count: int) -> str:
    """So many rows, in words."""
    return "1 row" if count == 1 else f"{count:,} rows"


def storable(frame: pd.DataFrame, unread: Collection[str]) -> pd.DataFrame:
    """The table with columns that mix kinds of values as words, where the model does not read them.

    Raises PublishRefused ``columns`` naming a column that it reads and that cannot be stored.
    """
    changed: dict[str, pd.Series] = {}
    for name in frame.columns:
        column = frame[name]
        if column.dtype.kind not in "Oc" and not isinstance(column.dtype, pd.PeriodDtype | pd.IntervalDtype):
            continue
        try:
            pa.array(column, from_pandas=True)
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            if name not in unread:
                kinds = sorted({type(native(value)).__name__ for value in column.dropna()})
                raise PublishRefused(
                    "columns",
                    f"The column {name!r}, which the model reads, holds values of several kinds: {', '.join(kinds)}.",
                    hint="Give each column values of one kind, numbers, words, booleans or times, and fit the model "
                    "on it.",
                ) from None
            changed[name] = column.map(str, na_action="ignore").astype("str")
    return frame.assign(**changed) if changed else frame


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write a table that ``storable`` returned, durably. Raises PublishRefused where it cannot be."""
    try:
        frame.to_parquet(path, index=False)
    except (pa.ArrowException, TypeError, ValueError, NotImplementedError, OverflowError) as error:
        raise PublishRefused(
            "columns",
            f"The data cannot be kept as a table: {reason_of(error)}.",
            hint="Give each column values of one kind: numbers, words, booleans or times.",
        ) from error
    sync_to_disk(path)
