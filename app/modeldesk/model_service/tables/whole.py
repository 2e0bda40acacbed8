"""A whole file as the frame that pandas would make of it, read by the reader of batches.

What a model is published with and what is scored by it later go through the same detection, the
same cells and the same numbers; only the columns' types, which a contract says of a batch, are
found out here, by pandas' rules.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from modeldesk.core.errors import InvalidInput
from modeldesk.model_service.tables.chunk import Reject
from modeldesk.model_service.tables.inspection import inspect
from modeldesk.model_service.tables.matching import resolve
from modeldesk.model_service.tables.notation import MISSING_WORDS, Notation, written_numbers
from modeldesk.model_service.tables.options import FileOptions, Limits
from modeldesk.model_service.tables.parquet_source import is_text
from modeldesk.model_service.tables.plan import chunks, ready_file
from modeldesk.model_service.tables.xlsx_source import DATES_KEY, cell_text

_TRUE, _FALSE = pa.array(["True", "TRUE", "true"]), pa.array(["False", "FALSE", "false"])
_INFINITE = pa.array([f"{sign}{word}" for sign in ("", "+", "-") for word in ("inf", "infinity")])
_WHOLE = r"^[+-]?[\d.,' \x{00a0}\x{2009}\x{202f}]*$"
"""Digits with marks between; that they make a number is seen before."""


@dataclass(frozen=True, slots=True)
class WholeTable:
    """The rows of a file by column. ``numbers`` (n,) are the rows' numbers as a person sees them;
    ``rejects`` are the rows that could not be taken apart, which are not among the n."""

    frame: pd.DataFrame
    numbers: np.ndarray
    rejects: tuple[Reject, ...] = ()


def read_whole(
    path: Path,
    limits: Limits,
    words: Collection[str] = (),
    meant: Mapping[str, Collection[str]] | None = None,
    options: FileOptions | None = None,
) -> WholeTable:
    """A file's rows with column types as pandas finds them.

    ``words`` are columns whose cells are words, whatever they look like: ``00501`` stays as it is.
    ``meant`` names, by column, words that else stand for a missing value and are values of it.
    Raises InvalidInput and TooLarge.
    """
    form = inspect(path, options or FileOptions(), limits)
    if form.kind == "parquet":
        frame = pd.read_parquet(path)
        return WholeTable(frame, np.arange(1, len(frame) + 1))
    with tempfile.TemporaryDirectory() as work:
        parts = list(chunks(ready_file(path, form, limits, Path(work)), form, limits))
    if not any(part.table.num_rows for part in parts):
        raise InvalidInput("The file has no row that can be read.", hint="Add at least one row below the header.")
    table = pa.concat_tables([part.table for part in parts])
    notation, named = Notation.of(form), set(words)
    # LightGBM remembers names with underscores for their spaces.
    words = set(resolve(words, form.header).values()) | {n for n in form.header if re.sub(r"\s", "_", n) in named}
    meant = meant or {}
    values = {column: meant[name] for name, column in resolve(meant, form.header).items()}
    columns = {
        name: _column(table.column(name), table.schema.field(name), name in words, values.get(name, ()), notation)
        for name in form.header
    }
    return WholeTable(
        pd.DataFrame(columns, copy=False),
        np.concatenate([part.numbers for part in parts]),
        tuple(reject for part in parts for reject in part.rejects),
    )


def _column(
    cells: pa.ChunkedArray, field: pa.Field, words: bool, meant: Collection[str], notation: Notation
) -> pd.Series:
    column = pa.chunked_array(cells.chunks, cells.type).combine_chunks()
    if isinstance(column, pa.ChunkedArray):
        column = pa.concat_arrays(column.chunks)
    if pa.types.is_dictionary(column.type):
        column = column.cast(pa.string())
    if not is_text(column.type):
        if not words:
            return pd.Series(column.to_pandas())
        column = pa.array([cell_text(value, notation.decimal) for value in column.to_pylist()], pa.string())
    missing = pc.fill_null(pc.is_in(column, pa.array(sorted(MISSING_WORDS - set(meant)), pa.string())), False)
    column = pc.if_else(missing, pa.scalar(None, pa.string()), column)
    if words:
        return _words(column)
    if (field.metadata or {}).get(DATES_KEY) is not None:
        return pd.Series(pd.to_datetime(column.to_pandas(), format="ISO8601")).astype("datetime64[us]")
    result = _numbers(column, notation)
    if result is None:
        result = _booleans(column)
    return _words(column) if result is None else result


def _words(column: pa.Array) -> pd.Series:
    return pd.Series(column.to_pandas(), dtype="str")


def _booleans(column: pa.Array) -> pd.Series | None:
    """Truth values as pandas reads them; with gaps a column of objects."""
    true = pc.is_in(column, _TRUE)
    if not pc.all(pc.or_(true, pc.is_in(column, _FALSE)).filter(column.is_valid())).as_py():
        return None
    if not column.null_count:
        return pd.Series(np.asarray(true))
    values = np.asarray(true).astype(object)
    values[np.asarray(column.is_null())] = np.nan
    return pd.Series(values, dtype=object)


def _numbers(column: pa.Array, notation: Notation) -> pd.Series | None:
    """Numbers where every cell that is not missing is one; blanks among numbers are missing."""
    text = pc.utf8_trim_whitespace(column)
    text = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    if text.null_count == len(text):
        return pd.Series(np.full(len(text), np.nan)) if column.null_count == len(column) else None
    lowered = pc.utf8_lower(text)
    infinite = pc.is_in(lowered, _INFINITE)
    finite = pc.if_else(infinite, pa.scalar(None, pa.string()), text)
    values, missing, strange = written_numbers(finite, notation, whole=False)
    if strange is not None or (0 if missing is None else int(missing.sum())) != finite.null_count:
        return None
    if not finite.null_count and _are_whole(finite, notation):
        return _integers(finite, notation)
    values = values.copy()
    if missing is not None:
        values[missing] = np.nan
    boundless = np.asarray(infinite)
    values[boundless] = np.where(np.asarray(pc.starts_with(lowered, "-"))[boundless], -np.inf, np.inf)
    return pd.Series(values)


def _are_whole(text: pa.Array, notation: Notation) -> bool:
    marked = pc.match_substring(text, notation.decimal)
    return not pc.any(marked).as_py() and bool(pc.all(pc.match_substring_regex(text, _WHOLE)).as_py())


def _integers(text: pa.Array, notation: Notation) -> pd.Series | None:
    """Whole numbers of 64 bits, signed or not; greater ones stay words."""
    values, _, strange = written_numbers(text, notation, whole=True)
    if strange is None:
        return pd.Series(values)
    try:
        return pd.Series(text.cast(pa.uint64()).to_numpy())
    except pa.ArrowInvalid:
        return None
