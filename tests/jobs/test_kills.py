"""Workers are killed, at random and at named points; the results are those of an undisturbed run."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from modeldesk.ports.batches import Batch

from tests.conftest import Effort
from tests.jobs.conftest import ROWS
from tests.jobs.places import PATIENCE, Place
from tests.jobs.traps import POINTS, QUEUE_IS_FULL

KILLS_A_BATCH = 5
RESUMED_SECONDS = 100.0
"""Others take over by themselves: a bound for a busy machine, not a measure of speed."""


def check(place: Place, sent: Batch, expected: list[str]) -> None:
    """The batch has ended well, every row is there once, and nothing is left of lost attempts."""
    done = place.ended(sent)
    assert (done.state, done.message) == ("succeeded", None)
    assert (done.rows_total, done.rows_done, done.rows_failed) == (ROWS, ROWS, ROWS // 100)
    assert place.lines(sent) == expected
    chunks = place.context.store.batches.chunks(sent.id)
    kept = sorted(path.name for path in place.context.batch_storage.files(sent.id).folder.glob("chunks/*"))
    assert kept == [f"{chunk.index:06}-{chunk.attempt}.parquet" for chunk in chunks]


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_killed_at_random(place: Place, table: Path, undisturbed: list[str], effort: Effort) -> None:
    choose = random.Random(effort.seed)
    for _ in range(2):
        place.add_worker()
    kills = max(1, effort.worker_kills // 5)
    while kills:
        sent = place.send(table)
        for _ in range(min(kills, KILLS_A_BATCH)):
            kills -= 1
            before = place.now(sent).rows_done
            # From before the file is read to the last chunk.
            threshold = choose.randrange(ROWS)
            place.wait(sent, lambda found, least=threshold: found.rows_done >= least or found.ended)
            place.kill(choose.choice(place.workers))
            place.add_worker()
            killed = time.monotonic()
            place.wait(sent, lambda found, least=before: found.rows_done > least or found.ended)
            waited = time.monotonic() - killed
            assert waited < RESUMED_SECONDS, f"Resumed {waited:.0f} s after a kill at {threshold} rows."
        check(place, sent, undisturbed)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_killed_at_a_named_point(place: Place, table: Path, undisturbed: list[str], effort: Effort) -> None:
    kills = max(1, effort.worker_kills // 5)
    choose = random.Random(effort.seed)
    points = choose.sample(POINTS, min(kills, len(POINTS)))
    points += [choose.choice(POINTS) for _ in range(kills - len(points))]
    for point in points:
        trapped = place.add_worker(trap=point)
        sent = place.send(table)
        trapped.join(PATIENCE)
        assert place.buried() == 1, f"The worker lived past the point {point!r}."
        rescuer, killed = place.add_worker(), time.monotonic()
        check(place, sent, undisturbed)
        waited = time.monotonic() - killed
        assert waited < RESUMED_SECONDS, f"Done {waited:.0f} s after a kill {point!r}."
        place.kill(rescuer)


def test_a_worker_that_only_slept_does_no_harm(place: Place, table: Path, undisturbed: list[str]) -> None:
    sleeper = place.add_worker()
    sent = place.send(table)
    place.wait(sent, lambda found: found.rows_done)
    place.freeze(sleeper)
    place.add_worker()
    frozen = time.monotonic()
    place.ended(sent)
    assert time.monotonic() - frozen < RESUMED_SECONDS
    place.thaw(sleeper)
    again = place.send(table)
    check(place, again, undisturbed)
    assert place.lines(sent) == undisturbed


def test_work_whose_thread_could_not_say_that_it_ended_goes_on(
    place: Place, table: Path, undisturbed: list[str]
) -> None:
    place.add_worker(trap=QUEUE_IS_FULL)
    check(place, place.send(table), undisturbed)
