"""Saved views: whose they are, and who may open them."""

from __future__ import annotations

import pytest
from modeldesk.core.errors import InvalidInput, NotAllowed, NotFound
from modeldesk.core.identity import LOCAL, Caller, Role
from modeldesk.services.app_context import AppContext
from modeldesk.services.explore.saved_views import delete_view, own_views, save_view, saved_view

ADA = Caller("ada", frozenset({Role.ANALYST}))
BOB = Caller("bob", frozenset({Role.ANALYST}))


def test_a_view_is_its_owners_to_delete_and_everybodys_to_open(lending: AppContext) -> None:
    kept = save_view(lending, ADA, "loans", "  Young   people ", "source=log&where=age:..30")
    assert kept.name == "Young people"
    assert saved_view(lending, BOB, "loans", kept.id) == kept
    assert own_views(lending, ADA, "loans") == [kept] and own_views(lending, BOB, "loans") == []
    with pytest.raises(NotFound, match="of yours"):
        delete_view(lending, BOB, "loans", kept.id)
    with pytest.raises(NotFound):
        saved_view(lending, ADA, "rates", kept.id)
    delete_view(lending, ADA, "loans", kept.id)
    with pytest.raises(NotFound):
        saved_view(lending, LOCAL, "loans", kept.id)


def test_who_may_not_explore_may_not_open_a_view(lending: AppContext) -> None:
    kept = save_view(lending, ADA, "loans", "Young people", "source=log")
    with pytest.raises(NotAllowed):
        saved_view(lending, Caller("eve", frozenset({Role.USER})), "loans", kept.id)
    for name in ("", "x" * 81):
        with pytest.raises(InvalidInput):
            save_view(lending, ADA, "loans", name, "source=log")
