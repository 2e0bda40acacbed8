"""What the specimens of the zoo are made with: their list, and made-up and well-known tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from sklearn import (
    compose,
    datasets,
    pipeline,
    preprocessing,
)
from sklearn.impute import SimpleImputer


@dataclass(frozen=True)
class Specimen:
    """A fitted artifact and its data; ``target`` None for anomaly models."""

    estimator: Any
    data: pd.DataFrame
    target: str | None

    def inputs(self, names: tuple[str, ...]) -> pd.DataFrame:
        """The columns the artifact reads, as it was given them."""
        return self.data[list(names)]


ZOO: dict[str, Callable[[], Specimen]] = {}
STRANGE: dict[str, Callable[[], Specimen]] = {}


def specimen(make: Callable[[], tuple[Any, pd.DataFrame, str | None]]) -> Callable[[], Specimen]:
    """Enter a maker into the zoo, under its name with hyphens, made once when first asked for."""
    return _entered(ZOO, make)


def strange(make: Callable[[], tuple[Any, pd.DataFrame, str | None]]) -> Callable[[], Specimen]:
    """Enter a maker into the zoo of strange artifacts."""
    return _entered(STRANGE, make)


def _entered(
    zoo: dict[str, Callable[[], Specimen]], make: Callable[[], tuple[Any, pd.DataFrame, str | None]]
) -> Callable[[], Specimen]:
    cached = cache(lambda: Specimen(*make()))
    zoo[make.__name__.replace("_", "-")] = cached
    return cached


# ---- data -----------------------------------------------------------------------------------


@cache
def people(rows: int = 240) -> pd.DataFrame:
    """A made-up table of mixed columns: numbers with gaps, words, booleans, whole numbers, a date."""
    generator = np.random.default_rng(7)
    age = generator.integers(18, 80, rows)
    income = generator.lognormal(10, 0.4, rows)
    region = generator.choice(["north", "south", "east", "west"], rows, p=[0.4, 0.3, 0.2, 0.1])
    owner = generator.random(rows) < 0.4
    since = pd.Timestamp("2015-01-01") + pd.to_timedelta(generator.integers(0, 3000, rows), unit="D")
    level = 0.03 * (age - 45) + (income - income.mean()) / income.std() + (region == "north") - 0.8 * owner
    risk = level + generator.normal(0, 0.6, rows)
    table = pd.DataFrame(
        {
            "age": age,
            "income": income,
            "region": region,
            "owner": owner,
            "since": since,
            "amount": np.round(risk * 100 + 900, 2),
            "bad": risk > 0.3,
            "grade": np.select([risk < -0.5, risk < 0.7], ["low", "middle"], "high"),
        }
    )
    table.loc[generator.random(rows) < 0.1, "income"] = np.nan
    table.loc[generator.random(rows) < 0.08, "region"] = None
    return table


def some_people(target: str, *columns: str) -> tuple[pd.DataFrame, pd.Series]:
    """Some columns of the made-up table with a target, and the target."""
    table = people()[[*columns, target]].copy()
    return table, table[target]


def mixed() -> compose.ColumnTransformer:
    """The preparation of the columns MIXED: gaps filled, numbers scaled, words one-hot."""
    numbers = pipeline.make_pipeline(SimpleImputer(strategy="median"), preprocessing.StandardScaler())
    words = pipeline.make_pipeline(
        SimpleImputer(strategy="most_frequent"), preprocessing.OneHotEncoder(handle_unknown="ignore")
    )
    return compose.ColumnTransformer(
        [("numbers", numbers, ["age", "income"]), ("words", words, ["region"]), ("flags", "passthrough", ["owner"])]
    )


MIXED = ("age", "income", "region", "owner")


def fitted_mixed(final: Any, target: str) -> tuple[Any, pd.DataFrame, str]:
    """A pipeline on the columns MIXED that ends in ``final``."""
    table, values = some_people(target, *MIXED)
    return pipeline.Pipeline([("prepare", mixed()), ("model", final)]).fit(table[list(MIXED)], values), table, target


@cache
def iris() -> pd.DataFrame:
    """Iris with its word classes and its names with blanks and brackets."""
    bunch = datasets.load_iris(as_frame=True)
    table: pd.DataFrame = bunch.frame.drop(columns="target")
    table["species"] = np.asarray(bunch.target_names)[bunch.target]
    return table


@cache
def diabetes() -> pd.DataFrame:
    """Diabetes: ten numbers and a number to predict."""
    frame: pd.DataFrame = datasets.load_diabetes(as_frame=True).frame
    return frame


@cache
def cancer() -> pd.DataFrame:
    """Breast cancer: eight of its numbers, 0 or 1 to predict."""
    frame: pd.DataFrame = datasets.load_breast_cancer(as_frame=True).frame
    return frame[[*frame.columns[:8], "target"]]


def split(table: pd.DataFrame, target: str) -> tuple[pd.DataFrame, pd.Series]:
    """Inputs and target."""
    return table.drop(columns=target), table[target]


def fitted(estimator: Any, table: pd.DataFrame, target: str) -> tuple[Any, pd.DataFrame, str]:
    """The estimator fitted on a whole table."""
    return estimator.fit(*split(table, target)), table, target
