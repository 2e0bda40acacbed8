"""``modeldesk score`` on millions of rows of Parquet: its wall time over that of the bare minimum, and
the peak of its memory over all processes; and the same file as a batch, by a server's workers.

The minimum is what any program has to do, on as many processes: read the rows in chunks, call the
model's own ``predict_proba``, write rows and probabilities as plain Parquet. Both are timed from
the start of their first process to the end of the last. Each is run several times in turn, and the
fastest run counts, since whatever else the machine does can only slow one down.

    python -m benchmarks.batch_speed [--rows 10000000] [--processes 2] [--times 2]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from modeldesk.model_service.tables.options import CHUNK_ROWS

from benchmarks._memory import memory
from tests.live import LiveServer, wait_for

AIM_OVER_MINIMUM, AIM_AS_BATCH, AIM_BYTES = 1.25, 1.4, 2**30
_GROUP_ROWS = 1_000_000
_PATIENCE = 600.0
_LOOK_SECONDS = 0.5
"""Seldom enough to take nothing from what is measured."""


@dataclass(frozen=True, slots=True)
class Run:
    """Wall seconds, and the peak of memory over all processes: proportional shares, and resident."""

    seconds: float
    shared: int
    resident: int


def table(rows: int, seed: int) -> pd.DataFrame:
    """Seven numbers and three whole numbers."""
    random = np.random.default_rng(seed)
    columns = {f"number {place}": random.normal(size=rows) for place in range(7)}
    columns |= {f"count {place}": random.integers(0, most, rows) for place, most in enumerate((5, 50, 1_000))}
    return pd.DataFrame(columns)


def prepare(folder: Path, rows: int) -> None:
    """Publish a gradient boosting model, and write the file to be scored."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    from modeldesk import publish
    from sklearn.ensemble import HistGradientBoostingClassifier

    data = table(20_000, 0)
    noise = np.random.default_rng(1).normal(size=len(data))
    level = data["number 0"] + data["number 1"] * data["number 2"] + data["count 1"] / 25 - 1 + noise
    model = HistGradientBoostingClassifier(random_state=0).fit(data, level > 0)
    publish(model, data.assign(target=level > 0), "target", name="boosting", models=folder / "models")
    writer = None
    for start in range(0, rows, _GROUP_ROWS):
        part = pa.Table.from_pandas(table(min(_GROUP_ROWS, rows - start), 2 + start), preserve_index=False)
        writer = writer or pq.ParquetWriter(folder / "rows.parquet", part.schema)
        writer.write_table(part)
    if writer is not None:
        writer.close()


def minimum(artifact: Path, source: Path, target: Path, share: int, of: int) -> None:
    """One process's share of the minimum: every ``of``-th row group."""
    import joblib
    import pyarrow as pa
    import pyarrow.parquet as pq

    model = joblib.load(artifact)
    writer = None
    with pq.ParquetFile(source) as file:
        groups = list(range(share, file.num_row_groups, of))
        for batch in file.iter_batches(batch_size=CHUNK_ROWS, row_groups=groups, use_threads=False):
            probability = model.predict_proba(batch.to_pandas())
            columns = [*batch.columns, pa.array(probability[:, 0]), pa.array(probability[:, 1])]
            scored = pa.table(columns, names=[*batch.schema.names, "no", "yes"])
            writer = writer or pq.ParquetWriter(target, scored.schema)
            writer.write_table(scored)
    if writer is not None:
        writer.close()


def timed(folder: Path, commands: list[list[str]]) -> Run:
    """Run commands side by side and watch their memory."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).resolve().parent.parent / "app"),
        "OMP_NUM_THREADS": "1",
        "MODELDESK_MODELS": str(folder / "models"),
        "MODELDESK_DATA": str(folder / "var"),
    }
    started = time.perf_counter()
    running = [subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) for command in commands]
    shared = resident = 0
    while any(process.poll() is None for process in running):
        pss, rss = memory([process.pid for process in running])
        shared, resident = max(shared, pss), max(resident, rss)
        time.sleep(0.2)
    seconds = time.perf_counter() - started
    if any(process.returncode for process in running):
        raise RuntimeError(f"{commands[0]} failed")
    return Run(seconds, shared, resident)


def batch(folder: Path, source: Path, workers: int) -> float:
    """Seconds from the answer to an upload until it is scored by a server's workers."""
    with LiveServer(folder, workers=1, embedded_workers=workers) as server, server.client() as client:
        wait_for(lambda: client.get("/readyz").json().get("workers") == workers, _PATIENCE)
        with source.open("rb") as file:
            query = {"file_name": source.name}
            answer = client.post("/api/v1/models/boosting/batches", params=query, content=file, timeout=_PATIENCE)
        started, batch_id = time.perf_counter(), answer.raise_for_status().json()["id"]
        address = f"/api/v1/batches/{batch_id}"
        while not (done := client.get(address).json())["finished_at"]:
            time.sleep(_LOOK_SECONDS)
        seconds = time.perf_counter() - started
        if done["status"] != "succeeded":
            raise RuntimeError(done["message"])
        client.delete(address).raise_for_status()
        return seconds


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Score millions of rows of Parquet.")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--times", type=int, default=2, help="runs of each, in turn; the fastest counts")
    parser.add_argument("--share", nargs=5, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.share:
        artifact, source, target, number, of = given.share
        minimum(Path(artifact), Path(source), Path(target), int(number), int(of))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder, given.rows)
        source, artifact = folder / "rows.parquet", next((folder / "models/boosting/versions/1").glob("artifact.*"))
        share = [sys.executable, "-m", "benchmarks.batch_speed", "--share", str(artifact), str(source)]
        shares = [
            [*share, str(folder / f"share{number}.parquet"), str(number), str(given.processes)]
            for number in range(given.processes)
        ]
        score = [
            sys.executable,
            "-m",
            "modeldesk",
            "score",
            "boosting",
            str(source),
            "-o",
            str(folder / "scored.parquet"),
        ]
        score += ["--processes", str(given.processes), "--no-unusual", "--json"]
        least, ours, batches = [], [], []
        for _ in range(given.times):
            least.append(timed(folder, shares))
            ours.append(timed(folder, [score]))
            batches.append(batch(folder, source, given.processes))
    bare, best = min(run.seconds for run in least), min(run.seconds for run in ours)
    shared, resident = max(run.shared for run in ours), max(run.resident for run in ours)
    print(f"{given.rows:,} rows of Parquet, 10 columns, gradient boosting, {given.processes} processes\n")
    print(f"read, predict_proba, write    {bare:8.1f} s")
    print(f"modeldesk score               {best:8.1f} s   {best / bare:.2f} times   aim {AIM_OVER_MINIMUM}")
    as_batch = min(batches)
    print(f"the same as a batch          {as_batch:8.1f} s   {as_batch / bare:.2f} times   aim {AIM_AS_BATCH}")
    print(
        f"memory over all processes     {shared / 2**20:8.0f} MiB (sum of resident sizes {resident / 2**20:.0f})",
        end="",
    )
    print(f"   aim {AIM_BYTES / 2**20:.0f} MiB")


if __name__ == "__main__":
    main()
