"""What every record of presets does, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from modeldesk.core.errors import BadRequest, Conflict
from modeldesk.ports.presets import NamedRecord, Preset, PresetSummary
from modeldesk.ports.store import Store
from modeldesk.store.sql.engine import database_url, open_engines
from modeldesk.store.sql.tables import presets as table
from sqlalchemy import select

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
RECORDS = [NamedRecord("As it is", {"age": 30, "note": "über 🐘", "debt": 0.1 + 0.2, "plan": None, "owns": True})]


def preset(number: int, **changes: Any) -> Preset:
    plain = Preset(
        id=f"p{number}",
        model="loans",
        version=3,
        kind="scenarios",
        name=f"Preset {number}",
        size=1,
        shared=False,
        owner="ada",
        created_at=NOON + timedelta(seconds=number),
        records=RECORDS,
    )
    return replace(plain, **changes)


def summary(of: Preset) -> PresetSummary:
    return PresetSummary(**{name: getattr(of, name) for name in PresetSummary.__dataclass_fields__})


def test_presets_are_seen_by_their_owner_and_shared_ones_by_all(store: Store) -> None:
    presets = store.presets
    saved = [preset(1), preset(2, shared=True), preset(3, owner="bob", shared=True), preset(4, model="rides")]
    saved.append(preset(5, owner="bob"))
    for each in saved:
        presets.add(each)
    assert presets.get("p1") == saved[0] and presets.get("p9") is None
    assert presets.visible("loans", "ada", 10) == [summary(saved[number]) for number in (2, 1, 0)]
    assert presets.visible("loans", "eve", 1) == [summary(saved[2])]
    assert [presets.count_own("loans", name) for name in ("ada", "bob", "eve")] == [2, 2, 0]


def test_a_name_is_somebodys_own_once_a_model(store: Store) -> None:
    presets = store.presets
    for each in (preset(1), preset(2, name="Two"), preset(3, name="Preset 1", owner="bob")):
        presets.add(each)
    with pytest.raises(Conflict, match="Preset 1"):
        presets.add(preset(4, name="Preset 1"))
    with pytest.raises(Conflict, match="Preset 1"):
        presets.change("p2", "Preset 1", shared=True)
    assert presets.change("p2", "Three", shared=True) and not presets.change("p9", "Nine", shared=True)
    assert presets.get("p2") == preset(2, name="Three", shared=True)
    assert presets.delete("p1", "ada", NOON)
    presets.add(preset(5, name="Preset 1"))


def test_what_is_deleted_is_gone_and_its_name_free(store: Store, database: str) -> None:
    presets = store.presets
    presets.add(preset(1, shared=True))
    assert presets.delete("p1", "mia", NOON) and not presets.delete("p1", "mia", NOON)
    assert presets.get("p1") is None and presets.visible("loans", "ada", 10) == []
    assert presets.count_own("loans", "ada") == 0 and not presets.change("p1", "One", shared=True)
    engines = open_engines(database_url(database))
    with engines.read.begin() as connection:
        (row,) = connection.execute(select(table)).mappings()
    engines.dispose()
    assert (row["records"], row["deleted_by"], row["name"]) == ("[]", "mia", "Preset 1"), "who deleted it is on record"


def test_text_that_no_database_takes_is_refused(store: Store) -> None:
    for name in ("a\0b", "a\ud800b"):
        with pytest.raises(BadRequest, match="name"):
            store.presets.add(preset(1, name=name))
