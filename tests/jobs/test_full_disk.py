"""A disk that is full, and files that are gone, under a running server: told, and mended by what is told."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest

from tests import poison
from tests.live import LiveServer, wait_for

PATIENCE = 120.0
ROWS = 120_000
DISK = "40m"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder that is a disk of its own, and soon full. Mounting takes root or sudo."""
    folder = tmp_path / "var"
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={DISK},mode=777", "modeldesk-test", str(folder)]
    try:
        subprocess.run(["mount", *options], check=True, capture_output=True)
        sudo = []
    except subprocess.CalledProcessError:
        sudo = ["sudo", "-n"]
        subprocess.run([*sudo, "mount", *options], check=True)
    yield folder
    subprocess.run([*sudo, "umount", "--lazy", str(folder)], check=True)


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """No byte is free on the folder's disk within the block."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 4096):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    try:
        yield
    finally:
        filler.unlink()


def send(client: httpx.Client, content: bytes) -> httpx.Response:
    return client.post("/api/v1/models/poison/batches?file_name=rows.csv", content=content)


def shown(client: httpx.Client, batch: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/api/v1/batches/{batch}").raise_for_status().json()
    return found


@pytest.mark.timeout(1200)
def test_a_full_disk_is_told_and_what_waits_goes_on(poisoned: Path, small_disk: Path) -> None:
    frame = poison.table(ROWS)[["a", "b"]].round(4)
    content = frame.to_csv(index=False).encode()
    server = LiveServer(small_disk.parent, models=poisoned, workers=1, embedded_workers=1)
    with server, server.client() as client:
        wait_for(lambda: "takes work" in server.log, PATIENCE, lambda: server.log[-3_000:])
        assert client.get("/readyz").status_code == 200
        sent = send(client, content).raise_for_status().json()
        # Begun: a full disk stops the queue too, which then begins nothing.
        wait_for(lambda: shown(client, sent["id"])["status"] == "running", PATIENCE)
        with filled(small_disk):
            wait_for(lambda: client.get("/readyz").status_code == 503, 60)
            reason = client.get("/readyz").json()["reason"]
            assert "no room left" in reason or "disk is full" in reason
            refused = send(client, content)
            assert (refused.status_code, refused.json()["code"]) == (507, "no_room"), refused.text
            assert "MODELDESK_DATA" in refused.json()["hint"]
            # The batch was begun and cannot be written: it waits, and says for what.
            told = wait_for(lambda: f"Batch {sent['id']} waits" in server.log, PATIENCE, lambda: server.log[-3_000:])
            state = shown(client, sent["id"])
            assert told and state["status"] in ("queued", "running") and "disk is full" in state["message"], state
        done = wait_for(
            lambda: found if (found := shown(client, sent["id"]))["finished_at"] else None,
            PATIENCE,
            lambda: f"{shown(client, sent['id'])} {server.log[-3_000:]}",
        )
        assert (done["status"], done["rows_done"], done["rows_failed"]) == ("succeeded", ROWS, 0), done
        assert client.get("/readyz").status_code == 200
        with filled(small_disk):
            export = client.get(f"/api/v1/batches/{sent['id']}/results?format=csv")
            assert (export.status_code, export.json()["code"]) == (507, "no_room"), export.text
        answer = client.get(f"/api/v1/batches/{sent['id']}/results?format=parquet")
        scored = pd.read_parquet(io.BytesIO(answer.raise_for_status().content))
        assert (scored["prediction"] - (frame["a"] + frame["b"])).abs().max() < 1e-9
        folders = [path.name for path in (small_disk / "batches").iterdir()]
        assert folders == [sent["id"]], "nothing is left of what was refused"


def test_a_database_that_was_deleted_is_not_written_on(poisoned: Path, tmp_path: Path) -> None:
    server = LiveServer(tmp_path, models=poisoned, workers=1, embedded_workers=0)
    body = {"records": [{"a": 0.5, "b": 1.0}]}
    with server, server.client() as client:
        assert client.post("/api/v1/models/poison/predict", json=body).status_code == 200
        database = tmp_path / "var" / "modeldesk.db"
        database.rename(tmp_path / "away.db")
        answer = client.post("/api/v1/models/poison/predict", json=body)
        assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
        assert "not there" in answer.json()["detail"] and "backup" in answer.json()["hint"]
        assert client.get("/readyz").status_code == 503
        assert not database.exists(), "no empty one takes its place"
        (tmp_path / "away.db").rename(database)
        assert client.post("/api/v1/models/poison/predict", json=body).status_code == 200
        assert client.get("/readyz").status_code == 200
        queue = tmp_path / "var" / "modeldesk-jobs.db"
        queue.rename(tmp_path / "queue.db")
        assert "job queue" in client.get("/readyz").json()["reason"]
