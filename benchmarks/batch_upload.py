"""A large CSV taken in through the Batch page's own route: how long it takes, and by how much the
server's memory grows meanwhile, over all its processes.

    python -m benchmarks.batch_upload [--megabytes 1000]
"""

from __future__ import annotations

import argparse
import http.client
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
from modeldesk import publish
from sklearn.linear_model import LinearRegression

from benchmarks._memory import memory
from tests.live import LiveServer

AIM_BYTES = 200_000_000
_PATH = "/api/v1/models/line/batches?start=false&file_name=rows.csv"
_BLOCK_ROWS = 20_000
_LOOK_SECONDS = 0.1


def blocks(size: int) -> Iterator[bytes]:
    """A CSV of at least so many bytes."""
    draw = np.random.default_rng(0)
    block = pd.DataFrame(draw.normal(size=(_BLOCK_ROWS, 10))).to_csv(index=False, header=False).encode()
    yield ",".join(f"x{place}" for place in range(10)).encode() + b"\n"
    for _ in range(-(-size // len(block))):
        yield block


def upload(port: int, size: int) -> float:
    """Send such a file as the page does; seconds until it is taken in."""
    length = sum(map(len, blocks(size)))
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=600)) as connection:
        started = time.perf_counter()
        connection.putrequest("POST", _PATH)
        connection.putheader("Content-Type", "application/octet-stream")
        connection.putheader("Content-Length", str(length))
        connection.endheaders()
        for block in blocks(size):
            connection.send(block)
        answer = connection.getresponse()
        told = json.loads(answer.read())
        if answer.status != 202 or told["size"] != length:
            raise RuntimeError(f"{answer.status}: {told}")
        return time.perf_counter() - started


class Peak:
    """The largest share of memory that a server's processes take while the block runs."""

    def __init__(self, pid: int) -> None:
        self.bytes = 0
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(_LOOK_SECONDS):
            self.bytes = max(self.bytes, memory([self._pid])[0])


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Take a large file in.")
    parser.add_argument("--megabytes", type=int, default=1_000)
    given = parser.parse_args()
    data = pd.DataFrame(np.random.default_rng(1).normal(size=(200, 10)), columns=[f"x{place}" for place in range(10)])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = LinearRegression().fit(data, data.sum(axis=1))
        publish(model, data.assign(y=data.sum(axis=1)), "y", name="line", models=folder / "models")
        with LiveServer(folder, workers=1, embedded_workers=1) as server:
            assert server.process is not None
            upload(server.port, 1_000_000)  # whatever a first upload loads is there already
            before = memory([server.process.pid])[0]
            with Peak(server.process.pid) as peak:
                seconds = upload(server.port, given.megabytes * 1_000_000)
    grown = peak.bytes - before
    print(f"{given.megabytes:,} MB of CSV through the page's route\n")
    print(f"taken in                      {seconds:8.1f} s   {given.megabytes / seconds:,.0f} MB/s")
    print(f"growth of the server          {grown / 1e6:8.0f} MB   aim {AIM_BYTES / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
