"""A publication that fails, wherever it fails, leaves nothing."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from modeldesk.model_service.package import drafts
from modeldesk.model_service.package.folder import version_numbers
from modeldesk.model_service.publishing import publish as publishing
from sklearn.linear_model import Ridge

from tests.zoo import diabetes

DATA = diabetes().head(40)
MODEL = Ridge().fit(DATA.drop(columns="target"), DATA["target"])
STAGES = sorted(
    name
    for name, value in vars(publishing).items()
    if inspect.isfunction(value)
    and value.__module__.startswith("app.")
    and name not in ("publish", "selftest_in_fresh_process")
)


class Fault(Exception):
    """What goes wrong in these tests and nowhere else."""


def _fail(*_: Any, **__: Any) -> Any:
    raise Fault


def _publish(models: Path, **options: Any) -> publishing.Published:
    given: dict[str, Any] = {"prove": lambda folder: None, **options}
    return publishing.publish(MODEL, DATA, target="target", holdout=DATA, models=models, name="diabetes", **given)


def _nothing_but(models: Path, *versions: int) -> bool:
    """Whether a folder of models holds these versions of the model, and no draft or settings of another."""
    model = models / "diabetes"
    if not versions:
        return not model.exists()
    names = {path.name for path in (model / "versions").iterdir()}
    return version_numbers(model) == versions and names == set(map(str, versions))


def _attempt(models: Path, **options: Any) -> bool:
    """Whether a publication failed by the fault that was put in."""
    try:
        _publish(models, **options)
    except Fault:
        return True
    return False


@pytest.mark.parametrize("stage", STAGES)
def test_at_every_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str) -> None:
    monkeypatch.setattr(publishing, stage, _fail)
    failed = _attempt(tmp_path)
    assert _nothing_but(tmp_path, *(() if failed else (1,))), "a stage that is not reached changes nothing"


@pytest.mark.parametrize("option", ["prove", "confirm"])
def test_at_the_callers_part(tmp_path: Path, option: str) -> None:
    assert _attempt(tmp_path, **{option: _fail})
    assert _nothing_but(tmp_path)


@pytest.mark.parametrize(
    ("call", "first"),
    [("fsync", True), ("link", True), ("mkdir", True), ("open", True), ("rename", True), ("rename", False)],
)
def test_at_every_call_of_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, first: bool) -> None:
    """The first call fails, then the second …, until one publication gets through."""
    before: tuple[int, ...] = () if first else (1,)
    if not first:
        _publish(tmp_path)
    for number in range(1, 100):
        with monkeypatch.context() as patch:
            patch.setattr(os, call, _failing_at(number, getattr(os, call)))
            failed = _attempt(tmp_path)
        if not failed:
            break
        assert _nothing_but(tmp_path, *before), f"call {number} of {call}"
    else:
        pytest.fail(f"{call} never stops failing")
    assert number > 1
    assert _nothing_but(tmp_path, *before, len(before) + 1)
    assert (tmp_path / "diabetes" / "model.toml").exists()


def _failing_at(number: int, real: Callable[..., Any]) -> Callable[..., Any]:
    """A function whose call of this number fails; those after it work, as cleaning up needs them."""
    calls = 0

    def call(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == number:
            raise Fault
        return real(*args, **kwargs)

    return call


def test_settings_of_people_stay_as_they_are(tmp_path: Path) -> None:
    settings = tmp_path / "diabetes" / "model.toml"
    settings.parent.mkdir()
    settings.write_text('title = "Mine"\n')
    assert _attempt(tmp_path, confirm=_fail)
    assert settings.read_text() == 'title = "Mine"\n'
    _publish(tmp_path, title="Theirs")
    assert settings.read_text() == 'title = "Mine"\n'


def test_a_version_is_never_there_without_its_settings(tmp_path: Path) -> None:
    present: list[bool] = []
    _publish(tmp_path, confirm=lambda version: present.append((tmp_path / "diabetes" / "model.toml").exists()))
    assert present == [True]


def test_drafts_are_removed_while_another_is_made(tmp_path: Path) -> None:
    with drafts.draft_version(tmp_path / "diabetes") as draft:
        _publish(tmp_path)
        assert draft.folder.exists(), "a living draft is nobody's to remove"
    assert _nothing_but(tmp_path, 1)
