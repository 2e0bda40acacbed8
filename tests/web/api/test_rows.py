"""Rows behind a view, over REST: the log with its outcomes and published rows, as files that leave nothing behind."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from starlette.testclient import TestClient

from tests.web.api.conftest import RECORD, people, start

ROWS = "/api/v1/models/shop/rows"


@pytest.fixture(scope="module")
def site(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, Path]]:
    """An application whose log holds five rows, one with an outcome, and its data folder."""
    data = tmp_path_factory.mktemp("var")
    with ExitStack() as stack:
        client = start(stack, models=published, data=data)
        records = [{**RECORD, "age": 20 + 10 * place} for place in range(5)]
        answer = client.post("/api/v1/models/shop/predict", json={"records": records}).json()
        first = answer["predictions"][0]["id"]
        assert client.post(f"/api/v1/predictions/{first}/outcome", json={"outcome": "yes"}).status_code == 200
        yield client, data


def test_the_log_comes_with_what_happened(site: tuple[TestClient, Path]) -> None:
    client, data = site
    answer = client.get(ROWS, params={"where": "age:20..40"})
    assert answer.status_code == 200, answer.text
    assert "shop-log.csv" in answer.headers["content-disposition"]
    table = pd.read_csv(io.BytesIO(answer.content))
    assert sorted(table["age"]) == [20, 30, 40]
    assert table.set_index("age")["actual"].dropna().to_dict() == {20: "yes"}
    assert {"id", "prediction", "probability", "income", "region", "time", "version"} <= set(table.columns)
    assert list(data.glob("batches/rows-*")) == []


def test_every_kind_of_file_and_source(site: tuple[TestClient, Path]) -> None:
    client, _ = site
    query = {"source": "reference", "where": "region=north"}
    parquet = pd.read_parquet(io.BytesIO(client.get(ROWS, params={**query, "format": "parquet"}).content))
    north = people()[lambda table: table["region"] == "north"]
    assert sorted(parquet["age"]) == sorted(north["age"])
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(ROWS, params={**query, "format": "xlsx"}).content))["Results"]
    assert sheet.max_row == len(north) + 1
    nothing = client.get(ROWS, params={**query, "where": "age:999.."})
    assert nothing.status_code == 200 and len(nothing.text.splitlines()) == 1


def test_what_cannot_be_read_is_named(site: tuple[TestClient, Path]) -> None:
    client, _ = site
    answer = client.get(ROWS, params={"where": "shoe:1..2", "since": "soon"})
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json()["errors"]] == ["since", "where"]
    assert client.get(ROWS, params={"source": "batch:nope"}).status_code == 422
    assert client.get("/api/v1/models/nothing/rows").status_code == 404
