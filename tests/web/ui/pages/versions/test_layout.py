"""The page of a model's versions, from its data."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from modeldesk.core.errors import ArtifactDamaged
from modeldesk.ports.decisions import ThresholdChange
from modeldesk.ports.version_labels import LabelChange, Labels
from modeldesk.services.versions.manage import UnreadableVersion, Versions
from modeldesk.web.ui.pages.versions import layout as page

from tests.web.ui.samples import NOON, change, classed, entry, manifest, text


def shown(served: int, *versions: int, history: tuple[object, ...] = ()) -> Versions:
    manifests = [manifest(number, roc_auc=0.785, accuracy=0.9) for number in sorted(versions, reverse=True)]
    return Versions(entry(served=served, versions=versions), manifests, history)  # type: ignore[arg-type]


def test_the_newest_stands_first_and_may_be_waiting_for_review() -> None:
    card = page.versions_card(shown(1, 1, 2), may_decide=True)
    assert "Version 1 is being served. Version 2 waits for review." in text(card)
    assert [text(badge) for badge in classed(card, "badge")] == ["Waiting for review", "Serving"]
    assert [text(button) for button in classed(card, "btn")] == ["Promote"]


def test_the_version_served_before_is_the_one_to_roll_back_to() -> None:
    card = page.versions_card(shown(2, 1, 2, 3, history=(change(2, 1),)), may_decide=True)
    assert [text(button) for button in classed(card, "btn")] == ["Promote", "Roll back"]
    assert len(classed(card, "btn-outline-danger")) == 1


def test_a_rollback_is_undone_by_a_promotion() -> None:
    history = (change(1, 2, "rollback"), change(2, 1))
    card = page.versions_card(shown(1, 1, 2, history=history), may_decide=True)
    assert [text(button) for button in classed(card, "btn")] == ["Promote"]
    assert "Retired" in text(card)
    assert "Version 2 was served before and is retired." in text(card) and "waits for review" not in text(card)


def test_who_may_not_decide_sees_why() -> None:
    card = page.versions_card(shown(1, 1, 2), may_decide=False)
    assert not classed(card, "btn")
    assert "role manager" in text(card)


def test_figures_of_training_rows_are_marked_as_doubtful() -> None:
    manifests = [manifest(1, source="training", roc_auc=0.9912)]
    told = text(page.versions_card(Versions(entry(), manifests, ()), may_decide=True))
    assert "Training, 250 rows" in told
    assert "may have been trained on" in told
    assert "0.991" in told and "Not known" in told


def test_errors_of_a_regression_have_their_unit() -> None:
    manifests = [manifest(1, task="regression", rmse=14.93, r2=0.81)]
    told = text(page.versions_card(Versions(entry(unit="car-hours"), manifests, ()), may_decide=True))
    assert "14.9 car-hours" in told and "0.810" in told


def test_decisions_tell_who_what_and_why() -> None:
    told = text(page.decisions((change(1, 2, "rollback"), change(2, None))))
    assert "Rolled back to version 1, was 2" in told and "Promoted version 2" in told
    assert "ada" in told and "Why not." in told
    assert "Nobody has decided" in text(page.decisions(()))
    later = ThresholdChange("loan", 1, 0.18, "default", 1, 0.25, "ben", "Cheaper.", NOON + timedelta(hours=1))
    back = replace(later, revision=2, threshold=None, previous=0.18, at=NOON + timedelta(hours=2))
    told = text(page.decisions((change(2, None),), (back, later)))
    taken_back = told.index("Returned to model.toml's threshold, was 18%")
    assert taken_back < told.index("Set the threshold to 18% for default, was 25%")
    assert told.index("Cheaper.") < told.index("Promoted version 2")


def test_a_model_without_a_readable_version_says_so() -> None:
    nothing = Versions(entry(served=None, versions=(), state="degraded", reason="The folder is gone."), [], ())
    assert "The folder is gone." in text(page.versions_card(nothing, may_decide=True))


def test_a_version_that_cannot_be_read_is_told_beside_the_others() -> None:
    damaged = UnreadableVersion(2, ArtifactDamaged("Its manifest is cut off.", hint="Restore it."))
    told = text(page.versions_card(replace(shown(1, 1), unreadable=(damaged,)), may_decide=True))
    assert "Version 2: Its manifest is cut off. Restore it." in told and "Version 1 is being served." in told


def test_the_served_version_that_is_broken_can_be_rolled_back_from() -> None:
    standing = shown(2, 1, 2, history=(change(2, 1),))
    broken = replace(standing.entry, served=None, decided=2, state="degraded", reason="A file is damaged.")
    card = page.versions_card(replace(standing, entry=broken), may_decide=True)
    assert "Version 2 is to be served and cannot be. A file is damaged." in text(card)
    assert [text(badge) for badge in classed(card, "badge")] == ["Not serving", "Retired"]
    assert [text(button) for button in classed(card, "btn")] == ["Roll back"]


def test_aliases_and_tags_stand_beside_the_state_and_among_the_decisions() -> None:
    champion = LabelChange("loan", 1, "alias", "champion", 2, "set", "mia", NOON)
    audited = replace(champion, revision=2, kind="tag", label="audited", version=1)
    seen = replace(shown(1, 1, 2), labels=Labels((audited, champion)))
    card = page.versions_card(seen, may_decide=True)
    assert [text(badge) for badge in classed(card, "badge")] == [
        "Waiting for review",
        "@champion",
        "Serving",
        "#audited",
    ]
    told = text(page.decisions((), (), (replace(audited, action="remove"), champion)))
    assert "@champion set to version 2" in told and "#audited taken off version 1" in told
