"""What is in the application that the matrix asks: models, records, a prediction and a file of somebody's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from modeldesk.core.settings import Settings
from modeldesk.main import Application
from modeldesk.services.batches.work import BatchWorker
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from starlette.testclient import TestClient

RECORD = {"age": 40, "debt": 15_000.0, "plan": "basic", "secret": 61_234.5678}
MARK = "Kept quiet"
"""In the title of every model: an answer that holds it tells of the model."""
SETTINGS = """
[privacy]
show_records = false
masked = ["secret"]
"""
_SECRET = re.compile(r"7[0-9],?[0-9]{3}\.[0-9]{4}")


@dataclass
class World:
    """The application with what is in it, by model."""

    client: TestClient
    settings: Settings
    application: Application
    predictions: dict[str, str] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)
    batches: dict[str, str] = field(default_factory=dict)
    presets: dict[str, str] = field(default_factory=dict)
    shared: dict[str, str] = field(default_factory=dict)

    @property
    def inner(self) -> Any:
        """The built part: its app context, and the parts that requests go to."""
        return self.application._site._inner

    @property
    def callback_map(self) -> Mapping[str, Any]:
        """What Dash knows of each callback, by its outputs."""
        dash_guard = self.inner.app.app
        callbacks: Mapping[str, Any] = dash_guard.callbacks
        return callbacks

    def finish(self, batch_id: str) -> None:
        """Score a file in this process, as a worker would."""
        work = BatchWorker(self.inner.context)
        for place in range(work.prepare(batch_id)):
            work.score(batch_id, place)
        work.finish(batch_id)


PUBLISHED, HELD = 300, 83
"""Rows that a model is published with and measured on: as many as no chart has points by itself."""


def table(seed: int, rows: int) -> pd.DataFrame:
    """Who asks for a loan; ``secret`` has a value of its own in every row, with four decimals."""
    random = np.random.default_rng(seed)
    found = pd.DataFrame(
        {
            "age": random.integers(18, 80, rows),
            "debt": random.gamma(2, 4000, rows).round(),
            "plan": random.choice(["basic", "plus"], rows),
            "secret": (70_000 + 9_999 * random.random(rows)).round(4),
        }
    )
    worth = found["age"] / 20 - found["debt"] / 9000 + random.normal(0, 0.3, rows)
    return found.assign(paid=np.where(worth > 1.5, "yes", "no"), rate=12 - worth)


def estimator(target: str, training: pd.DataFrame) -> Any:
    """A fitted pipeline for a target."""
    last = LinearRegression() if target == "rate" else LogisticRegression()
    columns = make_column_transformer((StandardScaler(), ["age", "debt", "secret"]), (OneHotEncoder(), ["plan"]))
    return make_pipeline(columns, last).fit(training[list(RECORD)], training[target])


def secrets_in(text: str) -> set[str]:
    """The values of single rows in the masked column that an answer holds: these have four decimals."""
    return set(_SECRET.findall(text))
