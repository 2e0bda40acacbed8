"""An artifact that ends the process that loads it is left alone; others are served."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from modeldesk.core.errors import ModelUnavailable
from modeldesk.model_service.package import load_attempts
from modeldesk.model_service.package.load_attempts import MOST_ENDED, LoadAttempts
from modeldesk.model_service.package.model_folder import _signature
from modeldesk.model_service.registry.registry import Registry

from tests.zoo_fixtures import PublishedZoo

_ENDS = """
import ast, os, sys
from pathlib import Path
from modeldesk.model_service.package.load_attempts import LoadAttempts
with LoadAttempts(Path(sys.argv[1])).counted(sys.argv[2], 1, ast.literal_eval(sys.argv[3])):
    os._exit(7)
"""


def end_a_process(folder: Path, model: str = "m", state: object = ()) -> int:
    """A process that ends while it loads version 1; its exit status."""
    return subprocess.run([sys.executable, "-c", _ENDS, str(folder), model, repr(state)], check=False).returncode


def test_a_version_that_ends_processes_is_left_alone_until_it_changes_or_time_passes(tmp_path: Path) -> None:
    attempts = LoadAttempts(tmp_path / "loading")
    with attempts.counted("m", 1, ()):
        pass
    assert list((tmp_path / "loading").iterdir()) == []
    assert [end_a_process(tmp_path / "loading") for _ in range(MOST_ENDED)] == [7] * MOST_ENDED
    refusal = attempts.refusal("m", 1, ())
    assert refusal is not None and "ended 3 processes" in refusal.detail and "modeldesk verify m" in str(refusal.hint)
    for other in (("m", 1, ("changed",)), ("m", 2, ()), ("other", 1, ())):
        assert attempts.refusal(*other) is None
    hour_ago = time.time() - load_attempts.FORGOTTEN_SECONDS - 1
    for path in (tmp_path / "loading").iterdir():
        os.utime(path, (hour_ago, hour_ago))
    assert attempts.refusal("m", 1, ()) is None


def test_who_lives_is_not_counted_and_success_forgets(tmp_path: Path) -> None:
    attempts = LoadAttempts(tmp_path)
    for _ in range(MOST_ENDED - 1):
        end_a_process(tmp_path)
    with attempts.counted("m", 1, ()), attempts.counted("m", 1, ()):
        assert attempts.refusal("m", 1, ()) is None
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_written_it_is_tried_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with LoadAttempts(tmp_path / "file" / "loading").counted("m", 1, ()):
        pass


def test_the_registry_leaves_it_alone_and_serves_the_others(zoo: PublishedZoo, tmp_path: Path) -> None:
    state = _signature(zoo.folder / "ridge" / "versions" / "1")
    for _ in range(MOST_ENDED):
        end_a_process(tmp_path, "ridge", state)
    registry = Registry(zoo.folder, attempts=LoadAttempts(tmp_path))
    with pytest.raises(ModelUnavailable, match="ended 3 processes"):
        registry.get("ridge")
    entry = registry.entry("ridge")
    assert entry.state == "degraded" and "left alone" in str(entry.reason) and "Promote" in str(entry.hint)
    assert registry.get("isolation").version == 1
