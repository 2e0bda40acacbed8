"""Rows that end the process that scores them: found, rejected by their numbers, and all others scored."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd
import pytest

from tests import poison
from tests.live import LiveServer, wait_for

PATIENCE = 600.0
ROWS = 900


def poisonous() -> tuple[pd.DataFrame, set[int]]:
    """Rows of which some are poison, and the numbers of these in the file, where the first row is 2."""
    frame = poison.table(ROWS)[["a", "b"]]
    frame.loc[[17, 500, 899], "a"] = [poison.EXITS, poison.LEAVES, poison.CRASHES]
    return frame, {19, 502, 901}


@pytest.mark.timeout(1200)
def test_poisonous_rows_are_rejected_by_name_and_the_rest_is_scored(poisoned: Path, tmp_path: Path) -> None:
    frame, fatal = poisonous()
    with LiveServer(tmp_path, models=poisoned, workers=1, embedded_workers=1) as server, server.client() as client:
        address = "/api/v1/models/poison/batches?file_name=rows.csv"
        sent = client.post(address, content=frame.to_csv(index=False).encode()).raise_for_status().json()
        done = wait_for(
            lambda: found if (found := client.get(f"/api/v1/batches/{sent['id']}").json())["finished_at"] else None,
            PATIENCE,
            lambda: server.log[-4_000:],
        )
        assert (done["status"], done["rows_done"], done["rows_failed"]) == ("succeeded", ROWS, len(fatal)), done
        errors = list(csv.DictReader(io.StringIO(client.get(f"/api/v1/batches/{sent['id']}/errors?format=csv").text)))
        assert {int(line["row"]) for line in errors} == fatal
        assert all("process" in line["message"] for line in errors)
        scored = pd.read_csv(io.BytesIO(client.get(f"/api/v1/batches/{sent['id']}/results?format=csv").content))
        kept = frame[frame["a"] < 100]
        assert (scored["prediction"] - (kept["a"] + kept["b"]).to_numpy()).abs().max() < 1e-9
        # Before it is scored apart, a chunk ends its worker no more than three times.
        assert server.log.count("is started again") == 3
