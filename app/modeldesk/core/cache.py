"""Things that are slow to make and asked for again: the last few are kept, each made once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


class Kept(Generic[Thing]):
    """The ``size`` things asked for last, by key. Safe from any thread: who asks for a thing that is
    being made waits for it, and asking for others is not held up."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._making: dict[Hashable, threading.Lock] = {}
        self._things: OrderedDict[Hashable, Thing] = OrderedDict()

    def known(self, key: Hashable) -> Thing | None:
        """The thing of that key if it is kept, without making it or waiting for it."""
        with self._lock:
            return self._things.get(key)

    def get(self, key: Hashable, make: Callable[[], Thing]) -> Thing:
        """The thing of that key, made now unless it is kept. Raises what ``make`` raises; then nothing
        is kept."""
        with self._lock:
            if key in self._things:
                self._things.move_to_end(key)
                return self._things[key]
            turn = self._making.setdefault(key, threading.Lock())
        with turn:
            with self._lock:
                if key in self._things:
                    return self._things[key]
            try:
                made = make()
                with self._lock:
                    self._things[key] = made
                    while len(self._things) > self._size:
                        self._things.popitem(last=False)
            finally:
                with self._lock:
                    self._making.pop(key, None)
        return made
