"""The bounded cache: what stays, what goes, and that concurrent callers share one computation."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from modeldesk.core.cache import LruCache

LONG = 60.0


def test_concurrent_callers_of_a_key_share_one_computation() -> None:
    cache: LruCache[object] = LruCache(2)
    computing, proceed = threading.Event(), threading.Event()
    computed: list[object] = []

    def compute() -> object:
        computing.set()
        assert proceed.wait(LONG)
        computed.append(object())
        return computed[-1]

    with ThreadPoolExecutor(8) as threads:
        first = threads.submit(cache.get, "a", compute)
        assert computing.wait(LONG)
        others = [threads.submit(cache.get, "a", compute) for _ in range(7)]
        assert cache.peek("a") is None  # neither computes nor waits
        assert cache.get("b", lambda: "another key is not held up") == "another key is not held up"
        proceed.set()
        assert {id(future.result(LONG)) for future in [first, *others]} == {id(computed[0])}
    assert len(computed) == 1


def test_the_value_used_longest_ago_goes_first() -> None:
    cache: LruCache[str] = LruCache(2)
    computed: list[str] = []

    def get(key: str) -> None:
        cache.get(key, lambda: computed.append(key) or key)

    for key in "abacaba":
        get(key)
    assert computed == ["a", "b", "c", "b"]
    assert len(cache) == 2


def test_values_are_bounded_by_their_weight() -> None:
    cache: LruCache[bytes] = LruCache(10, weigh=len)
    for key, size in (("a", 4), ("b", 4), ("c", 4)):
        cache.get(key, lambda size=size: bytes(size))  # type: ignore[misc]
    assert [cache.peek(key) is not None for key in "abc"] == [False, True, True]
    assert cache.get("too large", lambda: bytes(11)) == bytes(11)
    assert [cache.peek(key) is not None for key in ("b", "c", "too large")] == [True, True, False]


@pytest.mark.parametrize("error", [ValueError("a fault"), KeyError("a"), KeyboardInterrupt()])
def test_a_failed_computation_caches_nothing(error: BaseException) -> None:
    cache: LruCache[int] = LruCache(2)

    def fail() -> int:
        raise error

    with pytest.raises(type(error)):
        cache.get("a", fail)
    assert cache.get("a", lambda: 7) == 7


def test_after_a_failure_the_waiting_callers_compute_one_at_a_time() -> None:
    cache: LruCache[int] = LruCache(2)
    computing, proceed = threading.Event(), threading.Event()
    running, at_once = 0, 0
    turns = threading.Lock()

    def counted(compute: Callable[[], int]) -> Callable[[], int]:
        def run() -> int:
            nonlocal running, at_once
            with turns:
                running += 1
                at_once = max(at_once, running)
            try:
                return compute()
            finally:
                with turns:
                    running -= 1

        return run

    def fail() -> int:
        computing.set()
        assert proceed.wait(LONG)
        raise OSError("the disk is away")

    with ThreadPoolExecutor(8) as threads:
        first = threads.submit(cache.get, "a", counted(fail))
        assert computing.wait(LONG)
        others = [threads.submit(cache.get, "a", counted(lambda: 7)) for _ in range(7)]
        proceed.set()
        with pytest.raises(OSError, match="the disk is away"):
            first.result(LONG)
        assert [future.result(LONG) for future in others] == [7] * 7
    assert at_once == 1


def test_a_forgotten_value_is_computed_again() -> None:
    cache: LruCache[int] = LruCache(2)
    assert cache.get("a", lambda: 1) == 1
    cache.forget("a")
    cache.forget("never there")
    assert cache.peek("a") is None
    assert cache.get("a", lambda: 2) == 2
