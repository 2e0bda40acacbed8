"""Aliases and tags in a database: appended, in order, one after the other."""

from __future__ import annotations

from dataclasses import replace

import pytest
from modeldesk.core.errors import Conflict
from modeldesk.ports.store import Store
from modeldesk.ports.version_labels import LabelChange

from tests.store.records import NOON


def test_changes_are_kept_in_their_order(store: Store) -> None:
    first = LabelChange("loans", 1, "alias", "champion", 1, "set", "mia", NOON)
    second = replace(first, revision=2, version=2)
    for change in (first, second, replace(first, model="rates", kind="tag")):
        store.version_labels.record(change)
    assert store.version_labels.history("loans") == [second, first]
    with pytest.raises(Conflict, match="someone else"):
        store.version_labels.record(replace(second, version=1))
    assert store.version_labels.history("nothing") == []
