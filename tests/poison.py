"""An artifact with rows that end its process, for tests of what a server and its workers do then."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, RegressorMixin

from tests.publications import published_once

LEAVES, EXITS, CRASHES, COUNTS_WRONG = 1001.0, 1002.0, 1003.0, 1004.0
"""Values of ``a`` at which the artifact raises SystemExit, leaves by ``os._exit``, is ended by a fault of
memory, and gives an answer too many."""


class Poisoned(RegressorMixin, BaseEstimator):
    """The sum of ``a`` and ``b``, except at the poisonous values."""

    def fit(self, x: pd.DataFrame, y: Any) -> Poisoned:
        """Learn nothing."""
        self.n_features_in_ = x.shape[1]
        self.feature_names_in_ = np.array(x.columns, dtype=object)
        return self

    def predict(self, x: pd.DataFrame) -> np.ndarray:
        """The sums."""
        values = x["a"].to_numpy()
        if (values == LEAVES).any():
            raise SystemExit(3)
        if (values == EXITS).any():
            os._exit(3)
        if (values == CRASHES).any():
            os.kill(os.getpid(), signal.SIGSEGV)
        answers = (x["a"] + x["b"]).to_numpy(dtype=float)
        return np.append(answers, 0.0) if (values == COUNTS_WRONG).any() else answers


def table(rows: int = 200) -> pd.DataFrame:
    """Harmless rows."""
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(rows, 2)), columns=["a", "b"])
    return frame.assign(y=frame["a"] + frame["b"])


@pytest.fixture(scope="session")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models that holds ``poison``. Read only."""
    return published_once(tmp_path_factory, "poisoned", _publish)


def _publish(folder: Path) -> None:
    from modeldesk import publish

    data = table()
    publish(Poisoned().fit(data[["a", "b"]], data["y"]), data, "y", name="poison", models=folder)
