"""Artifacts with very many columns: what publication asks of them grows with the columns, not their square."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from modeldesk.model_service.explain import choose_method
from modeldesk.model_service.schema.infer import infer_schema
from modeldesk.model_service.schema.schema import ModelSchema
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

ROWS = 60


class CountingScaler(StandardScaler):
    """Counts the cells that it is given once it is fitted."""

    cells = 0

    def transform(self, rows: Any, copy: bool | None = None) -> Any:
        CountingScaler.cells += rows.shape[0] * rows.shape[1]
        return super().transform(rows)


CountingScaler.__name__ = "StandardScaler"  # which is known to work column by column


def table(columns: int) -> pd.DataFrame:
    random = np.random.default_rng(0)
    rows = pd.DataFrame(random.normal(size=(ROWS, columns)), columns=[f"x{place}" for place in range(columns)])
    return rows.assign(y=rows["x0"] + random.normal(size=ROWS))


def understood(model: Any, rows: pd.DataFrame) -> ModelSchema:
    return infer_schema(model, rows, target="y")


def cells_asked(columns: int, *, missing: bool) -> int:
    rows = table(columns)
    first = [SimpleImputer(keep_empty_features=True)] if missing else []
    model = make_pipeline(*first, CountingScaler(), LinearRegression()).fit(rows.drop(columns="y"), rows["y"])
    CountingScaler.cells = 0
    schema = understood(model, rows)
    inputs = rows.drop(columns="y")
    spec = choose_method(model, schema, inputs.head(20), inputs)
    assert {feature.missing_allowed for feature in schema.features} == {missing}
    assert spec.method == "linear"
    return CountingScaler.cells


@pytest.mark.parametrize("missing", [False, True])
def test_cells_asked_grow_with_the_columns(missing: bool) -> None:
    assert cells_asked(1200, missing=missing) < 2.5 * cells_asked(600, missing=missing)


def test_of_many_columns_each_is_known_to_take_gaps_or_not() -> None:
    rows = table(400)
    filled = [f"x{place}" for place in range(0, 400, 7)]
    rows.loc[rows.index[::5], filled[::2]] = np.nan
    rest = [name for name in rows.columns if name not in {*filled, "y"}]
    columns = make_column_transformer((SimpleImputer(), filled), (StandardScaler(), rest))
    model = Pipeline([("columns", columns), ("model", LinearRegression())]).fit(rows.drop(columns="y"), rows["y"])
    schema = understood(model, rows)
    assert {feature.name for feature in schema.features if feature.missing_allowed} == set(filled)


def test_of_many_columns_all_may_take_gaps() -> None:
    rows = table(300)
    model = HistGradientBoostingRegressor(max_iter=3).fit(rows.drop(columns="y"), rows["y"])
    assert all(feature.missing_allowed for feature in understood(model, rows).features)


@pytest.mark.parametrize("unknown", ["ignore", "error"])
def test_of_many_categories_all_take_strangers_or_none(unknown: str) -> None:
    numbers = table(260)
    rows = pd.DataFrame({name: np.where(numbers[name] > 0, "yes", "no") for name in numbers.columns if name != "y"})
    encoder = OneHotEncoder(handle_unknown=unknown)
    model = make_pipeline(encoder, LinearRegression()).fit(rows, numbers["y"])
    schema = understood(model, rows.assign(y=numbers["y"]))
    assert {feature.unseen_allowed for feature in schema.features} == {unknown == "ignore"}


def test_a_mixing_step_among_many_columns_is_found_out() -> None:
    class StandardScalerOfOne(StandardScaler):
        def transform(self, rows: Any, copy: bool | None = None) -> Any:
            scaled = super().transform(rows)
            scaled[:, 17] += scaled[:, 230]
            return scaled

    StandardScalerOfOne.__name__ = "StandardScaler"  # which promises to work column by column
    rows = table(300)
    model = make_pipeline(StandardScalerOfOne(), LinearRegression()).fit(rows.drop(columns="y"), rows["y"])
    inputs = rows.drop(columns="y")
    spec = choose_method(model, understood(model, rows), inputs.head(20), inputs)
    assert spec.reason == "Sampled, because a preprocessing step mixes inputs."
