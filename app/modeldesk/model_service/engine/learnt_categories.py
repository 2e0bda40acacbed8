"""Which columns were pandas categories where a boosting library was fitted, as its artifact remembers them.

LightGBM and XGBoost refuse the words of a CSV where they were given categories, and keep what these were.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from modeldesk.model_service.engine.introspect import boosters, input_names, named_in
from modeldesk.model_service.engine.results import native
from modeldesk.model_service.engine.steps import attribute


def learnt_categories(estimator: Any, present: Sequence[str]) -> dict[str, tuple[Any, ...]]:
    """The columns among ``present`` that the artifact was fitted on as pandas categories, with the
    categories in its order; empty where it tells nothing."""
    learned = input_names(estimator) or []
    for booster in boosters(estimator):
        places = _of_lightgbm(booster) or _of_xgboost(booster)
        if places and max(places) < len(learned):
            names = named_in(learned, present)
            return {names[learned[place]]: values for place, values in places.items() if learned[place] in names}
    return {}


def _of_lightgbm(booster: Any) -> Mapping[int, tuple[Any, ...]]:
    """By place. LightGBM lists the categories of the columns that were pandas categories and not the
    columns; where as many columns are categorical, those are they."""
    known = attribute(booster, "pandas_categorical")
    if not isinstance(known, list) or not known:
        return {}
    lines = [line for line in booster.model_to_string(num_iteration=1).splitlines() if line.startswith("feature_infos")]
    infos = lines[0].partition("=")[2].split(" ") if lines else []
    # Numbers are told as [lowest:highest], categories as their codes.
    places = [place for place, info in enumerate(infos) if info != "none" and not info.startswith("[")]
    if len(places) != len(known):
        return {}
    return {place: tuple(map(native, values)) for place, values in zip(places, known, strict=True)}


def _of_xgboost(booster: Any) -> Mapping[int, tuple[Any, ...]]:
    """By place. An XGBoost that does not keep the categories takes its columns' own codes for them."""
    tell = attribute(booster, "get_categories")
    if "c" not in (attribute(booster, "feature_types") or ()) or not callable(tell):
        return {}
    try:
        told = tell(export_to_arrow=True).to_arrow()
    except Exception:  # an artifact of an older version, which has none
        return {}
    return {
        place: tuple(map(native, np.asarray(values.to_pylist(), dtype=object)))
        for place, (_, values) in enumerate(told)
        if values is not None
    }
