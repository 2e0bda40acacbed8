"""``modeldesk score`` where the model ends the process that asks it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
from modeldesk.model_service.batch.careful import MOST_ENDED, fatal_rows

from tests.poison import CRASHES, EXITS, LEAVES, table

pytest_plugins = ("tests.poison",)

ROOT = Path(__file__).resolve().parents[2]


def command(poisoned: Path, home: Path, *more: str) -> subprocess.Popen[str]:
    """The command over ``rows.csv`` in a folder."""
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "modeldesk",
            "score",
            "poison",
            "rows.csv",
            "-o",
            "out.csv",
            "--errors",
            "bad.csv",
            *more,
        ],
        cwd=home,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MODELDESK_MODELS": str(poisoned), "MODELDESK_DATA": "var"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_rows_that_end_the_process_are_rejected_by_name(poisoned: Path, tmp_path: Path) -> None:
    rows = table(120)[["a", "b"]]
    poison = {7: EXITS, 60: CRASHES, 61: LEAVES}
    for row, value in poison.items():
        rows.loc[row, "a"] = value
    rows.to_csv(tmp_path / "rows.csv", index=False)
    process = command(poisoned, tmp_path)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert "ended the process that scored" in err and "117 rows scored" in out
    rejected = pd.read_csv(tmp_path / "bad.csv").set_index("row")["message"]
    assert sorted(rejected.index) == [row + 2 for row in poison], "numbered as in the file, below its header"
    assert rejected[9].endswith("It ended the process that asked it about this row.")
    scored = pd.read_csv(tmp_path / "out.csv")
    pd.testing.assert_series_equal(scored["prediction"], scored["a"] + scored["b"], check_names=False)


def test_a_stopped_command_stops_its_fork(poisoned: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "rows.csv")
    process = command(poisoned, tmp_path)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    deadline = time.monotonic() + 100
    while not (forked := children.read_text().split()) and time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=100)
    assert process.returncode == 128 + signal.SIGTERM
    assert not Path(f"/proc/{forked[0]}").exists()


def test_a_command_that_is_stopped_as_it_forks_stops_its_fork() -> None:
    code = """
import os, signal, time
from modeldesk.cli.apart import goes_on_apart
fork = os.fork
def stopped_at_once():
    child = fork()
    if child:
        print(child, flush=True)
        os.kill(os.getpid(), signal.SIGTERM)
    return child
os.fork = stopped_at_once
goes_on_apart()
time.sleep(100)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 128 + signal.SIGTERM, done.stderr
    assert not Path(f"/proc/{int(done.stdout)}").exists()


def test_a_chunk_whose_every_row_is_fatal_is_given_up() -> None:
    asked: list[tuple[int, int]] = []

    def never(start: int, stop: int) -> bool:
        asked.append((start, stop))
        return False

    assert fatal_rows(10_000, never) is None
    assert len(asked) == MOST_ENDED
    assert fatal_rows(10_000, lambda start, stop: not start <= 9_999 < stop) == (9_999,)
    assert fatal_rows(0, never) == ()
