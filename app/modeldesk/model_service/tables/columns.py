"""One column of a chunk held against the contract, whole.

What is plainly good passes as arrays. Every other value goes through the very check that records
go through, once for each different value, so that both ways say the same in the same words.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from modeldesk.core.errors import Problem
from modeldesk.model_service.engine.results import InputWarning
from modeldesk.model_service.schema.frames import column_dtype, frame_of_columns
from modeldesk.model_service.schema.schema import ModelSchema
from modeldesk.model_service.tables.cells import Convert
from modeldesk.model_service.tables.notation import Notation, Unreadable, stored_numbers, written_numbers
from modeldesk.model_service.validation.values import ABSENT, ColumnCheck, Findings, NumberCheck

_SHOWN = 100
_MASKED: dict[str, Callable[[np.ndarray, np.ndarray], Any]] = {
    "i": pd.arrays.IntegerArray,
    "u": pd.arrays.IntegerArray,
    "f": pd.arrays.FloatingArray,
}


@dataclass(slots=True)
class Judged:
    """What was found in one column of n rows.

    ``series`` builds the published column for some of the rows that are not ``bad``; ``numbers``
    is the column as numbers, where it is one. ``problems`` and ``warnings`` come with the positions
    of their rows; a problem also with what stood in the file.
    """

    series: Callable[[np.ndarray], pd.Series]
    bad: np.ndarray
    problems: list[tuple[np.ndarray, Problem, str | None]] = field(default_factory=list)
    warnings: list[tuple[np.ndarray, InputWarning]] = field(default_factory=list)
    numbers: pa.Array | None = None


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What the contract says of one value."""

    value: Any
    problem: Problem | None
    warnings: Sequence[InputWarning]


class ColumnJudge:
    """Judges columns of one feature."""

    def __init__(self, check: ColumnCheck) -> None:
        self.check = check
        self.name = check.field.name
        # A schema of its own, kept, so that its builders are compiled once.
        self._schema = ModelSchema(features=(check.feature,))
        self._dtype = column_dtype(check.feature)

    def absent(self, rows: int) -> Judged:
        """The column that a file does not have."""
        return self._distinct(np.zeros(rows, dtype=np.int64), [ABSENT], lambda value: value)

    def values(self, cells: pa.Array, convert: Convert) -> Judged:
        """A column of few or many different values of any kind."""
        encoded = cells if pa.types.is_dictionary(cells.type) else cells.dictionary_encode()
        codes = encoded.indices.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
        dictionary = encoded.dictionary
        listed = dictionary.to_pandas().tolist() if pa.types.is_timestamp(dictionary.type) else dictionary.to_pylist()
        codes = np.where(codes < 0, len(listed), codes)
        return self._distinct(codes, [*listed, None], convert)

    def numbers(self, cells: pa.Array) -> Judged:
        """A column that is stored as numbers, for a feature that is one."""
        values, missing, strange = stored_numbers(cells, whole=self.check.feature.type == "integer")
        return self._bounded(values, missing, strange, cells, lambda value: value)

    def number_texts(self, cells: pa.Array, notation: Notation, convert: Convert) -> Judged:
        """A column of text, for a feature that is a number."""
        plain = cells.cast(pa.string()) if not pa.types.is_string(cells.type) else cells
        values, missing, strange = written_numbers(plain, notation, whole=self.check.feature.type == "integer")
        return self._bounded(values, missing, strange, plain, convert)

    def _outcome(self, raw: Any, convert: Convert) -> _Outcome:
        findings = Findings()
        try:
            value = self.check.careful(raw if raw is ABSENT or raw is None else convert(raw), 0, findings)
        except Unreadable as error:
            message = f"{self.check.field.label}: {error.message} {self.check.ask}"
            return _Outcome(None, Problem(self.name, error.code, message), ())
        problem = findings.problems[0] if findings.problems else None
        return _Outcome(value, problem, findings.warnings.get(0, ()))

    def _distinct(self, codes: np.ndarray, listed: Sequence[Any], convert: Convert) -> Judged:
        """Rows by the place of their value among the different ones."""
        used = np.flatnonzero(np.bincount(codes, minlength=len(listed)))
        outcomes = [self._outcome(listed[index], convert) for index in used.tolist()]
        refused = np.zeros(len(listed), dtype=bool)
        refused[used] = [outcome.problem is not None for outcome in outcomes]
        accepted = [
            (index, outcome.value)
            for index, outcome in zip(used.tolist(), outcomes, strict=True)
            if outcome.problem is None
        ]
        indices = np.zeros(len(listed), dtype=np.int64)
        indices[[index for index, _ in accepted]] = np.arange(len(accepted))
        accepted_values = [value for _, value in accepted]
        judged = Judged(lambda rows: self._built(accepted_values).take(indices[codes[rows]]), refused[codes])
        self._note(
            judged,
            [
                (index, outcome)
                for index, outcome in zip(used.tolist(), outcomes, strict=True)
                if outcome.problem or outcome.warnings
            ],
            codes,
            listed,
        )
        return judged

    def _note(
        self, judged: Judged, result: Sequence[tuple[int, _Outcome]], codes: np.ndarray, listed: Sequence[Any]
    ) -> None:
        """Enter problems and warnings with the rows of their value."""
        if not result:
            return
        order = np.argsort(codes, kind="stable")
        starts = np.searchsorted(codes[order], [index for index, _ in result], side="left")
        stops = np.searchsorted(codes[order], [index for index, _ in result], side="right")
        joint: dict[InputWarning, list[np.ndarray]] = {}
        for (index, outcome), start, stop in zip(result, starts, stops, strict=True):
            rows = order[start:stop]
            if outcome.problem is not None:
                judged.problems.append((rows, outcome.problem, _shown(listed[index])))
            for warning in outcome.warnings:
                joint.setdefault(warning, []).append(rows)
        judged.warnings.extend((np.concatenate(parts), warning) for warning, parts in joint.items())

    def _bounded(
        self,
        values: np.ndarray,
        missing: np.ndarray | None,
        strange: np.ndarray | None,
        cells: pa.Array,
        convert: Convert,
    ) -> Judged:
        """Numbers (n,) against the bounds. ``strange`` rows are those whose number is not certain yet;
        they, and what is beyond a limit, are looked at one by one."""
        check = self.check
        assert isinstance(check, NumberCheck)
        low, high = _inner(check.quiet_low, check.quiet_high, values.dtype)
        quiet = (values >= low) & (values <= high)
        if strange is not None:
            quiet &= ~strange
            # What the careful path makes of them is entered here: a number, or that there is none.
            values = values.copy()
            missing = np.zeros(len(values), dtype=bool) if missing is None else missing.copy()
        judged = Judged(lambda rows: self._numeric(values, missing, rows), np.zeros(len(values), dtype=bool))
        if missing is not None:
            quiet &= ~missing
            self._alike(judged, np.flatnonzero(missing), None, convert)
        if not quiet.all():
            rest = ~quiet if missing is None else ~quiet & ~missing
            if strange is not None:
                rest &= ~strange
            for rows in self._outside(values, rest):
                self._alike(judged, rows, values[rows[0]].item(), lambda value: value)
                rest[rows] = False
            if strange is not None:
                rest |= strange
            self._one_by_one(judged, (values, missing), np.flatnonzero(rest), cells, convert)
        judged.numbers = pa.array(values, mask=missing)
        return judged

    def _outside(self, values: np.ndarray, rest: np.ndarray) -> list[np.ndarray]:
        """Rows below and rows above what was observed, but within every limit: each group is warned
        of in the same words."""
        check, feature = self.check, self.check.feature
        assert isinstance(check, NumberCheck)
        least = max(bound for bound in (check.field.minimum, check.least) if isinstance(bound, int | float))
        most = min(bound for bound in (check.field.maximum, check.most) if isinstance(bound, int | float))
        least, most = _inner(least, most, values.dtype)
        allowed = rest & (values >= least) & (values <= most)
        groups = []
        if isinstance(feature.minimum, int | float):
            groups.append(np.flatnonzero(allowed & (values < feature.minimum)))
        if isinstance(feature.maximum, int | float):
            groups.append(np.flatnonzero(allowed & (values > feature.maximum)))
        return [rows for rows in groups if len(rows)]

    def _alike(self, judged: Judged, rows: np.ndarray, raw: Any, convert: Convert) -> None:
        """Rows of which the same is to be said as of one value."""
        if not len(rows):
            return
        outcome = self._outcome(raw, convert)
        if outcome.problem is not None:
            judged.bad[rows] = True
            judged.problems.append((rows, outcome.problem, None if raw is None else _shown(raw)))
        judged.warnings.extend((rows, warning) for warning in outcome.warnings)

    def _one_by_one(
        self,
        judged: Judged,
        column: tuple[np.ndarray, np.ndarray | None],
        rows: np.ndarray,
        cells: pa.Array,
        convert: Convert,
    ) -> None:
        """Rows whose value takes the careful path. What it accepts, a number or a missing value, is
        entered into ``column``: the values, and which of them are missing."""
        values, missing = column
        if not len(rows):
            return
        encoded = cells.take(pa.array(rows)).dictionary_encode()
        listed = encoded.dictionary.to_pylist()
        codes = encoded.indices.to_numpy(zero_copy_only=False)
        outcomes = [self._outcome(raw, convert) for raw in listed]
        refused = np.array([outcome.problem is not None for outcome in outcomes])[codes]
        judged.bad[rows[refused]] = True
        for index, outcome in enumerate(outcomes):
            if missing is None or outcome.problem is not None:
                continue  # without uncertain rows the values stand as they are
            at = rows[codes == index]
            if outcome.value is not None:
                values[at] = outcome.value
            else:
                missing[at] = True
                values[at] = 0 if values.dtype.kind == "i" else np.nan
        result = [(index, outcome) for index, outcome in enumerate(outcomes) if outcome.problem or outcome.warnings]
        inner = Judged(judged.series, refused)
        self._note(inner, result, codes, listed)
        judged.problems.extend((rows[indices], problem, shown) for indices, problem, shown in inner.problems)
        judged.warnings.extend((rows[indices], warning) for indices, warning in inner.warnings)

    def _built(self, values: Sequence[Any]) -> pd.Series:
        """Accepted values as the published column."""
        return frame_of_columns(self._schema, {self.name: values}, len(values))[self.name]

    def _numeric(self, values: np.ndarray, missing: np.ndarray | None, rows: np.ndarray) -> pd.Series:
        """Numbers of some rows as the published column."""
        taken = values[rows]
        gone = None if missing is None else missing[rows]
        dtype = self._dtype
        if isinstance(dtype, np.dtype) and dtype.kind == "f":
            if taken.dtype.kind == "i":
                taken = taken.astype(float)
                if gone is not None:
                    taken[gone] = np.nan
            return pd.Series(taken.astype(dtype, copy=False), copy=False)
        if gone is None or not gone.any():
            if isinstance(dtype, np.dtype) and dtype.kind in "iu":
                return pd.Series(taken.astype(dtype, copy=False), copy=False)
            gone = np.zeros(len(taken), dtype=bool)
        masked = _MASKED.get(getattr(dtype, "kind", "")) if hasattr(dtype, "numpy_dtype") else None
        if masked is not None and not isinstance(dtype, pd.ArrowDtype):
            filled = np.where(gone, 0, taken).astype(dtype.numpy_dtype)
            return pd.Series(masked(filled, gone), copy=False)
        listed = [None if lost else value for value, lost in zip(taken.tolist(), gone.tolist(), strict=True)]
        return self._built(listed)


def _inner(low: float, high: float, dtype: np.dtype[Any]) -> tuple[float, float]:
    """Bounds that compare exactly with values of a dtype."""
    if dtype.kind != "i":
        return low, high
    limits = np.iinfo(np.int64)
    lowest = int(limits.min) if low <= limits.min else math.ceil(low)
    highest = int(limits.max) if high >= limits.max else math.floor(high)
    return lowest, highest


def _shown(value: Any) -> str | None:
    """A cell as the report of rejected rows holds it."""
    if value is None or value is ABSENT:
        return None
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
