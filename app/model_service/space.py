"""How far apart records of mixed types are.

Each record becomes a vector whose squared Euclidean distances are a mean over the features, in
the manner of Gower (1971): numbers and dates by the width of the middle nine tenths of the
reference, 1 for another category, 1 for missing against known, 1 − cosine of the words for
texts. One matrix product then compares a record with ten thousand in well under a millisecond.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from app.model_service.results import native
from app.model_service.schema import Feature, ModelSchema

Encode = Callable[[pd.Series], np.ndarray]

OWN_SLOTS, SHARED_SLOTS = 48, 16
"""Frequent categories have a place of their own in the vector; rarer ones share some."""
TEXT_SLOTS = 256
QUERY_ROWS = 512


class ReferenceSpace:
    """The reference rows as vectors. Hidden features (constants, identifiers) do not count.

    Immutable after its making; safe from several threads.
    """

    def __init__(self, schema: ModelSchema, reference: pd.DataFrame) -> None:
        self.features: tuple[Feature, ...] = tuple(feature for feature in schema.features if not feature.hidden)
        self._encoders = [_encoder(feature, reference[feature.name]) for feature in self.features]
        parts = self._parts(reference)
        self.slices: list[slice] = []
        start = 0
        for part in parts:
            self.slices.append(slice(start, start + part.shape[1]))
            start += part.shape[1]
        self.vectors = _joined(parts, len(reference))
        self._norms = np.einsum("ij,ij->i", self.vectors, self.vectors)

    def __len__(self) -> int:
        return len(self.vectors)

    def embed(self, frame: pd.DataFrame) -> np.ndarray:
        """Rows as vectors, (n, d)."""
        return _joined(self._parts(frame), len(frame))

    def nearest(
        self, vectors: np.ndarray, count: int, among: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """The places of the nearest reference rows and their distances, both (n, count), nearest
        first. ``among`` limits the search to some places; fewer rows than ``count`` give fewer."""
        targets = self.vectors if among is None else self.vectors[among]
        norms = self._norms if among is None else self._norms[among]
        count = min(count, len(targets))
        places = np.empty((len(vectors), count), dtype=np.intp)
        distances = np.empty((len(vectors), count))
        for low in range(0, len(vectors), QUERY_ROWS):
            part = vectors[low : low + QUERY_ROWS]
            squared = norms - 2 * (part @ targets.T) + np.einsum("ij,ij->i", part, part)[:, None]
            chosen = np.argpartition(squared, count - 1, axis=1)[:, :count] if count else np.empty((len(part), 0), int)
            near = np.take_along_axis(squared, chosen, axis=1)
            order = np.argsort(near, axis=1, kind="stable")
            places[low : low + len(part)] = np.take_along_axis(chosen, order, axis=1)
            distances[low : low + len(part)] = np.take_along_axis(near, order, axis=1)
        distances = np.sqrt(np.maximum(distances, 0.0) / max(len(self.features), 1))
        return (places if among is None else np.asarray(among)[places]), distances

    def gaps(self, vector: np.ndarray, place: int) -> np.ndarray:
        """Squared difference by feature (m,) between a vector (d,) and the reference row at a place."""
        squared = (vector - self.vectors[place]) ** 2
        return np.array([squared[part].sum() for part in self.slices])

    def _parts(self, frame: pd.DataFrame) -> list[np.ndarray]:
        pairs = zip(self.features, self._encoders, strict=True)
        return [encode(frame[feature.name]) for feature, encode in pairs]


def as_numbers(feature: Feature, column: pd.Series) -> np.ndarray:
    """A column of numbers, or of dates as seconds, as floats (n,) with NaN for missing."""
    if feature.type in ("date", "datetime"):
        times = pd.to_datetime(column, utc=True)
        seconds = times.astype("datetime64[s, UTC]").astype("int64").to_numpy(dtype=float)
        return np.where(times.isna().to_numpy(), np.nan, seconds)
    return np.asarray(column.to_numpy(dtype=float, na_value=np.nan))


def is_scale(feature: Feature) -> bool:
    """Whether the feature's values have distances between them: numbers and dates."""
    return feature.numeric or feature.type in ("date", "datetime")


def _encoder(feature: Feature, column: pd.Series) -> Encode:
    if is_scale(feature):
        return _scaled(feature, column)
    if feature.type == "text":
        return _worded()
    return _slotted(column)


def _scaled(feature: Feature, column: pd.Series) -> Encode:
    known = as_numbers(feature, column)
    known = known[np.isfinite(known)]
    low, high = np.quantile(known, [0.05, 0.95]) if len(known) else (0.0, 1.0)
    if high <= low and len(known):
        low, high = known.min(), known.max()
    width = high - low if high > low else 0.0

    def encode(values: pd.Series) -> np.ndarray:
        numbers = as_numbers(feature, values)
        missing = ~np.isfinite(numbers)
        # A constant has no width: whatever differs from it differs by 1.
        scaled = np.clip((numbers - low) / width, -1.0, 2.0) if width else (numbers != low).astype(float)
        return np.column_stack([np.where(missing, 0.5, scaled), missing]).astype(np.float32)

    return encode


def _slotted(column: pd.Series) -> Encode:
    frequent = [native(value) for value in column.dropna().value_counts().index[:OWN_SLOTS]]
    slots = {value: place for place, value in enumerate(frequent)}
    missing = len(slots)
    width = missing + 1 + SHARED_SLOTS

    def slot(value: object) -> int:
        if pd.isna(value):  # type: ignore[call-overload]
            return missing
        plain = native(value)
        return slots[plain] if plain in slots else missing + 1 + sum(str(plain).encode()) % SHARED_SLOTS

    def encode(values: pd.Series) -> np.ndarray:
        codes, distinct = pd.factorize(values.astype(object), use_na_sentinel=False)
        places = np.array([slot(value) for value in distinct], dtype=int)[codes]
        vectors = np.zeros((len(values), width), dtype=np.float32)
        vectors[np.arange(len(values)), places] = np.sqrt(0.5)
        return vectors

    return encode


def _worded() -> Encode:
    from sklearn.feature_extraction.text import HashingVectorizer

    vectorizer = HashingVectorizer(n_features=TEXT_SLOTS, alternate_sign=False, binary=True)

    def encode(values: pd.Series) -> np.ndarray:
        texts = ["" if pd.isna(value) else str(value) for value in values.astype(object)]
        return np.asarray(vectorizer.transform(texts).toarray() * np.sqrt(0.5), dtype=np.float32)

    return encode


def _joined(parts: list[np.ndarray], rows: int) -> np.ndarray:
    return np.hstack(parts) if parts else np.zeros((rows, 0), dtype=np.float32)
