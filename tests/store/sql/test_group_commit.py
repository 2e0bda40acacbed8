"""Committing together: who is written with whom, and who answers for what."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from modeldesk.core.errors import StoreUnavailable
from modeldesk.store.sql import group_commit
from modeldesk.store.sql.group_commit import GroupCommit
from sqlalchemy.exc import IntegrityError, OperationalError

LONG = 20.0


class Disk:
    """Keeps groups of numbers; can be held up, and refuses the numbers below zero."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.attempts = 0
        self.held = threading.Event()
        self.writing = threading.Event()
        self.failure: Exception | None = None
        self.held.set()

    def write(self, numbers: Sequence[int]) -> None:
        self.attempts += 1
        self.writing.set()
        assert self.held.wait(LONG)
        if self.failure is not None:
            raise self.failure
        if min(numbers) < 0:
            raise IntegrityError("insert", {}, sqlite3.IntegrityError(f"below zero: {min(numbers)}"))
        self.groups.append(list(numbers))


def submit_behind_a_leader(
    disk: Disk, commits: GroupCommit[int], numbers: Sequence[int], meanwhile: Callable[[], None] = lambda: None
) -> list[Future[None]]:
    """Submit 0, hold it on the disk until all the numbers are queued behind it, let go."""
    disk.held.clear()
    with ThreadPoolExecutor(len(numbers) + 1) as pool:
        futures = [pool.submit(commits.submit, 0)]
        assert disk.writing.wait(LONG)
        for queued, number in enumerate(numbers, start=1):
            futures.append(pool.submit(commits.submit, number))
            wait_for(lambda queued=queued: commits.waiting == queued)
        meanwhile()
        disk.held.set()
    return futures


def wait_for(condition: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(int(LONG * 1000)):
        if condition():
            return
        pause.wait(0.001)
    raise AssertionError("The condition did not come true.")


def test_those_who_arrive_during_a_commit_commit_together() -> None:
    disk = Disk()
    futures = submit_behind_a_leader(disk, GroupCommit(disk.write, wait=LONG), [1, 2, 3, 4])
    assert disk.groups == [[0], [1, 2, 3, 4]]
    assert [future.result() for future in futures] == [None] * 5


def test_a_long_queue_is_written_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "MOST_TOGETHER", 3)
    disk = Disk()
    submit_behind_a_leader(disk, GroupCommit(disk.write, wait=LONG), [1, 2, 3, 4, 5])
    assert disk.groups == [[0], [1, 2, 3], [4, 5]]


def test_a_bad_request_fails_alone() -> None:
    disk = Disk()
    futures = submit_behind_a_leader(disk, GroupCommit(disk.write, wait=LONG), [1, -2, 3, -4, 5])
    errors = [future.exception() for future in futures]
    assert [type(error) for error in errors] == [type(None)] * 2 + [StoreUnavailable, type(None)] * 2
    assert "below zero: -2" in str(errors[2])
    assert "below zero: -4" in str(errors[4])
    assert disk.groups == [[0], [1], [3], [5]]


def test_a_failing_database_is_not_asked_again_for_each() -> None:
    disk = Disk()

    def fill_up() -> None:
        disk.failure = OperationalError("insert", {}, sqlite3.OperationalError("database or disk is full"))

    futures = submit_behind_a_leader(disk, GroupCommit(disk.write, wait=LONG), [1, 2, 3], fill_up)
    errors = [future.exception() for future in futures]
    assert all(isinstance(error, StoreUnavailable) for error in errors)
    assert len({id(error) for error in errors}) == 4
    assert str(errors[3]) == "The database could not be written: database or disk is full. Free disk space."
    assert disk.attempts == 2


def test_a_lost_connection_is_tried_once_more() -> None:
    disk = Disk()
    groups: list[list[int]] = []

    def write(numbers: Sequence[int]) -> None:
        disk.attempts += 1
        if disk.attempts == 1:
            raise OperationalError("insert", {}, sqlite3.OperationalError("gone"), connection_invalidated=True)
        groups.append(list(numbers))

    GroupCommit(write, wait=LONG).submit(7)
    assert groups == [[7]]


def test_a_fault_in_writing_is_raised_as_it_is() -> None:
    disk = Disk()
    disk.failure = ZeroDivisionError("ours")
    commits = GroupCommit(disk.write, wait=LONG)
    with pytest.raises(ZeroDivisionError):
        commits.submit(1)
    disk.failure = None
    commits.submit(2)
    assert disk.groups == [[2]]


def test_an_interrupt_leaves_nobody_waiting() -> None:
    disk = Disk()
    futures = []

    def interrupted(numbers: Sequence[int]) -> None:
        disk.write(numbers)
        if 1 in numbers:
            raise KeyboardInterrupt

    commits = GroupCommit(interrupted, wait=LONG)
    futures = submit_behind_a_leader(disk, commits, [1, 2])
    assert isinstance(futures[1].exception(), KeyboardInterrupt)
    assert isinstance(futures[2].exception(), StoreUnavailable)
    commits.submit(3)


def test_waiting_has_an_end_and_the_queue_goes_on() -> None:
    disk = Disk()
    commits = GroupCommit(disk.write, wait=0.05)
    disk.held.clear()
    with ThreadPoolExecutor(1) as pool:
        leader = pool.submit(commits.submit, 0)
        assert disk.writing.wait(LONG)
        with pytest.raises(StoreUnavailable, match="within"):
            commits.submit(1)
        disk.held.set()
        leader.result(LONG)
    commits.submit(2)
    assert disk.groups == [[0], [2]]


def test_the_queue_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "MOST_WAITING", 2)
    disk = Disk()
    commits = GroupCommit(disk.write, wait=LONG)

    def one_more() -> None:
        with pytest.raises(StoreUnavailable, match="already wait"):
            commits.submit(3)

    submit_behind_a_leader(disk, commits, [1, 2], one_more)
    assert disk.groups == [[0], [1, 2]]


def test_close_waits_for_what_was_taken() -> None:
    disk = Disk()
    commits = GroupCommit(disk.write, wait=LONG)
    closing = threading.Thread(target=commits.close)

    def close() -> None:
        closing.start()
        wait_for(lambda: commits.closed)

    submit_behind_a_leader(disk, commits, [1, 2], close)
    closing.join(LONG)
    assert disk.groups == [[0], [1, 2]]
    with pytest.raises(StoreUnavailable, match="stopping"):
        commits.submit(3)
