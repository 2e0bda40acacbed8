"""Unusual combinations: found where there is one, and hardly ever where there is none."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from modeldesk.model_service.package.golden_rows import crossed_rows
from modeldesk.model_service.package.insights import UnusualLimits
from modeldesk.model_service.schema.frames import frame_of, records_of
from modeldesk.model_service.schema.infer import infer_schema
from modeldesk.model_service.schema.schema import Feature, ModelSchema
from modeldesk.model_service.uncertainty.outliers import FEWEST_ROWS, UnusualCheck
from sklearn.linear_model import LinearRegression

from tests.zoo import ZOO
from tests.zoo_fixtures import PublishedZoo


def body(rows: int, seed: int = 0) -> pd.DataFrame:
    """Height and weight go together, so do region and language; noise does not."""
    generator = np.random.default_rng(seed)
    height = generator.normal(170, 10, rows)
    region = generator.choice(["north", "south"], rows)
    table = pd.DataFrame(
        {
            "height": height,
            "weight": 0.9 * (height - 100) + generator.normal(0, 4, rows),
            "region": region,
            "language": np.where(region == "north", "nordic", "latin"),
            "noise": generator.normal(size=rows),
        }
    )
    table.loc[generator.random(rows) < 0.05, "noise"] = np.nan
    return table


def schema_of(table: pd.DataFrame) -> ModelSchema:
    def feature(name: str) -> Feature:
        number = pd.api.types.is_numeric_dtype(table[name])
        return Feature(name=name, type="number" if number else "category", dtype=str(table[name].dtype))

    return ModelSchema(features=tuple(feature(name) for name in table))


@pytest.fixture(scope="module")
def check() -> UnusualCheck:
    return UnusualCheck(schema_of(body(10)), body(4000))


def usual() -> pd.DataFrame:
    return pd.DataFrame(
        {"height": [170.0], "weight": [63.0], "region": ["north"], "language": ["nordic"], "noise": [0.0]}
    )


def test_new_records_of_the_same_kind_are_hardly_ever_unusual(check: UnusualCheck) -> None:
    found = check.check(body(4000, seed=1))
    assert np.mean([warning is not None for warning in found]) < 0.03


def test_a_combination_that_never_occurs_is_named(check: UnusualCheck) -> None:
    (warning,) = check.check(usual().assign(language="latin"))
    assert warning is not None
    assert (warning.field, warning.code) == (None, "unusual_combination")
    assert "region = north" in warning.message and "language = latin" in warning.message
    assert "never in 4,000 published rows" in warning.message
    (warning,) = check.check(usual().assign(height=190.0, weight=45.0))
    assert warning is not None and "height above" in warning.message and "weight up to" in warning.message
    assert check.check(usual()) == [None]


def test_a_record_far_from_all_others_is_unusual_without_an_odd_pair() -> None:
    generator = np.random.default_rng(0)
    clusters = pd.DataFrame(np.repeat(np.eye(3) * 4, 200, axis=0), columns=list("abc"))
    table = clusters + generator.normal(0, 0.05, clusters.shape)
    check = UnusualCheck(schema_of(table), table)
    near, far = check.check(pd.DataFrame({"a": [4.0, 2.0], "b": [0.0, 2.0], "c": [0.0, 2.0]}))
    assert near is None
    assert far is not None and "unlike any published record" in far.message


def test_limits_are_kept_with_the_version(check: UnusualCheck) -> None:
    stored = UnusualLimits.model_validate_json(check.limits.model_dump_json())
    again = UnusualCheck(schema_of(body(10)), body(4000), stored)
    rows = body(300, seed=2)
    assert again.check(rows) == check.check(rows)


def test_too_small_a_reference_says_nothing() -> None:
    table = body(FEWEST_ROWS - 1)
    check = UnusualCheck(schema_of(table), table)
    assert check.limits == UnusualLimits(distance=None, surprise=None, rows=len(table))
    assert check.check(usual().assign(language="latin")) == [None]


def test_missing_and_never_seen_values_are_measured(check: UnusualCheck) -> None:
    rows = pd.concat([usual().assign(noise=np.nan), usual().assign(region="west", language=None)], ignore_index=True)
    ordinary, strange = check.check(rows)
    assert ordinary is None
    assert strange is not None


def test_dates_texts_and_constants_have_a_place() -> None:
    rows = 400
    generator = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(generator.integers(0, 900, rows), unit="D"),
            "note": generator.choice(["all fine here", "late again today"], rows),
            "same": 1.0,
            "y": generator.normal(size=rows),
        }
    )
    schema = ModelSchema(
        features=(
            Feature(name="since", type="date", dtype=str(table["since"].dtype)),
            Feature(name="note", type="text", dtype=str(table["note"].dtype)),
            Feature(name="same", type="number", dtype="float64"),
        )
    )
    check = UnusualCheck(schema, table)
    one = table.head(1)
    assert check.check(one) == [None]
    assert check.check(one.assign(note="something else entirely", same=2.0))[0] is not None


def test_one_record_takes_a_few_milliseconds() -> None:
    generator = np.random.default_rng(0)
    table = pd.DataFrame(generator.normal(size=(10_000, 30)), columns=[f"n{place}" for place in range(30)])
    model = LinearRegression().fit(table, table["n0"])
    check = UnusualCheck(infer_schema(model, table.assign(y=table["n0"]), target="y"), table)
    times = []
    for place in range(20):
        started = time.process_time()
        check.check(table.iloc[[place]])
        times.append(time.process_time() - started)
    assert np.median(times) < 0.02  # 5 ms are measured in the benchmark, on a quiet machine


@pytest.mark.parametrize("name", sorted(ZOO))
def test_one_record_is_judged_as_it_is_among_many(zoo: PublishedZoo, name: str) -> None:
    model = zoo.model(name)
    rows = model.reference[list(model.schema.names)].head(60)
    # Values in new company, so that some are unusual, and gaps where they are allowed.
    records = records_of(model.schema, crossed_rows(rows, 60, np.random.default_rng(0)))
    for place, feature in enumerate(model.schema.features):
        if feature.missing_allowed:
            records[place % 60][feature.name] = None
    frame = frame_of(model.schema, records)
    space = model.unusual.space
    assert np.allclose(np.vstack([space.embed_record(record) for record in records]), space.embed(frame), atol=1e-6)
    together, alone = model.unusual_combinations(frame), [model.unusual_record(record) for record in records]
    assert together == alone


def test_many_rows_are_settled_by_some_of_the_reference_and_judged_as_by_all(check: UnusualCheck) -> None:
    rows = pd.concat([body(300, 9), body(20, 10).assign(height=205.0, weight=50.0)], ignore_index=True)
    assert check.limits.distance is not None
    beyond = check.distance(check.space.embed(rows)) > check.limits.distance
    assert 20 <= beyond.sum() < 60
    found = check._too_far(check.space.embed(rows), {})
    alone = [check._too_far(check.space.embed(rows.iloc[[row]]), {})[0] for row in range(len(rows))]
    assert found == alone and [warning is not None for warning in found] == beyond.tolist()
