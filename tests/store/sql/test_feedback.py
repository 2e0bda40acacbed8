"""What every record of feedback does, on both databases."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from modeldesk.core.errors import BadRequest, Conflict
from modeldesk.ports import feedback as port
from modeldesk.ports.feedback import Feedback
from modeldesk.ports.predictions import LogQuery
from modeldesk.ports.store import Store
from modeldesk.store.sql import feedback as sql

from tests.store.records import prediction

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


def statement(verdict: Any = "wrong", number: int = 0, **changes: Any) -> Feedback:
    plain = Feedback("p1", verdict, None, "loans", 3, "ada", NOON + timedelta(seconds=number))
    return replace(plain, **changes)


def test_statements_are_added_and_the_last_says_what_holds(store: Store) -> None:
    log = store.feedback
    first, second = statement(comment="Über 🐘"), statement("right", 1)
    assert log.record(first) is None and log.record(replace(first, at=NOON + timedelta(days=1))) == first
    assert log.record(second) == first and log.record(statement(None, 2)) == second
    assert log.record(statement(None, 3)) == statement(None, 2)
    other = statement("right", 4, who="bob")
    assert log.record(other) is None and log.record(statement(None, 5, who="eve")) is None
    assert log.of(["p1", "p2", "p\0"]) == {"p1": [first, second, statement(None, 2), other]}


def test_the_log_lists_what_somebody_flags(store: Store) -> None:
    kept = [prediction(minutes=number) for number in range(4)]
    store.log.append(kept)
    for number, (verdict, who) in enumerate([("wrong", "ada"), ("right", "ada"), ("wrong", "ada"), ("wrong", "ada")]):
        store.feedback.record(statement(verdict, prediction_id=kept[number].id, who=who))
    store.feedback.record(statement(None, 1, prediction_id=kept[2].id))
    store.feedback.record(statement("right", 1, prediction_id=kept[3].id, who="bob"))

    def listed(verdict: Any) -> list[str]:
        return [record.id for record in store.log.page(LogQuery(feedback=verdict)).records]

    assert listed("wrong") == [kept[3].id, kept[0].id] and listed("right") == [kept[3].id, kept[1].id]
    assert listed(None) == [record.id for record in reversed(kept)]


def test_a_batchs_flagged_rows_are_known(store: Store) -> None:
    for row, verdict in ((2, "wrong"), (3, "right"), (40, "wrong")):
        store.feedback.record(statement(verdict, prediction_id=f"b-{row}"))
    store.feedback.record(statement(None, 1, prediction_id="b-40"))
    store.feedback.record(statement("wrong", prediction_id="c-2"))
    assert list(store.feedback.of_batch("b", "wrong")) == ["b-2"]
    assert list(store.feedback.of_batch("b", "right")) == ["b-3"] and list(store.feedback.of_batch("d", "wrong")) == []


def test_nobody_changes_their_mind_without_end(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "MOST_STATEMENTS", 2)
    store.feedback.record(statement("wrong"))
    store.feedback.record(statement("right", 1))
    with pytest.raises(Conflict, match="2 times"):
        store.feedback.record(statement("wrong", 2))
    assert store.feedback.record(statement("right", 3)) == statement("right", 1)
    assert port.MOST_STATEMENTS == 100


def test_several_at_once_are_all_numbered(store: Store) -> None:
    def say(number: int) -> None:
        store.feedback.record(statement("wrong", number, comment=f"{number}"))

    threads = [threading.Thread(target=say, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(entry.comment or "" for entry in store.feedback.of(["p1"])["p1"]) == list("012345")


def test_text_that_no_database_takes_is_refused(store: Store) -> None:
    with pytest.raises(BadRequest, match="comment"):
        store.feedback.record(statement(comment="a\0b"))
