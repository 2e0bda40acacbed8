"""Many at once, and killed in between: what was acknowledged is there, once."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from threading import Event
from typing import Any

import pytest
from modeldesk.core.errors import Conflict, StoreUnavailable
from modeldesk.ports.predictions import LogQuery
from modeldesk.ports.store import Store
from modeldesk.store import open_store
from sqlalchemy import make_url

from tests.postgres import PostgresServer
from tests.store.killed_writer import THREADS, Writer
from tests.store.records import claim, prediction


def all_ids(store: Store) -> list[str]:
    ids: list[str] = []
    cursor = None
    while True:
        page = store.log.page(LogQuery(limit=10_000, cursor=cursor))
        ids += [record.id for record in page.records]
        cursor = page.next_cursor
        if cursor is None:
            return ids


@contextmanager
def held_up(url: str, request: pytest.FixtureRequest) -> Iterator[None]:
    """Nothing can be written within the block."""
    name = str(make_url(url).database)
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(name, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        with server.connect(name) as other, other.transaction():
            other.execute("LOCK TABLE predictions, idempotency_claims IN EXCLUSIVE MODE")
            yield


def test_a_bad_request_in_a_group_fails_alone(database: str, request: pytest.FixtureRequest) -> None:
    store = open_store(database)
    taken = prediction()
    store.log.append([taken], claim())
    good = [prediction() for _ in range(6)]
    bad: list[tuple[Any, ...]] = [
        ([prediction()], claim()),
        ([prediction(id=taken.id, version=9)],),
        ([prediction(version=None)],),
    ]
    calls = [([record],) for record in good]
    calls[3:3] = bad
    commits = store.log._commits  # type: ignore[attr-defined]
    with ThreadPoolExecutor(len(calls) + 1) as pool:
        with held_up(database, request):
            leader = prediction()
            futures = [pool.submit(store.log.append, [leader])]
            while not commits.busy:
                Event().wait(0.001)
            for number, call in enumerate(calls, start=1):
                futures.append(pool.submit(store.log.append, *call))
                while commits.waiting < number:
                    Event().wait(0.001)
        errors = [type(future.exception()) for future in futures]
    ok = type(None)
    assert errors == [ok] * 4 + [Conflict, Conflict, StoreUnavailable] + [ok] * 3
    assert sorted(all_ids(store)) == sorted(record.id for record in [taken, leader, *good])
    store.close()


def test_every_acknowledged_call_of_many_threads_is_there_once(store: Store) -> None:
    def append_some(_: int) -> list[str]:
        ids = []
        for _ in range(20):
            call = [prediction(), prediction()]
            store.log.append(call)
            ids += [record.id for record in call]
        return ids

    with ThreadPoolExecutor(16) as pool:
        acknowledged = [prediction_id for ids in pool.map(append_some, range(16)) for prediction_id in ids]
    assert sorted(all_ids(store)) == sorted(acknowledged)


def test_of_one_key_used_by_many_at_once_one_is_taken(store: Store) -> None:
    def append(_: int) -> str | None:
        record = prediction()
        try:
            store.log.append([record], claim())
        except Conflict:
            return None
        return record.id

    with ThreadPoolExecutor(16) as pool:
        taken = [prediction_id for prediction_id in pool.map(append, range(16)) if prediction_id]
    replayed = store.log.replay(claim())
    assert replayed is not None
    assert [record.id for record in replayed] == taken == all_ids(store)


def test_keys_in_any_order_from_several_stores_do_not_block_each_other(database: str) -> None:
    """Groups of two processes that claim the same keys crosswise: each key is taken once."""
    stores = [open_store(database) for _ in range(2)]

    def append(job: tuple[Store, str]) -> bool:
        try:
            job[0].log.append([prediction()], claim(key=job[1]))
        except Conflict:
            return False
        return True

    keys = [f"k{number}" for number in range(40)]
    jobs = [(stores[0], key) for key in keys] + [(stores[1], key) for key in reversed(keys)]
    random.Random(1).shuffle(jobs)
    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(append, jobs)) == len(keys)
    assert len(all_ids(stores[0])) == len(keys)
    for store in stores:
        store.close()


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_what_a_killed_process_acknowledged_is_there_once(database: str, effort: Any) -> None:
    """Two processes append to one database; again and again one of them is killed and replaced."""
    rng = random.Random(effort.seed)
    acknowledged: list[list[str]] = []
    running = [Writer(database), Writer(database)]
    for _ in range(effort.kills):
        running.append(Writer(database))
        acknowledged += running.pop(rng.randrange(2)).kill_after(calls=rng.randrange(1, 200))
    for writer in running:
        acknowledged += writer.kill_after(calls=1)
    store = open_store(database)
    stored = all_ids(store)
    store.close()
    ids = [prediction_id for call in acknowledged for prediction_id in call]
    assert len(stored) == len(set(stored))
    assert len(ids) >= 2 * effort.kills
    assert set(ids) <= set(stored)
    # What was committed and not acknowledged are whole calls: at most one for each thread killed.
    unacknowledged = len(stored) - len(ids)
    print(f"{effort.kills} kills, {len(ids)} acknowledged rows, {unacknowledged} committed but not acknowledged")
    assert unacknowledged % 2 == 0
    assert unacknowledged <= 2 * THREADS * (effort.kills + 2)
