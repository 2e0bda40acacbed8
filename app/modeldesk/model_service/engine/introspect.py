"""What a fitted estimator reads, told from the estimator itself.

Follows columns through pipelines, column transformers, searches, wrappers and ensembles down to
whatever consumes them, and notes what encoders and vectorizers were found there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import FeatureUnion

from modeldesk.core.errors import PublishRefused
from modeldesk.model_service.engine.foreign import Adapter
from modeldesk.model_service.engine.steps import attribute, passes, steps_of
from modeldesk.model_service.schema.schema import FittedOn

_DEPTH = 20
_INNER = ("best_estimator_", "regressor_", "estimator_")
_INNER_LISTS = ("calibrated_classifiers_", "estimators_")
_FORWARDING = frozenset(
    {
        "GridSearchCV",
        "RandomizedSearchCV",
        "HalvingGridSearchCV",
        "HalvingRandomSearchCV",
        "TransformedTargetRegressor",
        "CalibratedClassifierCV",
        "_CalibratedClassifier",
        "FixedThresholdClassifier",
        "TunedThresholdClassifierCV",
        "VotingClassifier",
        "VotingRegressor",
        "StackingClassifier",
        "StackingRegressor",
        "FrozenEstimator",
        "SelfTrainingClassifier",
    }
)
"""Estimators that hand their input on to the estimators inside them as it came."""


@dataclass(slots=True)
class ColumnUse:
    """How one column is consumed. ``categories`` are what encoders learned, in their order;
    ``other`` says that something else than an encoder or vectorizer consumes it too."""

    categories: dict[Any, None] = field(default_factory=dict)
    encoded: bool = False
    vectorized: bool = False
    other: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """The data's columns that the artifact wants, in its order, and how they reach it.

    ``uses`` holds those that something consumes. ``known`` is False where the estimator told
    neither names nor their number, so that only trying can tell what it reads.
    """

    names: tuple[str, ...]
    uses: dict[str, ColumnUse]
    fitted_on: FittedOn
    known: bool = True

    @property
    def read(self) -> tuple[str, ...]:
        """The columns that are consumed, in the artifact's order."""
        return tuple(name for name in self.names if name in self.uses)


def columns_of(
    estimator: Any,
    data: pd.DataFrame,
    target: str | None,
    answers: Callable[[list[str], FittedOn], bool] = lambda names, form: form == "array",
) -> Columns:
    """Match what the estimator was fitted on with the columns of ``data``.

    ``answers`` says whether the artifact answers columns of the data given in a form; it is asked
    where the estimator remembers how many columns it has, and no names. Raises PublishRefused with
    reason ``columns`` where the data lacks some, or where an artifact fitted on bare arrays wants
    another number of columns than the data has beside the target.
    """
    candidates = [str(name) for name in data.columns if name != target]
    learned = input_names(estimator)
    if learned is not None:
        return _by_name(estimator, learned, [str(name) for name in data.columns], candidates)
    if _first_consumer_is_vectorizer(estimator):
        return _one_text_column(estimator, data, candidates)
    count = attribute(estimator, "n_features_in_")
    as_frame = Columns(tuple(candidates), column_uses(estimator, candidates), "frame", known=False)
    if not isinstance(count, int | np.integer):
        return as_frame
    if count == len(candidates) and answers(candidates, "array"):
        return Columns(tuple(candidates), column_uses(estimator, candidates), "array")
    # A class of somebody's own may count the columns and still want a frame, or count those it made.
    if answers(candidates, "frame"):
        return as_frame
    if count != len(candidates):
        raise PublishRefused(
            "columns",
            f"The model was fitted on {count} unnamed columns; the data has {len(candidates)}"
            + (f" beside the target {target!r}." if target else "."),
            hint="Give data with exactly the model's columns, in its order, or fit the model on a DataFrame.",
        )
    return Columns(tuple(candidates), column_uses(estimator, candidates), "array")


def _by_name(estimator: Any, learned: Sequence[str], present: list[str], candidates: list[str]) -> Columns:
    uses = column_uses(estimator, learned)
    names = named_in(learned, present, candidates)
    missing = [name for name in learned if name in uses and names.get(name) is None]
    if missing:
        listed = ", ".join(map(repr, missing[:10])) + (" …" if len(missing) > 10 else "")
        raise PublishRefused(
            "columns",
            f"The data lacks {len(missing)} of the columns that the model reads: {listed}.",
            hint="Give the rows the model was trained on, before any step that the model itself does.",
        )
    found = {name: known for name in learned if (known := names.get(name)) is not None}
    return Columns(tuple(found.values()), {found[name]: use for name, use in uses.items()}, "frame")


def named_in(learned: Sequence[str], present: Sequence[str], candidates: Sequence[str] | None = None) -> dict[str, str]:
    """Learned names to the data's. LightGBM replaces spaces by underscores in what it remembers, so a name
    that the data lacks is also looked for that way, among ``candidates`` where these are given."""
    mangled: dict[str, list[str]] = {}
    for name in present if candidates is None else candidates:
        mangled.setdefault(re.sub(r"\s", "_", name), []).append(name)
    known = set(present)
    found = {}
    for name in learned:
        if name in known:
            found[name] = name
        elif len(mangled.get(name, ())) == 1:
            found[name] = mangled[name][0]
    return found


def _one_text_column(estimator: Any, data: pd.DataFrame, candidates: list[str]) -> Columns:
    texts = [name for name in candidates if pd.api.types.is_string_dtype(data[name].dtype)]
    if len(texts) != 1:
        raise PublishRefused(
            "columns",
            f"The model reads one column of text by itself; the data has {len(texts)} beside the target.",
            hint="Give data with one text column and the target.",
        )
    return Columns(tuple(texts), column_uses(estimator, texts), "series")


def input_names(estimator: Any) -> list[str] | None:
    """The column names that the estimator remembers from its fit, or None."""
    for part in _down(estimator):
        names = attribute(part, "feature_names_in_")
        if names is None:
            names = attribute(_booster(part), "feature_names")
        if names is None:
            names = attribute(part, "feature_names_")
            if names is not None and _list(names) == [str(position) for position in range(len(_list(names)))]:
                names = None  # CatBoost's own numbering of a bare array
        if found := _list(names):
            return [str(name) for name in found]
    return None


def boosters(estimator: Any) -> Iterator[Any]:
    """The boosters of LightGBM or XGBoost that get the estimator's input as it came."""
    for part in _down(estimator):
        own = part.artifact if isinstance(part, Adapter) else part
        for booster in (attribute(own, "booster_"), _booster(own), own):
            if type(booster).__name__ == "Booster":
                yield booster
                break


def _booster(estimator: Any) -> Any:
    try:
        return estimator.get_booster()
    except Exception:  # not XGBoost's, or not fitted
        return None


def _list(values: Any) -> list[Any]:
    """Names as a list; empty where they are no list of anything."""
    try:
        return [] if values is None or isinstance(values, str) else list(values)
    except TypeError:
        return []


def _down(estimator: Any) -> Iterator[Any]:
    """The estimator, and those inside that get its input as it came, from the outermost to the innermost."""
    for _ in range(_DEPTH):
        yield estimator
        inner = _inside(estimator)
        if not inner:
            return
        estimator = inner[0]


def _inside(estimator: Any) -> list[Any]:
    """The estimators that get this one's input as it came."""
    steps = steps_of(estimator)
    if steps is not None:
        return [step for step in steps if not passes(step)][:1]
    if type(estimator).__name__ not in _FORWARDING:
        return []
    for name in _INNER:
        inner = attribute(estimator, name)
        if inner is not None:
            return [inner]
    for name in _INNER_LISTS:
        members = attribute(estimator, name)
        if members is not None:
            return [member for member in _list(members) if not isinstance(member, str)]
    inner = attribute(estimator, "estimator")
    return [] if inner is None else [inner]


def _first_consumer_is_vectorizer(estimator: Any) -> bool:
    *_, last = _down(estimator)
    if isinstance(last, FeatureUnion):
        return any(_first_consumer_is_vectorizer(step) for _, step in last.transformer_list)
    return _vectorizes(last)


def column_uses(estimator: Any, names: Sequence[str]) -> dict[str, ColumnUse]:
    """How each of the columns ``names``, in the order of the fit, is consumed; a column that
    nothing consumes is absent."""
    uses: dict[str, ColumnUse] = {}
    rest = _follow(estimator, list(names), uses)
    for name in rest or ():
        _use(uses, name).other = True
    return uses


def _follow(step: Any, columns: list[str], uses: dict[str, ColumnUse]) -> list[str] | None:
    """Note how a step consumes columns; the columns again where it hands them on one to one.

    A step that is not as its type promises is opaque: it consumes all of its columns.
    """
    if not columns:
        return columns  # scikit-learn leaves a transformer without columns unfitted
    found: dict[str, ColumnUse] = {}
    try:
        left = _noted(step, columns, found)
    except Exception:  # a part of somebody's own may look like anything and raise anything
        found = {name: ColumnUse(other=True) for name in columns}
        left = None
    for name, use in found.items():
        known = _use(uses, name)
        known.categories.update(use.categories)
        known.encoded |= use.encoded
        known.vectorized |= use.vectorized
        known.other |= use.other
    return left


def _noted(step: Any, columns: list[str], uses: dict[str, ColumnUse]) -> list[str] | None:
    if passes(step):
        return columns
    steps = steps_of(step)
    if steps is not None:
        left: list[str] | None = columns
        for inner in steps:
            left = None if left is None else _follow(inner, left, uses)
        return left
    if isinstance(step, ColumnTransformer):
        for _, inner, selection in step.transformers_:
            if not (isinstance(inner, str) and inner == "drop"):
                for name in _follow(inner, selected(selection, columns), uses) or ():
                    _use(uses, name).other = True
        return None
    if isinstance(step, FeatureUnion):
        for _, inner in step.transformer_list:
            if not (isinstance(inner, str) and inner == "drop"):
                for name in _follow(inner, columns, uses) or ():
                    _use(uses, name).other = True
        return None
    inside = _inside(step)
    if inside:
        for inner in inside:
            _follow(inner, columns, uses)
        return columns if attribute(step, "passthrough") else None
    return _consume(step, columns, uses)


def _consume(step: Any, columns: list[str], uses: dict[str, ColumnUse]) -> list[str] | None:
    """A leaf: an encoder, a vectorizer, an imputer that keeps its columns, or anything else."""
    if isinstance(step, SimpleImputer) and not step.add_indicator and _keeps_all(step):
        return columns
    learned = attribute(step, "categories_")
    encodes = isinstance(learned, list) and len(learned) == len(columns)
    texts = _catboost_columns(step, "get_text_feature_indices", columns)
    encoded = _catboost_columns(step, "get_cat_feature_indices", columns)
    for position, name in enumerate(columns):
        use = _use(uses, name)
        if encodes:
            use.encoded = True
            use.categories.update(dict.fromkeys(np.asarray(learned[position]).tolist()))
        elif name in encoded:
            use.encoded = True
        elif _vectorizes(step) or name in texts:
            use.vectorized = True
        else:
            use.other = True
    return None


def _catboost_columns(step: Any, method: str, columns: list[str]) -> frozenset[str]:
    tell = attribute(step, method)
    if not callable(tell):
        return frozenset()
    return frozenset(columns[index] for index in tell() if index < len(columns))


def selected(selection: Any, columns: Sequence[str]) -> list[str]:
    """The columns that a ColumnTransformer's fitted selection means: a name, a position, a list or
    array of either, a slice of either, or a boolean mask."""
    empty = pd.DataFrame(columns=pd.Index(list(columns), dtype=object))
    if isinstance(selection, str | int | np.integer):
        selection = [selection]
    if isinstance(selection, slice):
        bounds = (selection.start, selection.stop)
        chosen = empty.loc[:, selection] if any(isinstance(end, str) for end in bounds) else empty.iloc[:, selection]
        return [str(name) for name in chosen.columns]
    keys = list(selection)
    if keys and all(isinstance(key, bool | np.bool_) for key in keys):
        return [name for name, taken in zip(columns, keys, strict=True) if taken]
    return [key if isinstance(key, str) else columns[int(key)] for key in keys]


def _use(uses: dict[str, ColumnUse], name: str) -> ColumnUse:
    return uses.setdefault(name, ColumnUse())


def _vectorizes(step: Any) -> bool:
    return callable(attribute(step, "build_analyzer"))


def _keeps_all(imputer: SimpleImputer) -> bool:
    statistics = np.asarray(imputer.statistics_, dtype=object)
    return imputer.keep_empty_features or not pd.isna(statistics).any()
