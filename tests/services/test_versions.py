"""Which version is served: publishing, promoting, rolling back."""

from __future__ import annotations

from pathlib import Path

import pytest
from modeldesk.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from modeldesk.core.identity import LOCAL, Caller, Role
from modeldesk.services.app_context import Desk
from modeldesk.services.versions.manage import promote, rollback, versions
from modeldesk.services.versions.publish import publish_model
from sklearn.linear_model import LogisticRegression

from tests.services.conftest import desk_on, iris

USER = Caller("ada", frozenset({Role.USER}))


def test_promote_and_roll_back_are_on_record(desk: Desk) -> None:
    promote(desk, LOCAL, "iris", 2, " better calibrated ")
    assert desk.registry.entry("iris").served == 2
    rollback(desk, LOCAL, "iris", "worse on the new herbarium")
    with pytest.raises(NotAllowed):
        versions(desk, USER, "iris")
    seen = versions(desk, LOCAL, "iris")
    assert seen.entry.served == 1
    assert [manifest.version for manifest in seen.manifests] == [2, 1]
    assert [(change.action, change.version, change.previous, change.why) for change in seen.history[:2]] == [
        ("rollback", 1, 2, "worse on the new herbarium"),
        ("promote", 2, 1, "better calibrated"),
    ]


def test_there_is_nothing_before_the_first_version(desk: Desk) -> None:
    with pytest.raises(Conflict):
        rollback(desk, LOCAL, "iris", "no reason")
    promote(desk, LOCAL, "iris", 2, "try it")
    rollback(desk, LOCAL, "iris", "back")
    # A second rollback does not undo the first.
    with pytest.raises(Conflict):
        rollback(desk, LOCAL, "iris", "back again")


def test_decisions_that_are_refused(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        promote(desk, USER, "iris", 2, "because")
    with pytest.raises(NotFound):
        promote(desk, LOCAL, "iris", 3, "because")
    with pytest.raises(Conflict):
        promote(desk, LOCAL, "iris", 1, "because")
    with pytest.raises(InvalidInput):
        promote(desk, LOCAL, "iris", 2, "   ")
    assert desk.registry.entry("iris").served == 1


def test_the_first_version_is_served_and_a_later_one_waits(tmp_path: Path) -> None:
    desk = desk_on(tmp_path)
    data = iris()
    features = data.drop(columns="species")
    for _ in range(2):
        model = LogisticRegression(max_iter=500).fit(features, data["species"])
        publish_model(desk, LOCAL, model, data, target="species", name="iris")
    assert desk.registry.entry("iris").served == 1
    publish_model(desk, LOCAL, model, data, target="species", name="iris", promote=True)
    assert desk.registry.entry("iris").served == 3
    with pytest.raises(NotAllowed):
        publish_model(desk, USER, model, data, target="species", name="iris")
