"""One small model, published twice, and a desk on it whose stores are in memory."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from app.identity import LOCAL
from app.model_service.registry import Registry
from app.ports import ServedChange, Store
from app.services.desk import Desk
from app.services.publish import publish_model
from tests.services.fakes import MemoryLog, MemoryServed

RECORD = {"sepal length (cm)": 5.1, "sepal width (cm)": 3.5, "petal length (cm)": 1.4, "petal width (cm)": 0.2}


def iris() -> pd.DataFrame:
    """The iris measurements with the species as words."""
    data = load_iris(as_frame=True)
    frame: pd.DataFrame = data.data
    return frame.assign(species=[data.target_names[code] for code in data.target])


def desk_on(folder: Path) -> Desk:
    """A desk on a folder of models, with empty stores."""
    served = MemoryServed()
    return Desk(Registry(folder, served), Store(MemoryLog(), served), max_records=5)


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models that holds ``iris`` in two versions."""
    folder = tmp_path_factory.mktemp("models")
    data = iris()
    features = data.drop(columns="species")
    for strength in (1.0, 0.01):
        model = make_pipeline(StandardScaler(), LogisticRegression(C=strength)).fit(features, data["species"])
        publish_model(desk_on(folder), LOCAL, model, data, target="species", name="iris")
    return folder


@pytest.fixture
def desk(published: Path, tmp_path: Path) -> Desk:
    """A desk of the test's own, which serves version 1 of iris."""
    folder = tmp_path / "models"
    shutil.copytree(published, folder)
    made = desk_on(folder)
    made.store.served.record(ServedChange("iris", 1, None, "promote", "local", "first", made.clock()))
    made.registry.refresh()
    return made
