"""Which version is served: publishing, promoting, rolling back."""

from __future__ import annotations

from pathlib import Path

import pytest
from modeldesk.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from modeldesk.core.identity import LOCAL, Caller, Role
from modeldesk.services.app_context import AppContext
from modeldesk.services.versions.manage import promote, rollback, versions
from modeldesk.services.versions.publish import publish_model
from sklearn.linear_model import LogisticRegression

from tests.services.conftest import context_on, iris

USER = Caller("ada", frozenset({Role.USER}))


def test_promote_and_roll_back_are_on_record(context: AppContext) -> None:
    promote(context, LOCAL, "iris", 2, " better calibrated ")
    assert context.registry.entry("iris").served == 2
    rollback(context, LOCAL, "iris", "worse on the new herbarium")
    with pytest.raises(NotAllowed):
        versions(context, USER, "iris")
    seen = versions(context, LOCAL, "iris")
    assert seen.entry.served == 1
    assert [manifest.version for manifest in seen.manifests] == [2, 1]
    assert [(change.action, change.version, change.previous, change.why) for change in seen.history[:2]] == [
        ("rollback", 1, 2, "worse on the new herbarium"),
        ("promote", 2, 1, "better calibrated"),
    ]


def test_there_is_nothing_before_the_first_version(context: AppContext) -> None:
    with pytest.raises(Conflict):
        rollback(context, LOCAL, "iris", "no reason")
    promote(context, LOCAL, "iris", 2, "try it")
    rollback(context, LOCAL, "iris", "back")
    # A second rollback does not undo the first.
    with pytest.raises(Conflict):
        rollback(context, LOCAL, "iris", "back again")


def test_decisions_that_are_refused(context: AppContext) -> None:
    with pytest.raises(NotAllowed):
        promote(context, USER, "iris", 2, "because")
    with pytest.raises(NotFound):
        promote(context, LOCAL, "iris", 3, "because")
    with pytest.raises(Conflict):
        promote(context, LOCAL, "iris", 1, "because")
    with pytest.raises(InvalidInput):
        promote(context, LOCAL, "iris", 2, "   ")
    assert context.registry.entry("iris").served == 1


def test_the_first_version_is_served_and_a_later_one_waits(tmp_path: Path) -> None:
    context = context_on(tmp_path / "models", tmp_path / "data")
    data = iris()
    features = data.drop(columns="species")
    for _ in range(2):
        model = LogisticRegression(max_iter=500).fit(features, data["species"])
        publish_model(context, LOCAL, model, data, target="species", name="iris")
    assert context.registry.entry("iris").served == 1
    publish_model(context, LOCAL, model, data, target="species", name="iris", promote=True)
    assert context.registry.entry("iris").served == 3
    with pytest.raises(NotAllowed):
        publish_model(context, USER, model, data, target="species", name="iris")
