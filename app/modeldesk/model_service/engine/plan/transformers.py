"""Reading fitted transformers: each becomes a step, or a reason why it does not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from modeldesk.model_service.engine.plan import steps
from modeldesk.model_service.engine.plan.steps import Lookup, Step, Unplaced


class Declined(Exception):
    """The artifact, or a part of it, that no plan is made for; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Table:
    """What an estimator at the beginning reads: columns of the rows by name. ``numeric`` says of
    each whether it is read as float64; ``narrow`` whether any is stored as float32, which
    arithmetic would have to keep."""

    names: tuple[str, ...]
    numeric: tuple[bool, ...]
    narrow: bool = False

    def at(self, places: Sequence[int]) -> Table:
        """Some of the columns."""
        return Table(
            tuple(self.names[place] for place in places), tuple(self.numeric[place] for place in places), self.narrow
        )


@dataclass(frozen=True, slots=True)
class Loose:
    """Columns of Python values, as an imputer of words leaves them."""

    count: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """A float64 matrix; ``sparse`` where the artifact holds it as a sparse one."""

    width: int
    sparse: bool = False


Kind = Table | Loose | Matrix


def name_of(thing: Any) -> str:
    """What a fitted object is called in sentences."""
    return type(thing).__name__


def from_sklearn(thing: Any) -> bool:
    """Whether the object is scikit-learn's own, and not somebody's subclass of it."""
    return type(thing).__module__.partition(".")[0] == "sklearn"


def read_transformer(transformer: Any, kind: Kind) -> tuple[Step, Kind]:
    """The step that does what the transformer does to data of this kind, and the kind that it gives.
    Raises Declined."""
    if isinstance(transformer, str):
        if transformer == "passthrough":
            return _unchanged(kind)
        raise Declined(f"the step {transformer!r} is not known")
    reader = _READERS.get(name_of(transformer)) if from_sklearn(transformer) else None
    if reader is not None:
        return reader(transformer, kind)
    return _own(transformer, kind)


def as_matrix(kind: Kind) -> tuple[Step, Matrix]:
    """A step that gives data of this kind as a matrix of numbers. Raises Declined for words."""
    if isinstance(kind, Matrix):
        return steps.Chain(()), kind
    if isinstance(kind, Loose):
        return steps.AsMatrix(), Matrix(kind.count)
    if kind.narrow:
        raise Declined("columns of float32 keep that precision through the artifact's own arithmetic")
    if not all(kind.numeric):
        raise Declined(f"column {kind.names[kind.numeric.index(False)]!r} holds no numbers")
    return steps.ReadNumbers(kind.names), Matrix(len(kind.names))


def as_columns(kind: Kind) -> tuple[Step, int]:
    """A step that gives data of this kind column by column. Raises Declined for a matrix."""
    if isinstance(kind, Loose):
        return steps.Chain(()), kind.count
    if isinstance(kind, Table):
        if kind.narrow:
            raise Declined("columns of float32 keep that precision through the artifact's own arithmetic")
        return steps.ReadColumns(kind.names), len(kind.names)
    raise Declined("categories are read from a matrix of numbers")


def chained(*parts: Step) -> Step:
    """Steps one after the other as one, without those that do nothing."""
    told = [part for part in parts if not (isinstance(part, steps.Chain) and not part.steps)]
    return told[0] if len(told) == 1 else steps.Chain(tuple(told))


def _unchanged(kind: Kind) -> tuple[Step, Kind]:
    return steps.Chain(()), kind


def _column_transformer(transformer: Any, kind: Kind) -> tuple[Step, Kind]:
    if _gives_frames(transformer):
        raise Declined("its ColumnTransformer gives frames, which later steps may select from by name")
    parts: list[Step] = []
    width = 0
    for name, part, _ in transformer.transformers_:
        places = transformer._transformer_to_input_indices.get(name, [])
        if (isinstance(part, str) and part == "drop") or len(places) == 0:
            continue
        step, given = _selected(part, [int(place) for place in places], kind, transformer, name)
        step_to_matrix, matrix = as_matrix(given)
        parts.append(chained(step, step_to_matrix))
        width += matrix.width
    if not parts:
        raise Declined("its ColumnTransformer keeps no column")
    return steps.Beside(tuple(parts)), Matrix(width, bool(transformer.sparse_output_))


def _selected(part: Any, places: list[int], kind: Kind, transformer: Any, name: str) -> tuple[Step, Kind]:
    """One transformer over its own columns."""
    if isinstance(kind, Table):
        chosen = next((item[2] for item in transformer.transformers_ if item[0] == name), None)
        if isinstance(chosen, str):
            # One column by its name alone is handed over as a series, as text vectorizers want it.
            if isinstance(part, str):
                return _unchanged(kind.at(places))
            return steps.OwnOnFrame(part, chosen), Matrix(_outputs(part))
        return read_transformer(part, kind.at(places))
    pick = steps.Pick(np.array(places))
    selected: Kind = Matrix(len(places), kind.sparse) if isinstance(kind, Matrix) else Loose(len(places))
    step, given = read_transformer(part, selected)
    return chained(pick, step), given


def _union(transformer: Any, kind: Kind) -> tuple[Step, Kind]:
    if transformer.transformer_weights or _gives_frames(transformer):
        raise Declined("its FeatureUnion has weights or gives frames")
    parts, width, sparse = [], 0, False
    for _, part in transformer.transformer_list:
        if isinstance(part, str) and part == "drop":
            continue
        step, given = read_transformer(part, kind)
        to_matrix, matrix = as_matrix(given)
        parts.append(chained(step, to_matrix))
        width, sparse = width + matrix.width, sparse or matrix.sparse
    return steps.Beside(tuple(parts)), Matrix(width, sparse)


def _pipeline(transformer: Any, kind: Kind) -> tuple[Step, Kind]:
    parts = []
    for _, part in transformer.steps:
        step, kind = read_transformer("passthrough" if part is None else part, kind)
        parts.append(step)
    return chained(*parts), kind


def _one_hot(encoder: Any, kind: Kind) -> tuple[Step, Kind]:
    _no_groups(encoder)
    read, count = as_columns(kind)
    drops = [None] * count if encoder.drop_idx_ is None else list(encoder.drop_idx_)
    # Without drop an unknown value is an error only where the encoder says so.
    unknown = Unplaced if encoder.handle_unknown == "error" else -1
    lookups, starts, start = [], [], 0
    for categories, drop in zip(encoder.categories_, drops, strict=True):
        codes = list(range(len(categories)))
        if drop is not None:
            codes = [-1 if code == drop else code - (code > drop) for code in codes]
        lookups.append(_lookup(categories, codes, unknown))
        starts.append(start)
        start += len(categories) - (drop is not None)
    step = steps.OneHot(tuple(lookups), tuple(starts), start)
    return chained(read, step), Matrix(start, bool(encoder.sparse_output))


def _ordinal(encoder: Any, kind: Kind) -> tuple[Step, Kind]:
    _no_groups(encoder)
    if np.dtype(encoder.dtype) != np.dtype(float):
        raise Declined(f"its OrdinalEncoder gives {np.dtype(encoder.dtype)}")
    read, count = as_columns(kind)
    unknown = Unplaced if encoder.handle_unknown == "error" else float(encoder.unknown_value)
    lookups = []
    for place, categories in enumerate(encoder.categories_):
        codes = [float(code) for code in range(len(categories))]
        missing = encoder._missing_indices.get(place)
        if missing is not None:
            codes[missing] = float(encoder.encoded_missing_value)
        lookups.append(_lookup(categories, codes, unknown))
    return chained(read, steps.Ordinal(tuple(lookups))), Matrix(count)


def _target_encoder(encoder: Any, kind: Kind) -> tuple[Step, Kind]:
    if len(encoder.encodings_) != len(encoder.categories_):
        raise Declined("its TargetEncoder encodes several classes")
    _no_groups(encoder)
    read, count = as_columns(kind)
    lookups = [
        _lookup(categories, [float(value) for value in encoding], float(encoder.target_mean_))
        for categories, encoding in zip(encoder.categories_, encoder.encodings_, strict=True)
    ]
    return chained(read, steps.Ordinal(tuple(lookups))), Matrix(count)


def _no_groups(encoder: Any) -> None:
    if getattr(encoder, "_infrequent_enabled", False):
        raise Declined(f"its {name_of(encoder)} puts rare categories together")


def _lookup(categories: np.ndarray, codes: Sequence[Any], unknown: Any) -> Lookup:
    found: dict[Any, Any] = {}
    nan = unknown
    for category, code in zip(categories.tolist(), codes, strict=True):
        if isinstance(category, float) and category != category:
            nan = code
        else:
            found[category] = code
    return Lookup(found, nan=nan, unknown=unknown)


def _imputer(imputer: Any, kind: Kind) -> tuple[Step, Kind]:
    if imputer.add_indicator:
        raise Declined("its SimpleImputer adds indicators of what was missing")
    statistics = np.asarray(imputer.statistics_)
    none = imputer.missing_values is None
    is_nan = isinstance(imputer.missing_values, float) and imputer.missing_values != imputer.missing_values
    if not none and not is_nan:
        raise Declined(f"its SimpleImputer takes {imputer.missing_values!r} for missing")
    if statistics.dtype.kind == "f" and not (isinstance(kind, Table) and not all(kind.numeric)):
        if np.isnan(statistics).any():
            raise Declined("its SimpleImputer leaves out columns that were empty")
        read, matrix = as_matrix(kind)
        return chained(read, steps.FillNumbers(statistics)), matrix
    read, count = as_columns(kind)
    fills = statistics.tolist()
    if any(isinstance(fill, float) and fill != fill for fill in fills):
        raise Declined("its SimpleImputer leaves out columns that were empty")
    return chained(read, steps.FillValues(tuple(fills), none)), Loose(count)


def _standard(scaler: Any, kind: Kind) -> tuple[Step, Kind]:
    return _scaled(kind, scaler.mean_ if scaler.with_mean else None, scaler.scale_ if scaler.with_std else None)


def _robust(scaler: Any, kind: Kind) -> tuple[Step, Kind]:
    center = scaler.center_ if scaler.with_centering else None
    return _scaled(kind, center, scaler.scale_ if scaler.with_scaling else None)


def _scaled(kind: Kind, center: np.ndarray | None, scale: np.ndarray | None) -> tuple[Step, Kind]:
    """Subtract and divide; a sparse matrix keeps its zeros, and is multiplied by the reciprocal."""
    read, matrix = as_matrix(kind)
    if matrix.sparse:
        return chained(read, steps.Affine(times=None if scale is None else 1 / scale)), matrix
    return chained(read, steps.Affine(minus=center, over=scale)), matrix


def _min_max(scaler: Any, kind: Kind) -> tuple[Step, Kind]:
    read, matrix = as_matrix(kind)
    clip = tuple(float(end) for end in scaler.feature_range) if scaler.clip else None
    step = steps.Affine(times=scaler.scale_, plus=scaler.min_, clip=clip)  # type: ignore[arg-type]
    return chained(read, step), matrix


def _max_abs(scaler: Any, kind: Kind) -> tuple[Step, Kind]:
    read, matrix = as_matrix(kind)
    if getattr(scaler, "clip", False):
        raise Declined("its MaxAbsScaler clips")
    step = steps.Affine(times=1.0 / scaler.scale_) if matrix.sparse else steps.Affine(over=scaler.scale_)
    return chained(read, step), matrix


def _selection(selector: Any, kind: Kind) -> tuple[Step, Kind]:
    read, matrix = as_matrix(kind)
    places = np.flatnonzero(selector.get_support())
    return chained(read, steps.Pick(places)), Matrix(len(places), matrix.sparse)


def _own(transformer: Any, kind: Kind) -> tuple[Step, Kind]:
    """The transformer's own ``transform``: on the frame where it reads one, else on an array."""
    width = _outputs(transformer)
    if isinstance(kind, Table):
        if from_sklearn(transformer) and all(kind.numeric) and not kind.narrow and not _calls_back(transformer):
            return chained(steps.ReadNumbers(kind.names), steps.Own(steps.nameless(transformer), False)), Matrix(
                width, _sparse(transformer)
            )
        return steps.OwnOnFrame(transformer, kind.names), Matrix(width, _sparse(transformer))
    columns = isinstance(kind, Loose)
    step = steps.Own(steps.nameless(transformer), isinstance(kind, Matrix) and kind.sparse, columns)
    return step, Matrix(width, _sparse(transformer))


def _calls_back(transformer: Any) -> bool:
    """Whether it hands what it is given to a function of somebody's, which may want a frame."""
    return name_of(transformer) == "FunctionTransformer"


def _sparse(transformer: Any) -> bool:
    """Whether a transformer that is called itself gives a sparse matrix; its class says so."""
    return name_of(transformer) in _GIVES_SPARSE and getattr(transformer, "sparse_output", True) is not False


def _outputs(transformer: Any) -> int:
    """How many columns a transformer gives, 0 where it does not say."""
    try:
        return len(transformer.get_feature_names_out())
    except Exception:  # somebody's own transformer may raise anything
        return 0


def _gives_frames(transformer: Any) -> bool:
    return bool((getattr(transformer, "_sklearn_output_config", None) or {}).get("transform", "default") != "default")


_GIVES_SPARSE = frozenset(
    {"TfidfVectorizer", "CountVectorizer", "HashingVectorizer", "TfidfTransformer", "SplineTransformer"}
)

_READERS: dict[str, Callable[[Any, Kind], tuple[Step, Kind]]] = {
    "ColumnTransformer": _column_transformer,
    "FeatureUnion": _union,
    "Pipeline": _pipeline,
    "OneHotEncoder": _one_hot,
    "OrdinalEncoder": _ordinal,
    "TargetEncoder": _target_encoder,
    "SimpleImputer": _imputer,
    "StandardScaler": _standard,
    "MinMaxScaler": _min_max,
    "MaxAbsScaler": _max_abs,
    "RobustScaler": _robust,
    "SelectKBest": _selection,
    "SelectPercentile": _selection,
    "SelectFromModel": _selection,
    "VarianceThreshold": _selection,
    "RFE": _selection,
    "RFECV": _selection,
    "SequentialFeatureSelector": _selection,
}
