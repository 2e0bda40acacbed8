"""How a model's inputs are laid out: columns, groups, matrices, maps and images. No components here."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from modeldesk.model_service.schema.fields import Field, humane
from modeldesk.model_service.schema.one_hot import OneHot
from modeldesk.model_service.settings.model_settings import ImageSettings

ONE_COLUMN = 8
TWO_COLUMNS = 24
FOLDED_FROM = 41
_MATRIX_ROWS = 3
_MATRIX_COLUMNS = 4


@dataclass(frozen=True, slots=True)
class MapInput:
    """A pair of coordinates, shown as one map over two numbers."""

    latitude: Field
    longitude: Field

    @property
    def fields(self) -> tuple[Field, ...]:
        """The two numbers under the map."""
        return (self.latitude, self.longitude)


@dataclass(frozen=True, slots=True)
class ImageInput:
    """Numeric columns that are one picture, row by row from the top left."""

    width: int
    height: int
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class ChoiceInput:
    """Columns of 0 and 1 that are one choice."""

    choice: OneHot
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """The inputs of one thing, one under each column of its matrix."""

    label: str
    unit: str | None
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Inputs whose names share a pattern (mean, error and worst of each measure)."""

    columns: tuple[str, ...]
    rows: tuple[MatrixRow, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        """All inputs, row by row."""
        return tuple(field for row in self.rows for field in row.fields)


Whole = MapInput | ImageInput | ChoiceInput
"""Several columns that are one input."""
Item = Field | MapInput | ImageInput | ChoiceInput | Matrix


@dataclass(frozen=True, slots=True)
class Group:
    """Inputs under one heading (None: no heading). ``folded`` groups open where something in
    them was changed or needs a look."""

    title: str | None
    items: tuple[Item, ...]
    folded: bool = False

    @property
    def fields(self) -> tuple[Field, ...]:
        """Every field of the group."""
        return tuple(field for item in self.items for field in ([item] if isinstance(item, Field) else item.fields))


@dataclass(frozen=True, slots=True)
class FormPlan:
    """A whole form. ``inputs`` counts what a person fills in: an image, a map or a choice is one.
    ``searchable`` forms are long enough to need finding one's way."""

    groups: tuple[Group, ...]
    columns: int
    inputs: int

    @property
    def searchable(self) -> bool:
        """Whether the form offers "Find an input"."""
        return self.columns == 3

    @property
    def fields(self) -> tuple[Field, ...]:
        """Every field that is shown, in order."""
        return tuple(field for group in self.groups for field in group.fields)

    @property
    def choices(self) -> tuple[ChoiceInput, ...]:
        """The choices of several columns, in order."""
        return tuple(item for group in self.groups for item in group.items if isinstance(item, ChoiceInput))

    @property
    def numbers(self) -> dict[str, int]:
        """The number of the input that each column is shown in: its own, or that of its choice, which
        come after all fields."""
        numbers = {field.name: n for n, field in enumerate(self.fields) if field.widget != "pixel"}
        for n, item in enumerate(self.choices, start=len(self.fields)):
            numbers |= {field.name: n for field in item.fields}
        return numbers


def plan_form(
    fields: Sequence[Field], images: Sequence[ImageSettings] = (), choices: Sequence[OneHot] = ()
) -> FormPlan:
    """Lay out the visible fields of a model, in their order."""
    shown = [field for field in fields if not field.hidden]
    pairs = coordinate_pairs(shown)
    pictures = _pictures(shown, images)
    wholes: tuple[Whole, ...] = (*pairs, *pictures, *_choices(shown, choices))
    inputs = len(shown) - sum(len(whole.fields) - 1 for whole in wholes)
    columns = 1 if inputs <= ONE_COLUMN else 2 if inputs <= TWO_COLUMNS else 3
    whole = matrix(shown) if columns == 3 else None
    if whole is not None and len(whole.fields) == len(shown):
        return FormPlan((Group(None, (whole,)),), columns, inputs)
    groups = [
        Group(title, _items(list(members), wholes, columns))
        for title, members in groupby(shown, key=lambda field: field.group)
    ]
    groups = [group for group in groups if group.items]
    if inputs >= FOLDED_FROM and len(groups) > 1:
        groups = [groups[0], *(replace(group, folded=True) for group in groups[1:])]
    return FormPlan(tuple(groups), columns, inputs)


def coordinate_pairs(fields: Sequence[Field]) -> tuple[MapInput, ...]:
    """Latitudes with their longitudes, first with first. A coordinate without a partner stays a number."""
    latitudes = [field for field in fields if field.widget == "latitude"]
    longitudes = [field for field in fields if field.widget == "longitude"]
    return tuple(MapInput(*pair) for pair in zip(latitudes, longitudes, strict=False))


def matrix(fields: Sequence[Field]) -> Matrix | None:
    """The matrix that these fields form, if each measure comes in the same few variants.

    Found from groups that repeat the same labels (``Radius``, or ``Radius, mean`` in the group
    ``Mean``), else from names that differ in their first or last word only (``mean radius``,
    ``radius error``).
    """
    if any(field.widget not in ("number", "slider") for field in fields):
        return None
    return _matrix_of_groups(fields) or _matrix_of_names(fields)


def _matrix_of_groups(fields: Sequence[Field]) -> Matrix | None:
    groups: dict[str, list[Field]] = defaultdict(list)
    for field in fields:
        if field.group is None:
            return None
        groups[field.group].append(field)
    if not 2 <= len(groups) <= _MATRIX_COLUMNS:
        return None
    by_measure = [{_measure(field): field for field in group} for group in groups.values()]
    measures = list(by_measure[0])
    if len(measures) < _MATRIX_ROWS or any(set(column) != set(measures) for column in by_measure):
        return None
    if len(fields) != len(measures) * len(groups):
        return None
    return Matrix(tuple(groups), tuple(_row(name, tuple(column[name] for column in by_measure)) for name in measures))


def _measure(field: Field) -> str:
    """``Radius`` of the label ``Radius, mean`` in the group ``Mean``; else the whole label."""
    measure, _, variant = field.label.rpartition(", ")
    return measure if measure and variant.casefold() == (field.group or "").casefold() else field.label


def _matrix_of_names(fields: Sequence[Field]) -> Matrix | None:
    splits: list[dict[str, str]] = []
    stems_of: dict[str, set[str]] = defaultdict(set)
    for field in fields:
        words = re.split(r"[\s_.\-]+", field.name.strip())
        options = {words[0]: " ".join(words[1:]), words[-1]: " ".join(words[:-1])} if len(words) > 1 else {}
        splits.append(options)
        for variant, stem in options.items():
            stems_of[variant].add(stem)
    shared = Counter(frozenset(stems) for stems in stems_of.values() if len(stems) >= _MATRIX_ROWS)
    for stems, variants_count in shared.most_common():
        variants = [variant for variant, found in stems_of.items() if found == stems]
        if not 2 <= variants_count <= _MATRIX_COLUMNS or variants_count * len(stems) != len(fields):
            continue
        cells = {
            (stem, variant): field
            for field, options in zip(fields, splits, strict=True)
            for variant, stem in options.items()
            if variant in variants and stem in stems
        }
        if len(cells) != len(fields):
            continue
        order = dict.fromkeys(stem for stem, variant in cells if variant == variants[0])
        rows = tuple(_row(humane(stem), tuple(cells[stem, variant] for variant in variants)) for stem in order)
        return Matrix(tuple(humane(variant) for variant in variants), rows)
    return None


def _row(label: str, fields: tuple[Field, ...]) -> MatrixRow:
    units = {field.unit for field in fields}
    return MatrixRow(label, fields[0].unit if len(units) == 1 else None, fields)


def _pictures(fields: Iterable[Field], images: Sequence[ImageSettings]) -> tuple[ImageInput, ...]:
    by_name = {field.name: field for field in fields}
    return tuple(
        ImageInput(image.width, image.height, tuple(by_name[name] for name in image.columns)) for image in images
    )


def _choices(fields: Iterable[Field], choices: Sequence[OneHot]) -> tuple[ChoiceInput, ...]:
    by_name = {field.name: field for field in fields}
    return tuple(ChoiceInput(choice, tuple(by_name[name] for name in choice.columns)) for choice in choices)


def _items(members: Sequence[Field], wholes: Sequence[Whole], columns: int) -> tuple[Item, ...]:
    """The group's fields in order, with each map, picture and choice where its first field stands."""
    taken: dict[str, Whole] = {}
    for whole in wholes:
        for field in whole.fields:
            taken[field.name] = whole
    firsts = {whole.fields[0].name for whole in wholes}
    items: list[Item] = []
    for field in members:
        if field.name not in taken:
            items.append(field)
        elif field.name in firsts:
            items.append(taken[field.name])
    plain = [item for item in items if isinstance(item, Field)]
    table = matrix(plain) if columns == 3 and len(plain) == len(items) and len(plain) > ONE_COLUMN else None
    return (table,) if table is not None else tuple(items)
