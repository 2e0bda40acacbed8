"""What a request costs: over the artifact alone at one client, and how many a second at 16.

Three pipelines (logistic, boosted, 300 trees) with a DataFrame of numbers and words in; every
prediction is checked and committed to SQLite before its answer, as always. The client runs in a
process of its own, on the same machine.

    python -m benchmarks.request_cost [--seconds 8]
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from modeldesk import publish
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from tests.live import LiveServer, children, post, press

AIMS = {"logistic": 500, "boosted": 400, "forest": 150}
"""Requests a second at 16 clients that are aimed at."""

CLIENTS = 16
NUMBERS = [f"number {i}" for i in range(10)]


@dataclass(frozen=True, slots=True)
class Cost:
    """Medians in milliseconds at one client, and requests a second at CLIENTS."""

    model: str
    alone: float
    request: float
    rate: float
    slowest: float
    failed: int


def table(rows: int = 4_000) -> pd.DataFrame:
    """Ten numbers, two columns of words and a binary target."""
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(rows, len(NUMBERS))), columns=NUMBERS)
    frame["region"] = random.choice(["north", "east", "south", "west"], rows)
    frame["kind"] = random.choice(["a", "b", "c"], rows)
    chance = frame["number 0"] + frame["number 1"] * (frame["region"] == "north") + random.normal(size=rows)
    return frame.assign(bought=np.where(chance > 0, "yes", "no"))


def pipelines() -> dict[str, Any]:
    """The three kinds, not fitted."""

    def on_top(estimator: Any) -> Any:
        words = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
        return make_pipeline(
            make_column_transformer((StandardScaler(), NUMBERS), (words, ["region", "kind"])), estimator
        )

    return {
        "logistic": on_top(LogisticRegression()),
        "boosted": on_top(HistGradientBoostingClassifier(random_state=0)),
        "forest": on_top(RandomForestClassifier(n_estimators=300, random_state=0)),
    }


def alone(estimator: Any, row: pd.DataFrame, seconds: float) -> float:
    """The median time of the artifact's own ``predict_proba`` on one row, in milliseconds."""
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        started = time.perf_counter()
        estimator.predict_proba(row)
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


def pressed(port: int, clients: int, request: bytes, seconds: float) -> tuple[list[float], int, float]:
    """Seconds a request took, how many failed, and how long all took, from a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_press, (port, clients, request, seconds))


def _press(port: int, clients: int, request: bytes, seconds: float) -> tuple[list[float], int, float]:
    async def run(length: float) -> tuple[list[float], int, float]:
        started = time.perf_counter()
        answers = await press(port, clients, lambda: request, lambda: time.perf_counter() - started > length)
        failed = sum(answer.status != 200 for answer in answers)
        return [answer.seconds for answer in answers], failed, time.perf_counter() - started

    run_with = _fast_loop()
    run_with(run(1.0))  # lets both workers warm up
    return run_with(run(seconds))


def _fast_loop() -> Callable[[Any], Any]:
    import uvloop

    return lambda main: asyncio.Runner(loop_factory=uvloop.new_event_loop).run(main)


def settle(server: LiveServer, seconds: float = 60.0) -> None:
    """Wait until the server has done what it does after its start: until all its processes
    together take less than a tenth of a processor."""
    assert server.process is not None
    before, end = _processor_seconds(server.process.pid), time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(1.0)
        now = _processor_seconds(server.process.pid)
        if now - before < 0.1:
            return
        before = now


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(_processor_seconds(child) for child in children(pid))


def measure(folder: Path, seconds: float, workers: int) -> list[Cost]:
    """Publish the three, serve them, and measure each."""
    data = table()
    features = data.drop(columns="bought")
    fitted = {name: pipeline.fit(features, data["bought"]) for name, pipeline in pipelines().items()}
    for name, pipeline in fitted.items():
        publish(pipeline, data, "bought", name=name, models=folder / "models")
    row = features.iloc[[7]]
    body = {"records": row.to_dict("records")}
    costs = []
    with LiveServer(folder, workers=workers, log_level="warning") as server:
        for _ in range(2):  # what a start prepares comes in steps
            settle(server)
        for name, pipeline in fitted.items():
            request = post(f"/api/v1/models/{name}/predict", body)
            own = alone(pipeline, row, seconds / 4)
            single, lost, _ = pressed(server.port, 1, request, seconds / 2)
            many, failed, took = pressed(server.port, CLIENTS, request, seconds)
            slowest = statistics.quantiles(many, n=100)[98] * 1000
            costs.append(Cost(name, own, statistics.median(single) * 1000, len(many) / took, slowest, failed + lost))
    return costs


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="What a request costs.")
    parser.add_argument("--seconds", type=float, default=8.0, help="how long each model is pressed (8)")
    parser.add_argument("--workers", type=int, default=2, help="worker processes (2)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        costs = measure(Path(folder), given.seconds, given.workers)
    print(f"One request, checked and logged on SQLite; {given.workers} workers; client on the same machine\n")
    print("model      alone p50   request p50   over model   16 clients      p99   aim")
    for cost in costs:
        print(
            f"{cost.model:9} {cost.alone:7.2f} ms {cost.request:10.2f} ms {cost.request - cost.alone:9.2f} ms"
            f" {cost.rate:8.0f} /s {cost.slowest:8.1f} ms   {AIMS[cost.model]} /s"
            + (f"   {cost.failed} failed" if cost.failed else "")
        )


if __name__ == "__main__":
    main()
