"""Cards, schema, versions and the log over REST, and who may do what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from starlette.testclient import TestClient

from tests.live import wait_for
from tests.web.api.conftest import RECORD, Serve


def test_models_are_listed_and_shown(shared: TestClient) -> None:
    cards = {card["name"]: card for card in shared.get("/api/v1/models").json()["models"]}
    assert set(cards) == {"odd", "shop"}
    assert cards["shop"]["task"] == "binary" and cards["shop"]["version"] == 2
    card = shared.get("/api/v1/models/shop").json()
    assert {name: card[name] for name in cards["shop"]} == cards["shop"]
    assert card["features"] == ["age", "income", "region"] and card["versions"] == [1, 2]
    assert card["classes"] == ["no", "yes"] and card["evaluation"]["source"] == "training"


def test_the_schema_takes_its_own_defaults(shared: TestClient) -> None:
    schema = shared.get("/api/v1/models/shop/schema").json()
    jsonschema_rs.meta.validate(schema)
    defaults = {name: item["default"] for name, item in schema["properties"].items() if "default" in item}
    jsonschema_rs.validate(schema, defaults)
    assert shared.post("/api/v1/models/shop/predict", json={"records": [defaults]}).status_code == 200
    assert shared.get("/api/v1/models/shop/schema", params={"version": 1}).json()["required"]
    assert shared.get("/api/v1/models/shop/schema", params={"version": 7}).status_code == 404


@pytest.mark.parametrize("name", ["nope", "%2e%2e", "shop%00", "a%2fb", "%C3%A9", "%F0", "x" * 500])
def test_a_model_that_is_not_there_is_404_json(shared: TestClient, name: str) -> None:
    for path in (f"/api/v1/models/{name}", f"/api/v1/models/{name}/schema", f"/api/v1/models/{name}/versions"):
        response = shared.get(path)
        assert response.status_code == 404
        assert response.headers["content-type"] == "application/problem+json"


def test_the_log_is_paged_newest_first(serve: Serve) -> None:
    client = serve()
    for age in range(5):
        client.post("/api/v1/models/shop/predict", json={"records": [{**RECORD, "age": 30 + age}]})
    found: list[Any] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = client.get("/api/v1/models/shop/predictions", params=query).json()
        found += page["predictions"]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert [item["inputs"]["age"] for item in found] == [34, 33, 32, 31, 30]
    since = client.get("/api/v1/models/shop/predictions", params={"since": found[1]["created_at"]}).json()
    assert [item["id"] for item in since["predictions"]] == [item["id"] for item in found[:2]]


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "501"},
        {"limit": "x"},
        {"since": "yesterday"},
        {"cursor": "nonsense"},
        {"source": "wire"},
        {"version": "0"},
    ],
)
def test_bad_queries_are_told(shared: TestClient, query: dict[str, str]) -> None:
    response = shared.get("/api/v1/models/shop/predictions", params=query)
    assert response.status_code in (400, 422)
    assert response.headers["content-type"] == "application/problem+json"


def test_versions_are_promoted_and_rolled_back_with_a_reason(serve: Serve) -> None:
    client = serve()
    listed = client.get("/api/v1/models/shop/versions").json()
    assert [(item["version"], item["served"]) for item in listed["versions"]] == [(2, True), (1, False)]
    promote = "/api/v1/models/shop/versions/1/promote"
    assert client.post(promote, json={}).status_code == 422
    assert client.post(promote, json={"reason": 3}).status_code == 422
    assert client.post(promote, json={"reason": "x", "force": True}).status_code == 422
    change = client.post(promote, json={"reason": "Better on the north."})
    assert change.status_code == 200
    body = change.json()
    assert (body["version"], body["previous"], body["action"], body["who"]) == (1, 2, "promote", "local")
    assert client.post("/api/v1/models/shop/predict", json={"records": [RECORD]}).json()["version"] == 1
    assert client.post(promote, json={"reason": "again"}).status_code == 409
    back = client.post("/api/v1/models/shop/rollback", json={"reason": "Worse after all."}).json()
    assert (back["version"], back["action"]) == (2, "rollback")
    assert client.post("/api/v1/models/shop/predict", json={"records": [RECORD]}).json()["version"] == 2
    history = client.get("/api/v1/models/shop/versions").json()["history"]
    assert [item["why"] for item in history] == ["Worse after all.", "Better on the north."]
    assert client.post("/api/v1/models/shop/versions/9/promote", json={"reason": "x"}).status_code == 404
    assert client.post("/api/v1/models/shop/versions/x/promote", json={"reason": "x"}).status_code == 422


PROXY = {"auth": "proxy", "proxy_trusted": "10.0.0.5", "analyst_groups": "data", "manager_groups": "leads"}


def test_a_threshold_is_set_with_a_reason_and_taken_back(serve: Serve) -> None:
    client = serve()
    address, record = "/api/v1/models/shop/threshold", {"records": [RECORD]}
    first = client.post("/api/v1/models/shop/predict", json=record).json()["predictions"][0]
    chance = first["probability"]["yes"]
    bad: tuple[dict[str, Any], ...] = (
        {}, {"reason": "x"}, {"threshold": "0.3", "reason": "x"}, {"threshold": True, "reason": "x"},
        {"threshold": 1.2, "reason": "x"}, {"threshold": 0.3}, {"threshold": 0.3, "reason": "x", "by": 1},
    )  # fmt: skip
    for body in bad:
        assert client.post(address, json=body).status_code == 422, body
    for threshold, expected in ((chance / 2, "yes"), ((1 + chance) / 2, "no")):
        change = client.post(address, json={"threshold": threshold, "reason": "A trial."})
        assert change.status_code == 200, change.text
        answer = client.post("/api/v1/models/shop/predict", json=record).json()["predictions"][0]
        assert answer["prediction"] == expected
    card = client.get("/api/v1/models/shop").json()
    assert (card["threshold"], card["threshold_own"], card["threshold_unused"]) == (threshold, None, None)
    assert card["threshold_saved"] == change.json()
    assert (change.json()["who"], change.json()["revision"], change.json()["positive"]) == ("local", 2, "yes")
    stale = client.post(address, json={"threshold": 0.5, "reason": "x", "revision": 1})
    assert stale.status_code == 409 and "local set the threshold of shop" in stale.json()["detail"]
    assert client.post(address, json={"threshold": None, "reason": "Over.", "revision": 2}).status_code == 200
    assert client.get("/api/v1/models/shop").json()["threshold"] is None
    listed = client.get("/api/v1/models/shop/versions").json()["thresholds"]
    assert [item["why"] for item in listed] == ["Over.", "A trial.", "A trial."]
    assert client.post("/api/v1/models/odd/threshold", json={"threshold": 0.5, "reason": "x"}).status_code == 422


def test_a_proxy_names_the_caller_and_objects_are_their_owners(serve: Serve) -> None:
    client = serve(client=("10.0.0.5", 4711), **PROXY)
    ann, bob = {"Remote-User": "ann"}, {"Remote-User": "bob"}
    data, lead = {"Remote-User": "dana", "Remote-Groups": "data"}, {"Remote-User": "lea", "Remote-Groups": "leads"}
    assert client.get("/api/v1/models").status_code == 401
    answer = client.post("/api/v1/models/shop/predict", json={"records": [RECORD]}, headers=ann).json()
    address = f"/api/v1/predictions/{answer['predictions'][0]['id']}"
    assert client.get(address, headers=ann).json()["owner"] == "ann"
    assert client.get(address, headers=bob).status_code == 404
    assert client.get(address, headers=data).status_code == 200
    log = "/api/v1/models/shop/predictions"
    assert [len(client.get(log, headers=who).json()["predictions"]) for who in (ann, bob, data)] == [1, 0, 1]
    promote = "/api/v1/models/shop/versions/1/promote"
    for who, status in ((ann, 403), (data, 403), (lead, 200)):
        assert client.post(promote, json={"reason": "x"}, headers=who).status_code == status


def test_headers_from_elsewhere_name_nobody(serve: Serve) -> None:
    client = serve(client=("10.0.0.6", 4711), **PROXY)
    response = client.get("/api/v1/models", headers={"Remote-User": "ann"})
    assert (response.status_code, response.json()["code"]) == (401, "not_signed_in")


def test_a_model_for_some_groups_is_not_there_for_others(serve: Serve, models: Path) -> None:
    client = serve(client=("10.0.0.5", 4711), **PROXY)
    staff = {"Remote-User": "ann", "Remote-Groups": "staff"}
    toml = models / "odd" / "model.toml"
    toml.write_text(toml.read_text() + '\n[access]\ngroups = ["risk"]\n')

    def hidden() -> bool:
        return [card["name"] for card in client.get("/api/v1/models", headers=staff).json()["models"]] == ["shop"]

    wait_for(hidden, 10)
    assert client.get("/api/v1/models/odd", headers=staff).status_code == 404
    assert client.post("/api/v1/models/odd/predict", json={"records": [{}]}, headers=staff).status_code == 404
    assert "/models/odd/" not in client.get("/api/openapi.json", headers=staff).text
    risk = {"Remote-User": "rita", "Remote-Groups": "risk"}
    assert client.get("/api/v1/models/odd", headers=risk).status_code == 200
    assert "odd.PredictBody" in client.get("/api/openapi.json", headers=risk).text


def test_thresholds_worth_looking_at_are_suggested(shared: TestClient) -> None:
    address = "/api/v1/models/shop/thresholds"
    query = {"recall": 0.9, "precision": 0.7, "cost_missed": 5, "cost_alarm": 1}
    response = shared.get(address, params=query)
    assert response.status_code == 200, response.text
    answer = response.json()
    assert (answer["model"], answer["version"], answer["of_class"], answer["rows"]) == ("shop", 2, "yes", 200)
    found = {item["aim"]: item for item in answer["suggestions"]}
    assert list(found) == ["lowest_cost", "best_f1", "recall", "precision"]
    assert found["recall"]["metrics"]["recall"] >= 0.9 and found["precision"]["metrics"]["precision"] >= 0.7
    lowest = found["lowest_cost"]
    assert lowest["cost"] == 5 * lowest["missed"] + lowest["alarms"] == min(item["cost"] for item in found.values())
    assert sum(lowest[name] for name in ("found", "missed", "alarms", "passed")) == 200
    plain = shared.get(address, params={"version": 1}).json()
    assert (plain["version"], [item["aim"] for item in plain["suggestions"]]) == (1, ["best_f1"])
    assert plain["suggestions"][0]["cost"] is None
    for wrong in ({"recall": "0"}, {"precision": "1.1"}, {"recall": "nan"}, {"cost_missed": "-1"}, {"class": "maybe"}):
        assert shared.get(address, params=wrong).status_code == 422, wrong
    half = shared.get(address, params={"cost_missed": 5})
    assert (half.status_code, half.json()["errors"][0]["field"]) == (422, "cost_alarm")
    assert shared.get("/api/v1/models/odd/thresholds").status_code == 422
