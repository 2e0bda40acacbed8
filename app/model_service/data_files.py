"""Reading the data that a model is published with, and writing a version's tables."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

from app.errors import PublishRefused
from app.lasting import make_lasting

_SEPARATORS = {".csv": ",", ".tsv": "\t"}


def read_table(source: Path | pd.DataFrame, what: str = "data") -> pd.DataFrame:
    """A table with text column names and a plain index, from CSV, TSV, Parquet or XLSX by the
    file's ending, or from a DataFrame (which stays as it is).

    Raises PublishRefused ``unreadable`` where it cannot be read, and ``columns`` where a name
    stands twice or there are no rows.
    """
    frame = source.copy(deep=False) if isinstance(source, pd.DataFrame) else _read(Path(source), what)
    frame.columns = pd.Index([str(name) for name in frame.columns])
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
    return frame.reset_index(drop=True)


def _read(path: Path, what: str) -> pd.DataFrame:
    ending = path.suffix.lower()
    try:
        if ending in _SEPARATORS:
            _refuse_repeated_header(path, _SEPARATORS[ending], what)
            return pd.read_csv(path, sep=_SEPARATORS[ending], encoding="utf-8-sig", low_memory=False, index_col=False)
        if ending == ".parquet":
            return pd.read_parquet(path)
        if ending == ".xlsx":
            return pd.read_excel(path)
    except PublishRefused:
        raise
    except FileNotFoundError:
        raise PublishRefused("unreadable", f"There is no file {path}.", hint="Check the path of the data.") from None
    except Exception as error:  # each reader raises its own
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise PublishRefused(
            "unreadable",
            f"The {what} {path.name} cannot be read: {reason}.",
            hint="CSV and TSV must be UTF-8 with a header; Parquet keeps types best.",
        ) from error
    raise PublishRefused(
        "unreadable",
        f"The {what} {path.name} ends in {ending or 'nothing'}, which is not a kind of table known here.",
        hint="Use .csv, .tsv, .parquet or .xlsx.",
    )


def _refuse_repeated_header(path: Path, separator: str, what: str) -> None:
    """pandas would silently rename the second ``a`` to ``a.1``."""
    header = pd.read_csv(path, sep=separator, encoding="utf-8-sig", header=None, nrows=1, dtype=str)
    names = header.iloc[0].dropna()
    twice = sorted(set(names[names.duplicated()]))
    if twice:
        raise PublishRefused(
            "columns",
            f"The {what} names a column twice: {', '.join(map(repr, twice))}.",
            hint="Give each column a name of its own.",
        )


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write a table, durably. Raises PublishRefused where a column mixes kinds of values."""
    try:
        frame.to_parquet(path, index=False)
    except (TypeError, ValueError, NotImplementedError, OverflowError) as error:
        raise PublishRefused(
            "columns",
            f"The data cannot be kept as a table: {str(error).splitlines()[0]}.",
            hint="Give each column values of one kind: numbers, words, booleans or times.",
        ) from error
    make_lasting(path)


def write_file(path: Path, data: bytes) -> None:
    """Write a file, durably."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
