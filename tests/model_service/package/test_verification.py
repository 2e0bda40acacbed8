"""``verify`` says of every version whether it is still what was published."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from modeldesk.core.errors import NotFound
from modeldesk.model_service.package.verification import verify

from tests.manifests import edit_manifest
from tests.zoo_fixtures import PublishedZoo

NAMES = ("ridge", "tree-on-words", "isolation")


@pytest.fixture
def models(zoo: PublishedZoo, tmp_path: Path) -> Path:
    """A few models to be damaged."""
    for name in NAMES:
        shutil.copytree(zoo.folder / name, tmp_path / name)
    return tmp_path


def _edit_manifest(models: Path, name: str, **changes: Any) -> None:
    edit_manifest(models / name / "versions" / "1", **changes)


def test_everything_is_sound(models: Path) -> None:
    findings = verify(models)
    assert [(finding.name, finding.version, finding.sound) for finding in findings] == [
        (name, 1, True) for name in sorted(NAMES)
    ]
    assert all("golden rows are as published" in finding.detail for finding in findings)


def test_each_fault_is_told_and_the_others_still_checked(models: Path) -> None:
    (models / "ridge" / "versions" / "1" / "card.md").write_text("Something else.")
    _edit_manifest(models, "isolation", libraries={"scikit-learn": "0.20.1"})
    found = {finding.name: finding for finding in verify(models)}
    assert "card.md" in found["ridge"].detail
    assert "0.20.1" in found["isolation"].detail
    assert "pip install" in (found["isolation"].hint or "")
    assert [name for name, finding in found.items() if finding.sound] == ["tree-on-words"]


def test_a_manifest_that_was_changed_is_told_by_its_own_digest(models: Path) -> None:
    manifest = models / "ridge" / "versions" / "1" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"created_by": "', '"created_by": "not '))
    (finding,) = verify(models, "ridge")
    assert not finding.sound and "manifest.json: its SHA-256" in finding.detail
    (manifest.parent / "manifest.sha256").unlink()
    (finding,) = verify(models, "ridge")
    assert finding.sound, "versions of before the digest was written have none"


def test_golden_rows_are_asked_again(models: Path) -> None:
    golden = json.loads((models / "ridge" / "versions" / "1" / "manifest.json").read_text())["golden"]
    golden[2]["prediction"] += 1.0
    _edit_manifest(models, "ridge", golden=golden)
    (finding,) = verify(models, "ridge")
    assert not finding.sound
    assert "golden rows" in finding.detail


def test_an_unknown_name(models: Path) -> None:
    with pytest.raises(NotFound):
        verify(models, "nobody")
