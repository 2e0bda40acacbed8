"""Addresses that are not there, prefixes, and what every answer carries."""

from __future__ import annotations

import pytest
from modeldesk.web.ui.pages import all_pages
from starlette.testclient import TestClient

from tests.web.api.conftest import RECORD, Serve


@pytest.mark.parametrize(
    "path",
    [
        "/api/",
        "/api/v1",
        "/api/v2/models",
        "/api/v1/modles",
        "/api/v1/models/shop/nope",
        "/_dash-nope",
        "/_dash-component-suites/os/path.py",
        "/assets/nope.css",
    ],
)
@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_unknown_addresses_are_404_json(shared: TestClient, path: str, accept: str) -> None:
    response = shared.get(path, headers={"accept": accept})
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] == "not_found"


@pytest.mark.parametrize(
    "path",
    ["/.env", "/docs", "/redoc", "/openapi.json", "/desktop", "/models/nope", "/models/shop/nope", "/models/shop/a/b"],
)
def test_unknown_pages_are_404_for_people_and_for_programs(shared: TestClient, path: str) -> None:
    program = shared.get(path)
    assert (program.status_code, program.json()["code"]) == (404, "not_found")
    person = shared.get(path, headers={"accept": "text/html,*/*"})
    assert person.status_code == 404 and person.headers["content-type"].startswith("text/html")


def test_every_page_is_at_its_address(shared: TestClient) -> None:
    paths = [page.path.replace("<name>", "shop").replace("<prediction_id>", "x") for page in all_pages()]
    for path in (*paths, "/models/shop/"):
        page = shared.get(path)
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8"), path


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/api/v1/models", "GET"),
        ("GET", "/api/v1/models/shop/predict", "POST"),
        ("DELETE", "/api/v1/models/shop", "GET"),
        ("PATCH", "/api/openapi.json", "GET"),
        ("GET", "/_dash-update-component", "POST"),
    ],
)
def test_other_methods_are_405_with_those_allowed(shared: TestClient, method: str, path: str, allowed: str) -> None:
    response = shared.request(method, path)
    assert response.status_code == 405
    assert response.headers["allow"] == allowed
    assert response.json()["code"] == "method_not_allowed"


def test_head_is_get_without_a_body(shared: TestClient) -> None:
    for path in ("/", "/api/v1/models", "/healthz"):
        response = shared.head(path)
        assert (response.status_code, response.content) == (200, b"")


def test_every_answer_carries_the_safe_headers(shared: TestClient) -> None:
    for path in ("/", "/api/v1/models", "/api/nope", "/healthz", "/_dash-layout", "/api/docs"):
        headers = shared.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-request-id"]
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy and "'sha256-" in policy
        script = next(part for part in policy.split("; ") if part.startswith("script-src"))
        assert "'unsafe-inline'" not in script and "http" not in policy


@pytest.mark.parametrize("path", ["/api/v1/models", "/desk/api/v1/models", "/desk/healthz", "/desk/readyz"])
def test_a_prefix_may_be_stripped_by_the_proxy_or_not(serve: Serve, path: str) -> None:
    client = serve(url_prefix="/desk/")
    assert client.get(path).status_code == 200
    document = client.get("/desk/api/openapi.json").json()
    assert document["servers"] == [{"url": "/desk"}]
    page = client.get("/desk/")
    assert page.status_code == 200 and '"/desk/_dash-component-suites/' in page.text.replace("'", '"')
    assert client.post("/desk/api/v1/models/shop/predict", json={"records": [RECORD]}).status_code == 200
    assert client.get("/desktop").status_code == client.get("/desk/desktop").status_code == 404
    assert len(client.get("/models/shop").text) == len(client.get("/desk/models/shop").text)


def test_foreign_hosts_and_origins_are_refused(shared: TestClient) -> None:
    response = shared.get("/api/v1/models", headers={"host": "evil.example"})
    assert (response.status_code, response.json()["code"]) == (400, "unknown_host")
    page = shared.get("/", headers={"host": "evil.example", "accept": "text/html"})
    assert page.status_code == 400 and "MODELDESK_ALLOWED_HOSTS" in page.text
    response = shared.post(
        "/api/v1/models/shop/predict", json={"records": [RECORD]}, headers={"sec-fetch-site": "cross-site"}
    )
    assert (response.status_code, response.json()["code"]) == (403, "foreign_origin")


def test_metrics_tell_models_and_predictions(serve: Serve) -> None:
    client = serve()
    client.post("/api/v1/models/shop/predict", json={"records": [RECORD] * 3})
    lines = client.get("/metrics").text.splitlines()
    assert 'modeldesk_model_serving{model="shop",state="serving"} 1' in lines
    assert 'modeldesk_model_served_version{model="shop"} 2' in lines
    assert 'modeldesk_predictions_today{model="shop"} 3' in lines
    assert 'modeldesk_predictions_today{model="odd"} 0' in lines
    assert "modeldesk_store_up 1" in lines


def test_metrics_and_details_are_for_administrators_and_monitors(serve: Serve) -> None:
    proxied = {"auth": "proxy", "proxy_trusted": "10.0.0.5", "admin_groups": "ops"}
    client = serve(client=("10.0.0.5", 1), **proxied)
    admin = {"remote-user": "ann", "remote-groups": "ops"}
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"remote-user": "bo"}).status_code == 403
    assert client.get("/metrics", headers=admin).status_code == 200
    assert (
        client.get("/readyz").json()
        == client.get("/readyz", headers={"remote-user": "bo"}).json()
        == {"status": "ready"}
    )
    assert client.get("/readyz", headers=admin).json()["models"]["shop"] == "serving"
    monitor = serve(client=("10.9.9.9", 1), monitor_trusted="10.9.0.0/16", **proxied)
    assert "modeldesk_model_serving" in monitor.get("/metrics").text
    assert monitor.get("/readyz").json()["workers"] == 0


def test_long_answers_are_compressed_for_those_who_take_it(shared: TestClient) -> None:
    plain = shared.get("/api/openapi.json", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers and "Accept-Encoding" in plain.headers["vary"]
    for encoding in ("gzip", "br"):
        packed = shared.get("/api/openapi.json", headers={"accept-encoding": encoding})
        assert packed.headers["content-encoding"] == encoding
        assert packed.json() == plain.json()
        assert int(packed.headers["content-length"]) < len(plain.content) / 3
