"""What every record of saved views does, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from modeldesk.ports.saved_views import SavedView
from modeldesk.ports.store import Store

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


def view(number: int, *, owner: str = "ada", model: str = "loans") -> SavedView:
    at = NOON + timedelta(seconds=number)
    return SavedView(f"v{number}", model, f"View {number}", "source=log&where=age:1..2", owner, at)


def test_views_are_kept_until_they_are_deleted_and_stay_on_record(store: Store) -> None:
    views = store.saved_views
    kept = [view(1), view(2), view(3, owner="bob"), view(4, model="rides")]
    for each in kept:
        views.add(each)
    assert views.get("v3") == kept[2] and views.get("v9") is None
    assert views.own("loans", "ada", 10) == [kept[1], kept[0]]
    assert views.own("loans", "ada", 1) == [kept[1]]
    assert views.delete("v1", "ada", NOON) and not views.delete("v1", "ada", NOON)
    assert views.get("v1") is None and views.own("loans", "ada", 10) == [kept[1]]
