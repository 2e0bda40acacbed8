"""Match the columns of a file to the features by name: blanks around a name count only where they tell two apart."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from modeldesk.core.errors import InvalidInput, Problem
from modeldesk.model_service.schema.fields import Field
from modeldesk.model_service.schema.schema import ModelSchema
from modeldesk.model_service.tables.options import FileOptions, TableForm


def resolve(wanted: Iterable[str], present: Iterable[str]) -> dict[str, str]:
    """For each wanted name the present one that it stands for; names that stand for none are absent.

    That is the very name, else the only one left that differs in the blanks round it alone.
    """
    wanted, present = list(wanted), list(present)
    have = set(present)
    result = {name: name for name in wanted if name in have}
    if len(result) == len(wanted):
        return result
    taken = set(result)
    left, wanted_cores = _by_core(present, taken), _by_core(wanted, taken)
    for core, names in wanted_cores.items():
        if len(names) == 1 and len(left.get(core, ())) == 1:
            result[names[0]] = left[core][0]
    return result


def _by_core(names: Iterable[str], taken: set[str]) -> dict[str, list[str]]:
    """The names that are not taken, by what stands between their blanks."""
    cores: dict[str, list[str]] = {}
    for name in names:
        if name not in taken:
            cores.setdefault(name.strip(), []).append(name)
    return cores


_NESTED = ("list", "large_list", "fixed_size_list", "struct", "map", "binary", "large_binary", "union", "run_end")


@dataclass(frozen=True, slots=True)
class Matching:
    """``columns`` maps features to the file's columns; ``missing`` are features that are needed and
    have none, ``optional`` those that have none and need none; ``extra`` are columns that no
    feature reads. ``suggestions`` names, for a feature without a column, extra columns that may be
    meant, likeliest first."""

    columns: dict[str, str]
    missing: tuple[str, ...]
    optional: tuple[str, ...]
    extra: tuple[str, ...]
    suggestions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    key_column: str | None = None

    def require(self) -> None:
        """Raise InvalidInput, a problem for each, unless every needed feature has a column."""
        if not self.missing:
            return
        problems = []
        for name in self.missing:
            near = self.suggestions.get(name, ())
            guess = f" Is it {near[0]!r}?" if near else ""
            problems.append(Problem(name, "missing_column", f"The file has no column {name!r}.{guess}"))
        count = len(problems)
        raise InvalidInput(
            problems[0].message if count == 1 else f"{count:,} columns that the model needs are not in the file.",
            hint="Rename the columns, or say which column stands for which feature.",
            problems=problems,
        )


def match_columns(schema: ModelSchema, fields: Sequence[Field], form: TableForm, options: FileOptions) -> Matching:
    """Match a file's columns to features: as declared, else by the name, as ``resolve`` takes names.

    A column of nearly the same name, or of a feature's label, is only suggested: that it is meant
    is for a person to say. Raises InvalidInput where what is declared is not there, where a matched
    Parquet column holds lists or the like, and where no feature has a column at all.
    """
    options = _as_written(schema, form, options)
    declared = options.columns or {}
    _check_declared(schema, form, options)
    taken = set(declared.values())
    columns = dict(declared)
    free_names = [name for name in schema.names if name not in columns]
    columns |= resolve(free_names, (column for column in form.header if column not in taken))
    if not columns and schema.names:
        raise InvalidInput(
            "No column of the file has the name of an input of this model.",
            hint=f"The first row has to name the columns, such as {', '.join(map(repr, schema.names[:5]))}.",
        )
    _check_types(form, columns)
    by_name = {item.name: item for item in fields}
    absent = [name for name in schema.names if name not in columns]
    used = set(columns.values())
    extra = tuple(column for column in form.header if column not in used)
    free = [column for column in extra if column not in schema.unread and column != options.key_column]
    return Matching(
        columns={name: columns[name] for name in schema.names if name in columns},
        missing=tuple(name for name in absent if _needed(by_name[name])),
        optional=tuple(name for name in absent if not _needed(by_name[name])),
        extra=extra,
        suggestions={name: near for name in absent if (near := _suggest(by_name[name], free))},
        key_column=options.key_column,
    )


def _as_written(schema: ModelSchema, form: TableForm, options: FileOptions) -> FileOptions:
    """What is declared, with the names of features and columns as schema and file write them."""
    columns = options.columns or {}
    features, present = resolve(columns, schema.names), resolve(set(columns.values()), form.header)
    key = options.key_column
    return options.model_copy(
        update={
            "columns": {features.get(name, name): present.get(column, column) for name, column in columns.items()},
            "key_column": None if key is None else resolve([key], form.header).get(key, key),
        }
    )


def _needed(item: Field) -> bool:
    hidden = item.hidden or item.feature.hidden
    return not item.feature.missing_allowed and not hidden


def _check_declared(schema: ModelSchema, form: TableForm, options: FileOptions) -> None:
    declared = options.columns or {}
    problems = [
        Problem(name, "unknown_field", f"There is no input {name!r} to give a column to.")
        for name in declared
        if name not in schema.names
    ]
    problems += [
        Problem(name, "missing_column", f"The file has no column {column!r}, which is declared for {name!r}.")
        for name, column in declared.items()
        if column not in form.header
    ]
    if options.key_column is not None and options.key_column not in form.header:
        problems.append(
            Problem(None, "missing_column", f"The file has no column {options.key_column!r} to take the keys from.")
        )
    twice = sorted({column for column in declared.values() if list(declared.values()).count(column) > 1})
    problems += [
        Problem(None, "declared_twice", f"The column {column!r} is declared for several inputs.") for column in twice
    ]
    if problems:
        detail = problems[0].message if len(problems) == 1 else "What is declared about the columns does not fit."
        raise InvalidInput(detail, hint=f"The file's columns are: {', '.join(form.header[:20])}.", problems=problems)


def _check_types(form: TableForm, columns: dict[str, str]) -> None:
    types = dict(zip(form.header, form.types, strict=False))
    problems = [
        Problem(name, "wrong_type", f"The column {column!r} holds {types[column]}, not single values.")
        for name, column in columns.items()
        if types.get(column, "").startswith(_NESTED)
    ]
    if problems:
        raise InvalidInput(problems[0].message, hint="Write numbers, texts, truth values or dates.", problems=problems)


def _suggest(item: Field, free: Sequence[str]) -> tuple[str, ...]:
    """Free columns with the feature's label, the same words, or nearly the same letters."""
    if not free:
        return ()
    plain: dict[str, str] = {}
    for column in free:
        plain.setdefault(_plain(column), column)
    result = [plain[key] for key in dict.fromkeys((_plain(item.name), _plain(item.label))) if key in plain]
    for key in (_plain(item.name), _plain(item.label)):
        result += [plain[near] for near in difflib.get_close_matches(key, plain, n=2, cutoff=0.75)]
    return tuple(dict.fromkeys(result))[:3]


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower()
