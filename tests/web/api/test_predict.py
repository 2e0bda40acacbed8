"""Predictions over REST: what is answered is the artifact's, and is in the log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import joblib
import pandas as pd
import pytest
from modeldesk.core.settings import read_settings
from modeldesk.main import create_app
from starlette.testclient import TestClient

from tests.web.api.conftest import RECORD, Serve

PREDICT = "/api/v1/models/shop/predict"


def ask(client: TestClient, records: Any = None, headers: dict[str, str] | None = None, **more: Any) -> Any:
    """The answer to a predict call that has to succeed."""
    response = client.post(PREDICT, json={"records": records or [RECORD], **more}, headers=headers)
    assert response.status_code == 200, response.text
    return response.json()


def logged(client: TestClient, **query: Any) -> list[Any]:
    """What the log holds of the model."""
    found: list[Any] = client.get("/api/v1/models/shop/predictions", params=query).json()["predictions"]
    return found


def test_the_answer_is_the_artifacts_own_and_is_logged_before_it(shared: TestClient, published: Path) -> None:
    answer = ask(shared, keys=["order 7"])
    artifact = joblib.load(next((published / "shop" / "versions" / "2").glob("artifact.*")))
    row = pd.DataFrame([RECORD])
    [item] = answer["predictions"]
    assert (answer["model"], answer["version"]) == ("shop", 2)
    assert item["prediction"] == artifact.predict(row)[0]
    expected = dict(zip(artifact.classes_, artifact.predict_proba(row)[0], strict=True))
    assert item["probability"] == pytest.approx(expected, abs=1e-12)
    assert item["warnings"] == [] and item["key"] == "order 7"
    kept = shared.get(f"/api/v1/predictions/{item['id']}").json()
    assert item.pop("explanation") is None
    assert {name: kept[name] for name in item} == item
    assert kept["inputs"] == RECORD
    assert (kept["model"], kept["version"], kept["owner"], kept["source"]) == ("shop", 2, "local", "api")
    assert kept["created_at"].endswith("Z") and len(kept["version_digest"]) == 64 and kept["latency_ms"] > 0


def test_anomaly_models_answer_in_words_with_a_score(shared: TestClient) -> None:
    response = shared.post("/api/v1/models/odd/predict", json={"records": [{"age": 40, "income": 1e6}]})
    [item] = response.json()["predictions"]
    assert item["prediction"] in ("anomaly", "normal")
    assert isinstance(item["score"], float) and item["probability"] is None
    assert "above_range" in [warning["code"] for warning in item["warnings"]]


def test_a_version_may_be_named(shared: TestClient) -> None:
    first, second = ask(shared, version=1), ask(shared, version=2)
    assert (first["version"], second["version"]) == (1, 2)
    assert first["predictions"][0]["probability"] != second["predictions"][0]["probability"]
    response = shared.post(PREDICT, json={"records": [RECORD], "version": 9})
    assert response.status_code == 404 and "It has: 1, 2" in response.json()["hint"]


def test_a_version_may_be_named_by_an_alias(shared: TestClient) -> None:
    aliases = "/api/v1/models/shop/aliases"
    shared.put(f"{aliases}/champion", json={"version": 1}).raise_for_status()
    assert ask(shared, version="champion")["version"] == 1
    for path in ("explain", "what-if"):
        answer = shared.post(f"/api/v1/models/shop/{path}", json={"records": [RECORD], "version": "champion"})
        assert answer.json()["version"] == 1, answer.text
    shared.put(f"{aliases}/champion", json={"version": 2}).raise_for_status()
    assert ask(shared, version="champion")["version"] == 2
    batches, file = "/api/v1/models/shop/batches?version=champion", {"file": ("a.csv", b"age\n1\n")}
    sent = shared.post(f"{batches}&start=false", files=file)
    assert (sent.status_code, sent.json()["version"]) == (202, 2)
    shared.delete(f"{aliases}/champion").raise_for_status()
    for path in ("predict", "explain", "what-if"):
        gone = shared.post(f"/api/v1/models/shop/{path}", json={"records": [RECORD], "version": "champion"})
        assert gone.status_code == 404 and "no alias 'champion'" in gone.json()["detail"]
        wrong = shared.post(f"/api/v1/models/shop/{path}", json={"records": [RECORD], "version": "2 "})
        assert wrong.status_code == 422 and wrong.json()["errors"][0]["field"] == "version"
    assert shared.post(batches, files=file).status_code == 404


def test_every_bad_field_of_every_row_is_named_and_nothing_is_logged(shared: TestClient) -> None:
    before = len(logged(shared))
    records = [
        RECORD,
        {"age": "40", "income": 1, "region": "north"},
        {"age": 3.5, "incme": 1, "region": 7},
    ]
    response = shared.post(PREDICT, json={"records": records})
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert (problem["code"], problem["status"]) == ("invalid_input", 422)
    assert problem["request_id"] == response.headers["x-request-id"]
    found = {(error["row"], error["field"]) for error in problem["errors"]}
    assert found >= {(1, "age"), (2, "age"), (2, "incme"), (2, "region")}
    assert all(error["message"].endswith(".") or error["message"].endswith("?") for error in problem["errors"])
    assert len(logged(shared)) == before


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        (b"", 400, "The body is empty"),
        (b"{", 400, "is not JSON"),
        (b'{"records": [{"age": NaN}]}', 400, "NaN and Infinity are not JSON"),
        (b'{"records": [{"age": Infinity}]}', 400, "NaN and Infinity are not JSON"),
        (b'{"records": [{"region": "\\ud800"}]}', 400, "is not JSON"),
        (b"\xff\xfe", 400, "is not JSON"),
        (b"[" * 100_000, 400, "is not JSON"),
        (b'{"records":' + b"[" * 900 + b"]" * 900 + b"}", 422, "The record is a list"),
        (b"[]", 400, "The body is a list"),
        (b"null", 400, "The body is null"),
        (b"{}", 422, "`records` is missing"),
        (b'{"records": {}}', 422, "`records` is an object"),
        (b'{"records": []}', 422, "no record"),
        (b'{"records": [1, null, "a", {}]}', 422, "The record is a number"),
        (b'{"record": []}', 422, "Did you mean `records`?"),
        (b'{"records": [{}], "simulate": true}', 422, "no field `simulate`"),
        (b'{"records": [{}], "version": true}', 422, "whole number"),
        (b'{"records": [{}], "version": 1.5}', 422, "whole number"),
        (b'{"records": [{}], "version": 0}', 422, "whole number"),
        (b'{"records": [{}], "keys": "a"}', 422, "`keys` is text"),
        (b'{"records": [{}], "keys": [1]}', 422, "The key is a number"),
        (b'{"records": [{}], "keys": ["a", "b"]}', 400, "2 keys for 1 records"),
        (b'{"records": [{"age": 1e999, "income": 1, "region": "north"}]}', 400, "infinity"),
        (b'{"records": [{"age": {"a": []}, "income": 1, "region": "north"}]}', 422, "not an object"),
    ],
)
def test_malformed_bodies_are_told_what_is_wrong(shared: TestClient, body: bytes, status: int, told: str) -> None:
    response = shared.post(PREDICT, content=body)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    texts = [problem["detail"], problem["hint"] or "", *(error["message"] for error in problem["errors"])]
    assert any(told in text for text in texts), texts


def test_a_key_in_the_body_given_twice_counts_once(shared: TestClient) -> None:
    body = b'{"records": [], "records": [{"age": 1, "age": 40, "income": 30000.0, "region": "north"}]}'
    response = shared.post(PREDICT, content=body)
    assert response.status_code == 200
    assert logged(shared)[0]["inputs"] == RECORD


def test_too_many_records_and_too_long_bodies_are_refused(serve: Serve) -> None:
    client = serve(max_records=3, max_body_bytes=2_000)
    response = client.post(PREDICT, json={"records": [RECORD] * 4})
    assert (response.status_code, response.json()["code"]) == (413, "too_large")
    response = client.post(PREDICT, content=b" " * 2_001)
    assert (response.status_code, response.json()["code"]) == (413, "too_large")
    assert "MODELDESK_MAX_BODY_BYTES" in response.json()["hint"]


def test_the_same_request_again_gives_the_same_answer_once(shared: TestClient) -> None:
    key = {"Idempotency-Key": "order-7"}
    first = ask(shared, [RECORD, RECORD], headers=key)
    before = len(logged(shared))
    assert ask(shared, [RECORD, RECORD], headers=key) == first
    assert len(logged(shared)) == before
    response = shared.post(PREDICT, json={"records": [RECORD]}, headers=key)
    assert (response.status_code, response.json()["code"]) == (409, "conflict")
    assert shared.post(PREDICT, json={"records": [RECORD]}, headers={"Idempotency-Key": "k" * 201}).status_code == 400


def test_the_request_id_is_kept_where_it_is_sane(shared: TestClient) -> None:
    response = shared.post(PREDICT, json={"records": [RECORD]}, headers={"X-Request-ID": "abc-123"})
    assert response.headers["x-request-id"] == "abc-123"
    assert logged(shared)[0]["request_id"] == "abc-123"
    response = shared.get("/api/v1/models", headers={"X-Request-ID": "a b\tc"})
    assert len(response.headers["x-request-id"]) == 32


def test_a_model_that_cannot_load_says_why_and_takes_no_other_down(serve: Serve, models: Path) -> None:
    for file in (models / "odd" / "versions" / "1").glob("artifact.*"):
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    client = serve()
    response = client.post("/api/v1/models/odd/predict", json={"records": [{"age": 1, "income": 1}]})
    assert (response.status_code, response.json()["code"]) == (503, "model_unavailable")
    assert response.headers["retry-after"]
    assert ask(client)["version"] == 2
    assert client.get("/readyz").json()["models"] == {"odd": "degraded", "shop": "serving"}
    cards = {card["name"]: card for card in client.get("/api/v1/models").json()["models"]}
    assert cards["odd"]["state"] == "degraded" and cards["odd"]["reason"]
    assert client.get("/api/v1/models/odd").status_code == 200


def test_without_a_log_nothing_is_answered(serve: Serve, tmp_path: Path) -> None:
    serve()
    database = tmp_path / "var" / "modeldesk.db"
    database.rename(tmp_path / "elsewhere")
    database.mkdir()
    for name in ("-wal", "-shm"):
        Path(f"{database}{name}").unlink(missing_ok=True)
    fresh = TestClient(create_app(read_settings(models=tmp_path / "models", data=tmp_path / "var")), "http://127.0.0.1")
    with fresh:
        response = fresh.post(PREDICT, json={"records": [RECORD]})
        assert response.status_code == 503
        assert response.json()["code"] in ("store_unavailable", "model_unavailable")
        assert fresh.get("/readyz").status_code == 503
        assert fresh.get("/healthz").status_code == 200
