"""Aliases and tags of versions: set, moved and removed by managers, and kept for good."""

from __future__ import annotations

import pytest
from modeldesk.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from modeldesk.core.identity import Caller, Role
from modeldesk.services.app_context import AppContext
from modeldesk.services.versions.labels import add_tag, labels, remove_alias, remove_tag, set_alias
from modeldesk.services.versions.manage import versions

MIA = Caller("mia", frozenset({Role.MANAGER}))
ANA = Caller("ana", frozenset({Role.ANALYST}))


def test_an_alias_moves_and_tags_stay(context: AppContext) -> None:
    set_alias(context, MIA, "iris", "champion", 1)
    set_alias(context, MIA, "iris", " champion ", 2)
    for version in (1, 2):
        add_tag(context, MIA, "iris", version, "audited")
    remove_tag(context, MIA, "iris", 1, "audited")
    now = versions(context, MIA, "iris").labels
    assert dict(now.aliases) == {"champion": 2}
    assert [(now.aliases_of(v), now.tags_of(v)) for v in (1, 2)] == [((), ()), (("champion",), ("audited",))]
    remove_alias(context, MIA, "iris", "champion")
    kept = labels(context, ANA, "iris")
    assert kept.aliases == {} and [change.who for change in kept.changes] == ["mia"] * 6
    assert [(c.kind, c.label, c.version, c.action) for c in kept.changes[:2]] == [
        ("alias", "champion", 2, "remove"),
        ("tag", "audited", 1, "remove"),
    ]


def test_what_cannot_be_is_refused(context: AppContext) -> None:
    with pytest.raises(NotAllowed):
        set_alias(context, ANA, "iris", "champion", 1)
    with pytest.raises(NotAllowed):
        remove_alias(context, ANA, "iris", "champion")
    with pytest.raises(NotFound, match="no version 9"):
        add_tag(context, MIA, "iris", 9, "audited")
    for label in ("", "2", "Champion", "a b", "x" * 64):
        with pytest.raises(InvalidInput, match="cannot be used"):
            set_alias(context, MIA, "iris", label, 1)
    add_tag(context, MIA, "iris", 1, "audited")
    with pytest.raises(Conflict, match="already"):
        add_tag(context, MIA, "iris", 1, "audited")
    with pytest.raises(NotFound, match="no tag"):
        remove_tag(context, MIA, "iris", 2, "audited")
    with pytest.raises(NotFound, match="no alias"):
        remove_alias(context, MIA, "iris", "champion")
