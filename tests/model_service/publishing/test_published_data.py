"""The data that a model is published with: other libraries' frames, gaps, mixed columns, hold-outs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from modeldesk.core.errors import PublishRefused
from modeldesk.model_service.package.folder import HOLDOUT, TRAINING
from modeldesk.model_service.publishing.publish import Published, publish
from modeldesk.model_service.registry.registry import Registry
from sklearn import compose, ensemble, linear_model, pipeline, preprocessing


def table(rows: int = 60) -> pd.DataFrame:
    """Two numbers and a word, for a number."""
    generator = np.random.default_rng(1)
    frame = pd.DataFrame({"bmi": generator.normal(25, 4, rows), "region": generator.choice(["north", "south"], rows)})
    return frame.assign(dose=generator.integers(1, 9, rows), cost=frame["bmi"] * 2 + (frame["region"] == "north"))


def linear(frame: pd.DataFrame) -> Any:
    """A pipeline that takes neither gaps nor words it does not know."""
    prepare = compose.make_column_transformer(
        (preprocessing.OneHotEncoder(), ["region"]), (preprocessing.StandardScaler(), ["bmi", "dose"])
    )
    return pipeline.make_pipeline(prepare, linear_model.Ridge()).fit(frame[["bmi", "region", "dose"]], frame["cost"])


def put(folder: Path, data: Any, **how: Any) -> Published:
    return publish(
        how.pop("model", None) or linear(table()),
        data,
        target="cost",
        models=folder,
        name="m",
        prove=lambda folder: None,
        **how,
    )


@pytest.mark.parametrize(
    "convert",
    [pl.from_pandas, lambda frame: pl.from_pandas(frame).lazy(), pa.Table.from_pandas],
    ids=["polars", "lazy", "arrow"],
)
def test_frames_of_other_libraries(tmp_path: Path, convert: Callable[[pd.DataFrame], Any]) -> None:
    put(tmp_path, convert(table()), holdout=convert(table(80).tail(20)))
    features = {feature.name: feature.type for feature in Registry(tmp_path).get("m").schema.features}
    assert features == {"bmi": "number", "region": "category", "dose": "integer"}


def test_what_is_no_table_is_said(tmp_path: Path) -> None:
    with pytest.raises(PublishRefused, match="a list, which is no table"):
        put(tmp_path, [[1, 2]])


@pytest.mark.parametrize(
    ("value", "said"), [(np.nan, "'bmi' in 2 rows (first in row 5)"), (np.inf, "infinite numbers")]
)
def test_rows_the_model_does_not_answer_are_left_out_and_named(tmp_path: Path, value: float, said: str) -> None:
    data = table()
    data.loc[[3, 9], "bmi"] = value
    data.to_csv(tmp_path / "data.csv", index=False)
    published = put(tmp_path, tmp_path / "data.csv")
    assert any(said in note for note in published.warnings), published.warnings
    assert any("2 rows of 60 are left out" in note for note in published.warnings)
    assert len(pd.read_parquet(published.folder / TRAINING)) == 58


def test_a_hold_out_row_that_does_not_fit_is_left_out_and_named(tmp_path: Path) -> None:
    held = table(30)
    held.loc[4, "region"] = "abroad"
    held.loc[7, "bmi"] = np.nan
    held.to_csv(tmp_path / "held.csv", index=False)
    published = put(tmp_path, table(), holdout=tmp_path / "held.csv")
    note = next(note for note in published.warnings if "hold-out" in note)
    assert note.startswith(
        "2 rows of 30 of the hold-out are left out: row 6, 'region': Region: the model does not know"
    )
    assert "row 9, 'bmi': Bmi is needed" in note
    assert len(pd.read_parquet(published.folder / HOLDOUT)) == 28


def test_a_hold_out_that_fits_nowhere_is_refused_by_row_and_column(tmp_path: Path) -> None:
    with pytest.raises(PublishRefused, match="row 1, 'region': Region: the model does not know 'x'"):
        put(tmp_path, table(), holdout=table(5).assign(region="x"))


def test_a_mixed_column_that_nobody_reads_is_kept_as_words(tmp_path: Path) -> None:
    data = table().assign(notes=["see mail", 3, 2.5, None, pd.Timestamp("2024-01-02"), *["ok"] * 55])
    published = put(tmp_path, data, holdout=data.head(10))
    assert pd.read_parquet(published.folder / TRAINING)["notes"].head(3).tolist() == ["see mail", "3", "2.5"]


def test_categories_that_a_file_lost(tmp_path: Path) -> None:
    data = table().astype({"dose": "category"})
    model = ensemble.HistGradientBoostingRegressor(categorical_features="from_dtype", max_iter=5)
    model.fit(data[["bmi", "dose"]], data["cost"])
    data.to_csv(tmp_path / "data.csv", index=False)
    put(tmp_path, tmp_path / "data.csv", model=model, categories=["dose"])
    loaded = Registry(tmp_path).get("m")
    assert loaded.schema.feature("dose").categories == tuple(range(1, 9))
    np.testing.assert_array_equal(loaded.score(data[["bmi", "dose"]]).prediction, model.predict(data[["bmi", "dose"]]))
    with pytest.raises(PublishRefused, match="no column 'dos'"):
        put(tmp_path, tmp_path / "data.csv", model=model, categories=["dos"])
