"""The whole application in this process, on real models and a real store."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from modeldesk import publish
from modeldesk.core.settings import read_settings
from modeldesk.main import create_app
from modeldesk.store import migrate
from sklearn.compose import make_column_transformer
from sklearn.ensemble import IsolationForest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from starlette.testclient import TestClient

from tests.live import wait_for
from tests.publications import published_once
from tests.zoo_fixtures import zoo  # noqa: F401 — a fixture

RECORD = {"age": 40, "income": 30_000.0, "region": "north"}
Serve = Callable[..., TestClient]


def people(rows: int = 200) -> pd.DataFrame:
    """Two numbers, a word, and whether something was bought."""
    random = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "age": random.integers(18, 80, rows),
            "income": random.normal(30_000, 8_000, rows).round(2),
            "region": random.choice(["north", "south"], rows),
        }
    )
    return frame.assign(bought=np.where(frame["age"] + random.normal(0, 10, rows) > 45, "yes", "no"))


def pipeline(strength: float) -> Any:
    """A fitted pipeline; another strength gives other probabilities."""
    data = people()
    words = OneHotEncoder(handle_unknown="ignore")
    columns = make_column_transformer((StandardScaler(), ["age", "income"]), (words, ["region"]))
    return make_pipeline(columns, LogisticRegression(C=strength)).fit(data[list(RECORD)], data["bought"])


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models: ``shop`` in two versions, and ``odd``, which finds anomalies. Read only."""
    return published_once(tmp_path_factory, "shop", _publish_shop)


def _publish_shop(folder: Path) -> None:
    for strength in (1.0, 0.01):
        publish(pipeline(strength), people(), "bought", name="shop", models=folder)
    numbers = people()[["age", "income"]]
    publish(IsolationForest(n_estimators=20, random_state=0).fit(numbers), numbers, name="odd", models=folder)


@pytest.fixture
def models(published: Path, tmp_path: Path) -> Path:
    """The published models, to be changed by one test."""
    return Path(shutil.copytree(published, tmp_path / "models"))


@pytest.fixture(scope="module")
def shared(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """One application for the tests of a module that only predict and read."""
    with ExitStack() as stack:
        yield start(stack, models=published, data=tmp_path_factory.mktemp("var"))


@pytest.fixture
def serve(models: Path, tmp_path: Path) -> Iterator[Serve]:
    """Starts applications on the test's own models, with settings of its choice."""
    with ExitStack() as stack:

        def serve(client: tuple[str, int] = ("127.0.0.1", 50000), **settings: Any) -> TestClient:
            return start(stack, client, **{"models": models, "data": tmp_path / "var", **settings})

        yield serve


def start(stack: ExitStack, client: tuple[str, int] = ("127.0.0.1", 50000), **given: Any) -> TestClient:
    """An application that is ready, until the stack is left."""
    settings = read_settings(**given)
    migrate(settings.database)
    made = TestClient(create_app(settings), "http://127.0.0.1", raise_server_exceptions=False, client=client)
    made = stack.enter_context(made)
    wait_for(lambda: made.get("/readyz").status_code == 200, 60, lambda: made.get("/readyz").text)
    return made
