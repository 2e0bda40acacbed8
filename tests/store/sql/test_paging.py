"""Listing: pages put together are the whole, in order, whatever is asked for."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from modeldesk.core.errors import BadRequest
from modeldesk.ports.predictions import LogQuery, PredictionRecord
from modeldesk.ports.store import Store
from modeldesk.store.sql.engine import database_url, open_engines
from modeldesk.store.sql.paging import cursor_after, page_statement, read_cursor
from sqlalchemy import text
from sqlalchemy.dialects import sqlite

from tests.store.records import NOON, prediction

MODELS, OWNERS, SOURCES, KEYS = ("loans", "rides"), ("ada", "bob"), ("api", "form"), (None, "k1", "k2")


def sample() -> list[PredictionRecord]:
    """Sixty records at only a few moments, so that many share theirs."""
    rng = random.Random(5)
    return [
        prediction(
            minutes=rng.randrange(6),
            model=rng.choice(MODELS),
            owner=rng.choice(OWNERS),
            source=rng.choice(SOURCES),
            key=rng.choice(KEYS),
            version=rng.randrange(1, 3),
        )
        for _ in range(60)
    ]


@pytest.fixture
def stored(store: Store) -> Sequence[PredictionRecord]:
    records = sample()
    store.log.append(records)
    return records


def maybe(*values: object) -> st.SearchStrategy:
    return st.sampled_from((None, *values))


moments = st.none() | st.integers(-1, 7).map(lambda minutes: NOON + timedelta(minutes=minutes))
queries = st.builds(
    LogQuery,
    owner=maybe(*OWNERS, "eve"),
    models=maybe((), ("loans",), ("rides", "loans"), ("cars", "rides")),
    version=maybe(1, 2),
    source=maybe(*SOURCES),
    key=maybe("k1", "k2", "k3"),
    since=moments,
    until=moments,
    limit=st.integers(1, 70),
)


def matches(record: PredictionRecord, query: LogQuery) -> bool:
    return (
        (query.owner is None or record.owner == query.owner)
        and (query.models is None or record.model in query.models)
        and (query.version is None or record.version == query.version)
        and (query.source is None or record.source == query.source)
        and (query.key is None or record.key == query.key)
        and (query.since is None or record.created_at >= query.since)
        and (query.until is None or record.created_at < query.until)
    )


def pages(store: Store, query: LogQuery) -> Iterator[Sequence[PredictionRecord]]:
    cursor = None
    while True:
        page = store.log.page(replace(query, cursor=cursor))
        yield page.records
        cursor = page.next_cursor
        if cursor is None:
            return


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=queries)
def test_pages_together_are_all_that_match_newest_first(
    store: Store, stored: Sequence[PredictionRecord], query: LogQuery
) -> None:
    expected = [record for record in stored if matches(record, query)]
    expected.sort(key=lambda record: (record.created_at, record.id), reverse=True)
    found = list(pages(store, query))
    assert [record.id for page in found for record in page] == [record.id for record in expected]
    assert all(len(page) == query.limit for page in found[:-1])
    assert found[-1] or len(found) == 1


def test_rows_that_arrive_meanwhile_neither_repeat_nor_hide_any(
    store: Store, stored: Sequence[PredictionRecord]
) -> None:
    seen = []
    for page in pages(store, LogQuery(limit=7)):
        seen += [record.id for record in page]
        store.log.append([prediction(minutes=10)])
    assert sorted(seen) == sorted(record.id for record in stored)


@pytest.mark.parametrize("limit", [0, -1, 10_001])
def test_a_limit_out_of_bounds_is_refused(store: Store, limit: int) -> None:
    with pytest.raises(BadRequest, match="from 1 to 10,000"):
        store.log.page(LogQuery(limit=limit))


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "é",
        "....",
        "bm9uc2Vuc2U",
        cursor_after(1, "a\0"),
        cursor_after(2**63, "a"),
        cursor_after(-1, "a"),
        "A" * 501,
    ],
)
def test_nonsense_is_no_cursor(store: Store, cursor: str) -> None:
    with pytest.raises(BadRequest, match="cursor"):
        store.log.page(LogQuery(cursor=cursor))


@given(micros=st.integers(0, 2**63 - 1), prediction_id=st.uuids().map(str))
def test_a_cursor_comes_back_as_it_went_out(micros: int, prediction_id: str) -> None:
    assert read_cursor(cursor_after(micros, prediction_id)) == (micros, prediction_id)


@given(st.text() | st.text("abcMTAuYQ-_=.", max_size=30))
def test_any_text_is_a_cursor_or_refused(cursor: str) -> None:
    try:
        micros, prediction_id = read_cursor(cursor)
    except BadRequest:
        return
    assert cursor_after(micros, prediction_id) == cursor


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("query", "index"),
    [
        (LogQuery(), "ix_predictions_created_at"),
        (LogQuery(owner="ada"), "ix_predictions_owner"),
        (LogQuery(owner="ada", models=MODELS), "ix_predictions_owner"),
        (LogQuery(models=("loans",), since=NOON), "ix_predictions_model"),
        (LogQuery(models=("loans",), cursor=cursor_after(5, "a")), "ix_predictions_model"),
        (LogQuery(models=MODELS), "ix_predictions_created_at"),
        (LogQuery(key="k1", models=MODELS), "ix_predictions_key"),
    ],
)
def test_every_listing_walks_an_index_in_order(database: str, query: LogQuery, index: str) -> None:
    statement = page_statement(query).compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    engines = open_engines(database_url(database))
    with engines.read.begin() as connection:
        plan = " / ".join(row[3] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {statement}")))
    engines.dispose()
    assert index in plan
    assert "TEMP B-TREE" not in plan
