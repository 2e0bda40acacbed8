"""Promotion, rollback and publication against every way in which a version can be broken.

Whatever is wrong with a version: it is not promoted, or it is served; and where the served one breaks,
the others can be promoted and rolled back to.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from modeldesk.core.errors import ModelUnavailable, NotFound
from modeldesk.core.identity import LOCAL, Caller, Role
from modeldesk.model_service.package.verification import verify
from modeldesk.model_service.registry.registry import Registry
from modeldesk.model_service.validation.records import check_records
from modeldesk.ports.decisions import ServedChange
from modeldesk.services.app_context import AppContext
from modeldesk.services.versions.catalogue import card, cards
from modeldesk.services.versions.manage import promote, rollback, versions
from modeldesk.services.versions.publish import publish_model
from sklearn.linear_model import LogisticRegression

from tests.manifests import edit_manifest
from tests.services.conftest import context_on, iris

MANAGER = Caller("mona", frozenset({Role.USER, Role.MANAGER}))
FILES = ("artifact.pkl", "card.md", "predictions.parquet", "reference.parquet", "training.parquet")

Break = Callable[[Path], None]


def flipped(name: str) -> Break:
    """One bit of a file is another."""

    def flip(folder: Path) -> None:
        content = bytearray((folder / name).read_bytes())
        content[len(content) // 2] ^= 1
        (folder / name).write_bytes(content)

    return flip


def missing(name: str) -> Break:
    return lambda folder: (folder / name).unlink()


def unreadable(name: str) -> Break:
    """A folder in a file's place cannot be read by anybody, root included."""

    def replace(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).mkdir()

    return replace


def edited(**changes: Any) -> Break:
    return lambda folder: edit_manifest(folder, **changes)


def emptied(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def replaced(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.touch()


def cut_off(folder: Path) -> None:
    (folder / "manifest.json").write_text('{"format": 1, "na')


def refigured(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace('"created_by": "', '"created_by": "not '))


def other_answers(folder: Path) -> None:
    golden = json.loads((folder / "manifest.json").read_text())["golden"]
    golden[0]["probability"] = golden[0]["probability"][::-1]
    edited(golden=golden)(folder)


BROKEN: dict[str, Break] = {
    **{f"a bit flipped in {name}": flipped(name) for name in FILES},
    **{f"{name} missing": missing(name) for name in (*FILES, "manifest.json")},
    **{f"{name} unreadable": unreadable(name) for name in ("artifact.pkl", "reference.parquet", "manifest.json")},
    "the folder gone": shutil.rmtree,
    "the folder empty": emptied,
    "a file in the folder's place": replaced,
    "the manifest of another model": edited(name="roses"),
    "the manifest of another version": edited(version=1),
    "the manifest cut off": cut_off,
    "a figure of the manifest changed": refigured,
    "another digest of the manifest": lambda folder: (folder / "manifest.sha256").write_text("0" * 64 + "\n"),
    "the manifest without the artifact's digest": edited(digests={}),
    "other golden answers": other_answers,
    "libraries that are not here": edited(libraries={"nothing-of-this-name": "1.0"}),
}


def serves(context: AppContext, version: int) -> None:
    """The version answers, in a process that starts now."""
    registry = Registry(context.registry.folder, context.store.served)
    model = registry.get("iris")
    assert (model.version, registry.entry("iris").state) == (version, "serving")
    assert context.registry.entry("iris").served == version
    checked = check_records(model.schema, model.settings, [model.schema.defaults()])
    assert len(model.score(checked.frame)) == 1


def folder_of(context: AppContext, version: int) -> Path:
    return context.registry.folder / "iris" / "versions" / str(version)


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_version_is_not_promoted_and_hides_nothing(context: AppContext, how: str) -> None:
    context.registry.get("iris", 2)  # that it was sound before must not count
    BROKEN[how](folder_of(context, 2))
    with pytest.raises((ModelUnavailable, NotFound)) as caught:
        promote(context, MANAGER, "iris", 2, "It looks better.")
    assert caught.value.detail and caught.value.hint
    assert context.store.served.current()["iris"].version == 1
    shown = versions(context, MANAGER, "iris")
    assert 1 in [manifest.version for manifest in shown.manifests]
    assert card(context, MANAGER, "iris").entry.served == 1
    if how != "the folder gone":
        [finding] = [item for item in verify(context.registry.folder) if not item.sound]
        assert finding.version == 2 and finding.detail


@pytest.mark.parametrize("how", BROKEN)
def test_where_the_served_version_breaks_there_is_a_way_out(context: AppContext, tmp_path: Path, how: str) -> None:
    promote(context, LOCAL, "iris", 2, "It was sound.")
    BROKEN[how](folder_of(context, 2))
    # A process that starts now cannot serve it, and says why and what to do.
    fresh = context_on(context.registry.folder, tmp_path / "fresh")
    for change in reversed(context.store.served.history("iris")):
        fresh.store.served.record(change)
    fresh.registry.refresh()
    with pytest.raises(ModelUnavailable) as caught:
        fresh.registry.get("iris")
    assert caught.value.hint
    assert [item.entry.name for item in cards(fresh, MANAGER)] == ["iris"], "its managers see it"
    assert versions(fresh, MANAGER, "iris").previous == 1
    change = rollback(fresh, MANAGER, "iris", "Version 2 is broken.")
    assert (change.version, change.previous) == (1, 2)
    serves(fresh, 1)


def test_another_version_is_promoted_where_the_served_one_is_gone(context: AppContext) -> None:
    promote(context, LOCAL, "iris", 2, "It was sound.")
    shutil.rmtree(folder_of(context, 2))
    promote(context, MANAGER, "iris", 1, "Version 2 is gone.")
    serves(context, 1)
    promotions = [
        (change.action, change.version, change.previous) for change in versions(context, LOCAL, "iris").history
    ]
    assert promotions[0] == ("promote", 1, 2)


def test_publishing_with_promotion_takes_the_place_of_a_version_that_is_broken(context: AppContext) -> None:
    promote(context, LOCAL, "iris", 2, "It was sound.")
    shutil.rmtree(folder_of(context, 2))
    data = iris()
    model = LogisticRegression(max_iter=500).fit(data.drop(columns="species"), data["species"])
    waiting = publish_model(context, LOCAL, model, data, target="species", name="iris")
    assert context.store.served.current()["iris"].version == 2, "a version is served when somebody says so"
    published = publish_model(context, LOCAL, model, data, target="species", name="iris", promote=True)
    assert published.version == waiting.version + 1
    serves(context, published.version)


def test_settings_that_do_not_fit_a_version_keep_it_from_being_promoted(context: AppContext) -> None:
    settings = context.registry.folder / "iris" / "model.toml"
    context.registry.get("iris", 2)
    settings.write_text('[features."stem length"]\nlabel = "Stem"\n')
    with pytest.raises(ModelUnavailable, match="stem length"):
        promote(context, LOCAL, "iris", 2, "It looks better.")
    assert "stem length" in verify(context.registry.folder)[0].detail


def test_a_stray_file_takes_no_number(context: AppContext) -> None:
    stray = context.registry.folder / "iris" / "versions" / "7"
    stray.write_text("What is this?")
    data = iris()
    model = LogisticRegression(max_iter=500).fit(data.drop(columns="species"), data["species"])
    assert publish_model(context, LOCAL, model, data, target="species", name="iris").version == 8
    assert [manifest.version for manifest in versions(context, LOCAL, "iris").manifests] == [8, 2, 1]
    [finding] = [item for item in verify(context.registry.folder) if not item.sound]
    assert (finding.version, "no folder" in finding.detail) == (7, True)


def test_a_copied_model_is_not_served_under_another_name(context: AppContext) -> None:
    folder = context.registry.folder
    shutil.copytree(folder / "iris", folder / "roses")
    context.registry.refresh()
    entry = context.registry.entry("roses")
    assert (entry.state, entry.served) == ("degraded", None)
    assert "holds version 2 of iris" in (entry.reason or "")
    with pytest.raises(ModelUnavailable, match="of iris"):
        context.registry.get("roses", 1)
    wrong = [(item.name, item.version) for item in verify(folder) if not item.sound]
    assert wrong == [("roses", 1), ("roses", 2)]
    assert [item.version for item in versions(context, LOCAL, "roses").unreadable] == [2, 1]
    serves(context, 1)


def test_who_may_not_see_a_model_does_not_see_it_broken_either(context: AppContext) -> None:
    home = context.registry.folder / "iris"
    (home / "model.toml").write_text('[access]\ngroups = ["botany"]\n')
    context.store.served.record(ServedChange("iris", 2, 1, "promote", "local", "second", context.clock()))
    shutil.rmtree(home / "versions" / "2")
    context.registry.refresh()
    assert context.registry.entry("iris").state == "degraded"
    with pytest.raises(NotFound, match="no model named"):
        rollback(context, MANAGER, "iris", "It is broken.")
    botanist = Caller("bo", MANAGER.roles, frozenset({"botany"}))
    assert rollback(context, botanist, "iris", "It is broken.").version == 1


def test_a_folder_of_models_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nowhere cannot be read: No such file") as caught:
        verify(tmp_path / "nowhere")
    assert "MODELDESK_MODELS" in (caught.value.hint or "")
