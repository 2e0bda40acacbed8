"""One small model, published twice, and an app context on it with a database of its own."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
from modeldesk.core.identity import LOCAL
from modeldesk.model_service.registry.registry import Registry
from modeldesk.ports.decisions import ServedChange
from modeldesk.ports.predictions import LogQuery, PredictionRecord
from modeldesk.services.app_context import AppContext
from modeldesk.services.versions.publish import publish_model
from modeldesk.store import open_store
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.databases import sqlite_database
from tests.publications import published_once
from tests.services.lending import publish_lending, publish_second_loans

RECORD = {"sepal length (cm)": 5.1, "sepal width (cm)": 3.5, "petal length (cm)": 1.4, "petal width (cm)": 0.2}


def iris() -> pd.DataFrame:
    """The iris measurements with the species as words."""
    data = load_iris(as_frame=True)
    frame: pd.DataFrame = data.data
    return frame.assign(species=[data.target_names[code] for code in data.target])


def context_on(models: Path, data: Path) -> AppContext:
    """An app context on a folder of models, with an empty database in the folder ``data``."""
    store = open_store(sqlite_database(data), data=data)
    return AppContext(Registry(models, store.served, store.thresholds), store, max_records=5)


def logged(context: AppContext) -> Sequence[PredictionRecord]:
    """All predictions in the log, newest first."""
    return context.store.log.page(LogQuery(limit=100)).records


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models that holds ``iris`` in two versions."""
    return published_once(tmp_path_factory, "iris", _publish_iris)


def _publish_iris(folder: Path) -> None:
    data = iris()
    features = data.drop(columns="species")
    context = context_on(folder, folder.parent / "iris-data")
    for strength in (1.0, 0.01):
        model = make_pipeline(StandardScaler(), LogisticRegression(C=strength)).fit(features, data["species"])
        publish_model(context, LOCAL, model, data, target="species", name="iris")


@pytest.fixture
def context(published: Path, tmp_path: Path) -> AppContext:
    """An app context of the test's own, which serves version 1 of iris."""
    folder = tmp_path / "models"
    shutil.copytree(published, folder)
    made = context_on(folder, tmp_path / "data")
    made.store.served.record(ServedChange("iris", 1, None, "promote", "local", "first", made.clock()))
    made.registry.refresh()
    return made


@pytest.fixture(scope="session")
def published_lending(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models that holds ``loans`` and ``rates``, with settings and a hold-out each. Read only."""
    return published_once(tmp_path_factory, "lending", publish_lending)


@pytest.fixture
def lending(published_lending: Path, tmp_path: Path) -> AppContext:
    """An app context on these models, with a database of the test's own."""
    return context_on(published_lending, tmp_path / "data")


@pytest.fixture(scope="session")
def published_pair(published_lending: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which ``loans`` has a second version, and ``rates`` one. Read only."""

    def publish(folder: Path) -> None:
        shutil.copytree(published_lending, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("complete"))
        publish_second_loans(folder)

    return published_once(tmp_path_factory, "pair", publish)


@pytest.fixture
def pair(published_pair: Path, tmp_path: Path) -> AppContext:
    """An app context on these models."""
    return context_on(published_pair, tmp_path / "data")


@pytest.fixture
def own_lending(published_lending: Path, tmp_path: Path) -> AppContext:
    """The same in a folder of the test's own, to be changed."""
    return context_on(Path(shutil.copytree(published_lending, tmp_path / "lending")), tmp_path / "data")


@pytest.fixture
def private_lending(published_lending: Path, tmp_path: Path) -> AppContext:
    """The same where single records are not shown and income is masked."""
    folder = Path(shutil.copytree(published_lending, tmp_path / "models"))
    for name in ("loans", "rates"):
        settings = folder / name / "model.toml"
        settings.write_text(f'{settings.read_text()}\n[privacy]\nshow_records = false\nmasked = ["income"]\n')
    return context_on(folder, tmp_path / "data")
