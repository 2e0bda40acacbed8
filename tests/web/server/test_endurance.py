"""What artifacts, and connections that ask nothing, can do to a server: nothing that lasts."""

from __future__ import annotations

import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from modeldesk.web.server.processes import open_more_files

from tests import poison
from tests.live import LiveServer, wait_for

HALF_A_HEAD = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-More: "


@pytest.fixture(scope="module")
def server(poisoned: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """One worker, so that what it goes through is everybody's."""
    folder = tmp_path_factory.mktemp("endurance")
    settings = {"workers": 1, "embedded_workers": 0, "header_timeout": 2, "connections_per_address": 100}
    with LiveServer(folder, models=poisoned, **settings) as running:
        yield running


def predict(client: httpx.Client, value: float) -> httpx.Response:
    return client.post("/api/v1/models/poison/predict", json={"records": [{"a": value, "b": 1.0}]})


def answers(server: LiveServer) -> bool:
    """Whether the server answers, on a connection of its own."""
    try:
        with server.client() as client:
            return predict(client, 0.5).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.mark.parametrize(
    ("value", "told"),
    [(poison.LEAVES, "raised SystemExit(3)"), (poison.COUNTS_WRONG, "gave 2 answers to 1 row")],
)
def test_what_an_artifact_raises_or_miscounts_is_an_error_of_that_artifact(
    server: LiveServer, value: float, told: str
) -> None:
    before = server.workers()
    with server.client() as client:
        response = predict(client, value)
        assert (response.status_code, response.json()["code"]) == (422, "invalid_input")
        assert told in response.json()["errors"][0]["message"]
        mixed = {"records": [{"a": a, "b": 1.0} for a in (0.1, value, 0.2)]}
        response = client.post("/api/v1/models/poison/predict", json=mixed)
        assert [item["row"] for item in response.json()["errors"]] == [1]
        assert predict(client, 0.5).json()["predictions"][0]["prediction"] == 1.5
    assert server.workers() == before


@pytest.mark.parametrize("value", [poison.EXITS, poison.CRASHES])
def test_an_artifact_that_ends_its_process_ends_no_server(server: LiveServer, value: float) -> None:
    assert server.process is not None
    [before] = server.workers()
    masters = server.masters()
    with server.client() as client, pytest.raises(httpx.HTTPError):
        predict(client, value)
    wait_for(lambda: (now := server.workers()) and now != [before] and answers(server), 120, lambda: server.log)
    assert masters == server.masters() and server.process.poll() is None


def test_a_head_that_does_not_come_to_its_end_closes_its_connection(server: LiveServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as slow:
        slow.sendall(HALF_A_HEAD)
        slow.settimeout(30)
        assert slow.recv(1) == b""


def test_the_head_of_a_later_request_has_its_own_time(server: LiveServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as kept:
        kept.settimeout(30)
        for _ in range(2):
            kept.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert b" 200 " in kept.recv(65_536)
            time.sleep(2.5)  # longer than a head may take: between requests a connection may be idle
        kept.sendall(HALF_A_HEAD)
        assert kept.recv(1) == b""


def test_many_connections_that_ask_nothing_shut_nobody_out(server: LiveServer) -> None:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    open_more_files()
    try:
        with ExitStack() as held:
            for _ in range(1_500):
                connection = held.enter_context(socket.create_connection(("127.0.0.1", server.port)))
                connection.sendall(HALF_A_HEAD)
            started = time.monotonic()
            assert answers(server)
            assert time.monotonic() - started < 20
            [worker] = server.workers()
            wait_for(lambda: len(list(Path(f"/proc/{worker}/fd").iterdir())) < 400, 60)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_idle_connections_do_not_hold_up_the_end(poisoned: Path, tmp_path: Path) -> None:
    settings = {"workers": 1, "embedded_workers": 0, "graceful_timeout": 60}
    with LiveServer(tmp_path, models=poisoned, **settings) as server, server.client() as idle:
        assert idle.get("/healthz").status_code == 200
        with socket.create_connection(("127.0.0.1", server.port)) as half:
            half.sendall(HALF_A_HEAD)
            started = time.monotonic()
            assert server.stop() == 0
        assert time.monotonic() - started < 30, "far from the time that running requests get"
