"""Presets, and what people say of predictions, over REST."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from starlette.testclient import TestClient

from tests.web.api.conftest import RECORD

PRESETS = "/api/v1/models/shop/presets"


def as_documented(client: TestClient, method: str, template: str, answer: Any) -> Any:
    """The body of an answer, held against what is documented of it."""
    document = client.get("/api/openapi.json").json()
    described = document["paths"][template][method]["responses"][str(answer.status_code)]
    schema = described["content"]["application/json"]["schema"]
    jsonschema_rs.validate({**schema, "components": document["components"]}, answer.json())
    return answer.json()


def faults(answer: Any) -> list[tuple[int | None, str | None]]:
    """Row and field of each error of a refusal."""
    assert answer.status_code == 422, answer.text
    return [(item["row"], item["field"]) for item in answer.json()["errors"]]


def test_a_preset_is_saved_listed_changed_and_deleted(shared: TestClient) -> None:
    body = {"name": "Young", "records": [{"inputs": {**RECORD, "age": 20}}], "shared": True}
    made = shared.post(PRESETS, json=body)
    assert made.status_code == 201, made.text
    preset = as_documented(shared, "post", "/api/v1/models/{name}/presets", made)
    assert (preset["version"], preset["kind"], preset["owner"]) == (2, "preset", "local")
    one, template = f"{PRESETS}/{preset['id']}", "/api/v1/models/{name}/presets/{preset_id}"
    assert as_documented(shared, "get", template, shared.get(one)) == preset
    listed = as_documented(shared, "get", "/api/v1/models/{name}/presets", shared.get(PRESETS))["presets"]
    assert listed == [{key: value for key, value in preset.items() if key != "records"}]
    assert shared.post(PRESETS, json=body).status_code == 409
    changed = as_documented(shared, "patch", template, shared.patch(one, json={"name": "Twenty"}))
    assert (changed["name"], changed["shared"]) == ("Twenty", True)
    assert shared.delete(one).status_code == 204 and shared.get(one).status_code == 404
    assert shared.get(PRESETS).json() == {"presets": []}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, [(None, "name"), (None, "records")]),
        ({"name": 7, "records": "x"}, [(None, "name"), (None, "records")]),
        ({"name": "A", "records": []}, [(None, "records")]),
        ({"name": "A", "records": [{"inputs": RECORD}], "pinned": True}, [(None, "pinned")]),
        ({"name": "A", "records": [{"inputs": RECORD}], "kind": "other"}, [(None, "kind")]),
        (
            {"name": "A", "records": [{"inputs": RECORD}], "shared": 1, "version": 0},
            [(None, "shared"), (None, "version")],
        ),
        ({"name": "A", "records": [{"inputs": RECORD}, {"inputs": 3}]}, [(1, "records.inputs")]),
        ({"name": "A", "records": [{"inputs": {**RECORD, "age": "old"}}]}, [(0, "age")]),
        ({"name": " ", "records": [{"inputs": RECORD}]}, [(None, "name")]),
    ],
)
def test_what_is_wrong_with_a_preset_is_named(shared: TestClient, body: Any, told: Any) -> None:
    assert faults(shared.post(PRESETS, json=body)) == told
    assert shared.get(PRESETS).json() == {"presets": []}


def test_a_prediction_is_rated_and_the_rating_withdrawn(shared: TestClient) -> None:
    made = shared.post("/api/v1/models/shop/predict", json={"records": [RECORD]}).json()["predictions"][0]["id"]
    path, template = f"/api/v1/predictions/{made}/feedback", "/api/v1/predictions/{prediction_id}/feedback"
    states = []
    for body in ({"verdict": "wrong", "comment": "Too high"}, {"verdict": "right"}, {"verdict": None}):
        states.append(as_documented(shared, "post", template, shared.post(path, json=body))["state"])
        listed = shared.get("/api/v1/models/shop/predictions", params={"feedback": "wrong"}).json()["predictions"]
        assert [entry["id"] for entry in listed] == [made] * (body["verdict"] == "wrong")
    assert states == ["recorded", "changed", "withdrawn"]
    found = as_documented(shared, "get", template, shared.get(path))
    assert (found["yours"], found["right"], found["wrong"]) == (None, 0, 0)
    assert [(entry["verdict"], entry["comment"]) for entry in found["entries"]] == [
        ("wrong", "Too high"),
        ("right", None),
        (None, None),
    ]
    assert faults(shared.post(path, json={})) == [(None, "verdict")]
    assert faults(shared.post(path, json={"verdict": "perhaps"})) == [(None, "verdict")]
    assert faults(shared.post(path, json={"verdict": "wrong", "comment": "x" * 1_001})) == [(None, "comment")]
    assert shared.post(path, content=b"[").status_code == 400
    assert shared.post("/api/v1/predictions/none/feedback", json={"verdict": "right"}).status_code == 404
