"""What charts of the Explore page show, worked out: parts of columns, and figures of the rows in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from modeldesk.services.explore.parts import Dimension, Parts

Figures = Sequence[float | None]
"""One for each part; None where no row has a value."""

LEAST_ROWS, LEAST_SHARE = 30, 0.01
"""Rows that a part needs to be compared with others: the lesser of a count and a share of all."""


def least_rows(rows: Figures) -> int:
    """How many rows a part needs to be compared with the others."""
    return max(1, min(LEAST_ROWS, round(LEAST_SHARE * sum(count or 0 for count in rows))))


def comparable(rows: Figures) -> tuple[bool, ...]:
    """Which parts have rows enough to be compared with the others: charts set the others apart, and
    sentences leave them out. Where no part has enough, all are compared."""
    least = least_rows(rows)
    result = tuple((count or 0) >= least for count in rows)
    return result if any(result) else tuple(bool(count) for count in rows)


@dataclass(frozen=True, slots=True)
class Key:
    """Key figures of some rows. ``answer`` and ``actual`` are averages or shares; ``known`` counts rows with an
    outcome; ``error`` is the typical error (root mean square) of numbers, and ``right`` the share of right
    classes; ``warned`` counts rows with warnings, where that is known."""

    rows: float
    answer: float | None
    known: float
    actual: float | None
    error: float | None
    right: float | None
    warned: float | None


@dataclass(frozen=True, slots=True)
class Bars:
    """Rows by the parts of a column: ``every`` row of the source, and those that pass the filters on other
    columns. ``beyond`` counts what is outside the parts, and ``missing`` what has no value, among the latter.
    ``chosen`` parts are those that pass the filters on this column; None where there are none."""

    parts: Parts
    every: Figures
    some: Figures
    answer_every: Figures
    answer_some: Figures
    beyond: float
    missing: float
    chosen: tuple[bool, ...] | None


@dataclass(frozen=True, slots=True)
class Course:
    """Answers and outcomes by spans of time, with the rows in each."""

    parts: Parts
    every: Figures
    some: Figures
    actual: Figures
    rows: Figures
    known: Figures
    chosen: tuple[bool, ...] | None


@dataclass(frozen=True, slots=True)
class Grid:
    """The answer, and the rows, by the parts of two columns: rows of parts of ``y``, each by those of
    ``x``; which of these pass the filters on the two columns."""

    x: Parts
    y: Parts
    answer: Sequence[Figures]
    rows: Sequence[Figures]
    chosen_x: tuple[bool, ...] | None
    chosen_y: tuple[bool, ...] | None

    @property
    def filtered(self) -> bool:
        """Whether a filter is on either column."""
        return self.chosen_x is not None or self.chosen_y is not None

    def passes(self, row: int, column: int) -> bool:
        """Whether a cell passes the filters on the two columns."""
        return (self.chosen_y is None or self.chosen_y[row]) and (self.chosen_x is None or self.chosen_x[column])


@dataclass(frozen=True, slots=True)
class Boxes:
    """How the prediction is spread within each part of a column: the 5th, 25th, 50th, 75th and 95th
    percentile, with the rows in each."""

    parts: Parts
    value: Dimension
    marks: Sequence[Figures]
    rows: Figures
    chosen: tuple[bool, ...] | None


@dataclass(frozen=True, slots=True)
class Scatter:
    """Some rows as points: ``shade`` is that of the column ``shaded``, the prediction, where the axes are two
    inputs. ``rows`` pass the filters on other columns; ``chosen`` points pass those on the axes too (None:
    there are none)."""

    x: Dimension
    y: Dimension
    shaded: Dimension | None
    xs: Figures
    ys: Figures
    shade: Figures | None
    rows: float
    chosen: tuple[bool, ...] | None = None


@dataclass(frozen=True, slots=True)
class Map:
    """The answer by place: the mean coordinates of the rows in each cell of a grid, of which the ``chosen``
    pass the filters on these coordinates (None: there are none)."""

    latitude: Parts
    longitude: Parts
    lats: Figures
    lons: Figures
    answer: Figures
    rows: Figures
    chosen: tuple[bool, ...] | None = None


Pair = Grid | Boxes | Scatter


@dataclass(frozen=True, slots=True)
class Exploration:
    """Everything that a repaint shows. ``read`` rows of ``rows`` were looked at; where these differ, counts
    are estimates from a uniform sample. A chart is None where there is nothing to draw it by."""

    every: Key
    some: Key
    distribution: Bars
    by: Bars | None
    course: Course | None
    pair: Pair | None
    map: Map | None
    read: int
    rows: int

    @property
    def exact(self) -> bool:
        """Whether every row was looked at."""
        return self.read == self.rows
