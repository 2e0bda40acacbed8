"""One small model, published twice, and an app context on it whose stores are in memory."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from modeldesk.core.identity import LOCAL
from modeldesk.model_service.registry.registry import Registry
from modeldesk.ports.decisions import ServedChange
from modeldesk.services.app_context import AppContext
from modeldesk.services.versions.publish import publish_model
from modeldesk.store import open_store
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.publications import published_once
from tests.services.fakes import (
    MemoryBatches,
    MemoryDecisions,
    MemoryLog,
    MemoryOutcomes,
)
from tests.services.lending import publish_lending, publish_second_loans

RECORD = {"sepal length (cm)": 5.1, "sepal width (cm)": 3.5, "petal length (cm)": 1.4, "petal width (cm)": 0.2}


def iris() -> pd.DataFrame:
    """The iris measurements with the species as words."""
    data = load_iris(as_frame=True)
    frame: pd.DataFrame = data.data
    return frame.assign(species=[data.target_names[code] for code in data.target])


def context_on(folder: Path) -> AppContext:
    """An app context on a folder of models, with empty stores."""
    served, thresholds, labels = MemoryDecisions(), MemoryDecisions(), MemoryDecisions()
    unused = open_store(f"sqlite:///{folder}/unused.db")  # nothing is connected before the first use
    memory = {"log": MemoryLog(), "batches": MemoryBatches(), "outcomes": MemoryOutcomes()}
    store = replace(unused, served=served, thresholds=thresholds, version_labels=labels, **memory)
    return AppContext(Registry(folder, served, thresholds), store, max_records=5)


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models that holds ``iris`` in two versions."""
    return published_once(tmp_path_factory, "iris", _publish_iris)


def _publish_iris(folder: Path) -> None:
    data = iris()
    features = data.drop(columns="species")
    for strength in (1.0, 0.01):
        model = make_pipeline(StandardScaler(), LogisticRegression(C=strength)).fit(features, data["species"])
        publish_model(context_on(folder), LOCAL, model, data, target="species", name="iris")


@pytest.fixture
def context(published: Path, tmp_path: Path) -> AppContext:
    """An app context of the test's own, which serves version 1 of iris."""
    folder = tmp_path / "models"
    shutil.copytree(published, folder)
    made = context_on(folder)
    made.store.served.record(ServedChange("iris", 1, None, "promote", "local", "first", made.clock()))
    made.registry.refresh()
    return made


@pytest.fixture(scope="session")
def published_lending(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models that holds ``loans`` and ``rates``, with settings and a hold-out each. Read only."""
    return published_once(tmp_path_factory, "lending", publish_lending)


@pytest.fixture
def lending(published_lending: Path) -> AppContext:
    """An app context on these models, with stores of the test's own."""
    return context_on(published_lending)


@pytest.fixture(scope="session")
def published_pair(published_lending: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which ``loans`` has a second version, and ``rates`` one. Read only."""

    def publish(folder: Path) -> None:
        shutil.copytree(published_lending, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("complete"))
        publish_second_loans(folder)

    return published_once(tmp_path_factory, "pair", publish)


@pytest.fixture
def pair(published_pair: Path) -> AppContext:
    """An app context on these models."""
    return context_on(published_pair)


@pytest.fixture
def own_lending(published_lending: Path, tmp_path: Path) -> AppContext:
    """The same in a folder of the test's own, to be changed."""
    return context_on(Path(shutil.copytree(published_lending, tmp_path / "lending")))


@pytest.fixture
def private_lending(published_lending: Path, tmp_path: Path) -> AppContext:
    """The same where single records are not shown and income is masked."""
    folder = Path(shutil.copytree(published_lending, tmp_path / "models"))
    for name in ("loans", "rates"):
        settings = folder / name / "model.toml"
        settings.write_text(f'{settings.read_text()}\n[privacy]\nshow_records = false\nmasked = ["income"]\n')
    return context_on(folder)
