"""A table of every kind of column, and the schema, settings and manifest that go with it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
from modeldesk.model_service.engine.introspect import ColumnUse
from modeldesk.model_service.package.manifest import Engine, Evaluation, Manifest
from modeldesk.model_service.schema.infer_columns import describe_column
from modeldesk.model_service.schema.schema import ModelSchema, Scalar
from modeldesk.model_service.settings.model_settings import ModelSettings, parse_settings
from modeldesk.model_service.tasks import task_of

ROWS = 60


def table() -> pd.DataFrame:
    """One column of each dtype that the contract knows, most with gaps where they can have any."""
    generator = np.random.default_rng(5)
    index = np.arange(ROWS)
    moments = pd.date_range("2024-01-01 08:30", periods=ROWS, freq="17h")
    data = pd.DataFrame(
        {
            "age": generator.integers(18, 91, ROWS),
            "small": pd.Series(generator.integers(-5, 6, ROWS), dtype="int8"),
            "count": pd.Series(generator.integers(0, 9, ROWS), dtype="Int64"),
            "income": generator.lognormal(10, 0.5, ROWS),
            "ratio": pd.Series(generator.random(ROWS), dtype="float32"),
            "share": pd.Series(generator.random(ROWS), dtype="Float64"),
            "rooms": pd.Series(generator.integers(1, 6, ROWS), dtype="float64"),
            "home owner?": generator.random(ROWS) < 0.5,
            "known": pd.Series(generator.random(ROWS) < 0.5, dtype="boolean"),
            "purpose": generator.choice(["car", "home", "holiday"], ROWS),
            "word": pd.Series(generator.choice(["a", "b"], ROWS), dtype="string"),
            "plain": pd.Series(generator.choice(["x", "y", "z"], ROWS), dtype=object),
            "region": pd.Categorical(generator.choice(["north", "south"], ROWS), ["south", "north", "abroad"]),
            "grade": pd.Categorical(generator.choice([1, 2, 3], ROWS), [3, 2, 1], ordered=True),
            "granted": pd.to_datetime("2024-01-01") + pd.to_timedelta(index % 30, unit="D"),
            "seen at": moments.as_unit("ns"),
            "sent at": moments.tz_localize("Europe/Berlin"),
            "born": [day.date() for day in pd.date_range("1990-01-01", periods=ROWS)],
            "note": [f"words of {number} in a row" for number in index],
        }
    )
    for position, name in enumerate(data.columns):
        if not (isinstance(data[name].dtype, np.dtype) and data[name].dtype.kind in "iub"):
            data.loc[index % 13 == position % 13, name] = None
    return data.astype({"plain": object})


def schema(data: pd.DataFrame | None = None, **changes: Any) -> ModelSchema:
    """The schema of the table, every column that can be missing allowed to be; ``changes`` are
    updates by feature name."""
    frame = table() if data is None else data
    features = []
    for name in map(str, frame.columns):
        feature = describe_column(name, frame[name], ColumnUse(other=True, vectorized=name == "note"))
        update = {"missing_allowed": bool(frame[name].isna().any()), "unseen_allowed": name in ("plain", "grade")}
        features.append(feature.model_copy(update=update | changes.get(name, {})))
    return ModelSchema(features=tuple(features), unread=("customer",))


def manifest(
    contract: ModelSchema | None = None,
    *,
    task: str = "binary",
    classes: tuple[Scalar, ...] = ("no", "yes"),
    output: Any = "predict_proba",
) -> Manifest:
    """A manifest around a schema."""
    return Manifest(
        name="loans",
        version=1,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        created_by="local",
        task=task_of(task),
        target="target",
        classes=classes,
        estimator="Pipeline",
        model_schema=contract or schema(),
        engine=Engine(output=output),
        libraries={},
        python="3.11",
        platform="x86_64",
        digests={},
        artifact="model.joblib",
        rows=ROWS,
        evaluation=Evaluation(source="training", rows=ROWS),
        golden=(),
    )


def settings(text: str, contract: ModelSchema | None = None, **changes: Any) -> ModelSettings:
    """Settings from the text of a model.toml."""
    return parse_settings(text.encode(), manifest(contract, **changes))
