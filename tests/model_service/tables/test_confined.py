"""Confined processes: bounded in memory and time, and no danger to the one that asks."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from modeldesk.core.errors import InvalidInput, TooLarge
from modeldesk.model_service.tables import FileOptions, Limits, ParsingPool, inspect


def take_memory(size: int) -> int:
    return len(bytearray(size))


def die() -> None:
    os._exit(3)


def process() -> int:
    return os.getpid()


def test_calls_return_raise_and_share_a_warm_process(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a,b\n1,2\n", "utf-8")
    with ParsingPool(calls=3) as pool:
        assert pool.call(inspect, path, FileOptions(), Limits()).header == ("a", "b")
        path.write_text("", "utf-8")
        with pytest.raises(InvalidInput, match="is empty") as caught:
            pool.call(inspect, path, FileOptions(), Limits())
        assert caught.value.hint
        first = pool.call(process)
        assert first != os.getpid()
        assert pool.call(process) != first  # after three calls


def test_memory_and_time_are_bounded_and_a_crash_is_told() -> None:
    with ParsingPool(memory=200_000_000, seconds=60) as pool:
        assert pool.call(take_memory, 50_000_000) == 50_000_000
        with pytest.raises(TooLarge, match="more than 200 MB"):
            pool.call(take_memory, 400_000_000)
        with pytest.raises(TooLarge, match="made its reader fail"):
            pool.call(die)
        assert pool.call(take_memory, 1) == 1
    with ParsingPool(seconds=0.5) as pool, pytest.raises(TooLarge, match="took longer"):
        pool.call(time.sleep, 30)


def test_a_call_ends_with_its_process_where_a_checkpoint_raises() -> None:
    class Enough(Exception):
        """Nobody wants it any more."""

    def checkpoint() -> None:
        raise Enough

    with ParsingPool() as pool:
        started = time.monotonic()
        with pytest.raises(Enough):
            pool.watched(checkpoint, time.sleep, 60)
        assert time.monotonic() - started < 30
        assert pool.call(process) != os.getpid()
