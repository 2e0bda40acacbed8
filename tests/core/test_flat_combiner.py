"""Combining concurrent calls: who runs with whom, in which order, and what one member's trouble does to the others."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from modeldesk.core.flat_combiner import Closed, FlatCombiner, Interrupted, QueueFull, Request, WaitTimeout

LONG = 60.0


class Doubling:
    """Doubles numbers; can be held, refuses numbers below zero, and is interrupted by 13."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.running, self.proceed = threading.Event(), threading.Event()
        self.at_once = 0
        self._inside = 0

    def __call__(self, requests: Sequence[Request[int, int]]) -> None:
        self._inside += 1
        self.at_once = max(self.at_once, self._inside)
        self.groups.append([request.item for request in requests])
        self.running.set()
        assert self.proceed.wait(LONG)
        try:
            for request in requests:
                if request.item == 13:
                    raise KeyboardInterrupt
                if request.item < 0:
                    request.fail(ValueError(f"below zero: {request.item}"))
                else:
                    request.answer(2 * request.item)
        finally:
            self._inside -= 1


def behind_a_leader(
    operation: Doubling, combiner: FlatCombiner[int, int], items: Sequence[int], *, meanwhile: Any = lambda: None
) -> list[Future[int]]:
    """Submit 0, hold it until all the items are queued behind it, in their order, then let all go."""
    operation.proceed.clear()
    with ThreadPoolExecutor(len(items) + 1) as threads:
        futures = [threads.submit(combiner.submit, 0)]
        assert operation.running.wait(LONG)
        for place, item in enumerate(items, start=1):
            futures.append(threads.submit(combiner.submit, item))
            wait_for(lambda place=place: combiner.waiting == place)
        meanwhile()
        operation.proceed.set()
    return futures


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.001)


def combiner_of(operation: Doubling, most_together: int = 100, **limits: Any) -> FlatCombiner[int, int]:
    operation.proceed.set()
    return FlatCombiner(operation, most_together=most_together, **limits)


def test_a_lone_caller_runs_at_once() -> None:
    operation = Doubling()
    assert combiner_of(operation).submit(4) == 8
    assert operation.groups == [[4]]


def test_callers_that_arrive_meanwhile_run_together_in_their_order() -> None:
    operation = Doubling()
    futures = behind_a_leader(operation, combiner_of(operation), [5, 3, 8, 1])
    assert operation.groups == [[0], [5, 3, 8, 1]]
    assert [future.result() for future in futures] == [0, 10, 6, 16, 2]


def test_a_long_queue_runs_in_parts_and_nobody_is_overtaken() -> None:
    operation = Doubling()
    behind_a_leader(operation, combiner_of(operation, 3), range(1, 9))
    assert operation.groups == [[0], [1, 2, 3], [4, 5, 6], [7, 8]]


def test_a_call_takes_items_by_their_weight_and_at_least_one() -> None:
    operation = Doubling()
    behind_a_leader(operation, combiner_of(operation, 10, weigh=lambda item: item), [4, 6, 1, 99, 2])
    assert operation.groups == [[0], [4, 6], [1], [99], [2]]


def test_an_error_is_its_own_callers() -> None:
    operation = Doubling()
    futures = behind_a_leader(operation, combiner_of(operation), [1, -2, 3, -4])
    assert [future.result() for future in (futures[1], futures[3])] == [2, 6]
    assert [str(futures[place].exception()) for place in (2, 4)] == ["below zero: -2", "below zero: -4"]


def test_an_interrupted_leader_leaves_nobody_waiting() -> None:
    operation = Doubling()
    combiner = combiner_of(operation, 4)
    futures = behind_a_leader(operation, combiner, [1, 2, 13, 4, 5, 6])
    assert isinstance(futures[1].exception(), KeyboardInterrupt)  # whose thread ran the call
    assert futures[2].result() == 4  # was settled before
    assert [type(futures[place].exception()) for place in (3, 4)] == [Interrupted, Interrupted]
    assert [future.result() for future in futures[5:]] == [10, 12]
    assert combiner.submit(7) == 14


def test_what_a_call_forgets_to_settle_is_told() -> None:
    with pytest.raises(Interrupted):
        FlatCombiner[int, int](lambda _requests: None, most_together=2).submit(1)


def test_waiting_has_an_end_and_the_item_is_withdrawn() -> None:
    operation = Doubling()
    combiner = combiner_of(operation, wait=0.05)
    operation.proceed.clear()
    with ThreadPoolExecutor(1) as threads:
        leader = threads.submit(combiner.submit, 0)
        assert operation.running.wait(LONG)
        with pytest.raises(WaitTimeout):
            combiner.submit(1)
        operation.proceed.set()
        assert leader.result(LONG) == 0
    assert combiner.submit(2) == 4
    assert operation.groups == [[0], [2]]


def test_the_queue_is_bounded() -> None:
    operation = Doubling()
    combiner = combiner_of(operation, most_waiting=2)

    def one_more() -> None:
        with pytest.raises(QueueFull):
            combiner.submit(3)

    behind_a_leader(operation, combiner, [1, 2], meanwhile=one_more)
    assert operation.groups == [[0], [1, 2]]


def test_closing_settles_what_was_taken() -> None:
    operation = Doubling()
    combiner = combiner_of(operation)
    closing = threading.Thread(target=combiner.close)

    def close() -> None:
        closing.start()
        wait_for(lambda: combiner.closed)

    futures = behind_a_leader(operation, combiner, [1, 2], meanwhile=close)
    closing.join(LONG)
    assert [future.result() for future in futures] == [0, 2, 4]
    with pytest.raises(Closed):
        combiner.submit(3)


class _GoneAway(Exception):
    """What the signal handler raises in a thread that waits."""


@pytest.fixture
def interrupting() -> Any:
    """Interrupt the main thread wherever it waits."""

    def raise_it(*_: object) -> None:
        raise _GoneAway

    before = signal.signal(signal.SIGUSR1, raise_it)
    yield lambda: signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)
    signal.signal(signal.SIGUSR1, before)


def test_a_caller_that_is_interrupted_while_it_waits_is_left_out(interrupting: Callable[[], None]) -> None:
    operation = Doubling()
    combiner = combiner_of(operation)
    operation.proceed.clear()
    with ThreadPoolExecutor(3) as threads:
        leader = threads.submit(combiner.submit, 0)
        assert operation.running.wait(LONG)

        def interrupt() -> Future[int]:
            wait_for(lambda: combiner.waiting == 1)
            interrupting()
            wait_for(lambda: combiner.waiting == 0)
            behind = threads.submit(combiner.submit, 2)
            wait_for(lambda: combiner.waiting == 1)
            operation.proceed.set()
            return behind

        interrupter = threads.submit(interrupt)
        with pytest.raises(_GoneAway):
            combiner.submit(1)
        assert (leader.result(LONG), interrupter.result(LONG).result(LONG)) == (0, 4)
    assert operation.groups == [[0], [2]]


class _GoesAwayWithTheLead(FlatCombiner[int, int]):
    """A caller of 1 is interrupted right after the lead was given to it."""

    def _await(self, request: Request[int, int], wake: Any) -> None:
        super()._await(request, wake)
        if request.item == 1:
            raise _GoneAway


def test_a_caller_that_goes_away_as_it_gets_the_lead_hands_it_on() -> None:
    operation = Doubling()
    operation.proceed.set()
    combiner = _GoesAwayWithTheLead(operation, most_together=1)
    futures = behind_a_leader(operation, combiner, [1, 2])
    assert isinstance(futures[1].exception(LONG), _GoneAway)
    assert futures[2].result(LONG) == 4
    assert combiner.submit(3) == 6


def test_under_load_each_gets_its_own_and_calls_do_not_overlap() -> None:
    operation = Doubling()
    combiner = combiner_of(operation, 5)

    def ask(item: int) -> int | str:
        try:
            return combiner.submit(item)
        except ValueError as error:
            return str(error)

    items = [-item if item % 7 == 3 else item for item in range(14, 2_014)]
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(ask, items))
    assert answers == [f"below zero: {item}" if item < 0 else 2 * item for item in items]
    assert operation.at_once == 1
    assert sorted(item for group in operation.groups for item in group) == sorted(items)
    assert max(map(len, operation.groups)) <= 5
