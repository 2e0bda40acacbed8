"""The input contract applied: records in, an exactly typed frame or a clear refusal out."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from modeldesk.core.cache import LruCache
from modeldesk.core.errors import InvalidInput, Problem
from modeldesk.model_service.engine.results import CheckedRows
from modeldesk.model_service.schema.fields import fields
from modeldesk.model_service.schema.frames import frame_of, frame_of_columns, records_of
from modeldesk.model_service.schema.one_hot import IMPOSSIBLE, OneHot, numbers_of, one_hots
from modeldesk.model_service.schema.schema import ModelSchema
from modeldesk.model_service.settings.tables import ModelSettings
from modeldesk.model_service.validation.dates import DateCheck, DatetimeCheck
from modeldesk.model_service.validation.values import (
    ABSENT,
    BooleanCheck,
    CategoryCheck,
    ColumnCheck,
    Findings,
    NumberCheck,
    TextCheck,
)

__all__ = ["Partition", "check_records", "choices_of", "column_checks", "frame_of", "partition_records", "records_of"]

MAX_UNKNOWN = 20
"""How many unknown fields of one record are named."""
_KEPT = 64

_CHECKS: dict[str, type[ColumnCheck]] = {
    "number": NumberCheck,
    "integer": NumberCheck,
    "category": CategoryCheck,
    "boolean": BooleanCheck,
    "date": DateCheck,
    "datetime": DatetimeCheck,
    "text": TextCheck,
}


@dataclass(frozen=True, slots=True)
class Partition:
    """Records parted into good and bad: ``rows`` are the good ones' positions, ``problems`` say
    what is wrong with the others, by row and then in the artifact's order of columns."""

    checked: CheckedRows
    rows: Sequence[int]
    problems: Sequence[Problem]


def check_records(
    schema: ModelSchema, settings: ModelSettings | None, records: Sequence[Mapping[str, Any]]
) -> CheckedRows:
    """Hold records against a model's contract, all of them or none.

    Raises InvalidInput with a Problem for every bad field of every row, rows from 0. Codes:
    ``missing unknown_field wrong_type not_finite not_an_integer unseen_category below_limit
    above_limit bad_date offset_refused bad_text text_too_long impossible_combination``.
    """
    parted = partition_records(schema, settings, records)
    if not parted.problems:
        return parted.checked
    count = len(parted.problems)
    detail = parted.problems[0].message if count == 1 else f"{count:,} inputs need a change."
    raise InvalidInput(detail, problems=parted.problems)


def partition_records(
    schema: ModelSchema, settings: ModelSettings | None, records: Sequence[Mapping[str, Any]]
) -> Partition:
    """The same checks without raising: the good records as checked rows, and what is wrong with the rest."""
    checker = _checker(schema, settings)
    findings = Findings()
    readable = [record if isinstance(record, Mapping) else _EMPTY for record in records]
    columns = {
        check.field.name: check.check([record.get(check.field.name, ABSENT) for record in readable], findings)
        for check in checker.columns
    }
    problems = findings.problems + checker.impossible(columns) + checker.unknown_fields(readable)
    rows: Sequence[int] = range(len(records))
    if problems or any(record is _EMPTY for record in readable):
        problems = _in_order(problems, records, schema)
        bad = {problem.row for problem in problems}
        rows = [row for row in rows if row not in bad]
        columns = {name: [values[row] for row in rows] for name, values in columns.items()}
    names = schema.names
    clean = [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    if not names:
        clean = [{} for _ in rows]
    warnings = [tuple(findings.warnings.get(row, ())) for row in rows]
    frame = frame_of_columns(schema, columns, len(rows))
    return Partition(CheckedRows(frame, clean, warnings), rows, problems)


def column_checks(schema: ModelSchema, settings: ModelSettings | None) -> tuple[ColumnCheck, ...]:
    """The checks that ``check_records`` applies, one a feature, for rows that come by column."""
    return _checker(schema, settings).columns


def choices_of(schema: ModelSchema, settings: ModelSettings | None) -> tuple[OneHot, ...]:
    """The choices of several columns that ``check_records`` holds records to."""
    return _checker(schema, settings).choices


_EMPTY: Mapping[str, Any] = {}


def _in_order(problems: list[Problem], records: Sequence[Any], schema: ModelSchema) -> list[Problem]:
    """By row and column; a record that is no object has that one problem and no others."""
    strange = {row for row, record in enumerate(records) if not isinstance(record, Mapping)}
    remaining = [problem for problem in problems if problem.row not in strange]
    remaining.extend(
        Problem(None, "wrong_type", 'A record is an object of values by field, such as {"age": 42}.', row)
        for row in strange
    )
    position = {name: index for index, name in enumerate(schema.names)}
    return sorted(remaining, key=lambda item: (item.row or 0, position.get(item.field or "", len(position))))


class _Checker:
    """A schema with its settings, ready to check."""

    def __init__(self, schema: ModelSchema, settings: ModelSettings | None) -> None:
        by_name = {field.name: field for field in fields(schema, settings)}
        self.columns = tuple(_CHECKS[by_name[name].feature.type](by_name[name]) for name in schema.names)
        self.choices = one_hots(tuple(by_name.values()), settings)
        self.names = schema.names
        self.known = frozenset((*schema.names, *schema.unread))

    def impossible(self, columns: Mapping[str, Sequence[Any]]) -> list[Problem]:
        """A problem for each choice of each row whose columns cannot be set together; it stands at the
        choice's first column."""
        return [
            Problem(choice.columns[0], IMPOSSIBLE, message, row)
            for choice in self.choices
            for rows, message in choice.faults(np.column_stack([numbers_of(columns[name]) for name in choice.columns]))
            for row in rows.tolist()
        ]

    def unknown_fields(self, records: Sequence[Mapping[str, Any]]) -> list[Problem]:
        """A problem for each field that the published data did not have."""
        problems: list[Problem] = []
        for row, record in enumerate(records):
            if record.keys() <= self.known:
                continue
            strangers = [name for name in record if name not in self.known]
            for name in strangers[:MAX_UNKNOWN]:
                guess = self._guess(name) if len(problems) < MAX_UNKNOWN else ""
                message = f"There is no input {_safe(name)!r}.{guess}"
                problems.append(Problem(_safe(name), "unknown_field", message, row))
            if len(strangers) > MAX_UNKNOWN:
                more = f"{len(strangers) - MAX_UNKNOWN:,} more fields of this record are unknown."
                problems.append(Problem(None, "unknown_field", more, row))
        return problems

    def _guess(self, name: Any) -> str:
        if not isinstance(name, str) or len(name) > 100:
            return ""
        close = difflib.get_close_matches(name, self.names, n=1)
        return f" Did you mean {close[0]!r}?" if close else ""


def _safe(name: Any) -> str:
    """A field's name as it was sent, shortened and fit to be encoded."""
    return str(name)[:200].encode("utf-8", "backslashreplace").decode()


# As in frames.py: an entry keeps both objects alive, so their ids stay theirs.
_compiled: LruCache[tuple[ModelSchema, ModelSettings | None, _Checker]] = LruCache(_KEPT)


def _checker(schema: ModelSchema, settings: ModelSettings | None) -> _Checker:
    key = (id(schema), id(settings))
    return _compiled.get(key, lambda: (schema, settings, _Checker(schema, settings)))[2]
