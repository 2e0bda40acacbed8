"""A chunk held against a model's contract: an exactly typed frame of the good rows, and what is
wrong with the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa

from modeldesk.model_service.engine.results import InputWarning
from modeldesk.model_service.schema.one_hot import IMPOSSIBLE, numbers_of_series
from modeldesk.model_service.schema.schema import ModelSchema
from modeldesk.model_service.settings.model_settings import ModelSettings
from modeldesk.model_service.tables.cells import text_convert, typed_convert
from modeldesk.model_service.tables.chunk import Chunk, Reject
from modeldesk.model_service.tables.columns import ColumnJudge, Judged
from modeldesk.model_service.tables.matching import Matching
from modeldesk.model_service.tables.notation import Notation
from modeldesk.model_service.tables.options import TableForm
from modeldesk.model_service.tables.parquet_source import is_text
from modeldesk.model_service.validation.records import choices_of, column_checks
from modeldesk.model_service.validation.values import ColumnCheck, NumberCheck

_INT64_MOST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class CheckedChunk:
    """The rows of a chunk that meet the contract, and why the others do not.

    ``frame`` has the published columns and dtypes, n rows; ``numbers`` (n,) are the rows' numbers
    as a person sees them, ``table`` the file's columns of the same rows, with those that were
    numbers written as text now as numbers. ``warnings`` come with the positions (of n) they are for.
    """

    index: int
    frame: pd.DataFrame
    numbers: np.ndarray
    table: pa.Table
    rejects: tuple[Reject, ...]
    warnings: tuple[tuple[np.ndarray, InputWarning], ...] = field(default=())

    @property
    def rejected_rows(self) -> int:
        """How many rows are rejected; a row may have several things wrong."""
        return len({reject.row for reject in self.rejects})


class ChunkCheck:
    """The contract of one model, ready for the chunks of one file."""

    def __init__(
        self, schema: ModelSchema, settings: ModelSettings | None, matching: Matching, form: TableForm
    ) -> None:
        self._schema = schema
        self._columns = matching.columns
        self._form = form
        self._notation = Notation.of(form)
        self._judges = [ColumnJudge(check) for check in column_checks(schema, settings)]
        self._choices = choices_of(schema, settings)

    def check(self, chunk: Chunk) -> CheckedChunk:
        """Part a chunk into good rows and rejects, by the rules and in the words of ``check_records``.

        Every row of the chunk is in one or the other.
        """
        rows = len(chunk.numbers)
        judged = {judge.name: self._judge(judge, chunk.table, rows) for judge in self._judges}
        bad = np.zeros(rows, dtype=bool)
        for column in judged.values():
            bad |= column.bad
        impossible = self._impossible(judged, chunk.numbers, bad)
        good = np.flatnonzero(~bad)
        index = pd.RangeIndex(len(good))
        frame = pd.DataFrame(
            {name: column.series(good).set_axis(index) for name, column in judged.items()}, index=index, copy=False
        )
        table = self._with_numbers(chunk.table, judged)
        if len(good) < rows:
            table = table.take(pa.array(good))
        rejects = sorted([*chunk.rejects, *_rejects(judged, chunk.numbers), *impossible], key=lambda reject: reject.row)
        warnings = _warnings(judged, bad)
        return CheckedChunk(chunk.index, frame, chunk.numbers[good], table, tuple(rejects), warnings)

    def _judge(self, judge: ColumnJudge, table: pa.Table, rows: int) -> Judged:
        column = self._columns.get(judge.name)
        if column is None:
            return judge.absent(rows)
        cells = _one_array(table.column(column))
        kind = cells.type.value_type if pa.types.is_dictionary(cells.type) else cells.type
        if is_text(kind):
            convert = text_convert(judge.check, self._notation, blank_is_missing=self._form.blank_is_missing)
            if _fits_arrays(judge.check) and not pa.types.is_dictionary(cells.type):
                return judge.number_texts(cells, self._notation, convert)
            return judge.values(cells, convert)
        stored = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
        if stored and _fits_arrays(judge.check) and kind == cells.type:
            return judge.numbers(cells)
        return judge.values(cells, typed_convert(judge.check, numbers_as_text=self._form.kind == "xlsx"))

    def _impossible(self, judged: dict[str, Judged], numbers: np.ndarray, bad: np.ndarray) -> list[Reject]:
        """Rejects for rows whose columns of one choice cannot be set together; they become ``bad``."""
        result: list[Reject] = []
        for choice in self._choices:
            columns = [judged[name] for name in choice.columns]
            values = np.full((len(bad), len(columns)), np.nan)
            for index, column in enumerate(columns):
                rows = np.flatnonzero(~column.bad)
                values[rows, index] = numbers_of_series(column.series(rows))
            for rows, message in choice.faults(values):
                bad[rows] = True
                result.extend(
                    Reject(row, choice.columns[0], None, IMPOSSIBLE, message) for row in numbers[rows].tolist()
                )
        return result

    def _with_numbers(self, table: pa.Table, judged: dict[str, Judged]) -> pa.Table:
        """The file's columns, those that were read as numbers as such."""
        if self._form.kind == "parquet":
            return table
        for name, column in self._columns.items():
            numbers = judged[name].numbers
            if numbers is not None and is_text(table.column(column).type):
                table = table.set_column(table.column_names.index(column), column, numbers)
        return table


def _one_array(column: pa.ChunkedArray) -> pa.Array:
    """A column in one piece; pieces with dictionaries of their own get a joint one."""
    if column.num_chunks == 1:
        return column.chunk(0)
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    result = column.combine_chunks()
    return result.chunk(0) if isinstance(result, pa.ChunkedArray) else result


def _fits_arrays(check: ColumnCheck) -> bool:
    """Whether the feature's numbers can be judged as arrays of 64 bits."""
    return isinstance(check, NumberCheck) and not (check.integer and check.most > _INT64_MOST)


def _rejects(judged: dict[str, Judged], numbers: np.ndarray) -> list[Reject]:
    """Every problem of every row, in the artifact's order of columns."""
    result: list[Reject] = []
    for name, column in judged.items():
        for rows, problem, shown in column.problems:
            result.extend(Reject(row, name, shown, problem.code, problem.message) for row in numbers[rows].tolist())
    return result


def _warnings(judged: dict[str, Judged], bad: np.ndarray) -> tuple[tuple[np.ndarray, InputWarning], ...]:
    """The warnings on good rows, by their positions among these."""
    index: Callable[[np.ndarray], np.ndarray] = lambda rows: rows  # noqa: E731
    if bad.any():
        moved = np.cumsum(~bad) - 1
        index = lambda rows: moved[rows[~bad[rows]]]  # noqa: E731
    result = [(index(rows), warning) for column in judged.values() for rows, warning in column.warnings]
    return tuple((rows, warning) for rows, warning in result if len(rows))
