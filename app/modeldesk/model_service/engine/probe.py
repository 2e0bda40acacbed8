"""What an artifact takes, found out by running it: missing values, unknown categories, columns
that make no difference."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from modeldesk.core.errors import PublishRefused, staying_alive
from modeldesk.model_service.schema.fields import humane
from modeldesk.model_service.schema.frames import column_dtype, frame_of, model_input, records_of
from modeldesk.model_service.schema.schema import Feature, FittedOn, ModelSchema, Scalar

UNSEEN_WORD = "modeldesk: a value that was never seen"
_SAMPLE = 200
ALONE = 200
TRIED = 50
_SLIGHT = 0.01
"""A column that moves the output by less than this share of its spread has next to no influence."""
_ID_WORDS = frozenset({"id", "ids", "uuid", "guid", "key", "index", "idx", "rowid", "number", "no", "nr", "code"})


class Probe:
    """Runs an artifact on made-up rows and says which of them it answers with finite numbers."""

    def __init__(self, estimator: Any, fitted_on: FittedOn) -> None:
        self.estimator = estimator
        self.fitted_on = fitted_on

    def outputs(self, frame: pd.DataFrame) -> np.ndarray:
        """The artifact's answers as an array (n, k): probabilities or scores where it has them,
        values else, classes as objects. Raises whatever the artifact raises."""
        rows = model_input(frame, self.fitted_on)
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), staying_alive():
            warnings.simplefilter("ignore")
            for name in ("predict_proba", "score_samples"):
                method = getattr(self.estimator, name, None)
                if callable(method):
                    answer = np.asarray(method(rows))
                    break
            else:
                answer = np.asarray(self.estimator.predict(rows))
        if answer.ndim == 0 or (answer.ndim == 1 and len(answer) != len(frame)):
            given = "no answer" if answer.dtype == object and answer.ndim == 0 else f"{answer.size:,} answers"
            raise ArithmeticError(f"it gives {given} to {len(frame):,} rows")
        return answer.reshape(len(frame), -1)

    def answers(self, frame: pd.DataFrame) -> np.ndarray:
        """Whether each row is answered, finitely (n,). One call, or one a row where that fails."""
        try:
            return _finite(self.outputs(frame))
        except Exception:  # an artifact may raise anything; that is what is being asked
            if len(frame) == 1:
                return np.array([False])
        return np.concatenate([self.answers(frame.iloc[row : row + 1]) for row in range(len(frame))])

    def why_not(self, frame: pd.DataFrame) -> str | None:
        """Why the artifact does not answer these rows; None where it does."""
        try:
            finite = _finite(self.outputs(frame)).all()
        except Exception as error:  # as above
            lines = str(error).strip().splitlines() or [""]
            return f"{type(error).__name__}: {lines[0][:300]}"
        return None if finite else "the answers are not finite numbers"


def _finite(outputs: np.ndarray) -> np.ndarray:
    if outputs.dtype.kind in "fc":
        return np.asarray(np.isfinite(outputs).all(axis=1))
    return np.asarray(~pd.isna(outputs).any(axis=1))


def probed(probe: Probe, schema: ModelSchema, frame: pd.DataFrame) -> ModelSchema:
    """The schema with ``missing_allowed``, ``unseen_allowed`` and identifiers as the artifact
    really behaves. ``frame`` holds rows of the published data with the schema's columns.

    Raises PublishRefused with reason ``predict`` where the artifact cannot answer its own data.
    """
    base = _base_record(probe, schema, frame)
    missing = _accepted(probe, schema, base, {f.name: None for f in schema.features if _can_be_missing(f)})
    strangers = {f.name: _stranger(f) for f in schema.features if f.type in ("category", "text")}
    unseen = _accepted(probe, schema, base, {name: value for name, value in strangers.items() if value is not None})
    features = tuple(
        feature.model_copy(
            update={
                "missing_allowed": feature.name in missing,
                "unseen_allowed": feature.type not in ("category", "text") or feature.name in unseen,
            }
        )
        for feature in schema.features
    )
    return schema.model_copy(update={"features": _identifiers_hidden(probe, features, frame)})


def _base_record(probe: Probe, schema: ModelSchema, frame: pd.DataFrame) -> dict[str, Any]:
    """A record that the artifact surely answers: the defaults, else the first row that works."""
    reason = probe.why_not(frame.head(20))
    if reason is not None:
        raise PublishRefused(
            "predict",
            f"The model does not answer the data it is published with: {reason}",
            hint="Give the data as it was when the model was fitted; Parquet keeps the types of its columns, and "
            "--categories COLUMN makes one a pandas category, which a CSV loses.",
        )
    for record in (schema.defaults(), *records_of(schema, frame.head(20))):
        if (
            not any(record[f.name] is None and not _can_be_missing(f) for f in schema.features)
            and probe.why_not(frame_of(schema, [record])) is None
        ):
            return record
    raise PublishRefused(
        "predict",
        "The model answers its data only as a whole, and none of its first rows alone.",
        hint="A model that is served must answer a single row.",
    )


def _accepted(probe: Probe, schema: ModelSchema, base: dict[str, Any], changes: dict[str, Scalar]) -> frozenset[str]:
    """The features whose changed value, in a record that is else good, is answered.

    Up to ALONE features are changed one at a time. Of more, those that lack values in the data
    are changed together, and parted only where that is not answered; of the others of one dtype
    some are tried first, and what is refused for all of these counts as refused for the rest.
    """

    def alone(names: Sequence[str]) -> list[str]:
        frame = frame_of(schema, [{**base, name: changes[name]} for name in names])
        return [name for name, good in zip(names, probe.answers(frame), strict=True) if good]

    def together(names: Sequence[str]) -> list[str]:
        if not names or probe.why_not(frame_of(schema, [{**base, **{name: changes[name] for name in names}}])) is None:
            return list(names)
        half = len(names) // 2
        return [*together(names[:half]), *together(names[half:])] if half else []

    names = list(changes)
    if len(names) <= ALONE:
        return frozenset(alone(names) if names else ())
    found = set(together([name for name in names if schema.feature(name).missing_share]))
    for group in _alike(schema, [name for name in names if not schema.feature(name).missing_share]):
        tried = group[:: max(len(group) // TRIED, 1)]
        good = alone(tried)
        found.update(good)
        if good:
            found.update(together([name for name in group if name not in tried]))
    return frozenset(found)


def _alike(schema: ModelSchema, names: Sequence[str]) -> list[list[str]]:
    """Features of the same kind and dtype, whose values an artifact likely takes or refuses alike."""
    groups: dict[tuple[str, str], list[str]] = {}
    for name in names:
        feature = schema.feature(name)
        groups.setdefault((feature.type, feature.dtype), []).append(name)
    return list(groups.values())


def _can_be_missing(feature: Feature) -> bool:
    dtype = column_dtype(feature)
    return not (isinstance(dtype, np.dtype) and dtype.kind in "iub")


def _stranger(feature: Feature) -> Scalar:
    """A value of the feature's dtype that was never seen; None where the dtype can hold no other."""
    seen = {option.value for option in feature.options}
    if feature.categories is not None:
        return next((value for value in feature.categories if value not in seen), None)
    dtype = column_dtype(feature)
    kind = getattr(dtype, "kind", "O")
    if kind in "iuf":
        numbers = [value for value in seen if isinstance(value, int | float)]
        highest = int(max(numbers, default=0)) + 1
        fits = kind == "f" or highest <= np.iinfo(getattr(dtype, "numpy_dtype", dtype)).max
        return highest if fits else None
    return None if kind == "b" else UNSEEN_WORD


def _identifiers_hidden(probe: Probe, features: tuple[Feature, ...], frame: pd.DataFrame) -> tuple[Feature, ...]:
    """Columns unique to each row that do not move the answer are no question."""
    candidates = [f for f in features if f.default is not None and not f.hidden and _looks_unique(f, frame[f.name])]
    if not candidates:
        return features
    sample = frame.head(_SAMPLE)
    before = probe.outputs(sample)
    hidden = set()
    for feature in candidates:
        allowed = _SLIGHT if _id_like(feature.name) else 0.0
        same = sample.copy()
        same[feature.name] = sample[feature.name].take([0] * len(sample)).to_numpy()
        same = same.astype(dict(sample.dtypes))
        try:
            after = probe.outputs(same)
        except Exception:  # an artifact may raise anything; then the column surely matters
            continue
        if _moved(before, after) <= allowed:
            hidden.add(feature.name)
    return tuple(
        f.model_copy(update={"hidden": True, "hidden_reason": "identifier"}) if f.name in hidden else f
        for f in features
    )


def _looks_unique(feature: Feature, column: pd.Series) -> bool:
    """Whether no two rows share a value that reads like a label: words, or whole numbers that are
    called an identifier or number the rows off."""
    if len(column) < 20 or feature.missing_share or feature.distinct < len(column):
        return False
    if feature.type == "integer":
        return _id_like(feature.name) or int(column.max()) - int(column.min()) == len(column) - 1
    return feature.type in ("category", "text")


def _id_like(name: str) -> bool:
    words = humane(name).lower().split()
    return bool(words) and (words[-1] in _ID_WORDS or words[0] in ("id", "uuid"))


def _moved(before: np.ndarray, after: np.ndarray) -> float:
    """How far answers moved: the mean change as a share of their spread; for classes the share
    that changed."""
    if before.dtype.kind not in "fiub":
        return float((before != after).mean())
    spread = float(np.ptp(before.astype(float))) or 1.0
    return float(np.abs(after.astype(float) - before.astype(float)).mean()) / spread


def needed(probe: Probe, frame: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Of the columns, those without which the artifact fails or answers otherwise: for artifacts
    that do not tell what they read. One call a column."""
    rows = frame[list(names)].head(5)
    before = probe.outputs(rows)
    kept = list(names)
    for name in names:
        try:
            after = probe.outputs(rows.drop(columns=name))
        except Exception:  # an artifact may raise anything; then it needs the column
            continue
        if before.shape == after.shape and _moved(before, after) == 0.0:
            kept.remove(name)
    return kept
