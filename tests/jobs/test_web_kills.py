"""The web process is killed, and clients leave: a batch is there whole or not at all, and comes to its end."""

from __future__ import annotations

import http.client
import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from modeldesk.bootstrap import build_context
from modeldesk.core.settings import read_settings
from modeldesk.services.batches.work import BatchWorker

from tests.conftest import Effort
from tests.live import LiveServer, wait_for
from tests.postgres import PostgresServer

ROWS = 120_000
PATIENCE = 200.0
"""A generous bound, in seconds: the machine may be busy with other tests."""
BATCHES = "/api/v1/models/iris/batches"
TWO_DAYS = 2 * 24 * 3600


@pytest.fixture(scope="module")
def content(table: Path) -> bytes:
    """A file of ROWS rows, every hundredth of which cannot be scored: several chunks."""
    header, *lines = table.read_bytes().splitlines(keepends=True)
    return header + b"".join(lines) * (ROWS // len(lines))


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def server(
    request: pytest.FixtureRequest, models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    """A server with one web process and one worker."""
    settings: dict[str, Any] = {"workers": 1, "embedded_workers": 1}
    if request.param == "postgresql":
        postgres: PostgresServer = request.getfixturevalue("postgres_server")
        settings["database_url"] = postgres.create_database()
    with LiveServer(tmp_path_factory.mktemp("web"), models=models, **settings) as running:
        yield running


@pytest.fixture(scope="module")
def undisturbed(server: LiveServer, content: bytes) -> bytes:
    """The results of ``content`` from a run that nothing disturbed."""
    with server.client() as client:
        sent = client.post(BATCHES, content=content).raise_for_status().json()
        return ended(server, sent["id"])


def web(server: LiveServer) -> int:
    """The process that answers requests."""
    return int(wait_for(server.workers, PATIENCE)[0])


def kill_web(server: LiveServer) -> None:
    """Kill it, and wait until its successor answers."""
    before = web(server)
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: web(server) != before, PATIENCE)
    wait_for(lambda: ready(server), PATIENCE)


def ready(server: LiveServer) -> bool:
    try:
        return httpx.get(f"{server.url}/readyz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def ended(server: LiveServer, batch_id: str) -> bytes:
    """The results of a batch once it has ended well, ids without its own."""
    with server.client() as client:
        done = wait_for(lambda: state if (state := shown(client, batch_id))["finished_at"] else None, PATIENCE)
        assert (done["status"], done["message"]) == ("succeeded", None)
        assert (done["rows_total"], done["rows_done"], done["rows_failed"]) == (ROWS, ROWS, ROWS // 100)
        results = client.get(f"/api/v1/batches/{batch_id}/results").raise_for_status().content
        return results.replace(batch_id.encode(), b"BATCH")


def shown(client: httpx.Client, batch_id: str) -> Any:
    return client.get(f"/api/v1/batches/{batch_id}").raise_for_status().json()


def listed(server: LiveServer) -> set[str]:
    with server.client() as client:
        page = client.get("/api/v1/batches", params={"limit": 500}).raise_for_status().json()
        return {item["id"] for item in page["batches"]}


def folders(server: LiveServer) -> set[str]:
    return {path.name for path in (server.folder / "var" / "batches").iterdir()}


def begin_upload(server: LiveServer, content: bytes, share: float) -> http.client.HTTPConnection:
    """Send the first share of a file, and wait until some of it is on the server's disk."""
    before = folders(server)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    connection.putrequest("POST", BATCHES)
    connection.putheader("Content-Length", str(len(content)))
    connection.endheaders()
    # Less than a megabyte waits in the server's memory for more.
    connection.send(content[: max(int(len(content) * share), 1_100_000)])
    wait_for(lambda: folders(server) - before, PATIENCE)
    return connection


def sweep(server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The workers' sweep, two days later."""
    for path in (server.folder / "var" / "batches").iterdir():
        old = time.time() - TWO_DAYS
        os.utime(path, (old, old))
    for name, value in server.environment.items():
        if name.startswith("MODELDESK_") and name != "MODELDESK_PORT":
            monkeypatch.setenv(name, value)
    context = build_context(read_settings())
    with closing(context.store), closing(context.batch_storage):
        BatchWorker(context).sweep()


def test_half_an_upload_leaves_nothing(
    server: LiveServer, content: bytes, undisturbed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, kept = listed(server), folders(server)
    begin_upload(server, content, 0.5).close()  # the client leaves
    wait_for(lambda: folders(server) == kept, PATIENCE)
    with closing(begin_upload(server, content, 0.5)):
        kill_web(server)
    assert listed(server) == known
    assert len(folders(server)) == len(kept) + 1
    sweep(server, monkeypatch)
    assert folders(server) == kept == known
    with server.client() as client:
        again = client.post(BATCHES, content=content).raise_for_status().json()
    assert ended(server, again["id"]) == undisturbed


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_nothing_is_lost_when_the_web_process_is_killed(
    server: LiveServer, content: bytes, undisturbed: bytes, effort: Effort
) -> None:
    choose = random.Random(effort.seed)
    for _ in range(max(1, effort.worker_kills // 10)):
        known = listed(server)
        point = choose.choice(("while a file comes in", "as soon as it is there", "while it is scored", "at its end"))
        if point == "while a file comes in":
            with closing(begin_upload(server, content, choose.uniform(0.2, 1.0))) as connection:
                kill_web(server)
                with suppress(OSError, http.client.HTTPException):
                    connection.getresponse()
        else:
            with server.client() as client:
                sent = client.post(BATCHES, content=content).raise_for_status().json()
                least = {"while it is scored": 1, "at its end": ROWS}.get(point, 0)
                wait_for(lambda it=sent, rows=least: shown(client, it["id"])["rows_done"] >= rows, PATIENCE)
            kill_web(server)
            assert sent["id"] in listed(server)
        # Whatever is listed is whole: also what was accepted as the process died.
        for batch_id in listed(server) - known:
            assert ended(server, batch_id) == undisturbed, point
