"""Batches over REST: files taken in as forms and as bodies, progress, results, and what is refused."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from modeldesk.bootstrap import build_context
from modeldesk.core.settings import read_settings
from modeldesk.services.batches.work import BatchWorker
from starlette.testclient import TestClient

from tests.web.api.conftest import RECORD, Serve, people, start

BATCHES = "/api/v1/models/shop/batches"
FILE = people()[list(RECORD)].to_csv(index=False).encode()


@pytest.fixture(scope="module")
def site(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, BatchWorker]]:
    """One application, and what a worker on the same data does."""
    data = tmp_path_factory.mktemp("var")
    with ExitStack() as stack:
        client = start(stack, models=published, data=data, max_upload_bytes=200_000)
        context = build_context(read_settings(models=published, data=data))
        stack.callback(context.store.close)
        stack.callback(context.batch_storage.close)
        yield client, BatchWorker(context)


def work(worker: BatchWorker, batch_id: str) -> None:
    """Everything that workers do for a batch."""
    for index in range(worker.prepare(batch_id)):
        worker.score(batch_id, index)
    worker.finish(batch_id)


def sent(client: TestClient, **query: Any) -> Any:
    """A batch from a body."""
    answer = client.post(BATCHES, params={"file_name": "people.csv", **query}, content=FILE)
    assert answer.status_code == 202, answer.text
    return answer.json()


def test_a_form_and_a_body_make_the_same_batch(site: tuple[TestClient, BatchWorker]) -> None:
    client, worker = site
    form = client.post(BATCHES, files={"file": ("people.csv", FILE)}, data={"version": "1", "decimal": "."})
    assert form.status_code == 202, form.text
    body = sent(client, version=1, decimal=".")
    lines = []
    for made in (form.json(), body):
        assert (made["status"], made["version"], made["file_name"]) == ("queued", 1, "people.csv")
        assert made["options"] == {"decimal": "."} and "No worker" in made["message"]
        work(worker, made["id"])
        shown = client.get(f"/api/v1/batches/{made['id']}").json()
        assert (shown["status"], shown["rows_total"], shown["rows_done"], shown["rows_failed"]) == (
            "succeeded",
            200,
            200,
            0,
        )
        assert shown["message"] is None and shown["summary"]["scored"] == 200
        lines.append(client.get(f"/api/v1/batches/{made['id']}/results").text.replace(made["id"], ""))
    assert lines[0] == lines[1]


def test_results_in_every_format_and_rows_as_predictions(site: tuple[TestClient, BatchWorker]) -> None:
    client, worker = site
    made = sent(client)
    address = f"/api/v1/batches/{made['id']}"
    early = client.get(f"{address}/results")
    assert early.status_code == 409 and "queued" in early.json()["detail"]
    work(worker, made["id"])
    csv = client.get(f"{address}/results")
    assert csv.headers["content-type"].startswith("text/csv")
    assert 'filename="people-scored.csv"' in csv.headers["content-disposition"]
    table = pd.read_csv(io.BytesIO(csv.content))
    parquet = pd.read_parquet(io.BytesIO(client.get(f"{address}/results", params={"format": "parquet"}).content))
    assert parquet["id"].tolist() == table["id"].tolist()
    book = openpyxl.load_workbook(
        io.BytesIO(client.get(f"{address}/results", params={"format": "xlsx"}).content), read_only=True
    )
    assert book.sheetnames == ["Results", "Rejected"]
    kept = client.get(f"/api/v1/predictions/{made['id']}-2").json()
    called = client.post(
        "/api/v1/models/shop/predict", json={"records": [people()[list(RECORD)].to_dict("records")[0]]}
    )
    [answer] = called.json()["predictions"]
    assert (kept["source"], kept["prediction"], kept["probability"]) == (
        "batch",
        answer["prediction"],
        answer["probability"],
    )
    rows = client.get(f"{address}/rows", params={"limit": 1, "prediction": "yes"}).json()
    assert rows["rows"][0]["prediction"] == "yes" and rows["next_offset"] == 1
    assert client.get(f"{address}/errors").json() == {"errors": [], "next_offset": None}
    assert client.get(f"{address}/errors", params={"format": "csv"}).text.startswith('"row","field"')
    assert client.get(f"{address}/results", params={"format": "pdf"}).status_code == 422


def test_the_steps_of_the_page(site: tuple[TestClient, BatchWorker]) -> None:
    client, worker = site
    renamed = FILE.replace(b"income", b"Income ")
    made = client.post(BATCHES, params={"start": "false", "file_name": "p.csv"}, content=renamed).json()
    address = f"/api/v1/batches/{made['id']}"
    assert made["status"] == "uploaded"
    found = client.post(f"{address}/check").json()
    assert (found["missing"], found["suggestions"], found["can_start"]) == (["income"], {"income": ["Income "]}, False)
    refused = client.post(f"{address}/start")
    assert refused.status_code == 422 and refused.json()["errors"][0]["field"] == "income"
    options = {"columns": {"income": "Income"}}
    found = client.post(f"{address}/check", json=options).json()
    assert (found["can_start"], found["rows"], found["rows_rejected"]) == (True, 200, 0)
    assert client.post(f"{address}/start", json=options).json()["status"] == "queued"
    assert client.post(f"{address}/start", json=options).status_code == 409
    work(worker, made["id"])
    again = client.post(f"{address}/rerun", json={"version": 1}).json()
    assert (again["version"], again["status"], again["options"]) == (1, "queued", options)
    stopped = client.post(f"/api/v1/batches/{again['id']}/cancel").json()
    assert (stopped["status"], stopped["message"]) == ("cancelled", "Cancelled by local.")
    listed = client.get("/api/v1/batches", params={"model": "shop", "limit": 2}).json()
    assert [item["id"] for item in listed["batches"]] == [again["id"], made["id"]] and listed["next_cursor"]
    for batch_id in (again["id"], made["id"]):
        assert client.delete(f"/api/v1/batches/{batch_id}").status_code == 204
        assert client.get(f"/api/v1/batches/{batch_id}").status_code == 404


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_a_template_can_be_sent_as_it_is(site: tuple[TestClient, BatchWorker], kind: str) -> None:
    client, worker = site
    template = client.get(f"{BATCHES}/template", params={"format": kind})
    assert template.status_code == 200, template.text
    made = client.post(BATCHES, params={"file_name": f"t.{kind}"}, content=template.content).json()
    work(worker, made["id"])
    assert client.get(f"/api/v1/batches/{made['id']}").json()["rows_done"] == 1


FORM = {"content-type": "multipart/form-data; boundary=x"}
PART = b'--x\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\n\r\nage\n'


@pytest.mark.parametrize(
    ("request_", "status", "says"),
    [
        ({"content": b""}, 422, "empty"),
        ({"content": b"%PDF-1.7"}, 422, "PDF"),
        ({"content": b"colour\nred\n"}, 422, "No column"),
        ({"content": b"x" * 200_001}, 413, "200,000 bytes"),
        ({"content": FILE, "params": {"version": "9"}}, 404, "no version 9"),
        ({"content": FILE, "params": {"version": "x"}}, 404, "no alias 'x'"),
        ({"content": FILE, "params": {"version": "X!"}}, 422, "whole number"),
        ({"content": FILE, "params": {"start": "maybe"}}, 422, "true or false"),
        ({"content": FILE, "params": {"decimal": "x"}}, 422, "options"),
        ({"content": FILE, "params": {"colour": "x"}}, 422, "options"),
        ({"content": FILE, "params": {"columns": "{"}}, 400, "JSON"),
        ({"content": FILE, "params": {"file_name": "x" * 300}}, 400, "name"),
        ({"content": b"", "headers": {"content-type": "multipart/form-data"}}, 400, "boundary"),
        ({"content": PART, "headers": FORM}, 400, "broke off"),
        ({"content": b"--y\r\n", "headers": FORM}, 400, "form"),
        ({"data": {"decimal": "."}, "files": {"other": b"x"}}, 400, "`file`"),
        ({"files": [("file", b"age\n"), ("file", b"age\n")]}, 400, "several"),
        ({"files": {"file": b"age\n"}, "data": {"columns": "x" * 100_001}}, 400, "longer"),
    ],
)
def test_what_is_refused_leaves_nothing(
    site: tuple[TestClient, BatchWorker], request_: dict[str, Any], status: int, says: str
) -> None:
    client, worker = site
    before = client.get("/api/v1/batches").json()
    answer = client.post(BATCHES, **request_)
    assert answer.status_code == status, answer.text
    assert says in json.dumps(answer.json())
    assert client.get("/api/v1/batches").json() == before
    folder = worker._context.batch_storage.folder
    assert {path.name for path in folder.iterdir()} >= {item["id"] for item in before["batches"]}
    assert all(client.get(f"/api/v1/batches/{path.name}").status_code == 200 for path in folder.iterdir())


def test_other_bodies_keep_their_own_limit(site: tuple[TestClient, BatchWorker], serve: Serve) -> None:
    client = serve(max_body_bytes=1_000, max_upload_bytes=50_000)
    assert client.post("/api/v1/models/shop/predict", content=b" " * 1_001).status_code == 413
    assert client.post(BATCHES, content=FILE).status_code == 202
    assert "MODELDESK_MAX_UPLOAD_BYTES" in client.post(BATCHES, content=b"x" * 1_100_000).text


def test_batches_are_their_owners(serve: Serve) -> None:
    client = serve(auth="proxy", proxy_trusted="127.0.0.1")
    ada, bob = ({"remote-user": name} for name in ("ada", "bob"))
    made = client.post(BATCHES, content=FILE, headers=ada).json()
    assert made["owner"] == "ada"
    assert client.get(f"/api/v1/batches/{made['id']}", headers=ada).status_code == 200
    for method, path in (
        ("GET", ""),
        ("DELETE", ""),
        ("GET", "/results"),
        ("GET", "/errors"),
        ("GET", "/rows"),
        ("POST", "/check"),
        ("POST", "/start"),
        ("POST", "/cancel"),
        ("POST", "/rerun"),
    ):
        answer = client.request(method, f"/api/v1/batches/{made['id']}{path}", headers=bob)
        assert answer.status_code == 404, (method, path)
    assert client.get("/api/v1/batches", headers=bob).json()["batches"] == []


def test_readiness_counts_the_workers(site: tuple[TestClient, BatchWorker]) -> None:
    client, _ = site
    assert client.get("/readyz").json()["workers"] == 0
