"""How fast the Explore page is over a long log of predictions of 20 features.

The log is made up and written as files, as a long log is that has settled. Then a real server is asked
what a browser would ask: the page, the callback that opens it, and for each filter the one that paints
at once from a sample and the one that makes every figure exact. What the browser itself takes is not in
these figures. The same is done with a log of SHORT rows, to hold the first repaints against each other.

    python -m benchmarks.explore_speed [--rows 10000000] [--times 10]
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from modeldesk.store import migrate
from modeldesk.web.ui.pages.explore import ids as names

from benchmarks._long_log import MODEL, publish_model, write_log
from benchmarks._memory import memory
from tests.live import LiveServer, wait_for

SHORT = 100_000
"""Rows of the log that a long one is compared with."""
OPEN_AIM, PAINT_AIM, EXACT_AIM = 2.0, 0.5, 2.0
"""Seconds."""
MEMORY_AIM = 400.0
"""Megabytes."""
RATIO_AIM = 2.0


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of each opening, of each first repaint, and from there until all was exact; by how many
    megabytes the server grew at most."""

    opened: list[float]
    painted: list[float]
    exact: list[float]
    grown: float


class Page:
    """The page's callbacks, called as the browser calls them."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._callbacks = client.get("/_dash-dependencies").raise_for_status().json()

    def open(self) -> str:
        """Open the page and paint it; the view that it begins with."""
        for path in (f"/models/{MODEL}/explore", "/_dash-layout", "/_dash-dependencies"):
            self._client.get(path).raise_for_status()
        begun = self._call(names.START, names.MODEL, MODEL)
        view = str(begun[names.START]["data"])
        self.paint(view)
        return view

    def paint(self, view: str) -> Mapping[str, Any]:
        """The first figures of a view: which view it was, and whether they are exact already."""
        answer = self._call(names.PAINTED, names.VIEW, view)
        painted: Mapping[str, Any] = answer[names.PAINTED]["data"]
        return painted

    def make_exact(self, painted: Mapping[str, Any]) -> None:
        """The exact figures of what was painted, unless it is exact already."""
        if painted["exact"]:
            return
        answer = self._call(names.STATUS, names.PAINTED, painted)
        assert "exact" in json.dumps(answer[names.STATUS]), answer[names.STATUS]

    def _call(self, to: str, read: str, value: Any) -> Mapping[str, Any]:
        """Call the callback that writes to one place when what stands in another is this."""
        callback = next(
            item
            for item in self._callbacks
            if f"{to}." in item["output"] and [part["id"] for part in item["inputs"]] == [read]
        )
        known = {read: value, names.MODEL: MODEL, names.ASKED: {}}
        inputs, state = (
            [{**part, "value": known.get(part["id"])} for part in callback[kind]] for kind in ("inputs", "state")
        )
        body = {
            "output": callback["output"],
            "outputs": [_output(part) for part in callback["output"].strip(".").split("...")],
            "inputs": inputs,
            "state": state,
            "changedPropIds": [f"{part['id']}.{part['property']}" for part in inputs],
        }
        response = self._client.post("/_dash-update-component", json=body)
        answer: Mapping[str, Any] = response.raise_for_status().json()["response"]
        return answer


def _output(part: str) -> dict[str, Any]:
    identity, _, name = part.replace("\\.", ".").rpartition(".")
    return {"id": json.loads(identity) if identity.startswith("{") else identity, "property": name}


def measure(folder: Path, rows: int, times: int) -> Times:
    """Make a log of so many rows, serve it, and look at it through so many filters."""
    database = f"sqlite:///{folder}/var/modeldesk.db"
    migrate(database)
    publish_model(folder / "models")
    began = time.perf_counter()
    write_log(folder / "models", database, folder / "var", rows)
    print(f"{rows:,} predictions written in {time.perf_counter() - began:.0f} s", flush=True)
    with LiveServer(folder, workers=1, log_level="warning") as server, server.client() as client:
        assert server.process is not None
        _settled(server.process.pid)
        with _Grown(server.process.pid) as grown:
            opened, painted, exact = _looked(Page(client), times)
    return Times(opened, painted, exact, grown.most)


def _looked(page: Page, times: int) -> tuple[list[float], list[float], list[float]]:
    opened, painted, exact = [], [], []
    for _ in range(3):
        began = time.perf_counter()
        view = page.open()
        opened.append(time.perf_counter() - began)
    page.make_exact(page.paint(view))
    for number in range(times):
        # Each filter another, so that nothing is answered from what was asked before.
        where = f"amount 1:{400 + number}..{1800 + number};region=north,east"
        began = time.perf_counter()
        seen = page.paint(f"{view}&where={where}")
        painted.append(time.perf_counter() - began)
        began = time.perf_counter()
        page.make_exact(seen)
        exact.append(time.perf_counter() - began)
    return opened, painted, exact


def _settled(pid: int) -> None:
    """Wait until the server's memory stands still, as it does once its start is over."""
    last: list[int] = []

    def still() -> bool:
        time.sleep(1.0)
        last.append(memory([pid])[0])
        return len(last) > 5 and max(last[-5:]) - min(last[-5:]) < 2e6

    wait_for(still, 120)


class _Grown:
    """By how many megabytes processes grow while the block runs, at most."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.most = 0.0

    def __enter__(self) -> _Grown:
        self._before = memory([self._pid])[0]
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.1):
            self.most = max(self.most, (memory([self._pid])[0] - self._before) / 1e6)


def line(what: str, middle: float, most: float, aim: float, unit: str) -> str:
    """A line of the table; the aim is held against the middle value."""
    return f"{what:44} {middle:9.2f} {most:9.2f} {unit:3} {aim:8g} {unit:3} {'met' if middle <= aim else 'MISSED'}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="How fast the Explore page is over a long log.")
    parser.add_argument("--rows", type=int, default=10_000_000, help="rows of the long log (10 million)")
    parser.add_argument("--times", type=int, default=10, help="how many filters are set (10)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        short = measure(Path(folder), SHORT, given.times)
    with tempfile.TemporaryDirectory() as folder:
        long = measure(Path(folder), given.rows, given.times)
    print(f"\nExplore over {given.rows:,} predictions of 20 features; one worker, client on the same machine\n")
    print(f"{'':44} {'median':>9} {'most':>9}     {'aim':>8}")
    first, later = long.opened[0], statistics.median(long.opened)
    print(line("page opened for the first time", first, first, OPEN_AIM, "s"))
    print(line("page opened again", later, max(long.opened[1:]), OPEN_AIM, "s"))
    print(line("filter: first repaint, from a sample", *_middle(long.painted), PAINT_AIM, "s"))
    print(line("filter: exact, after that", *_middle(long.exact), EXACT_AIM, "s"))
    print(line("server grew by", long.grown, long.grown, MEMORY_AIM, "MB"))
    ratio = statistics.median(long.painted) / statistics.median(short.painted)
    print(line(f"first repaint, against {SHORT:,} rows", ratio, ratio, RATIO_AIM, "x"))


def _middle(values: list[float]) -> tuple[float, float]:
    return statistics.median(values), max(values)


if __name__ == "__main__":
    main()
