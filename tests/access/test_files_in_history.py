"""The rows of files among the predictions of the log: in order, page after page, by key and by outcome."""

from __future__ import annotations

from typing import Any

import pytest

from tests.access.calls import body_of, callbacks, plausible, send
from tests.access.people import ANALYST, LEFT, OUTSIDE, OWNER, USER, Person
from tests.access.world import World

LOG = "/api/v1/models/loans/predictions"


def listed(world: World, person: Person = OWNER, **query: Any) -> list[dict[str, Any]]:
    """All predictions that a listing gives, three at a time."""
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        asked = {"limit": 3, **query, **({"cursor": cursor} if cursor else {})}
        answer = world.client.get(LOG, params=asked, headers=person.headers)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += page["predictions"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def test_the_rows_of_a_file_stand_together_in_its_order(world: World) -> None:
    batch = world.batches["loans"]
    rows = [f"{batch}-{number}" for number in range(2, 6)]
    assert [entry["id"] for entry in listed(world, source="batch")] == rows
    everything = [entry["id"] for entry in listed(world)]
    assert len(everything) == len(set(everything)) and set(rows) < set(everything)
    place = everything.index(rows[0])
    assert everything[place : place + 4] == rows
    assert world.predictions["loans"] in everything
    times = [entry["created_at"] for entry in listed(world)]
    assert times == sorted(times, reverse=True)
    assert not {entry["id"] for entry in listed(world, source="api")} & set(rows)


def test_a_row_is_as_its_own_page_tells_it(world: World) -> None:
    [entry] = listed(world, key="file-2")
    assert entry == world.client.get(f"/api/v1/predictions/{entry['id']}", headers=OWNER.headers).json()
    assert (entry["key"], entry["source"]) == ("file-2", "batch")


@pytest.mark.parametrize(("person", "count"), [(OWNER, 1), (ANALYST, 1), (OUTSIDE, 1), (LEFT, 1), (USER, 0)])
def test_a_key_is_found_by_those_who_may(world: World, person: Person, count: int) -> None:
    assert len(listed(world, person, key="file-1")) == count
    assert listed(world, person, key="file-9") == []


def test_versions_and_times_limit_files_too(world: World) -> None:
    [entry] = listed(world, key="file-0")
    assert listed(world, source="batch", version=entry["version"])
    assert listed(world, source="batch", version=entry["version"] + 5) == []
    assert listed(world, source="batch", until=entry["created_at"]) == []
    assert len(listed(world, source="batch", since=entry["created_at"])) == 4


def test_the_page_of_the_history_and_its_filters_know_files(world: World) -> None:
    [show] = [callback for callback in callbacks(world) if callback.name == "pages.history.callbacks.show_rows"]
    plain, ids = plausible(world, "loans")

    def shown(**filters: str) -> str:
        values = {**plain, **{f"history-{name}.value": value for name, value in filters.items()}}
        return str(send(world.client, body_of(show, values, ids), OWNER).text).replace("\\u002f", "/")

    batch = world.batches["loans"]
    assert shown(source="batch").count(f"/predictions/{batch}-") == 4
    assert shown(key="file-3").count(f"/predictions/{batch}-") == 1
    outcome = world.client.post(
        f"/api/v1/predictions/{batch}-3/outcome", json={"outcome": "yes"}, headers=OWNER.headers
    )
    assert outcome.status_code == 200
    assert shown(source="batch", outcome="recorded").count(f"/predictions/{batch}-") == 1
    assert shown(source="batch", outcome="open").count(f"/predictions/{batch}-") == 3
    flag = world.client.post(
        f"/api/v1/predictions/{batch}-4/feedback", json={"verdict": "wrong"}, headers=OWNER.headers
    )
    assert flag.json()["state"] == "recorded" and flag.json()["wrong"] == 1
    assert shown(source="batch", feedback="wrong").count(f"/predictions/{batch}-") == 1
    assert shown(feedback="right").count("/predictions/") == 0


def test_the_search_of_every_page_finds_a_key(world: World) -> None:
    [search] = [callback for callback in callbacks(world) if callback.name == "common.shell_callbacks.search"]

    def found(person: Person, text: str) -> str:
        answer = send(world.client, body_of(search, {"search.value": text}, {}), person)
        return str(answer.text).replace("\\u002f", "/")

    assert f"/predictions/{world.batches['loans']}-2" in found(OWNER, "file-0")
    assert f"/predictions/{world.batches['rates']}-2" in found(OWNER, "file-0")
    assert world.batches["rates"] not in found(LEFT, "file-0")
    assert "Key file-0" not in found(USER, "file-0")
    assert "Key case-1" in found(ANALYST, "case-1")


def test_the_catalogue_counts_files(world: World) -> None:
    models = world.client.get("/api/v1/models", headers=OWNER.headers).json()["models"]
    counts = {model["name"]: model["predictions"] for model in models}
    assert counts["rates"] == 1 + 4
