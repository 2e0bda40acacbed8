"""Real servers, on models of three boosting libraries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from modeldesk import publish

from tests.live import LiveServer
from tests.poison import poisoned  # noqa: F401 — a fixture
from tests.publications import published_once

FEATURES = ["a", "b", "c"]


def rows(count: int = 400) -> pd.DataFrame:
    """Three numbers and a binary target."""
    random = np.random.default_rng(5)
    frame = pd.DataFrame(random.normal(size=(count, 3)), columns=FEATURES)
    return frame.assign(y=(frame["a"] * frame["b"] + random.normal(0, 0.3, count) > 0).astype(int))


def boosted() -> dict[str, Any]:
    """A boosted model of each of three libraries, fitted."""
    from lightgbm import LGBMClassifier
    from sklearn.ensemble import HistGradientBoostingClassifier
    from xgboost import XGBClassifier

    data = rows()
    estimators = {
        "histogram": HistGradientBoostingClassifier(max_iter=30, random_state=0),
        "lightgbm": LGBMClassifier(n_estimators=30, verbose=-1),
        "xgboost": XGBClassifier(n_estimators=30),
    }
    return {name: estimator.fit(data[FEATURES], data["y"]) for name, estimator in estimators.items()}


@pytest.fixture(scope="session")
def estimators() -> dict[str, Any]:
    """The boosted models as they were fitted."""
    return boosted()


@pytest.fixture(scope="session")
def boosted_models(tmp_path_factory: pytest.TempPathFactory, estimators: dict[str, Any]) -> Path:
    """The three published, ``histogram`` in two versions that disagree. Read only."""
    return published_once(tmp_path_factory, "boosted", lambda folder: _publish_boosted(folder, estimators))


def _publish_boosted(folder: Path, estimators: dict[str, Any]) -> None:
    from sklearn.ensemble import HistGradientBoostingClassifier

    data = rows()
    for name, estimator in estimators.items():
        publish(estimator, data, "y", name=name, models=folder)
    other = HistGradientBoostingClassifier(max_iter=3, random_state=0).fit(data[FEATURES], data["y"])
    publish(other, data, "y", name="histogram", models=folder)


@pytest.fixture(scope="module")
def server(boosted_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Two workers, for the tests of a module that leave it running."""
    with LiveServer(tmp_path_factory.mktemp("live"), models=boosted_models, workers=2) as running:
        yield running
