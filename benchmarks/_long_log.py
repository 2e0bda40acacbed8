"""A long log of made-up predictions, written as the files that a long log is settled into."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from modeldesk import publish
from modeldesk.model_service.batch.row_tables import logged_columns
from modeldesk.model_service.package.folder import read_manifest
from modeldesk.ports.analytics import (
    CHANCE,
    ID,
    INPUT,
    KEY,
    PREDICTION,
    PROBABILITY,
    SOURCE,
    TIME,
    VERSION,
    WARNINGS,
    Column,
)
from modeldesk.store.analytics.duck import Duck
from modeldesk.store.analytics.log_files import SqlLogFiles
from modeldesk.store.analytics.log_rows import OWNER
from modeldesk.store.sql.engine import database_url, open_engines
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

MODEL = "long-log"
NUMBERS = [f"amount {place}" for place in range(1, 15)]
WORDS = {
    "region": ["north", "east", "south", "west"],
    "channel": ["branch", "online", "partner"],
    "product": [f"product {letter}" for letter in "ABCDEFGH"],
    "segment": ["private", "small firm", "large firm"],
    "home": ["owned", "rented", "other"],
}
FLAG = "returning"
DAYS = 365
FILE_ROWS = 250_000


def rows(count: int, random: np.random.Generator) -> pd.DataFrame:
    """Twenty columns: 14 of numbers, 5 of words, 1 of yes and no."""
    frame = pd.DataFrame({name: np.round(random.gamma(2.0, 500.0, count), 2) for name in NUMBERS})
    for name, values in WORDS.items():
        frame[name] = np.array(values, dtype=object)[random.integers(0, len(values), count)]
    frame[FLAG] = random.random(count) < 0.4
    return frame


def publish_model(models: Path) -> None:
    """A model of these columns, so that the log is somebody's."""
    random = np.random.default_rng(0)
    data = rows(4_000, random)
    risk = data["amount 1"] / 1000 - data["amount 2"] / 1500 + (data["region"] == "north") + random.normal(size=4_000)
    columns = make_column_transformer(
        (StandardScaler(), NUMBERS), (OneHotEncoder(handle_unknown="ignore"), list(WORDS)), remainder="passthrough"
    )
    model = make_pipeline(columns, LogisticRegression(max_iter=500)).fit(data, np.where(risk > 0.6, "yes", "no"))
    publish(model, data.assign(bought=np.where(risk > 0.6, "yes", "no")), "bought", name=MODEL, models=models)


def write_log(models: Path, url: str, data: Path, count: int) -> None:
    """Register so many predictions as settled, in files as settling and merging leave them."""
    columns = [
        Column(ID, "category"),
        Column(OWNER, "category"),
        *logged_columns(read_manifest(models / MODEL / "versions" / "1")),
    ]
    engines, duck = open_engines(database_url(url)), Duck(data)
    files, random = SqlLogFiles(engines, duck), np.random.default_rng(1)
    for start in range(0, count, FILE_ROWS):
        files.register(MODEL, 1, columns, _predictions(columns, start, min(FILE_ROWS, count - start), count, random))
        while files.merge():
            pass
    duck.close()
    engines.dispose()


def _predictions(
    columns: Sequence[Column], start: int, count: int, total: int, random: np.random.Generator
) -> pa.Table:
    """Rows ``start`` and on of the log: one after the other in time, up to now."""
    frame = rows(count, random)
    step = timedelta(days=DAYS) / total
    first = np.datetime64((datetime.now(UTC) - timedelta(days=DAYS) + start * step).replace(tzinfo=None), "us")
    times = first + (np.arange(count) * (step / timedelta(microseconds=1))).astype("timedelta64[us]")
    chance = 1 / (1 + np.exp(frame["amount 2"] / 1500 - frame["amount 1"] / 1000 - (frame["region"] == "north")))
    made = {
        ID: [str(uuid.UUID(bytes=bytes(row))) for row in random.integers(0, 256, (count, 16), dtype=np.uint8)],
        OWNER: pa.array(["local"] * count),
        TIME: pa.array(times, pa.timestamp("us")),
        VERSION: np.ones(count),
        SOURCE: np.where(random.random(count) < 0.9, "api", "form"),
        KEY: pa.nulls(count, pa.string()),
        WARNINGS: (random.random(count) < 0.05).astype(float),
        PREDICTION: np.where(chance >= 0.5, "yes", "no"),
        PROBABILITY: np.where(chance >= 0.5, chance, 1 - chance),
        f"{CHANCE}yes": chance,
        f"{CHANCE}no": 1 - chance,
        **{f"{INPUT}{name}": frame[name] for name in frame},
    }
    return pa.table({column.name: made[column.name] for column in columns})
