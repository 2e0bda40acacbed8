"""How far apart records of mixed types are.

Each record becomes a vector whose squared Euclidean distances are a mean over the features, in
the manner of Gower (1971): numbers and dates by the width of the middle nine tenths of the
reference, 1 for another category, 1 for missing against known, 1 − cosine of the words for
texts. One matrix product then compares a record with ten thousand in well under a millisecond.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Protocol

import numpy as np
import pandas as pd

from modeldesk.model_service.engine.results import native
from modeldesk.model_service.schema.schema import Feature, ModelSchema, Scalar

OWN_SLOTS, SHARED_SLOTS = 48, 16
"""Frequent categories have a place of their own in the vector; rarer ones share some."""
TEXT_SLOTS = 256
QUERY_ROWS = 512


class Encoder(Protocol):
    """One feature's part of the vectors."""

    width: int

    def column(self, values: pd.Series) -> np.ndarray:
        """A typed column as vectors, (n, width)."""

    def value(self, value: Scalar) -> np.ndarray:
        """The same for one value as JSON carries it, (width,): a single record is not worth a table."""


class ReferenceSpace:
    """The reference rows as vectors. Hidden features (constants, identifiers) do not count.

    Immutable after its making; safe from several threads.
    """

    def __init__(self, schema: ModelSchema, reference: pd.DataFrame) -> None:
        self.features: tuple[Feature, ...] = tuple(feature for feature in schema.features if not feature.hidden)
        self._encoders = [_encoder(feature, reference[feature.name]) for feature in self.features]
        starts = np.cumsum([0, *(encoder.width for encoder in self._encoders)]).tolist()
        self.slices = [slice(start, stop) for start, stop in pairwise(starts)]
        self.vectors = self.embed(reference)
        self._norms = np.einsum("ij,ij->i", self.vectors, self.vectors)

    def __len__(self) -> int:
        return len(self.vectors)

    def embed(self, frame: pd.DataFrame) -> np.ndarray:
        """Rows of a typed frame as vectors, (n, d)."""
        pairs = zip(self.features, self._encoders, strict=True)
        parts = [encoder.column(frame[feature.name]) for feature, encoder in pairs]
        return np.hstack(parts) if parts else np.zeros((len(frame), 0), dtype=np.float32)

    def embed_record(self, record: Mapping[str, Scalar]) -> np.ndarray:
        """One checked record as a vector, (1, d): the same as ``embed``, without the cost of a frame."""
        pairs = zip(self.features, self._encoders, strict=True)
        parts = [encoder.value(record[feature.name]) for feature, encoder in pairs]
        return (np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32))[None, :]

    def nearest(
        self, vectors: np.ndarray, count: int, among: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """The places of the nearest reference rows and their distances, both (n, count), nearest
        first. ``among`` limits the search to some places; fewer rows than ``count`` give fewer."""
        targets = self.vectors if among is None else self.vectors[among]
        norms = self._norms if among is None else self._norms[among]
        count = min(count, len(targets))
        indices = np.empty((len(vectors), count), dtype=np.intp)
        distances = np.empty((len(vectors), count))
        for low in range(0, len(vectors), QUERY_ROWS):
            part = vectors[low : low + QUERY_ROWS]
            squared = norms - 2 * (part @ targets.T) + np.einsum("ij,ij->i", part, part)[:, None]
            chosen = np.argpartition(squared, count - 1, axis=1)[:, :count] if count else np.empty((len(part), 0), int)
            near = np.take_along_axis(squared, chosen, axis=1)
            order = np.argsort(near, axis=1, kind="stable")
            indices[low : low + len(part)] = np.take_along_axis(chosen, order, axis=1)
            distances[low : low + len(part)] = np.take_along_axis(near, order, axis=1)
        distances = np.sqrt(np.maximum(distances, 0.0) / max(len(self.features), 1))
        return (indices if among is None else np.asarray(among)[indices]), distances

    def gaps(self, vector: np.ndarray, index: int) -> np.ndarray:
        """Squared difference by feature (m,) between a vector (d,) and the reference row at a place."""
        squared = (vector - self.vectors[index]) ** 2
        return np.array([squared[part].sum() for part in self.slices])


def as_numbers(feature: Feature, column: pd.Series) -> np.ndarray:
    """A column of numbers, or of dates as seconds, as floats (n,) with NaN for missing."""
    if feature.type in ("date", "datetime"):
        times = pd.to_datetime(column, utc=True)
        seconds = times.astype("datetime64[s, UTC]").astype("int64").to_numpy(dtype=float)
        return np.where(times.isna().to_numpy(), np.nan, seconds)
    return np.asarray(column.to_numpy(dtype=float, na_value=np.nan))


def as_number(feature: Feature, value: Scalar) -> float:
    """One value of such a column, as JSON carries it; NaN for missing."""
    if value is None:
        return np.nan
    if feature.type in ("date", "datetime"):
        time = pd.Timestamp(str(value))
        return float((time.tz_localize("UTC") if time.tzinfo is None else time).timestamp() // 1)
    return float(value)


def is_scale(feature: Feature) -> bool:
    """Whether the feature's values have distances between them: numbers and dates."""
    return feature.numeric or feature.type in ("date", "datetime")


def _encoder(feature: Feature, column: pd.Series) -> Encoder:
    if is_scale(feature):
        return _Scale(feature, column)
    return _Words() if feature.type == "text" else _Slots(column)


class _Scale:
    """A number or date by its place in the middle nine tenths, and whether it is missing."""

    width = 2

    def __init__(self, feature: Feature, column: pd.Series) -> None:
        self._feature = feature
        known = as_numbers(feature, column)
        known = known[np.isfinite(known)]
        low, high = np.quantile(known, [0.05, 0.95]) if len(known) else (0.0, 1.0)
        if high <= low and len(known):
            low, high = known.min(), known.max()
        self._low = float(low)
        self._spread = float(high - low) if high > low else 0.0

    def column(self, values: pd.Series) -> np.ndarray:
        numbers = as_numbers(self._feature, values)
        missing = ~np.isfinite(numbers)
        if self._spread:
            scaled = np.clip((numbers - self._low) / self._spread, -1.0, 2.0)
        else:  # a constant has no width: whatever differs from it differs by 1
            scaled = (numbers != self._low).astype(float)
        return np.column_stack([np.where(missing, 0.5, scaled), missing]).astype(np.float32)

    def value(self, value: Scalar) -> np.ndarray:
        number = as_number(self._feature, value)
        if not np.isfinite(number):
            return np.array([0.5, 1.0], dtype=np.float32)
        differs = float(number != self._low)
        scaled = min(max((number - self._low) / self._spread, -1.0), 2.0) if self._spread else differs
        return np.array([scaled, 0.0], dtype=np.float32)


class _Slots:
    """A category by its place: one of its own for each frequent one, one for missing, some shared."""

    def __init__(self, column: pd.Series) -> None:
        frequent = [native(value) for value in column.dropna().value_counts().index[:OWN_SLOTS]]
        self._slots = {value: index for index, value in enumerate(frequent)}
        self.width = len(self._slots) + 1 + SHARED_SLOTS

    def column(self, values: pd.Series) -> np.ndarray:
        codes, distinct = pd.factorize(values.astype(object), use_na_sentinel=False)
        indices = np.array([self._slot(None if pd.isna(value) else native(value)) for value in distinct], dtype=int)
        vectors = np.zeros((len(values), self.width), dtype=np.float32)
        vectors[np.arange(len(values)), indices[codes]] = np.sqrt(0.5)
        return vectors

    def value(self, value: Scalar) -> np.ndarray:
        vector = np.zeros(self.width, dtype=np.float32)
        vector[self._slot(value)] = np.sqrt(0.5)
        return vector

    def _slot(self, value: Scalar) -> int:
        missing = len(self._slots)
        if value is None:
            return missing
        own = self._slots.get(value)
        return own if own is not None else missing + 1 + sum(str(value).encode()) % SHARED_SLOTS


class _Words:
    """A text by its words."""

    width = TEXT_SLOTS

    def __init__(self) -> None:
        from sklearn.feature_extraction.text import HashingVectorizer

        self._vectorizer = HashingVectorizer(n_features=TEXT_SLOTS, alternate_sign=False, binary=True)

    def column(self, values: pd.Series) -> np.ndarray:
        return self._of(["" if pd.isna(value) else str(value) for value in values.astype(object)])

    def value(self, value: Scalar) -> np.ndarray:
        return np.asarray(self._of(["" if value is None else str(value)])[0])

    def _of(self, texts: list[str]) -> np.ndarray:
        return np.asarray(self._vectorizer.transform(texts).toarray() * np.sqrt(0.5), dtype=np.float32)
