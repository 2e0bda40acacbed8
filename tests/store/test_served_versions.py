"""What every record of served versions does, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from modeldesk.core.errors import BadRequest, Conflict
from modeldesk.ports.served_versions import ServedChange
from modeldesk.ports.store import Store

from tests.store.records import NOON


def change(version: int, previous: int | None, **others: Any) -> ServedChange:
    values: dict[str, Any] = {"model": "loans", "action": "promote", "who": "ada", "why": "Better.", "at": NOON}
    return ServedChange(version=version, previous=previous, **(values | others))


def test_nothing_was_decided_at_first(store: Store) -> None:
    assert store.served.current() == {}
    assert store.served.history("loans") == []


def test_the_last_decision_counts_for_each_model(store: Store) -> None:
    first, second, back = change(1, None), change(2, 1), change(1, 2, action="rollback", why="Worse.")
    for each in (first, change(7, 6, model="rides"), second, back):
        store.served.record(each)
    assert store.served.current() == {"loans": 1, "rides": 7}
    assert store.served.history("loans") == [back, second, first]


@pytest.mark.parametrize("previous", [None, 2, 9])
def test_a_decision_on_what_is_no_longer_so_is_refused(store: Store, previous: int | None) -> None:
    store.served.record(change(1, None))
    with pytest.raises(Conflict, match="loans was changed by someone else"):
        store.served.record(change(3, previous))
    assert store.served.current() == {"loans": 1}


@pytest.mark.parametrize("decided_before", [False, True])
def test_of_many_at_once_one_is_taken(store: Store, decided_before: bool) -> None:
    if decided_before:
        store.served.record(change(1, None))
    together = Barrier(8)

    def decide(version: int) -> bool:
        together.wait(20)
        try:
            store.served.record(change(version, 1))
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(decide, range(10, 18)))
    assert sum(taken) == 1
    assert store.served.current() == {"loans": 10 + taken.index(True)}


def test_text_that_cannot_be_stored_is_refused(store: Store) -> None:
    with pytest.raises(BadRequest, match="NUL"):
        store.served.record(change(1, None, why="a\0b"))
