"""A real server with two workers: what it answers, under promotion, kills and signals."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import Effort
from tests.live import Answer, LiveServer, children, post, press, title, wait_for
from tests.web.server.conftest import FEATURES, rows

RECORD = dict(zip(FEATURES, [0.4, 1.3, -0.2], strict=True))


def predict(model: str, record: dict[str, float] = RECORD) -> bytes:
    """A predict request as it goes over the wire."""
    return post(f"/api/v1/models/{model}/predict", {"records": [record]})


def logged_ids(folder: Path) -> list[str]:
    """The ids in the log, read from the database itself."""
    with sqlite3.connect(folder / "var" / "modeldesk.db") as database:
        return [row[0] for row in database.execute("SELECT id FROM predictions")]


def answered_ids(answers: list[Answer]) -> list[str]:
    """The ids of the predictions that were answered."""
    return [item["id"] for answer in answers if answer.status == 200 for item in answer.body["predictions"]]


def asked_by_workers(server: LiveServer, path: str, count: int = 40) -> list[httpx.Response]:
    """The same question over many connections, so that each worker gets some."""
    found = []
    for _ in range(count):
        with server.client() as client:
            found.append(client.get(path))
    return found


def test_boosted_models_of_three_libraries_answer_through_two_workers(
    server: LiveServer, estimators: dict[str, Any]
) -> None:
    sample = rows().head(8)
    assert len(server.workers()) == 2
    with server.client() as client:
        client.post("/api/v1/models/histogram/versions/1/promote", json={"reason": "The one with 30 trees."})
        for name, estimator in estimators.items():
            expected = estimator.predict_proba(sample[FEATURES])[:, 1]
            body = {"records": sample[FEATURES].to_dict("records"), "version": 1}
            answer = client.post(f"/api/v1/models/{name}/predict", json=body).json()
            found = [item["probability"]["1"] for item in answer["predictions"]]
            assert found == pytest.approx(list(map(float, expected)), abs=1e-9)
    for name in estimators:
        request, end = predict(name), time.monotonic() + 1.5
        answers = asyncio.run(press(server.port, 8, lambda it=request: it, lambda until=end: time.monotonic() > until))
        assert {answer.status for answer in answers} == {200}
    assert len(logged_ids(server.folder)) == len(set(logged_ids(server.folder)))


def test_a_threshold_set_in_one_worker_is_followed_by_all(server: LiveServer) -> None:
    address = "/api/v1/models/histogram/threshold"

    def answers() -> set[object]:
        """What a dozen connections, and so each worker, predict for the same record."""
        found = set()
        for _ in range(12):
            with server.client() as client:
                answer = client.post("/api/v1/models/histogram/predict", json={"records": [RECORD]}).json()
            found.add(answer["predictions"][0]["prediction"])
        return found

    def decide(threshold: float | None) -> float:
        with server.client() as client:
            client.post(address, json={"threshold": threshold, "reason": "A trial."}).raise_for_status()
        return time.monotonic()

    for threshold, expected in ((1.0, {0}), (0.0, {1})):
        decided = decide(threshold)
        wait_for(lambda wanted=expected: answers() == wanted, 20.0, lambda: str(answers()))
        assert time.monotonic() - decided < 10, "a look each second, on a busy machine"
    decide(None)


def test_promotion_under_load_gives_no_error_and_no_mixed_answer(server: LiveServer) -> None:
    with server.client() as client:
        told = {
            version: client.post(
                "/api/v1/models/histogram/predict", json={"records": [RECORD], "version": version}
            ).json()["predictions"][0]["probability"]
            for version in (1, 2)
        }
        assert told[1] != told[2]
        served = client.get("/api/v1/models/histogram").json()["version"]
        stop = threading.Event()
        answers: list[Answer] = []
        pressing = threading.Thread(
            target=lambda: answers.extend(
                asyncio.run(press(server.port, 8, lambda: predict("histogram"), stop.is_set, pause=0.15))
            )
        )
        pressing.start()
        followed = []
        for _ in range(6):
            served = 3 - served
            path = f"/api/v1/models/histogram/versions/{served}/promote"
            assert client.post(path, json={"reason": "Back and forth."}).status_code == 200
            started = time.monotonic()
            wait_for(lambda version=served: _all_serve(server, version), 60)
            followed.append(time.monotonic() - started)
        stop.set()
        pressing.join()
    print("seconds until all workers followed:", *(f"{seconds:.1f}" for seconds in followed))
    assert min(followed) < 2.5  # the quickest: a machine busy with other things may delay single ones
    assert len(answers) > 50
    assert {answer.status for answer in answers} == {200}
    for answer in answers:
        assert answer.body["predictions"][0]["probability"] == told[answer.body["version"]]
    assert {answer.body["version"] for answer in answers} == {1, 2}


def _all_serve(server: LiveServer, version: int) -> bool:
    found = {response.json()["version"] for response in asked_by_workers(server, "/api/v1/models/histogram", 12)}
    return found == {version}


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_no_answered_prediction_is_lost_when_workers_are_killed(server: LiveServer, effort: Effort) -> None:
    chance = random.Random(effort.seed)
    names = itertools.cycle(["histogram", "xgboost", "lightgbm"])
    stop = threading.Event()
    answers: list[Answer] = []
    pressing = threading.Thread(
        target=lambda: answers.extend(
            asyncio.run(press(server.port, 8, lambda: predict(next(names)), stop.is_set, pause=0.005))
        )
    )
    pressing.start()
    for _ in range(effort.kills):
        seen = len(logged_ids(server.folder))
        wait_for(lambda seen=seen: len(logged_ids(server.folder)) >= seen + 20, 180, lambda: server.log[-2000:])
        victims = wait_for(lambda: len(server.workers()) == 2 and server.workers(), 30)
        time.sleep(chance.uniform(0, 0.05))  # at any moment of a request, not only after one
        os.kill(chance.choice(victims), signal.SIGKILL)
    wait_for(lambda: len(server.workers()) == 2, 30)
    stop.set()
    pressing.join()
    with server.client() as client:
        wait_for(lambda: client.get("/readyz").status_code == 200, 60)
    answered, logged = answered_ids(answers), logged_ids(server.folder)
    print(f"{effort.kills} kills, {len(answered)} answered, {len(logged)} logged")
    assert len(answered) > 20 * effort.kills / 2
    assert Counter(logged).most_common(1)[0][1] == 1
    assert Counter(answered).most_common(1)[0][1] == 1
    assert set(answered) <= set(logged)
    assert {answer.status for answer in answers} <= {0, 200}


def test_readiness_ends_at_once_when_the_server_is_told_to_stop(server: LiveServer) -> None:
    with server.client() as client:
        wait_for(lambda: client.get("/readyz").json()["status"] == "ready", 60)
        before = set(server.workers())
        for worker in before:
            os.kill(worker, signal.SIGTERM)
        # On the connection that is open: it belongs to one of them.
        response = wait_for(lambda: (found := client.get("/readyz")).status_code != 200 and found, 1)
        assert (response.status_code, response.json()["status"]) == (503, "stopping")
    wait_for(lambda: len(server.workers()) == 2 and not before & set(server.workers()), 60)
    wait_for(lambda: all(r.status_code == 200 for r in asked_by_workers(server, "/readyz", 8)), 60)


def test_a_log_that_cannot_be_written_answers_nothing_and_says_why(server: LiveServer) -> None:
    with server.client() as client:
        body = {"records": [RECORD]}
        assert client.post("/api/v1/models/xgboost/predict", json=body).status_code == 200
        lock = sqlite3.connect(server.folder / "var" / "modeldesk.db", isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        before = len(logged_ids(server.folder))
        response = client.post("/api/v1/models/xgboost/predict", json=body)
        assert (response.status_code, response.json()["code"]) == (503, "store_unavailable")
        assert response.json()["detail"] == "The database could not be written.", "the log alone says why"
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200
        lock.execute("ROLLBACK")
        lock.close()
        assert client.post("/api/v1/models/xgboost/predict", json=body).status_code == 200
        assert len(logged_ids(server.folder)) == before + 1
        assert "locked" in server.log and response.headers["x-request-id"] in server.log


def test_sigterm_lets_requests_end_and_answers_no_error(boosted_models: Path, tmp_path: Path) -> None:
    server = LiveServer(tmp_path, models=boosted_models)
    server.start()
    process = server.process
    assert process is not None
    answers: list[Answer] = []
    pressing = threading.Thread(
        target=lambda: answers.extend(
            asyncio.run(press(server.port, 8, lambda: predict("xgboost"), lambda: process.poll() is not None))
        )
    )
    pressing.start()
    wait_for(lambda: len(logged_ids(server.folder)) > 50, 60)
    started = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - started < 15
    pressing.join()
    assert {answer.status for answer in answers} <= {0, 200}
    assert set(answered_ids(answers)) <= set(logged_ids(server.folder))


def test_a_second_signal_does_not_wait(boosted_models: Path, tmp_path: Path) -> None:
    with LiveServer(tmp_path, models=boosted_models, graceful_timeout=600) as server:
        assert server.process is not None
        held = socket.create_connection(("127.0.0.1", server.port))
        held.sendall(b"POST /api/v1/models/xgboost/predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{")
        with server.client() as client:
            client.get("/healthz")
        server.process.send_signal(signal.SIGTERM)
        wait_for(lambda: "Handling signal: term" in server.log, 10)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(20) == 0
        held.close()


def test_serve_ends_with_its_server(boosted_models: Path, tmp_path: Path) -> None:
    with LiveServer(tmp_path, models=boosted_models, workers=1) as server:
        assert server.process is not None
        [master] = server.masters()
        os.kill(master, signal.SIGKILL)
        assert server.process.wait(20) != 0
        assert "The server ended by itself" in server.log


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = LiveServer(tmp_path, port=port)
        server.launch()
        assert server.process is not None and server.process.wait(30) == 1
    assert f"Something else listens on 127.0.0.1:{port} already." in server.log
    assert "modeldesk serve --port" in server.log and "Traceback" not in server.log


def test_a_database_that_cannot_be_made_is_told_and_nothing_is_left_running(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file where the folder should be")
    server = LiveServer(tmp_path)
    server.launch()
    assert server.process is not None and server.process.wait(60) == 1
    assert "The database cannot be made: " in server.log and "MODELDESK_DATA" in server.log
    assert "modeldesk.db: File exists" in server.log
    assert "Traceback" not in server.log


def test_nothing_heavy_is_imported_before_the_fork() -> None:
    heavy = ("pandas", "numpy", "sklearn", "sqlalchemy", "duckdb", "dash", "plotly", "xgboost", "lightgbm", "shap")
    assert loaded_after("modeldesk.web.server.worker, modeldesk.main", heavy) == []


def test_what_hangs_after_a_fork_is_not_imported_before_it() -> None:
    assert loaded_after("modeldesk.preload", ("xgboost", "lightgbm", "catboost", "sklearn")) == ["sklearn"]


def test_processes_end_when_their_server_is_killed(boosted_models: Path, tmp_path: Path) -> None:
    server = LiveServer(tmp_path, models=boosted_models, workers=1)
    server.start()
    assert server.process is not None
    [forks] = [pid for pid in children(server.process.pid) if "forkserver" in title(pid)]
    wait_for(lambda: len(children(forks)) == 2, 60)  # the web's master process and a job worker
    running = [forks, *children(forks), *server.workers()]
    server.process.kill()
    server.process.wait()
    wait_for(lambda: not any(map(title, running)), 60, lambda: str([title(pid) for pid in running]))


def loaded_after(modules: str, names: tuple[str, ...]) -> list[str]:
    """Which of the modules ``names`` a fresh process has loaded once it has imported ``modules``."""
    code = f"import sys, {modules}; print(*[name for name in {names} if name in sys.modules])"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
