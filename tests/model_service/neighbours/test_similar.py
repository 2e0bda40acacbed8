"""Similar records and percentiles."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from modeldesk.model_service.engine.engine import reference_engine
from modeldesk.model_service.engine.task import classes_of, question_of
from modeldesk.model_service.neighbours.distance import ReferenceSpace
from modeldesk.model_service.neighbours.similar import find_similar, percentiles
from modeldesk.model_service.schema.infer import infer_schema
from modeldesk.model_service.schema.schema import ModelSchema
from sklearn.neighbors import NearestNeighbors

from tests.zoo import ZOO


@pytest.fixture(scope="module")
def loans() -> tuple[ModelSchema, pd.DataFrame, ReferenceSpace]:
    specimen = ZOO["mixed-logistic"]()
    schema = infer_schema(specimen.estimator, specimen.data, target="bad")
    return schema, specimen.data, ReferenceSpace(schema, specimen.data)


def test_the_most_similar_record_is_a_twin_with_its_outcome(
    loans: tuple[ModelSchema, pd.DataFrame, ReferenceSpace],
) -> None:
    schema, table, space = loans
    estimator = ZOO["mixed-logistic"]().estimator
    engine = reference_engine(estimator, question_of(estimator).task, classes_of(estimator), schema)
    outputs = engine.predict(table[list(schema.names)])
    found = find_similar(space, schema, table, outputs, table.iloc[[17]], target="bad", count=4)
    assert len(found) == 4
    assert found[0].place == 17 and found[0].distance == pytest.approx(0, abs=1e-3)
    assert found[0].outcome is bool(table["bad"].iloc[17])
    assert found[0].record["age"] == table["age"].iloc[17]
    assert found[0].output.prediction == bool(outputs.prediction[17])
    assert [item.distance for item in found] == sorted(item.distance for item in found)
    without = find_similar(space, schema, table, outputs, table.iloc[[17]], target=None, count=1)
    assert without[0].outcome is None


def test_nearest_rows_are_those_of_a_plain_search() -> None:
    generator = np.random.default_rng(0)
    table = pd.DataFrame(generator.normal(size=(700, 5)), columns=list("abcde"))
    from modeldesk.model_service.schema.schema import Feature

    schema = ModelSchema(features=tuple(Feature(name=name, type="number", dtype="float64") for name in table))
    space = ReferenceSpace(schema, table)
    queries = space.embed(table.iloc[:600])
    places, distances = space.nearest(queries, 5)
    plain = NearestNeighbors(n_neighbors=5, algorithm="brute").fit(space.vectors.astype(float))
    expected, where = plain.kneighbors(queries.astype(float))
    np.testing.assert_allclose(distances, expected / np.sqrt(5), atol=2e-3)
    assert (places == where).mean() > 0.99
    among = np.arange(100, 130)
    assert set(space.nearest(queries[:3], 50, among=among)[0].ravel()) == set(among)


def test_percentiles_count_ties_half(loans: tuple[ModelSchema, pd.DataFrame, ReferenceSpace]) -> None:
    schema, table, _ = loans
    record = {"age": 40, "income": None, "region": "north", "owner": True}
    found = percentiles(schema, table, record)
    age = table["age"]
    assert found["age"].below == pytest.approx(((age < 40).sum() + (age == 40).sum() / 2) / len(age))
    assert found["income"].below is None
    assert found["income"].share == pytest.approx(table["income"].isna().mean())
    assert found["region"].below is None
    assert found["region"].share == pytest.approx((table["region"] == "north").mean())
    assert found["owner"].share == pytest.approx(table["owner"].mean())
