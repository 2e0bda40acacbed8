"""What every record of decisions on thresholds does, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from modeldesk.core.errors import BadRequest, Conflict
from modeldesk.ports.store import Store
from modeldesk.ports.thresholds import ThresholdChange

from tests.store.records import NOON


def change(revision: int, threshold: float | None, **others: Any) -> ThresholdChange:
    values: dict[str, Any] = {
        "model": "loans", "positive": "default", "version": 3, "previous": 0.5,
        "who": "ada", "why": "Cheaper.", "at": NOON,
    }  # fmt: skip
    return ThresholdChange(revision=revision, threshold=threshold, **(values | others))


def test_the_last_decision_counts_for_each_model(store: Store) -> None:
    assert store.thresholds.current() == {} and store.thresholds.history("loans") == []
    first, other, back = (
        change(1, 0.1 + 0.2),
        change(1, 0.0, model="rides", previous=None),
        change(2, None, who="Žofie"),
    )
    for each in (first, other, back):
        store.thresholds.record(each)
    assert store.thresholds.current() == {"loans": back, "rides": other}
    assert store.thresholds.history("loans") == [back, first]


@pytest.mark.parametrize("revision", [0, 1, 3])
def test_a_decision_on_what_is_no_longer_so_is_refused(store: Store, revision: int) -> None:
    store.thresholds.record(change(1, 0.4))
    with pytest.raises(Conflict, match="threshold of loans was changed by someone else"):
        store.thresholds.record(change(revision, 0.3))
    assert store.thresholds.current()["loans"].threshold == 0.4


def test_of_many_at_once_one_is_taken(store: Store) -> None:
    together = Barrier(6)

    def decide(percent: int) -> bool:
        together.wait(20)
        try:
            store.thresholds.record(change(1, percent / 100))
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        taken = list(pool.map(decide, range(10, 16)))
    assert sum(taken) == 1
    assert [item.threshold for item in store.thresholds.history("loans")] == [(10 + taken.index(True)) / 100]


def test_text_that_cannot_be_stored_is_refused(store: Store) -> None:
    with pytest.raises(BadRequest, match="NUL"):
        store.thresholds.record(change(1, 0.3, why="a\0b"))
