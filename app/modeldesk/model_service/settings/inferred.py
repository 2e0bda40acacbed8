"""The first ``model.toml`` of a model: what can be guessed from names and data, for people to edit."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any, get_args

import numpy as np
import pandas as pd
import tomlkit
from tomlkit.items import AoT, Table

from modeldesk.core.labels import shortened
from modeldesk.model_service.package.manifest import Manifest
from modeldesk.model_service.schema.fields import default_widget, humane, labels_of
from modeldesk.model_service.schema.schema import Feature, ModelSchema
from modeldesk.model_service.settings.tables import LABEL_LENGTH, OneHotSettings, Widget

_GRID = re.compile(
    r"(?P<prefix>.*?(?:pixel|pix|px|img|image)[ _.-]?)(?P<row>\d+)[ _.,x-](?P<column>\d+)", re.IGNORECASE
)
_WORDS = re.compile(r"[A-Za-z]+|\d+")
_LATITUDE = frozenset({"latitude", "lat"})
_LONGITUDE = frozenset({"longitude", "lon", "lng", "long"})
_SMALLEST_IMAGE = 16
_GROUPS_FROM = 9
"""Below this many inputs a form needs no groups."""
_SMALLEST_GROUP = 3
_GROUPED_SHARE = 0.6

_SWITCH_SEPARATORS = re.compile(r"[_=:.\- ]+|\[")
_ENOUGH_TOGETHER = 10.0
"""Columns are taken for one choice where, were they set independently, at least so many rows would
have two of them set: that none has is then no chance."""

_HEAD = """How Modeldesk shows this model. Written once, from what could be inferred; from now on this file
is yours, and a running server follows it. An unknown key is an error that names its line.
Keys at the top: title, description, owner, unit (of the prediction), positive (the class that a
probability speaks of), threshold (decide for it from this probability on), level (of intervals)."""

_FEATURES = textwrap.fill(
    f"""One table an input. Keys: label, unit, help, group, order, widget ({", ".join(get_args(Widget))}), min and max
(limits: beyond them an input is refused), step, hidden, immutable (suggested changes leave it alone), monotone (1: they
may only raise it, -1: only lower it).""",
    100,
)

_ONE_HOT = """Columns of 0 and 1 that are one choice, of which exactly one is set (none = true: at most one). A record
with two of them set is refused. Take a table out where its columns are inputs of their own."""
_ONE_LINE = 6

_TAIL = """Rules look at the inputs and warn, or refuse an answer:
[[rules]]
when = "debt > 2 * income"
action = "warn"
text = "Debt over twice the income: a person decides"

[access]
groups = ["credit"]

[privacy]
show_records = false
masked = ["name"]
retention_days = 365"""


def inferred_text(
    *,
    name: str,
    title: str | None,
    manifest: Manifest,
    reference: pd.DataFrame,
    choices: Sequence[OneHotSettings] = (),
) -> str:
    """The text of a new ``model.toml``.

    ``reference`` holds rows of the published data; a pair of coordinates is only taken for one
    where its values can be coordinates. ``choices`` were found in all of the data.
    """
    schema = manifest.model_schema
    document = tomlkit.document()
    _comment(document, _HEAD)
    document.add(tomlkit.nl())
    document["title"] = title or humane(name.replace("-", " "))
    document["description"] = ""
    document["owner"] = ""
    document["unit"] = ""
    if manifest.task.has_positive:
        document["positive"] = manifest.classes[1]
    document.add(tomlkit.nl())
    _comment(document, _FEATURES)
    document.add(tomlkit.nl())
    image = image_of(schema)
    options = frozenset(column for choice in choices for column in choice.columns)
    document["features"] = _features(schema, frozenset(image[0]) if image else frozenset(), options, reference)
    if image:
        columns, width, height = image
        table = tomlkit.table()
        lines = tomlkit.array()
        for start in range(0, len(columns), width):
            lines.add_line(*columns[start : start + width], indent="  ")
        lines.add_line(indent="")
        table["columns"] = lines
        table["width"] = width
        table["height"] = height
        pictures = tomlkit.aot()
        pictures.append(table)
        document["image"] = pictures
    if choices:
        document["one_hot"] = _choices(choices)
    document.add(tomlkit.nl())
    _comment(document, _TAIL)
    return tomlkit.dumps(document)


def _comment(document: tomlkit.TOMLDocument | Table, text: str) -> None:
    for line in text.splitlines():
        document.add(tomlkit.comment(line))


def _choices(choices: Sequence[OneHotSettings]) -> AoT:
    tables = tomlkit.aot()
    for choice in choices:
        table = tomlkit.table()
        if not len(tables):
            _comment(table, _ONE_HOT)
        table["label"] = choice.label
        columns = tomlkit.array()
        columns.extend(choice.columns)
        table["columns"] = columns.multiline(len(choice.columns) > _ONE_LINE)
        if choice.none:
            table["none"] = True
        tables.append(table)
    return tables


def _features(schema: ModelSchema, pixels: frozenset[str], options: frozenset[str], reference: pd.DataFrame) -> Table:
    shown = [feature for feature in schema.features if feature.name not in pixels]
    groups = groups_of([item.name for item in shown if not item.hidden and item.name not in options])
    coordinates = coordinates_of(shown, reference)
    features = tomlkit.table(is_super_table=True)
    labels = labels_of([feature.name for feature in shown])
    for feature in shown:
        table = tomlkit.table()
        table["label"] = labels[feature.name]
        if feature.name in groups:
            table["group"] = shortened(groups[feature.name], LABEL_LENGTH)
        widget = coordinates.get(feature.name) or default_widget(feature)
        if feature.name not in options and widget in ("latitude", "longitude", "slider", "segmented"):
            table["widget"] = widget
        if feature.hidden:
            hidden = tomlkit.item(True)
            hidden.comment(f"{feature.hidden_reason}: its default is sent")
            table.append("hidden", hidden)
        features[feature.name] = table
    return features


def switches_of(schema: ModelSchema) -> list[str]:
    """The columns that may be options of a choice: never missing, with 0 and 1 as their only values, and
    named like another one."""
    names = [feature.name for feature in schema.features if _is_switch(feature)]
    shared = _by_prefix(names)
    return [name for name in names if any(name in members for members in shared.values())]


def choices_of(schema: ModelSchema, rows: pd.DataFrame) -> list[OneHotSettings]:
    """The choices that were encoded as columns of 0 and 1 before the model was fitted.

    ``rows`` are all published rows with the columns that ``switches_of`` names. Columns with a common
    prefix are one choice where no row has two of them set, though many would by chance; where some rows
    have none set, so may records.
    """
    names = switches_of(schema)
    values = {name: rows[name].to_numpy(dtype=float, na_value=np.nan) for name in names}
    result: list[OneHotSettings] = []
    taken: set[str] = set()
    for prefix, members in sorted(_by_prefix(names).items(), key=lambda item: len(item[0])):
        if len(members) < 2 or taken & set(members):
            continue
        table = np.column_stack([values[name] for name in members])
        if not _one_choice(table):
            continue
        taken |= set(members)
        label = shortened(humane(prefix), LABEL_LENGTH)
        result.append(OneHotSettings(label=label, columns=tuple(members), none=bool((table.sum(axis=1) == 0).any())))
    return sorted(result, key=lambda choice: names.index(choice.columns[0]))


def _is_switch(feature: Feature) -> bool:
    if feature.hidden or feature.missing_share:
        return False
    return feature.type == "boolean" or (feature.numeric and (feature.minimum, feature.maximum) == (0, 1))


def _by_prefix(names: Sequence[str]) -> dict[str, list[str]]:
    """Names by every beginning that ends before a separator, where several share it."""
    result: dict[str, list[str]] = {}
    for name in names:
        for match in _SWITCH_SEPARATORS.finditer(name):
            if match.start() > 0 and match.end() < len(name):
                result.setdefault(name[: match.start()], []).append(name)
    return {prefix: members for prefix, members in result.items() if len(members) > 1}


def _one_choice(table: np.ndarray) -> bool:
    """Whether of these columns (n, k) no row has two set, and that is no chance."""
    if not np.isin(table, (0.0, 1.0)).all() or (table.sum(axis=1) > 1).any():
        return False
    shares = table.mean(axis=0)
    return bool(len(table) * (shares.sum() ** 2 - (shares**2).sum()) / 2 >= _ENOUGH_TOGETHER)


def groups_of(names: Sequence[str]) -> dict[str, str]:
    """Groups by a first or last word that many names share: ``mean radius``, ``mean area`` … and
    ``radius error``, ``area error`` … make Mean and Error. Empty where few names would be grouped."""
    if len(names) < _GROUPS_FROM:
        return {}
    ends = {name: _ends(name) for name in names}
    result: dict[str, str] = {}
    while True:
        sizes: dict[tuple[str, int], int] = {}
        for name in names:
            if name not in result:
                for end in ends[name]:
                    sizes[end] = sizes.get(end, 0) + 1
        best = max(sizes, key=lambda end: sizes[end], default=None)
        if best is None or sizes[best] < _SMALLEST_GROUP:
            break
        result.update({name: humane(best[0]) for name in names if name not in result and best in ends[name]})
    several = len(set(result.values())) > 1
    return result if several and len(result) >= _GROUPED_SHARE * len(names) else {}


def _ends(name: str) -> tuple[tuple[str, int], ...]:
    words = [word.lower() for word in re.split(r"[ _.\-]+", name) if word and not word.isdigit()]
    return ((words[0], 0), (words[-1], -1)) if len(words) > 1 else ()


def coordinates_of(features: Iterable[Feature], reference: pd.DataFrame) -> dict[str, str]:
    """Pairs of columns that are a latitude and a longitude, by name and by range."""
    result: dict[str, dict[tuple[str, ...], str]] = {"latitude": {}, "longitude": {}}
    for feature in features:
        if not feature.numeric:
            continue
        words = [word.lower() for word in _WORDS.findall(feature.name)]
        for kind, known, most in (("latitude", _LATITUDE, 90.0), ("longitude", _LONGITUDE, 180.0)):
            rest = tuple(word for word in words if word not in known)
            if len(rest) == len(words) - 1 and _within(reference, feature.name, most):
                result[kind].setdefault(rest, feature.name)
    pairs = result["latitude"].keys() & result["longitude"].keys()
    return {result[kind][rest]: kind for kind in result for rest in pairs}


def _within(reference: pd.DataFrame, name: str, most: float) -> bool:
    values: Any = reference[name].dropna() if name in reference else pd.Series(dtype=float)
    return bool(values.between(-most, most).all())


def image_of(schema: ModelSchema) -> tuple[list[str], int, int] | None:
    """Columns named like ``pixel_0_0`` … ``pixel_7_7`` that fill a grid: the columns row by row,
    width and height. None where there is none, or where a cell is missing."""
    cells: dict[str, dict[tuple[int, int], str]] = {}
    for feature in schema.features:
        match = _GRID.fullmatch(feature.name)
        if match and feature.numeric:
            index = int(match["row"]), int(match["column"])
            cells.setdefault(match["prefix"].lower(), {})[index] = feature.name
    for grid in cells.values():
        rows = sorted({row for row, _ in grid})
        columns = sorted({column for _, column in grid})
        whole = len(grid) == len(rows) * len(columns) >= _SMALLEST_IMAGE
        if whole and _gapless(rows) and _gapless(columns):
            return [grid[row, column] for row in rows for column in columns], len(columns), len(rows)
    return None


def _gapless(numbers: Sequence[int]) -> bool:
    return numbers[0] in (0, 1) and numbers[-1] - numbers[0] + 1 == len(numbers)
