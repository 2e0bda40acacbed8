"""What every record of outcomes does, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from modeldesk.core.errors import BadRequest
from modeldesk.ports.outcomes import Outcome
from modeldesk.ports.predictions import LogQuery
from modeldesk.ports.store import Store

from tests.store.records import NOON, prediction


def outcome(value: Any, **others: Any) -> Outcome:
    values: dict[str, Any] = {
        "prediction_id": "p1",
        "kind": "actual",
        "predicted": "yes",
        "model": "loans",
        "version": 3,
        "reason": None,
        "who": "ada",
        "at": NOON,
    }
    return Outcome(value=value, **(values | others))


def test_nothing_was_said_at_first(store: Store) -> None:
    assert store.outcomes.of(["p1", "a\0b", "\ud800"]) == {}
    assert store.outcomes.of([]) == {}


@pytest.mark.parametrize("value", ["no", True, 7, 0.1 + 0.2, None])
def test_what_was_said_comes_back_as_it_was(store: Store, value: Any) -> None:
    said = outcome(value, predicted=1.5, reason="“Paid” in full 🐘")
    assert store.outcomes.record(said) is None
    (found,) = store.outcomes.of(["p1"])["p1"]
    assert found == said and type(found.value) is type(value)


def test_the_same_again_is_a_duplicate_and_another_value_a_correction(store: Store) -> None:
    first, again = outcome("no"), outcome("no", who="bob", at=NOON + timedelta(hours=1))
    other = outcome("yes", reason="Paid late.", at=NOON + timedelta(hours=2))
    back = outcome("no", at=NOON + timedelta(hours=3))
    assert store.outcomes.record(first) is None
    assert store.outcomes.record(again) == first
    assert store.outcomes.record(other) == first
    assert store.outcomes.record(back) == other
    assert store.outcomes.of(["p1"]) == {"p1": [first, other, back]}


def test_kinds_and_predictions_are_apart(store: Store) -> None:
    said = [outcome("no"), outcome("no", kind="decision", reason="I know them."), outcome("no", prediction_id="p2")]
    assert [store.outcomes.record(each) for each in said] == [None, None, None]
    assert store.outcomes.of(["p2", "p1", "p3"]) == {"p1": said[:2], "p2": said[2:]}


def test_many_are_found_at_once(store: Store) -> None:
    ids = [f"p{number}" for number in range(1_200)]
    for number in (0, 700, 1_199):
        store.outcomes.record(outcome("no", prediction_id=ids[number]))
    assert sorted(store.outcomes.of(ids)) == ["p0", "p1199", "p700"]


def test_of_equal_ones_at_once_one_is_kept(store: Store) -> None:
    together = Barrier(8)

    def say(_: int) -> bool:
        together.wait(20)
        return store.outcomes.record(outcome("no")) is None

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(say, range(8))) == 1
    assert len(store.outcomes.of(["p1"])["p1"]) == 1


def test_text_that_cannot_be_stored_is_refused(store: Store) -> None:
    with pytest.raises(BadRequest, match="NUL"):
        store.outcomes.record(outcome("no", reason="a\0b"))
    assert store.outcomes.of(["p1"]) == {}


def test_predictions_are_listed_by_whether_anything_was_said_of_them(store: Store) -> None:
    first, second, third = (prediction(minutes=minute) for minute in range(3))
    store.log.append([first, second, third])
    store.outcomes.record(outcome("no", prediction_id=second.id))
    store.outcomes.record(outcome("no", prediction_id=second.id, kind="decision", reason="I know them."))
    listed = {told: [each.id for each in store.log.page(LogQuery(outcome=told)).records] for told in (True, False)}
    assert listed == {True: [second.id], False: [third.id, first.id]}
