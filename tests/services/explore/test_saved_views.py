"""Saved views: whose they are, and who may open them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from modeldesk.core.errors import InvalidInput, NotAllowed, NotFound
from modeldesk.core.identity import LOCAL, Caller, Role
from modeldesk.services.app_context import AppContext
from modeldesk.services.explore.saved_views import delete_view, own_views, save_view, saved_view
from modeldesk.store import migrate, open_store

ADA = Caller("ada", frozenset({Role.ANALYST}))
BOB = Caller("bob", frozenset({Role.ANALYST}))


@pytest.fixture
def views(lending: AppContext, tmp_path: Path) -> AppContext:
    """An app context whose database is there."""
    address = f"sqlite:///{tmp_path}/log.db"
    migrate(address)
    return replace(lending, store=replace(lending.store, saved_views=open_store(address).saved_views))


def test_a_view_is_its_owners_to_delete_and_everybodys_to_open(views: AppContext) -> None:
    kept = save_view(views, ADA, "loans", "  Young   people ", "source=log&where=age:..30")
    assert kept.name == "Young people"
    assert saved_view(views, BOB, "loans", kept.id) == kept
    assert own_views(views, ADA, "loans") == [kept] and own_views(views, BOB, "loans") == []
    with pytest.raises(NotFound, match="of yours"):
        delete_view(views, BOB, "loans", kept.id)
    with pytest.raises(NotFound):
        saved_view(views, ADA, "rates", kept.id)
    delete_view(views, ADA, "loans", kept.id)
    with pytest.raises(NotFound):
        saved_view(views, LOCAL, "loans", kept.id)


def test_who_may_not_explore_may_not_open_a_view(views: AppContext) -> None:
    kept = save_view(views, ADA, "loans", "Young people", "source=log")
    with pytest.raises(NotAllowed):
        saved_view(views, Caller("eve", frozenset({Role.USER})), "loans", kept.id)
    for name in ("", "x" * 81):
        with pytest.raises(InvalidInput):
            save_view(views, ADA, "loans", name, "source=log")
