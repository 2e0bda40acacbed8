"""The record that a form opens with: one that was there, in the middle, and that settings let be shown."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from modeldesk.model_service.neighbours.default_record import default_record, default_record_of, typical_records
from modeldesk.model_service.neighbours.distance import ReferenceSpace
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.schema.frames import records_of
from modeldesk.model_service.schema.schema import Feature, ModelSchema
from modeldesk.model_service.settings.model_settings import parse_settings

from tests.zoo import ZOO
from tests.zoo_fixtures import PublishedZoo


def two_towns(rows: int = 400) -> pd.DataFrame:
    """People of a small and a large town: what is usual in each is usual in no one person of both."""
    generator = np.random.default_rng(3)
    large = generator.random(rows) < 0.6
    rent = np.where(large, 1_500.0, 300.0) + generator.normal(0, 40, rows)
    table = pd.DataFrame({"town": np.where(large, "large", "small"), "rent": rent.round(2)})
    table.loc[:200, "rent"] = np.nan
    return table


def typical(table: pd.DataFrame) -> tuple[Any, ...]:
    schema = ModelSchema(
        features=(
            Feature(name="town", type="category", dtype="str"),
            Feature(name="rent", type="number", dtype="float64"),
        )
    )
    return typical_records(schema, table, ReferenceSpace(schema, table))


def test_the_typical_record_is_one_of_the_rows_and_complete() -> None:
    table = two_towns()
    first = typical(table)[0]
    rows = table.to_dict("records")
    assert first in rows and first["town"] == "large" and 1_300 < first["rent"] < 1_700
    assert typical(table) == typical(table)


@pytest.mark.parametrize("name", ["mixed-logistic", "logistic-on-array", "odd-names"])
def test_a_published_version_keeps_it_and_serves_it(zoo: PublishedZoo, name: str) -> None:
    model = zoo.model(name)
    record = dict(model.default_record)
    shown = [field.name for field in model.fields if not field.hidden]
    rows = [{key: row[key] for key in shown} for row in records_of(model.schema, ZOO[name]().data)]
    assert {key: record[key] for key in shown} in rows
    assert record == default_record_of(model.manifest, model.settings)
    assert model.unusual_record(record) is None


def test_a_version_from_before_finds_it_when_it_is_loaded(zoo: PublishedZoo) -> None:
    model = zoo.model("mixed-logistic")
    insights = model.manifest.insights
    assert insights is not None
    found = typical_records(model.schema, model.reference, model.unusual.space)
    assert found == tuple(insights.typical)
    old = model.manifest.model_copy(update={"insights": insights.model_copy(update={"typical": ()})})
    assert default_record_of(old, model.settings) == model.schema.defaults()


def with_settings(model: LoadedModel, text: str) -> LoadedModel:
    return model.with_settings(parse_settings(text.encode(), model.manifest))


def test_settings_decide_what_may_be_shown(zoo: PublishedZoo) -> None:
    model = zoo.model("mixed-logistic")
    record, own = dict(model.default_record), model.schema.defaults()
    assert record != own
    hidden = with_settings(model, "[privacy]\nshow_records = false\n")
    assert hidden.default_record == own
    masked = with_settings(model, '[privacy]\nmasked = ["income"]\n')
    assert masked.default_record == {**record, "income": own["income"]}
    limited = with_settings(model, f"[features.age]\nmax = {int(record['age']) - 1}\n")  # type: ignore[arg-type]
    assert limited.default_record["age"] < record["age"]  # type: ignore[operator]
    text = f'[[rules]]\nwhen = "age == {record["age"]}"\naction = "refuse"\ntext = "No."\n'
    assert with_settings(model, text).default_record["age"] != record["age"]
    assert default_record(model.schema, model.settings, ()) == own
