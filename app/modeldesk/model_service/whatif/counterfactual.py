"""Counterfactuals: the smallest changes of a record that reach a goal.

Single values first, then pairs of them, and beside these the way to the nearest reference
records that have reached it (NICE: Brughmans, Leyman and Martens 2021): values are taken over
from such a neighbour one by one, the most helpful first, and those that prove needless are
given back. All candidates of a step are asked in one call of the model, numbers are then moved
back as far as the goal allows, and what is suggested has been answered by the model itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from modeldesk.model_service.engine.results import Output, Outputs
from modeldesk.model_service.neighbours.distance import as_numbers
from modeldesk.model_service.schema.fields import Field
from modeldesk.model_service.schema.frames import frame_of, frame_of_columns, records_of
from modeldesk.model_service.schema.schema import ModelSchema, Scalar
from modeldesk.model_service.uncertainty.outliers import UnusualCheck
from modeldesk.model_service.whatif.changes import alternatives, between, may_become
from modeldesk.model_service.whatif.goals import Goal, Judge
from modeldesk.model_service.whatif.row_mixer import Palette

Score = Callable[[pd.DataFrame], Outputs]

SECONDS = 3.0
CHUNK_ROWS = 4096
NEIGHBOURS, NEIGHBOURS_TRIED = 6, 60
MAX_CHANGES = 12
FURTHER_CHANGES = 2
"""How many more changes than the fewest another suggestion may take."""
PAIRED = 48
"""As many of the most helpful single values are tried in pairs first."""
MAX_PAIRED = 2_000
"""Two million pairs take minutes; images have more values than this."""
NARROWING = 8


@dataclass(frozen=True, slots=True)
class Change:
    """One input's present value and the suggested one."""

    feature: str
    before: Scalar
    after: Scalar


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A changed record that reaches the goal, and what the model says of it. ``distance`` is from
    the present record, 0 to about 1; ``unusual`` says that such a record would be an odd one."""

    changes: tuple[Change, ...]
    record: Mapping[str, Scalar]
    output: Output
    distance: float
    unusual: bool


@dataclass(frozen=True, slots=True)
class Suggestions:
    """The suggestions, fewest changes first, usual records before odd ones.

    ``already`` says that the record reaches the goal as it is; ``complete`` that there was time to
    try every change of one or two inputs, or some of those reach it.
    """

    goal: Goal
    items: tuple[Suggestion, ...]
    already: bool = False
    complete: bool = True


@dataclass(frozen=True)
class Surroundings:
    """What a search needs of a version besides its answers.

    ``unusual`` was made from ``reference``, and ``outputs`` are the answers to it. Without
    ``follow_records`` no single reference record is taken for a model of the change.
    """

    schema: ModelSchema
    fields: Sequence[Field]
    reference: pd.DataFrame
    outputs: Outputs
    unusual: UnusualCheck
    follow_records: bool = True


def suggest_changes(
    score: Score,
    around: Surroundings,
    record: Mapping[str, Any],
    goal: Goal,
    *,
    count: int = 4,
    seconds: float = SECONDS,
) -> Suggestions:
    """Changes of a checked record that make ``score`` reach the goal, at most ``count``.

    Inputs that are immutable or hidden stay, those with a direction only go that way, limits hold.
    After ``seconds`` the search ends with what it has. Raises InvalidInput for a goal that the
    model cannot have, and what ``score`` raises.
    """
    now = score(frame_of(around.schema, [record]))
    judge = Judge(goal, now)
    if bool(judge.reached(now)[0]):
        return Suggestions(goal, (), already=True)
    search = _Search(score, around, record, judge, time.monotonic() + seconds)
    complete = search.run()
    return Suggestions(goal, search.best(count), complete=complete)


class _Search:
    """One search. Candidates are rows of places into lists of values, one list an input; place 0
    is the present value."""

    def __init__(
        self, score: Score, around: Surroundings, record: Mapping[str, Any], judge: Judge, deadline: float
    ) -> None:
        self._score, self._around, self._judge, self._deadline = score, around, judge, deadline
        self._record = dict(record)
        self._space = around.unusual.space
        self._here = self._space.embed(frame_of(around.schema, [record]))
        by_name = {field.name: field for field in around.fields}
        self._fields = [by_name[name] for name in around.schema.names]
        self._names = around.schema.names
        self._values: list[list[Scalar]] = [
            [record[field.name], *alternatives(field, record[field.name], around.reference[field.name])]
            for field in self._fields
        ]
        self._grid = [len(values) for values in self._values]
        self._neighbours = self._take_neighbours()
        self._palette, self._gaps = self._make_palette()
        self._found: dict[tuple[int, ...], tuple[float, np.ndarray]] = {}

    def run(self) -> bool:
        """Search; whether all changes of one or two inputs were looked at, or shorter ones found."""
        singles, progress = self._singles()
        if not self._found:
            self._helpful_pairs(singles, progress)
        fewest = self._fewest()
        self._follow_neighbours(MAX_CHANGES if fewest is None else min(fewest + 1, MAX_CHANGES))
        fewest = self._fewest()
        return (fewest is not None and fewest <= 2) or self._all_pairs(singles, progress)

    def best(self, count: int) -> tuple[Suggestion, ...]:
        """The found candidates with fewest and smallest changes, narrowed and verified."""
        fewest = self._fewest()
        if fewest is None:
            return ()
        few = [item for item in self._found.items() if len(item[0]) <= fewest + FURTHER_CHANGES]
        few.sort(key=lambda item: (len(item[0]), item[1][0]))
        records = self._narrow([self._as_record(row) for _, (_, row) in few[: 2 * count]])
        frame = frame_of(self._around.schema, records)
        # One by one, as they would be asked: a joint call may round differently in the last digit.
        answers = [self._score(frame.iloc[[row]]) for row in range(len(frame))]
        outlier = self._around.unusual.check(frame)
        distances = np.sqrt(((self._space.embed(frame) - self._here) ** 2).sum(axis=1) / max(len(self._names), 1))
        result = [
            Suggestion(self._changes(record), record, answer.row(0), float(distances[row]), outlier[row] is not None)
            for row, (record, answer) in enumerate(zip(records, answers, strict=True))
            if self._judge.reached(answer)[0]
        ]
        result.sort(key=lambda item: (len(item.changes), item.unusual, item.distance))
        return tuple(result[:count])

    def _fewest(self) -> int | None:
        return min(map(len, self._found), default=None)

    # ---- candidates ---------------------------------------------------------------------------

    def _take_neighbours(self) -> np.ndarray:
        """Add the values of the nearest reference rows that reach the goal; their candidates (n, m)."""
        around = self._around
        unlike = np.flatnonzero(self._judge.reached(around.outputs) & around.follow_records)
        if not len(unlike):
            return np.zeros((0, len(self._names)), dtype=np.intp)
        indices = self._space.nearest(self._here, NEIGHBOURS_TRIED, among=unlike)[0][0]
        records = records_of(around.schema, around.reference.iloc[indices])
        rows = np.zeros((len(records), len(self._names)), dtype=np.intp)
        known = [{value: index for index, value in enumerate(values)} for values in self._values]
        for row, neighbour in enumerate(records):
            for column, field in enumerate(self._fields):
                value = neighbour[field.name]
                if not may_become(field, self._record[field.name], value):
                    continue
                if value not in known[column]:
                    known[column][value] = len(self._values[column])
                    self._values[column].append(value)
                rows[row, column] = known[column][value]
        return np.unique(rows[rows.any(axis=1)], axis=0) if rows.any() else rows[:0]

    def _make_palette(self) -> tuple[Palette, np.ndarray]:
        """The values as rows to mix, and how far each is from the present one, (values, inputs)."""
        around = self._around
        longest = max(map(len, self._values))
        padded = {
            name: values + [values[0]] * (longest - len(values))
            for name, values in zip(self._names, self._values, strict=True)
        }
        table = frame_of_columns(around.schema, padded, longest)
        vectors = self._space.embed(table)
        squared = (vectors - vectors[:1]) ** 2
        gaps = np.zeros((longest, len(self._names)))
        for feature, part in zip(self._space.features, self._space.slices, strict=True):
            gaps[:, self._names.index(feature.name)] = squared[:, part].sum(axis=1)
        return Palette(table), gaps

    def _ask(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Whether candidates (n, m) reach the goal, and how near they come; those that do are kept.
        What time does not allow to be asked has come nowhere near."""
        reached, progress = np.zeros(len(rows), dtype=bool), np.full(len(rows), -np.inf)
        for low in range(0, len(rows), CHUNK_ROWS):
            if time.monotonic() > self._deadline:
                break
            part = slice(low, low + CHUNK_ROWS)
            outputs = self._score(self._palette.mix(rows[part]))
            reached[part], progress[part] = self._judge.reached(outputs), self._judge.progress(outputs)
        self._keep(rows[reached])
        return reached, progress

    def _keep(self, rows: np.ndarray) -> None:
        """Keep, for each set of changed inputs, the candidate with the smallest changes."""
        costs = self._gaps[rows, np.arange(rows.shape[1])].sum(axis=1)
        for row, cost in zip(rows, costs, strict=True):
            changed = tuple(np.flatnonzero(row).tolist())
            if changed not in self._found or cost < self._found[changed][0]:
                self._found[changed] = (float(cost), row)

    # ---- the three ways -----------------------------------------------------------------------

    def _singles(self) -> tuple[np.ndarray, np.ndarray]:
        """Every value of the grid alone: (input, place) pairs (n, 2) and how near each comes (n,)."""
        pairs = [(column, index) for column, size in enumerate(self._grid) for index in range(1, size)]
        singles = np.array(pairs, dtype=np.intp).reshape(-1, 2)
        rows = np.zeros((len(singles), len(self._names)), dtype=np.intp)
        rows[np.arange(len(singles)), singles[:, 0]] = singles[:, 1]
        return singles, self._ask(rows)[1]

    def _helpful_pairs(self, singles: np.ndarray, progress: np.ndarray) -> None:
        """The most helpful values in pairs, and the two most helpful of every input."""
        order = np.argsort(-progress, kind="stable")
        helpful = set(order[:PAIRED].tolist())
        for column in np.unique(singles[:, 0]):
            helpful.update(order[singles[order, 0] == column][:2].tolist())
        first, second = self._combine(np.array(sorted(helpful), dtype=np.intp), singles)
        self._ask(self._both(singles, first, second))

    def _all_pairs(self, singles: np.ndarray, progress: np.ndarray) -> bool:
        """All values in pairs, the most promising first, until some reach the goal. Whether all
        were looked at, or some reach it."""
        order = np.argsort(-progress, kind="stable")
        rank = np.empty(len(order))
        rank[order] = np.arange(len(order))
        first, second = self._combine(order[:MAX_PAIRED], singles)
        sequence = np.argsort(rank[first] + rank[second], kind="stable")
        for low in range(0, len(sequence), CHUNK_ROWS):
            if time.monotonic() > self._deadline:
                return False
            part = sequence[low : low + CHUNK_ROWS]
            if bool(self._ask(self._both(singles, first[part], second[part]))[0].any()):
                return True
        return len(order) <= MAX_PAIRED

    @staticmethod
    def _combine(indices: np.ndarray, singles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """All pairs of the singles at some places that concern two inputs."""
        one, other = np.triu_indices(len(indices), 1)
        one, other = indices[one], indices[other]
        apart = singles[one, 0] != singles[other, 0]
        return one[apart], other[apart]

    def _both(self, singles: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        rows = np.zeros((len(first), len(self._names)), dtype=np.intp)
        each = np.arange(len(first))
        rows[each, singles[first, 0]] = singles[first, 1]
        rows[each, singles[second, 0]] = singles[second, 1]
        return rows

    def _follow_neighbours(self, longest: int) -> None:
        """Take values over from neighbours that reach the goal, one by one, at most ``longest``."""
        if not len(self._neighbours):
            return
        reached, _ = self._ask(self._neighbours)
        ways = self._neighbours[reached]
        costs = self._gaps[ways, np.arange(ways.shape[1])].sum(axis=1)
        ways = ways[np.argsort(costs, kind="stable")[:NEIGHBOURS]]
        at = np.zeros_like(ways)
        arrived = []
        for _ in range(longest):
            if not len(ways):
                break
            way, column = np.nonzero((ways != 0) & (at == 0))
            steps = at[way].copy()
            steps[np.arange(len(steps)), column] = ways[way, column]
            there, progress = self._ask(steps)
            going = []
            for number in range(len(ways)):
                own = np.flatnonzero(way == number)
                if not len(own):
                    continue
                pick = own[np.argmax(np.where(there[own], np.inf, progress[own]))]
                at[number] = steps[pick]
                if there[pick]:
                    arrived.append(at[number].copy())
                else:
                    going.append(number)
            ways, at = ways[going], at[going]
        self._give_back(arrived)

    def _give_back(self, rows: list[np.ndarray]) -> None:
        """Undo the changes that prove needless."""
        for _ in range(MAX_CHANGES):
            parents = [row for row in rows if np.count_nonzero(row) > 1]
            if not parents:
                return
            children = []
            for row in parents:
                for column in np.flatnonzero(row):
                    child = row.copy()
                    child[column] = 0
                    children.append(child)
            batch = np.unique(np.array(children), axis=0)
            rows = list(batch[self._ask(batch)[0]])[: 4 * NEIGHBOURS]

    # ---- from candidates to suggestions -------------------------------------------------------

    def _as_record(self, row: np.ndarray) -> dict[str, Scalar]:
        return {
            name: values[index] for name, values, index in zip(self._names, self._values, row.tolist(), strict=True)
        }

    def _narrow(self, records: list[dict[str, Scalar]]) -> list[dict[str, Scalar]]:
        """Move changed numbers back towards the present: the records' first changes together, then
        their second ones, and so on."""
        for turn in range(max(len(self._changes(record)) for record in records)):
            owners, candidates = [], []
            for owner, record in enumerate(records):
                for value in self._nearer(record, turn):
                    owners.append(owner)
                    candidates.append({**record, self._changes(record)[turn].feature: value})
            if not candidates or time.monotonic() > self._deadline:
                continue
            reached = self._judge.reached(self._score(frame_of(self._around.schema, candidates)))
            # The nearest to the present come first, so the last one to be written is the nearest.
            for index in np.flatnonzero(reached)[::-1]:
                records[owners[index]] = candidates[index]
        return records

    def _nearer(self, record: dict[str, Scalar], turn: int) -> list[Scalar]:
        """Values between the present one and that of the record's change number ``turn``."""
        changes = self._changes(record)
        if turn >= len(changes):
            return []
        change = changes[turn]
        field = self._fields[self._names.index(change.feature)]
        if not field.feature.numeric:
            return []
        low, high = np.nanquantile(as_numbers(field.feature, self._around.reference[field.name]), [0.05, 0.95])
        return between(field, change.before, change.after, float(high - low), NARROWING)

    def _changes(self, record: Mapping[str, Scalar]) -> tuple[Change, ...]:
        return tuple(
            Change(name, self._record[name], record[name]) for name in self._names if record[name] != self._record[name]
        )
