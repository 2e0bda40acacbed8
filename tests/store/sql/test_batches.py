"""The record of batches: states, chunks and progress, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import uuid_utils
from modeldesk.core.errors import BadRequest
from modeldesk.ports.batches import Batch, BatchQuery, PlannedChunk, RecordedChunk
from modeldesk.ports.jobs import WorkerBeat
from modeldesk.ports.store import Store

from tests.store.records import NOON

PLAN = [PlannedChunk(2, 100), PlannedChunk(102, 100), PlannedChunk(202, 50)]


def batch(**changes: Any) -> Batch:
    """A batch that waits for workers; ``minutes`` moves it after noon."""
    minutes = changes.pop("minutes", 0)
    values: dict[str, Any] = {
        "id": str(uuid_utils.uuid7()),
        "owner": "ada",
        "model": "loans",
        "version": 3,
        "version_digest": "d" * 64,
        "settings_digest": "s" * 64,
        "settings": {"threshold": 0.1 + 0.2, "title": "Žilina"},
        "file_name": "května 🐘.csv",
        "size": 5_000_000_000,
        "options": {"decimal": ","},
        "state": "queued",
        "created_at": NOON + timedelta(minutes=minutes),
    }
    return Batch(**(values | changes))


def running(store: Store) -> str:
    """The id of a batch that runs and is planned."""
    made = batch()
    store.batches.create(made)
    assert store.batches.run(made.id, NOON)
    store.batches.plan(made.id, PLAN)
    return made.id


def recorded(index: int, attempt: int = 1, failed: int = 0) -> RecordedChunk:
    """The record of a chunk of PLAN."""
    return RecordedChunk(index, PLAN[index].first_row, PLAN[index].rows, attempt, failed, {"scored": 1})


def test_a_batch_comes_back_as_it_was(store: Store) -> None:
    made = batch()
    store.batches.create(made)
    assert store.batches.get(made.id) == made
    assert store.batches.get("nothing") is None
    with pytest.raises(BadRequest):
        store.batches.create(batch(file_name="a\0b"))
    with pytest.raises(BadRequest):
        store.batches.get("a\0b")


def test_states_go_one_way(store: Store) -> None:
    made = batch(state="uploaded")
    store.batches.create(made)
    assert not store.batches.run(made.id, NOON)
    assert not store.batches.end(made.id, "cancelled", NOON)
    assert store.batches.start(made.id, {"decimal": "."})
    assert not store.batches.start(made.id, {})
    assert store.batches.run(made.id, NOON) and store.batches.run(made.id, NOON + timedelta(hours=1))
    assert store.batches.unfinished() == [made.id]
    assert store.batches.end(made.id, "succeeded", NOON, summary={"n": [1]})
    assert not store.batches.end(made.id, "failed", NOON, message="too late")
    assert not store.batches.run(made.id, NOON)
    found = store.batches.get(made.id)
    assert found is not None
    assert (found.state, found.message, found.summary) == ("succeeded", None, {"n": [1]})
    assert (found.options, found.started_at, found.finished_at) == ({"decimal": "."}, NOON, NOON)
    assert store.batches.unfinished() == []


def test_progress_is_what_is_recorded(store: Store) -> None:
    made = running(store)
    store.batches.plan(made, [PlannedChunk(2, 1)])  # the first plan stays
    assert store.batches.planned(made) == 3
    assert store.batches.planned("other") is None
    attempt = store.batches.begin_chunk(made, 1)
    assert attempt == 1
    assert store.batches.begin_chunk(made, 1) == 2
    assert store.batches.record_chunk(made, replace(recorded(1, attempt=2, failed=7), first_row=110), NOON)
    assert not store.batches.record_chunk(made, recorded(1, attempt=1), NOON)
    assert store.batches.begin_chunk(made, 1) is None
    assert store.batches.record_chunk(made, recorded(0), NOON + timedelta(seconds=1))
    found = store.batches.get(made)
    assert found is not None
    assert (found.rows_total, found.rows_done, found.rows_failed) == (250, 200, 7)
    assert found.recorded_at == NOON + timedelta(seconds=1)
    assert [(chunk.index, chunk.attempt, chunk.first_row) for chunk in store.batches.chunks(made)] == [
        (0, 1, 2),
        (1, 2, 110),
    ]


def test_progress_within_a_chunk_is_seen_while_it_is_under_way(store: Store) -> None:
    made = running(store)

    def done() -> int:
        found = store.batches.get(made)
        assert found is not None
        return found.rows_done

    store.batches.begin_chunk(made, 0)
    store.batches.progress(made, 0, 1, 40, NOON)
    store.batches.begin_chunk(made, 2)
    store.batches.progress(made, 2, 1, 30, NOON + timedelta(seconds=3))
    found = store.batches.get(made)
    assert found is not None
    assert (found.rows_done, found.rows_failed, found.recorded_at) == (70, 0, NOON + timedelta(seconds=3))
    assert store.batches.begin_chunk(made, 0) == 2  # from the start again
    store.batches.progress(made, 0, 1, 60, NOON)
    assert done() == 30
    store.batches.progress(made, 0, 2, 10, NOON)
    assert done() == 40
    assert store.batches.record_chunk(made, recorded(0, attempt=2), NOON)
    store.batches.progress(made, 0, 2, 90, NOON)
    assert done() == 130
    assert [chunk.index for chunk in store.batches.chunks(made)] == [0]
    store.batches.end(made, "cancelled", NOON)
    assert done() == 100


def test_nothing_is_recorded_for_a_batch_that_does_not_run(store: Store) -> None:
    made = running(store)
    store.batches.begin_chunk(made, 0)
    store.batches.end(made, "cancelled", NOON, message="Cancelled.")
    assert not store.batches.record_chunk(made, recorded(0), NOON)
    assert store.batches.begin_chunk(made, 1) is None
    assert store.batches.chunks(made) == []


def test_of_many_that_do_the_same_one_is_first(store: Store) -> None:
    made = running(store)
    with ThreadPoolExecutor(8) as pool:
        attempts = list(pool.map(lambda _: store.batches.begin_chunk(made, 0), range(16)))
        assert sorted(attempts) == list(range(1, 17))  # type: ignore[type-var]
        won = list(pool.map(lambda number: store.batches.record_chunk(made, recorded(0, number), NOON), range(1, 17)))
        assert won.count(True) == 1
        ends = list(pool.map(lambda _: store.batches.end(made, "failed", NOON), range(8)))
        assert ends.count(True) == 1
        other = batch()
        store.batches.create(other)
        list(pool.map(lambda _: store.batches.plan(other.id, PLAN), range(8)))
        assert store.batches.planned(other.id) == 3


def test_lists_are_the_owners_newest_first_and_paged(store: Store) -> None:
    mine = [batch(minutes=number, model="loans" if number % 2 else "rides") for number in range(7)]
    for made in [*mine, batch(owner="bob")]:
        store.batches.create(made)
    store.batches.delete(mine[6].id, NOON)
    seen, cursor = [], None
    while True:
        page = store.batches.page(BatchQuery("ada", limit=4, cursor=cursor))
        seen += [item.id for item in page.batches]
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
    assert seen == [made.id for made in reversed(mine[:6])]
    assert len(store.batches.page(BatchQuery("ada", model="loans")).batches) == 3
    for bad in (BatchQuery("ada", limit=0), BatchQuery("ada", cursor="x")):
        with pytest.raises(BadRequest):
            store.batches.page(bad)


def test_what_is_old_and_what_is_deleted(store: Store) -> None:
    made = running(store)
    store.batches.begin_chunk(made, 0)
    store.batches.record_chunk(made, recorded(0), NOON)
    store.batches.end(made, "succeeded", NOON)
    waiting = batch(state="uploaded")
    store.batches.create(waiting)
    store.batches.create(batch())
    hour = timedelta(hours=1)
    expired = store.batches.expired
    assert expired(ended_before=NOON - hour, uploaded_before=NOON - hour) == []
    assert expired(ended_before=NOON + hour, uploaded_before=NOON - hour) == [made]
    assert set(expired(ended_before=NOON + hour, uploaded_before=NOON + hour)) == {made, waiting.id}
    store.batches.delete(made, NOON)
    assert store.batches.get(made) is None and store.batches.chunks(made) == []
    assert expired(ended_before=NOON + hour, uploaded_before=NOON - hour) == []


def test_signs_of_life(store: Store) -> None:
    first, second = (WorkerBeat(name, "host", 7, 1, NOON) for name in ("a", "b"))
    store.workers.beat(second)
    store.workers.beat(first)
    later = replace(first, count=2, at=NOON + timedelta(seconds=2))
    store.workers.beat(later)
    assert store.workers.all() == [later, second]
    store.workers.remove("a")
    store.workers.remove("a")
    assert store.workers.all() == [second]
