"""Whether a record's values belong together, judged by the reference rows themselves.

Two signs: the record lies farther from its nearest reference rows than reference rows lie from
theirs; or two of its values hardly ever meet in the reference though each is common. Both
limits are high quantiles of what the reference's own rows show when each is left out of it.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping

import numpy as np
import pandas as pd

from modeldesk.core import formats
from modeldesk.model_service.engine.results import InputWarning, native
from modeldesk.model_service.neighbours.distance import ReferenceSpace, as_number, as_numbers, is_scale
from modeldesk.model_service.package.insights import UnusualLimits
from modeldesk.model_service.schema.schema import Feature, ModelSchema, Scalar

NEIGHBOURS = 5
QUANTILE = 0.995
LEARN_ROWS = 2_000
CHUNK_ROWS = 1_000
FEWEST_ROWS = 100
"""With fewer reference rows nothing can be said of what is usual."""
BINS = 5
CATEGORIES = 12
PAIR_FEATURES = 60
_SOME = (400, 2_000)
"""So many reference rows are looked at before all are."""
LEAST_SURPRISE = 3.0
"""A pair must be expected some twenty times as often as it is seen, whatever the quantile says."""

_NO_LABELS: Mapping[str, str] = {}


class UnusualCheck:
    """Warns of records whose values do not belong together. Safe from several threads.

    ``limits`` are those learnt at publication; None learns them from the reference now.
    """

    def __init__(self, schema: ModelSchema, reference: pd.DataFrame, limits: UnusualLimits | None = None) -> None:
        self.space = ReferenceSpace(schema, reference)
        self._pairs = _PairTable(self.space.features, reference)
        self.limits = limits or self._learn()

    def distance(self, vectors: np.ndarray) -> np.ndarray:
        """The mean distance (n,) of embedded rows to their nearest reference rows."""
        return np.asarray(self.space.nearest(vectors, NEIGHBOURS)[1].mean(axis=1))

    def check(self, frame: pd.DataFrame, labels: Mapping[str, str] = _NO_LABELS) -> list[InputWarning | None]:
        """For each row of typed inputs a warning, or None where its values belong together.
        ``labels`` are what people call the features."""
        warnings: list[InputWarning | None] = [None] * len(frame)
        if self.limits.distance is not None:
            warnings = self._too_far(self.space.embed(frame), labels)
        if self.limits.surprise is not None:
            for start in range(0, len(frame), CHUNK_ROWS):
                codes = self._pairs.code(frame.iloc[start : start + CHUNK_ROWS])
                for row, text in self._pairs.odd(codes, self.limits.surprise, labels):
                    warnings[start + row] = InputWarning(None, "unusual_combination", text)
        return warnings

    def check_record(self, record: Mapping[str, Scalar], labels: Mapping[str, str] = _NO_LABELS) -> InputWarning | None:
        """The same for one checked record, several times as fast."""
        if self.limits.surprise is not None:
            for _, text in self._pairs.odd(self._pairs.code_record(record), self.limits.surprise, labels):
                return InputWarning(None, "unusual_combination", text)
        if self.limits.distance is None:
            return None
        return self._too_far(self.space.embed_record(record), labels)[0]

    def _too_far(self, vectors: np.ndarray, labels: Mapping[str, str]) -> list[InputWarning | None]:
        """Rows beyond the limit. A row within it of some reference rows is within it of all, so most
        are settled by a few of these, and only the rest are held against more."""
        warnings: list[InputWarning | None] = [None] * len(vectors)
        rest = np.arange(len(vectors))
        for share in (*(_SOME if len(vectors) > 1 else ()), len(self.space)):
            if not len(rest):
                break
            among = np.arange(min(share, len(self.space)))
            indices, distances = self.space.nearest(vectors[rest], NEIGHBOURS, among)
            far = distances.mean(axis=1) > self.limits.distance
            rest, nearest = rest[far], indices[far, :1]
        for row, index in zip(rest.tolist(), nearest[:, 0].tolist() if len(rest) else (), strict=True):
            warnings[row] = self._far(vectors[row], index, labels)
        return warnings

    def _far(self, vector: np.ndarray, index: int, labels: Mapping[str, str]) -> InputWarning:
        gaps = self.space.gaps(vector, index)
        worst = [self.space.features[feature].name for feature in np.argsort(-gaps)[:2] if gaps[feature] > 0]
        worst = [labels.get(name, name) for name in worst]
        text = "This combination of values is unlike any published record"
        text += f"; even the most similar one differs most in {' and '.join(worst)}." if worst else "."
        return InputWarning(None, "unusual_combination", text)

    def _learn(self) -> UnusualLimits:
        rows = len(self.space)
        if rows < FEWEST_ROWS or not self.space.features:
            return UnusualLimits(distance=None, surprise=None, rows=rows)
        some = np.random.default_rng(0).permutation(rows)[:LEARN_ROWS]
        # The nearest to a reference row is itself, or a twin at the same distance of nothing.
        own = self.space.nearest(self.space.vectors[some], NEIGHBOURS + 1)[1][:, 1:].mean(axis=1)
        surprise = self._pairs.usual_surprise(some)
        return UnusualLimits(
            distance=float(np.quantile(own, QUANTILE)),
            surprise=None if surprise is None else max(surprise, LEAST_SURPRISE),
            rows=rows,
        )


class _PairTable:
    """How often values of any two features meet, numbers in bins of equally many rows."""

    def __init__(self, features: tuple[Feature, ...], reference: pd.DataFrame) -> None:
        suited = [feature for feature in features if feature.type != "text"]
        self._features = suited if 2 <= len(suited) <= PAIR_FEATURES else []
        self._binners = [_Binner(feature, reference[feature.name]) for feature in self._features]
        self._starts = np.cumsum([0, *(binner.size for binner in self._binners)])[:-1]
        self._rows = len(reference)
        if self._features:
            self._codes = self.code(reference)
            self._counts, self._first, self._second = self._count(reference)

    def code(self, frame: pd.DataFrame) -> np.ndarray:
        """Each feature's values as places in the table, (n, features)."""
        if not self._features:
            return np.zeros((len(frame), 0), dtype=int)
        columns = [binner.code(frame[binner.feature.name]) for binner in self._binners]
        return np.asarray(np.column_stack(columns) + self._starts)

    def code_record(self, record: Mapping[str, Scalar]) -> np.ndarray:
        """The same for one checked record, (1, features)."""
        codes = [binner.code_value(record[binner.feature.name]) for binner in self._binners]
        return np.asarray([codes], dtype=int) + self._starts if codes else np.zeros((1, 0), dtype=int)

    def _count(self, reference: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        width = sum(binner.size for binner in self._binners)
        present = np.zeros((len(reference), width), dtype=np.float32)
        np.put_along_axis(present, self._codes, 1.0, axis=1)
        first, second = np.triu_indices(len(self._features), 1)
        return present.T @ present, first, second

    def _surprise(self, codes: np.ndarray, left_out: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """For each row and pair: how much rarer than expected, times seen, times expected (n, pairs)."""
        one, other = codes[:, self._first], codes[:, self._second]
        alone = np.diagonal(self._counts) - left_out
        observed = self._counts[one, other] - left_out
        expected = alone[one] * alone[other] / max(self._rows - left_out, 1)
        return np.log((expected + 1) / (observed + 1)), observed, expected

    def usual_surprise(self, indices: np.ndarray) -> float | None:
        """The greatest surprise that all but few reference rows stay under, each left out."""
        if not self._features:
            return None
        return float(np.quantile(self._surprise(self._codes[indices], 1)[0].max(axis=1), QUANTILE))

    def odd(self, codes: np.ndarray, limit: float, labels: Mapping[str, str]) -> list[tuple[int, str]]:
        """The rows with a pair beyond the limit, and the worst such pair in words."""
        if not self._features:
            return []
        surprise, observed, expected = self._surprise(codes, 0)
        result = []
        for row in np.flatnonzero(surprise.max(axis=1) > limit):
            pair = int(surprise[row].argmax())
            parts = []
            for feature in (self._first[pair], self._second[pair]):
                parts.append(self._binners[feature].told(int(codes[row, feature] - self._starts[feature]), labels))
            times, usual = int(observed[row, pair]), float(expected[row, pair])
            often = "never" if times == 0 else "once" if times == 1 else f"{times} times"
            text = (
                f"{parts[0]} together with {parts[1]} is unusual: "
                f"seen {often} in {self._rows:,} published rows, where about {usual:,.0f} would be expected."
            )
            result.append((int(row), text))
        return result


class _Binner:
    """A feature's values as few codes, and the codes in words."""

    def __init__(self, feature: Feature, column: pd.Series) -> None:
        self.feature = feature
        self._scale = is_scale(feature)
        if self._scale:
            numbers = as_numbers(feature, column)
            numbers = numbers[np.isfinite(numbers)]
            cuts = np.quantile(numbers, np.arange(1, BINS) / BINS) if len(numbers) else np.zeros(0)
            self._cuts: list[float] = np.unique(cuts).tolist()
            self.size = len(self._cuts) + 2
        else:
            frequent = column.dropna().value_counts().index[: CATEGORIES - 1]
            self._names = [native(value) for value in frequent]
            self._places = {value: index for index, value in enumerate(self._names)}
            self.size = len(self._names) + 2

    def code(self, column: pd.Series) -> np.ndarray:
        """Codes (n,); the last one is for missing values."""
        if self._scale:
            numbers = as_numbers(self.feature, column)
            return np.where(np.isfinite(numbers), np.searchsorted(self._cuts, numbers, side="left"), self.size - 1)
        codes, distinct = pd.factorize(column.astype(object), use_na_sentinel=False)
        lookup = [self.code_value(None if pd.isna(value) else native(value)) for value in distinct]
        return np.array(lookup, dtype=int)[codes]

    def code_value(self, value: Scalar) -> int:
        """The code of one value as JSON carries it."""
        if value is None:
            return self.size - 1
        if not self._scale:
            return self._places.get(value, len(self._names))
        number = as_number(self.feature, value)
        return bisect_left(self._cuts, number) if math.isfinite(number) else self.size - 1

    def told(self, code: int, labels: Mapping[str, str]) -> str:
        """A code in words: ``age up to 30``, ``region = north``."""
        name = labels.get(self.feature.name, self.feature.name)
        if code == self.size - 1:
            return f"{name} missing"
        if not self._scale:
            return f"{name} = {self._names[code]}" if code < len(self._names) else f"{name} of a rare kind"
        shown = [self._shown(cut) for cut in self._cuts]
        if not shown:
            return f"any {name}"
        if code == 0:
            return f"{name} up to {shown[0]}"
        if code == len(shown):
            return f"{name} above {shown[-1]}"
        return f"{name} from {shown[code - 1]} to {shown[code]}"

    def _shown(self, cut: float) -> str:
        if self.feature.type in ("date", "datetime"):
            return formats.day(pd.Timestamp(int(cut), unit="s"))
        return formats.exact(float(f"{cut:.4g}"))
