"""The OpenAPI document and the page that shows it."""

from __future__ import annotations

import re
from pathlib import Path

import jsonschema_rs
import schemathesis
from modeldesk import publish
from starlette.testclient import TestClient

from tests.live import wait_for
from tests.web.api.conftest import Serve, people, pipeline


def test_the_document_is_valid_and_types_each_model(shared: TestClient) -> None:
    document = shared.get("/api/openapi.json").json()
    schemathesis.openapi.from_dict(document).validate()
    assert document["openapi"].startswith("3.1")
    for name in ("shop", "odd"):
        content = document["paths"][f"/api/v1/models/{name}/predict"]["post"]["requestBody"]["content"]
        body = content["application/json"]
        assert body["schema"] == {"$ref": f"#/components/schemas/{name}.PredictBody"}
        record = document["components"]["schemas"][f"{name}.Record"]
        jsonschema_rs.validate(record, body["example"]["records"][0])
        response = shared.post(f"/api/v1/models/{name}/predict", json=body["example"])
        assert response.status_code == 200
    problems = document["paths"]["/api/v1/models/{name}/predict"]["post"]["responses"]
    assert "4XX" in problems and "5XX" in problems


def test_the_document_follows_newly_published_models(serve: Serve, models: Path) -> None:
    client = serve()
    assert "later" not in client.get("/api/openapi.json").text
    publish(pipeline(0.1), people(), "bought", name="later", models=models)
    wait_for(lambda: "later.PredictBody" in client.get("/api/openapi.json").text, 10)
    wait_for(lambda: client.get("/readyz").json()["models"].get("later") == "serving", 10)


def test_the_viewer_needs_nothing_from_outside(shared: TestClient) -> None:
    page = shared.get("/api/docs")
    assert page.status_code == 200
    assert "<script>" not in page.text and "//" not in page.text.replace("<!doctype", "")
    for address in re.findall(r'(?:src|href)="(docs/[^"]+)"', page.text):
        asset = shared.get(f"/api/{address}")
        assert asset.status_code == 200
    assert "openapi.json" in shared.get("/api/docs/start.js").text


def test_answers_have_the_shapes_that_are_documented(shared: TestClient) -> None:
    document = shared.get("/api/openapi.json").json()
    shop = "/api/v1/models/shop"
    shared.post(f"{shop}/predict", json={"records": [{"age": 40, "income": 1.0, "region": "north"}]})
    for path in ("/api/v1/models", shop, f"{shop}/versions", f"{shop}/predictions"):
        template = path.replace("shop", "{name}")
        schema = document["paths"][template]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        answer = shared.get(path).json()
        jsonschema_rs.validate({**schema, "components": document["components"]}, answer)
        _no_field_is_undocumented(answer, schema["$ref"], document)


def _no_field_is_undocumented(answer: dict[str, object], reference: str, document: dict[str, object]) -> None:
    node: object = document
    for part in reference.removeprefix("#/").split("/"):
        assert isinstance(node, dict)
        node = node[part]
    assert isinstance(node, dict)
    assert set(answer) == set(node["properties"])
