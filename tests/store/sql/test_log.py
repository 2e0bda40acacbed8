"""What every prediction log does, on both databases."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from modeldesk.core.errors import BadRequest, Conflict, StoreUnavailable
from modeldesk.ports.predictions import LogQuery
from modeldesk.ports.store import Store
from modeldesk.store import open_store
from modeldesk.store.sql.engine import database_url, sqlite_file

from tests.store.records import NOON, claim, prediction


def test_a_record_comes_back_as_it_went_in(store: Store) -> None:
    record = prediction(key="order 17 🐘", request_id="r1")
    store.log.append([record])
    assert asdict(store.log.get(record.id)) == asdict(record)


def test_a_time_keeps_its_microseconds_and_is_read_in_utc(store: Store) -> None:
    record = prediction(created_at=NOON.astimezone(timezone(timedelta(hours=5, minutes=30))))
    store.log.append([record])
    found = store.log.get(record.id)
    assert found is not None
    assert (found.created_at, found.created_at.tzinfo) == (NOON, UTC)


def test_a_naive_time_is_a_fault_of_the_caller(store: Store) -> None:
    with pytest.raises(ValueError, match="offset"):
        store.log.append([prediction(created_at=datetime(2026, 3, 1))])


def test_an_unknown_id_is_none(store: Store) -> None:
    assert store.log.get("nothing") is None


def test_nothing_to_append_is_nothing_written(store: Store) -> None:
    store.log.append([])
    assert store.log.page(LogQuery()).records == []


def test_many_records_of_one_call_commit_in_one_go(store: Store) -> None:
    records = [prediction(minutes=number) for number in range(1_000)]
    store.log.append(records, claim())
    replayed = store.log.replay(claim())
    assert replayed is not None
    assert [record.id for record in replayed] == [record.id for record in records]


def test_appending_the_same_again_changes_nothing(store: Store) -> None:
    records = [prediction(), prediction()]
    store.log.append(records, claim())
    store.log.append(records, claim())
    assert len(store.log.page(LogQuery()).records) == 2


@pytest.mark.parametrize("change", [{"version": 4}, {"inputs": {}}, {"owner": "bob"}])
def test_an_id_that_is_taken_is_refused(store: Store, change: dict) -> None:
    first = prediction()
    store.log.append([first])
    other = prediction()
    with pytest.raises(Conflict, match="same id"):
        store.log.append([other, replace(first, **change)])
    assert store.log.get(first.id) == first
    assert store.log.get(other.id) is None


def test_one_id_twice_in_a_call_is_refused(store: Store) -> None:
    record = prediction()
    with pytest.raises(Conflict, match="same id"):
        store.log.append([record, record])
    assert store.log.get(record.id) is None


def test_a_key_that_is_taken_writes_nothing(store: Store) -> None:
    first, second = prediction(), prediction()
    store.log.append([first], claim())
    for body in ("b1", "b2"):
        with pytest.raises(Conflict, match="'k1' was already used"):
            store.log.append([second], claim(body_digest=body))
    assert store.log.get(second.id) is None
    assert store.log.replay(claim()) == [first]


def test_a_key_is_one_owners_and_one_models(store: Store) -> None:
    claims = [claim(), claim(owner="bob"), claim(model="rides")]
    records = [prediction() for _ in claims]
    for record, each in zip(records, claims, strict=True):
        store.log.append([record], each)
    assert [store.log.replay(each) for each in claims] == [[record] for record in records]


def test_replay_of_what_was_never_claimed_is_none(store: Store) -> None:
    assert store.log.replay(claim()) is None


def test_replay_with_another_body_is_refused(store: Store) -> None:
    store.log.append([prediction()], claim())
    with pytest.raises(Conflict, match="another request"):
        store.log.replay(claim(body_digest="b2"))


@pytest.mark.parametrize(
    "change",
    [
        {"key": "a\0b"},
        {"owner": "\ud800"},
        {"inputs": {"text": "\udfff"}},
        {"inputs": {"count": 2**64}},
    ],
)
def test_what_no_database_can_hold_is_the_requests_fault(store: Store, change: dict) -> None:
    record = prediction(**change)
    with pytest.raises(BadRequest):
        store.log.append([record])
    assert store.log.get(record.id) is None


def test_a_value_that_is_no_json_is_our_fault(store: Store) -> None:
    with pytest.raises(TypeError):
        store.log.append([prediction(inputs={"x": object()})])


def test_nul_within_an_input_is_kept(store: Store) -> None:
    record = prediction(inputs={"text": "a\0b"})
    store.log.append([record])
    assert store.log.get(record.id) == record


def test_daily_counts_are_by_utc_day_and_model(store: Store) -> None:
    midnight = datetime(2026, 3, 2, tzinfo=UTC)
    moments = [midnight - timedelta(microseconds=1), midnight, midnight + timedelta(hours=3)]
    store.log.append([prediction(created_at=moment) for moment in moments])
    store.log.append([prediction(created_at=midnight, model="rides"), prediction(model="cars")])
    assert store.log.daily_counts(["loans", "rides", "none"], midnight - timedelta(days=1)) == {
        "loans": {date(2026, 3, 1): 1, date(2026, 3, 2): 2},
        "rides": {date(2026, 3, 2): 1},
        "none": {},
    }
    assert store.log.daily_counts(["loans"], midnight) == {"loans": {date(2026, 3, 2): 2}}
    assert store.log.daily_counts([], midnight) == {}


def test_ping_is_quiet_while_all_is_well(store: Store) -> None:
    store.log.ping()


def test_a_closed_store_takes_nothing_more(database: str) -> None:
    store = open_store(database)
    store.log.append([prediction()])
    store.close()
    with pytest.raises(StoreUnavailable, match="stopping"):
        store.log.append([prediction()])


def test_a_database_that_was_not_migrated_says_so(empty_database: str, tmp_path) -> None:
    (tmp_path / "data").mkdir()
    if (file := sqlite_file(database_url(empty_database))) is not None:
        file.touch()
    store = open_store(empty_database)
    for attempt in (store.log.ping, lambda: store.log.append([prediction()]), store.served.current):
        with pytest.raises(StoreUnavailable) as caught:
            attempt()
        assert "migrated" in str(caught.value)
    store.close()
