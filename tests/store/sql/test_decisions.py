"""What every log of decisions does: of served versions, thresholds and labels, on both databases and in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from modeldesk.core.errors import BadRequest, Conflict
from modeldesk.ports.decisions import ServedChange, ThresholdChange
from modeldesk.ports.store import Store
from modeldesk.ports.version_labels import LabelChange
from modeldesk.store import open_store

from tests.databases import sqlite_database
from tests.postgres import PostgresServer
from tests.store.records import NOON

Make = Callable[..., Any]


def _served(number: int, **others: Any) -> ServedChange:
    change = ServedChange("loans", number, number - 1 or None, "promote", "ada", "Better.", NOON)
    return replace(change, **others)


def _threshold(number: int, **others: Any) -> ThresholdChange:
    change = ThresholdChange("loans", number, 0.1 + 0.2, "default", 3, None, "Žofie", "Cheaper.", NOON)
    return replace(change, **others)


def _label(number: int, **others: Any) -> LabelChange:
    return replace(LabelChange("loans", number, "alias", "champion", 1, "set", "mia", NOON), **others)


# For each log: the n-th decision on "loans" made in knowledge of the one before, and what Conflict says.
LOGS: dict[str, tuple[Make, str]] = {
    "served": (_served, "The served version of loans was changed by someone else"),
    "thresholds": (_threshold, "The threshold of loans was changed by someone else"),
    "version_labels": (_label, "Aliases and tags of loans were changed by someone else"),
}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def logs(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[Callable[[str], Any]]:
    """The logs by name, empty."""
    if request.param == "sqlite":
        url = sqlite_database(tmp_path)
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.create_database(template=request.getfixturevalue("postgres_template"))
    store = open_store(url, data=tmp_path)
    yield lambda name: getattr(store, name)
    store.close()


@pytest.mark.parametrize("name", LOGS)
def test_the_last_decision_on_each_model_is_in_force(logs: Callable[[str], Any], name: str) -> None:
    log, make = logs(name), LOGS[name][0]
    assert (log.current(), log.history("loans")) == ({}, [])
    first, other, second, third = make(1), make(1, model="rides"), make(2), make(3)
    for change in (first, other, second, third):
        log.record(change)
    assert log.current() == {"loans": third, "rides": other}
    assert log.history("loans") == [third, second, first]
    assert log.history("nothing") == []


@pytest.mark.parametrize("name", LOGS)
@pytest.mark.parametrize("number", [1, 2, 4])
def test_a_decision_that_does_not_follow_the_last_is_refused(
    logs: Callable[[str], Any], name: str, number: int
) -> None:
    log, (make, message) = logs(name), LOGS[name]
    before = [make(1), make(2)]
    for change in before:
        log.record(change)
    with pytest.raises(Conflict, match=message):
        log.record(make(number))
    assert log.history("loans") == before[::-1]


@pytest.mark.parametrize("name", LOGS)
@pytest.mark.parametrize("decided_before", [False, True])
def test_of_many_at_once_one_is_taken(store: Store, name: str, decided_before: bool) -> None:
    log, make, together = getattr(store, name), LOGS[name][0], Barrier(8)
    if decided_before:
        log.record(make(1))

    def decide(place: int) -> bool:
        change = make(1 + decided_before, who=f"person {place}")
        together.wait(60)
        try:
            log.record(change)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(decide, range(8)))
    assert sum(taken) == 1
    assert log.current()["loans"].who == f"person {taken.index(True)}"
    assert len(log.history("loans")) == 1 + decided_before


@pytest.mark.parametrize("name", LOGS)
def test_text_that_cannot_be_stored_is_refused(store: Store, name: str) -> None:
    log, make = getattr(store, name), LOGS[name][0]
    for field in {"model", "who", "why", "positive", "label"} & set(make(1).__dataclass_fields__):
        with pytest.raises(BadRequest, match="NUL"):
            log.record(make(1, **{field: "a\0b"}))
        with pytest.raises(BadRequest, match="surrogate"):
            log.record(make(1, **{field: "\ud800"}))
    with pytest.raises(BadRequest, match="NUL"):
        log.history("a\0b")
    assert log.current() == {}


def test_any_version_may_be_the_one_before_the_first_decision(logs: Callable[[str], Any]) -> None:
    logs("served").record(_served(5, previous=4))
    assert logs("served").current()["loans"].version == 5


@pytest.mark.parametrize("previous", [None, 2, 9])
def test_a_decision_names_the_version_it_takes_the_place_of(logs: Callable[[str], Any], previous: int | None) -> None:
    logs("served").record(_served(1))
    with pytest.raises(Conflict):
        logs("served").record(_served(3, previous=previous))
    back = _served(1, previous=1, action="rollback")
    logs("served").record(back)
    assert logs("served").current() == {"loans": back}


def test_a_threshold_keeps_its_last_bit_and_may_be_none(logs: Callable[[str], Any]) -> None:
    logs("thresholds").record(_threshold(1, previous=0.7 + 0.1))
    logs("thresholds").record(_threshold(2, threshold=None))
    last, first = logs("thresholds").history("loans")
    assert (last.threshold, first.threshold, first.previous) == (None, 0.1 + 0.2, 0.7 + 0.1)
