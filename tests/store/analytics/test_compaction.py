"""The log goes into files, and at every moment each row of it is there once."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from modeldesk.core.errors import NotFound
from modeldesk.ports.analytics import AnalyticsQuery, Column, LogRows, Measure, Points
from modeldesk.ports.predictions import LogQuery
from modeldesk.ports.store import Store
from modeldesk.store import open_store
from modeldesk.store.analytics import log_files

from tests.conftest import Effort
from tests.store.analytics.killed_compactor import KEPT, Settler
from tests.store.records import NOON, claim, prediction

SOURCE = LogRows("loans", (Column("id", "category"), *KEPT))
EVERYTHING = [
    AnalyticsQuery((Measure("rows", "count"), Measure("sum", "sum", ":n"))),
    Points(("id", ":n"), limit=1_000_000),
]


def seen(store: Store) -> dict[str, float]:
    """The rows that are there at one moment, by id: counted, added up and listed alike."""
    sums, rows = store.analyst.ask(SOURCE, EVERYTHING).tables
    assert sums["rows"] == [len(rows["id"])]
    assert (sums["sum"][0] or 0.0) == sum(rows[":n"])
    found = dict(zip(rows["id"], rows[":n"], strict=True))
    assert len(found) == len(rows["id"])
    assert store.analyst.extent(SOURCE).rows >= len(found)
    return found


class Inserts:
    """Predictions that are appended call after call; what was begun and what was acknowledged, by id."""

    def __init__(self, store: Store) -> None:
        self.begun: dict[str, float] = {}
        self.acknowledged: dict[str, float] = {}
        self._store = store

    def append_until(self, stop: threading.Event) -> None:
        """Append five at a time."""
        while not stop.wait(0.02):
            number = len(self.begun)
            call = [prediction(inputs={"n": float(number + place)}) for place in range(5)]
            values = {record.id: record.inputs["n"] for record in call}
            self.begun |= values
            self._store.log.append(call)
            self.acknowledged |= values

    def read_until(self, stop: threading.Event) -> int:
        """Read again and again: each time all is there that was acknowledged before, and nothing that was
        not begun. How often that was."""
        times = 0
        while not stop.wait(0.02):
            before = dict(self.acknowledged)
            found = seen(self._store)
            assert before.items() <= found.items() <= dict(self.begun).items()
            times += 1
        return times


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_nothing_is_lost_or_seen_twice_however_often_settling_is_killed(
    database: str, tmp_path: Path, effort: Effort
) -> None:
    choose = random.Random(effort.seed)
    store = open_store(database, data=tmp_path)
    inserts, stop = Inserts(store), threading.Event()
    with ThreadPoolExecutor(2) as pool:
        working = [pool.submit(inserts.append_until, stop), pool.submit(inserts.read_until, stop)]
        try:
            for _ in range(effort.settling_kills):
                Settler(database, tmp_path).kill_after(steps=choose.randrange(4))
                assert not any(work.done() for work in working)
        finally:
            stop.set()
    assert working[0].result() is None
    times = working[1].result()
    assert seen(store) == inserts.begun == inserts.acknowledged
    while store.log_files.settle("loans", 3, KEPT):
        pass
    assert store.log_files.unsettled() == []
    assert seen(store) == inserts.begun
    print(f"{effort.settling_kills} kills, {len(inserts.begun)} rows, read {times} times")
    store.close()


def test_settled_rows_stay_in_the_log(store: Store) -> None:
    records = [prediction(minutes=number, key=f"k{number}", inputs={"n": float(number)}) for number in range(30)]
    store.log.append(records, claim())
    assert [(item.model, item.version, item.rows, item.first) for item in store.log_files.unsettled()] == [
        ("loans", 3, 30, NOON)
    ]
    assert store.log_files.settle("loans", 3, KEPT) == 30
    assert store.log_files.settle("loans", 3, KEPT) == 0
    assert store.log_files.unsettled() == []
    assert store.log.get(records[7].id) == records[7]
    assert store.log.page(LogQuery(key="k7")).records == [records[7]]
    assert store.log.replay(claim()) == records
    late = prediction(minutes=-5, inputs={"n": 0.5})  # committed after others that were made later
    store.log.append([late])
    assert seen(store)[late.id] == 0.5
    assert store.log_files.settle("loans", 3, KEPT) == 1
    assert len(seen(store)) == 31


def test_of_two_that_settle_the_same_rows_one_does(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.log.append([prediction(inputs={"n": float(number)}) for number in range(20)])
    wrote = log_files.write_table

    def write_while_another_settles(file: Path, table: Any) -> None:
        monkeypatch.setattr(log_files, "write_table", wrote)
        assert store.log_files.settle("loans", 3, KEPT) == 20
        wrote(file, table)

    monkeypatch.setattr(log_files, "write_table", write_while_another_settles)
    assert store.log_files.settle("loans", 3, KEPT) == 0
    assert len(seen(store)) == 20


def test_few_files_are_made_of_many_and_old_ones_go(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for start in range(0, 90, 10):
        store.log.append([prediction(inputs={"n": float(start + place)}) for place in range(10)])
        store.log_files.settle("loans", 3, KEPT)
    before = seen(store)
    assert store.log_files.merge() == 1
    assert store.log_files.merge() == 0
    assert seen(store) == before
    folder = tmp_path / "log"
    leftover = folder / ".loans-3-x.parquet.part"
    leftover.touch()
    store.log_files.sweep()
    assert len(list(folder.iterdir())) == 11
    monkeypatch.setattr(log_files, "READERS_SECONDS", -1)
    monkeypatch.setattr(log_files, "LEFTOVER_SECONDS", -1)
    store.log_files.sweep()
    assert len(list(folder.iterdir())) == 2
    assert seen(store) == before


def test_files_that_are_gone_are_made_again(store: Store, tmp_path: Path) -> None:
    for number in (1.0, 2.0, 3.0):
        store.log.append([prediction(inputs={"n": number})])
        store.log_files.settle("loans", 3, KEPT)
    before = seen(store)
    store.log_files.mend()
    assert store.log_files.unsettled() == []
    next((tmp_path / "log").iterdir()).unlink()
    with pytest.raises(NotFound):
        seen(store)
    store.log_files.mend()
    assert seen(store) == before
    assert store.log_files.settle("loans", 3, KEPT) == 3
    assert seen(store) == before
